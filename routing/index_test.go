package routing

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// plainly finds the matching rule as the documentation of [Policy] has it: every
// sibling is tried in turn. It is what the index is held against.
func plainly(c *Compiled, f *inquiry.Facts, channel, account string, at time.Time) (path string, trail []string, s Settings) {
	path, s = DefaultRule, c.base
	var try func(siblings []node)
	try = func(siblings []node) {
		for i := range siblings {
			n := &siblings[i]
			if !holds(c, &n.match, f, channel, account, at) {
				continue
			}
			path, s = n.name, n.settings.over(s)
			try(n.children.rules)
			if !n.goOn {
				return
			}
			trail = append(trail, path)
		}
		if k := len(trail); k > 0 && trail[k-1] == path {
			trail = trail[:k-1]
		}
	}
	try(c.rules.rules)
	if len(trail) == 0 {
		trail = nil
	}
	return path, trail, s
}

// holds says what the documentation of [Match] says, in other words than the code.
func holds(c *Compiled, m *Match, f *inquiry.Facts, channel, account string, at time.Time) bool {
	speaking := f.Audiences
	if len(c.policy.Precedence) > 0 && len(speaking) > 0 {
		speaking = []inquiry.Audience{c.leads(f).Leads}
	}
	all := true
	for _, l := range m.Labels {
		all = all && slices.Contains(f.Labels, l)
	}
	return all &&
		among(m.Kinds, f.Kind) && among(m.Channels, channel) && among(m.Accounts, account) && among(m.Languages, f.Language) &&
		among(m.Audiences, speaking...) && among(m.AnyAudience, f.Audiences...) && among(m.AnyLabel, f.Labels...) &&
		(len(m.NoLabel) == 0 || !among(m.NoLabel, f.Labels...)) && f.Reach >= m.MinReach &&
		(m.During == "" || c.calendars[m.During].Open(at)) && (m.Outside == "" || !c.calendars[m.Outside].Open(at))
}

// among reports whether one of some words is wanted, or none in particular is.
func among[T comparable](wanted []T, is ...T) bool {
	return len(wanted) == 0 || slices.ContainsFunc(is, func(x T) bool { return slices.Contains(wanted, x) })
}

// randomly draws policies and inquiries out of few words, so that they meet.
type randomly struct{ *rand.Rand }

func drawn[T any](r randomly, most int, draw func(i int) T) (out []T) {
	for range r.IntN(most + 1) {
		out = append(out, draw(r.IntN(6)))
	}
	return out
}

func word[T ~string](prefix string) func(i int) T {
	return func(i int) T {
		if i == 0 && prefix != "label" {
			return "" // such as an unknown language
		}
		return T(fmt.Sprint(prefix, i))
	}
}

// match draws a condition; sparse ones ask for less.
func (r randomly) match(sparse int) (m Match) {
	rarely := func() bool { return r.IntN(sparse) == 0 }
	if rarely() {
		m.Kinds = drawn(r, 3, word[inquiry.Kind]("kind"))
	}
	if rarely() {
		m.Labels = drawn(r, 3, word[string]("label"))
	}
	if rarely() {
		m.AnyLabel = drawn(r, 4, word[string]("label"))
	}
	if rarely() {
		m.NoLabel = slices.DeleteFunc(drawn(r, 2, word[string]("label")), func(l string) bool { return slices.Contains(m.Labels, l) })
	}
	if rarely() {
		m.Audiences = drawn(r, 2, word[inquiry.Audience]("audience"))
	}
	if rarely() {
		m.AnyAudience = drawn(r, 2, word[inquiry.Audience]("audience"))
	}
	if rarely() {
		m.Channels = drawn(r, 3, word[string]("channel"))
	}
	if rarely() {
		m.Accounts = drawn(r, 3, word[string]("account"))
	}
	if rarely() {
		m.Languages = drawn(r, 3, word[string]("language"))
	}
	if rarely() {
		m.MinReach = int64(r.IntN(4))
	}
	if rarely() {
		m.During = "day"
	} else if rarely() {
		m.Outside = "day"
	}
	return m
}

func (r randomly) rules(most, depth int) []Rule {
	rules := make([]Rule, r.IntN(most+1))
	sparse := 1 + r.IntN(6)
	for i := range rules {
		p := inquiry.Priority(r.IntN(1000))
		rules[i] = Rule{Name: fmt.Sprint("r", i), Match: r.match(sparse), Continue: r.IntN(12) == 0}
		if r.IntN(2) == 0 {
			rules[i].Priority = &p
		} else {
			rules[i].Handling = sla.Duration(1+r.IntN(1000)) * sla.Duration(time.Second)
		}
		if depth > 1 && r.IntN(4) == 0 {
			rules[i].Rules = r.rules(most, depth-1)
		}
	}
	return rules
}

func (r randomly) policy(most, depth int) Policy {
	p := minimal(r.rules(most, depth)...)
	p.Calendars = []sla.Calendar{{Name: "day", Hours: sla.Daily(sla.At(8, 0), sla.At(20, 0))}}
	if r.IntN(2) == 0 {
		p.Precedence = []inquiry.Audience{"audience3", "audience1"}
	}
	return p
}

func (r randomly) facts() (f *inquiry.Facts, channel, account string, at time.Time) {
	f = &inquiry.Facts{
		Kind: word[inquiry.Kind]("kind")(r.IntN(7)), Language: word[string]("language")(r.IntN(7)), Reach: int64(r.IntN(5)),
		Labels: drawn(r, 4, word[string]("label")), Audiences: drawn(r, 3, word[inquiry.Audience]("audience")),
	}
	for range r.IntN(2) * 20 { // more than the policy has words for
		f.Labels = append(f.Labels, fmt.Sprint("label", r.IntN(40)))
	}
	return f, word[string]("channel")(r.IntN(7)), word[string]("account")(r.IntN(7)), noon.Add(time.Duration(r.IntN(24)) * time.Hour)
}

// sameRule holds the index against the plain scan.
func sameRule(t testing.TB, c *Compiled, f *inquiry.Facts, channel, account string, at time.Time) (path string) {
	path, trail, s := plainly(c, f, channel, account, at)
	var room scratch
	q := asked{facts: f, channel: channel, account: account, at: at, lead: c.leading(f)}
	q.values = c.known.of(&q, room.values[:0])
	m := c.match(&q, &room)
	require.Equal(t, path, m.path(), "%+v on %q to %q", f, channel, account)
	require.Equal(t, trail, m.trailed())
	require.Equal(t, s, *c.settingsOf(&m))
	require.Equal(t, path, c.Rule(f, channel, account, at))
	return path
}

func TestIndexAndScanSayTheSame(t *testing.T) {
	t.Parallel()
	defaults, indexed, split := 0, 0, 0
	const policies, each = 600, 40
	for seed := range uint64(policies) {
		r := randomly{rand.New(rand.NewPCG(seed, 1))} // a seed makes it repeatable
		most, depth := 12, 3
		if seed%3 == 0 {
			most, depth = 200, 1
		}
		c, err := Compile(r.policy(most, depth))
		require.NoError(t, err)
		if x := c.rules.index; x != nil {
			indexed++
			for _, sub := range x.filed {
				split += len(sub.filed)
			}
		}
		for range each {
			f, channel, account, at := r.facts()
			if sameRule(t, c, f, channel, account, at) == DefaultRule {
				defaults++
			}
		}
	}
	require.Greater(t, indexed, policies/3)
	require.Positive(t, split)
	require.Less(t, defaults, policies*each/2, "most inquiries should meet a rule")
}

func FuzzIndexAndScanSayTheSame(f *testing.F) {
	f.Add(uint64(1), 12, 3)
	f.Add(uint64(2), 300, 1)
	f.Fuzz(func(t *testing.T, seed uint64, most, depth int) {
		r := randomly{rand.New(rand.NewPCG(seed, 2))} // a seed makes it repeatable
		c, err := Compile(r.policy(min(max(most, 0), 400), min(max(depth, 1), 2)))
		require.NoError(t, err)
		for range 20 {
			facts, channel, account, at := r.facts()
			sameRule(t, c, facts, channel, account, at)
		}
	})
}

func TestIndexIsBounded(t *testing.T) {
	t.Parallel()
	var many []inquiry.Kind
	var channels, accounts []string
	for i := range 100 {
		many = append(many, inquiry.Kind(fmt.Sprint("kind", i)))
		channels = append(channels, fmt.Sprint("channel", i))
		accounts = append(accounts, fmt.Sprint("account", i))
	}
	rules := make([]Rule, 500)
	for i := range rules {
		rules[i] = Rule{Name: fmt.Sprint("r", i), Match: Match{Kinds: many, Channels: channels, Accounts: accounts, MinReach: int64(len(rules) - i)}}
	}
	c := compile(t, minimal(rules...))
	require.LessOrEqual(t, entries(c.rules.index), (filing+1)*len(rules), "a rule that asks for any of many is not filed under each combination")
	require.Equal(t, "r490", sameRule(t, c, &inquiry.Facts{Kind: "kind7", Reach: 10}, "channel99", "account0", noon))
}

// entries are how many rules the lists of an index name.
func entries(x *index) int {
	n := len(x.list)
	for _, sub := range x.filed {
		n += entries(sub)
	}
	return n
}

func TestMatchTakesNoHeap(t *testing.T) {
	rules := make([]Rule, 1000)
	for i := range rules {
		rules[i] = Rule{Name: fmt.Sprint("r", i), Continue: i == 3, Match: Match{
			Labels: []string{fmt.Sprint("label", i/4)}, Channels: []string{fmt.Sprint("channel", i%4)}, Audiences: []inquiry.Audience{"customer"},
		}}
	}
	p := minimal(rules...)
	p.Precedence = []inquiry.Audience{"journalist", "customer"}
	c := compile(t, p)
	f := &inquiry.Facts{Labels: []string{"x", "label0", "label200"}, Audiences: []inquiry.Audience{"partner", "customer"}}
	require.Equal(t, "r803", c.Rule(f, "channel3", "", noon))
	require.Zero(t, testing.AllocsPerRun(100, func() { c.Rule(f, "channel3", "", noon) }))
}

func TestPlaces(t *testing.T) {
	of := func(a attribute, n int) value { return value(n)<<attributeBits | value(a) }
	for name, c := range map[string]struct {
		step int
		near bool
	}{"close together": {2, true}, "far apart": {sparse + 1, false}} {
		t.Run("what is filed is found, and nothing else, where numbers are "+name, func(t *testing.T) {
			var values []value
			for i := range 20 {
				values = append(values, of(byLabel, 10+i*c.step))
			}
			p := placesOf(values, values[0].bit())
			require.Equal(t, c.near, p.near != nil)
			for n := range 10 + 20*c.step + 10 { // from below the least to above the most
				i, ok := p.of(of(byLabel, n))
				require.Equal(t, slices.Contains(values, of(byLabel, n)), ok, n)
				if ok {
					require.Equal(t, of(byLabel, n), values[i])
				}
			}
		})
	}
}
