package core

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// offered checks a decision against the offers that were live before it: D1 no
// more than the plan wants, none to anybody twice, and nothing of what waits to
// be taken.
func (a *auditor) offered(x *entry, e *inquiry.Event) {
	a.tb.Helper()
	d, err := routing.ParseDecision(e)
	require.NoError(a.tb, err)
	require.Less(a.tb, len(x.Offers), x.plan.WantedOffers(), "event %d: D1", e.Seq)
	_, twice := x.Offer(e.Owner)
	require.False(a.tb, twice, "event %d: %s has an offer of it already", e.Seq, e.Owner)
	_, accepted := x.AcceptedOffer()
	require.False(a.tb, accepted, "event %d: it was accepted", e.Seq)
	snapshot, ok := a.core.Snapshot(x.ID, e.RecordedAt)
	require.True(a.tb, ok)
	snapshot.Event = e
	why, err := routing.Explain(snapshot, "")
	require.NoError(a.tb, err)
	a.whyNot(snapshot, snapshot.Candidates[int(e.Seq)%len(snapshot.Candidates)].Owner.ID)
	require.True(a.tb, why.Reproduced, "event %d: H2 its explanation leads to the same decision as %s\n%s", e.Seq, e.Decision, why.Text())
	if !d.Pulled {
		require.NotEqual(a.tb, inquiry.ByPull, x.plan.Assignment, "event %d: it is to be taken", e.Seq)
	}
}

// offers checks what is before several owners: D1, and that it is before as
// many as could be.
func (a *auditor) offers(c *Core, now time.Time) {
	a.tb.Helper()
	for _, x := range whole(c) {
		if x.State != inquiry.StateOffered {
			require.Nil(a.tb, x.shortIn)
			continue
		}
		require.LessOrEqual(a.tb, len(x.Offers), x.plan.WantedOffers(), "D1 offers of %s", x.ID)
		if o, ok := x.AcceptedOffer(); ok {
			require.Len(a.tb, x.Offers, 1, "nobody else is asked what %s has accepted", o.Owner)
		}
		require.Equal(a.tb, x.short(), x.shortIn != nil)
		if !x.short() {
			continue
		}
		require.Same(a.tb, x.queue(c), x.shortIn)
		for _, p := range x.shortIn.places {
			o := p.owner
			cand, _ := c.candidateFor(x, o, now)
			require.NotZero(a.tb, routing.Check(x.asked(), x.work(), &cand, c.excludedUntil(x, o, now), now),
				"%s is before %d of %d, and %s could be asked too", x.ID, len(x.Offers), x.plan.WantedOffers(), o.data.ID)
		}
	}
}

// offerRules adds rules and settings about offers to a random policy.
func offerRules(p *routing.Policy, n int) {
	p.Default.SoleFor = minutes(1 + n)
	if n == 1 {
		p.Default.Offers = 2
	}
	p.Presence.Ramp = &routing.Ramp{Burst: 2, Per: minutes(2), For: minutes(20)}
	p.Rules = append(p.Rules,
		routing.Rule{Name: "ring", Match: routing.Match{AnyLabel: []string{"ring"}}, Settings: routing.Settings{
			Offers: 3, ConfirmFor: minutes(2), UnconfirmedFor: minutes(3), ReleaseFor: minutes(4), UndeliveredFor: minutes(2),
		}},
		routing.Rule{
			Name: "shelf", Match: routing.Match{AnyLabel: []string{"shelf"}}, Settings: routing.Settings{Assignment: inquiry.ByPull},
			Rules: []routing.Rule{{Name: "call", Match: routing.Match{MinReach: 15_000}, Settings: routing.Settings{ConfirmFor: minutes(1)}}},
		},
		routing.Rule{Name: "everybody", Match: routing.Match{AnyLabel: []string{"everybody"}}, Settings: routing.Settings{Offers: routing.Broadcast}},
	)
}

// offerAct is something that somebody does about offers, nil mostly.
func (w *world) offerAct(x *entry) inquiry.Command {
	id := x.ID
	if o, ok := x.AcceptedOffer(); ok && !w.one(4) {
		return inquiry.Confirm{Inquiry: id, Owner: o.Owner, Failed: w.one(3), Reason: pick(&w.dice, "", "busy line")}
	}
	switch {
	case w.one(14) && w.one(2):
		return inquiry.Take{Owner: w.owner()}
	case w.one(14):
		return inquiry.Take{Owner: w.owner(), Inquiry: id}
	case w.one(60):
		return inquiry.Confirm{Inquiry: id, Owner: w.owner()}
	}
	return nil
}

// offersFrozen are the rules of the part of the frozen story that is about offers.
func offersFrozen(p *routing.Policy) {
	phone := []inquiry.SkillRequirement{{Skill: "phone", Min: 1}}
	p.Rules = append(p.Rules,
		routing.Rule{Name: "call", Match: routing.Match{Labels: []string{"call"}}, Settings: routing.Settings{Skills: phone, Offers: 2, ConfirmFor: minutes(1)}},
		routing.Rule{Name: "shelf", Match: routing.Match{Labels: []string{"shelf"}}, Settings: routing.Settings{Skills: phone, Assignment: inquiry.ByPull}},
	)
	p.Presence.Ramp = &routing.Ramp{Burst: 5, Per: minutes(1)}
}

// tellOfOffers is that part: a call before two, whose first acceptance is not
// confirmed, and something that is taken.
func tellOfOffers(s *story) {
	s.t.Helper()
	line := func(o *inquiry.Owner) { o.Accounts = []string{"phone"} } // nothing else is for them
	s.do(inquiry.Roster{Set: []inquiry.Owner{with(person("carla", "phone"), line), with(person("dora", "phone"), line)}, Remove: []inquiry.OwnerID{"anna", "ben"}})
	s.online("carla", "dora")
	s.after("5m") // the engine's limit has room again
	ring := func(from, label string) inquiry.ID {
		m := s.mail(from, label)
		m.Message.Account = "phone"
		return s.receive(m)
	}
	call := ring("cal", "call")
	s.accept(call, "carla")
	s.do(inquiry.Confirm{Inquiry: call, Owner: "carla", Failed: true, Reason: "no line"})
	s.accept(call, "dora")
	s.do(inquiry.Confirm{Inquiry: call, Owner: "dora"})
	ring("sam", "shelf")
	s.do(inquiry.Take{Owner: "carla"})
}
