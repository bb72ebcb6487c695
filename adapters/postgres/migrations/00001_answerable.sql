-- +goose Up

-- Names begin with answerable_, so that they are known in a schema that a host
-- shares with them. Ids are UUIDs; NULL is none. Columns of type timestamptz hold
-- microseconds. Instants are exact to the nanosecond in the JSON, and where a
-- column ..._nanos beside one holds the nanoseconds below its microsecond. JSON
-- is text, byte for byte as it was written, and never jsonb.
--
-- Personal data of customers is in these columns and nowhere else:
--   answerable_messages: message
--   answerable_details:  details
--   answerable_inbox:    input, until it has been worked on
--
-- A column sum is the checksum of its row, by which a change that the store did
-- not make is noticed.

-- +goose StatementBegin
CREATE TABLE answerable_compatibility (
    -- The oldest version of this schema whose library can still work with it. A
    -- migration that an older library cannot live with raises it.
    oldest bigint NOT NULL
);
-- +goose StatementEnd
INSERT INTO answerable_compatibility VALUES (1);

-- +goose StatementBegin
CREATE TABLE answerable_journal (
    -- What happened: the truth, from which everything else can be derived.
    -- Rows are only ever added. No personal data.
    pool        text        NOT NULL,
    seq         bigint      NOT NULL, -- position in the pool's journal, from 1 without a gap
    inquiry     uuid,                 -- NULL for what concerns the whole pool
    version     bigint      NOT NULL, -- of the inquiry after the event
    kind        text        NOT NULL, -- what happened: opened, offered, accepted, ...
    owner       text        NOT NULL, -- whom it concerns
    actor       text        NOT NULL, -- who did it; '' is the passing of time or the policy
    at          timestamptz,          -- when it happened; of a breach the deadline
    recorded_at timestamptz,          -- when it was decided
    cause       uuid,                 -- the input that it came of
    event       text        NOT NULL, -- the whole event as canonical JSON; the columns before repeat parts of it
    hash        bytea       NOT NULL, -- SHA-256 of the hash of the event before it and of event
    PRIMARY KEY (pool, seq)
);
-- +goose StatementEnd

-- One inquiry's history.
CREATE INDEX answerable_journal_inquiry ON answerable_journal (pool, inquiry, version) WHERE inquiry IS NOT NULL;

-- +goose StatementBegin
CREATE TABLE answerable_inquiries (
    -- Every inquiry as it stands now. No personal data.
    pool       text        NOT NULL,
    id         uuid        NOT NULL,
    version    bigint      NOT NULL, -- of its last event
    state      text        NOT NULL, -- screened_out, queued, offered, assigned, pending, resolved, closed
    priority   bigint      NOT NULL,
    owner      text        NOT NULL, -- who is answerable; '' while nobody is
    department text        NOT NULL,
    due        timestamptz,          -- the earliest unmet deadline
    due_nanos  smallint    NOT NULL, -- and its nanoseconds
    stranded   boolean     NOT NULL, -- nobody can ever qualify
    rule       text        NOT NULL, -- the rule of the policy that matched
    channel    text        NOT NULL,
    opened_at  timestamptz,
    row        text        NOT NULL, -- the whole row as JSON; the columns before repeat parts of it
    sum        bigint      NOT NULL,
    PRIMARY KEY (pool, id)
);
-- +goose StatementEnd

-- What a leader recovers, and what is asked for by state.
CREATE INDEX answerable_inquiries_live ON answerable_inquiries (pool, id) WHERE state <> 'closed';
CREATE INDEX answerable_inquiries_owner ON answerable_inquiries (pool, owner, id) WHERE owner <> '';
CREATE INDEX answerable_inquiries_due ON answerable_inquiries (pool, due) WHERE due IS NOT NULL;

-- +goose StatementBegin
CREATE TABLE answerable_offers (
    -- The live offers of answerable_inquiries, by owner. No personal data.
    pool    text NOT NULL,
    inquiry uuid NOT NULL,
    owner   text NOT NULL, -- before whom the inquiry was put
    at      timestamptz,
    expires timestamptz,
    PRIMARY KEY (pool, inquiry, owner)
);
-- +goose StatementEnd

CREATE INDEX answerable_offers_owner ON answerable_offers (pool, owner, inquiry);

-- +goose StatementBegin
CREATE TABLE answerable_details (
    -- What an inquiry's first message told of it. PERSONAL DATA: details.
    pool      text   NOT NULL,
    id        uuid   NOT NULL, -- of the inquiry
    kind      text   NOT NULL, -- question, complaint, ...
    labels    text   NOT NULL, -- a JSON array, or ''
    audiences text   NOT NULL, -- a JSON array, or ''
    language  text   NOT NULL,
    reach     bigint NOT NULL,
    details   text   NOT NULL, -- personal: all of it as JSON; the columns before repeat parts of it
    sum       bigint NOT NULL,
    PRIMARY KEY (pool, id)
);
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE answerable_labels (
    -- The labels of answerable_details, for finding inquiries by them.
    pool    text NOT NULL,
    label   text NOT NULL,
    inquiry uuid NOT NULL,
    PRIMARY KEY (pool, label, inquiry)
);
-- +goose StatementEnd

CREATE INDEX answerable_labels_inquiry ON answerable_labels (pool, inquiry);

-- +goose StatementBegin
CREATE TABLE answerable_messages (
    -- What was said, in its newest revision. PERSONAL DATA: message. Blanking
    -- that erases a customer, and the journal still proves what happened when.
    n         bigint   GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- the order in which messages came
    pool      text     NOT NULL,
    id        uuid     NOT NULL,
    inquiry   uuid,
    source    text     NOT NULL, -- the host's name for where it came from
    revision  bigint   NOT NULL, -- counts the edits
    direction text     NOT NULL, -- inbound, which is also what '' means, or outbound
    channel   text     NOT NULL,
    account   text     NOT NULL, -- ours, to which it was addressed
    at        timestamptz,       -- when it was written
    digest    text     NOT NULL, -- SHA-256 of salt, subject and text, as the journal has it
    message   text     NOT NULL, -- personal: all of it as JSON; the columns before repeat parts of it
    sum       bigint   NOT NULL, -- of the message
    ref       bigint   NOT NULL, -- of id, inquiry, revision and direction alone
    UNIQUE (pool, id)
);
-- +goose StatementEnd

CREATE INDEX answerable_messages_inquiry ON answerable_messages (pool, inquiry, n);

-- +goose StatementBegin
CREATE TABLE answerable_inbox (
    -- Requests that are stored and not yet worked on. PERSONAL DATA: input.
    n      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- the order of working on them
    pool   text        NOT NULL,
    id     uuid        NOT NULL, -- derived from the caller's idempotency key
    put_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    input  text        NOT NULL, -- personal: the whole request as JSON
    sum    bigint      NOT NULL,
    UNIQUE (pool, id)
);
-- +goose StatementEnd

CREATE INDEX answerable_inbox_order ON answerable_inbox (pool, n);

-- +goose StatementBegin
CREATE TABLE answerable_outcomes (
    -- What became of requests. No personal data.
    pool    text   NOT NULL,
    input   uuid   NOT NULL, -- the request
    inquiry uuid,
    refused text   NOT NULL, -- why; '' if it was done
    detail  text   NOT NULL, -- of a refusal: what was found
    seq     bigint NOT NULL, -- the journal's head afterwards
    sum     bigint NOT NULL,
    PRIMARY KEY (pool, input)
);
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE answerable_outbox (
    -- What is still to be done outside: owners to tell, replies to send. No personal data.
    n       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- the order in which they came
    pool    text   NOT NULL,
    id      uuid   NOT NULL, -- by which the receiver recognises a repetition
    seq     bigint NOT NULL, -- the event that caused it
    topic   text   NOT NULL, -- offer, assigned, warning, breach, send_reply, ...
    inquiry uuid,
    owner   text   NOT NULL, -- whom to tell
    effect  text   NOT NULL, -- the whole effect as JSON; the columns before repeat parts of it
    sum     bigint NOT NULL,
    UNIQUE (pool, id)
);
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE answerable_marks (
    -- Small facts that outlive a restart: cursors, plans, the roster, limits.
    -- No customer's data.
    pool   text NOT NULL,
    key    text COLLATE "C" NOT NULL, -- cursor/<source>, ...
    value  text,                      -- where it is text
    binary_value bytea,               -- where it is not
    sum    bigint NOT NULL,
    PRIMARY KEY (pool, key)
);
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE answerable_terms (
    -- Who leads a pool, and how far its journal goes. Every append locks and
    -- changes its pool's row, so there is room for that. No personal data.
    pool   text        NOT NULL PRIMARY KEY,
    epoch  bigint      NOT NULL, -- rises with each new term; what has an older one is refused
    node   text        NOT NULL, -- the process that leads
    until  timestamptz NOT NULL, -- when its term ends unless it is renewed
    format integer     NOT NULL, -- the newest event format of any leader so far
    head   bigint      NOT NULL  -- position of the journal's last event
) WITH (fillfactor = 50);
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION answerable_durable() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- Has the transaction at hand survive a crash, whatever the session, the
    -- role or the database is set to.
    IF current_setting('synchronous_commit') = 'off' THEN
        PERFORM set_config('synchronous_commit', 'on', true);
    END IF;
END
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION answerable_fence(p_pool text, p_epoch bigint, p_head bigint, p_next bigint) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    t answerable_terms%ROWTYPE;
    present timestamptz;
BEGIN
    -- Lets an append pass if it was decided from what is still so, and keeps
    -- others from leading until it has ended. The clock is read behind the lock.
    SELECT * INTO t FROM answerable_terms WHERE pool = p_pool FOR UPDATE;
    present := clock_timestamp();
    IF NOT FOUND OR t.epoch = 0 THEN
        RAISE EXCEPTION 'nobody leads pool %', quote_literal(p_pool) USING ERRCODE = 'AN001';
    ELSIF t.epoch <> p_epoch THEN
        RAISE EXCEPTION 'pool % has epoch %, the commit %', quote_literal(p_pool), t.epoch, p_epoch USING ERRCODE = 'AN001';
    ELSIF t.until <= present THEN
        RAISE EXCEPTION 'the term % of pool % ended at %, it is %', t.epoch, quote_literal(p_pool), t.until, present USING ERRCODE = 'AN001';
    ELSIF t.head <> p_head THEN
        RAISE EXCEPTION 'the head of pool % is %, the commit''s %', quote_literal(p_pool), t.head, p_head USING ERRCODE = 'AN001';
    END IF;
    IF p_next <> p_head THEN
        UPDATE answerable_terms SET head = p_next WHERE pool = p_pool;
    END IF;
END
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION answerable_lead(p_pool text, p_node text, p_epoch bigint, p_format integer, p_micros bigint,
    OUT o_granted boolean, OUT o_epoch bigint, OUT o_node text, OUT o_until timestamptz, OUT o_now timestamptz,
    OUT o_format integer, OUT o_freed boolean)
    LANGUAGE plpgsql SET search_path FROM CURRENT SET lock_timeout = '250ms' AS $$
DECLARE
    t answerable_terms%ROWTYPE;
    live boolean;
    mine boolean;
BEGIN
    -- Claims, renews (p_micros above 0) or gives back the leadership of a pool.
    -- It is one statement, so that no client can pause while it holds the row.
    o_granted := false;
    o_freed := false;
    SELECT * INTO t FROM answerable_terms WHERE pool = p_pool;
    o_now := clock_timestamp();
    IF FOUND THEN
        -- That somebody else leads can be seen without standing in their way.
        IF t.format > p_format OR t.until > o_now AND t.node <> p_node THEN
            o_epoch := t.epoch; o_node := t.node; o_until := t.until; o_format := t.format;
            RETURN;
        END IF;
    ELSIF p_micros <= 0 THEN
        o_epoch := 0; o_node := ''; o_format := 0;
        RETURN;
    ELSE
        INSERT INTO answerable_terms (pool, epoch, node, until, format, head)
            VALUES (p_pool, 0, '', '-infinity', 0, 0) ON CONFLICT DO NOTHING;
    END IF;
    SELECT * INTO t FROM answerable_terms WHERE pool = p_pool FOR UPDATE;
    o_now := clock_timestamp();
    live := t.epoch > 0 AND t.until > o_now;
    mine := t.epoch > 0 AND t.node = p_node AND (p_epoch = t.epoch OR live AND p_epoch = 0);
    IF t.format > p_format THEN
        NULL; -- an older version may not lead what a newer one has led
    ELSIF p_micros <= 0 THEN
        IF mine AND live THEN
            t.until := o_now;
            o_freed := true;
        END IF;
    ELSIF mine AND p_epoch = t.epoch THEN
        o_granted := true;
    ELSIF mine OR NOT live THEN
        o_granted := true;
        t.epoch := t.epoch + 1;
        t.node := p_node;
    END IF;
    IF o_granted THEN
        t.until := o_now + p_micros * interval '1 microsecond';
        t.format := greatest(t.format, p_format);
    END IF;
    IF o_granted OR o_freed THEN
        UPDATE answerable_terms SET epoch = t.epoch, node = t.node, until = t.until, format = t.format WHERE pool = p_pool;
    END IF;
    o_epoch := t.epoch; o_node := t.node; o_until := t.until; o_format := t.format;
END
$$;
-- +goose StatementEnd

-- +goose Down

DROP FUNCTION answerable_lead(text, text, bigint, integer, bigint);
DROP FUNCTION answerable_fence(text, bigint, bigint, bigint);
DROP FUNCTION answerable_durable();
DROP TABLE answerable_terms;
DROP TABLE answerable_marks;
DROP TABLE answerable_outbox;
DROP TABLE answerable_outcomes;
DROP TABLE answerable_inbox;
DROP TABLE answerable_messages;
DROP TABLE answerable_labels;
DROP TABLE answerable_details;
DROP TABLE answerable_offers;
DROP TABLE answerable_inquiries;
DROP TABLE answerable_journal;
DROP TABLE answerable_compatibility;
