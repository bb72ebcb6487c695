package policyfile

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/simulate"
)

// scenarioDocument is a scenario file: the scenario's own keys, of which policy
// may name files instead of holding a policy, and roster beside them.
type scenarioDocument struct {
	simulate.Scenario
	// Policy takes the place of the policy that is made of order, choice, defaults,
	// calendars, departments, channels and the settings of the classes, all of which
	// are then left out: a whole policy, or the name of a policy file beside this
	// one, or a list of such names that are read as one.
	Policy *policyOrFiles `json:"policy,omitempty"`
	// Roster names further files, with owners who are there beside the groups. What
	// they say is read together with the files of policy.
	Roster fileNames `json:"roster,omitempty"`
	// Groups are who answers. Where there are none, the owners do who are on the
	// roster of the files.
	Groups []simulate.Group `json:"groups,omitempty"`
}

// fileNames are one file's name, or a list of them.
type fileNames []string

// policyOrFiles is a policy, or the names of its files.
type policyOrFiles struct {
	files fileNames
	whole *routing.Policy
}

// LoadScenario reads a scenario file for package simulate, YAML or JSON, as
// strictly as [Load] reads policy files, and with faults like theirs.
//
// Beside the keys of [simulate.Scenario] it has roster, and policy may name files:
//
//	policy: airline.yaml # or [policy.yaml, roster.yaml]
//	for: 24h
//	classes:
//	  - {name: refund, labels: [billing], arrivals: {per_hour: 30}, handling: {mean: 6m}}
//
// so that the policy that is in force meets traffic that is made up. Where the
// scenario has no groups, the owners on the files' roster answer, each as a group
// of one of that name: always at their shift, with the speed 1, their time shared
// among what they have in hand (a slowdown of 1). An owner whose capacity is 0 gets
// nothing, as in production. roster names further files, whose owners are there
// beside the groups.
//
// The files lie in the folder of the scenario or below it: a name that leads out
// of it, also by a symbolic link, is refused. A caller who trusts the scenario
// with more uses [LoadScenarioFS].
func LoadScenario(name string) (*simulate.Scenario, error) {
	dir := filepath.Dir(name)
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("scenario: %w", err)
	}
	defer func() { _ = root.Close() }() // only read
	return (&scenarioReader{
		scenario: filepath.Clean(name),
		first:    func(name string) (fs.File, error) { return os.Open(filepath.Clean(name)) },
		open:     func(name string) (fs.File, error) { return root.FS().Open(filepath.ToSlash(name)) },
		inside: func(name string) (string, bool) {
			return filepath.Clean(filepath.FromSlash(name)), filepath.IsLocal(filepath.FromSlash(name))
		},
		shown: func(name string) string { return filepath.Join(dir, name) },
	}).read()
}

// LoadScenarioFS is [LoadScenario] from a file system. Files are named relative to
// the scenario's own folder, and may lie anywhere in the file system, also by "..":
// os.DirFS or os.Root.FS of a folder further up gives a scenario more to reach.
func LoadScenarioFS(from fs.FS, name string) (*simulate.Scenario, error) {
	return (&scenarioReader{
		scenario: name, first: from.Open, open: from.Open,
		inside: func(file string) (string, bool) {
			if path.IsAbs(file) {
				return file, false
			}
			file = path.Join(path.Dir(name), file)
			return file, fs.ValidPath(file)
		},
		shown: func(name string) string { return name },
	}).read()
}

// scenarioReader reads a scenario and the files that it names.
type scenarioReader struct {
	scenario string
	first    func(name string) (fs.File, error) // opens the scenario
	open     func(name string) (fs.File, error) // opens what it names
	inside   func(name string) (string, bool)   // what to open for a name, and whether it may be
	shown    func(name string) string           // how messages call it

	root   *node
	faults faultList
}

func (r *scenarioReader) read() (*simulate.Scenario, error) {
	data, err := readAll(r.scenario, r.first)
	if err != nil {
		return nil, fmt.Errorf("scenario: %w", err)
	}
	source, nodes := Source{r.scenario, data}, 0
	rd := reader{file: r.scenario, nodes: &nodes, needs: "a scenario needs at least for, classes and who answers"}
	r.root, r.faults = rd.read(data), rd.faults
	if r.root == nil {
		return nil, sorted(r.faults, []Source{source})
	}
	var doc scenarioDocument
	d := decoder{}
	d.decode(r.root, reflect.ValueOf(&doc).Elem(), "")
	r.faults = append(r.faults, d.faults...)
	f, err := r.named(&doc)
	if err != nil {
		return nil, err // it has faults of its own, in files of its own
	}
	s := doc.scenario(f)
	r.check(s, d.odd)
	if err := sorted(r.faults, []Source{source}); err != nil {
		return nil, err
	}
	return s, nil
}

func (r *scenarioReader) fault(path, format string, args ...any) {
	at, _ := locate(r.root, path)
	r.faults = append(r.faults, &Fault{at.place(), path, fmt.Sprintf(format, args...)})
}

// named reads the files that a scenario names, nil if it names none that can be.
func (r *scenarioReader) named(doc *scenarioDocument) (*File, error) {
	if len(doc.Roster) > 0 && len(doc.Policy.names()) == 0 {
		r.fault("roster", "roster goes with a policy in files; name the policy's under policy, or write groups")
		return nil, nil
	}
	var sources []Source
	for _, of := range []struct {
		key   string
		names fileNames
	}{{"policy", doc.Policy.names()}, {"roster", doc.Roster}} {
		for i, name := range of.names {
			at := of.key
			if _, v := r.root.get(of.key); v != nil && v.kind == list {
				at = fmt.Sprintf("%s[%d]", of.key, i)
			}
			file, ok := r.inside(name)
			switch {
			case name == "":
				r.fault(at, "%s names no file; write a name such as airline.yaml", at)
				continue
			case !ok:
				r.fault(at, "%q leads out of what the scenario may read; name a file beside it or below", name)
				continue
			}
			if slices.ContainsFunc(sources, func(s Source) bool { return s.Name == r.shown(file) }) {
				continue
			}
			data, err := readAll(file, r.open)
			if err != nil {
				r.fault(at, "the file cannot be read: %s", err)
				continue
			}
			sources = append(sources, Source{r.shown(file), data})
		}
	}
	if len(r.faults) > 0 || len(sources) == 0 {
		return nil, nil
	}
	return Parse(sources...)
}

func (p *policyOrFiles) names() fileNames {
	if p == nil {
		return nil
	}
	return p.files
}

// scenario is what a document says, with what the files do that it names.
func (doc *scenarioDocument) scenario(f *File) *simulate.Scenario {
	s := doc.Scenario
	s.Groups = doc.Groups
	if doc.Policy != nil {
		s.Policy = doc.Policy.whole
	}
	if f != nil {
		s.Policy = &f.Policy
		if len(doc.Groups) == 0 || len(doc.Roster) > 0 {
			s.Groups = append(s.Groups, persons(f.Roster)...)
		}
	}
	return &s
}

// persons are owners as groups of one. Who can hold nothing is none: a group's
// capacity of 0 is the default one.
func persons(roster []inquiry.Owner) (groups []simulate.Group) {
	for _, o := range roster {
		if o.Capacity == 0 {
			continue
		}
		groups = append(groups, simulate.Group{
			Name: string(o.ID), Skills: o.Skills, Languages: o.Languages, Departments: o.Departments, Accounts: o.Accounts,
			Authority: o.Authority, Affiliation: o.Affiliation, Caps: o.Caps, Shift: o.Shift, Capacity: o.Capacity, Slowdown: 1,
		})
	}
	return groups
}

// check asks the scenario what is wrong with it. What only follows from a value
// that could not be read is left out.
func (r *scenarioReader) check(s *simulate.Scenario, odd []string) {
	names := &File{Policy: routing.Policy{Calendars: s.Calendars, Departments: s.Departments}}
	if s.Policy != nil {
		names.Policy = *s.Policy
	}
	unread := len(r.faults) > 0 // what was named may be missing
	for _, x := range simulate.Faults(s.Validate()) {
		at, rest := locate(r.root, strings.ReplaceAll(x.Path, ".", "/"))
		full := strings.TrimSuffix(under(at.path, rest), "/")
		if follows(full, odd) || unread && (full == "groups" || full == "policy" || full == "") {
			continue
		}
		r.faults = append(r.faults, &Fault{at.place(), full, about(name(full), x.Problem) + names.suggestion(x.Problem)})
	}
}

// about puts what a problem is about where the problem says "it".
func about(what, problem string) string {
	for _, begins := range []string{"it ", "they "} {
		if rest, ok := strings.CutPrefix(problem, begins); ok {
			return what + " " + rest
		}
	}
	if strings.HasPrefix(problem, "there are ") {
		return what + ": " + problem
	}
	return problem
}

// Facing returns a copy of a scenario in which the traffic meets this file's
// policy. The owners on the file's roster answer, as in [LoadScenario]; without
// a roster the scenario's groups do. What the policy replaces is left out:
// order, choice, defaults, calendars, departments, channels, and the settings
// of the classes.
func (f *File) Facing(traffic *simulate.Scenario) *simulate.Scenario {
	s := *traffic
	s.Policy, s.Order, s.Choice, s.Defaults, s.Calendars, s.Departments, s.Channels = &f.Policy, "", "", nil, nil, nil, nil
	s.Classes = slices.Clone(s.Classes)
	for i := range s.Classes {
		s.Classes[i].Settings = routing.Settings{}
	}
	if len(f.Roster) > 0 {
		s.Groups = persons(f.Roster)
		return &s
	}
	s.Groups = slices.Clone(s.Groups)
	for i := range s.Groups {
		g := &s.Groups[i]
		g.Serves = slices.Clone(g.Serves)
		for j := range g.Serves {
			g.Serves[j].Level, g.Serves[j].After = 0, 0
		}
	}
	return &s
}
