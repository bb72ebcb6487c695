package prooftest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// holder is a bot that has all the work until it leaves.
const holder inquiry.OwnerID = "holder"

func TestAgreement(t *testing.T) {
	t.Parallel()
	t.Run("C3 the same situation leads to the same owners, whether the work is there first or those who are free", func(t *testing.T) {
		rapid.Check(t, func(rt *rapid.T) {
			begin := beginTogether(rt)
			workFirst, ownersFirst := begin(), begin()
			require.Equal(rt, workFirst.situation(), ownersFirst.situation())
			leave, back := inquiry.Roster{Remove: []inquiry.OwnerID{holder}}, inquiry.Heartbeat{Owners: people}
			for _, order := range []struct {
				w    *world
				acts []inquiry.Command
			}{{workFirst, []inquiry.Command{leave, back}}, {ownersFirst, []inquiry.Command{back, leave}}} {
				for _, act := range order.acts {
					in := order.w.input(act)
					require.Empty(rt, order.w.happen(&in).Refused)
				}
			}
			require.Equal(rt, workFirst.situation(), ownersFirst.situation())
		})
	})
}

// beginTogether draws a situation, to be set up several times: people who were
// there and have lapsed, some of them with work in hand, and work in the hands of
// somebody who is about to leave.
func beginTogether(t *rapid.T) func() *world {
	p := drawPolicy(t, kind{})
	p.Presence.LapseAfter, p.Presence.SilentFor = sla.Duration(10*time.Minute), -1
	p.Presence.Ramp = nil // which is counted from when somebody came back
	settings := []*routing.Settings{&p.Default}
	for i := range p.Rules {
		settings = append(settings, &p.Rules[i].Settings)
	}
	for _, s := range settings { // nothing else seeks an owner before they are back
		s.ShiftEnd, s.Acknowledge, s.Assist = "", nil, nil
	}
	roster := drawRoster(t, kind{})
	roster.Set = append(roster.Set, inquiry.Owner{ID: holder, Capacity: 1000, Bot: true, Accounts: []string{"nothing"}})
	for i := range roster.Set {
		if o := &roster.Set[i]; o.ID != holder {
			o.Bot = false
		}
	}
	type work struct {
		message inquiry.Receive
		owner   inquiry.OwnerID
	}
	var all []work
	for n := range number(t, "inquiries", 1, 6) {
		m := inquiry.Message{
			Pool: "pool", Source: "mail", External: fmt.Sprint(n), At: monday, Text: "text",
			Channel: oneOf(t, "channel", channels...), Account: oneOf(t, "account", accounts...),
		}
		m.ID = inquiry.MessageID(m.Pool, m.Source, m.External)
		r := inquiry.Receive{Message: m, New: inquiry.DeriveID("inquiry", fmt.Sprint(n))}
		r.Facts.Language = oneOf(t, "language", languages...)
		r.Facts.AddLabels(some(t, "label", labels)...)
		r.Facts.Persons = []inquiry.ID{inquiry.PersonID(nil, "pool", "any", fmt.Sprint(n))}
		w := work{r, holder}
		if seldom(t, "in hand", 4) {
			w.owner = oneOf(t, "owner", roster.Set[:len(roster.Set)-1]...).ID
		}
		all = append(all, w)
	}
	adopt := adopting(t, p)
	return func() *world {
		w := newWorld(t, property{})
		act := func(cmd inquiry.Command) {
			in := w.input(cmd)
			require.Empty(t, w.happen(&in).Refused)
		}
		act(adopt)
		act(roster)
		for _, a := range all {
			act(a.message)
			act(inquiry.Assign{Inquiry: a.message.New, Owner: a.owner})
		}
		for _, o := range roster.Set {
			if o.ID != holder {
				act(inquiry.SetPresence{Owner: o.ID, Presence: inquiry.Online})
			}
		}
		w.now = w.now.Add(11 * time.Minute)
		w.happen(nil)
		return w
	}
}

// situation is who has what.
func (w *world) situation() (out []string) {
	for _, x := range w.live(nil) {
		out = append(out, fmt.Sprintf("%s of %s: %s %s %v %d", x.ID.Short(), x.Duty, x.State, x.Owner, offeredTo(x), x.Relaxed))
	}
	return out
}
