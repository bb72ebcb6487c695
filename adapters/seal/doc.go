// Package seal encrypts what is personal before a store sees it, each person's
// under a key of their own, so that a person is erased by forgetting the key.
//
//	keys, err := seal.OpenDir("/var/lib/answerable/keys")
//	store, err := seal.New(inner, keys, seal.Config{})
//	engine, err := dispatch.New(store, policy, cfg)
//	err = engine.Erase(ctx, "email", inquiry.Author{External: "kim@example.org"})
//
// [New] goes round any [adapters.Store]. It moves the fields tagged
// privacy:"personal" of messages, details and the inputs of the inbox into one
// field, Sealed, and opens it for who reads. Events, rows, outcomes and effects
// have no such field and pass as they are, so routing, replay, checks and the
// chain of the journal know nothing of it.
//
// What a host puts into an inbox in a transaction of its own goes through
// [Store.Inbox]; put past it, it is stored as it is.
//
// # What an erasure reaches
//
// Erasing overwrites nothing in the database: that would leave the words in
// write-ahead logs, free pages, replicas and backups. It destroys the only key
// that opens them, wherever they lie. The journal still proves what happened
// when: it has pseudonyms, and digests whose salts are sealed too. What reads as
// blank and [inquiry.Message.Erased] was erased; what was changed by accident or
// by somebody's hand is an [adapters.DamageError], and a keyring that cannot be
// reached is an error.
//
// A person is a pseudonym of [inquiry.Author.Persons], one for each identity on a
// channel. What somebody wrote, and the details of the inquiry that it opened,
// are under the first of these of its author, whoever else writes in the same
// conversation; an edit that does not tell who wrote it is under the author of what it
// edits. What we write is under whoever wrote last before it. What tells
// of nobody known is under the id of its inquiry, which [Store.Erase] takes, too;
// until it is known which that is, under that of its input, whose key is forgotten
// once the input is done. Who writes again after an erasure gets a new key.
//
// # What it guards against, and what not
//
// Whoever reads the database, its logs or its backups, and has no keys, reads no
// personal text. Each blob is AES-256-GCM with a random nonce and is bound to its
// pool, kind, id and revision, so nobody can change one or put it in the place of
// another unnoticed; that one is put back or removed is not noticed. It does not
// guard against whoever has both the database and the keys, or the memory of a
// process that has them. Nor does it hide when and how often somebody wrote, the
// length of it, or what is plain by design: kinds, labels, languages, audiences,
// reach, channels, accounts and owners. Pseudonyms, message and conversation ids,
// and fingerprints of texts are hashes: set dispatch.Config.PseudonymKey so that
// a person's cannot be confirmed by guessing; the others can be, by whoever knows
// the exact id or text already. Cursors of sources, and the reasons and notes of
// owners, are plain, so nothing personal belongs there.
//
// An erasure reaches what is kept here. It does not reach what was handed out
// before: to a platform, a notifier, a screener, a log or a screen. What somebody
// else wrote about the person is the other's. Other processes keep keys that they
// have used for [Config].KeepKeys at most; for sealing the keyring is asked every
// time, so nothing new is ever under a forgotten key, unless it was on its way
// into the store in that very moment.
//
// # Keys
//
// Losing the keys loses every text for ever, and keeping copies of them keeps
// what was to be erased. So keep them apart from the database and its backups,
// and back them up by themselves, for as short a time as an erasure may take to
// come true everywhere. [Dir] overwrites a key's file before it removes it. An SSD
// or a file system that copies on write may keep the old block for a while, and a
// snapshot keeps it as long as it lives: put the directory on an encrypted volume
// without snapshots. An [adapters.Keyring] of one's own may keep keys in a
// key-management service; adaptertest.TestKeyring holds it against its contract.
//
// A store that was in use before it was sealed keeps what it has as it is, and
// reads it as ever: only what is written from then on can be erased.
package seal
