-- +goose Up

-- Terms first, as every append has it: nodes that are at work wait, and nobody for
-- each other.
SET LOCAL lock_timeout = '1s';
LOCK TABLE answerable_terms IN ACCESS EXCLUSIVE MODE;

-- A message may come in as the customer's and be called our own later, and the
-- inquiry's row goes on counting it as the customer's. Without this, such an inquiry
-- looks as if an index had lost a message of it, and each look at it goes through
-- all messages that there are. Those from before are not counted, which would take
-- reading every message: each such inquiry has them gone through once in a process.
ALTER TABLE answerable_inquiries ADD COLUMN turned bigint NOT NULL DEFAULT 0; -- how many of the customer's messages became ours, less those that became the customer's again

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION answerable_count_reply() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.direction = 'outbound' THEN
            UPDATE answerable_inquiries SET replies = greatest(0, replies - 1) WHERE pool = OLD.pool AND id = OLD.inquiry;
            IF NEW.direction <> 'outbound' THEN
                UPDATE answerable_inquiries SET turned = greatest(0, turned - 1) WHERE pool = NEW.pool AND id = NEW.inquiry;
            END IF;
        ELSIF NEW.direction = 'outbound' THEN
            UPDATE answerable_inquiries SET turned = turned + 1 WHERE pool = OLD.pool AND id = OLD.inquiry;
        END IF;
    END IF;
    IF NEW.direction = 'outbound' THEN
        UPDATE answerable_inquiries SET replies = replies + 1 WHERE pool = NEW.pool AND id = NEW.inquiry;
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd

-- +goose Down

LOCK TABLE answerable_terms IN ACCESS EXCLUSIVE MODE;

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION answerable_count_reply() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.direction = 'outbound' THEN
        UPDATE answerable_inquiries SET replies = greatest(0, replies - 1) WHERE pool = OLD.pool AND id = OLD.inquiry;
    END IF;
    IF NEW.direction = 'outbound' THEN
        UPDATE answerable_inquiries SET replies = replies + 1 WHERE pool = NEW.pool AND id = NEW.inquiry;
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
ALTER TABLE answerable_inquiries DROP COLUMN turned;
