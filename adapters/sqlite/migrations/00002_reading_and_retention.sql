-- +goose Up

-- The reading side: a page of a query costs the same however many inquiries
-- there are. Each condition by which people list inquiries has an index in the
-- order of ids and one in the order of due instants. Those in which closed
-- inquiries, which are there for good, would stand before the live ones are split.
-- Every one of them may be made before, by hand: what is there stays.
CREATE INDEX IF NOT EXISTS answerable_inquiries_state ON answerable_inquiries (pool, state, id);
CREATE INDEX IF NOT EXISTS answerable_inquiries_owner_live ON answerable_inquiries (pool, owner, id) WHERE owner <> '' AND state <> 'closed';
CREATE INDEX IF NOT EXISTS answerable_inquiries_owner_closed ON answerable_inquiries (pool, owner, id) WHERE owner <> '' AND state = 'closed';
CREATE INDEX IF NOT EXISTS answerable_inquiries_department_live ON answerable_inquiries (pool, department, id) WHERE state <> 'closed';
CREATE INDEX IF NOT EXISTS answerable_inquiries_department_closed ON answerable_inquiries (pool, department, id) WHERE state = 'closed';
CREATE INDEX IF NOT EXISTS answerable_inquiries_stranded ON answerable_inquiries (pool, id) WHERE stranded = 1;
CREATE INDEX IF NOT EXISTS answerable_inquiries_due_id ON answerable_inquiries (pool, due, id) WHERE due IS NOT NULL;
CREATE INDEX IF NOT EXISTS answerable_inquiries_state_due ON answerable_inquiries (pool, state, due, id) WHERE due IS NOT NULL;
CREATE INDEX IF NOT EXISTS answerable_inquiries_owner_due ON answerable_inquiries (pool, owner, due, id) WHERE owner <> '' AND due IS NOT NULL;
CREATE INDEX IF NOT EXISTS answerable_inquiries_department_due ON answerable_inquiries (pool, department, due, id) WHERE due IS NOT NULL;

DROP INDEX answerable_inquiries_owner;
DROP INDEX answerable_inquiries_due;

-- Retention: closed inquiries by the instant at which they were closed, which is
-- when they changed last.
ALTER TABLE answerable_inquiries ADD COLUMN textless INTEGER NOT NULL DEFAULT 0; -- 1 once its texts were let go of
CREATE INDEX IF NOT EXISTS answerable_inquiries_over ON answerable_inquiries (pool, rtrim(row ->> 'changed_at', 'Z')) WHERE state = 'closed';
CREATE INDEX IF NOT EXISTS answerable_inquiries_texts ON answerable_inquiries (pool, rtrim(row ->> 'changed_at', 'Z')) WHERE state = 'closed' AND textless = 0;
