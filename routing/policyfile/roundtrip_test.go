package policyfile

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// filler fills any value with whatever its type can hold, sound or not, so that
// a field which is new in Go is part of the tests from its first day.
type filler struct{ *rand.Rand }

var odd = []string{
	"", "a", "press", "no", "yes", "true", "null", "~", "1", "1.5", "0x10", "1_000", "2026-12-25", "09:00", "-", "- a", "a: b", "a #b", "#",
	"*a", "&a", "!a", "@a", "%a", "<<", "=", "[", "{a}", "a,b", "'", `"`, `\`, "a\nb", "a\n", "\n", " a", "a ", "\t", "\x00", "\x1b", "\u0085", "\u2028",
	"\ufeff", "\uffff", "ä", "你好", "👋", "a\r\nb", "|", ">", "?", "? a", "---", "...", "\u00a0", "\x7f",
}

func (f filler) fill(v reflect.Value, depth int) {
	t := v.Type()
	switch t {
	case reflect.TypeFor[sla.TimeOfDay]():
		v.SetInt(f.Int64N(24*60+1) * 60)
		return
	case reflect.TypeFor[sla.Date]():
		v.Set(reflect.ValueOf(sla.Date{Year: 2026, Month: 1, Day: 1}.Add(f.IntN(1000))))
		return
	case reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Unix(f.Int64N(2e9), f.Int64N(1e9)).UTC()))
		return
	case reflect.TypeFor[time.Weekday]():
		v.SetInt(f.Int64N(7))
		return
	case reflect.TypeFor[sla.Duration]():
		v.SetInt(f.Int64N(3) * f.Int64N(1e15))
		return
	}
	if known, ok := words[t]; ok {
		v.SetString(known[f.IntN(len(known))])
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if f.IntN(2) == 0 && depth > 0 {
			v.Set(reflect.New(t.Elem()))
			f.fill(v.Elem(), depth)
		}
	case reflect.Slice:
		if n := f.IntN(4); n > 0 && depth > 0 && t.Elem().Kind() != reflect.Uint8 {
			v.Set(reflect.MakeSlice(t, n-1, n-1))
			for i := range n - 1 {
				f.fill(v.Index(i), depth-1)
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			_, needed := words[t.Field(i).Type]
			if t.Field(i).IsExported() && (needed || formOf(base(t.Field(i).Type)) == textForm || f.IntN(4) > 0) {
				f.fill(v.Field(i), depth)
			}
		}
	case reflect.String:
		if formOf(t) == stringForm {
			v.SetString(odd[f.IntN(len(odd))])
		}
	case reflect.Bool:
		v.SetBool(f.IntN(2) == 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if formOf(t) == intForm {
			v.SetInt(int64(f.Uint64()) >> f.IntN(64) >> (64 - t.Bits()))
		}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(f.Uint64() >> f.IntN(64) >> (64 - t.Bits()))
	}
}

// Whatever the Go types hold comes back from a file as it was.
func TestAnythingComesBack(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		f := filler{rand.New(rand.NewPCG(seed, 1))}
		var doc document
		f.fill(reflect.ValueOf(&doc).Elem(), 5)
		text, err := Marshal(doc.Policy, doc.Roster)
		require.NoError(t, err, "seed %d", seed)

		nodes := 0
		r := reader{file: "p.yaml", nodes: &nodes}
		n := r.read(text)
		require.Empty(t, r.faults, "seed %d:\n%s", seed, text)
		var d decoder
		var back document
		d.decode(n, reflect.ValueOf(&back).Elem(), "")
		require.Empty(t, d.faults, "seed %d:\n%s", seed, text)
		require.Equal(t, asJSON(t, doc.Policy), asJSON(t, back.Policy), "seed %d:\n%s", seed, text)
		require.Equal(t, asJSON(t, doc.Roster), asJSON(t, back.Roster), "seed %d", seed)
	}
}

// asJSON is a value's JSON as it is once it has been read from JSON: that drops
// the difference between a list that is empty and one that is not there, where
// the tag leaves both out.
func asJSON[T any](t *testing.T, v T) string {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	var again T
	require.NoError(t, json.Unmarshal(b, &again))
	b, err = json.Marshal(again)
	require.NoError(t, err)
	var tree any
	require.NoError(t, json.Unmarshal(b, &tree))
	b, err = json.Marshal(noNulls(tree))
	require.NoError(t, err)
	return string(b)
}

// noNulls has empty lists for nil ones, where the tag does not leave them out.
func noNulls(v any) any {
	switch v := v.(type) {
	case nil:
		return []any{}
	case map[string]any:
		for k, x := range v {
			v[k] = noNulls(x)
		}
	case []any:
		for i, x := range v {
			v[i] = noNulls(x)
		}
	}
	return v
}

// A sound policy comes back whole, compiles to the same version, and what is
// written of it again is the same to the byte.
func TestPolicyComesBack(t *testing.T) {
	t.Parallel()
	for seed := range uint64(25) {
		p, roster := randomPolicy(rand.New(rand.NewPCG(seed, 2)))
		made, err := New(p, roster)
		require.NoError(t, err, "seed %d", seed)
		text, err := Marshal(p, roster)
		require.NoError(t, err)
		back, err := Parse(Source{"p.yaml", text})
		require.NoError(t, err, "seed %d:\n%s", seed, text)
		require.Equal(t, p, back.Policy, "seed %d:\n%s", seed, text)
		require.Equal(t, roster, back.Roster, "seed %d:\n%s", seed, text)
		require.Equal(t, made.Compiled().Version(), back.Compiled().Version())
		again, err := Marshal(back.Policy, back.Roster)
		require.NoError(t, err)
		require.Equal(t, string(text), string(again))
	}
}

// randomPolicy is a sound policy with a roster, over few words.
func randomPolicy(r *rand.Rand) (routing.Policy, []inquiry.Owner) {
	some := func(words ...string) (out []string) {
		for _, i := range r.Perm(len(words))[:r.IntN(len(words)+1)] {
			out = append(out, words[i])
		}
		return out
	}
	one := func(words ...string) string { return words[r.IntN(len(words))] }
	minutes := func(n int) sla.Duration { return sla.Duration(time.Duration(1+r.IntN(n)) * time.Minute) }
	p := routing.Policy{
		Version: one("", "v1", "2026-03-01", "7"), Sink: "head", Order: inquiry.Order(one("", "ratio", "cost")),
		Calendars: []sla.Calendar{
			{Name: "office", Zone: "Europe/Berlin", Hours: sla.Weekdays(sla.At(9, 0), sla.At(17, 30))},
			{Name: "nights", Zone: "Asia/Tokyo", Hours: sla.Daily(sla.At(22, 0), sla.At(6, 0)), Exceptions: []sla.Exception{
				{Date: sla.Date{Year: 2026, Month: 12, Day: 24}, Name: "Eve", Hours: []sla.Range{{Open: sla.At(9, 0), Close: sla.At(12, 0)}}},
			}},
		},
		Departments: []routing.Department{{Name: "care", Lead: "anna"}, {Name: "press", Limit: &routing.Rate{Events: 1 + r.IntN(9), Per: minutes(60), Burst: 3}}},
		Rotations:   []sla.Rotation{{Name: "weekly", Start: sla.Date{Year: 2026, Month: 3, Day: 2}, HandOver: sla.At(9, 0), Days: 7, Members: []string{"anna", "ben"}}},
		Roles:       []routing.Role{{Name: "duty", Owners: []inquiry.OwnerID{"ben", "anna"}}},
		Default:     routing.Settings{Targets: []sla.Target{{Kind: sla.Resolve, Within: minutes(600), Calendar: one("", "office")}}},
		ThreadFor:   minutes(100), Presence: routing.Presence{LapseAfter: -1},
	}
	settings := func() (s routing.Settings) {
		for _, skill := range some("billing", "press", "safety") {
			s.Skills = append(s.Skills, inquiry.SkillRequirement{Skill: skill, Min: 1 + r.IntN(4), Want: 5})
		}
		if r.IntN(3) == 0 {
			s.Skills = append([]inquiry.SkillRequirement{}, s.Skills...)
			s.AnyOf = []inquiry.SkillGroup{{Any: []inquiry.SkillRequirement{{Skill: "a", Min: 1}, {Skill: "b", Min: 2}}, Soft: &inquiry.Soft{Share: 50}}}
			s.Ladder = &sla.Ladder{Levels: []sla.Level{{To: sla.OnCall, Name: "weekly", Raise: 1}, {To: sla.Sink, After: minutes(60)}}, Remind: minutes(60)}
			s.Priority, s.AnyLanguage = new(inquiry.Priority(r.IntN(9)-4)), new(r.IntN(2) == 0)
		}
		if r.IntN(3) == 0 {
			s.Departments, s.DepartmentsSoft = []string{"care"}, &inquiry.Soft{After: minutes(60)}
			s.Targets = []sla.Target{{Kind: sla.Update, Within: minutes(60), Tiers: []sla.Tier{{From: 2, Within: minutes(30)}}, Life: new(sla.LifeOf(sla.Update))}}
		}
		return s
	}
	for _, name := range some("a", "1", "no", "ä: ö", "- b", "c #d") {
		rule := routing.Rule{Name: name, Settings: settings(), Continue: r.IntN(3) == 0, Match: routing.Match{
			Labels: some("refund", "vip"), Kinds: []inquiry.Kind{inquiry.Question}, Channels: some("email", "chat"),
			MinReach: int64(r.IntN(3)) * 1000, During: one("", "office"), Outside: one("", "nights"), Languages: some("de", "", "no"),
		}}
		for _, name := range some("x", "true") {
			rule.Rules = append(rule.Rules, routing.Rule{Name: name, Settings: settings()})
		}
		p.Rules = append(p.Rules, rule)
	}
	var roster []inquiry.Owner
	for _, id := range some("anna", "ben", "head", "0x7", "~") {
		roster = append(roster, inquiry.Owner{
			ID: inquiry.OwnerID(id), Name: one("", "Zoë O'Hara", "1"), Capacity: r.IntN(200), Languages: some("de", "no"),
			Departments: some("care", "press"), Shift: one("", "office", "nights"), Bot: r.IntN(5) == 0, Skills: []inquiry.Skill{{Name: "press", Level: 1 + r.IntN(5)}},
			Authority: []inquiry.Authority{{Name: "refund", Limit: int64(r.IntN(500))}},
		})
	}
	return p, roster
}

func TestMarshal(t *testing.T) {
	t.Parallel()
	f, err := Load("testdata/small.yaml")
	require.NoError(t, err)
	text, err := Marshal(f.Policy, f.Roster)
	require.NoError(t, err)
	require.Equal(t, `default:
  targets:
    - {kind: first_response, within: 4h, calendar: office, warn: [50, 80]}
    - {kind: resolve, within: 16h, calendar: office}
rules:
  - name: press
    match: {audiences: [journalist]}
    skills: [{skill: press, min: 3}]
    priority: 2
calendars:
  - name: office
    zone: Europe/Berlin
    hours:
      - {day: monday, open: "09:00", close: "17:00"}
      - {day: tuesday, open: "09:00", close: "17:00"}
    exceptions: [{date: "2026-12-25", name: Christmas Day}]
sink: head
roster:
  - {id: head, capacity: 100}
  - id: anna
    skills: [{name: press, level: 4}]
    capacity: 100
    shift: office
`, string(text))

	f.Policy.Sink = "\xff"
	_, err = Marshal(f.Policy, nil)
	require.EqualError(t, err, `policyfile: sink: "\xff" is not UTF-8`)
	f.Policy.Calendars[0].Exceptions[0].Date = sla.Date{Year: 2026, Month: 2, Day: 30}
	f.Policy.Sink = "head"
	_, err = Marshal(f.Policy, nil)
	require.EqualError(t, err, `policyfile: calendars[0]/exceptions[0]/date: date 2026-02-30: there is no such day`)
}

// Whatever a name holds, it is there again.
func TestTextsComeBack(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a word ", 20) // too long for one line with others
	policy := routing.Policy{Sink: "head", Default: routing.Settings{Targets: []sla.Target{sla.Within(sla.Resolve, time.Hour, "")}}}
	for _, c := range []rune{0, 1, '\t', '\n', '\r', 0x1f, ' ', 0x7f, 0x80, 0x85, 0x9f, 0xa0, 0x2028, 0x2029, 0xd7ff, 0xe000, 0xfeff, 0xfffd, 0xfffe, 0xffff, 0x1f600, 0x10ffff} {
		for _, name := range []string{string(c), "a" + string(c) + "b", string(c) + "b", "a" + string(c), "- " + string(c) + ": #", long + string(c) + long, "a\n" + long + string(c) + "\n b\n"} {
			text, err := Marshal(policy, []inquiry.Owner{{ID: "head", Name: name}})
			require.NoError(t, err)
			f, err := Parse(Source{"p.yaml", text})
			require.NoError(t, err, "%q: %s", name, text)
			require.Equal(t, name, f.Roster[0].Name, "%s", text)
		}
	}
}
