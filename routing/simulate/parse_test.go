package simulate

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/sla"
)

const small = `{
  "for": "8h",
  "classes": [{"name": "calls", "arrivals": {"per_hour": 30}, "handling": {"mean": "5m"}}],
  "groups": [{"name": "desk", "count": 3}]
}`

func TestParse(t *testing.T) {
	t.Parallel()

	t.Run("what is left out has its default", func(t *testing.T) {
		t.Parallel()
		s, err := Parse([]byte(small))
		require.NoError(t, err)
		c, err := s.compile()
		require.NoError(t, err)
		require.Equal(t, DefaultReplications, c.replications)
		require.Equal(t, time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC), c.start)
		require.Equal(t, time.Monday, c.start.Weekday())
		require.Equal(t, DefaultWithin, c.classes[0].within)
		require.Equal(t, Exponential, s.Classes[0].Handling.name())
		require.Len(t, c.roster.Set, 3)
		require.EqualValues(t, "desk-2", c.roster.Set[1].ID)
	})

	t.Run("in time is what the rule promises that takes the class, at its priority", func(t *testing.T) {
		t.Parallel()
		first := func(within string, tiers string) string {
			return `"targets": [{"kind": "first_response", "within": "` + within + `"` + tiers + `}, {"kind": "resolve", "within": "8h"}]`
		}
		policy := `"policy": {"sink": "s", "default": {` + first("4h", "") + `}, "rules": [{"name": "r", "match": {"labels": ["calls"]}, "priority": 2, ` +
			first("30m", `, "tiers": [{"from": 2, "within": "10m"}]`) + `}]}, "for"`
		for text, want := range map[string]time.Duration{
			policy: 10 * time.Minute,
			strings.Replace(policy, `"calls"`, `"others"`, 1):            4 * time.Hour,
			strings.Replace(policy, `"priority": 2`, `"priority": 1`, 1): 30 * time.Minute,
			strings.ReplaceAll(policy, `first_response`, `acknowledge`):  DefaultWithin,
		} {
			s, err := Parse([]byte(strings.Replace(small, `"for"`, text, 1)))
			require.NoError(t, err)
			c, err := s.compile()
			require.NoError(t, err)
			require.Equal(t, want, c.classes[0].within)
		}
	})

	t.Run("a scenario written is the scenario read", func(t *testing.T) {
		t.Parallel()
		at := sla.TimeOfDay(12 * 3600)
		s := steady()
		s.Groups[0].Breaks = []Break{{At: &at, For: exponential(10), Stagger: minutes(5)}}
		raw, err := json.Marshal(s)
		require.NoError(t, err)
		back, err := Parse(raw)
		require.NoError(t, err)
		again, err := json.Marshal(back)
		require.NoError(t, err)
		require.Equal(t, string(raw), string(again))
	})

	for _, c := range []struct{ name, text, want string }{
		{"unknown key", strings.Replace(small, `"per_hour"`, `"per_huor"`, 1), `3:46: classes[0].arrivals.per_huor: unknown key "per_huor", did you mean "per_hour"?`},
		{"key twice", strings.Replace(small, `"for": "8h",`, `"for": "8h", "for": "9h",`, 1), `2:16: for: key "for" is given twice; keep one of them`},
		{"key in another case", strings.Replace(small, `"for"`, `"For"`, 1), `2:3: For: unknown key "For", did you mean "for"?`},
		{"null", strings.Replace(small, `"8h"`, `null`, 1), `2:10: for: it is null; write a text such as "1h30m", or leave the key out`},
		{"nothing to draw from", strings.Replace(small, `{"mean": "5m"}`, `{"law": "recorded"}`, 1), `3:75: classes[0].handling.values: there are none to draw from: list some durations`},
		{"arrivals that are recorded and have a rate", strings.Replace(small, `{"per_hour": 30}`, `{"per_hour": 30, "recorded": ["1m"]}`, 1), `arrivals are recorded, and there is a rate, too`},
		{"wrong type", strings.Replace(small, `30`, `"many"`, 1), `3:58: classes[0].arrivals.per_hour: it is "many"; write a number`},
		{"a list for an object", strings.Replace(small, `{"mean": "5m"}`, `["5m"]`, 1), `classes[0].handling: it is ["5m"]; write an object {...}`},
		{"no duration", strings.Replace(small, `"8h"`, `"8 hours"`, 1), `2:10: for: duration "8 hours": not a duration`},
		{"no JSON", small[:40], "no JSON: it ends too early"},
		{"no JSON at all", "scenario", "no JSON"},
		{"more behind it", small + "{}", "5:2: there is more after the end of the object; remove it"},
		{"a law without a mean", strings.Replace(small, `"mean": "5m"`, `"law": "gamma", "mean": "5m"`, 1), `3:75: classes[0].handling.cv: it is 0: gamma needs a coefficient of variation from 0.01 to 10`},
		{"an unknown law", strings.Replace(small, `"mean": "5m"`, `"law": "pareto", "mean": "5m"`, 1), `classes[0].handling.law: it is "pareto": want one of`},
		{"a skill that does not compile", strings.Replace(small, `"handling"`, `"skills": [{"skill": "x", "min": 9}], "handling"`, 1), "classes[0].skills"},
		{"a missing calendar", strings.Replace(small, `"count": 3`, `"shift": "nights"`, 1), `4:40: groups[0].shift: there is no calendar "nights"`},
		{"a class that nobody serves", strings.Replace(small, `"count": 3`, `"serves": [{"class": "mail"}]`, 1), `there is no class "mail"`},
		{"deep", strings.Replace(small, `"for"`, `"policy": {"rules": [`+strings.Repeat(`{"rules": [`, 100), 1), "nested more than"},
		{"a policy beside an order", strings.Replace(small, `"for"`, `"order": "arrival", "policy": {"default": {}, "sink": "s"}, "for"`, 1), "2:12: order: there is a whole policy, to which it belongs: move it there"},
		{"faults of the policy", strings.Replace(small, `"for"`, `"policy": {"default": {}, "sink": "s"}, "for"`, 1), "policy.default"},
		{"nothing", "{}", "for: it is 0s"},
		{"a rule's fault, whatever its class is called", strings.NewReplacer(`"calls"`, `"calls (EU)"`, `"handling"`, `"skills": [{"skill": "x", "min": 9}], "handling"`).Replace(small), ": classes[0].skills[0]"},
		{"a start at the end of days", strings.Replace(small, `"for"`, `"start": "9999-12-31T00:00:00Z", "for"`, 1), "2:12: start: it is 9999-12-31T00:00:00Z: want an instant from 1970 to 9000"},
		{"breaks that begin in another century", strings.Replace(small, `"count": 3`, `"count": 300, "breaks": [{"at": "12:00", "for": {"mean": "1h"}, "stagger": "8760h"}]`, 1), "groups[0].breaks[0].stagger: it is 8760h: the last of 300 would begin more than 10 years late"},
		{"two owners of one name", strings.Replace(small, `"groups": [`, `"groups": [{"name": "desk-2"}, `, 1), `groups[1].name: its owner desk-2 is of group "desk-2", too: rename one of the groups`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, err := Parse([]byte(c.text))
			require.ErrorContains(t, err, c.want)
			require.Nil(t, s)
			require.NotEmpty(t, Faults(err))
		})
	}

	t.Run("all faults come at once", func(t *testing.T) {
		t.Parallel()
		_, err := Parse([]byte(`{"for": "0s", "replications": -1, "confidence": 2, "zone": "Mars/Base", "room": -1, "choice": "best", "classes": [
			{"name": "a", "arrivals": {"per_hour": -1, "by_hour": [1], "recorded": ["-1m"], "bursts": [{"at": "-1h", "for": "0s", "per_hour": 0}], "dispersion": {"cv": 0}},
			 "handling": {"mean": "-1m"}, "patience": {"values": ["-1m"], "mean": "1m"}, "within": "-1s", "room": -1, "customers": -1,
			 "returns": {"chance": 2, "after": {"mean": "1m"}, "most": -1}, "talk": {"chance": -1, "silent": 7, "after": {"mean": "0s"}}},
			{"name": "a", "arrivals": {}, "handling": {"law": "exponential", "mean": "1m", "cv": 2}}],
			"groups": [{"name": "", "count": -1, "at_once": 1, "capacity": 2, "slowdown": -1, "speed": -1, "decline": 0.7, "ignore": 0.7,
			 "serves": [{"class": "a", "level": 9, "after": "-1m", "speed": 1e9, "handling": {"mean": "0s"}}, {"class": "a"}],
			 "breaks": [{"for": {"mean": "0s"}, "stagger": "-1m"}]}]}`))
		all := Faults(err)
		require.Greater(t, len(all), 35)
		for _, f := range all {
			require.NotZero(t, f.Line, f.Path)
			require.NotEmpty(t, f.Problem)
		}
	})
}

// A program can say what no text can.
func TestConfidenceThatIsNoNumber(t *testing.T) {
	t.Parallel()
	s := steady()
	s.Confidence = math.NaN()
	require.ErrorContains(t, s.Validate(), "confidence: it is NaN: want a share such as 0.95")
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	raw, err := json.Marshal(steady())
	require.NoError(f, err)
	f.Add(raw)
	f.Add([]byte(`{"for": "1h", "policy": {"default": {}, "rules": [{"name": "a", "rules": [{}]}]}, "classes": [{}], "groups": [{}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Parse(data)
		if err != nil {
			require.NotEmpty(t, Faults(err))
			return
		}
		raw, err := json.Marshal(s)
		require.NoError(t, err)
		_, err = Parse(raw)
		require.NoError(t, err, string(raw))
	})
}

func TestStudent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ p, df, want float64 }{ // from printed tables
		{0.975, 1, 12.7062}, {0.975, 2, 4.30265}, {0.975, 9, 2.26216}, {0.995, 9, 3.24984}, {0.995, 19, 2.86093}, {0.975, 1000, 1.96234}, {0.95, 30, 1.69726},
	} {
		require.InEpsilon(t, c.want, tQuantile(c.p, c.df), 2e-6)
	}
	v := estimate([]float64{1, 2, 3}, 0.95)
	require.InDelta(t, 2, v.Mean, 1e-12)
	require.InEpsilon(t, 4.30265/1.7320508, v.Half, 1e-5)
	require.True(t, v.Holds(4))
	require.False(t, v.Holds(5))
	require.True(t, Value{Mean: 1, Half: 1, N: 2}.Holds(0), "the ends are of it")
	require.True(t, Value{Mean: 1, Half: 1, N: 2}.Holds(2), "the ends are of it")
	require.Equal(t, Value{Mean: 4, N: 1}, estimate([]float64{4}, 0.95))
	require.Zero(t, estimate(nil, 0.95))
}

func TestHistogram(t *testing.T) {
	t.Parallel()
	var h, other histogram
	for i := range 1000 {
		h.add(time.Duration(i+1) * time.Second)
		other.add(time.Duration(i+1) * time.Hour)
	}
	for _, p := range []float64{0.001, 0.5, 0.9, 0.99, 1} {
		require.InEpsilon(t, 1000*p, h.quantile(p), 1.0/64)
		require.LessOrEqual(t, h.quantile(p), 1000*p)
	}
	h.merge(&other)
	require.Equal(t, 2000, h.n)
	require.InEpsilon(t, 1000, h.quantile(0.5), 1.0/64)
	for b := range 2400 {
		require.Equal(t, b, bucket(time.Duration(lower(b)*1000+0.5)*time.Millisecond), "the least of a bucket is in it")
	}
}
