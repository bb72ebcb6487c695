package verify_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/verify"
)

// liar is a store that says something else than it was told.
type liar struct {
	adapters.Store
	recovery func(*adapters.Recovery)
	found    func([]inquiry.Inquiry) []inquiry.Inquiry
	outcomes func([]inquiry.Outcome) []inquiry.Outcome
	refs     func([]adapters.MessageRef) []adapters.MessageRef
	pending  []inquiry.Input
	events   func(inquiry.Event) error
	damage   []*adapters.DamageError
	hash     inquiry.Hash
}

func (l *liar) Check(ctx context.Context, pool string, damaged func(*adapters.DamageError)) (adapters.Checked, error) {
	for _, d := range l.damage {
		damaged(d)
	}
	checked, err := l.Store.(adapters.Checker).Check(ctx, pool, func(*adapters.DamageError) {})
	if !l.hash.IsZero() {
		checked.Hash = l.hash
	}
	return checked, err
}

func (l *liar) Recover(ctx context.Context, pool string) (adapters.Recovery, error) {
	rec, err := l.Store.Recover(ctx, pool)
	if l.recovery != nil {
		l.recovery(&rec)
	}
	return rec, err
}

func (l *liar) Find(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
	found, err := l.Store.Find(ctx, q)
	if l.found != nil {
		found = l.found(found)
	}
	return found, err
}

func (l *liar) Outcomes(ctx context.Context, pool string, ids ...inquiry.ID) ([]inquiry.Outcome, error) {
	known, err := l.Store.Outcomes(ctx, pool, ids...)
	if l.outcomes != nil {
		known = l.outcomes(known)
	}
	return known, err
}

func (l *liar) MessageRefs(ctx context.Context, pool string, ids ...inquiry.ID) ([]adapters.MessageRef, error) {
	refs, err := l.Store.MessageRefs(ctx, pool, ids...)
	if l.refs != nil {
		refs = l.refs(refs)
	}
	return refs, err
}

func (l *liar) Pending(context.Context, string, int) ([]inquiry.Input, error) {
	return l.pending, nil
}

func (l *liar) Journal(ctx context.Context, pool string, after uint64) iter.Seq2[inquiry.Event, error] {
	return func(yield func(inquiry.Event, error) bool) {
		for e, err := range l.Store.Journal(ctx, pool, after) {
			if l.events != nil && err == nil {
				err = l.events(e)
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

type storeMutation struct {
	name   string
	rule   verify.Rule
	change func(*liar)
}

func storeMutations() []storeMutation {
	recovered := func(f func(*adapters.Recovery)) func(*liar) { return func(l *liar) { l.recovery = f } }
	told := func(f func([]adapters.MessageRef) []adapters.MessageRef) func(*liar) {
		return func(l *liar) { l.refs = f }
	}
	ghost := inquiry.DeriveID("ghost")
	effect := func(topic inquiry.Topic, f func(*inquiry.Effect)) func(*liar) {
		return recovered(func(r *adapters.Recovery) {
			i := slices.IndexFunc(r.Effects, func(e inquiry.Effect) bool { return e.Topic == topic })
			r.Effects = slices.Clone(r.Effects)
			f(&r.Effects[i])
		})
	}
	mark := func(kind string, f func(*inquiry.Mark)) func(*liar) {
		return recovered(func(r *adapters.Recovery) {
			i := slices.IndexFunc(r.Marks, func(m inquiry.Mark) bool { return strings.HasPrefix(m.Key, kind) })
			r.Marks = slices.Clone(r.Marks)
			f(&r.Marks[i])
		})
	}
	lost := func(kind string) func(*liar) { return mark(kind, func(m *inquiry.Mark) { m.Key = "cursor/lost" }) }
	instead := func(was, is string) func(*inquiry.Mark) {
		return func(m *inquiry.Mark) { m.Value = []byte(strings.Replace(string(m.Value), was, is, 1)) }
	}
	return []storeMutation{
		{"a head that the journal does not reach", verify.Sequence, recovered(func(r *adapters.Recovery) { r.Head++ })},
		{"a head of another instant", verify.Sequence, recovered(func(r *adapters.Recovery) { r.RecordedAt = r.RecordedAt.Add(1) })},
		{"another hash", verify.Chain, func(l *liar) { l.hash = inquiry.Hash{1} }},
		{"a damaged event", verify.Chain, func(l *liar) {
			l.damage = []*adapters.DamageError{{Pool: "pool", Kind: "event", Key: "7", Detail: "a bit flipped"}}
		}},
		{"a damaged mark", verify.Chain, func(l *liar) {
			l.damage = []*adapters.DamageError{{Pool: "pool", Kind: "mark", Key: "policy", Detail: "a bit flipped"}}
		}},
		{"an event that is not served", verify.Chain, func(l *liar) {
			l.events = func(e inquiry.Event) error {
				if e.Seq == 9 {
					return &adapters.DamageError{Pool: "pool", Kind: "event", Key: "9", Detail: "a bit flipped"}
				}
				return nil
			}
		}},
		{"a row lost", verify.Rows, recovered(func(r *adapters.Recovery) { r.Rows = r.Rows[1:] })},
		{"a row twice", verify.Rows, recovered(func(r *adapters.Recovery) { r.Rows = append(r.Rows, r.Rows[0]) })},
		{"a row that has no events", verify.Rows, recovered(func(r *adapters.Recovery) { r.Rows = append(r.Rows, inquiry.Row{ID: ghost}) })},
		{"a row of somebody else", verify.Rows, recovered(func(r *adapters.Recovery) {
			i := slices.IndexFunc(r.Rows, func(x inquiry.Row) bool { return x.Owner != "" })
			r.Rows[i].Owner = "mallory"
		})},
		{"a row a version behind", verify.Rows, recovered(func(r *adapters.Recovery) { r.Rows[0].Version-- })},
		{"a row due a nanosecond later", verify.Rows, recovered(func(r *adapters.Recovery) { r.Rows[0].Due = r.Rows[0].Due.Add(1) })},
		{"a closed row lost", verify.Rows, func(l *liar) { l.found = func([]inquiry.Inquiry) []inquiry.Inquiry { return nil } }},
		{"a closed row that changed", verify.Rows, func(l *liar) {
			l.found = func(f []inquiry.Inquiry) []inquiry.Inquiry { f[0].State = inquiry.StateQueued; return f }
		}},
		{"a message lost", verify.Messages, recovered(func(r *adapters.Recovery) { r.Messages = r.Messages[1:] })},
		{"a message that never came in", verify.Messages, recovered(func(r *adapters.Recovery) {
			r.Messages = append(r.Messages, inquiry.MessageRef{ID: ghost, Inquiry: r.Rows[0].ID})
		})},
		{"a message of another inquiry", verify.Messages, recovered(func(r *adapters.Recovery) { r.Messages[0].Inquiry = ghost })},
		{"a message in another revision", verify.Messages, recovered(func(r *adapters.Recovery) { r.Messages[0].Revision++ })},
		{"a closed inquiry's message lost", verify.Messages, told(func(r []adapters.MessageRef) []adapters.MessageRef { return r[1:] })},
		{"a closed inquiry's message that is another's", verify.Messages, told(func(r []adapters.MessageRef) []adapters.MessageRef {
			r[0].Inquiry = ghost
			return r
		})},
		{"a closed inquiry's message in an older revision", verify.Messages, told(func(r []adapters.MessageRef) []adapters.MessageRef {
			r[0].Revision--
			return r
		})},
		{"a closed inquiry's message in a newer revision", verify.Messages, told(func(r []adapters.MessageRef) []adapters.MessageRef {
			r[0].Revision++
			return r
		})},
		{"another policy", verify.Marks, mark("policy", instead("billing", "spelling"))},
		{"a policy lost", verify.Marks, lost("policy")},
		{"an owner lost", verify.Marks, lost("owner/")},
		{"an owner who can more", verify.Marks, mark("owner/", instead(`"level":3`, `"level":5`))},
		{"an owner who is not on the roster", verify.Marks, mark("owner/", func(m *inquiry.Mark) { m.Key = "owner/mallory" })},
		{"a plan lost", verify.Marks, lost("plan/")},
		{"another plan", verify.Marks, mark("plan/", instead(`"cost":`, `"cost":9`))},
		{"somebody away who is online", verify.Marks, mark("presence/", instead(`"online"`, `"away"`))},
		{"somebody leaving who is not", verify.Marks, mark("presence/", instead(`{"presence"`, `{"leaving":true,"presence"`))},
		{"something going back that is not", verify.Marks, mark("presence/", instead(`{"presence"`, `{"returns":[{"reason":"signed_off","from":"2026-03-02T09:00:00Z"}],"presence"`))},
		{"a limit lost", verify.Marks, lost("limit/")},
		{"a limit with a token more", verify.Marks, mark("limit/", func(m *inquiry.Mark) { m.Value = []byte(`"2026-03-02T09:00:00Z"`) })},
		{"matching that is paused by a mark", verify.Marks, recovered(func(r *adapters.Recovery) {
			r.Marks = append(r.Marks, inquiry.Mark{Key: "matching", Value: []byte(`{}`)})
		})},
		{"a reply that the outbox lost", verify.Effects, recovered(func(r *adapters.Recovery) {
			unsent := inquiry.DeriveID("approved")
			r.Effects = slices.DeleteFunc(r.Effects, func(e inquiry.Effect) bool { return e.Reply == unsent })
		})},
		{"an effect twice", verify.Effects, recovered(func(r *adapters.Recovery) { r.Effects = append(r.Effects, r.Effects[0]) })},
		{"an effect of another pool", verify.Effects, effect(inquiry.TellOffer, func(e *inquiry.Effect) { e.Pool = "other" })},
		{"an effect whose cause is not there", verify.Effects, effect(inquiry.TellOffer, func(e *inquiry.Effect) { e.Seq = 0 })},
		{"an effect of another cause", verify.Effects, effect(inquiry.TellOffer, func(e *inquiry.Effect) { e.Seq = 1 })},
		{"an effect of another instant", verify.Effects, effect(inquiry.TellOffer, func(e *inquiry.Effect) { e.At = e.At.Add(time.Second) })},
		{"an effect about nothing", verify.Effects, effect(inquiry.TellOffer, func(e *inquiry.Effect) { e.Inquiry = ghost })},
		{"an offer told to somebody else", verify.Effects, effect(inquiry.TellOffer, func(e *inquiry.Effect) { e.Owner = "mallory" })},
		{"a reply that nobody approved", verify.Effects, effect(inquiry.TellOffer, func(e *inquiry.Effect) { e.Topic, e.Reply = inquiry.SendReply, ghost })},
		{"an outcome lost", verify.Outcomes, func(l *liar) { l.outcomes = func(o []inquiry.Outcome) []inquiry.Outcome { return o[1:] } }},
		{"an outcome of another event", verify.Outcomes, func(l *liar) {
			l.outcomes = func(o []inquiry.Outcome) []inquiry.Outcome { o[0].Seq++; return o }
		}},
		{"an input carried out that still waits", verify.Outcomes, func(l *liar) { l.pending = []inquiry.Input{{ID: inquiry.InputID("pool", "1")}} }},
	}
}

// What a store says beside its journal is held against it, with a replay and
// without one.
func TestEveryLieOfAStoreIsReportedByItsRule(t *testing.T) {
	t.Parallel()
	for _, opt := range []verify.Options{{}, {Replay: true}} {
		r, err := verify.Store(t.Context(), open(t).day().store, "pool", opt)
		require.NoError(t, err)
		require.Empty(t, r.Findings)
		for _, rule := range []verify.Rule{verify.Chain, verify.Rows, verify.Messages, verify.Marks, verify.Effects, verify.Outcomes} {
			require.NotContains(t, r.Untried(), rule)
		}
		require.Equal(t, !opt.Replay, slices.Contains(r.Untried(), verify.Replayed))
		for _, m := range storeMutations() {
			t.Run(string(m.rule)+": "+m.name, func(t *testing.T) {
				t.Parallel()
				l := &liar{Store: open(t).day().store}
				m.change(l)
				r, err := verify.Store(t.Context(), l, "pool", opt)
				require.NoError(t, err)
				require.Contains(t, r.Rules(), m.rule, first(r.Findings))
			})
		}
	}
}

// A caller who gives up puts an input into the inbox while it is carried out, and
// the next look there takes it out: until then both is so.
func TestWhatWasJustCarriedOutMayStillBeInTheInbox(t *testing.T) {
	t.Parallel()
	store := open(t).day().store
	rec, err := store.Recover(t.Context(), "pool")
	require.NoError(t, err)
	for e, err := range store.Journal(t.Context(), "pool", 0) {
		require.NoError(t, err)
		if e.Cause.IsZero() {
			continue
		}
		r, err := verify.Store(t.Context(), &liar{Store: store, pending: []inquiry.Input{{ID: e.Cause}}}, "pool", verify.Options{})
		require.NoError(t, err)
		known, err := store.Outcomes(t.Context(), "pool", e.Cause)
		require.NoError(t, err)
		var decided inquiry.Event
		for e, err := range store.Journal(t.Context(), "pool", known[0].Seq-1) {
			require.NoError(t, err)
			decided = e
			break
		}
		if rec.RecordedAt.Sub(decided.RecordedAt) > time.Minute {
			require.Contains(t, r.Rules(), verify.Outcomes, "event %d", e.Seq)
		} else {
			require.Empty(t, r.Findings, "event %d", e.Seq)
		}
	}
}

// says is a message of somebody's, in a revision that is theirs or called ours.
func (o *office) says(from string, revision int, by inquiry.Direction) inquiry.Receive {
	m := inquiry.Message{
		Pool: "pool", ID: inquiry.DeriveID("message", from), Revision: revision, Direction: by, Source: "mail",
		Channel: "email", Account: "help@acme", At: o.now, Author: inquiry.Author{External: from}, Text: "text",
	}
	r := inquiry.Receive{Message: m, New: inquiry.DeriveID("inquiry", from, strconv.Itoa(revision))}
	r.Facts.Persons = []inquiry.ID{inquiry.PersonID(nil, "pool", "email", from)}
	return r
}

// A later revision may call a customer's message ours, or come in once its inquiry is
// closed; what was let go of is not missed.
func TestMessagesThatMovedOn(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.online("anna")
	sound := func(when string) {
		t.Helper()
		r, err := verify.Store(t.Context(), o.store, "pool", verify.Options{Replay: true})
		require.NoError(t, err)
		require.Empty(t, r.Findings, when)
	}
	stays, newer := o.do(o.says("kim", 1, inquiry.FromCustomer)), o.do(o.says("lou", 1, inquiry.FromCustomer))
	require.Equal(t, stays, o.do(o.says("kim", 3, inquiry.FromUs)))
	sound("where one is called ours")
	l := &liar{Store: o.store, recovery: func(r *adapters.Recovery) {
		r.Messages = slices.DeleteFunc(r.Messages, func(m adapters.MessageRef) bool { return m.Inquiry == stays })
	}}
	r, err := verify.Store(t.Context(), l, "pool", verify.Options{})
	require.NoError(t, err)
	require.Equal(t, []verify.Rule{verify.Messages}, r.Rules(), "it is not kept as the customer's")

	for _, id := range []inquiry.ID{stays, newer} {
		o.do(inquiry.Assign{Inquiry: id, Owner: "anna"})
		o.do(inquiry.Resolve{Inquiry: id, Owner: "anna"})
	}
	o.after(4 * time.Hour)
	sound("where their inquiries are closed")
	require.NotEqual(t, newer, o.do(o.says("lou", 2, inquiry.FromCustomer)))
	sound("where a newer one opened another inquiry")
	rec, err := o.store.Recover(t.Context(), "pool")
	require.NoError(t, err)
	var told inquiry.Batch // what an effect is about would stay
	for _, e := range rec.Effects {
		told.Settled = append(told.Settled, e.ID)
	}
	require.NoError(t, o.store.Append(t.Context(), adapters.Commit{Pool: "pool", Epoch: o.epoch, Head: rec.Head, Batch: told}))
	gone, err := o.store.Retain(t.Context(), adapters.Retention{Pool: "pool", Epoch: o.epoch, Inquiries: o.now})
	require.NoError(t, err)
	require.Equal(t, adapters.Retained{Inquiries: 2}, gone)
	sound("where the first inquiries are gone")
}

// Earlier versions had the journal and the store call a message ours from a revision on
// that did so.
func TestMessagesThatBecameOurs(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.sealed = func(b *inquiry.Batch) {
		for i := range b.Messages {
			if b.Messages[i].Revision == 3 {
				b.Messages[i].Direction = inquiry.FromUs
			}
		}
		for i := range b.Events {
			if in, ok := b.Events[i].Do.(inquiry.Receive); ok && in.Message.Revision == 3 {
				in.Message.Direction = inquiry.FromUs
				b.Events[i].Do = in
			}
		}
	}
	ours := o.do(o.says("kim", 1, inquiry.FromCustomer))
	o.do(o.says("kim", 3, inquiry.FromUs))
	l := &liar{Store: o.store}
	r, err := verify.Store(t.Context(), l, "pool", verify.Options{Replay: true})
	require.NoError(t, err)
	require.Empty(t, r.Findings)
	l.recovery = func(r *adapters.Recovery) {
		r.Messages = append(r.Messages, adapters.MessageRef{ID: inquiry.DeriveID("message", "kim"), Inquiry: ours, Revision: 3})
	}
	r, err = verify.Store(t.Context(), l, "pool", verify.Options{Replay: true})
	require.NoError(t, err)
	require.Equal(t, []verify.Rule{verify.Messages}, r.Rules(), "it is kept as a customer's")
}

// Of the marks and the outbox a replay tells more than the events do.
func TestWhatOnlyAReplayTells(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rule   verify.Rule
		change func(*adapters.Recovery)
	}{
		"an effect with another reason": {verify.Effects, func(r *adapters.Recovery) {
			r.Effects = slices.Clone(r.Effects)
			r.Effects[0].Reason += "x"
		}},
		"an effect that never came about": {verify.Effects, func(r *adapters.Recovery) {
			e := r.Effects[0]
			e.ID, e.Topic = inquiry.DeriveID("ghost"), inquiry.TellReminder
			r.Effects = append(r.Effects, e)
		}},
		"somebody idle since another instant": {verify.Marks, func(r *adapters.Recovery) {
			i := slices.IndexFunc(r.Marks, func(m inquiry.Mark) bool { return strings.Contains(string(m.Value), `"idle_since":"2026`) })
			r.Marks = slices.Clone(r.Marks)
			r.Marks[i].Value = []byte(strings.Replace(string(r.Marks[i].Value), `"idle_since":"2026`, `"idle_since":"2025`, 1))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := &liar{Store: open(t).day().store, recovery: c.change}
			r, err := verify.Store(t.Context(), l, "pool", verify.Options{})
			require.NoError(t, err)
			require.Empty(t, r.Findings)
			r, err = verify.Store(t.Context(), l, "pool", verify.Options{Replay: true})
			require.NoError(t, err)
			require.Equal(t, []verify.Rule{c.rule}, r.Rules())
		})
	}
}

// What cannot be read is an error, never a finding, and never silence.
func TestAStoreThatCannotBeRead(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is gone")
	l := &liar{Store: open(t).day().store, events: func(e inquiry.Event) error {
		if e.Seq == 7 {
			return broken
		}
		return nil
	}}
	r, err := verify.Store(t.Context(), l, "pool", verify.Options{Replay: true})
	require.ErrorIs(t, err, broken)
	require.Equal(t, uint64(6), r.Events)
	require.Empty(t, r.Findings)

	r, err = verify.Journal("pool", l.Journal(t.Context(), "pool", 0), verify.Options{})
	require.ErrorIs(t, err, broken)
	require.Equal(t, uint64(6), r.Events)

	require.NoError(t, l.Close())
	_, err = verify.Store(t.Context(), l, "pool", verify.Options{})
	require.ErrorIs(t, err, adapters.ErrClosed)
}
