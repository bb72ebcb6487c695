package replay

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// InferredPrefix begins the name of everything that is inferred: skills, rules and
// calendars.
const InferredPrefix = "inferred:"

// Learning says what to infer from a history, and from how much.
type Learning struct {
	// Prefixes are the prefixes of the labels that say what a case is about, the
	// finest first: if a case has several, the first decides. Default: the kind of
	// the case.
	Prefixes []string
	// Min is how many cases of a label somebody has to have resolved to have the skill.
	// Default 5.
	Min int
	// Shifts infers also when somebody works: the hours of the week in which they
	// did something in a quarter of the weeks. It needs four weeks at least. Zone
	// is the time zone of these hours, by default UTC.
	Shifts bool
	Zone   string
}

// DefaultMin is how many cases somebody has to have resolved to have a skill, by default.
const DefaultMin = 5

// Inferred are owners as a history shows them. That somebody resolved cases of
// a kind shows that they can, not that nobody else could.
type Inferred struct {
	// From and Until are when the cases that it was learned from came in.
	From, Until time.Time
	Cases       int // resolved ones
	Skills      []Proof
	Owners      []inquiry.Owner
	Calendars   []sla.Calendar
	prefixes    []string
}

// Proof is an inferred skill, and the cases that show it.
type Proof struct {
	Owner inquiry.OwnerID `json:"owner"`
	Skill string          `json:"skill"` // InferredPrefix and the label
	// Level is 5 for somebody who resolved at least half of all such cases, 4 for at
	// least a quarter, 3 for a tenth, 2 for a twentieth, else 1.
	Level    int `json:"level"`
	Resolved int `json:"resolved"`
	Of       int `json:"of"` // such cases that anybody resolved
}

// Infer learns from a history who can do what, how much each had in hand at
// most, and when they work. A case counts for whoever resolved it last.
func (h *History) Infer(o Learning) (*Inferred, error) {
	zone, err := time.LoadLocation(o.Zone)
	if err != nil {
		return nil, fmt.Errorf("replay: zone %q is no time zone: want an IANA name such as Europe/Berlin", o.Zone)
	}
	if o.Min < 0 {
		return nil, fmt.Errorf("replay: min is %d: want 1 or more, or 0 for %d", o.Min, DefaultMin)
	}
	l := &learner{Learning: o, zone: zone, f: &Inferred{prefixes: o.Prefixes}, people: map[inquiry.OwnerID]*pupil{}, totals: map[string]int{}}
	l.Min = cmp.Or(l.Min, DefaultMin)
	for i := range h.Cases {
		l.learn(&h.Cases[i])
	}
	for _, id := range slices.Sorted(maps.Keys(l.people)) {
		l.show(id, l.people[id])
	}
	return l.f, nil
}

// learner goes through a history.
type learner struct {
	Learning
	zone   *time.Location
	f      *Inferred
	people map[inquiry.OwnerID]*pupil
	totals map[string]int // resolved, by label
}

// pupil is what shows of one owner.
type pupil struct {
	resolved map[string]int // by label
	groups   map[string]int
	held     []hold
	hours    map[int]map[int]bool // of the week, with the weeks
	weeks    map[int]bool
}

// hold is a case more, or less, in hand.
type hold struct {
	at   time.Time
	more int
}

// topics are what a case is about: of each prefix one label, the finest first.
func (f *Inferred) topics(c *Case) []string {
	if len(f.prefixes) == 0 {
		if c.Facts.Kind == "" {
			return nil
		}
		return []string{string(c.Facts.Kind)}
	}
	var list []string
	for _, p := range f.prefixes {
		for _, label := range c.Facts.Labels {
			if strings.HasPrefix(label, p) && !slices.Contains(list, label) { // a finer prefix may have had it
				list = append(list, label)
				break
			}
		}
	}
	return list
}

func (l *learner) learn(c *Case) {
	if l.f.From.IsZero() {
		l.f.From = c.At
	}
	l.f.Until = c.At
	phases := c.phases()
	for i := range phases {
		for j := range phases[i].stretches {
			l.saw(&phases[i].stretches[j])
		}
	}
	last := &phases[len(phases)-1]
	k := last.last()
	if last.resolved.IsZero() || k == nil {
		return
	}
	l.f.Cases++
	p := l.people[k.owner]
	p.groups[k.group]++
	for _, topic := range l.f.topics(c) {
		p.resolved[topic]++
		l.totals[topic]++
	}
}

// saw notes when somebody had something in hand, and when they did something.
func (l *learner) saw(k *stretch) {
	p := l.people[k.owner]
	if p == nil {
		p = &pupil{resolved: map[string]int{}, groups: map[string]int{}, hours: map[int]map[int]bool{}, weeks: map[int]bool{}}
		l.people[k.owner] = p
	}
	p.held = append(p.held, hold{k.from, 1})
	p.at(k.from.In(l.zone))
	if k.fate != ongoing {
		p.held = append(p.held, hold{k.until, -1})
		p.at(k.until.In(l.zone))
	}
	for _, a := range k.acts {
		p.at(a.at.In(l.zone))
	}
}

func (p *pupil) at(t time.Time) {
	year, n := t.ISOWeek()
	week, hour := year*100+n, int(t.Weekday())*24+t.Hour()
	p.weeks[week] = true
	if p.hours[hour] == nil {
		p.hours[hour] = map[int]bool{}
	}
	p.hours[hour][week] = true
}

// show makes an owner of what was seen.
func (l *learner) show(id inquiry.OwnerID, p *pupil) {
	o := inquiry.Owner{ID: id, Capacity: p.most() * routing.DefaultCost}
	home, most := "", 0
	for _, g := range slices.Sorted(maps.Keys(p.groups)) {
		if n := p.groups[g]; n > most && g != "" {
			home, most = g, n
		}
	}
	if home != "" {
		o.Departments = []string{home}
	}
	for _, topic := range slices.Sorted(maps.Keys(p.resolved)) {
		n, of := p.resolved[topic], l.totals[topic]
		if n < l.Min {
			continue
		}
		proof := Proof{Owner: id, Skill: InferredPrefix + topic, Level: levelOf(n, of), Resolved: n, Of: of}
		l.f.Skills = append(l.f.Skills, proof)
		o.Skills = append(o.Skills, inquiry.Skill{Name: proof.Skill, Level: proof.Level})
	}
	if l.Shifts {
		if hours := p.shift(); hours != nil {
			cal := sla.Calendar{Name: InferredPrefix + string(id), Zone: l.Zone, Hours: hours}
			l.f.Calendars = append(l.f.Calendars, cal)
			o.Shift = cal.Name
		}
	}
	l.f.Owners = append(l.f.Owners, o)
}

// levelOf is the level that so many of so many show.
func levelOf(n, of int) int {
	switch {
	case 2*n >= of:
		return 5
	case 4*n >= of:
		return 4
	case 10*n >= of:
		return 3
	case 20*n >= of:
		return 2
	}
	return 1
}

// most is how many cases somebody had in hand at most, at least 1.
func (p *pupil) most() int {
	slices.SortStableFunc(p.held, func(a, b hold) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.more, b.more)) })
	now, most := 0, 1
	for _, h := range p.held {
		now += h.more
		most = max(most, now)
	}
	return most
}

// weeksForShift is how many weeks tell when somebody works.
const weeksForShift = 4

// shift are the hours of the week in which somebody usually works, nil if too little
// is known, or at any hour.
func (p *pupil) shift() []sla.Hours {
	if len(p.weeks) < weeksForShift {
		return nil
	}
	var list []sla.Hours
	all := 0
	for day := time.Sunday; day <= time.Saturday; day++ {
		for from := 0; from < 24; {
			until := from
			for until < 24 && 4*len(p.hours[int(day)*24+until]) >= len(p.weeks) {
				until++
			}
			if until > from {
				list = append(list, sla.Hours{Day: day, Open: sla.At(from, 0), Close: sla.At(until, 0)})
				all += until - from
			}
			from = until + 1
		}
	}
	if all == 7*24 {
		return nil
	}
	return list
}

// skills are those inferred of an owner.
func (f *Inferred) skills(id inquiry.OwnerID) []inquiry.Skill {
	i := slices.IndexFunc(f.Owners, func(o inquiry.Owner) bool { return o.ID == id })
	if i < 0 {
		return nil
	}
	return f.Owners[i].Skills
}

// Policy returns a policy that routes by what was inferred. After the rules of
// base it has one for each skill, the finest labels first, which asks for that
// skill. Rules of base that should take effect as well need Continue.
func (f *Inferred) Policy(base routing.Policy) routing.Policy {
	p := base
	p.Version = ""
	p.Calendars = slices.Concat(base.Calendars, f.Calendars)
	p.Rules, p.Departments = slices.Clone(base.Rules), slices.Clone(base.Departments)
	for _, o := range f.Owners {
		if home := o.Home(); home != "" && !slices.ContainsFunc(p.Departments, func(d routing.Department) bool { return d.Name == home }) {
			p.Departments = append(p.Departments, routing.Department{Name: home})
		}
	}
	topics := map[string]bool{}
	for _, s := range f.Skills {
		topics[strings.TrimPrefix(s.Skill, InferredPrefix)] = true
	}
	names := slices.Sorted(maps.Keys(topics))
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(f.rank(a), f.rank(b)) })
	taken := map[string]int{}
	for _, topic := range names {
		name := InferredPrefix + strings.ReplaceAll(topic, "/", "-") // a slash parts a rule from those within it
		if taken[name]++; taken[name] > 1 {
			name += fmt.Sprintf(" (%d)", taken[name])
		}
		r := routing.Rule{Name: name, Match: routing.Match{Labels: []string{topic}}}
		if len(f.prefixes) == 0 {
			r.Match = routing.Match{Kinds: []inquiry.Kind{inquiry.Kind(topic)}}
		}
		r.Skills = []inquiry.SkillRequirement{{Skill: InferredPrefix + topic, Min: inquiry.MinLevel, Want: inquiry.MaxLevel}}
		p.Rules = append(p.Rules, r)
	}
	return p
}

// rank is which of the prefixes a topic has.
func (f *Inferred) rank(topic string) int {
	return slices.IndexFunc(f.prefixes, func(p string) bool { return strings.HasPrefix(topic, p) })
}

// Roster returns the given owners with those inferred skills that they lack.
// Without given owners, it returns all owners that were inferred.
func (f *Inferred) Roster(given []inquiry.Owner) []inquiry.Owner {
	if len(given) == 0 {
		return slices.Clone(f.Owners)
	}
	list := slices.Clone(given)
	for i := range list {
		o := &list[i]
		o.Skills = slices.Clone(o.Skills)
		for _, s := range f.skills(o.ID) {
			if o.Level(s.Name) == 0 {
				o.Skills = append(o.Skills, s)
			}
		}
	}
	return list
}
