-- +goose Up

-- Terms first, as every append has it: nodes that are at work wait, and nobody for
-- each other.
SET LOCAL lock_timeout = '1s';
LOCK TABLE answerable_terms IN ACCESS EXCLUSIVE MODE;

-- A message that became ours may be split off with others, and the rows of both
-- inquiries say so: it is no longer counted at the one, but at the other.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION answerable_count_reply() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.direction = 'outbound' THEN
            UPDATE answerable_inquiries SET replies = greatest(0, replies - 1) WHERE pool = OLD.pool AND id = OLD.inquiry;
            IF NEW.direction <> 'outbound' THEN
                UPDATE answerable_inquiries SET turned = greatest(0, turned - 1) WHERE pool = NEW.pool AND id = NEW.inquiry;
            ELSE
                UPDATE answerable_inquiries SET turned = turned - 1 WHERE pool = OLD.pool AND id = OLD.inquiry AND turned > 0;
                IF FOUND THEN
                    UPDATE answerable_inquiries SET turned = turned + 1 WHERE pool = NEW.pool AND id = NEW.inquiry;
                END IF;
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
