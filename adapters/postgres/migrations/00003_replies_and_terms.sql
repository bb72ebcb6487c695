-- +goose Up

-- Terms first, as every append has it: nodes that are at work wait, and nobody for
-- each other.
SET LOCAL lock_timeout = '1s';
LOCK TABLE answerable_terms IN ACCESS EXCLUSIVE MODE;

-- How many replies there are of an inquiry, and its row says how many messages of
-- the customer: an index that has lost one is found out by leading to fewer. The
-- database counts, and so an older version of the library beside this one does.
-- Replies from before are not counted: that would write every inquiry anew.
ALTER TABLE answerable_inquiries ADD COLUMN replies bigint NOT NULL DEFAULT 0; -- how many answerable_messages has of it, of those stored since version 3

-- +goose StatementBegin
CREATE FUNCTION answerable_count_reply() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
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
CREATE TRIGGER answerable_messages_replies AFTER INSERT ON answerable_messages
    FOR EACH ROW WHEN (NEW.direction = 'outbound') EXECUTE FUNCTION answerable_count_reply();
CREATE TRIGGER answerable_messages_turned AFTER UPDATE OF inquiry, direction ON answerable_messages
    FOR EACH ROW WHEN ((OLD.direction = 'outbound') <> (NEW.direction = 'outbound') OR OLD.inquiry <> NEW.inquiry) EXECUTE FUNCTION answerable_count_reply();

-- A checksum of each term: what is changed in it by a fault of the hardware could
-- have two nodes lead, or nobody for years. The database writes it, whichever
-- version of the library claims, and changes no term that is not as it was written.
ALTER TABLE answerable_terms ADD COLUMN sum bigint NOT NULL DEFAULT 0;

-- +goose StatementBegin
CREATE FUNCTION answerable_term_sum(t answerable_terms) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT ('x' || encode(substr(sha256(convert_to(concat_ws(' ', t.epoch, extract(epoch FROM t.until), t.format, t.head,
        quote_literal(t.node), quote_literal(t.pool)), 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint
$$;
-- +goose StatementEnd
UPDATE answerable_terms t SET sum = answerable_term_sum(t);

-- +goose StatementBegin
CREATE FUNCTION answerable_sound(t answerable_terms) RETURNS boolean LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS $$
BEGIN
    -- Fails unless a term is as it was written.
    IF t.sum <> answerable_term_sum(t) THEN
        RAISE EXCEPTION 'its checksum is %, and what it says has %: epoch %, node %, until %, format %, head %',
            t.sum, answerable_term_sum(t), t.epoch, quote_literal(t.node), t.until, t.format, t.head
            USING ERRCODE = 'AN002', DETAIL = t.pool;
    END IF;
    RETURN true;
END
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION answerable_sum_term() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        PERFORM answerable_sound(OLD);
    ELSIF EXISTS (SELECT 1 FROM answerable_journal WHERE pool = NEW.pool)
        AND NOT EXISTS (SELECT 1 FROM answerable_terms WHERE pool = NEW.pool) THEN -- which somebody else may just have begun
        RAISE EXCEPTION 'it is missing, and the pool has a journal' USING ERRCODE = 'AN002', DETAIL = NEW.pool;
    END IF;
    NEW.sum := answerable_term_sum(NEW);
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER answerable_terms_sum BEFORE INSERT OR UPDATE ON answerable_terms
    FOR EACH ROW EXECUTE FUNCTION answerable_sum_term();

-- +goose Down

LOCK TABLE answerable_terms IN ACCESS EXCLUSIVE MODE;

DROP TRIGGER answerable_terms_sum ON answerable_terms;
DROP FUNCTION answerable_sum_term();
DROP FUNCTION answerable_sound(answerable_terms);
DROP FUNCTION answerable_term_sum(answerable_terms);
ALTER TABLE answerable_terms DROP COLUMN sum;
DROP TRIGGER answerable_messages_turned ON answerable_messages;
DROP TRIGGER answerable_messages_replies ON answerable_messages;
DROP FUNCTION answerable_count_reply();
ALTER TABLE answerable_inquiries DROP COLUMN replies;
