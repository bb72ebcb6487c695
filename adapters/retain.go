package adapters

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/answerable-go/answerable/inquiry"
)

// Retainer is an optional method of a [Store] that can let go of what is over.
// Without it everything is kept for ever.
type Retainer interface {
	// Retain lets go of a portion of what is older than asked for, in one
	// transaction that nothing has to wait long for. The journal stays as it is,
	// with its chain of hashes; what goes is what was derived from it or lay beside
	// it. Nothing goes of an inquiry that is not closed, or that an effect which
	// is not settled yet is about. Outcomes stay: by them an input that is put again is
	// told from a new one, however late that is.
	//
	// It is fenced like Append: ErrStale unless the caller leads the pool in that
	// epoch. What it was asked for stands among the marks, under RetainedKey, so
	// that whoever misses something can tell that it was let go of. A record that
	// is damaged is an ErrDamaged, and stays.
	Retain(ctx context.Context, r Retention) (Retained, error)
}

// Retention is what to let go of. An instant that is zero lets go of nothing.
type Retention struct {
	Pool  string
	Epoch uint64 // of the term in which the caller leads
	// Texts: of inquiries that were closed before it, what is personal goes:
	// messages and details stay, erased as by inquiry.Message.Erase and
	// inquiry.Details.Erase.
	Texts time.Time
	// Inquiries that were closed before it go with their details, labels and
	// messages: nobody finds them any more.
	Inquiries time.Time
	// Limit is how many inquiries go at most, and how many lose their texts. 0 or
	// less means 1,000.
	Limit int
}

// Most is Limit, or its default.
func (r *Retention) Most() int {
	if r.Limit > 0 {
		return r.Limit
	}
	return 1000
}

// Retained is what a store let go of.
type Retained struct {
	Texts     int // of so many inquiries
	Inquiries int
	More      bool // there may be more: ask again
}

// RetainedKey is the key of the mark that says what was let go of.
const RetainedKey = "retained"

// Gone is what the mark under [RetainedKey] says: the latest instants that a pool
// was asked to let go of what was before.
type Gone struct {
	Texts     time.Time `json:"texts,omitzero"`
	Inquiries time.Time `json:"inquiries,omitzero"`
}

// ReadGone reads the value of the mark; none is nothing gone.
func ReadGone(value []byte) (g Gone, err error) {
	if len(value) == 0 {
		return g, nil
	}
	if err := json.Unmarshal(value, &g); err != nil {
		return g, fmt.Errorf("adapters: mark %s: %w", RetainedKey, err)
	}
	return g, nil
}

// Mark is the mark to be kept after a retention.
func (g Gone) Mark(r *Retention) (inquiry.Mark, error) {
	for _, t := range []struct{ old, now *time.Time }{{&g.Texts, &r.Texts}, {&g.Inquiries, &r.Inquiries}} {
		if t.now.After(*t.old) {
			*t.old = t.now.UTC()
		}
	}
	value, err := json.Marshal(g)
	return inquiry.Mark{Key: RetainedKey, Value: value}, err
}

// Retain asks a store to let go; the error is errors.ErrUnsupported if it is no
// [Retainer].
func Retain(ctx context.Context, s Store, r Retention) (Retained, error) {
	k, ok := s.(Retainer)
	if !ok {
		return Retained{}, fmt.Errorf("adapters: the store %T keeps everything for ever: %w", s, errors.ErrUnsupported)
	}
	return k.Retain(ctx, r)
}
