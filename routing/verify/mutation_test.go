package verify_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/verify"
	"github.com/answerable-go/answerable/sla"
)

// mutation changes a journal at one place, and says which rule has to tell. It is
// tried at every place where it can be made, up to a number of them.
type mutation struct {
	name string
	rule verify.Rule
	// at makes it at an event, and returns nil where it cannot be made.
	at func(j journal, i int) journal
}

var places = flag.Int("places", 1, "at how many places of a journal each mutation is made")

// event changes an event of a kind.
func event(kind inquiry.EventKind, f func(e *inquiry.Event) bool) func(journal, int) journal {
	return func(j journal, i int) journal {
		if kind != "" && j[i].Kind != kind || !f(&j[i]) {
			return nil
		}
		return j
	}
}

// data changes what an event of a kind adds; f says whether it could.
func data[D inquiry.Data](kind inquiry.EventKind, f func(d *D, e *inquiry.Event) bool) func(journal, int) journal {
	return func(j journal, i int) journal {
		d, ok := j[i].Data.(D)
		if !ok || kind != "" && j[i].Kind != kind || !f(&d, &j[i]) {
			return nil
		}
		j[i].Data = d
		return j
	}
}

// clock changes the first clock of which an event of a kind tells.
func clock(kind inquiry.EventKind, f func(c *sla.Clock) bool) func(journal, int) journal {
	return data(kind, func(d *inquiry.Clocking, _ *inquiry.Event) bool { return f(&d.Clocks[0]) })
}

// decision changes the record of a choice.
func decision(f func(d *routing.Decision) bool) func(journal, int) journal {
	return event("", func(e *inquiry.Event) bool {
		ok := false
		change(e, func(d *routing.Decision) { ok = f(d) })
		return ok
	})
}

// dropped leaves an event of a kind out and covers that.
func dropped(kind inquiry.EventKind, where ...func(j journal, i int) bool) func(journal, int) journal {
	return func(j journal, i int) journal {
		if j[i].Kind != kind || slices.ContainsFunc(where, func(f func(journal, int) bool) bool { return !f(j, i) }) {
			return nil
		}
		return j.drop(i)
	}
}

// by has somebody else on the roster do, or get, what an event of a kind says.
func by(kind inquiry.EventKind) func(journal, int) journal {
	return func(j journal, i int) journal {
		if j[i].Kind != kind {
			return nil
		}
		j[i].Owner = j.somebodyElse(i)
		return j
	}
}

// put inserts an event of a kind behind another one.
func put(behind inquiry.EventKind, e inquiry.Event) func(journal, int) journal {
	return func(j journal, i int) journal {
		if j[i].Kind != behind {
			return nil
		}
		e := e
		e.Format, e.Pool, e.Inquiry, e.Duty, e.Owner = 1, j[i].Pool, j[i].Inquiry, j[i].Duty, j[i].Owner
		return j.insert(i+1, e)
	}
}

func later(t *time.Time, d time.Duration) bool {
	if t.IsZero() {
		return false
	}
	*t = t.Add(d)
	return true
}

func yes(bool) bool { return true }

// mutations are what a broken engine, a broken store or a forger could do.
func mutations() []mutation {
	return slices.Concat(orderMutations(), choiceMutations(), offerMutations(), clockMutations(), ladderMutations(), talkMutations(), joinedMutations(), agendaMutations(), heardMutations())
}

func orderMutations() []mutation {
	return []mutation{
		{"an event left out", verify.Sequence, func(j journal, i int) journal { return slices.Delete(j, i, i+1) }},
		{"an event twice", verify.Sequence, func(j journal, i int) journal { return slices.Insert(j, i, j[i]) }},
		{"two events exchanged", verify.Sequence, func(j journal, i int) journal {
			if i+1 == len(j) {
				return nil
			}
			j[i], j[i+1] = j[i+1], j[i]
			return j
		}},
		{"a position that is another", verify.Sequence, event("", func(e *inquiry.Event) bool { e.Seq += 3; return true })},
		{"a format that nobody knows", verify.Sequence, event("", func(e *inquiry.Event) bool { e.Format = inquiry.Format + 1; return true })},
		{"an event left out, positions covered", verify.Version, func(j journal, i int) journal {
			if j[i].Inquiry.IsZero() || j[i].Do != nil || i+1 == len(j) || j[i].Version == 1 || !slices.ContainsFunc(j[i+1:], func(e inquiry.Event) bool { return e.Inquiry == j[i].Inquiry }) {
				return nil
			}
			j = slices.Delete(j, i, i+1)
			for k := range j {
				j[k].Seq = uint64(k) + 1
			}
			return j
		}},
		{"a version that is another", verify.Version, event("", func(e *inquiry.Event) bool { e.Version++; return !e.Inquiry.IsZero() })},
		{"another pool's event", verify.Pool, event("", func(e *inquiry.Event) bool { e.Pool = "other"; return true })},
		{"time that runs backwards", verify.Time, func(j journal, i int) journal {
			if i == 0 || j[i].RecordedAt.Equal(j[0].RecordedAt) {
				return nil
			}
			j[i].RecordedAt = j[i-1].RecordedAt.Add(-ns)
			j[i].At = j[i].RecordedAt
			return j
		}},
		{"something recorded before it happened", verify.Time, event("", func(e *inquiry.Event) bool { e.At = e.RecordedAt.Add(ns); return true })},
		{"something that happened at no time", verify.Time, event("", func(e *inquiry.Event) bool { e.At = time.Time{}; return true })},
		{"somebody else did a part of a step", verify.Cause, func(j journal, i int) journal {
			if j[i].Do != nil || j[i].Cause.IsZero() {
				return nil
			}
			j[i].Actor = "mallory"
			return j
		}},
		{"time that somebody did", verify.Cause, func(j journal, i int) journal {
			if i == 0 || !j[i].Cause.IsZero() || j[i].RecordedAt.Equal(j[i-1].RecordedAt) {
				return nil
			}
			j[i].Actor = "mallory"
			return j
		}},
		{"a command of no input", verify.Cause, event("", func(e *inquiry.Event) bool { ok := e.Do != nil; e.Cause = inquiry.ID{}; return ok })},
		{"an input without its command", verify.Cause, event(inquiry.Acknowledged, func(e *inquiry.Event) bool { ok := e.Do != nil; e.Do = nil; return ok })},
		{"an input carried out twice", verify.Cause, func(j journal, i int) journal {
			if j[i].Do == nil || j[i].Cause == j[0].Cause {
				return nil
			}
			j[i].Cause = j[0].Cause
			return j
		}},
		{"a step that another input is said to have caused", verify.Cause, func(j journal, i int) journal {
			if j[i].Do != nil || j[i].Cause.IsZero() {
				return nil
			}
			j[i].Cause = inquiry.DeriveID("other")
			return j
		}},
		{"an inquiry that was never opened", verify.Opening, dropped(inquiry.Opened)},
		{"an inquiry opened twice", verify.Opening, put(inquiry.Routed, inquiry.Event{Kind: inquiry.Opened})},
		{"an inquiry that has another id", verify.Opening, event(inquiry.ClocksStarted, func(e *inquiry.Event) bool { e.Inquiry = inquiry.DeriveID("ghost"); return true })},
		{"a message that came in twice", verify.Message, func(j journal, i int) journal {
			if j[i].Kind != inquiry.MessageAdded {
				return nil
			}
			in := j[i].Do.(inquiry.Receive)
			in.Message.ID = j.row(i).LastID
			j[i].Do = in
			return j
		}},
		{"an edit that is none", verify.Message, func(j journal, i int) journal {
			if j[i].Kind != inquiry.MessageEdited {
				return nil
			}
			in := j[i].Do.(inquiry.Receive)
			in.Message.Revision = 0
			j[i].Do = in
			return j
		}},
		{"an edit of what never came in", verify.Message, func(j journal, i int) journal {
			if j[i].Kind != inquiry.MessageEdited {
				return nil
			}
			in := j[i].Do.(inquiry.Receive)
			in.Message.ID = inquiry.DeriveID("ghost")
			j[i].Do = in
			return j
		}},
		{"something befalls what is closed", verify.Terminal, put(inquiry.Closed, inquiry.Event{Kind: inquiry.Undelivered})},
		{"a closed duty that goes on", verify.Terminal, put(inquiry.DutyClosed, inquiry.Event{Kind: inquiry.Acknowledged})},
		{"reopened without having been resolved", verify.Transition, put(inquiry.Acknowledged, inquiry.Event{Kind: inquiry.Reopened})},
		{"a wait that ends before it began", verify.Transition, dropped(inquiry.AwaitingCustomer, func(j journal, i int) bool {
			next := slices.IndexFunc(j[i+1:], func(e inquiry.Event) bool {
				return e.Inquiry == j[i].Inquiry && (e.Kind == inquiry.AwaitEnded || e.Kind == inquiry.AwaitingCustomer)
			})
			return next >= 0 && j[i+1+next].Kind == inquiry.AwaitEnded
		})},
		{"a kind that is another", verify.Transition, event(inquiry.Routed, func(e *inquiry.Event) bool { e.Kind = inquiry.Reopened; return true })},
		{"in no queue", verify.Place, dropped(inquiry.Queued, journal.lastOfStep)},
		{"owned by somebody who has left", verify.Place, func(j journal, i int) journal {
			if j[i].Kind != inquiry.Accepted || !j.lastOfStep(i) {
				return nil
			}
			return j.insert(i+1, inquiry.Event{Format: 1, Pool: j[i].Pool, Kind: inquiry.RosterChanged}).with(i+1, func(e *inquiry.Event) {
				e.Do, e.Cause = inquiry.Roster{Remove: []inquiry.OwnerID{j[i].Owner}}, inquiry.DeriveID("left")
			})
		}},
		{"nothing will happen to it", verify.Deadline, func(j journal, i int) journal {
			if j[i].Kind != inquiry.Opened {
				return nil
			}
			out := j[:i:i]
			for _, e := range j[i:] { // its step, without its clocks, is the journal's end
				if e.Cause != j[i].Cause {
					break
				}
				if e.Kind == inquiry.ScreenedOut {
					return nil
				}
				if e.Kind != inquiry.ClocksStarted {
					out = append(out, e)
				}
			}
			return out.tidy()
		}},
		{"the presence of a stranger", verify.Roster, event(inquiry.PresenceChanged, func(e *inquiry.Event) bool { e.Owner = "mallory"; return true })},
		{"a stranger who leaves", verify.Roster, func(j journal, i int) journal {
			if j[i].Kind != inquiry.RosterChanged {
				return nil
			}
			r := j[i].Do.(inquiry.Roster)
			r.Remove = append(slices.Clone(r.Remove), "mallory")
			j[i].Do = r
			return j
		}},
		{"online without having signed on", verify.Gates, func(j journal, i int) journal {
			if j[i].Kind != inquiry.PresenceChanged || j[i].Data.(inquiry.PresenceChange).Reason != "signed_on" {
				return nil
			}
			next := slices.IndexFunc(j[i+1:], func(e inquiry.Event) bool {
				return e.Owner == j[i].Owner && (e.Kind == inquiry.PresenceChanged || len(e.Decision) > 0)
			})
			if next < 0 || j[i+1+next].Kind == inquiry.PresenceChanged || j.isOnline(i) {
				return nil
			}
			return j.drop(i)
		}},
		{"a lapse a nanosecond off", verify.Presence, data("", func(d *inquiry.PresenceChange, e *inquiry.Event) bool {
			return d.Reason == "lapsed" && later(&e.At, -ns)
		})},
		{"a suspicion a nanosecond off", verify.Presence, data("", func(d *inquiry.PresenceChange, _ *inquiry.Event) bool { return later(&d.SuspectUntil, ns) })},
		{"a presence that nobody asked for", verify.Presence, data("", func(d *inquiry.PresenceChange, _ *inquiry.Event) bool {
			ok := d.Reason == "signed_on"
			d.Presence = inquiry.Away
			return ok
		})},
		{"signed off, and it stays", verify.Presence, func(j journal, i int) journal {
			d, _ := j[i].Data.(inquiry.Ending)
			if d.Reason != "signed_off" || j[i].Kind != inquiry.Released && j[i].Kind != inquiry.OfferRevoked {
				return nil
			}
			out := j[:i:i] // the rest of the step is of what goes back
			for _, e := range j[i:] {
				if e.Cause == j[i].Cause {
					continue
				}
				break
			}
			return out.tidy()
		}},
		{"a heartbeat of strangers", verify.Presence, event(inquiry.HeartbeatSeen, func(e *inquiry.Event) bool {
			e.Do = inquiry.Heartbeat{Owners: []inquiry.OwnerID{"mallory"}}
			return true
		})},
		{"a shift that ends a nanosecond early", verify.Shift, event(inquiry.ShiftEnded, func(e *inquiry.Event) bool { return e.Cause.IsZero() && later(&e.At, -ns) })},
		{"matching that ends without a pause", verify.Matching, dropped(inquiry.MatchingPaused)},
		{"matching that pauses before nothing", verify.Matching, data("", func(d *inquiry.Pausing, _ *inquiry.Event) bool { d.Inquiry = inquiry.DeriveID("ghost"); return true })},
		{"matching that pauses elsewhere", verify.Matching, data("", func(d *inquiry.Pausing, _ *inquiry.Event) bool { d.Opened++; return true })},
		{"matching as of another instant", verify.Matching, data("", func(d *inquiry.Pausing, _ *inquiry.Event) bool { return later(&d.At, -ns) })},
	}
}

func (j journal) with(i int, f func(e *inquiry.Event)) journal {
	f(&j[i])
	return j
}

// isOnline reports whether the owner of an event is online in front of it.
func (j journal) isOnline(i int) bool {
	for _, e := range slices.Backward(j[:i]) {
		if d, ok := e.Data.(inquiry.PresenceChange); ok && e.Owner == j[i].Owner {
			return d.Presence == inquiry.Online
		}
	}
	return false
}

func choiceMutations() []mutation {
	auto := func(e *inquiry.Event) bool { return len(e.Decision) > 0 }
	given := func(f func(d *inquiry.Offering, e *inquiry.Event) bool) func(journal, int) journal {
		return data("", func(d *inquiry.Offering, e *inquiry.Event) bool { return auto(e) && f(d, e) })
	}
	return []mutation{
		{"offered to a stranger", verify.Roster, event("", func(e *inquiry.Event) bool { e.Owner = "mallory"; return auto(e) })},
		{"given to somebody without the skill", verify.Gates, func(j journal, i int) journal {
			if !auto(&j[i]) {
				return nil
			}
			for k, e := range slices.Backward(j[:i]) {
				r, ok := e.Do.(inquiry.Roster)
				at := slices.IndexFunc(r.Set, func(o inquiry.Owner) bool { return o.ID == j[i].Owner && len(o.Skills) > 0 })
				if !ok || at < 0 {
					continue
				}
				p := j.plan(j.row(i).Plan)
				if !slices.ContainsFunc(p.Requirement.Skills, func(s inquiry.SkillRequirement) bool { return s.Soft == nil }) {
					return nil
				}
				r.Set = slices.Clone(r.Set)
				r.Set[at].Skills = nil
				j[k].Do = r
				return j
			}
			return nil
		}},
		{"given by a record to somebody else", verify.Decision, decision(func(d *routing.Decision) bool { d.Chosen.Owner = "mallory"; return true })},
		{"given beyond the capacity", verify.Capacity, func(j journal, i int) journal {
			if !auto(&j[i]) {
				return nil
			}
			for k, e := range slices.Backward(j[:i]) {
				r, ok := e.Do.(inquiry.Roster)
				if at := slices.IndexFunc(r.Set, func(o inquiry.Owner) bool { return o.ID == j[i].Owner }); ok && at >= 0 {
					r.Set = slices.Clone(r.Set)
					r.Set[at].Capacity = 1
					j[k].Do = r
					return j
				}
			}
			return nil
		}},
		{"a cost that is another", verify.Capacity, given(func(d *inquiry.Offering, _ *inquiry.Event) bool { d.Cost++; return true })},
		{"too much that is not flagged", verify.Capacity, data(inquiry.Assigned, func(d *inquiry.Offering, _ *inquiry.Event) bool { ok := d.Over; d.Over = false; return ok })},
		{"flagged, and not too much", verify.Capacity, data(inquiry.Assigned, func(d *inquiry.Offering, _ *inquiry.Event) bool { ok := d.Manual && !d.Over; d.Over = true; return ok })},
		{"flagged without a hand", verify.Capacity, given(func(d *inquiry.Offering, _ *inquiry.Event) bool { d.Over = true; return true })},
		{"a load that is another", verify.Capacity, data("", func(d *inquiry.Overload, _ *inquiry.Event) bool { d.Load--; return true })},
		{"a capacity that is another", verify.Capacity, data("", func(d *inquiry.Overload, _ *inquiry.Event) bool { d.Capacity++; return true })},
		{"a waiting cost that is another", verify.Capacity, data("", func(d *inquiry.Awaiting, _ *inquiry.Event) bool { n := 1; d.Cost = &n; return true })},
		{"a choice without a record", verify.Decision, event("", func(e *inquiry.Event) bool { ok := auto(e); e.Decision = nil; return ok })},
		{"a record that cannot be read", verify.Decision, event("", func(e *inquiry.Event) bool { ok := auto(e); e.Decision = []byte("[]"); return ok })},
		{"a record of another position", verify.Decision, decision(func(d *routing.Decision) bool { d.Seq--; return true })},
		{"a record of another plan", verify.Decision, decision(func(d *routing.Decision) bool { d.Plan = inquiry.DeriveID("other"); return true })},
		{"a record of another rule", verify.Decision, decision(func(d *routing.Decision) bool { d.Rule = "other"; return true })},
		{"a record of another policy", verify.Decision, decision(func(d *routing.Decision) bool { d.Policy = "other"; return true })},
		{"a record of other dropped parts", verify.Decision, decision(func(d *routing.Decision) bool { d.Relaxed ^= 1; return true })},
		{"a score that is another", verify.Decision, decision(func(d *routing.Decision) bool { d.Chosen.Score.Total++; return true })},
		{"a fit that is another", verify.Decision, decision(func(d *routing.Decision) bool { d.Chosen.Score.Parts.Fit--; return true })},
		{"an affinity that is another", verify.Decision, decision(func(d *routing.Decision) bool { d.Chosen.Score.Parts.Affinity ^= routing.Full; return true })},
		{"an affinity that the record does not have", verify.Decision, given(func(d *inquiry.Offering, _ *inquiry.Event) bool { d.Affinity = !d.Affinity; return true })},
		{"a runner-up with another score", verify.Decision, decision(func(d *routing.Decision) bool {
			if len(d.RunnersUp) == 0 {
				return false
			}
			d.RunnersUp[0].Score.Total++
			return true
		})},
		{"a runner-up who is a stranger", verify.Decision, decision(func(d *routing.Decision) bool {
			if len(d.RunnersUp) == 0 {
				return false
			}
			d.RunnersUp[0].Owner = "mallory"
			return true
		})},
		{"a worse one chosen", verify.Decision, func(j journal, i int) journal {
			ok := false
			change(&j[i], func(d *routing.Decision) {
				if ok = len(d.RunnersUp) > 0 && !d.Pulled && len(d.Kept) == 0 && d.RunnersUp[0].Score.Total < d.Chosen.Score.Total; ok {
					d.Chosen, d.RunnersUp[0] = d.RunnersUp[0], d.Chosen
					j[i].Owner = d.Chosen.Owner
				}
			})
			if !ok {
				return nil
			}
			return j
		}},
		{"one more who passed", verify.Decision, decision(func(d *routing.Decision) bool { d.Passed++; return true })},
		{"a gate that held back one more", verify.Decision, decision(func(d *routing.Decision) bool {
			if len(d.Gates) == 0 {
				return false
			}
			d.Gates[0].N++
			return true
		})},
		{"a gate that held nobody back", verify.Decision, decision(func(d *routing.Decision) bool {
			d.Gates = append(d.Gates, routing.GateCount{Gate: "capacity", N: 9})
			return true
		})},
		{"a roster that is larger", verify.Decision, decision(func(d *routing.Decision) bool { d.Owners++; return true })},
		{"taken, and nobody took it", verify.Decision, decision(func(d *routing.Decision) bool { ok := !d.Pulled; d.Pulled = true; return ok })},
		{"kept for what nobody got", verify.Decision, decision(func(d *routing.Decision) bool {
			d.Kept = append(d.Kept, routing.Kept{Owner: "mallory", Inquiry: inquiry.DeriveID("ghost")})
			return true
		})},
		{"a dispatch that was not counted", verify.Limit, given(func(d *inquiry.Offering, _ *inquiry.Event) bool {
			if len(d.Charges) == 0 {
				return false
			}
			d.Charges = d.Charges[1:]
			return true
		})},
		{"a dispatch counted against another limit", verify.Limit, given(func(d *inquiry.Offering, _ *inquiry.Event) bool {
			if len(d.Charges) == 0 {
				return false
			}
			d.Charges[0].Limit = "owner/mallory"
			return true
		})},
		{"a bucket that is fuller than it was", verify.Limit, given(func(d *inquiry.Offering, _ *inquiry.Event) bool {
			return len(d.Charges) > 0 && later(&d.Charges[0].EmptyAt, -2*time.Microsecond)
		})},
		{"more than a limit allows", verify.Limit, func(j journal, i int) journal {
			a, ok := j[i].Do.(inquiry.Adopt)
			if !ok || !strings.Contains(string(a.Policy), `"burst":4`) {
				return nil
			}
			a.Policy = []byte(strings.Replace(string(a.Policy), `"burst":4`, `"burst":1`, 1))
			j[i].Do = a
			return j
		}},
		{"a wait for a limit that ends earlier", verify.Limit, data("", func(d *inquiry.Limitation, _ *inquiry.Event) bool { return later(&d.Until, -time.Millisecond) })},
		{"a wait for no limit", verify.Limit, data("", func(d *inquiry.Limitation, _ *inquiry.Event) bool { d.Limit = "owner/mallory"; return true })},
		{"a plan of another policy in force", verify.Plan, data("", func(d *inquiry.Routing, _ *inquiry.Event) bool { d.Policy = "other"; return true })},
		{"a plan that the facts do not make", verify.Plan, func(j journal, i int) journal {
			d, ok := j[i].Data.(inquiry.Routing)
			for _, e := range j[:i] {
				p, isPlan := e.Data.(inquiry.Plan)
				if id := p.ID(); ok && isPlan && p.Duty == "" && id != d.Plan && j[i].Duty == "" {
					d.Plan, d.Rule, d.Department = id, p.Rule, p.Requirement.Home
					j[i].Data = d
					return j
				}
			}
			return nil
		}},
		{"a plan that is not there", verify.Plan, data("", func(d *inquiry.Routing, _ *inquiry.Event) bool { d.Plan = inquiry.DeriveID("ghost"); return true })},
		{"a plan that says something else", verify.Plan, data("", func(d *inquiry.Plan, _ *inquiry.Event) bool { d.OfferFor++; return true })},
		{"a plan twice", verify.Plan, func(j journal, i int) journal {
			if j[i].Kind != inquiry.PlanAdded {
				return nil
			}
			return j.insert(i+1, j[i])
		}},
		{"facts that are others", verify.Plan, func(j journal, i int) journal {
			if j[i].Kind != inquiry.Opened {
				return nil
			}
			in := j[i].Do.(inquiry.Receive)
			if in.Facts.ScreenOut != "" || len(in.Facts.Labels) > 0 {
				return nil
			}
			in.Facts.Labels = []string{"billing", "french"}
			j[i].Do = in
			return j
		}},
		{"a rule that did not match", verify.Plan, data("", func(d *inquiry.Routing, _ *inquiry.Event) bool { d.Rule += "/more"; return true })},
		{"a priority that the rule does not give", verify.Plan, data("", func(d *inquiry.Routing, e *inquiry.Event) bool { d.Priority++; return e.Duty == "" })},
		{"a department that the rule does not name", verify.Plan, data("", func(d *inquiry.Routing, _ *inquiry.Event) bool { d.Department += "x"; return true })},
		{"routed anew by other facts", verify.Plan, data("", func(d *inquiry.Rerouting, _ *inquiry.Event) bool {
			d.Facts = &inquiry.Facts{Labels: []string{"other"}}
			return true
		})},
		{"routed anew by another plan", verify.Plan, data("", func(d *inquiry.Rerouting, _ *inquiry.Event) bool { d.Rule = "other"; return true })},
		{"a policy that is broken", verify.Plan, event(inquiry.PolicyAdopted, func(e *inquiry.Event) bool {
			e.Do = inquiry.Adopt{Version: "broken", Policy: []byte(`{"default":{}}`)}
			return true
		})},
		{"a promise that was changed otherwise", verify.Plan, func(j journal, i int) journal {
			d, ok := j[i].Data.(inquiry.Retargeting)
			if !ok {
				return nil
			}
			d.Plan = j.row(i).Plan
			j[i].Data = d
			return j
		}},
		{"a part dropped a nanosecond early", verify.Relaxing, data("", func(d *inquiry.Relaxation, e *inquiry.Event) bool { return !d.Nobody && later(&e.At, -ns) })},
		{"a part dropped that is another", verify.Relaxing, data("", func(d *inquiry.Relaxation, _ *inquiry.Event) bool { d.Name = "charm at 5"; return true })},
		{"a part that the requirement does not have", verify.Relaxing, data("", func(d *inquiry.Relaxation, _ *inquiry.Event) bool { d.Part = 31; return true })},
		{"a part dropped for nobody, and somebody could", verify.Relaxing, data("", func(d *inquiry.Relaxation, _ *inquiry.Event) bool { d.Nobody = !d.Nobody; return true })},
		{"a part dropped twice", verify.Relaxing, func(j journal, i int) journal {
			if j[i].Kind != inquiry.RequirementRelaxed {
				return nil
			}
			return j.insert(i+1, j[i])
		}},
	}
}

// plan is one that the journal has.
func (j journal) plan(id inquiry.ID) inquiry.Plan {
	for _, e := range j {
		if p, ok := e.Data.(inquiry.Plan); ok && p.ID() == id {
			return p
		}
	}
	return inquiry.Plan{}
}

// journals are clean ones to make mutations in: each call copies, for a mutation
// may change what events point to.
func journals(tb testing.TB) []func() journal {
	tb.Helper()
	all := []func() journal{func() journal { return clean(tb) }}
	for _, o := range []*office{open(tb).day(), open(tb).night()} {
		written, err := json.Marshal(o.journal())
		require.NoError(tb, err)
		all = append(all, func() (j journal) {
			require.NoError(tb, json.Unmarshal(written, &j))
			return j
		})
	}
	return all
}

// Each kind of mutation of a clean journal is reported by the rule that it breaks.
func TestEveryMutationIsReportedByItsRule(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it takes some ten seconds, in goroutines that share nothing")
	}
	from := journals(t)
	for _, good := range from {
		r, err := verify.Journal("pool", good().events(), verify.Options{})
		require.NoError(t, err)
		require.Empty(t, r.Findings)
		require.Positive(t, r.Steps)
		require.Positive(t, r.Open)
	}
	names, rules := map[string]bool{}, map[verify.Rule]bool{}
	for _, m := range mutations() {
		require.False(t, names[m.name], m.name)
		names[m.name], rules[m.rule] = true, true
		t.Run(fmt.Sprintf("%s: %s", m.rule, m.name), func(t *testing.T) {
			t.Parallel()
			n := 0
			for _, good := range from {
				n += m.try(t, good)
			}
			require.Positive(t, n, "there is no place for it in the journals")
		})
	}
	require.GreaterOrEqual(t, len(names), 60)
	for _, m := range storeMutations() {
		rules[m.rule] = true
	}
	rules[verify.Replayed] = true // see TestAReplayDiffersFromWhatIsMutated
	for _, rule := range verify.Rules() {
		require.True(t, rules[rule], "no mutation breaks the rule %s", rule)
	}
}

// try makes a mutation wherever it can be made, up to a number of places.
func (m *mutation) try(t *testing.T, good func() journal) (n int) {
	t.Helper()
	spare := good()
	for i := 0; i < len(spare) && n < *places; i++ {
		was := spare[i]
		bad := m.at(spare, i)
		if bad == nil {
			spare[i] = was
			continue
		}
		r, err := verify.Journal("pool", bad.events(), verify.Options{})
		require.NoError(t, err)
		require.Contains(t, r.Rules(), m.rule, "event %d (%s): %v", i+1, was.Kind, first(r.Findings))
		for _, f := range r.Findings {
			require.NotEmpty(t, f.Found)
			require.NotEmpty(t, f.Expected)
			require.Contains(t, f.String(), string(f.Rule))
		}
		if n++; n < *places {
			spare = good()
		}
	}
	return n
}

// A replay of a mutated journal differs from it.
func TestAReplayDiffersFromWhatIsMutated(t *testing.T) {
	t.Parallel()
	all, same := 0, []string{}
	for _, good := range journals(t)[1:] { // the frozen one was written by an engine that took smaller steps
		r, err := verify.Journal("pool", good().events(), verify.Options{Replay: true})
		require.NoError(t, err)
		require.Empty(t, r.Findings)
		require.Equal(t, uint64(len(good())), r.Events)
		for _, m := range mutations() {
			spare := good()
			for i := range spare {
				was := spare[i]
				bad := m.at(spare, i)
				if bad == nil {
					spare[i] = was
					continue
				}
				r, err := verify.Journal("pool", bad.events(), verify.Options{Replay: true})
				require.NoError(t, err)
				if all++; !slices.Contains(r.Rules(), verify.Replayed) && !slices.Contains(same, m.name) {
					same = append(same, m.name)
				}
				break
			}
		}
	}
	require.Greater(t, all, 100)
	require.Equal(t, []string{"a command of no input", "an input carried out twice"}, same, "which input it was the journal alone says")
}

func first(findings []verify.Finding) any {
	if len(findings) == 0 {
		return "nothing was found"
	}
	return findings[:min(3, len(findings))]
}
