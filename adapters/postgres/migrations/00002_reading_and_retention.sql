-- +goose Up

-- The reading side: a page of a query costs the same however many inquiries
-- there are. Each condition by which people list inquiries has an index in the
-- order of ids and one in the order of due instants. Those in which closed
-- inquiries, which are there for good, would stand before the live ones are split.
--
-- Making them keeps nodes from writing for as long as it takes to read the table.
-- Whoever cannot wait makes them before, by hand, with CREATE INDEX CONCURRENTLY:
-- what is there stays.
CREATE INDEX IF NOT EXISTS answerable_inquiries_state ON answerable_inquiries (pool, state, id);
CREATE INDEX IF NOT EXISTS answerable_inquiries_owner_live ON answerable_inquiries (pool, owner, id) WHERE owner <> '' AND state <> 'closed';
CREATE INDEX IF NOT EXISTS answerable_inquiries_owner_closed ON answerable_inquiries (pool, owner, id) WHERE owner <> '' AND state = 'closed';
CREATE INDEX IF NOT EXISTS answerable_inquiries_department_live ON answerable_inquiries (pool, department, id) WHERE state <> 'closed';
CREATE INDEX IF NOT EXISTS answerable_inquiries_department_closed ON answerable_inquiries (pool, department, id) WHERE state = 'closed';
CREATE INDEX IF NOT EXISTS answerable_inquiries_stranded ON answerable_inquiries (pool, id) WHERE stranded;
CREATE INDEX IF NOT EXISTS answerable_inquiries_due_id ON answerable_inquiries (pool, due, due_nanos, id) WHERE due IS NOT NULL;
CREATE INDEX IF NOT EXISTS answerable_inquiries_state_due ON answerable_inquiries (pool, state, due, due_nanos, id) WHERE due IS NOT NULL;
CREATE INDEX IF NOT EXISTS answerable_inquiries_owner_due ON answerable_inquiries (pool, owner, due, due_nanos, id) WHERE owner <> '' AND due IS NOT NULL;
CREATE INDEX IF NOT EXISTS answerable_inquiries_department_due ON answerable_inquiries (pool, department, due, due_nanos, id) WHERE due IS NOT NULL;

DROP INDEX answerable_inquiries_owner;
DROP INDEX answerable_inquiries_due;

-- Retention: closed inquiries by the instant at which they were closed, which is
-- when they changed last.
ALTER TABLE answerable_inquiries ADD COLUMN textless boolean NOT NULL DEFAULT false; -- its texts were let go of
CREATE INDEX IF NOT EXISTS answerable_inquiries_over ON answerable_inquiries
    (pool, (substring(row FROM '"changed_at":"([^"Z]*)') COLLATE "C")) WHERE state = 'closed';
CREATE INDEX IF NOT EXISTS answerable_inquiries_texts ON answerable_inquiries
    (pool, (substring(row FROM '"changed_at":"([^"Z]*)') COLLATE "C")) WHERE state = 'closed' AND NOT textless;

-- +goose StatementBegin
CREATE FUNCTION answerable_leads(p_pool text, p_epoch bigint) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    t answerable_terms%ROWTYPE;
    present timestamptz;
BEGIN
    -- Lets a change beside the journal pass if it comes from whoever leads, and
    -- keeps others from leading until it has ended.
    SELECT * INTO t FROM answerable_terms WHERE pool = p_pool FOR UPDATE;
    present := clock_timestamp();
    IF NOT FOUND OR t.epoch = 0 THEN
        RAISE EXCEPTION 'nobody leads pool %', quote_literal(p_pool) USING ERRCODE = 'AN001';
    ELSIF t.epoch <> p_epoch THEN
        RAISE EXCEPTION 'pool % has epoch %, the caller %', quote_literal(p_pool), t.epoch, p_epoch USING ERRCODE = 'AN001';
    ELSIF t.until <= present THEN
        RAISE EXCEPTION 'the term % of pool % ended at %, it is %', t.epoch, quote_literal(p_pool), t.until, present USING ERRCODE = 'AN001';
    END IF;
END
$$;
-- +goose StatementEnd

-- +goose Down

DROP FUNCTION answerable_leads(text, bigint);
ALTER TABLE answerable_inquiries DROP COLUMN textless;
DROP INDEX answerable_inquiries_over;

CREATE INDEX answerable_inquiries_owner ON answerable_inquiries (pool, owner, id) WHERE owner <> '';
CREATE INDEX answerable_inquiries_due ON answerable_inquiries (pool, due) WHERE due IS NOT NULL;
DROP INDEX answerable_inquiries_department_due;
DROP INDEX answerable_inquiries_owner_due;
DROP INDEX answerable_inquiries_state_due;
DROP INDEX answerable_inquiries_due_id;
DROP INDEX answerable_inquiries_stranded;
DROP INDEX answerable_inquiries_department_closed;
DROP INDEX answerable_inquiries_department_live;
DROP INDEX answerable_inquiries_owner_closed;
DROP INDEX answerable_inquiries_owner_live;
DROP INDEX answerable_inquiries_state;
