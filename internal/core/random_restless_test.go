package core

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// restless has a wide world change while it is walked through: policies and owners are
// drawn anew again and again, and time passes so that much is due at one instant, or
// that something happens at the very instant at which something else is due.
func restless(w *world, seed int) {
	draws := dice{uint64(seed)<<20 + 11}
	w.afresh = 2 + draws.n(12)
	w.exactly = draws.n(3) * 3
	if w.coarse = draws.one(2); w.coarse {
		w.now = w.now.Truncate(time.Minute)
	}
	for i, p := range w.policies {
		if draws.one(2) {
			w.policies[i] = w.renamed(p)
		}
	}
}

// passExactly lets time pass to the instant of the next wake-up, or to a nanosecond
// beside it, in worlds that do that.
func (w *world) passExactly(c *Core) bool {
	if w.exactly == 0 || w.n(10) >= w.exactly {
		return false
	}
	wake := c.Wake()
	if wake.IsZero() || !wake.After(w.now) || wake.After(w.now.Add(5*time.Hour)) {
		return false
	}
	w.now = wake.Add(pick[time.Duration](&w.dice, -1, 0, 0, 0, 0, 1))
	return true
}

// renames are what policies call something, and what others may.
var renames = [][2]string{
	{"billing", "accounts"},
	{"press", "media"},
	{"law", "legalese"},
	{"support", "helpdesk"},
	{"sales", "shop"},
	{"office", "bureau"},
	{"late", "evening"},
	{"early", "morning"},
	{"chat", "talk"},
	{"post", "wall"},
	{"email", "letter"},
	{"@acme", "@emca"},
	{"help@acme", "care@acme"},
	{"manager", "boss"},
	{"night", "dusk"},
	{"settle", "grant"},
}

// renamed is a policy in which something is called otherwise, wherever it stands: what
// owners can do, where they are, or when they work, may be nothing that it knows.
func (w *world) renamed(p routing.Policy) routing.Policy {
	n := pick(&w.dice, renames...)
	raw := strings.ReplaceAll(string(mustJSON(p)), fmt.Sprintf("%q", n[0]), fmt.Sprintf("%q", n[1]))
	var q routing.Policy
	if err := json.Unmarshal([]byte(raw), &q); err != nil {
		panic(err)
	}
	if _, err := routing.Compile(q); err != nil {
		return p
	}
	return q
}

// anew is a change of a policy or of several owners such as nobody thought of, in a
// restless world now and then, nil otherwise.
func (w *world) anew(c *Core) inquiry.Command {
	if w.afresh == 0 || w.n(100) >= w.afresh {
		return nil
	}
	i := w.n(len(w.policies))
	switch w.n(7) {
	case 0:
		w.policies[i] = w.varied(w.policies[i])
	case 1:
		w.policies[i] = w.renamed(w.policies[i])
	case 2: // the calendars alone, those of shifts and clocks among them
		q := w.policies[i]
		q.Calendars = slices.Clone(q.Calendars)
		for k := range q.Calendars {
			if w.one(2) {
				w.varyCalendar(&q.Calendars[k])
			}
		}
		if _, err := routing.Compile(q); err == nil {
			w.policies[i] = q
		}
	case 3:
		w.policies[i].Sink = pick(&w.dice, w.owners...).ID
	case 4:
		return w.replaced()
	case 5:
		return w.bereft(c)
	case 6: // the sink goes
		if c.policy != nil {
			return inquiry.Roster{Remove: []inquiry.OwnerID{c.policy.Policy().Sink}}
		}
	}
	return adopt(w.policies[i])
}

// replaced has somebody be called what another was, with all that the other had in hand.
func (w *world) replaced() inquiry.Command {
	o, id := w.owners[w.n(len(w.owners))], w.owners[w.n(len(w.owners))].ID
	o.ID = id
	return inquiry.Roster{Set: []inquiry.Owner{w.otherwise(o)}}
}

// bereft takes from all who have it a skill, a department, their accounts or languages.
func (w *world) bereft(c *Core) inquiry.Command {
	what, skill, department := w.n(5), w.skill(), w.department()
	var r inquiry.Roster
	for _, there := range c.ownerList {
		o := there.data
		switch what {
		case 0:
			o.Skills = slices.DeleteFunc(slices.Clone(o.Skills), func(s inquiry.Skill) bool { return s.Name == skill })
		case 1:
			o.Departments = slices.DeleteFunc(slices.Clone(o.Departments), func(d string) bool { return d == department })
		case 2:
			o.Accounts = nil
		case 3:
			o.Languages = []string{pick(&w.dice, "de", "en", "fr")}
		case 4:
			o.Shift = w.calendar()
		}
		r.Set = append(r.Set, o)
	}
	if len(r.Set) == 0 {
		return w.heartbeat()
	}
	return r
}

// coarseMoment is one of a few, so that they meet each other.
func (w *world) coarseMoment() sla.Duration {
	return pick(&w.dice, minutes(1), minutes(2), minutes(5), minutes(10), minutes(60))
}

// passCoarsely lets whole minutes pass, often none.
func (w *world) passCoarsely() {
	n := 0
	switch k := w.n(1000); {
	case k < 500:
	case k < 800:
		n = 1
	case k < 970:
		n = w.n(5)
	case k < 998:
		n = w.n(60)
	default:
		n = w.n(600)
	}
	if at := w.now.Truncate(time.Minute).Add(time.Duration(n) * time.Minute); at.After(w.now) {
		w.now = at
	}
}
