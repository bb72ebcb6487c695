package inquiry

import (
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/answerable-go/answerable/sla"
)

// Merge attaches an inquiry to another one about the same matter, the lead,
// which from then on is answered for both. They may be of different customers.
// What is written to either goes to the lead. The merged inquiry's owner is
// free of it; its clocks run on at the lead and count among the lead's
// deadlines. Inquiries that were merged into it before come along.
//
// It is refused with [ReplyUnderWay] while a reply of the inquiry to be merged
// is on its way. Drafts stay with the merged inquiry.
type Merge struct {
	Inquiry ID      `json:"inquiry"`
	Into    ID      `json:"into"`
	Owner   OwnerID `json:"owner"` // who says so: anybody on the roster, or the sink
	Reason  string  `json:"reason,omitempty"`
}

// Unmerge undoes a merge, until the lead is closed. The inquiry goes back to
// its queue, with its clocks as they would stand by then. What was written to
// it in the meantime stays with the lead.
type Unmerge struct {
	Inquiry ID      `json:"inquiry"` // the merged one
	Owner   OwnerID `json:"owner"`
	Reason  string  `json:"reason,omitempty"`
}

func (Merge) name() string   { return "merge" }
func (Unmerge) name() string { return "unmerge" }

func (Merge) journaled() Command   { return nil }
func (Unmerge) journaled() Command { return nil }

// Merged is what a lead carries of an inquiry that is merged into it.
type Merged struct {
	Inquiry ID          `json:"inquiry"`
	Plan    ID          `json:"plan"`             // that its clocks belong to
	Clocks  []sla.Clock `json:"clocks,omitempty"` // as if it were answered by itself

	Inbound    int       `json:"inbound"`
	AskedAt    time.Time `json:"asked_at,omitzero"`
	LateAt     time.Time `json:"late_at,omitzero"`
	AnsweredAt time.Time `json:"answered_at,omitzero"`
	Responded  bool      `json:"responded,omitempty"`
	Unanswered bool      `json:"unanswered,omitempty"`
}

// Merging is the data of the events of a merge and of its undoing, on both
// sides.
type Merging struct {
	Lead ID `json:"lead"`
	// Merged is the merged inquiry as the lead takes it over, or gives it back.
	Merged Merged `json:"merged"`
	Reason string `json:"reason,omitempty"`
	// NextRung is when the first rung of the ladder is due, of whichever has to
	// climb it from now on for a breach that is outstanding.
	NextRung time.Time `json:"next_rung,omitzero"`
}

func (Merging) data() {}

// Carry returns what a lead would carry of the inquiry.
func (r *Row) Carry() Merged {
	return Merged{
		Inquiry: r.ID, Plan: r.Plan, Clocks: r.Clocks, Inbound: r.Inbound,
		AskedAt: r.AskedAt, LateAt: r.LateAt, AnsweredAt: r.AnsweredAt, Responded: r.Responded, Unanswered: r.Unanswered,
	}
}

// OwnInbound returns how many customer's messages are stored under this
// inquiry: Inbound without those of the inquiries that are merged into it.
func (r *Row) OwnInbound() int {
	own := r.Inbound
	for i := range r.Merged {
		own -= r.Merged[i].Inbound
	}
	return own
}

// Carries returns what a lead carries of an inquiry that is merged into it, and
// whether it carries that inquiry.
func (r *Row) Carries(id ID) (Merged, bool) {
	i := slices.IndexFunc(r.Merged, func(m Merged) bool { return m.Inquiry == id })
	if i < 0 {
		return Merged{}, false
	}
	return r.Merged[i], true
}

func foldMerge(r *Row, e *Event) error {
	d, err := dataOf[Merging](e)
	if err != nil {
		return err
	}
	_, carried := r.Carries(d.Merged.Inquiry)
	switch e.Kind {
	case MergedInto:
		drafts := r.Replies
		r.unqueue()
		r.disown()
		r.unwait()
		r.State, r.Into, r.Replies = StateMerged, d.Lead, drafts
		r.Clocks, r.Unanswered = nil, false
		r.Level, r.Reason, r.Reminders, r.NextRung, r.LadderFrom = 0, "", 0, time.Time{}, time.Time{}
	case Unmerged:
		if r.Into != d.Lead {
			return fmt.Errorf("it is merged into %q, not into %s", r.Into, d.Lead)
		}
		m := d.Merged
		r.State, r.Into, r.QueuedAt = StateQueued, ID{}, e.RecordedAt
		r.Clocks, r.LateAt, r.AnsweredAt, r.Responded, r.Unanswered = m.Clocks, m.LateAt, m.AnsweredAt, m.Responded, m.Unanswered
	case Absorbed:
		if carried {
			return fmt.Errorf("%s is merged into it already", d.Merged.Inquiry)
		}
		r.Merged = append(slices.Clip(r.Merged), d.Merged)
		r.Inbound += d.Merged.Inbound
		r.Unanswered = r.Unanswered || d.Merged.Unanswered
	case Separated:
		if !carried {
			return fmt.Errorf("%s is not merged into it", d.Merged.Inquiry)
		}
		r.Merged = slices.DeleteFunc(slices.Clone(r.Merged), func(m Merged) bool { return m.Inquiry == d.Merged.Inquiry })
		if len(r.Merged) == 0 {
			r.Merged = nil
		}
		r.Inbound -= d.Merged.Inbound
		r.Unanswered = r.Unanswered && r.asks()
	}
	if !d.NextRung.IsZero() {
		r.NextRung, r.LadderFrom = d.NextRung, e.RecordedAt
	}
	return nil
}

// asks reports whether a question is left open, of the inquiry or of one merged
// into it.
func (r *Row) asks() bool {
	return !r.OpenQuestion().IsZero() || slices.ContainsFunc(r.Merged, func(m Merged) bool { return m.Unanswered })
}

// answeredMerged notes that an answer written at an instant answers what is
// merged, too.
func (r *Row) answeredMerged(at time.Time) {
	if len(r.Merged) == 0 {
		return
	}
	r.Merged = slices.Clone(r.Merged)
	for i := range r.Merged {
		m := &r.Merged[i]
		m.Responded = true
		if at.After(m.AnsweredAt) {
			m.AnsweredAt = at
		}
		if !m.LateAt.After(at) {
			m.LateAt = time.Time{}
		}
		m.Unanswered = m.AskedAt.After(m.AnsweredAt) || !m.LateAt.IsZero()
	}
}

// clocksOf are the clocks that an event tells of: the inquiry's own, or those
// that it carries for one merged into it.
func (r *Row) clocksOf(id ID) (*[]sla.Clock, error) {
	if id.IsZero() {
		return &r.Clocks, nil
	}
	i := slices.IndexFunc(r.Merged, func(m Merged) bool { return m.Inquiry == id })
	if i < 0 {
		return nil, fmt.Errorf("it carries no clocks of %s", id)
	}
	r.Merged = slices.Clone(r.Merged)
	return &r.Merged[i].Clocks, nil
}

// eachClock goes through [Row.AllClocks] where they are.
func (r *Row) eachClock() iter.Seq[*sla.Clock] {
	return func(yield func(*sla.Clock) bool) {
		for i := range r.Clocks {
			if !yield(&r.Clocks[i]) {
				return
			}
		}
		for i := range r.Merged {
			for k := range r.Merged[i].Clocks {
				if !yield(&r.Merged[i].Clocks[k]) {
					return
				}
			}
		}
	}
}

// AllClocks returns the inquiry's clocks and, after them, those that it carries
// for merged inquiries.
func (r *Row) AllClocks() []sla.Clock {
	if len(r.Merged) == 0 {
		return r.Clocks
	}
	all := slices.Clone(r.Clocks)
	for i := range r.Merged {
		all = append(all, r.Merged[i].Clocks...)
	}
	return all
}
