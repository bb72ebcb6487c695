package adapters

import (
	"context"

	"github.com/answerable-go/answerable/inquiry"
)

// Source is a platform that messages come from.
//
// Receive hands over messages, one after the other, until ctx ends, until there
// are no more (it returns nil) or until it fails (the Engine calls it again
// after a back-off). after is the cursor of the last message that was accepted,
// "" at first; Receive goes on with the message after it. If the platform's
// cursors are too coarse for that, it may hand over some messages again, but
// must not leave any out: the same External id and Revision are accepted only
// once.
//
// A Source calls deliver from one goroutine, in the platform's order, and goes
// on only when deliver has returned nil. When deliver returns an error, Receive
// returns that error.
//
// Every message has External, Channel and At, and whatever else the platform
// tells. An edit has the External of the message that it replaces, and a higher
// Revision. So has a deletion, with a text that says so: what was asked is not
// forgotten by itself, its owner decides what to do about it. A Source must not
// keep or change a message after handing it over.
type Source interface {
	Receive(ctx context.Context, after string, deliver Deliver) error
}

// Deliver accepts a message, with the cursor to go on from after it. It returns
// nil only once the message is stored for good. The Engine provides it; a
// [Source] calls it.
type Deliver func(ctx context.Context, m inquiry.Message, cursor string) error

// SourceFunc makes a function a [Source].
type SourceFunc func(ctx context.Context, after string, deliver Deliver) error

// Receive calls f.
func (f SourceFunc) Receive(ctx context.Context, after string, deliver Deliver) error {
	return f(ctx, after, deliver)
}

// Replier is an optional interface of a [Source] that can also post replies.
// Without it, a reply through that source fails at once, and its owner is told.
//
// Reply posts a reply and returns the platform's id of what was posted. It is
// called at most once for each reply, and is safe for concurrent use. If it
// returns an error for which errors.Is(err, [ErrNotSent]) holds, nothing was
// sent, and the reply has failed. After any other error the reply may have been
// posted, and its fate is unknown. If ctx has ended already, Reply sends
// nothing and returns ErrNotSent.
type Replier interface {
	Reply(ctx context.Context, out inquiry.Outbound) (external string, err error)
}

// Notifier tells owners what happened. After an error the Engine tries again,
// with back-off, so the same effect may arrive more than once, always with the
// same ID. Effects are carried out concurrently, so one may overtake another;
// Seq tells their order. Notify is safe for concurrent use and returns when ctx
// ends.
type Notifier interface {
	Notify(ctx context.Context, e inquiry.Effect) error
}

// NotifierFunc makes a function a [Notifier].
type NotifierFunc func(ctx context.Context, e inquiry.Effect) error

// Notify calls f.
func (f NotifierFunc) Notify(ctx context.Context, e inquiry.Effect) error { return f(ctx, e) }

// Screener is one stage of screening. It is given a message and the facts that
// are known so far, and returns these facts with its own added.
//
// Stages run in order, before the core. What they find enters the journal, so a
// stage need not be deterministic. A stage that fails, panics or does not
// return in time is skipped, and that is logged: no message is lost to it.
// Screen is safe for concurrent use.
type Screener interface {
	Screen(ctx context.Context, m inquiry.Message, known inquiry.Facts) (inquiry.Facts, error)
}

// ScreenerFunc makes a function a [Screener].
type ScreenerFunc func(ctx context.Context, m inquiry.Message, known inquiry.Facts) (inquiry.Facts, error)

// Screen calls f.
func (f ScreenerFunc) Screen(ctx context.Context, m inquiry.Message, known inquiry.Facts) (inquiry.Facts, error) {
	return f(ctx, m, known)
}

// Scorer is the host's own judgement of who suits a message. It is given the
// message and what screening found, and returns bonuses of owners: at most
// [inquiry.MaxBonuses], each from 0 to [inquiry.MaxBonus]. Owners that it
// leaves out get none. A bonus is a part of the owner's score, with the weight
// that the policy gives it (0 by default). It opens no gate.
//
// Like a [Screener] it runs before the core, and what it returns enters the
// journal, so it need not be deterministic. If it fails, panics or returns what
// is out of bounds, there are no bonuses, and that is logged: no message is
// lost to it. Score is safe for concurrent use.
type Scorer interface {
	Score(ctx context.Context, m inquiry.Message, known inquiry.Facts) ([]inquiry.Bonus, error)
}

// ScorerFunc makes a function a [Scorer].
type ScorerFunc func(ctx context.Context, m inquiry.Message, known inquiry.Facts) ([]inquiry.Bonus, error)

// Score calls f.
func (f ScorerFunc) Score(ctx context.Context, m inquiry.Message, known inquiry.Facts) ([]inquiry.Bonus, error) {
	return f(ctx, m, known)
}

// Directory lists everybody who can own an inquiry: the host's own table of
// people. The Engine asks it when it begins to lead, and at intervals. An owner
// who is missing from the list leaves the roster. After an error, or if anything of
// the list is refused, the roster stays as it was, and the Engine's log tells why;
// one that is refused while nobody is on the roster ends its Run.
type Directory interface {
	Owners(ctx context.Context) ([]inquiry.Owner, error)
}

// DirectoryFunc makes a function a [Directory].
type DirectoryFunc func(ctx context.Context) ([]inquiry.Owner, error)

// Owners calls f.
func (f DirectoryFunc) Owners(ctx context.Context) ([]inquiry.Owner, error) { return f(ctx) }

// Owners is a [Directory] with a fixed list.
type Owners []inquiry.Owner

// Owners returns the list.
func (o Owners) Owners(context.Context) ([]inquiry.Owner, error) { return o, nil }
