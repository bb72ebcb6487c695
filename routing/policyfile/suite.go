package policyfile

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// Suite is a file of tests of a policy: situations, and what is to come of them.
//
//	policy: [airline.yaml]
//	tests:
//	  - name: the press is answered by the press office
//	    message: {audiences: [journalist], channel: email}
//	    at: 2026-03-02T09:30:00+01:00
//	    online: [anna, ben]
//	    expect: {rule: press, owner: anna, skills: [press at 3]}
type Suite struct {
	// Policy are the policy files, relative to the suite's own.
	Policy []string `json:"policy"`
	Tests  []Test   `json:"tests"`

	file *File
	name string
	root *node
}

// Test is a situation, and what is to come of it.
type Test struct {
	Name string `json:"name"`
	Situation
	// Expect is what is to come of it; what it leaves out may be anything.
	Expect Expect `json:"expect,omitzero"`
}

// Expect is what a test expects of a [Decision]. What it leaves out may be
// anything.
type Expect struct {
	Rule       *string                `json:"rule,omitempty"`
	Trail      []string               `json:"trail,omitzero"`
	State      inquiry.State          `json:"state,omitempty"`
	Owner      *inquiry.OwnerID       `json:"owner,omitempty"` // "" is nobody
	Department *string                `json:"department,omitempty"`
	Priority   *inquiry.Priority      `json:"priority,omitempty"`
	Skills     []string               `json:"skills,omitzero"`  // all of them, in any order
	Relaxed    []string               `json:"relaxed,omitzero"` // all of them, in any order
	Stranded   *bool                  `json:"stranded,omitempty"`
	Deadlines  map[sla.Kind]time.Time `json:"deadlines,omitempty"` // of these kinds
	Ranked     []inquiry.OwnerID      `json:"ranked,omitzero"`     // all of them, in this order
	Because    string                 `json:"because,omitempty"`   // a part of it
}

// LoadSuite reads a file of tests, and the policy that it names. The error
// lists every fault of either at once, as that of [Load] does.
func LoadSuite(name string) (*Suite, error) {
	data, err := readAll(name, func(name string) (fs.File, error) { return os.Open(filepath.Clean(name)) })
	if err != nil {
		return nil, fmt.Errorf("policy tests: %w", err)
	}
	s := &Suite{name: name}
	source := Source{name, data}
	nodes := 0
	r := reader{file: name, nodes: &nodes, needs: "tests need at least policy and tests"}
	s.root = r.read(data)
	faults := r.faults
	if s.root != nil {
		d := decoder{}
		d.decode(s.root, reflect.ValueOf(s).Elem(), "")
		faults = append(faults, d.faults...)
		faults = append(faults, s.check(d.odd)...)
	}
	if err := sorted(faults, []Source{source}); err != nil {
		return nil, err
	}
	files := make([]string, len(s.Policy))
	for i, f := range s.Policy {
		files[i] = filepath.Join(filepath.Dir(name), f)
	}
	if s.file, err = Load(files...); err != nil {
		return nil, err
	}
	return s, nil
}

// check looks for what the form does not say.
func (s *Suite) check(odd []string) (faults faultList) {
	add := func(path, format string, args ...any) {
		if !follows(path, odd) {
			faults = append(faults, &Fault{s.place(path), path, fmt.Sprintf(format, args...)})
		}
	}
	if len(s.Policy) == 0 {
		add("policy", "no policy file is named; name at least one, relative to this file")
	}
	seen := map[string]int{}
	for i, t := range s.Tests {
		path := fmt.Sprintf("tests[%d]", i)
		if t.Name == "" {
			add(path+"/name", "the test has no name; say in words what is to hold")
		} else if before, ok := seen[t.Name]; ok {
			add(path+"/name", "tests[%d] has the same name; give each its own", before)
		} else {
			seen[t.Name] = i
		}
	}
	return faults
}

func (s *Suite) place(path string) Place {
	at, _ := locate(s.root, path)
	return at.place()
}

// File returns the policy that is tested.
func (s *Suite) File() *File { return s.file }

// Result is the result of a test.
type Result struct {
	Place
	Name     string
	Decision *Decision // nil if the situation makes no sense
	// Wrong says in words what is not as expected; it is empty if the test passed.
	Wrong []string
}

// Run tries every situation, each by itself.
func (s *Suite) Run() []Result {
	out := make([]Result, len(s.Tests))
	for i, t := range s.Tests {
		r := Result{Place: s.place(fmt.Sprintf("tests[%d]", i)), Name: t.Name}
		d, _, err := s.file.Try(t.Situation, "")
		if err != nil {
			r.Wrong = []string{err.Error()}
		} else {
			r.Decision, r.Wrong = d, t.Expect.differs(d)
		}
		out[i] = r
	}
	return out
}

// differs says what of a decision is not as expected.
func (x *Expect) differs(d *Decision) (wrong []string) {
	say := func(what string, want, got any) {
		wrong = append(wrong, fmt.Sprintf("%s: want %s, got %s", what, spell(want), spell(got)))
	}
	if x.Rule != nil && *x.Rule != d.Rule {
		say("rule", *x.Rule, d.Rule)
	}
	if x.Trail != nil && !slices.Equal(x.Trail, d.Trail) {
		say("trail", x.Trail, d.Trail)
	}
	if x.State != "" && x.State != d.State {
		say("state", x.State, d.State)
	}
	if x.Owner != nil && *x.Owner != d.Owner {
		say("owner", *x.Owner, d.Owner)
		if d.Because != "" {
			wrong[len(wrong)-1] += " (" + d.Because + ")"
		}
	}
	if x.Department != nil && *x.Department != d.Department {
		say("department", *x.Department, d.Department)
	}
	if x.Priority != nil && *x.Priority != d.Priority {
		say("priority", *x.Priority, d.Priority)
	}
	if x.Skills != nil && !sameWords(x.Skills, d.Skills) {
		say("skills", x.Skills, d.Skills)
	}
	if x.Relaxed != nil && !sameWords(x.Relaxed, d.Relaxed) {
		say("relaxed", x.Relaxed, d.Relaxed)
	}
	if x.Stranded != nil && *x.Stranded != d.Stranded {
		say("stranded", *x.Stranded, d.Stranded)
	}
	for _, kind := range sla.Kinds() {
		want, ok := x.Deadlines[kind]
		got, has := d.Deadlines[kind]
		switch {
		case ok && !has:
			say("deadline "+string(kind), want, "none")
		case ok && !want.Equal(got):
			say("deadline "+string(kind), want, got.In(want.Location()))
		}
	}
	for kind := range x.Deadlines {
		if !kind.Valid() {
			say("deadlines", "one of "+strings.Join(texts(sla.Kinds()), ", "), kind)
		}
	}
	if x.Ranked != nil && !slices.Equal(x.Ranked, d.Ranked) {
		say("ranked", x.Ranked, d.Ranked)
	}
	if !strings.Contains(d.Because, x.Because) {
		say("because", x.Because, d.Because)
	}
	return wrong
}

func sameWords(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

func spell(v any) string {
	switch v := v.(type) {
	case time.Time:
		return v.Format(time.RFC3339Nano)
	case []string:
		return "[" + strings.Join(v, ", ") + "]"
	case []inquiry.OwnerID:
		return "[" + strings.Join(texts(v), ", ") + "]"
	case inquiry.OwnerID:
		if v == "" {
			return "nobody"
		}
	}
	return fmt.Sprint(v)
}

// golden is a file of decisions as they were reviewed.
type golden struct {
	Decisions []reviewed `json:"decisions"`
}

type reviewed struct {
	Name string `json:"name"`
	Decision
}

// Golden returns the name of the golden file, beside the suite, with the
// decisions as they were last reviewed.
func (s *Suite) Golden() string {
	return strings.TrimSuffix(s.name, filepath.Ext(s.name)) + ".golden.yaml"
}

// Update writes the decisions of results to the golden file, in full, so that
// the diff of a changed policy shows what it changes.
func (s *Suite) Update(results []Result) error {
	var g golden
	for _, r := range results {
		if r.Decision != nil {
			g.Decisions = append(g.Decisions, reviewed{r.Name, *r.Decision})
		}
	}
	n, err := encode(reflect.ValueOf(g), "")
	if err != nil {
		return fmt.Errorf("policy tests: %w", err)
	}
	text, err := yaml.Dump(n, dumping())
	if err != nil {
		return fmt.Errorf("policy tests: %w", err)
	}
	head := "# What the policy decides in the situations of " + filepath.Base(s.name) + ", written by -update. Review it in the diff.\n"
	return os.WriteFile(filepath.Clean(s.Golden()), append([]byte(head), text...), 0o600)
}

// Compare adds to the results what differs from the golden file, if there is
// one.
func (s *Suite) Compare(results []Result) error {
	data, err := readAll(s.Golden(), func(name string) (fs.File, error) { return os.Open(filepath.Clean(name)) })
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("policy tests: %w", err)
	}
	nodes := 0
	r := reader{file: s.Golden(), nodes: &nodes}
	root := r.read(data)
	var g golden
	d := decoder{faults: r.faults}
	if root != nil {
		d.decode(root, reflect.ValueOf(&g).Elem(), "")
	}
	if err := sorted(d.faults, []Source{{Name: s.Golden()}}); err != nil {
		return err
	}
	for i := range results {
		x := &results[i]
		if x.Decision == nil {
			continue
		}
		at := slices.IndexFunc(g.Decisions, func(r reviewed) bool { return r.Name == x.Name })
		if at < 0 {
			x.Wrong = append(x.Wrong, fmt.Sprintf("%s has no decision of that name; write it with -update and review it", s.Golden()))
			continue
		}
		was := &g.Decisions[at].Decision
		for _, w := range all(was).differs(x.Decision) {
			x.Wrong = append(x.Wrong, "reviewed "+w)
		}
		if now := x.Decision.Because; now != was.Because && strings.Contains(now, was.Because) { // of which a test names a part
			x.Wrong = append(x.Wrong, fmt.Sprintf("reviewed because: want %s, got %s", was.Because, now))
		}
		for _, kind := range sla.Kinds() {
			_, before := was.Deadlines[kind]
			if now, ok := x.Decision.Deadlines[kind]; ok && !before {
				x.Wrong = append(x.Wrong, fmt.Sprintf("reviewed deadline %s: want none, got %s", kind, spell(now)))
			}
		}
	}
	for _, r := range g.Decisions {
		if !slices.ContainsFunc(results, func(x Result) bool { return x.Name == r.Name }) {
			return &Fault{Place: Place{File: s.Golden()}, Problem: fmt.Sprintf("it has the decision %q, and there is no such test; remove it with -update", r.Name)}
		}
	}
	return nil
}

// all expects the whole of a decision.
func all(d *Decision) *Expect {
	none := func(s []string) []string {
		if s == nil {
			return []string{}
		}
		return s
	}
	ranked := d.Ranked
	if ranked == nil {
		ranked = []inquiry.OwnerID{}
	}
	return &Expect{
		Rule: &d.Rule, Trail: none(d.Trail), State: d.State, Owner: &d.Owner, Department: &d.Department, Priority: &d.Priority,
		Skills: none(d.Skills), Relaxed: none(d.Relaxed), Stranded: &d.Stranded, Deadlines: d.Deadlines, Ranked: ranked, Because: d.Because,
	}
}
