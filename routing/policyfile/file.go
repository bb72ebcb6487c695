package policyfile

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// File is the policy and the roster that one or several policy files declare.
type File struct {
	Policy routing.Policy
	// Roster is who there is to be asked, in the order of the files.
	Roster []inquiry.Owner

	compiled *routing.Compiled
	root     *node
}

// Source is the text of a file, with its name for messages.
type Source struct {
	Name string
	Data []byte
}

// Load reads policy files. Several files are read as one: lists with the same
// key are joined in the order of the files, and everything else may be given
// only once.
//
// The error lists every fault at once, see [Faults]; an error of the file
// system is returned as it is.
func Load(names ...string) (*File, error) {
	return load(names, func(name string) (fs.File, error) { return os.Open(filepath.Clean(name)) })
}

// LoadFS is [Load] for files of a file system.
func LoadFS(from fs.FS, names ...string) (*File, error) {
	return load(names, from.Open)
}

func load(names []string, open func(string) (fs.File, error)) (*File, error) {
	sources := make([]Source, 0, len(names))
	for _, name := range names {
		data, err := readAll(name, open)
		if err != nil {
			return nil, fmt.Errorf("policy file: %w", err)
		}
		sources = append(sources, Source{name, data})
	}
	return Parse(sources...)
}

func readAll(name string, open func(string) (fs.File, error)) ([]byte, error) {
	f, err := open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	return io.ReadAll(io.LimitReader(f, MaxSize+1))
}

// Parse is [Load] for texts in memory.
func Parse(sources ...Source) (*File, error) {
	switch {
	case len(sources) == 0:
		return nil, &Fault{Problem: "no policy file is named; name at least one"}
	case len(sources) > MaxFiles:
		return nil, &Fault{Problem: fmt.Sprintf("%d policy files are named; want at most %d", len(sources), MaxFiles)}
	}
	root, faults := merge(sources)
	if root == nil {
		return nil, sorted(faults, sources)
	}
	var doc document
	d := decoder{}
	d.decode(root, reflect.ValueOf(&doc).Elem(), "")
	f := &File{Policy: doc.Policy, Roster: doc.Roster, root: root}
	faults = append(faults, d.faults...)
	faults = append(faults, f.check(d.odd)...)
	if len(faults) > 0 {
		return nil, sorted(faults, sources)
	}
	return f, nil
}

// New returns the File of a policy and a roster that a program made. The error
// is that of [routing.Compile], or says what is wrong with the roster.
func New(p routing.Policy, roster []inquiry.Owner) (*File, error) {
	f := &File{Policy: p, Roster: roster}
	if faults := f.check(nil); len(faults) > 0 {
		return nil, faults
	}
	return f, nil
}

// Compiled returns the policy, checked and ready for use. It is not safe for
// concurrent use.
func (f *File) Compiled() *routing.Compiled { return f.compiled }

// Owners returns the roster, so that a File can be the Directory of a
// dispatch.Config.
func (f *File) Owners(context.Context) ([]inquiry.Owner, error) { return slices.Clone(f.Roster), nil }

// Place returns where a path such as rules[2] (press)/targets stands, or the
// nearest place around it. It is the zero Place if f comes from no file.
func (f *File) Place(path string) Place {
	at, _ := locate(f.root, path)
	return at.place()
}

// merge reads the sources and joins them. The root is nil if none has anything.
func merge(sources []Source) (*node, faultList) {
	var root *node
	var faults faultList
	nodes := 0
	for _, s := range sources {
		r := reader{file: s.Name, nodes: &nodes}
		n := r.read(s.Data)
		faults = append(faults, r.faults...)
		switch {
		case n == nil:
		case root == nil:
			root = n
		default:
			faults = append(faults, join(root, n)...)
		}
	}
	if len(faults) > 0 && (root == nil || nodes > MaxNodes) {
		return nil, faults
	}
	return root, faults
}

// join adds another file's keys to those of the files before.
func join(root, more *node) (faults faultList) {
	for i, k := range more.keys {
		before, v := root.get(k.text)
		switch item := more.items[i]; {
		case v == nil:
			root.keys, root.items = append(root.keys, k), append(root.items, item)
		case v.kind == list && item.kind == list:
			v.items = append(v.items, item.items...)
		default:
			faults = append(faults, &Fault{
				Place: k.Place, Path: k.text,
				Problem: fmt.Sprintf("%s is said in %s already; say it in one of the files", k.text, before.Place),
			})
		}
	}
	return faults
}

// check asks the policy, and each owner, what is wrong with it, and compiles.
// What only follows from a value that could not be read is left out.
func (f *File) check(odd []string) faultList {
	var faults faultList
	add := func(path, problem string) {
		at, rest := locate(f.root, path)
		if n, ok := at.child("name"); ok && rest == "" && ofName.MatchString(problem) {
			at = n
		} else if rest == "" {
			at = refine(at, problem)
		}
		full := strings.TrimSuffix(under(at.path, rest), "/")
		if follows(full, odd) {
			return
		}
		faults = append(faults, &Fault{Place: at.place(), Path: full, Problem: subject(path, strings.TrimSuffix(at.path, "/name"), rest, problem) + f.suggestion(problem)})
	}
	compiled, err := routing.Compile(f.Policy)
	for _, x := range routing.Faults(err) {
		add(x.Path, x.Problem)
	}
	if err != nil && len(routing.Faults(err)) == 0 {
		faults = append(faults, &Fault{Problem: err.Error()})
	}
	f.compiled = compiled
	f.checkRoster(add)
	return faults
}

func (f *File) checkRoster(add func(path, problem string)) {
	first := map[inquiry.OwnerID]int{}
	for i, o := range f.Roster {
		path := fmt.Sprintf("roster[%d]", i)
		if err := o.Validate(); err != nil {
			for line := range strings.SplitSeq(err.Error(), "\n") {
				add(path, line)
			}
		}
		if before, ok := first[o.ID]; ok && o.ID != "" {
			add(path+"/id", fmt.Sprintf("owner %s is on the roster twice, as roster[%d] too; keep one", o.ID, before))
		} else {
			first[o.ID] = i
		}
		known := slices.ContainsFunc(f.Policy.Calendars, func(c sla.Calendar) bool { return c.Name == o.Shift })
		if o.Shift != "" && !known {
			add(path+"/shift", fmt.Sprintf("there is no calendar %q: declare it under calendars", o.Shift))
		}
	}
}

// follows reports whether a path lies within what could not be read, or around it.
func follows(path string, odd []string) bool {
	return slices.ContainsFunc(odd, func(o string) bool {
		return path == o || inside(path, o) || inside(o, path)
	})
}

func inside(inner, outer string) bool {
	return outer != "" && len(inner) > len(outer) && strings.HasPrefix(inner, outer) && strings.IndexByte("/[", inner[len(outer)]) >= 0
}

// subject puts what a problem is about before it, where it does not say so itself.
func subject(path, found, rest, problem string) string {
	switch {
	case !regexp.MustCompile(`^(is|has|are|names|expires|lasts) `).MatchString(problem):
		return problem
	case rest != "":
		return name(rest) + " " + problem
	}
	return name(found) + label(path) + " " + problem
}

// ofName are the problems of an item that are its name's.
var ofName = regexp.MustCompile(`has no name|same name|name that is taken|in its name|^the name `)

// label is the label at the end of a path, " (press)".
func label(path string) string {
	if !strings.HasSuffix(path, ")") {
		return ""
	}
	if i := strings.LastIndex(path, "] ("); i >= 0 {
		return path[i+1:]
	}
	return ""
}

var missing = regexp.MustCompile(`there is no (calendar|department|rotation|role) ("(?:[^"\\]|\\.)*")`)

// suggestion is what was probably meant by a name that is not declared.
func (f *File) suggestion(problem string) string {
	m := missing.FindStringSubmatch(problem)
	if m == nil {
		return ""
	}
	var names []string
	switch m[1] {
	case "calendar":
		for _, c := range f.Policy.Calendars {
			names = append(names, c.Name)
		}
	case "department":
		for _, d := range f.Policy.Departments {
			names = append(names, d.Name)
		}
	case "rotation":
		for _, r := range f.Policy.Rotations {
			names = append(names, r.Name)
		}
	case "role":
		for _, r := range f.Policy.Roles {
			names = append(names, r.Name)
		}
	}
	return meant(strings.Trim(m[2], `"`), names)
}

// sorted puts faults into the order of the files, each once, and cuts the list.
func sorted(faults faultList, sources []Source) error {
	if len(faults) == 0 {
		return nil
	}
	order := map[string]int{}
	for i, s := range sources {
		order[s.Name] = i
	}
	slices.SortStableFunc(faults, func(a, b *Fault) int {
		if a.File != b.File {
			return order[a.File] - order[b.File]
		}
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	faults = slices.CompactFunc(faults, func(a, b *Fault) bool { return a.Place == b.Place && a.Problem == b.Problem })
	if n := len(faults) - MaxFaults; n > 0 {
		faults = append(faults[:MaxFaults], &Fault{Place: faults[MaxFaults].Place, Problem: fmt.Sprintf("and %d faults more from here on", n)})
	}
	return faults
}
