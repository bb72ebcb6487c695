package simulate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/go-multierror"

	"github.com/answerable-go/answerable/internal/errorlist"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// Fault is one thing that is wrong with a scenario: where, and what.
type Fault struct {
	Path    string // such as classes[2].handling.mean
	Problem string // what was found, and how to mend it
	// Line and Column, from 1, are where it stands in the text; 0 if there is none.
	Line, Column int
}

// Error says where and what.
func (f *Fault) Error() string {
	text := f.Problem
	if f.Path != "" {
		text = f.Path + ": " + text
	}
	if f.Line > 0 {
		text = fmt.Sprintf("%d:%d: %s", f.Line, f.Column, text)
	}
	return text
}

// The bounds of a scenario, so that a typing error does not fill the memory.
const (
	MaxReplications = 10_000
	MaxOwners       = 100_000
	MaxClasses      = 1_000
	maxRate         = 100_000_000 // an hour
	maxFor          = 10 * 366 * 24 * time.Hour
)

type faults struct{ all *multierror.Error }

func (f *faults) err() error {
	if f.all == nil {
		return nil
	}
	f.all.ErrorFormat = errorlist.Lines("simulate: ")
	return f.all
}

func (f *faults) add(path, format string, args ...any) {
	f.addFault(&Fault{Path: path, Problem: fmt.Sprintf(format, args...)})
}

func (f *faults) addFault(e *Fault) { f.all = multierror.Append(f.all, e) }

// Validate returns everything that is wrong with a scenario at once, each a
// [*Fault], or nil.
func (s *Scenario) Validate() error {
	_, err := s.compile()
	return err
}

func (s *Scenario) check(f *faults) {
	if y := s.Start.UTC().Year(); !s.Start.IsZero() && (y < 1970 || y > 9000) {
		f.add("start", "it is %s: want an instant from 1970 to 9000", s.Start.Format(time.RFC3339Nano))
	}
	if s.For <= 0 || s.For.Std() > maxFor {
		f.add("for", "it is %s: want how long to count arrivals, above 0 and at most 10 years", s.For)
	}
	for _, d := range []struct {
		path string
		d    sla.Duration
	}{{"warm_up", s.WarmUp}, {"drain", s.Drain}} {
		if d.d < 0 || d.d.Std() > maxFor {
			f.add(d.path, "it is %s: want 0 to 10 years", d.d)
		}
	}
	if s.Replications < 0 || s.Replications > MaxReplications {
		f.add("replications", "they are %d: want 1 to %d", s.Replications, MaxReplications)
	}
	if !(s.Confidence >= 0 && s.Confidence < 1) {
		f.add("confidence", "it is %g: want a share such as 0.95", s.Confidence)
	}
	if _, err := time.LoadLocation(s.Zone); err != nil {
		f.add("zone", "%q is no time zone: want an IANA name such as Europe/Berlin", s.Zone)
	}
	if s.Room != nil && *s.Room < 0 {
		f.add("room", "it is %d: want 0 or more, or leave it out", *s.Room)
	}
	if !slices.Contains([]Choice{"", ByFit, LongestIdle, LeastBusy}, s.Choice) {
		f.add("choice", "it is %q: want %s, %s or %s", s.Choice, ByFit, LongestIdle, LeastBusy)
	}
	for _, part := range []struct {
		key   string
		there bool
	}{
		{"order", s.Order != ""},
		{"choice", s.Choice != ""},
		{"defaults", s.Defaults != nil},
		{"calendars", len(s.Calendars) > 0},
		{"departments", len(s.Departments) > 0},
		{"channels", len(s.Channels) > 0},
	} {
		if s.Policy != nil && part.there {
			f.add(part.key, "there is a whole policy, to which it belongs: move it there")
		}
	}
	s.checkClasses(f)
	s.checkGroups(f)
}

func (s *Scenario) checkClasses(f *faults) {
	if len(s.Classes) == 0 || len(s.Classes) > MaxClasses {
		f.add("classes", "there are %d: want 1 to %d", len(s.Classes), MaxClasses)
	}
	seen := map[string]bool{}
	for i := range s.Classes {
		c, at := &s.Classes[i], fmt.Sprintf("classes[%d]", i)
		switch {
		case c.Name == "":
			f.add(at+".name", "the class has no name")
		case seen[c.Name]:
			f.add(at+".name", "%q is the name of another class, too: rename one", c.Name)
		}
		seen[c.Name] = true
		c.Arrivals.check(f, at+".arrivals", s.WarmUp)
		c.Handling.check(f, at+".handling")
		if c.Patience != nil {
			c.Patience.check(f, at+".patience")
		}
		if c.Within < 0 {
			f.add(at+".within", "it is %s: want above 0, or leave it out", c.Within)
		}
		if c.Room != nil && *c.Room < 0 {
			f.add(at+".room", "it is %d: want 0 or more, or leave it out", *c.Room)
		}
		if c.Customers < 0 {
			f.add(at+".customers", "they are %d: want 0 or more", c.Customers)
		}
		c.Nudges.check(f, at+".nudges")
		c.Returns.check(f, at+".returns")
		c.Retries.check(f, at+".retries")
		if t := c.Talk; t != nil {
			probability(f, at+".talk.chance", t.Chance)
			probability(f, at+".talk.silent", t.Silent)
			t.After.check(f, at+".talk.after")
			if t.Most < 0 {
				f.add(at+".talk.most", "it is %d: want 1 or more, or leave it out", t.Most)
			}
		}
		if s.Policy != nil && !isEmpty(&c.Settings) {
			f.add(at, "there is a whole policy, so skills, targets and other settings belong into its rules: move them (a rule finds the class by the label %q)", c.Name)
		}
	}
}

func probability(f *faults, path string, p float64) {
	if !(p >= 0 && p <= 1) {
		f.add(path, "it is %g: want a probability from 0 to 1", p)
	}
}

func (l *Law) check(f *faults, path string) {
	switch name := l.name(); {
	case !slices.Contains(lawNames, name):
		f.add(path+".law", "it is %q: want one of %q", name, lawNames)
	case name == Recorded:
		if len(l.Values) == 0 {
			f.add(path+".values", "there are none to draw from: list some durations")
		}
		if l.Mean != 0 || l.CV != 0 {
			f.add(path, "recorded values bring their own mean and variation: remove mean and cv")
		}
		for i, v := range l.Values {
			if v < 0 {
				f.add(fmt.Sprintf("%s.values[%d]", path, i), "it is %s: want 0 or more", v)
			}
		}
	case l.Mean <= 0 || l.Mean.Std() > maxFor:
		f.add(path+".mean", "it is %s: want a duration above 0, such as 6m", l.Mean)
	case len(l.Values) > 0:
		f.add(path+".values", "there are values, and the law is %s: remove one of the two", name)
	case name == LogNormal || name == Gamma:
		if !(l.CV >= 0.01 && l.CV <= 10) {
			f.add(path+".cv", "it is %g: %s needs a coefficient of variation from 0.01 to 10", l.CV, name)
		}
	case l.CV != 0:
		f.add(path+".cv", "the law is %s, which has its own: remove it, or make the law lognormal or gamma", name)
	}
}

func (a *Again) check(f *faults, path string) {
	if a == nil {
		return
	}
	probability(f, path+".chance", a.Chance)
	a.After.check(f, path+".after")
	if a.Most < 0 {
		f.add(path+".most", "it is %d: want 1 or more, or leave it out", a.Most)
	}
}

func (a *Arrivals) check(f *faults, path string, warm sla.Duration) {
	factors := func(name string, list []float64, n int) {
		if len(list) != 0 && len(list) != n {
			f.add(path+"."+name, "there are %d factors: want %d", len(list), n)
		}
		for i, v := range list {
			if !(v >= 0 && v <= 1e6) {
				f.add(fmt.Sprintf("%s.%s[%d]", path, name, i), "it is %g: want a factor of 0 or more", v)
			}
		}
	}
	factors("by_hour", a.ByHour, 24)
	factors("by_weekday", a.ByWeekday, 7)
	if !(a.PerHour >= 0 && a.PerHour <= maxRate) {
		f.add(path+".per_hour", "it is %g: want 0 to %d", a.PerHour, maxRate)
	}
	if len(a.Recorded) > 0 && (a.PerHour != 0 || len(a.ByHour)+len(a.ByWeekday) > 0 || a.Dispersion != nil) {
		f.add(path+".recorded", "arrivals are recorded, and there is a rate, too: remove one of the two")
	}
	for i, d := range a.Recorded {
		if d < 0 {
			f.add(fmt.Sprintf("%s.recorded[%d]", path, i), "it is %s: want how long after the start", d)
		}
	}
	if d := a.Dispersion; d != nil {
		if !(d.CV >= 0.001 && d.CV <= 10) {
			f.add(path+".dispersion.cv", "it is %g: want 0.001 to 10", d.CV)
		}
		if d.Every < 0 || d.Every > 0 && d.Every.Std() < time.Minute {
			f.add(path+".dispersion.every", "it is %s: want at least 1m, or leave it out for 24h", d.Every)
		}
	}
	for i, b := range a.Bursts {
		at := fmt.Sprintf("%s.bursts[%d]", path, i)
		if b.At < -warm {
			f.add(at+".at", "it is %s: the warm-up begins %s before counting", b.At, warm)
		}
		if b.For <= 0 {
			f.add(at+".for", "it is %s: want above 0", b.For)
		}
		if !(b.PerHour > 0 && b.PerHour <= maxRate) {
			f.add(at+".per_hour", "it is %g: want above 0", b.PerHour)
		}
		if b.HalfLife < 0 {
			f.add(at+".half_life", "it is %s: want above 0, or leave it out", b.HalfLife)
		}
	}
}

func (s *Scenario) checkGroups(f *faults) {
	owners, seen := 0, map[string]bool{}
	for i := range s.Groups {
		g, at := &s.Groups[i], fmt.Sprintf("groups[%d]", i)
		switch {
		case g.Name == "":
			f.add(at+".name", "the group has no name")
		case seen[g.Name]:
			f.add(at+".name", "%q is the name of another group, too: rename one", g.Name)
		}
		seen[g.Name] = true
		if g.Count < 0 {
			f.add(at+".count", "it is %d: want 1 or more", g.Count)
		}
		owners += min(MaxOwners+1, cmp.Or(g.Count, 1))
		s.checkServes(f, g, at)
		if g.AtOnce < 0 || g.AtOnce > 10_000 || g.Capacity < 0 || g.AtOnce > 0 && g.Capacity > 0 {
			f.add(at+".at_once", "at_once is %d and capacity %d: want one of the two, above 0", g.AtOnce, g.Capacity)
		}
		if !(g.Slowdown >= 0 && g.Slowdown <= 100) {
			f.add(at+".slowdown", "it is %g: want 0 (none) to 100", g.Slowdown)
		}
		speed(f, at+".speed", g.Speed)
		if g.AcceptAfter != nil {
			g.AcceptAfter.check(f, at+".accept_after")
		}
		probability(f, at+".decline", g.Decline)
		probability(f, at+".ignore", g.Ignore)
		if g.Decline+g.Ignore > 1 {
			f.add(at+".decline", "with ignore it is %g: both together are at most 1", g.Decline+g.Ignore)
		}
		for j, b := range g.Breaks {
			at := fmt.Sprintf("%s.breaks[%d]", at, j)
			b.For.check(f, at+".for")
			if (b.At == nil) == (b.Every == nil) {
				f.add(at, "want either at, a time of day, or every, a law")
			}
			if b.Every != nil {
				b.Every.check(f, at+".every")
				if mean := b.Every.mean(); mean >= 0 && mean < time.Minute { // nobody, off shift, would plan them for ever in one instant
					f.add(at+".every", "it is %s on average: want at least 1m", sla.Duration(mean))
				}
			}
			switch n := max(1, g.Count); {
			case b.Stagger < 0:
				f.add(at+".stagger", "it is %s: want 0 or more", b.Stagger)
			case b.Stagger.Std() > maxFor/time.Duration(n):
				f.add(at+".stagger", "it is %s: the last of %d would begin more than 10 years late", b.Stagger, n)
			}
		}
	}
	if owners > MaxOwners {
		f.add("groups", "they have more than %d owners together", MaxOwners)
	}
	if len(s.Groups) == 0 {
		f.add("groups", "there are none, so nobody can answer: add one")
	}
}

func speed(f *faults, path string, v float64) {
	if v != 0 && !(v >= 0.001 && v <= 1000) {
		f.add(path, "it is %g: want 0.001 to 1000, or leave it out for 1", v)
	}
}

func (s *Scenario) checkServes(f *faults, g *Group, at string) {
	if s.Policy != nil && slices.ContainsFunc(g.Serves, func(v Serves) bool { return v.Level != 0 || v.After != 0 }) {
		f.add(at+".serves", "there is a whole policy, so who may serve what is its business: give skills, and keep only speed and handling here")
	}
	seen := map[string]bool{}
	for j, v := range g.Serves {
		at := fmt.Sprintf("%s.serves[%d]", at, j)
		if !slices.ContainsFunc(s.Classes, func(c Class) bool { return c.Name == v.Class }) {
			f.add(at+".class", "there is no class %q", v.Class)
		}
		if seen[v.Class] {
			f.add(at+".class", "%q is listed twice: keep one", v.Class)
		}
		seen[v.Class] = true
		if v.Level < 0 || v.Level > 5 {
			f.add(at+".level", "it is %d: want 1 to 5, or leave it out for %d", v.Level, DefaultLevel)
		}
		if v.After < 0 {
			f.add(at+".after", "it is %s: want above 0, or leave it out", v.After)
		}
		speed(f, at+".speed", v.Speed)
		if v.Handling != nil {
			v.Handling.check(f, at+".handling")
		}
	}
}

// policyFaults takes over what is wrong with a policy: the given one, or the one
// made of the scenario, where it goes back to the place that it comes from.
func (s *Scenario) policyFaults(f *faults, err error) {
	for _, e := range routing.Faults(err) {
		path := e.Path
		switch {
		case s.Policy != nil:
			path = "policy/" + path
		case strings.HasPrefix(path, "rules["):
			for i := range s.Classes { // one has begun it, and its name may hold anything
				if rest, ok := strings.CutPrefix(path, fmt.Sprintf("rules[%d] (%s)", i, s.Classes[i].Name)); ok {
					path = fmt.Sprintf("classes[%d]%s", i, rest)
					break
				}
			}
		case strings.HasPrefix(path, "default"):
			path = "defaults" + strings.TrimPrefix(path, "default")
		}
		f.add(strings.TrimSuffix(strings.ReplaceAll(path, "/", "."), "."), "%s", e.Problem)
	}
}

// Faults returns all faults that an error of [Scenario.Validate], [Parse] or
// [Run] lists; nil for other errors.
func Faults(err error) []*Fault { return errorlist.Find[*Fault](err) }
