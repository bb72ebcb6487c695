// Package postgres keeps a pool's truth in a PostgreSQL database: the store for
// many processes, of which one leads each pool. It needs PostgreSQL 15 or newer.
//
//	store, err := postgres.Open(ctx, "postgres://crm@db/crm", postgres.Config{})
//
// [New] does the same on a [pgxpool.Pool] that the host has already.
//
// # Guarantees
//
// Append is one transaction in one round trip: the events, the rows that changed,
// messages, outcomes, effects and marks go out together, in as many statements
// as tables change, however many inquiries there are. The first statement locks
// the pool's row of answerable_terms and compares epoch, head and the end of the
// term, by the server's clock, read behind the lock. So a leader that was paused
// beyond its term cannot append, and nobody else can lead between that
// comparison and the commit. A leader that is paused in the midst of sending has
// the row locked; its connection is terminated by the next claim, for which all
// nodes connect as one role, or as members of pg_signal_backend.
//
// What Append and Put acknowledge survives a crash of the server: if the
// session's synchronous_commit is off, it is turned on for their transactions. A
// server with fsync=off keeps no such promise, and the store logs a warning when
// it is opened. With replicas that take over, set synchronous_standby_names, or
// a fail-over of the server takes back what they had not received yet.
//
// An error of the server means that nothing was kept. So does a connection that
// could not be had, or was found broken before anything was sent over it
// ([adapters.ErrUnavailable]). If a connection breaks after that, the commit
// may or may not have happened ([adapters.ErrUnknown]). If the caller's context
// ends, the store waits for the answer for two more seconds, so that the
// journal, when it is read next, tells what happened. Serialization failures
// and deadlocks are tried again several times.
//
// # Poolers
//
// By default pgx keeps prepared statements on each connection. Behind a pooler
// that gives each transaction another server connection, such as PgBouncer with
// pool_mode=transaction, set Config.TransactionPooler: statements are then sent
// with their parameters in one go (default_query_exec_mode=exec), and LISTEN,
// which such a pooler does not carry, is left out unless Config.Listen names a
// direct connection. In a pool of the host's own, or in a DSN, any of
//
//	default_query_exec_mode=exec
//	default_query_exec_mode=cache_describe
//	default_query_exec_mode=simple_protocol
//
// works there; cache_statement, which is pgx's default, needs PgBouncer 1.21 or
// newer with max_prepared_statements above 0. The tests run the conformance suite, and
// Engines that follow each other, through a PgBouncer 1.18 with a handful of server
// connections. Migrations need no session either, but two server connections of the
// pooler at once: their lock is that of one transaction, and whoever waits for it holds
// none. If such a pooler is not told of, LISTEN comes to nothing: that is found out
// within three seconds, and the Engine polls.
//
// # Waking
//
// Nodes tell each other with NOTIFY that something was put, that a journal has
// grown, or that nobody leads any more, so the Engine need not wait for its next
// poll; see [Store.Wake]. All that a process listens for comes through one
// connection beside the pool. An input put with [Store.InTx] is told by the
// host's own commit. Appends are told after their commit and at most every 10ms,
// because PostgreSQL has commits that notify wait for each other. Where nothing
// comes through, the Engine says so once in its log and polls.
//
// # Schema
//
// The tables are in a schema of their own, named by Config.Schema, "answerable"
// if it is empty; several stores can live in one database. Names begin with
// answerable_, so a host may share its own schema with them. Ids are of type
// uuid, times of type timestamptz:
//
//	SELECT seq, at, kind, owner FROM answerable.answerable_journal ORDER BY seq;
//	SELECT event::jsonb ->> 'owner' FROM answerable.answerable_journal;
//
// An event is kept as the canonical JSON that it is, byte for byte: as text, for
// jsonb would order its keys and change its numbers. PostgreSQL's times have
// microseconds, the library's instants nanoseconds. Exact instants are in the
// JSON; a column beside it is rounded down, and where an exact one is needed, for
// an inquiry's due instant, the column due_nanos holds the rest. Columns of
// PostgreSQL cannot hold NUL: a text that has one has it replaced in the columns,
// and the JSON beside them has it as it was.
//
// SCHEMA.md says what hosts may read: each table and column, what it means and in
// which unit, and what may change. Customers' personal data is in three places:
// answerable_messages, answerable_details,
// and answerable_inbox until its inputs have been worked on. Package seal encrypts
// it before it comes here. Reading is welcome.
// What others write to these tables, but through InTx, is damage.
//
// # Damage
//
// Every event has the hash of itself and all events before it, and every other
// record a checksum; see package record. A record that is not as it was
// written, because the hardware failed or somebody changed it, is never served:
// reading it is an [adapters.DamageError] that names it. [Store.Recover] checks
// the newest events and everything that is live, [Store.Check] everything. The
// checksum of a term is written by a trigger of the database, which also
// refuses to change a term that is not as it was written.
//
// A bit that flips in an index makes no record wrong, but can hide some. So
// where it matters most, what an index finds is counted in a second way, and a
// difference is reported as damage: for the live inquiries, marks and effects
// of a pool that is recovered, for the messages of an inquiry, for the inbox,
// and for what an owner has that is due. A missing input is noticed once the
// backlog is below the limit of [Store.Pending]. For marks and effects, a
// recovery reads the tables of all pools, which are small.
//
// Elsewhere a second way would cost too much, and a list may lack what an index
// has lost, which [Store.Check] does not find either. That concerns
// [Store.Outcomes], which then says that an outcome is not known yet;
// [Store.MessageRefs], which says that there is no such message; and what
// [Store.Find] lists by ids, a state, a department, a label or a due instant,
// or in pages, as well as offers, what an owner has that is not due, and closed
// inquiries. Against that PostgreSQL has means of its own, which the library
// cannot replace: a cluster whose pages have checksums (initdb
// --data-checksums, or pg_checksums --enable) serves no page that is not as it
// was written.
//
// # Migrations
//
// [Open] and [New] migrate the schema, or [Migrate] does, under a role that may;
// versions stand in answerable_schema. Nodes that come up together take turns. A
// schema that is up to date is not touched, so nodes need no right to change it.
//
// Migrations only add: tables, columns with defaults, indexes, triggers, functions;
// one that triggers call may count more than before. So during a rolling upgrade nodes of the older version work on
// beside those of the newer one. A migration that an older library could not live
// with raises answerable_compatibility.oldest, and an older library then refuses
// to open the schema, and says which version it needs. [MigrateDown] takes
// migrations back.
//
// # Upgrading without downtime
//
// Nodes of two versions of the library work side by side on one schema:
//
//  1. Where tables are large, make the indexes of the new migrations beforehand,
//     with CREATE INDEX CONCURRENTLY in place of CREATE INDEX: a migration makes
//     those that are missing, and nodes cannot write for as long as that takes.
//     The migrations are in the folder of that name.
//  2. Upgrade one node, or call [Migrate]. The first of the newer version migrates;
//     the older ones go on, and one of them leads still.
//  3. Upgrade the others, one after the other. A newer node that comes to lead says
//     in which format it writes events, if that is a newer one. From then on the
//     older nodes cannot lead: their claims are adapters.ErrFormat. They still take
//     inputs in, answer for what the leader decides, and read.
//  4. While no newer node leads, as when the only one restarts, older ones wait for
//     three terms before Engine.Run ends with that error. A node that begins when
//     nobody leads ends at once: somebody has taken the upgrade back, and may not.
//
// Any two versions of the library with the same major version work side by
// side. There is no release yet; the oldest version that counts is the last
// commit that knew only version 1 of the schema. The tests build that one and
// the present one from the repository's history and have both work on one
// database: each takes inputs in, leads, is stopped and is killed. The journal
// that they leave is checked against every rule of package verify, replay
// included.
//
// An upgrade can be taken back as long as no newer format was written: stop the
// newer nodes, call [MigrateDown], start the older ones.
package postgres
