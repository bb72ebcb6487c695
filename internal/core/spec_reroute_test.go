package core

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// desks has a rule for billing, one for the press with tighter targets, and one
// within billing for what is urgent.
func desks(change ...func(*routing.Policy)) routing.Policy {
	return plain(append([]func(*routing.Policy){directly, func(p *routing.Policy) {
		p.Departments = []routing.Department{{Name: "money"}, {Name: "press"}}
		urgent := inquiry.Priority(5)
		p.Rules[0].Home = "money"
		p.Rules[0].Targets = []sla.Target{sla.Within(sla.Department, hours(2).Std(), "")}
		p.Rules[0].Rules = []routing.Rule{{Name: "urgent", Match: routing.Match{Labels: []string{"urgent"}}, Settings: routing.Settings{Priority: &urgent}}}
		p.Rules = append(p.Rules, routing.Rule{Name: "press", Match: routing.Match{Labels: []string{"press"}}, Settings: routing.Settings{
			Skills: []inquiry.SkillRequirement{{Skill: "press", Min: 3}}, Home: "press",
			Targets: []sla.Target{sla.Within(sla.FirstResponse, minutes(15).Std(), ""), sla.Within(sla.Department, hours(1).Std(), "")},
		}})
	}}, change...)...)
}

func onChange(what inquiry.OnChange) func(*routing.Policy) {
	return func(p *routing.Policy) { p.Default.OnChange = what }
}

func keepOwner(p *routing.Policy) { yes := true; p.Default.KeepOwner = &yes }

func member(o inquiry.Owner, departments ...string) inquiry.Owner {
	o.Departments = departments
	return o
}

// A changed intent.
func TestChangedIntent(t *testing.T) {
	t.Parallel()
	staff := []inquiry.Owner{member(person("bea", "billing"), "money"), member(person("pat", "press"), "press"), person("flo", "billing", "press")}

	t.Run("B9 by default whoever has it keeps it, whatever comes", func(t *testing.T) {
		s := tell(t, desks(), staff...)
		s.online("bea", "pat")
		id := s.from("ada", "billing")
		require.Equal(t, id, s.from("ada", "press"))
		s.isWith(id, "bea")
		require.Empty(t, s.events(id, inquiry.Rerouted))
	})

	t.Run("B9 it is routed anew, and only the department's clock begins anew", func(t *testing.T) {
		s := tell(t, desks(onChange(inquiry.RerouteOnChange)), staff...)
		s.online("bea", "pat")
		id := s.from("ada", "billing")
		s.isWith(id, "bea")
		before := s.row(id)
		s.after("10m")
		require.Equal(t, id, s.from("ada", "press"))
		s.isWith(id, "pat")
		row := s.row(id)
		require.Equal(t, "press", row.Rule)
		require.NotEqual(t, before.Plan, row.Plan)
		require.Equal(t, []string{"press"}, row.Facts.Labels)
		require.Equal(t, "changed_intent", s.events(id, inquiry.Rerouted)[0].Data.(inquiry.Rerouting).Reason)
		require.Equal(t, monday, s.clock(id, sla.FirstResponse).Started)
		require.Equal(t, monday.Add(minutes(15).Std()), s.clock(id, sla.FirstResponse).Due, "the press's target, from when she asked")
		require.Equal(t, monday.Add(hours(8).Std()), s.clock(id, sla.Resolve).Due)
		require.Equal(t, s.now, s.clock(id, sla.Department).Started)
		require.Equal(t, s.now.Add(hours(1).Std()), s.clock(id, sla.Department).Due)
		require.Equal(t, []inquiry.OwnerID{"bea"}, s.told(id, inquiry.TellReleased))
		require.Zero(t, s.core.owners["bea"].load)
	})

	t.Run("B9 an owner who may have it by the new rule too keeps it, if that says so", func(t *testing.T) {
		for _, owner := range []inquiry.OwnerID{"flo", "bea"} {
			s := tell(t, desks(onChange(inquiry.RerouteOnChange), keepOwner), staff...)
			s.online(owner)
			id := s.from("ada", "billing")
			s.isWith(id, owner)
			at := s.row(id).AssignedAt
			s.after("1m")
			s.from("ada", "press")
			require.Equal(t, "press", s.row(id).Rule)
			if owner == "bea" {
				s.is(id, inquiry.StateQueued)
				continue
			}
			s.isWith(id, "flo")
			require.Equal(t, at, s.row(id).AssignedAt)
			require.Equal(t, []inquiry.OwnerID{"flo"}, s.told(id, inquiry.TellRerouted))
			require.Empty(t, s.told(id, inquiry.TellReleased))
		}
	})

	t.Run("B9 what says nothing new changes nothing", func(t *testing.T) {
		for name, labels := range map[string][]string{
			"thanks, or any news": nil,
			"the same again":      {"billing"},
			"a label of no rule":  {"friendly"},
		} {
			s := tell(t, desks(onChange(inquiry.RerouteOnChange), func(p *routing.Policy) {
				p.Rules = append(p.Rules, routing.Rule{Name: "rants", Match: routing.Match{Kinds: []inquiry.Kind{inquiry.Complaint}}})
			}), staff...)
			s.online("bea", "pat")
			id := s.from("ada", "billing")
			m := s.mail("ada", labels...)
			m.Facts.Kind = inquiry.Complaint
			if name == "a label of no rule" {
				m.Facts.Kind = ""
			}
			require.Equal(t, id, s.receive(m))
			require.Empty(t, s.events(id, inquiry.Rerouted), name)
			s.isWith(id, "bea")
		}
	})

	t.Run("B9 a label that alone leads nowhere is looked at together with those known", func(t *testing.T) {
		s := tell(t, desks(onChange(inquiry.RerouteOnChange), keepOwner), staff...)
		s.online("bea")
		id := s.from("ada", "billing")
		s.from("ada", "urgent")
		row := s.row(id)
		require.Equal(t, "billing/urgent", row.Rule)
		require.Equal(t, []string{"billing", "urgent"}, row.Facts.Labels)
		require.Equal(t, inquiry.Priority(5), row.Priority)
		s.isWith(id, "bea")
	})

	t.Run("B9 it is compared by the policy in force, and an adopted one alone changes nothing", func(t *testing.T) {
		s := tell(t, desks(onChange(inquiry.RerouteOnChange)), staff...)
		s.online("bea", "pat")
		id := s.from("ada", "billing")
		s.do(adopt(desks(onChange(inquiry.RerouteOnChange), func(p *routing.Policy) { p.Version, p.Rules[0].Name = "later", "money" })))
		s.from("ada", "billing", "friendly")
		require.Equal(t, "billing", s.row(id).Rule)
		s.from("ada", "press")
		require.Equal(t, "later", s.row(id).Policy)
	})

	t.Run("B9 or the message splits off as an inquiry of its own, and the first goes on", func(t *testing.T) {
		s := tell(t, desks(onChange(inquiry.SplitOnChange)), staff...)
		s.online("bea", "pat")
		id := s.from("ada", "billing")
		s.after("1m")
		other := s.from("ada", "press")
		require.NotEqual(t, id, other)
		s.isWith(id, "bea")
		s.isWith(other, "pat")
		require.Equal(t, 1, s.row(id).Inbound)
		require.Equal(t, s.now, s.clock(other, sla.FirstResponse).Started)
	})
}

// People correct what screening found.
func TestClassifying(t *testing.T) {
	t.Parallel()
	staff := []inquiry.Owner{member(person("bea", "billing"), "money"), member(person("pat", "press"), "press"), person("sink")}
	as := func(id inquiry.ID, labels ...string) inquiry.Classify {
		return inquiry.Classify{Inquiry: id, Owner: "pat", Correction: inquiry.Correction{Labels: labels}, Reason: "misread"}
	}

	t.Run("B2 it is routed by the policy in force, back to a queue with its age", func(t *testing.T) {
		s := tell(t, desks(), staff...)
		s.online("bea")
		id := s.from("ada", "billing")
		s.after("5m")
		s.do(as(id, "press"))
		row := s.row(id)
		require.Equal(t, inquiry.StateQueued, row.State)
		require.Equal(t, "press", row.Rule)
		require.Equal(t, monday, row.OpenedAt)
		require.Equal(t, monday.Add(minutes(10).Std()), row.Due, "the promise to acknowledge")
		require.Equal(t, s.now, row.AttemptAt)
		require.Empty(t, s.core.owners["bea"].has)
		s.after("5m")
		s.online("pat")
		s.isWith(id, "pat")
	})

	t.Run("G1 what the new rule does not promise ends, what it promises anew counts from when it was asked", func(t *testing.T) {
		s := tell(t, desks(func(p *routing.Policy) {
			p.Default.Targets = []sla.Target{sla.Within(sla.Resolve, hours(8).Std(), "")}
			p.Rules[0].Targets = []sla.Target{sla.Within(sla.Acknowledge, minutes(5).Std(), "")}
		}), staff...)
		s.online("bea", "pat")
		id := s.from("ada", "billing")
		s.after("4m")
		s.do(as(id, "press"))
		require.Equal(t, sla.Cancelled, s.clock(id, sla.Acknowledge).State)
		require.Equal(t, monday.Add(minutes(15).Std()), s.clock(id, sla.FirstResponse).Due)
		s.after("10m")
		s.do(as(id, "billing"))
		require.Equal(t, sla.Cancelled, s.clock(id, sla.FirstResponse).State)
		require.Equal(t, monday.Add(minutes(5).Std()), s.clock(id, sla.Acknowledge).BreachedAt, "promised again, it is overdue at once")
	})

	t.Run("G1 what runs from the opening, by a life that its target brings, does so too, routed anew or promised by hand", func(t *testing.T) {
		life := sla.LifeOf(sla.Update)
		life.Start = []sla.Signal{sla.Opened}
		news := sla.Target{Kind: sla.Update, Within: hours(2), Life: &life}
		s := tell(t, desks(onChange(inquiry.RerouteOnChange), func(p *routing.Policy) {
			p.Rules[1].Targets = append(p.Rules[1].Targets, news)
		}), staff...)
		s.online("bea", "pat")
		id, other := s.from("ada", "billing"), s.from("bob", "billing")
		s.after("10m")
		s.from("ada", "press")
		require.Equal(t, "press", s.row(id).Rule)
		require.Equal(t, monday.Add(hours(2).Std()), s.clock(id, sla.Update).Due)
		s.do(inquiry.Retarget{Inquiry: other, Target: news})
		require.Equal(t, s.now.Add(hours(2).Std()), s.clock(other, sla.Update).Due)
	})

	t.Run("G11 pauses are kept", func(t *testing.T) {
		s := tell(t, desks(keepOwner, func(p *routing.Policy) {
			p.Rules[1].Targets = append(p.Rules[1].Targets, sla.Within(sla.Resolve, hours(4).Std(), ""))
		}),
			person("flo", "billing", "press"), person("pat"))
		s.online("flo")
		id := s.from("ada", "billing")
		s.do(inquiry.Await{Inquiry: id, Owner: "flo"})
		s.after("1h")
		s.do(inquiry.Resume{Inquiry: id, Owner: "flo"})
		s.do(inquiry.Await{Inquiry: id, Owner: "flo", For: sla.AwaitingThirdParty})
		s.after("30m")
		s.do(as(id, "press"))
		s.is(id, inquiry.StatePending)
		require.Equal(t, sla.Paused, s.clock(id, sla.Resolve).State)
		s.do(inquiry.Resume{Inquiry: id, Owner: "flo"})
		require.Equal(t, monday.Add(minutes(4*60+90).Std()), s.clock(id, sla.Resolve).Due)
	})

	t.Run("G9 a breach that is outstanding climbs the new rule's ladder from its foot", func(t *testing.T) {
		s := tell(t, desks(func(p *routing.Policy) {
			p.Departments[1].Lead = "pat"
			p.Rules[1].Ladder = &sla.Ladder{Remind: minutes(30), Levels: []sla.Level{{To: sla.Lead}, {To: sla.Lead, After: minutes(5)}, {To: sla.Sink, After: minutes(20)}}}
		}), staff...)
		s.online("bea")
		id := s.from("ada", "billing")
		s.after("31m")
		s.do(as(id, "press"))
		require.Equal(t, []inquiry.OwnerID{"sink", "pat"}, s.told(id, inquiry.TellEscalation), "the sink by the old rule")
		require.Equal(t, 1, s.row(id).Level)
		s.after("20m")
		require.Equal(t, 3, s.row(id).Level)
	})

	t.Run("A4 what nobody can have by the new rule is stranded, and not any more once it is put right", func(t *testing.T) {
		s := tell(t, desks(), staff[0], with(staff[1], func(o *inquiry.Owner) { o.Skills = nil }), staff[2])
		s.online("bea")
		id := s.from("ada", "billing")
		s.do(as(id, "press"))
		require.True(t, s.row(id).Stranded)
		s.do(as(id, "billing"))
		require.False(t, s.row(id).Stranded)
		s.isWith(id, "bea")
	})

	t.Run("D1 an offer is revoked", func(t *testing.T) {
		s := tell(t, desks(func(p *routing.Policy) { p.Default.Assignment = inquiry.ByOffer }), staff...)
		s.online("bea", "pat")
		id := s.from("ada", "billing")
		s.is(id, inquiry.StateOffered)
		s.do(as(id, "press"))
		s.isWith(id, "pat")
		require.Equal(t, []inquiry.OwnerID{"bea"}, s.told(id, inquiry.TellRevoked))
		s.refuses(inquiry.Accept{Inquiry: id, Owner: "bea"}, inquiry.NotOffered)
	})

	t.Run("H1 what is corrected is kept, also where it changes no plan", func(t *testing.T) {
		s := tell(t, desks(), staff...)
		s.online("bea")
		id := s.from("ada", "billing")
		s.do(inquiry.Retarget{Inquiry: id, Target: sla.Within(sla.Resolve, hours(30).Std(), "")})
		plan := s.row(id).Plan
		s.do(as(id, "billing", "angry"))
		require.Equal(t, []string{"rerouted bea"}, s.happened())
		require.Equal(t, []string{"angry", "billing"}, s.row(id).Facts.Labels)
		require.Equal(t, plan, s.row(id).Plan, "what was promised by hand stays")
		s.isWith(id, "bea")
		s.do(as(id, "angry", "billing"))
		require.Empty(t, s.happened())
		s.do(inquiry.Prioritise{Inquiry: id, Priority: 3})
		s.do(inquiry.Classify{Inquiry: id, Owner: "pat", Correction: inquiry.Correction{Labels: []string{}, Language: "de", Kind: inquiry.Praise, Audiences: []inquiry.Audience{inquiry.Partner}}})
		require.Equal(t, &inquiry.Facts{Kind: inquiry.Praise, Language: "de", Audiences: []inquiry.Audience{inquiry.Partner}}, s.row(id).Facts)
		require.Equal(t, routing.DefaultRule, s.row(id).Rule)
		require.Equal(t, inquiry.Priority(3), s.row(id).Priority, "a priority given by hand stays")
	})

	t.Run("it is refused with the reason", func(t *testing.T) {
		s := tell(t, desks(), staff...)
		id := s.from("ada", "billing")
		s.refuses(inquiry.Classify{Inquiry: id, Owner: "nobody"}, inquiry.UnknownOwner)
		s.refuses(inquiry.Classify{Inquiry: inquiry.DeriveID("none"), Owner: "bea"}, inquiry.NotFound)
		s.refuses(as(id, make([]string, inquiry.MaxKeptLabels+1)...), inquiry.Invalid)
		s.resolve(id, "sink")
		s.refuses(as(id, "press"), inquiry.WrongState)
		spam := s.mail("eve")
		spam.Facts.ScreenOut = "spam"
		s.refuses(as(s.receive(spam), "press"), inquiry.WrongState)
	})
}

// What screening is not sure of is looked at by somebody first.
func TestTriage(t *testing.T) {
	t.Parallel()
	triage := func(p *routing.Policy) {
		p.Departments = append(p.Departments, routing.Department{Name: "desk"})
		p.Triage = &routing.Triage{Below: 60, Settings: routing.Settings{
			Skills: []inquiry.SkillRequirement{{Skill: "sorting", Min: 1}}, Home: "desk",
			Targets: []sla.Target{sla.Within(sla.Department, minutes(5).Std(), "")},
		}}
	}
	unsure := func(s *story, confidence int) inquiry.ID {
		m := s.mail("ada", "press")
		m.Facts.Confidence = confidence
		return s.receive(m)
	}
	staff := []inquiry.Owner{member(person("bea", "billing"), "money"), member(person("pat", "press"), "press"), member(person("tri", "sorting", "billing", "press"), "desk")}

	t.Run("it goes there by its confidence, and not where none is stated", func(t *testing.T) {
		for confidence, rule := range map[int]string{0: "press", -5: "press", 1: "triage", 59: "triage", 60: "press", 100: "press", 900: "press"} {
			s := tell(t, desks(triage), staff...)
			require.Equal(t, rule, s.row(unsure(s, confidence)).Rule, confidence)
		}
	})

	t.Run("B2 whoever has it classifies it, which routes it for real, and the customer's clocks never stood still", func(t *testing.T) {
		s := tell(t, desks(triage), staff...)
		s.online("bea", "tri")
		id := unsure(s, 30)
		s.isWith(id, "tri")
		require.Equal(t, monday.Add(minutes(5).Std()), s.clock(id, sla.Department).Due)
		require.Equal(t, monday.Add(minutes(30).Std()), s.clock(id, sla.FirstResponse).Due)
		s.after("3m")
		s.do(inquiry.Classify{Inquiry: id, Owner: "tri", Correction: inquiry.Correction{Labels: []string{"billing"}}})
		s.isWith(id, "bea")
		require.Equal(t, "billing", s.row(id).Rule)
		require.Equal(t, monday.Add(minutes(30).Std()), s.clock(id, sla.FirstResponse).Due)
		require.Equal(t, s.now, s.clock(id, sla.Department).Started)
		require.Zero(t, s.core.owners["tri"].load)
	})

	t.Run("C7 having sorted it is no reason to get it back", func(t *testing.T) {
		s := tell(t, desks(triage), staff...)
		s.online("bea", "tri")
		id := unsure(s, 30)
		s.do(inquiry.SetPresence{Owner: "bea", Presence: inquiry.Away})
		s.do(inquiry.Classify{Inquiry: id, Owner: "tri", Correction: inquiry.Correction{Labels: []string{"billing"}}})
		s.isWith(id, "tri")
		d, err := routing.ParseDecision(&s.events(id, inquiry.Assigned)[1])
		require.NoError(t, err)
		require.Zero(t, d.Chosen.Score.Parts.Affinity)
	})

	t.Run("screening was right after all: nothing need be corrected", func(t *testing.T) {
		s := tell(t, desks(triage), staff...)
		s.online("tri", "pat")
		id := unsure(s, 30)
		s.do(inquiry.Classify{Inquiry: id, Owner: "tri"})
		require.Equal(t, "press", s.row(id).Rule)
		s.isWith(id, "pat")
	})

	t.Run("A4 a triage that nobody can do is stranded like anything else", func(t *testing.T) {
		s := tell(t, desks(triage), staff[:2]...)
		require.True(t, s.row(unsure(s, 30)).Stranded)
	})

	t.Run("B9 a message that screening is not sure of changes no intent", func(t *testing.T) {
		s := tell(t, desks(triage, onChange(inquiry.RerouteOnChange)), staff...)
		s.online("bea", "pat")
		id := s.from("ada", "billing")
		require.Equal(t, id, unsure(s, 30))
		require.Equal(t, "billing", s.row(id).Rule)
		require.Equal(t, id, unsure(s, 90))
		require.Equal(t, "press", s.row(id).Rule)
	})
}
