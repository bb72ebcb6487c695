// Package seal encrypts what is personal before a store sees it, with a key per
// person, so that a person is erased by destroying their key.
//
//	keys, err := seal.OpenDir("/var/lib/answerable/keys")
//	store, err := seal.New(inner, keys, seal.Config{})
//	engine, err := dispatch.New(store, policy, cfg)
//	err = engine.Erase(ctx, "email", inquiry.Author{External: "kim@example.org"})
//
// [New] wraps any [adapters.Store]. It moves the fields tagged
// privacy:"personal" of messages, details and the inputs of the inbox into one
// field, Sealed, and opens it for readers. Events, rows, outcomes and effects
// have no such field and pass through as they are, so routing, replay, checks
// and the journal's hash chain are not affected.
//
// A host that puts inputs into an inbox in a transaction of its own wraps that
// inbox with [Store.Inbox]. An input that is put past it is stored as it is.
//
// # What an erasure reaches
//
// Overwriting texts in a database would leave them in write-ahead logs, free
// pages, replicas and backups. So an erasure destroys the only key that opens
// them, wherever they lie. The journal still proves what happened when: it has
// pseudonyms, and digests whose salts are sealed, too. A message that reads as
// blank and as [inquiry.Message.Erased] was erased. One that was changed, by
// accident or by somebody's hand, is an [adapters.DamageError], and a keyring
// that cannot be reached is an error.
//
// A person is a pseudonym of [inquiry.Author.Persons], one for each identity on
// a channel. The first pseudonym of its author decides under whose key
// something is sealed:
//
//   - What somebody wrote, and the details of the inquiry that it opened, are
//     under their key, whoever else writes in the same conversation. An edit
//     that does not say who wrote it is under the key of the author of what it
//     edits.
//   - What we write is under the key of whoever wrote last before it.
//   - Where nobody is known, it is under the id of the inquiry, which
//     [Store.Erase] accepts in place of a person. Until it is known which
//     inquiry that is, it is under the id of the input; that key is destroyed
//     once the input is done. A mark in the commit that has it done, whose key
//     begins with "seal/input/", says so. If the process dies first, the next
//     leader destroys the key with its first commit. The mark goes with the
//     commit after that.
//
// Somebody who writes again after an erasure gets a new key.
//
// # What it protects against, and what not
//
// Whoever reads the database, its logs or its backups, but has no keys, reads
// no personal text. Each blob is AES-256-GCM with a random nonce, and bound to
// its pool, kind, id and revision: nobody can change one, or put it in the
// place of another, without being noticed. That an older blob is put back, or
// one is removed, is not noticed.
//
// It does not protect against somebody who has both the database and the keys,
// or the memory of a process that has them. It does not hide when, how often
// and how much somebody wrote, nor what is plain by design: kinds, labels,
// languages, audiences, reach, channels, accounts and owners. Pseudonyms,
// message and conversation ids, and fingerprints of texts are hashes. Set
// dispatch.Config.PseudonymKey so that nobody can confirm a guess at a person;
// the others can be confirmed by somebody who knows the exact id or text
// already. The cursors of sources, and the reasons and notes of owners, are
// plain, so nothing personal belongs there.
//
// An erasure reaches what is stored here, and not what was handed out before:
// to a platform, a notifier, a screener, a log or a screen. What somebody else
// wrote about the person belongs to that somebody. Other processes keep keys
// that they have used in memory, for Config.KeepKeys at most. For sealing, the
// keyring is asked every time, so nothing new is sealed under a destroyed key,
// unless it was on its way into the store at that very moment.
//
// # Keys
//
// Losing the keys means losing every text for ever, and keeping copies of them
// means keeping what was to be erased. So keep them apart from the database and
// its backups. Back them up by themselves, and for no longer than an erasure
// may take to reach everything.
//
// [Dir] overwrites a key's file before it removes it. An SSD, or a file system
// that copies on write, may keep the old block for a while, and a snapshot
// keeps it as long as it exists: put the directory on an encrypted volume
// without snapshots. An [adapters.Keyring] of your own may keep keys in a
// key-management service; adaptertest.TestKeyring tests it.
//
// A store that was in use before it was sealed keeps what it has as it is, and
// can still read it. Only what is written from then on can be erased.
package seal
