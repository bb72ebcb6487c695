package core

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// heard holds that whoever is concerned by what happens hears of it (H5, A3): of what
// they get, and of what they lose by another's act or by time.
type heard struct {
	tb    testing.TB
	rows  map[inquiry.ID]*inquiry.Row
	there map[inquiry.OwnerID]bool
	sink  inquiry.OwnerID
}

func newHeard(tb testing.TB) *heard {
	tb.Helper()
	return &heard{tb, map[inquiry.ID]*inquiry.Row{}, map[inquiry.OwnerID]bool{}, ""}
}

// batch holds each step of it, which an input may have come to.
func (h *heard) batch(in *inquiry.Input, b *inquiry.Batch) {
	h.tb.Helper()
	for rest := b.Events; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].Do == nil && rest[n].Cause == rest[0].Cause && rest[n].RecordedAt.Equal(rest[0].RecordedAt) {
			n++
		}
		by := inquiry.OwnerID("")
		if in != nil && rest[0].Cause == in.ID {
			by = inquiry.ActorOf(in.Do)
			if c, own := in.Do.(inquiry.Confirm); own {
				by = c.Owner
			}
		}
		for i := range rest[:n] {
			h.event(&rest[i], by, rest[0].Seq, rest[n-1].Seq, b.Effects)
		}
		rest = rest[n:]
	}
}

// event holds what is told of an event, in its step, which goes from one position to
// another and is the act of somebody, or of nobody.
func (h *heard) event(e *inquiry.Event, by inquiry.OwnerID, first, last uint64, told []inquiry.Effect) {
	h.tb.Helper()
	h.known(e)
	if e.Inquiry.IsZero() {
		return
	}
	x := h.rows[e.Inquiry]
	if x == nil {
		x = &inquiry.Row{ID: e.Inquiry}
		h.rows[e.Inquiry] = x
	}
	before := *x.Clone()
	require.NoError(h.tb, inquiry.Apply(x, e))
	hears := func(from, to uint64, ok func(*inquiry.Effect) bool) bool {
		return slices.ContainsFunc(told, func(f inquiry.Effect) bool {
			return f.Inquiry == x.ID && f.Seq >= from && f.Seq <= to && ok(&f)
		})
	}
	topic := map[inquiry.EventKind]inquiry.Topic{
		inquiry.Offered: inquiry.TellOffer, inquiry.Assigned: inquiry.TellAssigned, inquiry.ReplyApproved: inquiry.SendReply,
	}[e.Kind]
	if topic != "" {
		require.True(h.tb, hears(e.Seq, e.Seq, func(f *inquiry.Effect) bool { return f.Topic == topic && f.Owner == e.Owner }), "event %d: %s does not hear of it (%s)", e.Seq, e.Owner, e.Kind)
	}
	switch e.Kind {
	case inquiry.ClockWarned:
		require.True(h.tb, hears(e.Seq, e.Seq, func(f *inquiry.Effect) bool { return f.Topic == inquiry.TellWarning }), "event %d: nobody is warned", e.Seq)
	case inquiry.ReplyFailed, inquiry.ReplyUnknown:
		require.True(h.tb, hears(e.Seq, e.Seq, func(f *inquiry.Effect) bool { return h.there[f.Owner] || f.Owner == h.sink }), "event %d: nobody who is there hears of the reply", e.Seq)
	}
	parent := h.rows[x.Parent] // whose owner may have what is beside it, too, and knows; or whoever takes it over
	knows := parent != nil && parent.Owner == before.Owner || x.Duty == inquiry.TakingOver && e.Kind == inquiry.DutyClosed
	if o := before.Owner; o != "" && o != x.Owner && o != by && !knows {
		require.True(h.tb, hears(first, last, func(f *inquiry.Effect) bool { return f.Owner == o }), "event %d: %s does not hear that they have lost it (%s)", e.Seq, o, e.Kind)
	}
	for _, f := range before.Offers {
		if _, live := x.Offer(f.Owner); !live && x.Owner != f.Owner && f.Owner != by {
			require.True(h.tb, hears(first, last, func(g *inquiry.Effect) bool { return g.Topic == inquiry.TellRevoked && g.Owner == f.Owner }), "event %d: %s does not hear that the offer is over (%s)", e.Seq, f.Owner, e.Kind)
		}
	}
	if x.State == inquiry.StateClosed {
		delete(h.rows, x.ID)
	}
}

// known notes who is there, and who the sink is.
func (h *heard) known(e *inquiry.Event) {
	switch c := e.Do.(type) {
	case inquiry.Adopt:
		p, err := routing.Parse(c.Policy)
		require.NoError(h.tb, err)
		h.sink = p.Policy().Sink
	case inquiry.Roster:
		for _, o := range c.Set {
			h.there[o.ID] = true
		}
		for _, id := range c.Remove {
			delete(h.there, id)
		}
	}
	if e.Kind == inquiry.OwnerLeft {
		delete(h.there, e.Owner)
	}
}
