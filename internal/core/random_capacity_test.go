package core

import (
	"slices"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// randomCapacity has the policies differ in what work takes, and in what becomes
// of it when its owner's room or shift is at an end.
func randomCapacity(p *routing.Policy, n int) {
	none, some := 0, 8
	for i := range p.Channels {
		switch c := &p.Channels[i]; c.Name {
		case "chat":
			c.WaitingCost, c.WrapUp = &some, minutes(3*n)
		case "post":
			c.WaitingCost, c.Interruptible = &none, n != 1
		}
	}
	three := 3
	p.Channels = append(p.Channels, routing.Channel{Name: "email", WaitingCost: &three, Interruptible: n == 2})
	if p.Default.Waking = inquiry.Requeue; n%2 == 0 {
		p.Default.Waking, p.Default.ShiftEnd = inquiry.Keep, inquiry.Requeue
	}
	p.Presence.BeginBefore = minutes(20 * n)
	for i := range p.Rules {
		switch r := &p.Rules[i]; r.Name {
		case "press":
			r.Waking, r.ShiftEnd = inquiry.Requeue, inquiry.Keep
		case "billing":
			r.WrapUp, r.BeginBefore = minutes(4), hours(1)
		case "chat":
			r.ShiftEnd = inquiry.Requeue
		}
	}
}

// withCaps gives some of the owners caps.
func withCaps(owners []inquiry.Owner) []inquiry.Owner {
	caps := map[inquiry.OwnerID][]inquiry.Cap{
		"anna":  {{Channel: "chat", Max: 2}, {Channel: "email", Max: 5}},
		"ben":   {{Channel: "chat", Max: 1, Alone: true}},
		"carla": {{Channel: "email", Max: 1, Alone: true}, {Channel: "chat", Max: 1, Alone: true}},
		"bot":   {{Channel: "email", Max: 3}},
		"eva":   {{Channel: "post", Max: 2, Alone: true}},
	}
	for i := range owners {
		owners[i].Caps = caps[owners[i].ID]
	}
	return owners
}

// wrapUp is somebody saying that they are done with the work after the work, now
// and then with work that they never had; nil for mostly something else.
func (w *world) wrapUp(c *Core) inquiry.Command {
	if !w.one(12) {
		return nil
	}
	var ids []inquiry.ID
	for id, x := range whole(c) {
		if len(x.WrapUps) > 0 {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	slices.SortFunc(ids, inquiry.ID.Compare)
	x := whole(c)[ids[w.n(len(ids))]]
	if w.one(10) {
		return inquiry.EndWrapUp{Inquiry: x.ID, Owner: w.owner()}
	}
	return inquiry.EndWrapUp{Inquiry: x.ID, Owner: x.WrapUps[0].Owner}
}
