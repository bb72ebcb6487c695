package adapters

import (
	"context"
	"errors"

	"github.com/answerable-go/answerable/inquiry"
)

// ErrForgotten is returned by a [Keyring] that has no key of a person, because
// it was forgotten or never made.
var ErrForgotten = errors.New("adapters: the person's key is forgotten")

// KeySize is how many bytes a key of a [Keyring] has.
const KeySize = 32

// Keyring keeps a secret key for each person, apart from the store whose texts
// are sealed under them, so that a person is erased by forgetting the key: what
// lies in a database, its write-ahead log and every backup of these becomes
// unreadable at once. It must not share their backups.
//
// Persons are pseudonyms, see [inquiry.PersonID]; pools never share a key. Every
// method is safe for concurrent use, also by several processes on one keyring,
// and returns promptly, with the context's error joined, when ctx ends. Other
// errors are [ErrUnavailable], [ErrDamaged] for a key that is not as it was
// made, or those of the method.
type Keyring interface {
	// Key is a person's key of KeySize bytes. It is drawn at random when it is asked
	// for first, or first since it was forgotten. Whoever asks at the same time is
	// given the same key, and it is kept durably before anybody is given it.
	Key(ctx context.Context, pool string, person inquiry.ID) ([]byte, error)
	// Known is a person's key, and ErrForgotten where there is none.
	Known(ctx context.Context, pool string, person inquiry.ID) ([]byte, error)
	// Forget destroys keys. Once it returns nil, nobody is given them again, and
	// they are not on the keyring's medium as far as that can be reached. A person
	// without a key is passed over. After an error some may be left: call it again.
	Forget(ctx context.Context, pool string, persons ...inquiry.ID) error
}

// Eraser is an optional method of a [Store] that keeps what is personal under a
// key per person; seal.New makes one of any store. Without it nothing can be
// erased through the Engine.
type Eraser interface {
	// Erase makes everything unreadable for good that is kept under the keys of
	// these persons. Trying again after an error is safe. What the persons write
	// later is kept under new keys.
	Erase(ctx context.Context, pool string, persons ...inquiry.ID) error
}
