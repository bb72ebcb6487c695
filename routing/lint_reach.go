package routing

import (
	"fmt"
	"math"
	"reflect"
	"slices"

	"github.com/answerable-go/answerable/sla"
)

// The solver decides whether there can be an inquiry that some rules match and
// others do not. It goes through the ways in which the others can fail to match,
// which are few per rule, and gives up in favour of "there can" once it has
// tried maxTries.
const maxTries = 50_000

// facet is something of which an inquiry has exactly one.
type facet int

const (
	kindFacet facet = iota
	channelFacet
	accountFacet
	languageFacet
	leadFacet // the audience that leads, where the policy has a precedence
	facets
)

// choice is what a facet may still be: one of only, if that is not nil, and
// none of not. There always is a word that no policy names.
type choice struct {
	only, not []string
}

func (c choice) allows(word string) bool {
	return (c.only == nil || slices.Contains(c.only, word)) && !slices.Contains(c.not, word)
}

func (c choice) possible() bool { return c.only == nil || slices.ContainsFunc(c.only, c.allows) }

// flags are a set of words of which each is in, out, or open.
type flags struct {
	is  map[string]bool
	any [][]string // of each at least one must be in
}

func (f *flags) mayBe(word string, in bool) bool {
	is, known := f.is[word]
	return !known || is == in
}

// solver holds what is known of an inquiry, and how to take it back.
type solver struct {
	of        [facets]choice
	labels    flags
	audiences flags
	low, high int64 // the reach
	open      flags // calendars, by those that declare the same
	canonical map[string]string
	leads     bool // the policy has a precedence
	undo      []func()
	tries     int
}

func newSolver(c *Compiled) *solver {
	s := &solver{canonical: map[string]string{}, leads: len(c.policy.Precedence) > 0}
	var different []sla.Calendar
	for _, cal := range c.policy.Calendars {
		unnamed := cal
		unnamed.Name = ""
		i := slices.IndexFunc(different, func(d sla.Calendar) bool {
			n := d.Name
			d.Name = ""
			return n != "" && reflect.DeepEqual(d, unnamed)
		})
		if i < 0 {
			different = append(different, cal)
			i = len(different) - 1
		}
		s.canonical[cal.Name] = different[i].Name
	}
	s.reset()
	for _, cal := range different {
		if cal.Always && len(cal.Exceptions) == 0 {
			s.open.is[cal.Name] = true
		}
	}
	return s
}

func (s *solver) reset() {
	s.labels, s.audiences = flags{is: map[string]bool{}}, flags{is: map[string]bool{}}
	if s.open.is == nil {
		s.open = flags{is: map[string]bool{}}
	}
	s.of, s.low, s.high = [facets]choice{}, 0, math.MaxInt64
}

// possible reports whether an inquiry can be matched by all of some rules and
// none of others.
func (s *solver) possible(all, none []*Match) bool {
	s.tries = 0
	mark := len(s.undo)
	defer s.back(mark)
	for _, m := range all {
		if !s.assume(m) {
			return false
		}
	}
	pending := make([]*Match, 0, len(none))
	for _, m := range none {
		if !unfamiliar(m) { // a condition that is not known here can always fail
			pending = append(pending, m)
		}
	}
	return s.refute(pending)
}

func (s *solver) back(mark int) {
	for len(s.undo) > mark {
		last := s.undo[len(s.undo)-1]
		s.undo = s.undo[:len(s.undo)-1]
		last()
	}
}

// unfamiliar reports whether a match has a condition that the solver does not know.
func unfamiliar(m *Match) bool {
	rest := *m
	rest.Kinds, rest.Labels, rest.AnyLabel, rest.NoLabel, rest.Audiences = nil, nil, nil, nil, nil
	rest.AnyAudience, rest.Channels, rest.Accounts, rest.Languages, rest.MinReach, rest.During, rest.Outside = nil, nil, nil, nil, 0, "", ""
	return !reflect.ValueOf(rest).IsZero()
}

// condition is a part of a match: it can be made to hold or to fail.
type condition struct {
	hold func() bool // false: it cannot
	fail []func() bool
}

// conditions are the parts of a match, those that are not empty.
func (s *solver) conditions(m *Match) []condition {
	var out []condition
	one := func(f facet, words []string) {
		if len(words) > 0 {
			out = append(out, condition{
				func() bool { return s.keep(f, words) },
				[]func() bool{func() bool { return s.exclude(f, words) }},
			})
		}
	}
	one(kindFacet, texts(m.Kinds))
	one(channelFacet, m.Channels)
	one(accountFacet, m.Accounts)
	one(languageFacet, m.Languages)
	set := func(f *flags, word string, in bool) {
		out = append(out, condition{
			func() bool { return s.set(f, word, in) },
			[]func() bool{func() bool { return s.set(f, word, !in) }},
		})
	}
	atLeastOne := func(f *flags, words []string) {
		if len(words) > 0 {
			out = append(out, condition{
				func() bool { return s.clause(f, words) },
				[]func() bool{func() bool {
					return !slices.ContainsFunc(words, func(w string) bool { return !s.set(f, w, false) })
				}},
			})
		}
	}
	for _, l := range m.Labels {
		set(&s.labels, l, true)
	}
	for _, l := range m.NoLabel {
		set(&s.labels, l, false)
	}
	atLeastOne(&s.labels, m.AnyLabel)
	if s.leads {
		one(leadFacet, texts(m.Audiences))
	} else {
		atLeastOne(&s.audiences, texts(m.Audiences))
	}
	atLeastOne(&s.audiences, texts(m.AnyAudience))
	if m.MinReach > 0 {
		out = append(out, condition{
			func() bool { return s.reach(m.MinReach, math.MaxInt64) },
			[]func() bool{func() bool { return s.reach(0, m.MinReach-1) }},
		})
	}
	if m.During != "" {
		set(&s.open, s.canonical[m.During], true)
	}
	if m.Outside != "" {
		set(&s.open, s.canonical[m.Outside], false)
	}
	return out
}

func texts[T ~string](words []T) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = string(w)
	}
	return out
}

// assume has a match hold.
func (s *solver) assume(m *Match) bool {
	for _, c := range s.conditions(m) {
		if !c.hold() {
			return false
		}
	}
	return true
}

// refute has every one of some matches fail.
func (s *solver) refute(pending []*Match) bool {
	if s.example(pending) {
		return true
	}
	for forced := true; forced; {
		forced = false
		left := pending[:0:0]
		for _, m := range pending {
			if s.fails(m) {
				continue
			}
			switch ways := s.ways(m); len(ways) {
			case 0:
				return false
			case 1:
				if !ways[0]() {
					return false
				}
				forced = true
			default:
				left = append(left, m)
			}
		}
		pending = left
	}
	if len(pending) == 0 {
		return true
	}
	for _, way := range s.ways(pending[0]) {
		if s.tries++; s.tries > maxTries {
			return true
		}
		mark := len(s.undo)
		if way() && s.refute(pending[1:]) {
			return true
		}
		s.back(mark)
	}
	return false
}

// example tries a few inquiries of which all that is known holds, and as little
// else as may be: mostly one of them is matched by none of the others.
func (s *solver) example(none []*Match) bool {
	for n := range 3 {
		for _, open := range []bool{true, false} {
			if x, ok := s.draw(n, open); ok && !slices.ContainsFunc(none, func(m *Match) bool { return s.matches(m, x) }) {
				return true
			}
		}
	}
	return false
}

// someone is an inquiry, as far as rules look at it.
type someone struct {
	of                [facets]string
	labels, audiences []string
	reach             int64
	open              bool // every calendar of which nothing is known
}

// other is a word that no policy has.
const other = "\x00other"

// draw is the nth inquiry of which holds what is known.
func (s *solver) draw(n int, open bool) (x someone, ok bool) {
	for f, c := range s.of {
		x.of[f] = other
		if c.only != nil {
			left := slices.DeleteFunc(slices.Clone(c.only), func(w string) bool { return !c.allows(w) })
			if len(left) == 0 {
				return x, false
			}
			x.of[f] = left[n%len(left)]
		}
	}
	x.labels, x.audiences = s.labels.draw(n), s.audiences.draw(n)
	x.reach, x.open = s.low, open
	return x, true
}

func (f *flags) draw(n int) (in []string) {
	for w, is := range f.is {
		if is {
			in = append(in, w)
		}
	}
	for _, words := range f.any {
		if slices.ContainsFunc(words, func(w string) bool { return slices.Contains(in, w) }) {
			continue
		}
		left := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return !f.mayBe(w, true) })
		if len(left) > 0 {
			in = append(in, left[n%len(left)])
		}
	}
	return in
}

// matches reports whether a match holds of an inquiry that was drawn.
func (s *solver) matches(m *Match, x someone) bool {
	is := func(f facet, words []string) bool { return len(words) == 0 || slices.Contains(words, x.of[f]) }
	labelled := func(w string) bool { return slices.Contains(x.labels, w) }
	speaks := func(w string) bool { return slices.Contains(x.audiences, w) }
	isOpen := func(calendar string) bool {
		if is, known := s.open.is[s.canonical[calendar]]; known {
			return is
		}
		return x.open
	}
	switch {
	case !is(kindFacet, texts(m.Kinds)), !is(channelFacet, m.Channels), !is(accountFacet, m.Accounts), !is(languageFacet, m.Languages),
		slices.ContainsFunc(m.Labels, func(w string) bool { return !labelled(w) }), slices.ContainsFunc(m.NoLabel, labelled),
		len(m.AnyLabel) > 0 && !slices.ContainsFunc(m.AnyLabel, labelled),
		s.leads && !is(leadFacet, texts(m.Audiences)), !s.leads && len(m.Audiences) > 0 && !slices.ContainsFunc(texts(m.Audiences), speaks),
		len(m.AnyAudience) > 0 && !slices.ContainsFunc(texts(m.AnyAudience), speaks),
		x.reach < m.MinReach, m.During != "" && !isOpen(m.During), m.Outside != "" && isOpen(m.Outside):
		return false
	}
	return true
}

// ways are those in which a match can still fail.
func (s *solver) ways(m *Match) (out []func() bool) {
	for _, c := range s.conditions(m) {
		for _, way := range c.fail {
			mark := len(s.undo)
			if way() {
				out = append(out, way)
			}
			s.back(mark)
		}
	}
	return out
}

// fails reports whether a match fails by what is known already.
func (s *solver) fails(m *Match) bool {
	for _, c := range s.conditions(m) {
		mark := len(s.undo)
		ok := c.hold()
		s.back(mark)
		if !ok {
			return true
		}
	}
	return false
}

func (s *solver) keep(f facet, words []string) bool {
	old := s.of[f]
	s.undo = append(s.undo, func() { s.of[f] = old })
	only := []string{}
	for _, w := range words {
		if old.allows(w) {
			only = append(only, w)
		}
	}
	s.of[f] = choice{only: only, not: old.not}
	return len(only) > 0
}

func (s *solver) exclude(f facet, words []string) bool {
	old := s.of[f]
	s.undo = append(s.undo, func() { s.of[f] = old })
	s.of[f] = choice{only: old.only, not: append(slices.Clip(old.not), words...)}
	return s.of[f].possible()
}

func (s *solver) set(f *flags, word string, in bool) bool {
	if !f.mayBe(word, in) {
		return false
	}
	if _, known := f.is[word]; !known {
		f.is[word] = in
		s.undo = append(s.undo, func() { delete(f.is, word) })
	}
	return in || !slices.ContainsFunc(f.any, func(words []string) bool { return f.allOut(words) })
}

func (f *flags) allOut(words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return f.mayBe(w, true) })
}

func (s *solver) clause(f *flags, words []string) bool {
	f.any = append(f.any, words)
	s.undo = append(s.undo, func() { f.any = f.any[:len(f.any)-1] })
	return !f.allOut(words)
}

func (s *solver) reach(low, high int64) bool {
	oldLow, oldHigh := s.low, s.high
	s.undo = append(s.undo, func() { s.low, s.high = oldLow, oldHigh })
	s.low, s.high = max(s.low, low), min(s.high, high)
	return s.low <= s.high
}

// taker is a rule that keeps what it matches from those after it.
type taker struct {
	name  string
	match *Match
}

func matchesOf(takers []taker) []*Match {
	out := make([]*Match, len(takers))
	for i, t := range takers {
		out[i] = t.match
	}
	return out
}

// reach looks for rules that no inquiry comes to. Path and name of the rule around
// them come first; around are the matches of the
// rules around them, before those of rules that take what they match.
func (l *linter) reach(prefix, within string, rules []Rule, around []*Match, before []taker) {
	before = slices.Clip(before)
	for i := range rules {
		r := &rules[i]
		path := fmt.Sprintf("%srules[%d] (%s)", prefix, i, r.Name)
		all := append(slices.Clip(around), &r.Match)
		switch {
		case !l.solver.possible(all, nil):
			what := "no inquiry can meet all of its conditions"
			if len(around) > 0 {
				what += " and those of the rules around it"
			}
			l.add(CheckUnreachable, Warning, path+"/match", "change its match, or remove the rule", "%s", what)
		case !l.solver.possible(all, matchesOf(before)):
			by := l.shadow(all, before)
			word, verb := "rule", "takes"
			if len(by) > 1 {
				word, verb = "rules", "together take"
			}
			l.add(CheckShadowed, Warning, path, "move it before, narrow what is before it, or remove the rule",
				"it is never reached: %s %s, tried before it, %s everything that it matches", word, listed(by), verb)
		default:
			l.reach(path+"/", within+r.Name+"/", r.Rules, all, before)
		}
		if !r.Continue {
			before = append(before, taker{within + r.Name, &r.Match})
		}
	}
}

// shadow finds the rules that take everything: a single one, or else as few as
// leaving out one after the other comes to.
func (l *linter) shadow(all []*Match, before []taker) (names []string) {
	for _, t := range before {
		if !l.solver.possible(all, []*Match{t.match}) {
			return []string{t.name}
		}
	}
	needed := slices.Clone(before)
	for i := 0; i < len(needed); {
		less := slices.Delete(slices.Clone(needed), i, i+1)
		if l.solver.possible(all, matchesOf(less)) {
			i++
		} else {
			needed = less
		}
	}
	for _, t := range needed {
		names = append(names, t.name)
	}
	return names
}
