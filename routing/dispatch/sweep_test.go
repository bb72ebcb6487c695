package dispatch_test

import (
	"context"
	"iter"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/routing/verify"
)

func TestSweep(t *testing.T) {
	opened := func(r inquiry.Row) bool { return r.State == inquiry.StateOffered }
	queued := func(r inquiry.Row) bool { return r.State == inquiry.StateQueued }
	row := func(which func(inquiry.Row) bool, change func(*inquiry.Row)) func(*inquiry.Batch, []inquiry.Row) {
		return func(b *inquiry.Batch, rows []inquiry.Row) {
			for _, r := range rows {
				if which(r) {
					change(&r)
					b.Changed = append(b.Changed, r)
					return
				}
			}
		}
	}
	mark := func(key string, value []byte) func(*inquiry.Batch, []inquiry.Row) {
		return func(b *inquiry.Batch, _ []inquiry.Row) {
			b.Marks = append(b.Marks, inquiry.Mark{Key: key, Value: value})
		}
	}
	for name, c := range map[string]struct {
		rule  dispatch.SweepRule // and how its detail begins, where several violations have one rule
		after time.Duration
		plant func(*inquiry.Batch, []inquiry.Row)
	}{
		"queued in no queue":         {dispatch.NoPlace, 0, row(queued, func(r *inquiry.Row) { r.Plan = inquiry.ID{} })},
		"offered to nobody":          {dispatch.NoPlace, 0, row(opened, func(r *inquiry.Row) { r.Offers = nil })},
		"assigned to nobody":         {dispatch.NoPlace, 0, row(queued, func(r *inquiry.Row) { r.State = inquiry.StateAssigned })},
		"a state that is none":       {dispatch.NoPlace, 0, row(queued, func(r *inquiry.Row) { r.State = "lost" })},
		"merged into nothing":        {dispatch.NoPlace, 0, row(queued, func(r *inquiry.Row) { r.State, r.Into = inquiry.StateMerged, inquiry.NewID() })},
		"merged into itself":         {dispatch.NoPlace, 0, row(queued, func(r *inquiry.Row) { r.State, r.Into = inquiry.StateMerged, r.ID })},
		"carries what is not merged": {dispatch.TwoPlaces, 0, row(opened, func(r *inquiry.Row) { r.Merged = []inquiry.Merged{{Inquiry: r.ID, Plan: r.Plan}} })},
		"no clock and no reminder":   {dispatch.NoDeadline, 0, row(queued, func(r *inquiry.Row) { r.Clocks, r.Due = nil, time.Time{} })},
		"set aside without a review": {dispatch.NoDeadline, 0, row(queued, func(r *inquiry.Row) { r.State = inquiry.StateScreenedOut })},
		"resolved and never closed":  {dispatch.NoDeadline, 0, row(queued, func(r *inquiry.Row) { r.State = inquiry.StateResolved })},
		"queued and owned":           {dispatch.TwoPlaces, 0, row(queued, func(r *inquiry.Row) { r.Owner = "anna" })},
		"queued and offered":         {dispatch.TwoPlaces, 0, row(opened, func(r *inquiry.Row) { r.State = inquiry.StateQueued })},
		"offered to two": {dispatch.TwoPlaces, 0, row(opened, func(r *inquiry.Row) {
			r.Offers = append(r.Offers, inquiry.Offer{Owner: "head", Expires: r.Offers[0].Expires})
		})},
		"owned by a stranger":          {dispatch.OwnerUnknown, 0, row(queued, func(r *inquiry.Row) { r.State, r.Owner = inquiry.StateAssigned, "zoe" })},
		"offered to a stranger":        {dispatch.OwnerUnknown, 0, row(opened, func(r *inquiry.Row) { r.Offers[0].Owner = "zoe" })},
		"a roster that cannot be read": {dispatch.OwnerUnknown, 0, mark("owner/anna", []byte("{"))},
		"an owner with too much":       {dispatch.OverCapacity, 0, row(opened, func(r *inquiry.Row) { r.Offers[0].Cost = 1000 })},
		"an owner whose work woke": {dispatch.OverCapacity, 0, row(opened, func(r *inquiry.Row) {
			two := 2000
			r.State, r.Owner, r.Offers, r.AwaitUntil, r.WaitingCost = inquiry.StatePending, "anna", nil, r.OpenedAt.Add(time.Hour), &two
		})},
		"a wrap-up that did not end": {dispatch.Overdue + ": the end of the wrap-up of anna", 5 * time.Minute, row(queued, func(r *inquiry.Row) {
			r.WrapUps = []inquiry.WrapUp{{Owner: "anna", Until: r.OpenedAt, Cost: 10}}
		})},
		"a wrap-up of a stranger": {dispatch.OwnerUnknown, 0, row(queued, func(r *inquiry.Row) {
			r.WrapUps = []inquiry.WrapUp{{Owner: "zoe", Until: r.OpenedAt.Add(time.Hour), Cost: 10}}
		})},
		"a breach that was not recorded":  {dispatch.Overdue + ": its acknowledge deadline", 30 * time.Minute, nil},
		"an offer that did not end":       {dispatch.Overdue + ": the end of the offer to anna", 5 * time.Minute, nil},
		"a ladder that is not climbed":    {dispatch.Overdue + ": the next rung", 5 * time.Minute, row(queued, func(r *inquiry.Row) { r.NextRung = r.OpenedAt })},
		"a wait that did not end":         {dispatch.Overdue + ": the end of the wait", 5 * time.Minute, row(queued, func(r *inquiry.Row) { r.State, r.Owner, r.AwaitUntil = inquiry.StatePending, "anna", r.OpenedAt })},
		"a closing that did not come":     {dispatch.Overdue + ": its closing", 5 * time.Minute, row(queued, func(r *inquiry.Row) { r.State, r.CloseAt = inquiry.StateResolved, r.OpenedAt })},
		"a duty that did not end":         {dispatch.Overdue + ": the end of the duty", 5 * time.Minute, row(queued, func(r *inquiry.Row) { r.Ask = &inquiry.Ask{Until: r.OpenedAt} })},
		"stranded and nobody told":        {dispatch.StrandedSilent, 0, row(queued, func(r *inquiry.Row) { r.Stranded = true })},
		"an input that nobody takes":      {dispatch.StaleInput, 5 * time.Minute, nil},
		"an effect that is not done":      {dispatch.StaleEffect, 5 * time.Minute, nil},
		"a sink that has left":            {dispatch.NoSink, 0, mark("owner/head", nil)},
		"inquiries without a policy":      {dispatch.NoPolicyKept, 0, mark("policy", nil)},
		"a policy that cannot be read":    {dispatch.NoPolicyKept, 0, mark("policy", []byte("{"))},
		"a plan that is not kept":         {dispatch.PlanMissing, 0, row(queued, func(r *inquiry.Row) { r.Plan = inquiry.DeriveID("other") })},
		"a row ahead of the journal":      {dispatch.FoldDiffers, 0, row(queued, func(r *inquiry.Row) { r.Version += 7 })},
		"a row that the journal has not":  {dispatch.FoldDiffers, 0, row(queued, func(r *inquiry.Row) { r.ID = inquiry.DeriveID("ghost") })},
		"an open inquiry without its row": {dispatch.RowMissing, 0, row(queued, func(r *inquiry.Row) { r.State = inquiry.StateClosed })},
		"resolved with a running clock": {dispatch.ClosedLives, 0, row(queued, func(r *inquiry.Row) {
			r.State, r.CloseAt = inquiry.StateResolved, r.OpenedAt.Add(time.Hour)
		})},
		"a closed inquiry that lives on": {dispatch.ClosedLives, 0, func(b *inquiry.Batch, rows []inquiry.Row) {
			for _, r := range rows {
				if queued(r) {
					b.Events = append(b.Events, follow(&r, inquiry.Resolved, inquiry.Resolution{ReopenUntil: r.OpenedAt}), follow(&r, inquiry.Closed, inquiry.Ending{}))
				}
			}
		}},
		"a reply whose approval nobody is asked for": {dispatch.StuckReply, 0, row(queued, func(r *inquiry.Row) {
			r.Replies = []inquiry.ReplyInfo{{ID: inquiry.DeriveID("reply"), State: inquiry.ReplyIsPending}}
		})},
		"an approved reply that nothing sends": {dispatch.StuckReply, 0, row(queued, func(r *inquiry.Row) {
			r.Replies = []inquiry.ReplyInfo{{ID: inquiry.DeriveID("reply"), State: inquiry.ReplyIsApproved}}
		})},
		"a contest that nobody decides": {dispatch.StuckReply, 0, row(queued, func(r *inquiry.Row) {
			r.Replies = []inquiry.ReplyInfo{{ID: inquiry.DeriveID("reply"), State: inquiry.ReplyIsDraft, Contest: &inquiry.Objection{By: "ben"}}}
		})},
		"an inquiry without messages": {dispatch.Orphan, 0, row(queued, func(r *inquiry.Row) { r.ID = inquiry.DeriveID("ghost") })},
		"a version left out": {dispatch.JournalGap, 0, func(b *inquiry.Batch, rows []inquiry.Row) {
			r := rows[0]
			r.Version += 2
			b.Events = append(b.Events, follow(&r, inquiry.Queued, nil))
		}},
	} {
		t.Run("A2 sweep names "+name, func(t *testing.T) {
			inHouse(t, nil, func(h *house) {
				h.online("anna")
				h.submit("kim")
				h.must(inquiry.Decline{Inquiry: h.submit("lou"), Owner: "anna", Reason: "busy"})
				h.pass(time.Second)
				h.sound()
				h.stop()
				if c.rule == dispatch.StaleInput {
					_, err := h.Submit(h.ctx, h.message("max"))
					require.True(t, inquiry.IsPending(err))
				}
				h.plant(c.rule, c.plant)
				h.pass(c.after)
				found, err := h.Sweep(h.ctx)
				require.NoError(t, err)
				for _, v := range found {
					require.NotEmpty(t, v.String())
				}
				require.True(t, slices.ContainsFunc(found, func(v dispatch.Violation) bool {
					return strings.HasPrefix(string(v.Rule)+": "+v.Detail, string(c.rule))
				}), "%v", found)
			})
		})
	}
	t.Run("C10 who is given less room keeps what they have, which is no violation; to get more than that is one", func(t *testing.T) {
		inHouse(t, nil, func(h *house) {
			h.online("anna")
			id := h.submit("kim")
			h.must(inquiry.Accept{Inquiry: id, Owner: "anna"})
			anna := smallStaff()[0]
			require.EqualValues(t, "anna", anna.ID)
			anna.Capacity = 1
			h.must(inquiry.Roster{Set: []inquiry.Owner{anna}})
			h.pass(time.Second)
			require.Equal(t, inquiry.StateAssigned, h.row(id).State)
			h.sound()
			h.stop()
			h.plant(dispatch.OverCapacity, func(b *inquiry.Batch, rows []inquiry.Row) {
				rows[0].AssignedAt = rows[0].AssignedAt.Add(time.Minute)
				b.Changed = rows[:1]
			})
			found, err := h.Sweep(h.ctx)
			require.NoError(t, err)
			require.Equal(t, dispatch.OverCapacity, found[len(found)-1].Rule)
		})
	})
	t.Run("C10 who is given less room may accept what was before them by then, which is no violation", func(t *testing.T) {
		inHouse(t, nil, func(h *house) {
			h.online("anna")
			one, two := h.submit("kim"), h.submit("lee")
			h.must(inquiry.Accept{Inquiry: one, Owner: "anna"})
			h.pass(time.Second)
			anna := smallStaff()[0]
			anna.Capacity = 10
			h.must(inquiry.Roster{Set: []inquiry.Owner{anna}})
			h.pass(time.Second)
			h.must(inquiry.Accept{Inquiry: two, Owner: "anna"})
			h.sound()
		})
	})
	t.Run("A2 an inquiry whose only message an earlier version had become ours is no violation", func(t *testing.T) {
		inHouse(t, nil, func(h *house) {
			ms, err := h.Messages(h.ctx, h.submit("kim"))
			require.NoError(t, err)
			h.stop()
			ms[0].Revision, ms[0].Direction = 2, inquiry.FromUs
			h.plant("", func(b *inquiry.Batch, _ []inquiry.Row) { b.Messages = ms })
			rec, err := h.store.Recover(h.ctx, h.Pool())
			require.NoError(t, err)
			require.Empty(t, rec.Messages)
			h.sound()
		})
	})
	t.Run("A2 sweep names a sink that is not on an empty roster either, once somebody has waited for it", func(t *testing.T) {
		inHouse(t, func(h *house) { h.cfg.Directory = nil }, func(h *house) {
			h.pass(time.Hour)
			h.sound()
			h.submit("kim")
			h.sound()
			h.pass(5 * time.Minute)
			found, err := h.Sweep(h.ctx)
			require.NoError(t, err)
			require.Equal(t, []dispatch.Violation{{Rule: dispatch.NoSink, Owner: "head", Detail: "the sink is not on the roster: what is raised to it reaches nobody"}}, found)
		})
	})
	t.Run("A2 sweep names a journal that lacks its end", func(t *testing.T) {
		inHouse(t, nil, func(h *house) {
			h.submit("kim")
			rec, err := h.store.Recover(h.ctx, h.Pool())
			require.NoError(t, err)
			e, err := dispatch.New(&short{Store: h.store, head: rec.Head - 1}, h.policy, h.cfg)
			require.NoError(t, err)
			found, err := e.Sweep(h.ctx)
			require.NoError(t, err)
			require.Equal(t, dispatch.JournalGap, found[0].Rule)
		})
	})
	t.Run("A2 what is under way counts as late after a minute, however fast the Timeline is", func(t *testing.T) {
		inHouse(t, func(h *house) {
			h.cfg.Timeline = dispatch.Timeline{Start: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC), Speed: 3600}
		}, func(h *house) {
			h.submit("kim")
			h.stop()
			h.pass(30 * time.Second)
			h.sound()
			h.pass(time.Minute)
			found, err := h.Sweep(h.ctx)
			require.NoError(t, err)
			require.NotEmpty(t, found)
		})
	})
	t.Run("A2 sweep names a gap in the journal", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h := &house{t: t, ctx: t.Context(), store: &gap{Store: memory.New(memory.Config{})}, policy: smallPolicy(), told: &recorder{}, broken: verify.Sequence}
			h.cfg = dispatch.Config{Directory: smallStaff()}
			h.start()
			h.submit("kim")
			h.stop()
			found, err := h.Sweep(h.ctx)
			require.NoError(t, err)
			require.Equal(t, dispatch.JournalGap, found[0].Rule)
		})
	})
}

// short is a store whose journal lacks its end.
type short struct {
	adapters.Store
	head uint64
}

func (s *short) Journal(ctx context.Context, pool string, after uint64) iter.Seq2[inquiry.Event, error] {
	return func(yield func(inquiry.Event, error) bool) {
		for e, err := range s.Store.Journal(ctx, pool, after) {
			if e.Seq > s.head || !yield(e, err) {
				return
			}
		}
	}
}

// follow is an event that follows a row.
func follow(r *inquiry.Row, kind inquiry.EventKind, data inquiry.Data) inquiry.Event {
	r.Version++
	return inquiry.Event{Format: inquiry.Format, Pool: r.Pool, At: r.ChangedAt, RecordedAt: r.ChangedAt, Kind: kind, Inquiry: r.ID, Version: r.Version, Data: data}
}

// plant writes a violation past the Engine.
func (h *house) plant(rule dispatch.SweepRule, change func(*inquiry.Batch, []inquiry.Row)) {
	h.t.Helper()
	term, err := h.store.Lead(h.ctx, adapters.Claim{Pool: "default", Node: "vandal", Format: inquiry.Format, For: time.Hour})
	require.NoError(h.t, err)
	require.True(h.t, term.Granted)
	rec, err := h.store.Recover(h.ctx, "default")
	require.NoError(h.t, err)
	var b inquiry.Batch
	if change != nil {
		change(&b, rec.Rows)
	}
	if rule == dispatch.StaleEffect {
		b.Effects = append(b.Effects, inquiry.Effect{ID: inquiry.NewID(), Pool: "default", Topic: inquiry.TellOffer, Owner: "anna", At: rec.RecordedAt})
	}
	for i := range b.Events {
		b.Events[i].Seq = rec.Head + uint64(i) + 1
	}
	require.NoError(h.t, h.store.Append(h.ctx, adapters.Commit{Pool: "default", Epoch: term.Epoch, Head: rec.Head, Batch: b}))
}
