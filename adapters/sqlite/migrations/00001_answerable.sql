-- +goose Up

-- Names begin with answerable_, because a host keeps tables of its own in the
-- same file. Ids are UUIDs, lower case; '' is none. Times are UTC with nine
-- digits of a second, so that they sort as text; '' or NULL is none.
--
-- Personal data of customers is in these columns and nowhere else:
--   answerable_messages: message
--   answerable_details:  details
--   answerable_inbox:    input, until it has been worked on
--
-- A column sum is the checksum of its row, by which a change that the store did
-- not make is noticed.

-- +goose StatementBegin
CREATE TABLE answerable_journal (
    -- What happened: the truth, from which everything else can be derived.
    -- Rows are only ever added. No personal data.
    pool        TEXT    NOT NULL,
    seq         INTEGER NOT NULL, -- position in the pool's journal, from 1 without a gap
    inquiry     TEXT    NOT NULL, -- '' for what concerns the whole pool
    version     INTEGER NOT NULL, -- of the inquiry after the event
    kind        TEXT    NOT NULL, -- what happened: opened, offered, accepted, ...
    owner       TEXT    NOT NULL, -- whom it concerns
    actor       TEXT    NOT NULL, -- who did it; '' is the passing of time or the policy
    at          TEXT    NOT NULL, -- when it happened; of a breach the deadline
    recorded_at TEXT    NOT NULL, -- when it was decided
    cause       TEXT    NOT NULL, -- the input that it came of
    event       TEXT    NOT NULL, -- the whole event as canonical JSON; the columns before repeat parts of it
    hash        BLOB    NOT NULL, -- SHA-256 of the hash of the event before it and of event
    PRIMARY KEY (pool, seq)
) STRICT;
-- +goose StatementEnd

-- One inquiry's history.
CREATE INDEX answerable_journal_inquiry ON answerable_journal (pool, inquiry, version) WHERE inquiry <> '';

-- +goose StatementBegin
CREATE TABLE answerable_inquiries (
    -- Every inquiry as it stands now. No personal data.
    pool       TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    version    INTEGER NOT NULL, -- of its last event
    state      TEXT    NOT NULL, -- screened_out, queued, offered, assigned, pending, resolved, closed
    priority   INTEGER NOT NULL,
    owner      TEXT    NOT NULL, -- who is answerable; '' while nobody is
    department TEXT    NOT NULL,
    due        TEXT,             -- the earliest unmet deadline
    stranded   INTEGER NOT NULL, -- 1 if nobody can ever qualify
    rule       TEXT    NOT NULL, -- the rule of the policy that matched
    channel    TEXT    NOT NULL,
    opened_at  TEXT    NOT NULL,
    row        TEXT    NOT NULL, -- the whole row as JSON; the columns before repeat parts of it
    sum        INTEGER NOT NULL,
    PRIMARY KEY (pool, id)
) STRICT;
-- +goose StatementEnd

-- What a leader recovers, and what is asked for by state.
CREATE INDEX answerable_inquiries_live ON answerable_inquiries (pool, id) WHERE state <> 'closed';
CREATE INDEX answerable_inquiries_owner ON answerable_inquiries (pool, owner, id) WHERE owner <> '';
CREATE INDEX answerable_inquiries_due ON answerable_inquiries (pool, due) WHERE due IS NOT NULL;

-- +goose StatementBegin
CREATE TABLE answerable_offers (
    -- The live offers of answerable_inquiries, by owner. No personal data.
    pool    TEXT NOT NULL,
    inquiry TEXT NOT NULL,
    owner   TEXT NOT NULL, -- before whom the inquiry was put
    at      TEXT NOT NULL,
    expires TEXT NOT NULL,
    PRIMARY KEY (pool, inquiry, owner)
) STRICT, WITHOUT ROWID;
-- +goose StatementEnd

CREATE INDEX answerable_offers_owner ON answerable_offers (pool, owner, inquiry);

-- +goose StatementBegin
CREATE TABLE answerable_details (
    -- What an inquiry's first message told of it. PERSONAL DATA: details.
    pool      TEXT    NOT NULL,
    id        TEXT    NOT NULL, -- of the inquiry
    kind      TEXT    NOT NULL, -- question, complaint, ...
    labels    TEXT    NOT NULL, -- a JSON array, or ''
    audiences TEXT    NOT NULL, -- a JSON array, or ''
    language  TEXT    NOT NULL,
    reach     INTEGER NOT NULL,
    details   TEXT    NOT NULL, -- personal: all of it as JSON; the columns before repeat parts of it
    sum       INTEGER NOT NULL,
    PRIMARY KEY (pool, id)
) STRICT, WITHOUT ROWID;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE answerable_labels (
    -- The labels of answerable_details, for finding inquiries by them.
    pool    TEXT NOT NULL,
    label   TEXT NOT NULL,
    inquiry TEXT NOT NULL,
    PRIMARY KEY (pool, label, inquiry)
) STRICT, WITHOUT ROWID;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE answerable_messages (
    -- What was said, in its newest revision. PERSONAL DATA: message. Blanking
    -- that erases a customer, and the journal still proves what happened when.
    n         INTEGER PRIMARY KEY, -- the order in which messages came
    pool      TEXT    NOT NULL,
    id        TEXT    NOT NULL,
    inquiry   TEXT    NOT NULL,
    source    TEXT    NOT NULL, -- the host's name for where it came from
    revision  INTEGER NOT NULL, -- counts the edits
    direction TEXT    NOT NULL, -- inbound, which is also what '' means, or outbound
    channel   TEXT    NOT NULL,
    account   TEXT    NOT NULL, -- ours, to which it was addressed
    at        TEXT    NOT NULL, -- when it was written
    digest    TEXT    NOT NULL, -- SHA-256 of salt, subject and text, as the journal has it
    message   TEXT    NOT NULL, -- personal: all of it as JSON; the columns before repeat parts of it
    sum       INTEGER NOT NULL, -- of the message
    ref       INTEGER NOT NULL, -- of id, inquiry, revision and direction alone
    UNIQUE (pool, id)
) STRICT;
-- +goose StatementEnd

CREATE INDEX answerable_messages_inquiry ON answerable_messages (pool, inquiry);

-- +goose StatementBegin
CREATE TABLE answerable_inbox (
    -- Requests that are stored and not yet worked on. PERSONAL DATA: input.
    n      INTEGER PRIMARY KEY, -- the order of working on them
    pool   TEXT NOT NULL,
    id     TEXT NOT NULL, -- derived from the caller's idempotency key
    put_at TEXT NOT NULL,
    input  TEXT NOT NULL, -- personal: the whole request as JSON
    sum    INTEGER NOT NULL,
    UNIQUE (pool, id)
) STRICT;
-- +goose StatementEnd

CREATE INDEX answerable_inbox_order ON answerable_inbox (pool);

-- +goose StatementBegin
CREATE TABLE answerable_outcomes (
    -- What became of requests. No personal data.
    pool    TEXT    NOT NULL,
    input   TEXT    NOT NULL, -- the request
    inquiry TEXT    NOT NULL,
    refused TEXT    NOT NULL, -- why; '' if it was done
    detail  TEXT    NOT NULL, -- of a refusal: what was found
    seq     INTEGER NOT NULL, -- the journal's head afterwards
    sum     INTEGER NOT NULL,
    PRIMARY KEY (pool, input)
) STRICT, WITHOUT ROWID;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE answerable_outbox (
    -- What is still to be done outside: owners to tell, replies to send. No personal data.
    n       INTEGER PRIMARY KEY, -- the order in which they came
    pool    TEXT    NOT NULL,
    id      TEXT    NOT NULL, -- by which the receiver recognises a repetition
    seq     INTEGER NOT NULL, -- the event that caused it
    topic   TEXT    NOT NULL, -- offer, assigned, warning, breach, send_reply, ...
    inquiry TEXT    NOT NULL,
    owner   TEXT    NOT NULL, -- whom to tell
    effect  TEXT    NOT NULL, -- the whole effect as JSON; the columns before repeat parts of it
    sum     INTEGER NOT NULL,
    UNIQUE (pool, id)
) STRICT;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE answerable_marks (
    -- Small facts that outlive a restart: cursors, plans, the roster, limits.
    -- No customer's data.
    pool  TEXT NOT NULL,
    key   TEXT NOT NULL, -- cursor/<source>, ...
    value ANY  NOT NULL, -- text where it is text, otherwise a blob
    sum   INTEGER NOT NULL,
    PRIMARY KEY (pool, key)
) STRICT, WITHOUT ROWID;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TABLE answerable_terms (
    -- Who leads a pool, and how far its journal goes. No personal data.
    pool   TEXT    NOT NULL PRIMARY KEY,
    epoch  INTEGER NOT NULL, -- rises with each new term; what has an older one is refused
    node   TEXT    NOT NULL, -- the process that leads
    until  TEXT    NOT NULL, -- when its term ends unless it is renewed
    format INTEGER NOT NULL, -- the newest event format of any leader so far
    head   INTEGER NOT NULL, -- position of the journal's last event
    sum    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- +goose StatementEnd
