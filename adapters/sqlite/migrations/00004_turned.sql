-- +goose Up

-- A message may come in as the customer's and be called our own later, and the
-- inquiry's row goes on counting it as the customer's. Without this, such an inquiry
-- looks as if an index had lost a message of it, and each look at it goes through
-- all messages that there are. Those from before are not counted, which would take
-- reading every message: each such inquiry has them gone through once in a process.
ALTER TABLE answerable_inquiries ADD COLUMN turned INTEGER NOT NULL DEFAULT 0; -- how many of the customer's messages became ours, less those that became the customer's again

DROP TRIGGER answerable_messages_turned;
-- +goose StatementBegin
CREATE TRIGGER answerable_messages_turned AFTER UPDATE OF inquiry, direction ON answerable_messages
    WHEN (OLD.direction = 'outbound') <> (NEW.direction = 'outbound') OR OLD.inquiry <> NEW.inquiry
BEGIN
    UPDATE answerable_inquiries SET replies = max(0, replies - (OLD.direction = 'outbound')),
        turned = turned + (OLD.direction <> 'outbound' AND NEW.direction = 'outbound') WHERE pool = OLD.pool AND id = OLD.inquiry;
    UPDATE answerable_inquiries SET replies = replies + (NEW.direction = 'outbound'),
        turned = max(0, turned - (OLD.direction = 'outbound' AND NEW.direction <> 'outbound')) WHERE pool = NEW.pool AND id = NEW.inquiry;
END;
-- +goose StatementEnd
