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

// by is mail that arrived on a channel for an account.
func (s *story) by(channel, account string, labels ...string) inquiry.ID {
	s.t.Helper()
	m := s.mail(s.reply().String(), labels...)
	m.Message.Channel, m.Message.Account = channel, account
	return s.receive(m)
}

// explained is why an inquiry waits, or went where it went, as of now.
func (s *story) explained(id inquiry.ID, about inquiry.OwnerID) *routing.Explanation {
	s.t.Helper()
	snap, ok := s.core.Snapshot(id, s.now)
	require.True(s.t, ok)
	snap.Live = true
	e, err := routing.Explain(snap, about)
	require.NoError(s.t, err)
	return e
}

func rated(events, per, burst int) *routing.Rate {
	return &routing.Rate{Events: events, Per: minutes(per), Burst: burst}
}

// withinRate expects that over any window no more was dispatched than rate times
// window plus burst, to within a millionth of a dispatch.
func withinRate(t *testing.T, key string, r *routing.Rate, times []time.Time) {
	t.Helper()
	for i := range times {
		for j := i; j < len(times); j++ {
			if n := float64(j - i + 1); n > times[j].Sub(times[i]).Seconds()*perSecond(*r)+float64(r.Burst)+1e-6 {
				t.Fatalf("%s: %g dispatches from %s to %s, at %d in %s and a burst of %d", key, n, times[i], times[j], r.Events, r.Per, r.Burst)
			}
		}
	}
}

// Rate limits of every kind.
func TestLimitsOfEveryKind(t *testing.T) {
	t.Parallel()

	t.Run("E1 over any window no more dispatches than rate times window plus burst, per engine, owner, department, account and channel, through restarts, reloads and outages", func(t *testing.T) {
		seeds := 4
		if slow || testing.Short() {
			seeds = 1
		}
		for seed := range seeds {
			w := &dice{uint64(900 + seed)}
			draw := func() *routing.Rate { return rated(1+w.n(9), 1+w.n(4), 1+w.n(5)) }
			rates := map[string]*routing.Rate{
				"engine": rated(5+w.n(10), 1, 3+w.n(5)), "owner/anna": draw(), "department/support": draw(),
				"account/a": draw(), "account/b": draw(), "channel/email": draw(), "channel/chat": draw(),
			}
			rates["owner/ben"], rates["owner/bot"] = rates["owner/anna"], rates["owner/anna"]
			limits := func(p *routing.Policy) {
				directly(p)
				p.Limits = routing.Limits{
					Engine: rates["engine"], Owner: rates["owner/anna"], Account: rates["account/a"], Channel: rates["channel/email"],
					Accounts: []routing.AccountLimit{{Account: "b", Limit: rates["account/b"]}},
				}
				p.Departments = []routing.Department{{Name: "support", Limit: rates["department/support"]}}
				p.Channels = []routing.Channel{{Name: "chat", Limit: rates["channel/chat"]}}
			}
			big := func(o *inquiry.Owner) { o.Capacity = 100_000 }
			in := func(o *inquiry.Owner) { big(o); o.Departments = []string{"support"} }
			s := tell(t, plain(limits), with(person("anna"), in), with(person("ben"), in), with(person("bot"), big))
			s.online("anna", "ben", "bot")
			for n := range 90 {
				s.by(pick(w, "email", "chat"), pick(w, "a", "b"))
				switch k := w.n(12); {
				case k == 0:
					s.core = s.store.restore(t, "pool")
				case k == 1:
					s.do(adopt(plain(limits, func(p *routing.Policy) { p.Version = fmt.Sprint("v", n) })))
				case k == 2:
					s.sleeps(w.upTo(4 * time.Minute).String())
				case k < 8:
					s.after(w.upTo(25 * time.Second).String())
				}
			}
			s.after("8h")
			for _, q := range s.core.queueList {
				require.Zero(t, q.waiting.len(), "A5 a limit delays, it never drops")
			}
			for key, r := range rates {
				require.NotEmpty(t, s.audit.dispatch[key], key)
				withinRate(t, key, r, s.audit.dispatch[key])
			}
		}
	})

	t.Run("E2 what waits for a channel or an account says so, and until when; it never blocks what is behind it", func(t *testing.T) {
		s := tell(t, plain(directly, func(p *routing.Policy) {
			p.Channels = []routing.Channel{{Name: "chat", Limit: rated(1, 10, 1)}}
			p.Limits.Accounts = []routing.AccountLimit{{Account: "@acme", Limit: rated(1, 20, 1)}}
		}), person("anna"), person("ben"))
		s.online("anna")
		s.isWith(s.by("chat", "help"), "anna")
		chat := s.by("chat", "help")
		s.isWith(chat, "")
		require.Equal(t, "channel/chat", s.row(chat).Limit)
		require.Equal(t, s.now.Add(10*time.Minute), s.row(chat).LimitedUntil)
		s.isWith(s.by("email", "@acme"), "anna")
		post := s.by("email", "@acme")
		require.Equal(t, "account/@acme", s.row(post).Limit)
		require.Equal(t, s.now.Add(20*time.Minute), s.row(post).LimitedUntil)
		s.isWith(s.by("email", "help"), "anna")

		e := s.explained(post, "anna")
		require.Equal(t, []string{"nobody can take it now; of the 2 who qualify: 1 away or offline, 2 held by a rate limit", "the rate limit allows the next dispatch at 09:20 (account/@acme)"}, e.Waits)
		require.Equal(t, []string{"next dispatch allowed at 09:20 (account/@acme)"}, e.WhyNot.Reasons)
		require.Equal(t, "a dispatch left in the rate limit (account/@acme)", e.WhyNot.Change.Text)

		s.after("10m")
		s.isWith(chat, "anna")
		s.isWith(post, "")
		s.after("10m")
		s.isWith(post, "anna")
	})

	t.Run("E2 the smallest change lifts a limit for everybody whom it holds, not for one", func(t *testing.T) {
		s := tell(t, plain(directly, func(p *routing.Policy) {
			p.Limits.Channel = rated(1, 10, 1)
		}), person("anna", "x"), person("ben"))
		s.online("anna", "ben")
		s.from("ada")
		id := s.from("bob")
		e := s.explained(id, "anna") // ben is the better one, whoever lifts the limit
		require.Equal(t, "a dispatch left in the rate limit (channel/email), and having been the customer's previous owner", e.WhyNot.Change.Text)
	})

	t.Run("E2 an owner's limit is not everybody's", func(t *testing.T) {
		s := tell(t, plain(directly, func(p *routing.Policy) { p.Limits.Owner = rated(1, 10, 1) }), person("anna"), person("ben", "x"))
		s.online("anna", "ben")
		s.isWith(s.from("a"), "anna")
		s.isWith(s.from("b"), "ben")
		third := s.from("c")
		require.Equal(t, "owner/anna", s.row(third).Limit)
		s.after("10m")
		s.isWith(third, "anna")
	})

	t.Run("E2 a full bucket holds as much by a rate of quite another period", func(t *testing.T) {
		limit := func(events, per int) routing.Policy {
			return plain(directly, func(p *routing.Policy) {
				p.Limits.Owner = &routing.Rate{Events: events, Per: seconds(per), Burst: 7}
			})
		}
		s := tell(t, limit(19, 7), person("anna"))
		s.online("anna")
		s.isWith(s.from("ada"), "anna")
		s.after("1h")
		s.do(adopt(limit(1, 9*3600)))
		s.isWith(s.from("bob"), "anna")
	})

	t.Run("E2 limits of channels and accounts survive a restart and a reload without a free burst", func(t *testing.T) {
		limit := func(per, burst int) routing.Policy {
			return plain(directly, func(p *routing.Policy) {
				p.Limits.Channel, p.Limits.Account = rated(1, per, burst), rated(1, per, burst)
			})
		}
		s := tell(t, limit(60, 2), person("anna"))
		s.online("anna")
		s.from("a")
		s.from("b")
		s.core = s.store.restore(t, "pool")
		third := s.from("c")
		s.isWith(third, "")
		s.after("30m")
		s.do(adopt(limit(2, 9))) // half a token is half a token, in whatever bucket
		s.isWith(third, "")
		require.Equal(t, s.now.Add(time.Minute), s.row(third).LimitedUntil)
		s.after("1m")
		s.isWith(third, "anna")
	})

	t.Run("E1 help is counted against the channel of what it is for, whichever channel asked for the same help first", func(t *testing.T) {
		s := tell(t, plain(directly, func(p *routing.Policy) {
			p.Channels = []routing.Channel{{Name: "chat", Limit: rated(1, 10, 9)}, {Name: "email", Limit: rated(1, 20, 9)}}
		}), person("anna"), person("ben"))
		s.online("anna")
		for _, channel := range []string{"chat", "email"} {
			id := s.by(channel, "help")
			s.isWith(id, "anna")
			s.do(inquiry.Consult{Inquiry: id, Owner: "anna", To: "ben", Question: "how?", Anyway: true})
		}
		s.online("ben")
		var counted []string
		for _, e := range s.store.events {
			if d, ok := e.Data.(inquiry.Offering); ok && e.Duty == inquiry.Consulting {
				require.Len(t, d.Charges, 1)
				counted = append(counted, d.Charges[0].Limit)
			}
		}
		require.ElementsMatch(t, []string{"channel/chat", "channel/email"}, counted)
	})

	t.Run("E1 after an outage the backlog comes at the rate, after one burst", func(t *testing.T) {
		s := tell(t, plain(directly, func(p *routing.Policy) { p.Limits.Channel = rated(1, 1, 3) }), person("anna"))
		for range 8 {
			s.from(s.reply().String())
		}
		s.sleeps("5h")
		s.online("anna")
		load := func() int { return s.core.owners["anna"].load / 10 }
		require.Equal(t, 3, load())
		s.after("59s")
		require.Equal(t, 3, load())
		s.after("1s")
		require.Equal(t, 4, load())
		s.after("4m")
		require.Equal(t, 8, load())
	})
}

// What cannot be served now lets what is behind it pass, a bounded number of
// inquiries at a time.
func TestPassingOver(t *testing.T) {
	t.Parallel()

	// declined has n inquiries wait that anna, who is there, has declined, and one
	// behind them, which she may have once she has room.
	declined := func(t *testing.T, n, skips int) (s *story, last inquiry.ID) {
		t.Helper()
		s = tell(t, plain(func(p *routing.Policy) {
			p.Rules = []routing.Rule{
				{Name: "direct", Match: routing.Match{Labels: []string{"direct"}}, Settings: routing.Settings{Assignment: inquiry.Directly}},
				{Name: "law", Match: routing.Match{Labels: []string{"law"}}, Settings: routing.Settings{Skills: []inquiry.SkillRequirement{{Skill: "law", Min: 1}}}},
			}
		}), with(person("anna"), func(o *inquiry.Owner) { o.Capacity = 10 }))
		s.core.skipsPerStep = skips
		s.online("anna")
		for range n {
			id := s.from(s.reply().String())
			s.isWith(id, "anna")
			s.do(inquiry.Decline{Inquiry: id, Owner: "anna", Reason: "no"})
			s.after("1s")
		}
		busy := s.from("busy", "direct")
		s.isWith(busy, "anna")
		last = s.from("last")
		s.isWith(last, "")
		s.after("1s")
		return s, last
	}

	t.Run("C4 a Step passes over so many only, and the next goes on there, at once", func(t *testing.T) {
		s, last := declined(t, 10, 3)
		in := inquiry.Input{ID: inquiry.InputID("pool", "resolve"), At: s.now, By: "tester", Do: inquiry.Resolve{Inquiry: s.core.owners["anna"].has[0].ID, Owner: "anna"}}
		var b inquiry.Batch
		r, err := s.core.Step(s.now, &in, &b)
		require.NoError(t, err)
		steps := 0
		for ; !r.Wake.IsZero() && !r.Wake.After(s.now); steps++ {
			require.Equal(t, inquiry.MatchingPaused, b.Events[len(b.Events)-1].Kind)
			s.isWith(last, "")
			st := &step{Core: s.core, now: s.now}
			heads, _, _ := st.cursors()
			x, _ := st.earliestOf(heads)
			if !st.catchesUp() {
				require.Equal(t, s.core.paused.Inquiry, x.ID)
			}
			r, err = s.core.Step(s.now, nil, &b)
			require.NoError(t, err)
		}
		require.Equal(t, 3, steps, "3, 3, 3 and 1 are passed over")
		s.isWith(last, "anna")
		require.Equal(t, inquiry.MatchingEnded, b.Events[len(b.Events)-1].Kind)
		s.core.Seal(&b)
		s.store.commit(t, &b)
		s.audit.events(b.Events)
	})

	t.Run("E2 what a channel's limit holds is left alone as a whole, and woken by the first that it holds", func(t *testing.T) {
		s := tell(t, plain(directly, func(p *routing.Policy) { p.Limits.Channel = rated(5, 60, 1) }), person("anna"))
		s.core.skipsPerStep = 1
		s.online("anna")
		s.from("ada")
		var ids []inquiry.ID
		for range 9 {
			ids = append(ids, s.from(s.reply().String()))
			s.after("1s")
		}
		require.Equal(t, []string{}, s.happened(), "nobody is passed over, and nothing pauses")
		for i, id := range ids {
			require.Equal(t, i == 0, s.row(id).Limit != "")
		}
		s.after("12m")
		s.isWith(ids[0], "anna")
		require.Equal(t, "channel/email", s.row(ids[1]).Limit)
	})

	t.Run("H3 who overtakes as time passes while a limit holds all of a queue is nothing new, also to a core that looks at it after a restart", func(t *testing.T) {
		s := tell(t, plain(directly, func(p *routing.Policy) {
			p.Order = inquiry.ByRatio
			p.Limits.Channel = rated(1, 60, 1)
			p.Rules = []routing.Rule{{Name: "short", Match: routing.Match{Labels: []string{"short"}}, Settings: routing.Settings{Targets: []sla.Target{sla.Within(sla.Resolve, 90*time.Minute, "")}}}}
		}), person("anna"), person("ben"))
		s.online("anna")
		s.from("eve")
		long, short := s.from("ada"), s.from("bob", "short")
		require.Equal(t, "channel/email", s.row(long).Limit)
		s.after("45m")
		require.Empty(t, s.row(short).Limit)
		s.core = s.store.restore(t, "pool")
		s.do(inquiry.SetPresence{Owner: "ben", Presence: inquiry.Away})
		require.Equal(t, []string{"presence_changed ben"}, s.happened())
		s.after("15m")
		s.isWith(short, "anna")
		require.Equal(t, "channel/email", s.row(long).Limit)
	})

	t.Run("C4 something that happens in between is looked at first, and does not keep it from its end", func(t *testing.T) {
		s, last := declined(t, 40, 2)
		step := func(do inquiry.Command) {
			t.Helper()
			s.drawn++
			in := inquiry.Input{ID: inquiry.InputID("pool", fmt.Sprint("in between", s.drawn)), At: s.now, By: "tester", Do: do}
			var b inquiry.Batch
			r, err := s.core.Step(s.now, &in, &b)
			require.NoError(t, err)
			require.Empty(t, r.Outcome.Refused, r.Outcome.Detail)
			s.core.Seal(&b)
			s.store.commit(t, &b)
			s.audit.events(b.Events)
		}
		step(inquiry.Resolve{Inquiry: s.core.owners["anna"].has[0].ID, Owner: "anna"})
		n := 0
		for ; s.core.paused != nil; n++ { // no step of time comes in between
			s.isWith(last, "")
			require.Less(t, n, 10)
			step(s.mail(s.reply().String()))
		}
		require.Equal(t, 5, n, "2, 4, 8, 16, 32 and 64 may be passed over")
		s.isWith(last, "anna")
	})

	t.Run("C4 a pause after so many checks, or after so many were served, is no beginning anew: the next Step passes over as few as the first", func(t *testing.T) {
		s, last := declined(t, 10, 3)
		s.core.dispatchesPerStep, s.core.checksPerStep = 1, 4
		step := func(do inquiry.Command) (p inquiry.Pausing) {
			t.Helper()
			var in *inquiry.Input
			if do != nil {
				s.drawn++
				in = &inquiry.Input{ID: inquiry.InputID("pool", fmt.Sprint("in between", s.drawn)), At: s.now, By: "tester", Do: do}
			}
			var b inquiry.Batch
			_, err := s.core.Step(s.now, in, &b)
			require.NoError(t, err)
			s.core.Seal(&b)
			s.store.commit(t, &b)
			s.audit.events(b.Events)
			if e := b.Events[len(b.Events)-1]; e.Kind == inquiry.MatchingPaused {
				p = e.Data.(inquiry.Pausing) // what it carries
			}
			return p
		}
		for range 2 { // behind the last
			step(s.mail(s.reply().String()))
		}
		for range 6 { // nobody could have them so far
			step(s.mail(s.reply().String(), "law"))
		}
		roomy := s.core.owners["anna"].data
		roomy.Capacity, roomy.Skills = 1000, []inquiry.Skill{{Name: "law", Level: 1}}
		p := step(inquiry.Roster{Set: []inquiry.Owner{roomy}})
		require.NotEmpty(t, p.Queue)
		for p.Queue != "" {
			p = step(nil)
		}
		require.Zero(t, p.Restarts, "matching has only begun")
		p = step(s.mail(s.reply().String()))
		require.Equal(t, 1, p.Restarts, "it has begun anew")
		for !p.Served {
			p = step(nil)
		}
		s.isWith(last, "anna")
		p = step(s.mail(s.reply().String()))
		require.False(t, p.Served)
		require.Zero(t, p.Restarts, "it had come on")
		for s.core.paused != nil {
			step(nil)
		}
	})

	t.Run("C4 a restart in the middle goes on where it was", func(t *testing.T) {
		s, last := declined(t, 10, 3)
		in := inquiry.Input{ID: inquiry.InputID("pool", "resolve"), At: s.now, By: "tester", Do: inquiry.Resolve{Inquiry: s.core.owners["anna"].has[0].ID, Owner: "anna"}}
		var b inquiry.Batch
		_, err := s.core.Step(s.now, &in, &b)
		require.NoError(t, err)
		s.core.Seal(&b)
		s.store.commit(t, &b)
		s.audit.events(b.Events)
		require.NotNil(t, s.core.paused)
		s.core = s.store.restore(t, "pool")
		s.core.skipsPerStep = 3
		require.Equal(t, s.now, s.core.Wake())
		s.after("0s")
		s.isWith(last, "anna")
		require.Nil(t, s.core.paused)
	})
}
