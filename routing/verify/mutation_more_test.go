package verify_test

import (
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/verify"
	"github.com/answerable-go/answerable/sla"
)

func offerMutations() []mutation {
	ending := func(kind inquiry.EventKind, f func(d *inquiry.Ending) bool) func(journal, int) journal {
		return data(kind, func(d *inquiry.Ending, _ *inquiry.Event) bool { return f(d) })
	}
	excluded := func(d *inquiry.Ending) bool { return later(&d.ExcludedUntil, ns) }
	return []mutation{
		{"woken beyond its owner's room, and not flagged", verify.Capacity, dropped(inquiry.Overfilled)},
		{"an offer that lives a nanosecond longer", verify.Offer, data(inquiry.Offered, func(d *inquiry.Offering, _ *inquiry.Event) bool { return later(&d.Expires, ns) })},
		{"an offer from another department", verify.Offer, data(inquiry.Offered, func(d *inquiry.Offering, _ *inquiry.Event) bool { d.Department += "x"; return true })},
		{"offered where it is given directly", verify.Offer, func(j journal, i int) journal {
			if j[i].Kind != inquiry.Assigned || len(j[i].Decision) == 0 {
				return nil
			}
			j[i].Kind = inquiry.Offered
			return j
		}},
		{"an offer that expires a nanosecond early", verify.Offer, event(inquiry.OfferExpired, func(e *inquiry.Event) bool { return later(&e.At, -ns) })},
		{"accepted when it was over", verify.Offer, func(j journal, i int) journal {
			if j[i].Kind != inquiry.Accepted {
				return nil
			}
			for k, e := range slices.Backward(j[:i]) {
				if d, ok := e.Data.(inquiry.Offering); ok && e.Inquiry == j[i].Inquiry {
					if len(e.Decision) == 0 || !d.Expires.After(e.RecordedAt) {
						return nil
					}
					d.Expires = j[i].RecordedAt
					j[k].Data = d
					return j
				}
			}
			return nil
		}},
		{"accepted by somebody else", verify.Offer, by(inquiry.Accepted)},
		{"accepted by a command of somebody else", verify.Owner, func(j journal, i int) journal {
			c, ok := j[i].Do.(inquiry.Accept)
			if !ok || j[i].Kind != inquiry.Accepted {
				return nil
			}
			c.Owner = "mallory"
			j[i].Do = c
			return j
		}},
		{"declined by somebody else", verify.Offer, by(inquiry.Declined)},
		{"declined, and nobody did", verify.Offer, func(j journal, i int) journal {
			c, ok := j[i].Do.(inquiry.Decline)
			if !ok {
				return nil
			}
			c.Owner = "mallory"
			j[i].Do = c
			return j
		}},
		{"revoked from somebody who has no offer", verify.Offer, by(inquiry.OfferRevoked)},
		{"to be confirmed a nanosecond later", verify.Offer, data("", func(d *inquiry.Confirmation, _ *inquiry.Event) bool { return later(&d.Until, ns) })},
		{"confirmed without having been accepted", verify.Offer, dropped(inquiry.Confirming)},
		{"a decliner passed over a nanosecond longer", verify.Offer, ending(inquiry.Declined, excluded)},
		{"who let it pass is passed over a nanosecond longer", verify.Offer, ending(inquiry.OfferExpired, excluded)},
		{"who gave it back is passed over a nanosecond longer", verify.Offer, ending(inquiry.Released, excluded)},
		{"who was not confirmed is passed over a nanosecond longer", verify.Offer, ending(inquiry.Unconfirmed, excluded)},
		{"passed over a nanosecond longer if everybody is", verify.Offer, ending("", func(d *inquiry.Ending) bool { return later(&d.SoleUntil, ns) })},
		{"a decliner who is not passed over", verify.Offer, ending(inquiry.Declined, func(d *inquiry.Ending) bool { d.ExcludedUntil, d.SoleUntil = time.Time{}, time.Time{}; return true })},
		{"acknowledged by somebody else", verify.Owner, func(j journal, i int) journal {
			if j[i].Kind != inquiry.Acknowledged || j[i].Do == nil || j[i].Duty != "" {
				return nil
			}
			j[i].Owner = "mallory"
			return j
		}},
		{"resolved by somebody else", verify.Owner, event(inquiry.Resolved, func(e *inquiry.Event) bool { e.Owner = "mallory"; return true })},
		{"given back by somebody else", verify.Owner, by(inquiry.Released)},
		{"put to rest by somebody else", verify.Owner, by(inquiry.AwaitingCustomer)},
		{"drafted by somebody else", verify.Owner, by(inquiry.ReplyDrafted)},
		{"a wrap-up a nanosecond longer", verify.WrapUp, data("", func(d *inquiry.Resolution, _ *inquiry.Event) bool { return later(&d.WrapUp, ns) })},
		{"a wrap-up that nobody planned", verify.WrapUp, data("", func(d *inquiry.Resolution, e *inquiry.Event) bool {
			ok := d.WrapUp.IsZero()
			d.WrapUp = e.RecordedAt.Add(time.Minute)
			return ok
		})},
		{"a wrap-up that is over a nanosecond early", verify.WrapUp, data(inquiry.WrapUpEnded, func(d *inquiry.Ending, e *inquiry.Event) bool { return d.Reason == "over" && later(&e.At, -ns) })},
		{"a wrap-up of somebody else", verify.WrapUp, by(inquiry.WrapUpEnded)},
		{"a wait a nanosecond longer", verify.Waiting, data("", func(d *inquiry.Awaiting, _ *inquiry.Event) bool { return later(&d.Until, ns) })},
		{"a wait without an end", verify.Waiting, data("", func(d *inquiry.Awaiting, _ *inquiry.Event) bool { d.Until = time.Time{}; return true })},
		{"a wait that ends a nanosecond early", verify.Waiting, event(inquiry.AwaitEnded, func(e *inquiry.Event) bool { return e.Cause.IsZero() && later(&e.At, -ns) })},
		{"a nanosecond longer to reopen it", verify.Waiting, data("", func(d *inquiry.Resolution, _ *inquiry.Event) bool { return later(&d.ReopenUntil, ns) })},
		{"reviewed a nanosecond later", verify.Waiting, data("", func(d *inquiry.Screening, _ *inquiry.Event) bool { return later(&d.ReviewAt, ns) })},
		{"held a nanosecond longer", verify.Waiting, data("", func(d *inquiry.Hold, _ *inquiry.Event) bool { return later(&d.Until, ns) })},
		{"held for somebody else", verify.Waiting, by(inquiry.Held)},
		{"closed a nanosecond early", verify.Waiting, data(inquiry.Closed, func(d *inquiry.Ending, e *inquiry.Event) bool { return d.Reason == "resolved" && later(&e.At, -ns) })},
	}
}

func clockMutations() []mutation {
	due := func(c *sla.Clock) bool { return later(&c.Due, ns) }
	return []mutation{
		{"due a nanosecond later", verify.Clock, clock(inquiry.ClocksStarted, due)},
		{"due a nanosecond later after a pause", verify.Clock, clock(inquiry.ClocksResumed, due)},
		{"due a nanosecond later by another target", verify.Clock, clock(inquiry.ClocksRetargeted, due)},
		{"due a nanosecond later after a warning", verify.Clock, clock(inquiry.ClockWarned, due)},
		{"due a nanosecond later after having been met", verify.Clock, clock(inquiry.ClocksMet, func(c *sla.Clock) bool { return c.State == sla.Met && due(c) })},
		{"started a nanosecond later", verify.Clock, clock(inquiry.ClocksStarted, func(c *sla.Clock) bool { return later(&c.Started, ns) })},
		{"started a nanosecond later, and due with it", verify.Clock, clock(inquiry.ClocksStarted, func(c *sla.Clock) bool {
			return c.Target.Calendar == "" && later(&c.Started, -ns) && later(&c.Due, -ns)
		})},
		{"a start that moves", verify.Clock, clock(inquiry.ClocksMet, func(c *sla.Clock) bool { return later(&c.Started, -ns) })},
		{"started anew while it runs", verify.Clock, func(j journal, i int) journal {
			if j[i].Kind != inquiry.ClocksStarted {
				return nil
			}
			return j.insert(i+1, j[i])
		}},
		{"another target than the plan's", verify.Clock, clock(inquiry.ClocksStarted, func(c *sla.Clock) bool { c.Target.Within++; return true })},
		{"a target that changes by itself", verify.Clock, clock(inquiry.ClocksMet, func(c *sla.Clock) bool { c.Target.Within++; return true })},
		{"a kind that nobody promised", verify.Clock, clock(inquiry.ClocksMet, func(c *sla.Clock) bool { c.Kind = "other"; return true })},
		{"a state that is none", verify.Clock, clock("", func(c *sla.Clock) bool { c.State = "other"; return true })},
		{"standing still since a nanosecond later", verify.Clock, clock(inquiry.ClocksPaused, func(c *sla.Clock) bool { return later(&c.PausedAt, -ns) })},
		{"a pause a nanosecond longer", verify.Clock, clock(inquiry.ClocksResumed, func(c *sla.Clock) bool {
			return len(c.Pauses) > 0 && c.Target.Calendar == "" && later(&c.Pauses[len(c.Pauses)-1].Until, -ns) && later(&c.Due, -ns)
		})},
		{"a pause that began a nanosecond earlier", verify.Clock, clock(inquiry.ClocksResumed, func(c *sla.Clock) bool {
			return len(c.Pauses) > 0 && c.Target.Calendar == "" && later(&c.Pauses[len(c.Pauses)-1].From, -ns) && later(&c.Due, ns)
		})},
		{"a pause that is lost", verify.Clock, clock(inquiry.ClocksResumed, func(c *sla.Clock) bool { ok := len(c.Pauses) > 0; c.Pauses = nil; return ok })},
		{"an old pause that has changed", verify.Clock, clock(inquiry.ClocksMet, func(c *sla.Clock) bool { return len(c.Pauses) > 0 && later(&c.Pauses[0].From, -ns) })},
		{"reopened with another pause", verify.Clock, clock(inquiry.ClocksReopened, func(c *sla.Clock) bool {
			return len(c.Pauses) > 0 && later(&c.Pauses[len(c.Pauses)-1].Until, -ns) && later(&c.Due, -ns)
		})},
		{"cancelled and still running", verify.Clock, clock(inquiry.ClocksCancelled, func(c *sla.Clock) bool { c.State = sla.Running; return true })},
		{"told of no clock", verify.Clock, data("", func(d *inquiry.Clocking, _ *inquiry.Event) bool { d.Clocks = nil; return true })},
		{"breached a nanosecond later", verify.Breach, clock(inquiry.ClockBreached, func(c *sla.Clock) bool { return later(&c.BreachedAt, ns) })},
		{"a breach recorded as of a nanosecond later", verify.Breach, event(inquiry.ClockBreached, func(e *inquiry.Event) bool { return later(&e.At, -ns) })},
		{"met a nanosecond later", verify.Breach, clock(inquiry.ClocksMet, func(c *sla.Clock) bool { return later(&c.EndedAt, -ns) })},
		{"late and called in time", verify.Breach, clock(inquiry.ClocksMet, func(c *sla.Clock) bool {
			ok := c.State == sla.Breached
			c.State, c.BreachedAt = sla.Met, time.Time{}
			return ok
		})},
		{"in time and called late", verify.Breach, clock(inquiry.ClocksMet, func(c *sla.Clock) bool {
			ok := c.State == sla.Met && !c.Due.IsZero()
			c.State, c.BreachedAt = sla.Breached, c.Due
			return ok
		})},
		{"withdrawn for an answer that was late", verify.Breach, clock(inquiry.BreachWithdrawn, func(c *sla.Clock) bool { return later(&c.EndedAt, 10*time.Hour) })},
		{"a warning a nanosecond early", verify.Warning, event(inquiry.ClockWarned, func(e *inquiry.Event) bool { return later(&e.At, -ns) })},
		{"a warning counted twice", verify.Warning, clock(inquiry.ClockWarned, func(c *sla.Clock) bool { c.Warned++; return true })},
		{"a warning given by an answer", verify.Warning, clock(inquiry.ClocksMet, func(c *sla.Clock) bool { c.Warned++; return true })},
		{"a warning twice", verify.Warning, func(j journal, i int) journal {
			if j[i].Kind != inquiry.ClockWarned {
				return nil
			}
			return j.insert(i+1, j[i])
		}},
	}
}

func ladderMutations() []mutation {
	rung := func(f func(d *inquiry.Escalation, e *inquiry.Event) bool) func(journal, int) journal {
		return data("", f)
	}
	reminder := func(kind inquiry.EventKind, f func(d *inquiry.Reminder) bool) func(journal, int) journal {
		return data(kind, func(d *inquiry.Reminder, _ *inquiry.Event) bool { return f(d) })
	}
	return []mutation{
		{"a level left out", verify.Escalation, dropped(inquiry.Escalated, func(j journal, i int) bool {
			d, _ := j[i].Data.(inquiry.Escalation)
			return d.Reason == "breached" && d.To != sla.Sink && slices.ContainsFunc(j[i+1:], func(e inquiry.Event) bool { return e.Inquiry == j[i].Inquiry && e.Kind == inquiry.Escalated })
		})},
		{"a level climbed twice", verify.Escalation, func(j journal, i int) journal {
			if j[i].Kind != inquiry.Escalated {
				return nil
			}
			return j.insert(i+1, j[i])
		}},
		{"a level that the ladder does not have", verify.Escalation, rung(func(d *inquiry.Escalation, _ *inquiry.Event) bool { d.Level = 99; return true })},
		{"the next level", verify.Escalation, rung(func(d *inquiry.Escalation, _ *inquiry.Event) bool { d.Level++; return true })},
		{"a level that is another's", verify.Escalation, rung(func(d *inquiry.Escalation, _ *inquiry.Event) bool { d.To = sla.OnCall; return true })},
		{"a level that turned to somebody else", verify.Escalation, by(inquiry.Escalated)},
		{"a level that turned to nobody, it says", verify.Escalation, rung(func(d *inquiry.Escalation, _ *inquiry.Event) bool { d.Empty = !d.Empty; return d.Reason == "breached" })},
		{"a level a nanosecond early", verify.Escalation, rung(func(d *inquiry.Escalation, e *inquiry.Event) bool { return d.Reason == "breached" && later(&e.At, -ns) })},
		{"the next level a nanosecond later", verify.Escalation, rung(func(d *inquiry.Escalation, _ *inquiry.Event) bool { return later(&d.Next, ns) })},
		{"overtaken, it says", verify.Escalation, rung(func(d *inquiry.Escalation, _ *inquiry.Event) bool {
			d.Overtaken = !d.Overtaken
			return d.Reason == "breached" && d.To != sla.Sink && !d.Empty
		})},
		{"raised for another clock", verify.Escalation, rung(func(d *inquiry.Escalation, _ *inquiry.Event) bool { d.Clock = "other"; return d.Reason == "breached" })},
		{"to the end of the ladder for nothing", verify.Escalation, rung(func(d *inquiry.Escalation, _ *inquiry.Event) bool { d.Reason = "mood"; return true })},
		{"a reminder left out", verify.Escalation, reminder(inquiry.Reminded, func(d *inquiry.Reminder) bool { d.Count++; return true })},
		{"the next reminder a nanosecond later", verify.Escalation, reminder(inquiry.Reminded, func(d *inquiry.Reminder) bool { return later(&d.Next, ns) })},
		{"somebody else reminded", verify.Escalation, by(inquiry.Reminded)},
		{"a rest a nanosecond longer", verify.Escalation, reminder(inquiry.Quieted, func(d *inquiry.Reminder) bool { return later(&d.From, ns) })},
		{"climbed anew a nanosecond later", verify.Escalation, reminder(inquiry.Quieted, func(d *inquiry.Reminder) bool { return later(&d.Next, ns) })},
		{"the first level a nanosecond later", verify.Escalation, data(inquiry.ClockBreached, func(d *inquiry.Clocking, _ *inquiry.Event) bool { return later(&d.NextRung, ns) })},
		{"missed, and nobody climbs", verify.Escalation, data(inquiry.ClockBreached, func(d *inquiry.Clocking, _ *inquiry.Event) bool {
			ok := !d.NextRung.IsZero()
			d.NextRung = time.Time{}
			return ok
		})},
		{"the next level at another time by a priority", verify.Escalation, data("", func(d *inquiry.Prioritising, _ *inquiry.Event) bool { return later(&d.NextRung, ns) })},
		{"a priority beyond what there is", verify.Plan, data("", func(d *inquiry.Prioritising, _ *inquiry.Event) bool {
			d.Priority = routing.MaxPriority + 1
			return true
		})},
		{"stranded, and nobody knows", verify.Stranded, func(j journal, i int) journal {
			if j[i].Kind != inquiry.Stranded {
				return nil
			}
			out := j[:i:i]
			for _, e := range j[i:] { // the rest of the step without it
				if e.Cause != j[i].Cause || !e.RecordedAt.Equal(j[i].RecordedAt) {
					break
				}
				if e.Inquiry != j[i].Inquiry {
					out = append(out, e)
				}
			}
			return out.tidy()
		}},
		{"stranded, and the sink was not told", verify.Stranded, func(j journal, i int) journal {
			d, _ := j[i].Data.(inquiry.Escalation)
			if row := j.row(i); d.Reason != "stranded" || row.BreachOutstanding() {
				return nil
			}
			return j[:i:i].tidy()
		}},
		{"stranded, it says, and somebody could", verify.Stranded, func(j journal, i int) journal {
			if j[i].Kind != inquiry.Queued || len(j.owners(i)) == 0 || i+1 < len(j) && j[i+1].Kind == inquiry.Stranded || i+1 < len(j) && j[i+1].Kind == inquiry.RequirementRelaxed {
				return nil
			}
			return j.insert(i+1, inquiry.Event{Format: 1, Pool: j[i].Pool, Inquiry: j[i].Inquiry, Duty: j[i].Duty, Kind: inquiry.Stranded})
		}},
		{"not stranded any more, it says", verify.Stranded, func(j journal, i int) journal {
			if j[i].Kind != inquiry.Escalated || j[i].Data.(inquiry.Escalation).Reason != "stranded" {
				return nil
			}
			return j.insert(i+1, inquiry.Event{Format: 1, Pool: j[i].Pool, Inquiry: j[i].Inquiry, Duty: j[i].Duty, Kind: inquiry.Unstranded})
		}},
	}
}

func talkMutations() []mutation {
	reply := func(kind inquiry.EventKind, f func(d *inquiry.ReplyChange) bool) func(journal, int) journal {
		return data(kind, func(d *inquiry.ReplyChange, _ *inquiry.Event) bool { return f(d) })
	}
	twice := func(kind inquiry.EventKind) func(journal, int) journal {
		return func(j journal, i int) journal {
			if j[i].Kind != kind {
				return nil
			}
			return j.insert(i+1, j[i])
		}
	}
	return []mutation{
		{"a reply that has not seen the newest message", verify.Reply, reply(inquiry.ReplyApproved, func(d *inquiry.ReplyChange) bool { d.Seen, d.Anyway = d.Seen-1, false; return true })},
		{"a reply that has seen more than there is", verify.Reply, reply(inquiry.ReplyApproved, func(d *inquiry.ReplyChange) bool { d.Seen += 7; return true })},
		{"a reply of a stranger", verify.Reply, event(inquiry.ReplyApproved, func(e *inquiry.Event) bool { e.Owner = "mallory"; return true })},
		{"a reply that goes out twice", verify.Reply, twice(inquiry.ReplySending)},
		{"a reply that was sent twice", verify.Reply, twice(inquiry.ReplySent)},
		{"a reply that goes out without approval", verify.Reply, dropped(inquiry.ReplyApproved, func(j journal, i int) bool {
			of := func(e inquiry.Event) inquiry.ID { d, _ := e.Data.(inquiry.ReplyChange); return d.Reply }
			return slices.ContainsFunc(j[i+1:], func(e inquiry.Event) bool { return e.Kind == inquiry.ReplySending && of(e) == of(j[i]) })
		})},
		{"a reply whose approver is its author", verify.Reply, data(inquiry.ReplyApproved, func(d *inquiry.ReplyChange, e *inquiry.Event) bool {
			ok := d.By != ""
			d.By = e.Owner
			return ok
		})},
		{"a reply that waits for an approval that nobody asks for", verify.Reply, func(j journal, i int) journal {
			if j[i].Kind != inquiry.ReplyDrafted {
				return nil
			}
			if p := j.plan(j.row(i).Plan); p.Approve != nil {
				return nil
			}
			j[i].Kind = inquiry.ReplyPending
			return j
		}},
		{"a reply that is signed otherwise", verify.Reply, reply(inquiry.ReplyApproved, func(d *inquiry.ReplyChange) bool { d.SignOff += "^XX"; return true })},
		{"a contest that its author is to decide", verify.Reply, func(j journal, i int) journal {
			d, ok := j[i].Data.(inquiry.Contestation)
			if !ok {
				return nil
			}
			d.Arbiter = "mallory"
			j[i].Data = d
			return j
		}},
		{"a contest decided by somebody else", verify.Reply, event(inquiry.ContestDecided, func(e *inquiry.Event) bool { e.Owner = "mallory"; return true })},
		{"a contested reply that goes out", verify.Reply, func(j journal, i int) journal {
			d, ok := j[i].Data.(inquiry.Ruling)
			if !ok || !d.Send || !slices.ContainsFunc(j[i+1:], func(e inquiry.Event) bool {
				c, is := e.Data.(inquiry.ReplyChange)
				return is && c.Reply == d.Reply && (e.Kind == inquiry.ReplySending || e.Kind == inquiry.ReplyApproved)
			}) {
				return nil
			}
			return j.drop(i)
		}},
		{"an observed reply that settles what is not under way", verify.Reply, data("", func(d *inquiry.Observation, _ *inquiry.Event) bool {
			settles := !d.Settles.IsZero()
			d.Settles, d.Written = inquiry.DeriveID("ghost"), time.Time{}
			return settles
		})},
		{"an observed reply that is said to be older than it is", verify.Reply, data("", func(d *inquiry.Observation, _ *inquiry.Event) bool {
			d.Written = d.Written.Add(-time.Second)
			return !d.Settles.IsZero()
		})},
		{"an observed reply that is as old as what it does not settle", verify.Reply, data("", func(d *inquiry.Observation, e *inquiry.Event) bool {
			d.Written = e.At
			return d.Settles.IsZero()
		})},
		{"an observed reply that is judged otherwise", verify.Reply, data("", func(d *inquiry.Observation, _ *inquiry.Event) bool { d.Unauthorised = !d.Unauthorised; return true })},
	}
}

func joinedMutations() []mutation {
	merging := func(kind inquiry.EventKind, f func(d *inquiry.Merging) bool) func(journal, int) journal {
		return data(kind, func(d *inquiry.Merging, _ *inquiry.Event) bool { return f(d) })
	}
	return []mutation{
		{"merged into what is not there", verify.Joined, merging(inquiry.MergedInto, func(d *inquiry.Merging) bool { d.Lead = inquiry.DeriveID("ghost"); return true })},
		{"merged with fewer messages", verify.Joined, merging(inquiry.MergedInto, func(d *inquiry.Merging) bool { d.Merged.Inbound--; return true })},
		{"taken over with another deadline", verify.Joined, merging(inquiry.Absorbed, func(d *inquiry.Merging) bool {
			return len(d.Merged.Clocks) > 0 && yes(later(&d.Merged.Clocks[0].Due, ns)) && later(&d.Merged.Clocks[0].Started, ns)
		})},
		{"merged, and nobody takes it over", verify.Joined, dropped(inquiry.Absorbed)},
		{"given back without its clocks", verify.Joined, merging(inquiry.Unmerged, func(d *inquiry.Merging) bool { ok := len(d.Merged.Clocks) > 0; d.Merged.Clocks = nil; return ok })},
		{"given back by nobody", verify.Joined, dropped(inquiry.Separated)},
		{"linked on one side", verify.Joined, dropped(inquiry.Linked)},
		{"linked otherwise on one side", verify.Joined, data(inquiry.Linked, func(d *inquiry.LinkTo, _ *inquiry.Event) bool { d.Kind = inquiry.Related; return true })},
		{"a link taken back on one side", verify.Joined, dropped(inquiry.Unlinked)},
		{"split off other messages", verify.Joined, data(inquiry.SplitOff, func(d *inquiry.Splitting, _ *inquiry.Event) bool {
			d.Messages = []inquiry.ID{inquiry.DeriveID("ghost")}
			return true
		})},
		{"split off messages of another", verify.Joined, data(inquiry.MessagesMoved, func(d *inquiry.Splitting, _ *inquiry.Event) bool {
			d.Messages = []inquiry.ID{inquiry.DeriveID("ghost")}
			return true
		})},
		{"split off from nothing", verify.Joined, dropped(inquiry.MessagesMoved)},
		{"handed over by who does not have it", verify.Duty, data("", func(d *inquiry.Handover, _ *inquiry.Event) bool { d.From = "mallory"; return true })},
		{"handed over to who did not accept", verify.Duty, func(j journal, i int) journal {
			d, ok := j[i].Data.(inquiry.Handover)
			if !ok || d.Arbiter != "" {
				return nil
			}
			j[i].Owner = j.somebodyElse(i)
			return j
		}},
		{"handed over without a duty", verify.Duty, data("", func(d *inquiry.Handover, _ *inquiry.Event) bool {
			ok := d.Arbiter == ""
			d.Duty = inquiry.ID{}
			return ok
		})},
		{"handed over at another cost", verify.Capacity, data("", func(d *inquiry.Handover, _ *inquiry.Event) bool { d.Cost++; return true })},
		{"a hand-off that starts the customer's clock anew", verify.Clock, func(j journal, i int) journal {
			if j[i].Kind != inquiry.HandedOver {
				return nil
			}
			r := j.row(i)
			at := slices.IndexFunc(r.Clocks, func(c sla.Clock) bool { return c.Kind == sla.Resolve && c.State == sla.Running })
			if at < 0 {
				return nil
			}
			p := j.plan(r.Plan)
			t, _ := p.Target(sla.Resolve)
			c, err := sla.Start(t.At(int(r.Priority)), nil, j[i].RecordedAt)
			if err != nil {
				return nil
			}
			return j.insert(i+1, inquiry.Event{Format: 1, Pool: j[i].Pool, Inquiry: j[i].Inquiry, Owner: j[i].Owner, Kind: inquiry.ClocksStarted, Data: inquiry.Clocking{Clocks: []sla.Clock{c}}})
		}},
		{"a duty of which its inquiry does not know", verify.Duty, dropped(inquiry.DutyAdded)},
		{"a duty that never began", verify.Duty, func(j journal, i int) journal {
			if j[i].Kind != inquiry.DutyAdded {
				return nil
			}
			return j[: i+1 : i+1].tidy()
		}},
		{"a duty that ended otherwise", verify.Duty, data("", func(d *inquiry.DutyEnd, _ *inquiry.Event) bool { d.How = "other"; return true })},
		{"a duty of which its inquiry still knows", verify.Duty, dropped(inquiry.DutyEnded)},
		{"a duty that somebody else had", verify.Duty, func(j journal, i int) journal {
			if j[i].Kind != inquiry.DutyEnded {
				return nil
			}
			j[i].Owner = "mallory"
			return j
		}},
		{"an event of another duty", verify.Duty, event(inquiry.Accepted, func(e *inquiry.Event) bool { e.Duty = "other"; return true })},
	}
}
