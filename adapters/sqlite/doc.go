// Package sqlite keeps a pool's truth in one SQLite file: the store for a
// single process, and for several on one machine, of which one leads.
//
//	store, err := sqlite.Open(ctx, "answerable.db", sqlite.Config{})
//
// It is written in Go throughout (modernc.org/sqlite): no C compiler is needed.
//
// # Durability
//
// When Append or Put returns nil, what was written survives a crash of the
// process, of the machine, and a power cut, as far as the disk honours a sync.
// For that, every connection that writes runs with synchronous=FULL, and the
// store refuses to write through one that does not. With NORMAL, which is often
// recommended together with a write-ahead log, SQLite syncs the log only at
// checkpoints: a power cut then takes back commits that were already reported
// as kept. The file stays sound, but an inquiry that its customer was told
// about is gone. FULL costs one sync for each commit, and the Engine commits
// many inquiries at once.
//
// An error of the COMMIT itself is adapters.ErrUnknown; after every other
// error nothing was kept.
//
// A full disk is an [adapters.ErrUnavailable] or, if it happens in the COMMIT,
// an ErrUnknown; the error says so. Everything that was kept before can be
// read, and once there is room again, an Engine goes on by itself within
// seconds. Besides the file, leave room for its log: about 16 MB, and more
// during long reads.
//
// # Files
//
// Beside the file, say answerable.db, SQLite keeps answerable.db-wal, the
// write-ahead log, and answerable.db-shm, an index of it. Both belong to the
// database while anybody has it open and go away when the last one closes it.
// The directory must therefore be writable, and on a local file system: a log
// in shared memory does not work over a network.
//
// To back up a running store, never copy the file alone, because the newest
// commits are in the log. Use one of
//
//	sqlite3 answerable.db "VACUUM INTO 'backup.db'"
//	sqlite3 answerable.db ".backup backup.db"
//
// or a tool that ships the log, such as Litestream. With every process
// stopped, copying the file is fine.
//
// # Schema
//
// Table names begin with answerable_, so that a host can keep tables of its
// own in the same file; see [Store.DB], and [Store.InTx] for an input that
// comes in exactly if the host's transaction commits. Ids, times and JSON are
// text, so that anybody can read them:
//
//	sqlite3 answerable.db 'SELECT seq, at, kind, owner FROM answerable_journal'
//	sqlite3 answerable.db '.schema answerable_inquiries'
//
// SCHEMA.md says what hosts may read: each table and column, what it means and in
// which unit, and what may change. Customers' personal data is in three places:
// answerable_messages, answerable_details, and
// answerable_inbox until its inputs have been worked on. Package seal encrypts
// it before it comes here. Reading is welcome.
// What others write to these tables, but through InTx, is damage. Open migrates
// the schema; versions stand in answerable_schema. A process of an older version
// that has the file open goes on beside a newer one; opening the file anew, it is
// told that the schema is newer, and to use the newer version. So upgrade every
// process that shares a file, one after the other, and none has to stop for another.
//
// # Damage
//
// Every event has the hash of itself and all events before it, and every other
// record a checksum; see package record. A record that is not as it was
// written, because the disk failed or somebody changed it, is never served:
// reading it is an [adapters.DamageError] that names it. [Store.Recover] checks
// the newest events and everything that is live; [Store.Check] checks
// everything, including the structure of the file.
//
// A bit that flips in an index makes no record wrong, but can hide some. So
// where it matters most, what an index finds is counted in a second way, and a
// difference is reported as damage: for what a pool is recovered from, for an
// inquiry's messages, for the inbox, and for what an owner has that is due. A
// live inquiry that is asked for by its id is also looked for in a second way.
// Marks are stored in one place only: before a pool is recovered, SQLite checks
// that their table, which all pools share, is whole. A missing input is noticed
// once the backlog is below the limit of [Store.Pending].
//
// Elsewhere a second way would cost too much, and a list may lack what an index
// has lost until a check finds it. That concerns [Store.Outcomes], which then
// says that an outcome is not known yet; [Store.MessageRefs], which says that
// there is no such message; and what [Store.Find] lists by a state, a
// department, a label or a due instant, or in pages, as well as offers, what an
// owner has that is not due, and closed inquiries.
package sqlite
