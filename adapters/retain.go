package adapters

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/answerable-go/answerable/inquiry"
)

// Retainer is an optional interface of a [Store] that can delete what is kept
// of closed inquiries. Without it everything is kept for ever.
type Retainer interface {
	// Retain deletes a portion of what is older than asked for, in one transaction
	// that nothing waits long for. The journal stays as it is, with its chain of
	// hashes; only what was derived from it or stored beside it goes. Inquiries
	// that are not closed stay, and so do those that an unsettled effect is about.
	// Outcomes stay, so that an input which is put again is recognised however late
	// that is.
	//
	// It is fenced like Append: the error is [ErrStale] unless the caller leads the
	// pool in that epoch. What was asked for is noted in the mark [RetainedKey], so
	// that whoever misses something can tell why it is gone. A damaged record is an
	// [ErrDamaged], and stays.
	Retain(ctx context.Context, r Retention) (Retained, error)
}

// Retention says what to delete. A zero instant deletes nothing.
type Retention struct {
	Pool  string
	Epoch uint64 // of the term in which the caller leads
	// Texts: inquiries that were closed before it lose what is personal. Their
	// messages and details stay, as [inquiry.Message.Erase] and
	// [inquiry.Details.Erase] leave them.
	Texts time.Time
	// Inquiries: those that were closed before it go, with their details, labels and
	// messages.
	Inquiries time.Time
	// Limit is how many inquiries go at most, and how many lose their texts at most.
	// 0 or less means 1,000.
	Limit int
}

// Most returns Limit, or its default.
func (r *Retention) Most() int {
	if r.Limit > 0 {
		return r.Limit
	}
	return 1000
}

// Retained says what a store has deleted.
type Retained struct {
	Texts     int  // how many inquiries lost their texts
	Inquiries int  // how many inquiries went
	More      bool // there may be more: ask again
}

// RetainedKey is the key of the mark in which a store notes what it was asked
// to delete; see [Gone].
const RetainedKey = "retained"

// Gone is the value of the mark [RetainedKey]: the latest Texts and Inquiries
// of any [Retention] so far.
type Gone struct {
	Texts     time.Time `json:"texts,omitzero"`
	Inquiries time.Time `json:"inquiries,omitzero"`
}

// ReadGone reads the value of the mark. An empty value means that nothing is
// gone.
func ReadGone(value []byte) (g Gone, err error) {
	if len(value) == 0 {
		return g, nil
	}
	if err := json.Unmarshal(value, &g); err != nil {
		return g, fmt.Errorf("adapters: mark %s: %w", RetainedKey, err)
	}
	return g, nil
}

// Mark returns the mark to be stored with a retention.
func (g Gone) Mark(r *Retention) (inquiry.Mark, error) {
	for _, t := range []struct{ old, now *time.Time }{{&g.Texts, &r.Texts}, {&g.Inquiries, &r.Inquiries}} {
		if t.now.After(*t.old) {
			*t.old = t.now.UTC()
		}
	}
	value, err := json.Marshal(g)
	return inquiry.Mark{Key: RetainedKey, Value: value}, err
}

// Retain calls the store's Retain; the error is [errors.ErrUnsupported] if it
// is no [Retainer].
func Retain(ctx context.Context, s Store, r Retention) (Retained, error) {
	k, ok := s.(Retainer)
	if !ok {
		return Retained{}, fmt.Errorf("adapters: the store %T keeps everything for ever: %w", s, errors.ErrUnsupported)
	}
	return k.Retain(ctx, r)
}
