package core

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// Requirements that relax.
func TestRelaxing(t *testing.T) {
	t.Parallel()
	soft := func(skill string, level int, after string) inquiry.SkillRequirement {
		d, err := time.ParseDuration(after)
		require.NoError(t, err)
		return inquiry.SkillRequirement{Skill: skill, Min: level, Soft: &inquiry.Soft{After: sla.Duration(d)}}
	}
	hard := func(skill string, level int) inquiry.SkillRequirement {
		return inquiry.SkillRequirement{Skill: skill, Min: level}
	}
	asks := func(change func(*routing.Settings)) func(*routing.Policy) {
		return func(p *routing.Policy) { change(&p.Default) }
	}
	skilled := func(id string, skills ...inquiry.Skill) inquiry.Owner {
		o := person(id)
		o.Skills = skills
		return o
	}
	relaxed := func(s *story, id inquiry.ID) (names []string) {
		for _, e := range s.events(id, inquiry.RequirementRelaxed) {
			names = append(names, e.Data.(inquiry.Relaxation).Name)
		}
		return names
	}

	t.Run("B4 soft parts expire one by one, each after its own time, and hard ones stay", func(t *testing.T) {
		s := tell(t, plain(directly, asks(func(d *routing.Settings) {
			d.Skills = []inquiry.SkillRequirement{hard("billing", 1), soft("billing", 3, "5m"), soft("billing", 5, "2m")}
			d.Authority = []inquiry.Authority{{Name: "refund", Limit: 50}}
		})), with(skilled("five", inquiry.Skill{Name: "billing", Level: 5}), func(o *inquiry.Owner) { o.Authority = []inquiry.Authority{{Name: "refund", Limit: 50}} }),
			with(skilled("three", inquiry.Skill{Name: "billing", Level: 3}), func(o *inquiry.Owner) { o.Authority = []inquiry.Authority{{Name: "refund", Limit: 80}} }),
			with(skilled("one", inquiry.Skill{Name: "billing", Level: 1}), func(o *inquiry.Owner) { o.Authority = []inquiry.Authority{{Name: "refund", Limit: 900}} }),
			skilled("powerless", inquiry.Skill{Name: "billing", Level: 5}))
		s.online("powerless", "one")
		id := s.from("ada")
		s.after("119s")
		require.Empty(t, relaxed(s, id))
		s.after("1s")
		require.Equal(t, []string{"billing at 5"}, relaxed(s, id))
		s.isWith(id, "")
		s.after("3m")
		require.Equal(t, []string{"billing at 5", "billing at 3"}, relaxed(s, id))
		s.isWith(id, "one") // and never powerless
		require.Equal(t, monday.Add(5*time.Minute), s.events(id, inquiry.RequirementRelaxed)[1].At)
	})

	t.Run("B4 groups, languages and departments may be soft, by time or by share of the deadline", func(t *testing.T) {
		s := tell(t, plain(directly, func(p *routing.Policy) {
			p.Departments = []routing.Department{{Name: "press"}}
			p.Default.Targets = []sla.Target{sla.Within(sla.Resolve, 100*time.Minute, "")}
			p.Default.AnyOf = []inquiry.SkillGroup{{Any: []inquiry.SkillRequirement{hard("law", 2), hard("tax", 2)}, Soft: &inquiry.Soft{After: minutes(30)}}}
			p.Default.LanguageSoft = &inquiry.Soft{Share: 10}
			p.Default.Departments, p.Default.DepartmentsSoft = []string{"press"}, &inquiry.Soft{Share: 20}
		}), with(person("pia", "law"), func(o *inquiry.Owner) { o.Departments, o.Languages = []string{"press"}, []string{"de"} }),
			with(person("tom", "tax"), func(o *inquiry.Owner) { o.Languages = []string{"fr"} }), with(person("uli"), func(o *inquiry.Owner) { o.Languages = []string{"fr"} }))
		m := s.mail("ada")
		m.Facts.Language = "de"
		id := s.receive(m)
		s.online("uli")
		s.after("15m")
		require.Equal(t, []string{"the language de"}, relaxed(s, id))
		s.after("10m")
		require.Equal(t, []string{"the language de", "a member of press"}, relaxed(s, id))
		s.after("5m")
		s.isWith(id, "uli")
		at := []time.Duration{}
		for _, e := range s.events(id, inquiry.RequirementRelaxed) {
			at = append(at, e.At.Sub(monday)/time.Minute)
		}
		require.Equal(t, []time.Duration{10, 20, 30}, at)
	})

	t.Run("B5 expiry counts from the first attempt, and nothing turns it back", func(t *testing.T) {
		s := tell(t, plain(func(p *routing.Policy) {
			p.Default.Skills = []inquiry.SkillRequirement{soft("billing", 4, "10m"), {Skill: "billing", Min: 2, Soft: &inquiry.Soft{Share: 50}}}
			p.Default.Targets = []sla.Target{sla.Within(sla.Resolve, time.Hour, "")}
			p.Default.DeclineFor = minutes(1)
		}), person("anna", "billing"), skilled("two", inquiry.Skill{Name: "billing", Level: 2}), person("zero"))
		s.online("anna")
		id := s.from("ada")
		s.after("1m")
		s.do(inquiry.Decline{Inquiry: id, Owner: "anna", Reason: "busy"})
		s.do(inquiry.SetPresence{Owner: "anna", Presence: inquiry.Away})
		s.after("8m")
		require.Empty(t, relaxed(s, id))
		s.do(inquiry.Retarget{Inquiry: id, Target: sla.Within(sla.Resolve, 20*time.Hour, "")})
		s.after("1m")
		require.Equal(t, []string{"billing at 4"}, relaxed(s, id), "ten minutes since it came, declined or not")
		s.online("two")
		s.accept(id, "two")
		s.do(inquiry.Await{Inquiry: id, Owner: "two", Until: s.now.Add(time.Hour)})
		s.after("30m")
		s.do(inquiry.SetPresence{Owner: "two", Presence: inquiry.Offline})
		require.Equal(t, []string{"billing at 4", "billing at 2"}, relaxed(s, id), "half an hour of the hour that was promised first, while it had an owner")
		s.online("zero")
		s.isWith(id, "zero")
		s.accept(id, "zero")
		s.resolve(id, "zero")
		s.do(inquiry.Reopen{Inquiry: id})
		require.Len(t, relaxed(s, id), 2, "reopened, it asks for no more than before")
		s.isWith(id, "zero")
	})

	t.Run("B6 widening keeps who was eligible, and better matches still come first", func(t *testing.T) {
		late := func(o *inquiry.Owner) { o.Shift = "late" }
		s := tell(t, plain(directly, func(p *routing.Policy) {
			p.Calendars = []sla.Calendar{{Name: "late", Hours: sla.Daily(sla.At(9, 10), sla.At(17, 0))}}
			p.Default.Skills = []inquiry.SkillRequirement{soft("billing", 4, "1m")}
			p.Departments = []routing.Department{{Name: "care"}}
			p.Default.Departments, p.Default.DepartmentsSoft = []string{"care"}, &inquiry.Soft{After: minutes(1)}
		}), with(skilled("a", inquiry.Skill{Name: "billing", Level: 1}), late), with(person("b", "billing"), late),
			with(person("c", "billing"), func(o *inquiry.Owner) { late(o); o.Departments = []string{"care"} }))
		s.online("a", "b", "c")
		for _, want := range []inquiry.OwnerID{"c", "b", "a"} {
			id := s.from("ada " + string(want))
			s.is(id, inquiry.StateQueued)
		}
		s.after("2m")
		s.do(inquiry.Roster{Set: []inquiry.Owner{
			with(person("c", "billing"), func(o *inquiry.Owner) { late(o); o.Departments, o.Capacity = []string{"care"}, 10 }),
			with(person("b", "billing"), func(o *inquiry.Owner) { late(o); o.Capacity = 10 }),
		}})
		s.after("8m")
		var got []inquiry.OwnerID
		for _, e := range s.store.events {
			if e.Kind == inquiry.Assigned {
				got = append(got, e.Owner)
			}
		}
		require.Equal(t, []inquiry.OwnerID{"c", "b", "a"}, got, "all of what was asked for, then most of it, then the least")
	})

	t.Run("B7 what nobody can meet any more, and has expired before that is found out, is dropped as expired", func(t *testing.T) {
		s := tell(t, plain(targets(sla.Target{Kind: sla.FirstResponse, Within: hours(1), Warn: []int{5}}), func(p *routing.Policy) {
			p.Rules[0].Skills = []inquiry.SkillRequirement{soft("tax", 3, "5m"), soft("billing", 3, "10m")}
		}), person("anna", "billing", "tax"))
		for i := range 3 {
			s.from(fmt.Sprint("customer ", i), "billing")
		}
		s.core.checksPerStep = 1
		require.Empty(t, s.alone(inquiry.Roster{Set: []inquiry.Owner{person("anna", "tax")}}).Refused)
		s.sleeps("11m")
		nobody := 0
		for _, e := range s.store.events {
			d, ok := e.Data.(inquiry.Relaxation)
			if ok && d.Nobody {
				nobody++
			} else if ok {
				require.Equal(t, monday.Add(map[string]time.Duration{"tax at 3": 5 * time.Minute, "billing at 3": 10 * time.Minute}[d.Name]), e.At)
			}
		}
		require.Equal(t, 2, nobody, "those of the first, at once")
	})

	t.Run("B7 a part that nobody on the roster could meet is dropped at once", func(t *testing.T) {
		s := tell(t, plain(directly, asks(func(d *routing.Settings) {
			d.Skills = []inquiry.SkillRequirement{soft("magic", 1, "5h"), soft("billing", 3, "2h"), hard("billing", 1)}
		})), skilled("two", inquiry.Skill{Name: "billing", Level: 2}))
		s.online("two")
		id := s.from("ada")
		require.Equal(t, []string{"billing at 3", "magic at 1"}, relaxed(s, id), "in the order in which they would have expired")
		for _, e := range s.events(id, inquiry.RequirementRelaxed) {
			require.True(t, e.Data.(inquiry.Relaxation).Nobody)
		}
		s.isWith(id, "two")
		require.Empty(t, s.events(id, inquiry.Stranded))
	})

	t.Run("B7 also when the last who could meet it leaves", func(t *testing.T) {
		s := tell(t, plain(directly, asks(func(d *routing.Settings) { d.Skills = []inquiry.SkillRequirement{soft("billing", 3, "2h")} })),
			person("anna", "billing"), person("ben"))
		s.online("ben")
		id := s.from("ada")
		s.isWith(id, "")
		s.do(inquiry.Roster{Remove: []inquiry.OwnerID{"anna"}})
		s.isWith(id, "ben")
	})

	t.Run("A4 what nobody could have even then is stranded at once", func(t *testing.T) {
		s := tell(t, plain(directly, asks(func(d *routing.Settings) {
			d.Skills = []inquiry.SkillRequirement{hard("law", 5), soft("magic", 1, "5h")}
		})), person("anna"))
		id := s.from("ada")
		require.Equal(t, []string{"magic at 1"}, relaxed(s, id))
		require.True(t, s.row(id).Stranded)
		s.do(inquiry.Roster{Set: []inquiry.Owner{skilled("lars", inquiry.Skill{Name: "law", Level: 5})}})
		s.online("lars")
		s.isWith(id, "lars")
	})

	t.Run("H2 the record says what had been dropped", func(t *testing.T) {
		s := tell(t, plain(directly, asks(func(d *routing.Settings) { d.Skills = []inquiry.SkillRequirement{soft("billing", 3, "1m")} })),
			person("anna", "billing"), person("ben"))
		s.online("ben")
		id := s.from("ada")
		s.after("1m")
		d, err := routing.ParseDecision(&s.events(id, inquiry.Assigned)[0])
		require.NoError(t, err)
		require.True(t, d.Relaxed.Has(0))
	})
}
