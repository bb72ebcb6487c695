-- +goose Up

-- A message that became ours may be split off with others, and the rows of both
-- inquiries say so: it is no longer counted at the one, but at the other.
DROP TRIGGER answerable_messages_turned;
-- +goose StatementBegin
CREATE TRIGGER answerable_messages_turned AFTER UPDATE OF inquiry, direction ON answerable_messages
    WHEN (OLD.direction = 'outbound') <> (NEW.direction = 'outbound') OR OLD.inquiry <> NEW.inquiry
BEGIN
    UPDATE answerable_inquiries SET replies = replies + (NEW.direction = 'outbound'),
        turned = CASE WHEN OLD.direction <> 'outbound' THEN turned
            WHEN NEW.direction <> 'outbound' THEN max(0, turned - 1)
            ELSE turned + EXISTS (SELECT 1 FROM answerable_inquiries o WHERE o.pool = OLD.pool AND o.id = OLD.inquiry AND o.turned > 0) END
        WHERE pool = NEW.pool AND id = NEW.inquiry;
    UPDATE answerable_inquiries SET replies = max(0, replies - (OLD.direction = 'outbound')),
        turned = CASE WHEN NEW.direction <> 'outbound' THEN turned
            WHEN OLD.direction <> 'outbound' THEN turned + 1
            ELSE max(0, turned - 1) END
        WHERE pool = OLD.pool AND id = OLD.inquiry;
END;
-- +goose StatementEnd
