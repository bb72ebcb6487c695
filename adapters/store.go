package adapters

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/answerable-go/answerable/inquiry"
)

// Errors of a [Store], to be found with errors.Is. A store joins them with the
// raw error of its driver: fmt.Errorf("%w: %w", ErrUnavailable, err).
var (
	// ErrStale: the commit was decided from an epoch or a head that is not the
	// journal's any more. Nothing of it was kept.
	ErrStale = errors.New("adapters: stale: the journal has moved on")
	// ErrUnavailable: the store cannot be reached or refuses work for now.
	// Nothing was kept.
	ErrUnavailable = errors.New("adapters: the store is unavailable")
	// ErrUnknown: whether the commit was kept is not known. The journal tells.
	ErrUnknown = errors.New("adapters: the fate of the commit is unknown")
	// ErrFormat: the pool was led by a newer version of the library, whose
	// events this one may not understand.
	ErrFormat = errors.New("adapters: the pool has a newer format")
	// ErrDamaged: what the store holds is not what was written, by a fault of the
	// hardware or somebody's hand. A [*DamageError] tells what. It is never served,
	// and trying again does not help: restore a backup.
	ErrDamaged = errors.New("adapters: what the store holds is damaged")
	// ErrClosed: the store was closed.
	ErrClosed = errors.New("adapters: the store is closed")
	// ErrNotSent is returned by a [Replier] when nothing left the house.
	ErrNotSent = errors.New("adapters: the reply was not sent")
)

// Inbox takes inputs in, at any node. A store's InTx method, where it has one,
// returns an Inbox bound to a transaction of the host's.
type Inbox interface {
	// Put stores inputs durably, in order. An input whose id is in the inbox
	// already, or has an outcome, is passed over: once per key. An error means
	// that none was kept (ErrUnavailable) or that it is not known (ErrUnknown);
	// putting them again is always safe. An input whose message was prepared for
	// another pool is an error that says so, and none is kept (H7). A put that goes on beside the very commit
	// that decides an input may leave it in the inbox behind its outcome: whoever
	// takes an input from there asks for its outcome first.
	Put(ctx context.Context, pool string, inputs ...inquiry.Input) error
}

// Store keeps a pool's truth: one journal, and beside it what can be derived
// from it but is wanted at once. Every method is safe for concurrent use, and
// returns promptly, with the context's error joined, when ctx ends. Pools never
// see each other.
//
// Errors are [ErrUnavailable], [ErrUnknown] (Put and Append only), [ErrStale]
// (Append only), [ErrFormat] (Lead only), [ErrDamaged], [ErrClosed], or the context's. Unless
// ErrUnknown is joined, an error means that nothing was kept, the context's
// included; but for one of Lead, behind which the claim may have been granted all
// the same: claim again with epoch 0.
//
// The pool of a call is its argument or its struct's Pool field; the Pool inside
// events, rows and messages repeats it and need not be checked, but for that of the
// messages of a Put, whose pool a host may get wrong. An empty pool
// name is a name like any other.
type Store interface {
	Inbox

	// Pending lists inputs of the inbox, oldest first, at most limit, none for a
	// limit of 0 or less.
	Pending(ctx context.Context, pool string, limit int) ([]inquiry.Input, error)

	// Outcomes are those that are known of the given inputs, in any order.
	Outcomes(ctx context.Context, pool string, inputs ...inquiry.ID) ([]inquiry.Outcome, error)

	// MessageRefs say which inquiry each of the given messages belongs to, closed
	// inquiries included, and in which revision it is kept, whoever it is from; in any
	// order, of one that is given twice once or twice. They see every commit whose
	// Append had returned before. Left out are those that the store does not have. One
	// whose text a [Retainer] erased is there as ever, one that went with its inquiry is
	// not.
	MessageRefs(ctx context.Context, pool string, messages ...inquiry.ID) ([]MessageRef, error)

	// Lead claims, renews or gives back the leadership of a pool.
	Lead(ctx context.Context, claim Claim) (Term, error)

	// Append keeps a commit whole or not at all. It is kept only if its epoch
	// is that of the newest term, which has not ended by the store's clock, and
	// its head is the journal's; otherwise it fails with ErrStale. When it
	// returns nil the commit survives a crash at any later instant. Events that
	// do not follow the head without a gap are the caller's fault: any error, and
	// nothing is kept. Rows and messages of customers change together with events
	// only, so that what they are is told by the head.
	//
	// A message replaces an earlier one of the same id unless that has a higher
	// revision, and keeps its place in the order. The first outcome of an input
	// stays. A mark with a nil value deletes its key; an empty value is a value.
	Append(ctx context.Context, c Commit) error

	// Recover is everything that a leader needs to go on, read at one instant
	// of the journal.
	Recover(ctx context.Context, pool string) (Recovery, error)

	// Find lists inquiries in the query's order. It sees every commit whose
	// Append had returned before. A query that inquiry.Query.Validate refuses is
	// refused with that error.
	Find(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error)

	// Messages are an inquiry's messages and replies in the order in which
	// they were stored, in their newest revision: all of them, or an error.
	Messages(ctx context.Context, pool string, id inquiry.ID) ([]inquiry.Message, error)

	// Journal yields the events behind a position, in order, without a gap, up
	// to the head at the time of the call or later. It ends at the first error,
	// and never silently before the head. The loop's body may call the store.
	Journal(ctx context.Context, pool string, after uint64) iter.Seq2[inquiry.Event, error]

	// Close releases what the store holds. Closing twice is fine.
	Close() error
}

// Claim asks for the leadership of a pool.
type Claim struct {
	Pool string
	Node string // unique among the processes that run at the same time
	// Epoch is that of the term which the claimant leads or led last, 0 if it
	// has led none. A claim with epoch 0 is granted at once where the same Node
	// leads: a restarted process need not wait for its own term to end. Epochs
	// begin at 1. A claim of the leading node with an epoch that is not the
	// current one comes from the process that was replaced, and is refused. One with
	// the current epoch renews the term, also when that has ended and nobody has led
	// since.
	Epoch uint64
	// Format is the newest event format that the claimant understands. Below the
	// highest that was granted a claim is an ErrFormat, whatever it asks for.
	Format int
	// For is how long the term is to last from now, by the store's clock. Zero
	// gives back a term that one leads, in the current epoch or with epoch 0, so that
	// another node may lead at once; no new one begins, Granted is false, and it is no
	// error if one leads nothing.
	For time.Duration
}

// Term is the leadership of a pool as it stands after a claim.
type Term struct {
	// Granted says that the claimant leads. Otherwise Node does, until Until.
	Granted bool
	// Epoch rises by one with each new term and stays when one is renewed.
	Epoch uint64
	Node  string
	Until time.Time // by the store's clock
	Now   time.Time // the store's clock
}

// Commit is one append to a pool's journal.
type Commit struct {
	Pool  string
	Epoch uint64
	Head  uint64 // the position of the last event it was decided from; its own follow
	inquiry.Batch
	// Prepared is what the store's Prepare returned for this commit, if it is a
	// [Preparer] and was asked. It is nobody's but the store's.
	Prepared any
}

// Recovery is a pool at one position of its journal.
type Recovery struct {
	Head       uint64
	RecordedAt time.Time        // record time of the event at the head
	Rows       []inquiry.Row    // every inquiry that is not closed, in the order of ids
	Messages   []MessageRef     // the customers' messages of these, for edits; in any order
	Marks      []inquiry.Mark   // in the order of keys
	Effects    []inquiry.Effect // not yet settled, in the order of Seq and then as appended
}

// MessageRef says which inquiry a message belongs to and which revision is kept.
type MessageRef = inquiry.MessageRef

// DamageError names a record that is not as it was written.
type DamageError struct {
	Pool string
	// Kind is what it is, and Key which: "event" and its position, "inquiry",
	// "details", "message", "input", "outcome" or "effect" and its id, "mark" and
	// its key, "term", or a word of the store's own for what belongs to no pool.
	Kind, Key string
	Detail    string // what was found, and what was expected
}

func (e *DamageError) Error() string {
	if e.Kind == "" {
		return fmt.Sprintf("%s: %s", ErrDamaged, e.Detail)
	}
	return fmt.Sprintf("%s: pool %q, %s %s: %s", ErrDamaged, e.Pool, e.Kind, e.Key, e.Detail)
}

// Unwrap makes it an [ErrDamaged].
func (e *DamageError) Unwrap() error { return ErrDamaged }

// Checker is an optional method of a [Store] that can tell whether what it holds
// of a pool is still what was written.
type Checker interface {
	// Check reads all that the store holds of a pool, calls damaged for each
	// record that is not as it was written, and goes on as far as it can. Where
	// the journal is broken it follows the chain on behind the break. The error
	// is that of a store that could not be read to the end. It takes a while,
	// holds no lock that keeps others from working, and what is written meanwhile
	// is none of its concern.
	Check(ctx context.Context, pool string, damaged func(*DamageError)) (Checked, error)
}

// Checked is how far a check came.
type Checked struct {
	// Head is the position of the last event that was read, Hash the chain's there:
	// noted down elsewhere it vouches for the journal up to that position.
	Head uint64
	Hash inquiry.Hash
	// Records are how many were read, events included.
	Records int
}

// Waker is an optional method of a [Store] that several processes share: it
// tells a node at once what others did. Without it, or where it fails, nodes
// find that out by polling: nothing is lost, it only takes longer, for inputs
// of other nodes up to dispatch.Config.PollEvery.
type Waker interface {
	// Wake calls woken whenever something in a pool may be new that did not
	// come through this very Store, and once when it begins to listen, because
	// what was said before was not heard. It may call it for nothing. It blocks
	// until ctx ends, and then returns the context's error, or until it fails:
	// the Engine calls it again after a while, unless the error satisfies
	// errors.Is(err, errors.ErrUnsupported), which says that it will never work.
	//
	// woken returns at once and may be called from several goroutines, never
	// after Wake has returned.
	Wake(ctx context.Context, pool string, woken func(News)) error
}

// News is what may be new in a pool: one or several of the following.
type News uint8

const (
	// NewInputs means that inputs were put into the inbox, also by a transaction
	// of the host's on this node.
	NewInputs News = 1 << iota
	// NewEvents means that the journal has grown, and outcomes may be known.
	NewEvents
	// NewTerm means that a leader gave its term back: another node may lead.
	NewTerm
)
