package routing

import (
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
)

// DefaultRule is the name of the rule for whatever no other rule matches.
const DefaultRule = "default"

// node is a rule as it is matched.
type node struct {
	name     string // the path, "press/urgent"
	match    Match
	settings Settings // its own
	goOn     bool
	parent   *node
	settled  *Settings // with those of the rules that it is within, once they were asked for
	place    int       // among its siblings
	children level
}

// level is some siblings, in the order of the policy, and the way to the first
// of them that matches.
type level struct {
	of    *node // the rule that they are within
	rules []node
	index *index // nil where a look at each is as quick
}

func (c *Compiled) compileRules(parent *node, rules []Rule) level {
	l := level{of: parent, rules: make([]node, len(rules))}
	for i, r := range rules {
		n := &l.rules[i]
		*n = node{name: r.Name, match: r.Match, settings: r.Settings, goOn: r.Continue, parent: parent, place: i}
		if parent != nil {
			n.name = parent.name + "/" + r.Name
		}
		n.children = c.compileRules(n, r.Rules)
	}
	if len(l.rules) > scanned {
		l.index = c.known.index(l.rules, len(c.policy.Precedence) > 0)
	}
	return l
}

// asked is an inquiry as the rules see it.
type asked struct {
	facts            *inquiry.Facts
	channel, account string
	at               time.Time
	lead             inquiry.Audience // where the policy has a precedence, and the author is anything
	values           []value          // what the indexes know of it
}

// scratch is room for what a match takes, so that it takes none of the heap.
type scratch struct {
	values       [16]value
	chain, trail [8]*node
}

// leading is the audience that leads, where the rules go by it.
func (c *Compiled) leading(f *inquiry.Facts) inquiry.Audience {
	if len(c.policy.Precedence) == 0 {
		return ""
	}
	return c.lead(f)
}

// Rule returns the path of the rule that matches, as [Compiled.Plan] would name
// it.
func (c *Compiled) Rule(f *inquiry.Facts, channel, account string, at time.Time) string {
	if f == nil {
		f = &inquiry.Facts{}
	}
	var room scratch
	q := asked{facts: f, channel: channel, account: account, at: at, lead: c.leading(f)}
	q.values = c.known.of(&q, room.values[:0])
	m := c.match(&q, &room)
	return m.path()
}

// matched is what the rules have made of an inquiry. Path and trail together
// tell which rules matched, and so determine the settings.
type matched struct {
	unsure bool    // it is the triage's
	last   *node   // the rule that names it; nil is the default rule
	trail  []*node // the deepest match below each rule that went on
	chain  []*node // every match, in the order in which their settings are laid on
}

func (c *Compiled) match(q *asked, room *scratch) (m matched) {
	if m.unsure = c.unsure(q.facts); m.unsure {
		return m
	}
	m.last, m.trail, m.chain = c.descend(q, room.trail[:0], room.chain[:0])
	return m
}

// descend finds the matching rule: the first among siblings, and the first among
// those within it in turn. A rule with Continue adds its settings and lets its
// next siblings be tried; the last match names the rule. It goes by the rules'
// own ties, without recursion, so that what it notes stays where there is room.
func (c *Compiled) descend(q *asked, trail, chain []*node) (last *node, _, _ []*node) {
	l, from := &c.rules, 0
	for {
		var done *node // with its own rules
		if i := c.first(l, q, from); i < len(l.rules) {
			last = &l.rules[i]
			chain = append(chain, last)
			if l, from = &last.children, 0; len(l.rules) > 0 {
				continue
			}
			done = last
		} else if done = l.of; len(trail) > 0 && trail[len(trail)-1] == last {
			trail = trail[:len(trail)-1] // the last of them is the rule itself
		}
		for done != nil && !done.goOn {
			done = done.parent
		}
		if done == nil {
			return last, trail, chain
		}
		trail = append(trail, last)
		if l, from = &c.rules, done.place+1; done.parent != nil {
			l = &done.parent.children
		}
	}
}

// first is the first of some siblings from one on that matches; as many as there
// are if none does.
func (c *Compiled) first(l *level, q *asked, from int) int {
	if l.index != nil {
		return int(c.search(l.index, l.rules, q, int32(from), int32(len(l.rules))))
	}
	for ; from < len(l.rules); from++ {
		if c.matches(&l.rules[from].match, q) {
			break
		}
	}
	return from
}

func (m *matched) path() string {
	switch {
	case m.unsure:
		return inquiry.TriageRule
	case m.last == nil:
		return DefaultRule
	}
	return m.last.name
}

// trailed names the trail; nil if there is none.
func (m *matched) trailed() (names []string) {
	for _, n := range m.trail {
		names = append(names, n.name)
	}
	return names
}

// settingsOf are the settings of a match. Those of a rule that was reached
// without any other having gone on are remembered.
func (c *Compiled) settingsOf(m *matched) *Settings {
	switch {
	case m.unsure:
		return &c.triage
	case m.last == nil:
		return &c.base
	}
	alone := len(m.trail) == 0 && len(m.chain) == m.last.depth()
	if alone && m.last.settled != nil {
		return m.last.settled
	}
	s := c.base
	for _, n := range m.chain {
		s = n.settings.over(s)
	}
	if alone {
		m.last.settled = &s
	}
	return &s
}

// depth is how many rules a rule is within, itself included.
func (n *node) depth() (d int) {
	for ; n != nil; n = n.parent {
		d++
	}
	return d
}

func (c *Compiled) matches(m *Match, q *asked) bool {
	f := q.facts
	has := func(label string) bool { return slices.Contains(f.Labels, label) }
	switch {
	case len(m.Kinds) > 0 && !slices.Contains(m.Kinds, f.Kind):
		return false
	case len(m.Channels) > 0 && !slices.Contains(m.Channels, q.channel):
		return false
	case len(m.Accounts) > 0 && !slices.Contains(m.Accounts, q.account):
		return false
	case len(m.Languages) > 0 && !slices.Contains(m.Languages, f.Language):
		return false
	case len(m.Audiences) > 0 && !c.speaksTo(m.Audiences, q):
		return false
	case len(m.AnyAudience) > 0 && !isAny(m.AnyAudience, f):
		return false
	case len(m.AnyLabel) > 0 && !slices.ContainsFunc(m.AnyLabel, has):
		return false
	case slices.ContainsFunc(m.Labels, func(l string) bool { return !has(l) }):
		return false
	}
	return c.matchesRest(m, q)
}

// matchesRest is the part of a Match that no index goes by.
func (c *Compiled) matchesRest(m *Match, q *asked) bool {
	f := q.facts
	switch {
	case f.Reach < m.MinReach:
		return false
	case slices.ContainsFunc(m.NoLabel, func(l string) bool { return slices.Contains(f.Labels, l) }):
		return false
	case m.During != "" && !c.calendars[m.During].Open(q.at):
		return false
	case m.Outside != "" && c.calendars[m.Outside].Open(q.at):
		return false
	}
	return true
}

// speaksTo reports whether an inquiry is from one of some audiences: by the one
// that leads where the policy has a precedence, by any where it has none.
func (c *Compiled) speaksTo(wanted []inquiry.Audience, q *asked) bool {
	if len(c.policy.Precedence) > 0 {
		return len(q.facts.Audiences) > 0 && slices.Contains(wanted, q.lead)
	}
	return isAny(wanted, q.facts)
}

// isAny reports whether an inquiry's author is any of some audiences.
func isAny(wanted []inquiry.Audience, f *inquiry.Facts) bool {
	return slices.ContainsFunc(wanted, func(a inquiry.Audience) bool { return slices.Contains(f.Audiences, a) })
}
