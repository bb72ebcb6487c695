package routing

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/answerable-go/answerable/inquiry"
)

// Severity says how much a finding matters.
type Severity string

// The severities.
const (
	// Warning: the policy does not do what it says, or an inquiry would wait for nobody.
	Warning Severity = "warning"
	// Notice: it may be meant, and is worth a look.
	Notice Severity = "notice"
)

// LintCheck names a check of [Lint].
type LintCheck string

// The checks of [Lint].
const (
	CheckUnreachable LintCheck = "unreachable" // no inquiry can meet a rule's conditions and those around it
	CheckShadowed    LintCheck = "shadowed"    // rules before it take everything that a rule matches
	CheckNobody      LintCheck = "nobody"      // nobody on the roster meets a requirement, or a part of it
	CheckAddsNobody  LintCheck = "adds_nobody" // a part of a requirement expires, and nobody more qualifies
	CheckNowhere     LintCheck = "nowhere"     // a level of a ladder turns to nobody
	CheckNoCover     LintCheck = "no_cover"    // opening hours in which nobody who qualifies is on shift
	CheckOwner       LintCheck = "owner"       // a name that is not on the roster
	CheckTarget      LintCheck = "target"      // a duration that defeats another
	CheckUnused      LintCheck = "unused"      // what nothing refers to
	CheckSpelling    LintCheck = "spelling"    // a word almost like a usual or a declared one
)

// Finding is something that [Lint] found in a policy: it compiles, but is
// probably not meant.
type Finding struct {
	Check    LintCheck `json:"check"`
	Severity Severity  `json:"severity"`
	// Path is what it is about, such as rules[2] (press)/skills, as in a [Fault];
	// owners are at roster[3] (anna).
	Path    string `json:"path"`
	Problem string `json:"problem"`
	Mend    string `json:"mend"`
}

// String is the finding in a line.
func (f Finding) String() string {
	return fmt.Sprintf("%s: %s: %s; %s [%s]", f.Severity, f.Path, f.Problem, f.Mend, f.Check)
}

// Lint compares a policy with the roster that is to work by it (B3). It finds
// rules that are never reached, requirements that nobody meets, steps that add
// nobody, levels of ladders that turn to nobody, opening hours without anybody
// on shift in the year after from, names that are not on the roster, targets
// that defeat each other, and words that look misspelt. It also looks at what
// the duties beside an inquiry ask for (acknowledging, approval, consultations,
// help from the start), at the triage, and at who settles hand-offs and
// contested replies.
//
// What it says is true: rules are compared by all their conditions, exactly,
// and where that would take too long it says nothing. It does not find
// everything. Calendars count as independent of each other unless they are
// declared alike, so a rule is not found that only their hours keep from
// matching. With a precedence, the audience that leads and the other audiences
// count as independent, too.
//
// The findings are in the order of the policy, the roster last. Lint is a pure
// function of its arguments and does not change c. Its cost grows with the
// square of the number of rules: some tenths of a second for 300.
func Lint(c *Compiled, roster []inquiry.Owner, from time.Time) []Finding {
	l := &linter{c: c, roster: roster, from: from, seen: map[string]bool{}, solver: newSolver(c), used: map[string]bool{}, homes: map[string]*home{}}
	l.asked(reflect.ValueOf(c.policy))
	l.reach("", "", c.policy.Rules, nil, nil)
	l.explore()
	l.triage()
	l.departments()
	l.names()
	l.spelling()
	l.unused()
	slices.SortStableFunc(l.found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(chapter(a.Path), chapter(b.Path)), slices.Compare(numbers(a.Path), numbers(b.Path)))
	})
	return l.found
}

type linter struct {
	c      *Compiled
	roster []inquiry.Owner
	from   time.Time
	solver *solver
	found  []Finding
	seen   map[string]bool // checks by path

	spans map[string][]interval // of calendars, in the year from l.from on
	gaps  map[string]string     // of calendars and owners, in words
	homes map[string]*home      // of departments
	used  map[string]bool       // skills that something asks for
	made  int                   // plans
}

// add keeps one finding of a check at a path: what differs only by what rules
// went on before is said once.
func (l *linter) add(check LintCheck, s Severity, path, mend, format string, args ...any) {
	key := string(check) + "\x00" + path
	if l.seen[key] {
		return
	}
	l.seen[key] = true
	l.found = append(l.found, Finding{check, s, path, fmt.Sprintf(format, args...), mend})
}

// chapter is the order of the parts of a policy, and numbers that within them.
func chapter(path string) int {
	for i, part := range []string{"default", "rules", "accounts", "departments", "calendars", "rotations", "roles", "channels", "triage", "precedence", "sink", "roster"} {
		if len(path) >= len(part) && path[:len(part)] == part {
			return i
		}
	}
	return 0
}

func numbers(path string) (out []int) {
	for part := range strings.SplitSeq(path, "/") {
		_, index, _ := strings.Cut(part, "[")
		index, _, _ = strings.Cut(index, "]")
		if n, err := strconv.Atoi(index); err == nil {
			out = append(out, n)
		}
	}
	return out
}

// on reports whether an owner is on the roster.
func (l *linter) on(id inquiry.OwnerID) bool {
	return slices.ContainsFunc(l.roster, func(o inquiry.Owner) bool { return o.ID == id })
}

// names looks for owners who are not on the roster, and for departments that
// the policy does not have.
func (l *linter) names() {
	p := &l.c.policy
	missing := func(path string, id inquiry.OwnerID, what string) {
		if id != "" && !l.on(id) {
			l.add(CheckOwner, Warning, path, "put them on the roster, or name somebody who is", "%s is %s and not on the roster", id, what)
		}
	}
	missing("sink", p.Sink, "the sink, where every ladder ends,")
	for i, d := range p.Departments {
		missing(fmt.Sprintf("departments[%d] (%s)/lead", i, d.Name), d.Lead, "the lead of "+d.Name)
	}
	for i, r := range p.Roles {
		for j, o := range r.Owners {
			missing(fmt.Sprintf("roles[%d] (%s)/owners[%d]", i, r.Name, j), o, "a holder of "+r.Name)
		}
	}
	for i, r := range p.Rotations {
		at := fmt.Sprintf("rotations[%d] (%s)", i, r.Name)
		for j, m := range r.Members {
			missing(fmt.Sprintf("%s/members[%d]", at, j), inquiry.OwnerID(m), "on call in "+r.Name)
		}
		for j, t := range r.Turns {
			missing(fmt.Sprintf("%s/turns[%d]", at, j), inquiry.OwnerID(t.Member), "on call in "+r.Name)
		}
		for j, o := range r.Overrides {
			missing(fmt.Sprintf("%s/overrides[%d]", at, j), inquiry.OwnerID(o.Member), "on call in "+r.Name)
		}
	}
	voice := func(path string, v *inquiry.Voice) {
		for i, o := range v.Owners {
			missing(fmt.Sprintf("%s/voice/owners[%d]", path, i), o, "one of those who may speak")
		}
	}
	for i, a := range p.Accounts {
		voice(fmt.Sprintf("accounts[%d] (%s)", i, a.Name), &a.Voice)
	}
	eachRule("", p.Rules, func(path string, r *Rule) {
		if r.Voice != nil {
			voice(path, r.Voice)
		}
	})
	for i, o := range l.roster {
		for j, d := range o.Departments {
			if _, ok := l.c.Department(d); !ok {
				l.add(CheckUnused, Notice, fmt.Sprintf("roster[%d] (%s)/departments[%d]", i, o.ID, j), "declare it under departments, or correct the name",
					"%s is in the department %q, which the policy does not have", o.ID, d)
			}
		}
	}
}

// eachRule calls f with every rule and its path.
func eachRule(prefix string, rules []Rule, f func(path string, r *Rule)) {
	for i := range rules {
		path := fmt.Sprintf("%srules[%d] (%s)", prefix, i, rules[i].Name)
		f(path, &rules[i])
		eachRule(path+"/", rules[i].Rules, f)
	}
}

// asked notes the skills that anything in a policy asks for, whatever it is.
func (l *linter) asked(v reflect.Value) {
	switch x := v.Interface().(type) {
	case inquiry.SkillRequirement:
		l.used[x.Skill] = true
		return
	case inquiry.Skill:
		l.used[x.Name] = true
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			l.asked(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			l.asked(v.Index(i))
		}
	case reflect.Struct:
		for f, x := range v.Fields() {
			if f.IsExported() {
				l.asked(x)
			}
		}
	}
}

// unused looks for skills that nothing asks for: they only make their owners
// look busier elsewhere than they are.
func (l *linter) unused() {
	said := map[string]bool{}
	for i, o := range l.roster {
		for j, s := range o.Skills {
			if l.used[s.Name] || said[s.Name] {
				continue
			}
			said[s.Name] = true
			var who []string
			for _, other := range l.roster {
				if other.Level(s.Name) > 0 {
					who = append(who, string(other.ID))
				}
			}
			l.add(CheckUnused, Notice, fmt.Sprintf("roster[%d] (%s)/skills[%d] (%s)", i, o.ID, j, s.Name), "ask for it in a rule, correct the name, or remove it",
				"nothing asks for %s, which %s", s.Name, has(who))
		}
	}
}

func has(who []string) string {
	if len(who) == 1 {
		return who[0] + " has"
	}
	return listed(who) + " have"
}

// listed is some names in words, the first of many.
func listed(names []string) string {
	const most = 6
	switch n := len(names); {
	case n == 0:
		return "nobody"
	case n == 1:
		return names[0]
	case n > most:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), n-most)
	default:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
}
