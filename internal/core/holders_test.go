package core

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// Whoever qualifies for a new queue, and how many each gate holds back, is what
// everybody on the roster would say if they were asked, however the roster came
// about and whatever is asked for.
func TestWhoQualifiesIsWhoWouldSayThatTheyDo(t *testing.T) {
	t.Parallel()
	rosters := 300
	if testing.Short() || slow {
		rosters = 30
	}
	for seed := range rosters {
		d := dice{uint64(seed)}
		c, n := New("pool"), 0
		var b inquiry.Batch
		for range 1 + d.n(4) {
			n++
			in := inquiry.Input{ID: inquiry.InputID("pool", fmt.Sprint(n)), At: monday, Do: drawRoster(&d)}
			r, err := c.Step(monday, &in, &b)
			require.NoError(t, err)
			require.Empty(t, r.Outcome.Refused, r.Outcome.Detail)
			for range 20 {
				req, cost := drawRequirement(&d), 30*d.n(5)
				q := &queue{req: req, work: routing.Work{Cost: cost}}
				c.qualify(q)
				var who []inquiry.OwnerID
				var lasting routing.Tally
				for _, o := range c.ownerList {
					g := routing.Qualifies(&req, cost, &o.data)
					if lasting.Add(g); g == 0 {
						who = append(who, o.data.ID)
					}
				}
				var found []inquiry.OwnerID
				for i, p := range q.places {
					require.EqualValues(t, i, p.at)
					require.Same(t, p, p.owner.places[len(p.owner.places)-1])
					found = append(found, p.owner.data.ID)
				}
				if !slices.Equal(who, found) || lasting != q.lasting {
					t.Fatalf("seed %d: %s at a cost of %d: found %v, %v held back, want %v, %v", seed, mustJSON(req), cost, found, q.lasting, who, lasting)
				}
			}
		}
		for name, list := range c.holders.skills {
			require.NotEmpty(t, list, name)
		}
		sum := 0
		for i, k := range c.holders.list {
			require.Equal(t, i, k.at)
			require.Same(t, k, c.holders.kinds[k.key])
			sum += k.n
		}
		require.Equal(t, len(c.ownerList), sum)
	}
}

var drawnSkills = []string{"billing", "law", "refunds", "french"}

// drawn are at most so many of some words.
func drawn[T any](d *dice, most int, of ...T) (some []T) {
	for range d.n(most + 1) {
		some = append(some, of[d.n(len(of))])
	}
	return some
}

func drawSkills(d *dice) (some []inquiry.SkillRequirement) {
	for _, s := range drawn(d, 2, drawnSkills...) {
		some = append(some, inquiry.SkillRequirement{Skill: s, Min: d.n(6)})
	}
	return some
}

func drawRequirement(d *dice) inquiry.Requirement {
	req := inquiry.Requirement{Skills: drawSkills(d), Departments: drawn(d, 1, "press", "service")}
	for range d.n(2) {
		req.AnyOf = append(req.AnyOf, inquiry.SkillGroup{Any: drawSkills(d)})
	}
	if d.n(3) == 0 {
		req.Language, req.Account = "de", "@us"
	}
	req.Authority = drawn(d, 1, inquiry.Authority{Name: "refund", Limit: 50})
	for range d.n(3) {
		v := inquiry.Voice{
			Owners: drawn(d, 2, ownerNo(1), ownerNo(2), "nobody"), Departments: drawn(d, 1, "press"),
			Affiliations: drawn(d, 1, inquiry.OfAgency, inquiry.Employed),
		}
		for _, s := range drawn(d, 1, drawnSkills...) {
			v.Skills = append(v.Skills, inquiry.Skill{Name: s, Level: d.n(6)})
		}
		req.Voices = append(req.Voices, v)
	}
	return req
}

func ownerNo(n int) inquiry.OwnerID { return inquiry.OwnerID(fmt.Sprintf("owner-%02d", n)) }

// drawRoster sets some owners, and has some leave.
func drawRoster(d *dice) inquiry.Roster {
	r := inquiry.Roster{Complete: d.n(4) == 0}
	for i := range 12 {
		switch d.n(5) {
		case 0:
			r.Remove = append(r.Remove, ownerNo(i))
		case 1, 2:
			o := inquiry.Owner{
				ID: ownerNo(i), Capacity: 50 * d.n(3), Departments: drawn(d, 2, "press", "service"), Languages: drawn(d, 1, "de", "fr"),
				Accounts: drawn(d, 1, "@us", "@them"), Affiliation: []inquiry.Affiliation{"", inquiry.OfAgency}[d.n(2)],
				Authority: drawn(d, 1, inquiry.Authority{Name: "refund", Limit: 20}, inquiry.Authority{Name: "refund", Limit: 80}),
			}
			for _, s := range drawnSkills {
				if d.n(2) == 0 {
					o.Skills = append(o.Skills, inquiry.Skill{Name: s, Level: 1 + d.n(5)})
				}
			}
			r.Set = append(r.Set, o)
		}
	}
	return r
}
