package verify

import (
	"maps"
	"slices"

	"github.com/answerable-go/answerable/inquiry"
)

// joins holds what two inquiries say of each other when they are merged, parted,
// linked or split.
func (v *Verifier) joins(x *held, e *inquiry.Event) {
	v.report.tried(Joined)
	switch d := e.Data.(type) {
	case inquiry.Merging:
		v.merging(x, &d, e)
	case inquiry.Splitting:
		v.splitting(x, &d, e)
	case inquiry.LinkTo:
		if d.Inquiry == e.Inquiry || !slices.Contains(inquiry.LinkKinds(), d.Kind) {
			v.find(Joined, e, "it is linked to %s as %q", d.Inquiry, d.Kind)
		}
	}
}

// merging holds that what one side gives the other takes, clocks and all.
func (v *Verifier) merging(x *held, d *inquiry.Merging, e *inquiry.Event) {
	id := d.Merged.Inquiry
	var want inquiry.Merged
	switch e.Kind {
	case inquiry.Separated:
		want, _ = x.Carries(id)
		v.step.merged[id] = want
	case inquiry.MergedInto:
		if want = x.Carry(); x.State == inquiry.StateMerged { // with its lead, into another one
			want = v.step.merged[id]
		}
		v.step.merged[id] = want
		if lead := v.live[d.Lead]; id != x.ID || lead == nil || d.Lead == x.ID {
			v.find(Joined, e, "it is merged into %s, which is not there, or as %s", d.Lead, id)
		}
	case inquiry.Absorbed, inquiry.Unmerged:
		want = v.step.merged[id]
		delete(v.step.merged, id)
		if own := e.Kind == inquiry.Absorbed && d.Lead == x.ID || e.Kind == inquiry.Unmerged && id == x.ID; !own {
			v.find(Joined, e, "it says that %s leads %s", d.Lead, id)
		}
	}
	if !sameJSON(want, d.Merged) {
		v.find(Joined, e, "%s goes from one to the other as %s, it was %s", id, raw(d.Merged), raw(want))
	}
	if !d.NextRung.IsZero() {
		v.firstRung(x, d.NextRung, e.RecordedAt, e)
	}
}

// splitting holds that messages go from where they are to where it says.
func (v *Verifier) splitting(x *held, d *inquiry.Splitting, e *inquiry.Event) {
	if e.Kind == inquiry.MessagesMoved {
		v.step.split[d.Other] = *d
		for _, id := range d.Messages {
			if v.messages[id].inquiry != x.ID {
				v.find(Joined, e, "message %s is split off, and was none of its own", id)
			}
		}
		return
	}
	from, ok := v.step.split[e.Inquiry]
	delete(v.step.split, e.Inquiry)
	if !ok || !slices.Equal(from.Messages, d.Messages) || v.live[d.Other] == nil {
		v.find(Joined, e, "it begins with messages of %s which that did not give away", d.Other)
	}
}

// joinedAlike holds, at the end of a step, that what one inquiry gave away
// another has.
func (v *Verifier) joinedAlike() {
	for _, id := range slices.SortedFunc(maps.Keys(v.step.merged), inquiry.ID.Compare) {
		v.find(Joined, &inquiry.Event{Seq: v.seq, Inquiry: id}, "it was merged or parted, and nobody took it over")
	}
	for _, id := range slices.SortedFunc(maps.Keys(v.step.split), inquiry.ID.Compare) {
		v.find(Joined, &inquiry.Event{Seq: v.seq, Inquiry: id}, "it was to have messages split off, and was not opened")
	}
}

// related holds what an inquiry says of others at a commit.
func (v *Verifier) related(x *held, e *inquiry.Event) {
	if x.State == inquiry.StateMerged {
		lead := v.live[x.Into]
		switch {
		case lead == nil:
			v.find(Joined, e, "it is merged into %s, which is not live", x.Into)
		case lead.State == inquiry.StateMerged:
			v.find(Joined, e, "it is merged into %s, which is merged itself", x.Into)
		default:
			if _, ok := lead.Carries(x.ID); !ok {
				v.find(Joined, e, "it is merged into %s, which does not carry it", x.Into)
			}
		}
		if len(x.Clocks) > 0 {
			v.find(Joined, e, "it is merged and has clocks of its own")
		}
	}
	for _, m := range x.Merged {
		if y := v.live[m.Inquiry]; y == nil || y.State != inquiry.StateMerged || y.Into != x.ID || y.Plan != m.Plan {
			v.find(Joined, e, "it carries %s, which is not merged into it", m.Inquiry)
		}
	}
	for _, l := range x.Links {
		y := v.live[l.Inquiry]
		if y == nil || y.lost {
			continue // closed: the link stays on the one that is left
		}
		if back, ok := y.LinkTo(x.ID); !ok || back.Kind != l.Kind {
			v.find(Joined, e, "it is linked to %s as %s, and that not back", l.Inquiry, l.Kind)
		}
	}
	v.beside(x, e)
}

// beside holds that a duty and what it is beside know of each other.
func (v *Verifier) beside(x *held, e *inquiry.Event) {
	kinds := map[inquiry.Duty]int{}
	for _, d := range x.Duties {
		if kinds[d.Duty]++; kinds[d.Duty] > 1 && (d.Duty == inquiry.TakingOver || d.Duty == inquiry.Acknowledging) {
			v.find(Duty, e, "it has %d duties to %s beside it: one at a time", kinds[d.Duty], d.Duty)
		}
		if y := v.live[d.ID]; y == nil || !y.lost && (y.Parent != x.ID || y.Duty != d.Duty) {
			v.find(Duty, e, "the duty to %s beside it, %s, is not there", d.Duty, d.ID)
		}
	}
	pending := 0
	for _, r := range x.Replies {
		if r.State == inquiry.ReplyIsPending && x.State.Owned() {
			pending++
		}
	}
	if pending > kinds[inquiry.Approving] {
		v.find(Duty, e, "%d replies wait for an approval, and %d are asked for one", pending, kinds[inquiry.Approving])
	}
	if !x.IsDuty() {
		return
	}
	parent := v.live[x.Parent]
	switch {
	case parent != nil && parent.lost:
	case parent == nil || !parent.State.Open():
		v.find(Duty, e, "it is a duty to %s beside %s, which is not open", x.Duty, x.Parent)
	case !slices.ContainsFunc(parent.Duties, func(d inquiry.DutyRef) bool { return d.ID == x.ID }):
		v.find(Duty, e, "it is a duty to %s beside %s, which does not know of it", x.Duty, x.Parent)
	case x.Duty == inquiry.TakingOver && (parent.Owner != x.Ask.By || x.State.Owned()):
		v.find(Duty, e, "%s hands on what %q has, or it is accepted and was not handed over", x.Ask.By, parent.Owner)
	}
}
