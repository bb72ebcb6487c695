package policyfile

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/simulate"
	"github.com/answerable-go/answerable/sla"
)

const (
	shopPolicy = `sink: head
default:
  assignment: direct
  targets: [{kind: first_response, within: 1h}, {kind: resolve, within: 8h}]
rules:
  - {name: refunds, match: {labels: [billing]}, skills: [{skill: billing, min: 2}]}
`
	shopRoster = `roster:
  - {id: head, capacity: 10}
  - {id: anna, skills: [{name: billing, level: 3}], capacity: 20, affiliation: agency, caps: [{channel: email, max: 1}]}
  - {id: ben, skills: [{name: billing, level: 2}], capacity: 10}
`
	shopTraffic = `for: 8h
replications: 2
classes:
  - name: refund
    labels: [billing]
    arrivals: {per_hour: 6, bursts: [{at: 1h, for: 30m, per_hour: 20}]}
    handling: {law: lognormal, mean: 6m, cv: 0.8}
    patience: {mean: 2h}
`
)

// folder writes files into a folder of their own.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return dir
}

func TestScenarioIsReadAsItsJSONIs(t *testing.T) {
	t.Parallel()
	const text = `{
	  "name": "desk", "start": "2026-03-02T00:00:00+01:00", "zone": "Europe/Berlin", "for": "24h", "seed": 7, "confidence": 0.9, "room": 0,
	  "order": "deadline", "choice": "longest_idle", "defaults": {"offer_for": "2m"},
	  "calendars": [{"name": "office", "hours": [{"day": "monday", "open": "09:00", "close": "17:00"}]}],
	  "classes": [{"name": "mail", "audiences": ["customer"], "arrivals": {"per_hour": 1.5, "recorded": []}, "handling": {"law": "gamma", "mean": "5m", "cv": 0.5},
	    "talk": {"chance": 0.2, "after": {"values": ["1h", "2h"]}}, "priority": 2, "skills": [{"skill": "billing", "min": 2, "soft": {"after": "1h"}}]}],
	  "groups": [{"name": "desk", "count": 3, "skills": [{"name": "billing", "level": 3}], "shift": "office",
	    "breaks": [{"at": "12:00", "for": {"law": "deterministic", "mean": "30m"}}], "slowdown": 0.5}]
	}`
	want, err := simulate.Parse([]byte(text))
	require.NoError(t, err)
	dir := folder(t, map[string]string{"desk.json": text})
	got, err := LoadScenario(filepath.Join(dir, "desk.json"))
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestScenarioNamesItsPolicy(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"policies/shop.yaml": shopPolicy, "policies/people.yaml": shopRoster, "whole.yaml": shopPolicy + shopRoster,
		"list.yaml":     "policy: [policies/shop.yaml, policies/people.yaml]\n" + shopTraffic,
		"one.yaml":      "policy: ./whole.yaml\n" + shopTraffic,
		"roster.yaml":   "policy: policies/shop.yaml\nroster: policies/people.yaml\n" + shopTraffic + "groups: [{name: aid, skills: [{name: billing, level: 5}]}]\n",
		"groups.yaml":   "policy: whole.yaml\n" + shopTraffic + "groups: [{name: aid, skills: [{name: billing, level: 5}]}]\n",
		"inline.yaml":   "policy:\n  " + strings.ReplaceAll(strings.TrimSpace(shopPolicy), "\n", "\n  ") + "\n" + shopTraffic + "groups: [{name: aid, skills: [{name: billing, level: 5}]}]\n",
		"below/up.yaml": "policy: ../whole.yaml\n" + shopTraffic,
	}
	dir := folder(t, files)
	for name, want := range map[string][]string{
		"list.yaml": {"head", "anna", "ben"}, "one.yaml": {"head", "anna", "ben"}, "roster.yaml": {"aid", "head", "anna", "ben"},
		"groups.yaml": {"aid"}, "inline.yaml": {"aid"},
	} {
		s, err := LoadScenario(filepath.Join(dir, name))
		require.NoError(t, err, name)
		require.Equal(t, "refunds", s.Policy.Rules[0].Name, name)
		var names []string
		for _, g := range s.Groups {
			names = append(names, g.Name)
		}
		require.Equal(t, want, names, name)
		fsys, err := LoadScenarioFS(os.DirFS(dir), name)
		require.NoError(t, err)
		require.Equal(t, s, fsys)
	}

	s, err := LoadScenario(filepath.Join(dir, "list.yaml"))
	require.NoError(t, err)
	anna := s.Groups[1]
	require.Equal(t, []any{20, 1.0, "agency", 1}, []any{anna.Capacity, anna.Slowdown, string(anna.Affiliation), anna.Caps[0].Max})
	report, err := simulate.Run(context.Background(), s, simulate.Options{})
	require.NoError(t, err)
	require.Greater(t, report.Total.Served.Mean, 20.0)
	require.Zero(t, report.Total.Stranded.Mean)

	files["whole.yaml"] = shopPolicy + strings.ReplaceAll(shopRoster, "id: head, capacity: 10", "id: head, capacity: 0")
	s, err = LoadScenario(filepath.Join(folder(t, files), "one.yaml"))
	require.NoError(t, err)
	require.Len(t, s.Groups, 2, "who can hold nothing, as a sink may, gets nothing here either")
	require.Equal(t, "anna", s.Groups[0].Name)

	s, err = LoadScenarioFS(os.DirFS(dir), "below/up.yaml")
	require.NoError(t, err, "a caller who gives more lets the scenario reach more")
	require.Len(t, s.Groups, 3)
}

func TestScenarioStaysInItsFolder(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"secret.yaml": shopPolicy + shopRoster})
	inner := filepath.Join(dir, "inner")
	require.NoError(t, os.Mkdir(inner, 0o700))
	require.NoError(t, os.Symlink(filepath.Join(dir, "secret.yaml"), filepath.Join(inner, "link.yaml")))
	file := filepath.Join(inner, "s.yaml")
	for name, want := range map[string]string{
		"../secret.yaml":                  `"../secret.yaml" leads out of what the scenario may read; name a file beside it or below`,
		"x/../../secret.yaml":             "leads out",
		filepath.Join(dir, "secret.yaml"): "leads out",
		"link.yaml":                       "escapes",
		"missing.yaml":                    "no such file",
	} {
		require.NoError(t, os.WriteFile(file, []byte("policy: "+name+"\n"+shopTraffic), 0o600))
		_, err := LoadScenario(file)
		require.Len(t, Faults(err), 1, name)
		require.ErrorContains(t, err, file+":1:9: ")
		require.ErrorContains(t, err, want)
	}
	_, err := LoadScenarioFS(fstest.MapFS{"s.yaml": {Data: []byte("policy: [/etc/passwd, ../x]\n" + shopTraffic)}}, "s.yaml")
	require.Len(t, Faults(err), 2)
	require.ErrorContains(t, err, `s.yaml:1:10: "/etc/passwd" leads out`)
	require.ErrorContains(t, err, `s.yaml:1:23: "../x" leads out`)
}

func TestScenarioFaults(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text string
		want string
	}{
		"every fault at once, with its place": {`for: 8 hours
replication: 2
zone: Berlin
classes:
  - name: a
    arrivals: {per_hour: -1}
    handling: {law: lognromal, mean: 6m}
  - name: a
    arrivals: {per_hour: 1, bursts: [{for: 1h, per_hour: 3}]}
    handling: {mean: 6m, cv: 2}
    name: b
groups:
  - {name: g, shift: offce, serves: [{class: a}]}
calendars: [{name: office, hours: [{day: monday, open: 09:00, close: 17:00}]}]
`, `s.yaml:1:6: duration "8 hours": not a duration; write hours, minutes and seconds such as 1h30m or 45s
s.yaml:2:1: there is no key "replication"; did you mean "replications"?
s.yaml:3:7: "Berlin" is no time zone: want an IANA name such as Europe/Berlin
s.yaml:6:26: per_hour is -1: want 0 to 100000000
s.yaml:7:21: there is no law "lognromal"; did you mean "lognormal"?
s.yaml:8:11: "a" is the name of another class, too: rename one
s.yaml:9:38: at is missing in bursts[0]; add it
s.yaml:10:30: the law is exponential, which has its own: remove it, or make the law lognormal or gamma
s.yaml:11:5: the key "name" stands here a second time, after line 8; keep one of them`},
		"nobody": {shopTraffic, "s.yaml:1:1: groups: there are none, so nobody can answer: add one"},
		"a calendar that nobody declared": {
			shopTraffic + "groups: [{name: g, shift: offce}]\ncalendars: [{name: office, hours: [{day: monday, open: 09:00, close: 17:00}]}]\n",
			`s.yaml:9:27: there is no calendar "offce": declare it under calendars; did you mean "office"?`,
		},
		"a day where an instant is asked for":           {"start: 2026-03-02\n" + shopTraffic + "groups: [{name: g}]\n", `s.yaml:1:8: start is "2026-03-02"; write a date, a time and the zone's offset, such as 2026-03-02T09:30:00+01:00`},
		"a roster without a policy in files":            {"roster: people.yaml\n" + shopTraffic, "s.yaml:1:9: roster goes with a policy in files; name the policy's under policy, or write groups"},
		"a policy that is neither":                      {"policy: 7\n" + shopTraffic + "groups: [{name: g}]\n", `s.yaml:1:9: policy is 7 and has to be a text; put quotes around it: "7"`},
		"a fault of the policy is told in its own file": {"policy: bad.yaml\n" + shopTraffic, `bad.yaml:1:1: there is no key "snik"; did you mean "sink"?`},
		"settings beside a policy":                      {"policy: shop.yaml\norder: deadline\n" + shopTraffic, "s.yaml:2:8: there is a whole policy, to which it belongs: move it there"},
		"nothing":                                       {"", "s.yaml:1:1: the file is empty; a scenario needs at least for, classes and who answers"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := LoadScenarioFS(fstest.MapFS{
				"s.yaml": {Data: []byte(tt.text)}, "shop.yaml": {Data: []byte(shopPolicy + shopRoster)},
				"bad.yaml": {Data: []byte(strings.Replace(shopPolicy, "sink", "snik", 1))},
			}, "s.yaml")
			require.EqualError(t, err, tt.want)
		})
	}
}

func TestPolicyFacesTraffic(t *testing.T) {
	t.Parallel()
	traffic := &simulate.Scenario{
		For: sla.Duration(8 * time.Hour), Order: "deadline", Choice: simulate.ByFit,
		Classes: []simulate.Class{{Name: "refund", Labels: []string{"billing"}, Arrivals: simulate.Arrivals{PerHour: 6}, Handling: simulate.Law{Mean: sla.Duration(time.Minute)}}},
		Groups:  []simulate.Group{{Name: "desk", Serves: []simulate.Serves{{Class: "refund", Level: 4, Speed: 2}}}},
	}
	traffic.Classes[0].Skills = append(traffic.Classes[0].Skills, inquiry.SkillRequirement{Skill: "old", Min: 1})
	require.NoError(t, traffic.Validate())
	before := asJSON(t, traffic)
	for text, who := range map[string]string{shopPolicy + shopRoster: "head", shopPolicy: "desk"} {
		f, err := Parse(Source{"p.yaml", []byte(text)})
		require.NoError(t, err)
		s := f.Facing(traffic)
		require.NoError(t, s.Validate())
		require.Equal(t, who, s.Groups[0].Name)
		require.Equal(t, before, asJSON(t, traffic), "it is a copy")
	}
}

// The schema of scenarios and the loader agree on form.
func TestScenarioSchemaAgreesWithLoader(t *testing.T) {
	t.Parallel()
	var schema jsonschema.Schema
	require.NoError(t, json.Unmarshal(ScenarioSchema(), &schema))
	resolved, err := schema.Resolve(nil)
	require.NoError(t, err)
	texts := []string{
		`{"for":"8h","policy":"p.yaml","roster":["a.yaml","b.yaml"],"room":3,"seed":4,"start":"2026-03-02T00:00:00+01:00","classes":[{"name":"a","arrivals":{"per_hour":3,"by_hour":[1,2.5],"bursts":[{"at":"1h","for":"1h","per_hour":3}],"dispersion":{"cv":1}},"handling":{"law":"gamma","mean":"5m","cv":0.5},"nudges":{"chance":0.5,"after":{"mean":"1h"}},"skills":[{"skill":"x","min":1}]}]}`,
		`{"for":"8h","policy":{"sink":"a","default":{"targets":[{"kind":"resolve","within":"1h"}]},"rules":[{"name":"x","match":{"kinds":["question"]}}]},"choice":"fit","classes":[{"name":"a","arrivals":{},"handling":{"mean":"5m"},"talk":{"chance":0.1,"after":{"values":["1h"]}}}],"groups":[{"name":"g","count":2,"serves":[{"class":"a","after":"1h","handling":{"mean":"2m"}}],"breaks":[{"at":"12:00","for":{"mean":"30m"}}],"accept_after":{"mean":"1m"}}]}`,
		`{"for":"8h","policy":["p.yaml"],"classes":[],"calendars":[{"name":"c","hours":[{"day":"monday","open":"09:00","close":"17:00"}]}]}`,
	}
	agreed := map[bool]int{}
	for seed := range uint64(1500) {
		r := rand.New(rand.NewPCG(seed, 9))
		var doc any
		require.NoError(t, json.Unmarshal([]byte(texts[seed%3]), &doc))
		for range r.IntN(3) {
			doc = spoil(r, doc)
		}
		raw, err := json.Marshal(doc)
		require.NoError(t, err)
		nodes := 0
		rd := reader{file: "s.yaml", nodes: &nodes}
		root := rd.read(raw)
		if root == nil {
			continue
		}
		var d decoder
		d.decode(root, reflect.ValueOf(new(scenarioDocument)).Elem(), "")
		invalid := resolved.Validate(doc)
		require.Equal(t, invalid != nil, len(d.faults) > 0, "schema: %v\nloader: %v\n%s", invalid, d.faults, raw)
		agreed[invalid != nil]++
	}
	require.Greater(t, agreed[true], 300)
	require.Greater(t, agreed[false], 300)
}

// Whatever a scenario file holds, loading it ends in a scenario that holds or in
// faults, each with a place.
func FuzzLoadScenario(f *testing.F) {
	f.Add([]byte("policy: p.yaml\n" + shopTraffic))
	f.Add([]byte("policy: [p.yaml, ../p.yaml]\nroster: p.yaml\n" + shopTraffic))
	f.Add([]byte(shopTraffic + "groups: [{name: g, count: 2, breaks: [{at: 12:00, for: {mean: 30m}}]}]\n"))
	f.Add([]byte("for: 8h\nclasses: [{name: a, handling: {mean: 1m}, arrivals: {recorded: [1m, 2m]}}]\ngroups: [{}]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 1<<14 || strings.Contains(string(text), "count") && len(text) > 400 {
			return
		}
		s, err := LoadScenarioFS(fstest.MapFS{"s.yaml": {Data: text}, "p.yaml": {Data: []byte(shopPolicy + shopRoster)}}, "s.yaml")
		if err == nil {
			require.NoError(t, s.Validate())
			return
		}
		require.NotEmpty(t, Faults(err), "%v", err)
		for _, x := range Faults(err) {
			require.Equal(t, "s.yaml", x.File, x.Error())
			require.True(t, x.Line > 0 && x.Column > 0 || len(strings.TrimSpace(string(text))) == 0, x.Error())
		}
	})
}
