package adapters

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/answerable-go/answerable/inquiry"
)

// Errors that adapters return, for errors.Is. A [Store] joins them with the error
// of its driver: fmt.Errorf("%w: %w", ErrUnavailable, err).
var (
	// ErrStale: the commit was decided as of an epoch or a head that is not the
	// journal's any more. Nothing of it was kept.
	ErrStale = errors.New("adapters: stale: the journal has moved on")
	// ErrUnavailable: the store cannot be reached or refuses work for now.
	// Nothing was kept.
	ErrUnavailable = errors.New("adapters: the store is unavailable")
	// ErrUnknown: it is not known whether the commit, or the put, was kept. Read the
	// journal to find out.
	ErrUnknown = errors.New("adapters: the fate of the commit is unknown")
	// ErrFormat: the pool was led by a newer version of the library, whose
	// events this one may not understand.
	ErrFormat = errors.New("adapters: the pool has a newer format")
	// ErrDamaged: what the store holds is not what was written, because the hardware
	// failed or somebody changed it. A [*DamageError] names the record, which is
	// never served. Trying again does not help: restore a backup.
	ErrDamaged = errors.New("adapters: what the store holds is damaged")
	// ErrClosed: the store was closed.
	ErrClosed = errors.New("adapters: the store is closed")
	// ErrNotSent is returned by a [Replier] that has sent nothing.
	ErrNotSent = errors.New("adapters: the reply was not sent")
)

// Inbox takes inputs in, on any node. A store's InTx method, if it has one,
// returns an Inbox that is bound to a transaction of the host's.
type Inbox interface {
	// Put stores inputs durably, in order. An input whose id is in the inbox
	// already, or has an outcome, is skipped, so that an input is decided once per
	// key. After an error none was kept ([ErrUnavailable]), or that is not known
	// ([ErrUnknown]); putting them again is always safe. If a message was prepared
	// for another pool, the error says so, and no input is kept (H7).
	//
	// A Put that runs at the same time as the commit that decides an input may
	// leave that input in the inbox. So whoever takes an input from there asks for
	// its outcome first.
	Put(ctx context.Context, pool string, inputs ...inquiry.Input) error
}

// Store keeps the journals of pools, and beside each what is derived from it
// but is needed at once. Every method is safe for concurrent use, and returns
// promptly when ctx ends, with the context's error joined. Pools never see each
// other.
//
// Errors are [ErrUnavailable], [ErrUnknown] (Put and Append only), [ErrStale]
// (Append only), [ErrFormat] (Lead only), [ErrDamaged], [ErrClosed], or the
// context's. Unless ErrUnknown is joined, an error means that nothing was kept,
// even if it is the context's. Lead is the exception: after an error the claim
// may have been granted; claim again with epoch 0.
//
// The pool of a call is its argument, or the Pool field of its struct. The Pool
// inside events, rows and messages repeats it and need not be checked, except
// for the messages of a Put, where a host may get it wrong. An empty pool name
// is a name like any other.
type Store interface {
	Inbox

	// Pending lists inputs of the inbox, oldest first, at most limit of them; none
	// if limit is 0 or less.
	Pending(ctx context.Context, pool string, limit int) ([]inquiry.Input, error)

	// Outcomes returns the outcomes of the given inputs that are known, in any
	// order.
	Outcomes(ctx context.Context, pool string, inputs ...inquiry.ID) ([]inquiry.Outcome, error)

	// MessageRefs returns for each of the given messages, whoever they are from,
	// which inquiry it belongs to (closed ones included) and which revision is
	// stored. They come in any order; one that is asked for twice may come twice.
	// Messages that the store does not have are left out. It sees every commit whose
	// Append had returned before.
	//
	// A message whose text a [Retainer] erased is still there; one that went
	// together with its inquiry is not.
	MessageRefs(ctx context.Context, pool string, messages ...inquiry.ID) ([]MessageRef, error)

	// Lead claims, renews or gives back the leadership of a pool.
	Lead(ctx context.Context, claim Claim) (Term, error)

	// Append keeps a commit as a whole, or nothing of it. It fails with [ErrStale]
	// unless the commit's epoch is that of the newest term, that term has not ended
	// by the store's clock, and the commit's head is the journal's. When it returns
	// nil, the commit survives a crash at any later time. Events that do not follow
	// the head without a gap are a mistake of the caller: the error may be any, and
	// nothing is kept. Rows and customers' messages change only together with
	// events, so the head tells what they are.
	//
	// A message replaces an earlier one with the same id, unless that has a higher
	// revision, and keeps its place in the order. The first outcome of an input
	// stays. A mark with a nil value deletes its key; an empty value is a value.
	Append(ctx context.Context, c Commit) error

	// Recover returns everything that a new leader needs, as of one position of the
	// journal.
	Recover(ctx context.Context, pool string) (Recovery, error)

	// Find lists inquiries in the query's order. It sees every commit whose Append
	// had returned before. A query that [inquiry.Query.Validate] refuses fails with
	// that error.
	Find(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error)

	// Messages returns an inquiry's messages and replies, in the order in which
	// they were first stored and in their newest revision: all of them, or an
	// error.
	Messages(ctx context.Context, pool string, id inquiry.ID) ([]inquiry.Message, error)

	// Journal yields the events after a position, in order and without a gap, up to
	// the head at the time of the call or a later one. It ends at the first error,
	// and never silently before the head. The loop's body may call the store.
	Journal(ctx context.Context, pool string, after uint64) iter.Seq2[inquiry.Event, error]

	// Close releases what the store holds. Closing twice is fine.
	Close() error
}

// Claim asks for the leadership of a pool: for a new term, or to renew or give
// back one.
type Claim struct {
	Pool string
	Node string // unique among the processes that run at the same time
	// Epoch is the epoch of the term that the claimant leads or has led last, 0 if
	// there is none. Epochs begin at 1. If Node leads already:
	//
	//   - The current epoch renews the term, even if it has ended, as long as nobody
	//     has led since.
	//   - Epoch 0 is granted a new term at once, so that a restarted process need not
	//     wait for its own term to end.
	//   - Any other epoch is refused: it comes from the process that was replaced.
	Epoch uint64
	// Format is the newest event format that the claimant understands. If it is below
	// the highest one of any claim that was granted, the claim fails with ErrFormat.
	Format int
	// For is how long the term is to last from now, by the store's clock. Zero gives
	// the term back that Node leads (with the current epoch, or epoch 0), so that
	// another node may lead at once. No term begins and Granted is false; it is no
	// error if Node leads nothing.
	For time.Duration
}

// Term is the leadership of a pool after a claim.
type Term struct {
	// Granted says that the claimant leads. If it is false, Node leads until Until.
	Granted bool
	// Epoch rises by one with each new term, and stays when a term is renewed.
	Epoch uint64
	Node  string
	Until time.Time // by the store's clock
	Now   time.Time // the store's clock
}

// Commit is one append to a pool's journal.
type Commit struct {
	Pool  string
	Epoch uint64
	Head  uint64 // the position as of which it was decided; its events follow
	inquiry.Batch
	// Prepared is what the store's Prepare returned for this commit, if the store is
	// a [Preparer] and was asked. Only the store looks into it.
	Prepared any
}

// Recovery is what a leader needs of a pool, at one position of its journal.
type Recovery struct {
	Head       uint64
	RecordedAt time.Time        // record time of the event at the head
	Rows       []inquiry.Row    // every inquiry that is not closed, in the order of ids
	Messages   []MessageRef     // the customers' messages of these inquiries, in any order
	Marks      []inquiry.Mark   // in the order of keys
	Effects    []inquiry.Effect // not yet settled, in the order of Seq and then as appended
}

// MessageRef says which inquiry a message belongs to, and which revision of it is
// stored.
type MessageRef = inquiry.MessageRef

// DamageError names a record that is not as it was written. It is an
// [ErrDamaged].
type DamageError struct {
	Pool string
	// Kind says what kind of record it is, and Key which one: "event" has its
	// position as key; "inquiry", "details", "message", "input", "outcome" and
	// "effect" their id; "mark" its key; "term" none. For what belongs to no pool,
	// a store has words of its own.
	Kind, Key string
	Detail    string // what was found, and what was expected
}

// Error implements error.
func (e *DamageError) Error() string {
	if e.Kind == "" {
		return fmt.Sprintf("%s: %s", ErrDamaged, e.Detail)
	}
	return fmt.Sprintf("%s: pool %q, %s %s: %s", ErrDamaged, e.Pool, e.Kind, e.Key, e.Detail)
}

// Unwrap returns [ErrDamaged].
func (e *DamageError) Unwrap() error { return ErrDamaged }

// Checker is an optional interface of a [Store] that can check whether what it
// holds of a pool is still what was written.
type Checker interface {
	// Check reads everything that the store holds of a pool, and calls damaged for
	// each record that is not as it was written. It goes on as far as it can: where
	// the journal is broken, it follows the chain from behind the break. The error
	// says that the store could not be read to the end.
	//
	// It may take long, but holds no lock that keeps others from working. What is
	// written meanwhile need not be checked.
	Check(ctx context.Context, pool string, damaged func(*DamageError)) (Checked, error)
}

// Checked says how far a check came.
type Checked struct {
	// Head is the position of the last event that was read, and Hash that of the
	// chain there. Whoever notes these down elsewhere can prove later that the
	// journal up to there was not changed.
	Head uint64
	Hash inquiry.Hash
	// Records is how many records were read, events included.
	Records int
}

// Waker is an optional interface of a [Store] that several processes share: it
// tells a node at once what others did. Without it, or when it fails, nodes
// find out by polling. Nothing is lost then; it only takes longer, up to
// dispatch.Config.PollEvery for the inputs of other nodes.
type Waker interface {
	// Wake calls woken whenever there may be something new in a pool that did not
	// come through this Store, and once when it begins to listen, because it has
	// not heard what happened before. It may call woken for nothing. Wake blocks
	// until ctx ends, and then returns the context's error, or until it fails. The
	// Engine then calls it again after a while, unless errors.Is(err,
	// errors.ErrUnsupported), which means that it will never work.
	//
	// woken returns at once. It may be called from several goroutines, but not
	// after Wake has returned.
	Wake(ctx context.Context, pool string, woken func(News)) error
}

// News says what may be new in a pool. It is a set of the following.
type News uint8

const (
	// NewInputs means that inputs were put into the inbox, including those that a
	// transaction of the host's put there on this node.
	NewInputs News = 1 << iota
	// NewEvents means that the journal has grown, so that outcomes may be known.
	NewEvents
	// NewTerm means that a leader gave its term back, so that another node may lead.
	NewTerm
)
