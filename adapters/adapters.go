package adapters

import (
	"context"

	"github.com/answerable-go/answerable/inquiry"
)

// Source is a platform that messages come from.
//
// Receive hands over messages one after the other until ctx ends, the source
// is exhausted (nil) or fails for good (an error; the Engine calls Receive
// again after a back-off). after is the cursor of the last message that was
// accepted, "" at first. A Source calls deliver from one goroutine, in the
// platform's order, and goes on only when deliver returned nil; after an error
// it returns that error. Behind a cursor it goes on with the next message;
// where the platform's cursors are too coarse for that it may hand over some
// messages again, never fewer: intake is idempotent by the message's External id
// and Revision.
//
// Every message has External, Channel and At; the rest as far as the platform
// tells. An edit has the External of what it replaces and a higher Revision. So has
// a deletion, with a text that says so: what was asked is not forgotten by itself,
// and its owner decides what becomes of it. A Source does not keep or change a
// message after handing it over.
type Source interface {
	Receive(ctx context.Context, after string, deliver Deliver) error
}

// Deliver accepts a message with the cursor behind it. It returns nil only once
// the message is stored for good. It is the Engine's; a Source calls it.
type Deliver func(ctx context.Context, m inquiry.Message, cursor string) error

// SourceFunc is a function as a [Source].
type SourceFunc func(ctx context.Context, after string, deliver Deliver) error

// Receive calls f.
func (f SourceFunc) Receive(ctx context.Context, after string, deliver Deliver) error {
	return f(ctx, after, deliver)
}

// Replier is the other direction of a [Source], optional: without it a reply
// through that source fails at once and its owner is told.
//
// Reply is called at most once for a reply. With a context that has ended
// already it sends nothing and returns ErrNotSent. It returns the platform's id of
// what was posted. An error that satisfies errors.Is(err, ErrNotSent) means
// that nothing left the house, and the reply becomes failed; any other error
// makes its fate unknown, because it may have been posted after all.
// Reply is safe for concurrent use.
type Replier interface {
	Reply(ctx context.Context, out inquiry.Outbound) (external string, err error)
}

// Notifier tells owners what happened. An error makes the Engine try again,
// with back-off; the same effect may therefore arrive more than once, always
// with the same ID. Effects are carried out side by side, so one may overtake
// another; Seq tells their order. Notify is safe for concurrent use and returns when ctx ends.
type Notifier interface {
	Notify(ctx context.Context, e inquiry.Effect) error
}

// NotifierFunc is a function as a [Notifier].
type NotifierFunc func(ctx context.Context, e inquiry.Effect) error

// Notify calls f.
func (f NotifierFunc) Notify(ctx context.Context, e inquiry.Effect) error { return f(ctx, e) }

// Screener is one stage of screening: it adds to what is known of a message.
// It is given the facts so far and returns them with its own added. Stages run
// in order, before the core; what they found enters the journal, so a stage may
// be as undeterministic as it likes. A stage that fails, panics or does not return in
// time is skipped and logged: no message is lost to it. Screen is safe for concurrent use.
type Screener interface {
	Screen(ctx context.Context, m inquiry.Message, known inquiry.Facts) (inquiry.Facts, error)
}

// ScreenerFunc is a function as a [Screener].
type ScreenerFunc func(ctx context.Context, m inquiry.Message, known inquiry.Facts) (inquiry.Facts, error)

// Screen calls f.
func (f ScreenerFunc) Screen(ctx context.Context, m inquiry.Message, known inquiry.Facts) (inquiry.Facts, error) {
	return f(ctx, m, known)
}

// Scorer is a host's own judgement of who suits a message. It is given the
// message and what screening found of it, and returns bonuses of owners, 0 to
// inquiry.MaxBonus each and at most inquiry.MaxBonuses; who is not among them
// gets none. A bonus is a part of the owner's score by the weight that the
// policy gives it, 0 unless it says otherwise; it opens no gate. It runs beside
// the screeners, before the core, and what it returned enters the journal, so it
// may be as undeterministic as it likes. Where it fails, panics or returns what
// is out of bounds, there are no bonuses and a line is logged: no message is
// lost to it. Score is safe for concurrent use.
type Scorer interface {
	Score(ctx context.Context, m inquiry.Message, known inquiry.Facts) ([]inquiry.Bonus, error)
}

// ScorerFunc is a function as a [Scorer].
type ScorerFunc func(ctx context.Context, m inquiry.Message, known inquiry.Facts) ([]inquiry.Bonus, error)

// Score calls f.
func (f ScorerFunc) Score(ctx context.Context, m inquiry.Message, known inquiry.Facts) ([]inquiry.Bonus, error) {
	return f(ctx, m, known)
}

// Directory lists everybody who can own an inquiry: the host's own table of
// people. The Engine asks at its start and at intervals, and whoever is missing
// from the list leaves the roster; an error leaves the roster as it was.
type Directory interface {
	Owners(ctx context.Context) ([]inquiry.Owner, error)
}

// DirectoryFunc is a function as a [Directory].
type DirectoryFunc func(ctx context.Context) ([]inquiry.Owner, error)

// Owners calls f.
func (f DirectoryFunc) Owners(ctx context.Context) ([]inquiry.Owner, error) { return f(ctx) }

// Owners is a fixed list as a [Directory].
type Owners []inquiry.Owner

// Owners returns the list.
func (o Owners) Owners(context.Context) ([]inquiry.Owner, error) { return o, nil }
