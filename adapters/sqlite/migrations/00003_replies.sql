-- +goose Up

-- How many replies there are of an inquiry, and its row says how many messages of
-- the customer: an index that has lost one is found out by leading to fewer. The
-- database counts, and so an older version of the library beside this one does.
ALTER TABLE answerable_inquiries ADD COLUMN replies INTEGER NOT NULL DEFAULT 0; -- how many answerable_messages has of it
UPDATE answerable_inquiries SET replies = m.n
    FROM (SELECT pool, inquiry, count(*) AS n FROM answerable_messages WHERE direction = 'outbound' GROUP BY pool, inquiry) AS m
    WHERE m.pool = answerable_inquiries.pool AND m.inquiry = answerable_inquiries.id;

-- +goose StatementBegin
CREATE TRIGGER answerable_messages_replies AFTER INSERT ON answerable_messages WHEN NEW.direction = 'outbound'
BEGIN
    UPDATE answerable_inquiries SET replies = replies + 1 WHERE pool = NEW.pool AND id = NEW.inquiry;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER answerable_messages_turned AFTER UPDATE OF inquiry, direction ON answerable_messages
    WHEN (OLD.direction = 'outbound') <> (NEW.direction = 'outbound') OR OLD.inquiry <> NEW.inquiry
BEGIN
    UPDATE answerable_inquiries SET replies = max(0, replies - (OLD.direction = 'outbound')) WHERE pool = OLD.pool AND id = OLD.inquiry;
    UPDATE answerable_inquiries SET replies = replies + (NEW.direction = 'outbound') WHERE pool = NEW.pool AND id = NEW.inquiry;
END;
-- +goose StatementEnd
