package adapters

import (
	"context"
	"errors"

	"github.com/answerable-go/answerable/inquiry"
)

// ErrForgotten is returned by a [Keyring] that has no key for a person: it was
// forgotten, or never made.
var ErrForgotten = errors.New("adapters: the person's key is forgotten")

// KeySize is the length of a key of a [Keyring], in bytes.
const KeySize = 32

// Keyring keeps a secret key for each person. Texts are sealed under these
// keys, and the keys are kept apart from the store and its backups. Destroying
// a person's key makes their texts unreadable at once, in the database, its
// write-ahead log and every backup.
//
// Persons are pseudonyms, see [inquiry.PersonID]; pools never share a key.
// Every method is safe for concurrent use, also by several processes on one
// keyring, and returns promptly when ctx ends, with the context's error joined.
// Other errors are [ErrUnavailable], [ErrDamaged] for a key that is not as it
// was made, or those that the method names.
type Keyring interface {
	// Key returns a person's key of [KeySize] bytes. If there is none, it is drawn
	// at random and stored durably before anybody is given it. Callers at the same
	// time are given the same key.
	Key(ctx context.Context, pool string, person inquiry.ID) ([]byte, error)
	// Known returns a person's key, or [ErrForgotten] if there is none.
	Known(ctx context.Context, pool string, person inquiry.ID) ([]byte, error)
	// Forget destroys keys. Once it returns nil, nobody is given them again, and
	// they are gone from the keyring's medium as far as that is possible. Persons
	// without a key are skipped. After an error some keys may be left: call it
	// again.
	Forget(ctx context.Context, pool string, persons ...inquiry.ID) error
}

// Eraser is an optional interface of a [Store] that keeps what is personal
// under a key per person; seal.New makes one of any store. Without it the
// Engine can erase nobody.
type Eraser interface {
	// Erase makes everything unreadable for good that is kept under the keys of
	// these persons. Trying again after an error is safe. What they write later is
	// kept under new keys.
	Erase(ctx context.Context, pool string, persons ...inquiry.ID) error
}
