package bench_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/alertmanager/config"
	amcommoncfg "github.com/prometheus/alertmanager/config/common"
	"github.com/prometheus/alertmanager/dispatch"
	"github.com/prometheus/alertmanager/pkg/labels"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// noon is when the inquiries of these benchmarks arrive; no rule of them asks.
var noon = time.Date(2026, 11, 18, 12, 0, 0, 0, time.UTC)

// asking is an inquiry to be matched, in the words of either side.
type asking struct {
	facts   inquiry.Facts
	channel string
	labels  model.LabelSet
	want    string // the rule's name
}

// Of this many channels and languages each topic has a rule for every pair.
const (
	channelCount  = 5
	languageCount = 4
)

// ruleset is n rules, each of which asks for a topic, a channel and a language,
// and the same as a tree of routes.
func ruleset(tb testing.TB, n int) ([]routing.Rule, *routing.Compiled, *dispatch.Route) {
	tb.Helper()
	rules := make([]routing.Rule, n)
	root := &config.Route{Receiver: routing.DefaultRule}
	for i := range rules {
		topic, channel, language := ruleWords(i)
		rules[i] = routing.Rule{Name: fmt.Sprint("rule", i), Match: routing.Match{
			Labels: []string{topic}, Channels: []string{channel}, Languages: []string{language},
		}}
		var matchers amcommoncfg.Matchers
		for _, m := range [][2]string{{"topic", topic}, {"channel", channel}, {"language", language}} {
			matcher, err := labels.NewMatcher(labels.MatchEqual, m[0], m[1])
			require.NoError(tb, err)
			matchers = append(matchers, matcher)
		}
		root.Routes = append(root.Routes, &config.Route{Receiver: rules[i].Name, Matchers: matchers})
	}
	c, err := routing.Compile(routing.Policy{
		Sink:    "boss",
		Default: routing.Settings{Targets: []sla.Target{{Kind: sla.Resolve, Within: sla.Duration(24 * time.Hour)}}},
		Rules:   rules,
	})
	require.NoError(tb, err)
	return rules, c, dispatch.NewRoute(root, nil)
}

func ruleWords(i int) (topic, channel, language string) {
	return fmt.Sprint("topic", i/(channelCount*languageCount)), fmt.Sprint("channel", i%channelCount), fmt.Sprint("language", i/channelCount%languageCount)
}

// askings are inquiries for rules drawn evenly; one in sixteen matches none.
func askings(n int) []asking {
	r := rand.New(rand.NewPCG(1, 2))
	out := make([]asking, 128)
	for k := range out {
		i := r.IntN(n)
		topic, channel, language := ruleWords(i)
		a := &out[k]
		a.want = fmt.Sprint("rule", i)
		if k%16 == 0 {
			topic, a.want = "something else", routing.DefaultRule
		}
		a.channel = channel
		a.facts = inquiry.Facts{Kind: "question", Labels: []string{topic}, Language: language, Audiences: []inquiry.Audience{"customer"}, Reach: 100}
		a.labels = model.LabelSet{
			"kind": "question", "topic": model.LabelValue(topic), "channel": model.LabelValue(channel),
			"language": model.LabelValue(language), "audience": "customer",
		}
	}
	return out
}

// scan tries each rule in turn, for no more than these rules ask.
func scan(rules []routing.Rule, a *asking) string {
	for i := range rules {
		m := &rules[i].Match
		if slices.Contains(m.Channels, a.channel) && slices.Contains(m.Languages, a.facts.Language) &&
			!slices.ContainsFunc(m.Labels, func(l string) bool { return !slices.Contains(a.facts.Labels, l) }) {
			return rules[i].Name
		}
	}
	return routing.DefaultRule
}

// BenchmarkMatch finds the first matching of 10 to 100,000 rules: by the compiled
// policy, by a scan that tries each in turn, and by Alertmanager's route tree, none
// of whose routes continues:
//
//	GOWORK=off go test -C internal/bench -run '^$' -bench Match/ -benchtime 10ms -count 25
//
// With 1,000 rules the compiled policy took a 95th of the time of the route tree
// (medians of 25; a 57th to a 107th in other rounds), and it allocates nothing.
// README.md has all figures.
func BenchmarkMatch(b *testing.B) {
	for _, n := range []int{10, 1_000, 10_000, 100_000} {
		rules, c, route := ruleset(b, n)
		asked := askings(n)
		peers := []struct {
			name string
			find func(a *asking) string
		}{
			{"answerable", func(a *asking) string { return c.Rule(&a.facts, a.channel, "", noon) }},
			{"scan", func(a *asking) string { return scan(rules, a) }},
			{"alertmanager", func(a *asking) string { return route.Match(a.labels)[0].RouteOpts.Receiver }},
		}
		for _, p := range peers {
			for k := range asked {
				if k < 64 || n <= 1000 { // the slow ones would take minutes
					require.Equal(b, asked[k].want, p.find(&asked[k]), p.name)
				}
			}
			b.Run(fmt.Sprintf("rules=%d/%s", n, p.name), func(b *testing.B) {
				b.ReportAllocs()
				for k := 0; b.Loop(); k++ {
					if p.find(&asked[k%len(asked)]) == "" {
						b.Fatal("no rule")
					}
				}
			})
		}
	}
}
