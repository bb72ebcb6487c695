package simulate

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// compiled is a scenario that has been checked, with its defaults filled in.
type compiled struct {
	*Scenario
	zone              *time.Location
	start, count, end time.Time // counting is from count to end
	last              time.Time // the run ends here at the latest
	replications      int
	seed              uint64
	confidence        float64
	sink              inquiry.OwnerID
	policy            []byte
	calendars         map[string]*sla.Schedule
	classes           []*class
	groups            []*group
	roster            inquiry.Roster
}

// class is a class with its laws ready for drawing.
type class struct {
	*Class
	facts            inquiry.Facts
	channel          string
	within           time.Duration
	handling         *sampler
	patience         *sampler
	nudges           *again
	returns, retries *again
	talk             *again
	silent           float64
}

type again struct {
	chance float64
	after  *sampler
	most   int
}

// group is a group with its laws ready for drawing.
type group struct {
	*Group
	count       int
	shift       *sla.Schedule
	acceptAfter *sampler
	serves      map[string]*serves
	breaks      []breakTime
}

type serves struct {
	speed    float64
	handling *sampler // nil: the class's
}

type breakTime struct {
	at      *sla.TimeOfDay
	every   *sampler
	length  *sampler
	stagger time.Duration
}

// sinkOwner is the end of every ladder where the scenario has no policy.
const sinkOwner inquiry.OwnerID = "sink"

// compile checks a scenario and makes it ready.
func (s *Scenario) compile() (*compiled, error) {
	f := &faults{}
	s.check(f)
	if err := f.err(); err != nil {
		return nil, err
	}
	c := &compiled{
		Scenario: s, replications: cmp.Or(s.Replications, DefaultReplications), seed: cmp.Or(s.Seed, 1),
		confidence: cmp.Or(s.Confidence, DefaultConfidence), calendars: map[string]*sla.Schedule{},
	}
	c.zone, _ = time.LoadLocation(s.Zone)
	if c.start = s.Start; c.start.IsZero() {
		c.start = time.Date(defaultStart.Year, defaultStart.Month, defaultStart.Day, 0, 0, 0, 0, c.zone)
	}
	c.start = inquiry.Instant(c.start)
	c.count = c.start.Add(s.WarmUp.Std())
	c.end = c.count.Add(s.For.Std())
	c.last = c.end.Add(cmp.Or(s.Drain.Std(), max(s.For.Std(), 24*time.Hour)))

	p := s.makePolicy(f)
	p.Presence.LapseAfter = -1 // as though heartbeats came
	ready, err := routing.Compile(p)
	s.policyFaults(f, err)
	if err := f.err(); err != nil {
		return nil, err
	}
	c.policy, c.sink = ready.JSON(), p.Sink
	for i := range s.Classes {
		c.classes = append(c.classes, newClass(&s.Classes[i], ready, c.start))
	}
	of := map[inquiry.OwnerID]string{} // whose owner it is
	for i := range s.Groups {
		before := len(c.roster.Set)
		c.addGroup(f, i, ready)
		for _, o := range c.roster.Set[before:] {
			if other, ok := of[o.ID]; ok {
				f.add(fmt.Sprintf("groups[%d].name", i), "its owner %s is of group %q, too: rename one of the groups", o.ID, other)
			}
			of[o.ID] = s.Groups[i].Name
		}
	}
	return c, f.err()
}

func isEmpty(s *routing.Settings) bool {
	raw, err := json.Marshal(s)
	return err == nil && string(raw) == "{}"
}

func newClass(from *Class, p *routing.Compiled, start time.Time) *class {
	c := &class{
		Class: from, channel: cmp.Or(from.Channel, DefaultChannel), handling: newSampler(&from.Handling),
		nudges: newAgain(from.Nudges), returns: newAgain(from.Returns), retries: newAgain(from.Retries),
	}
	c.facts = inquiry.Facts{Kind: from.Kind, Audiences: from.Audiences, Language: from.Language, Reach: from.Reach}
	c.facts.AddLabels(from.Name)
	c.facts.AddLabels(from.Labels...)
	if from.Patience != nil {
		c.patience = newSampler(from.Patience)
	}
	if t := from.Talk; t != nil {
		c.talk, c.silent = newAgain(&Again{Chance: t.Chance, After: t.After, Most: t.Most}), t.Silent
	}
	c.within = cmp.Or(from.Within.Std(), promised(p, c, start), DefaultWithin)
	return c
}

// promised is the first response that the policy promises to a class, 0 if it
// promises none.
func promised(p *routing.Compiled, c *class, start time.Time) time.Duration {
	plan, _ := p.Plan(&c.facts, c.channel, c.Account, start)
	for _, t := range plan.Targets {
		if t.Kind == sla.FirstResponse {
			return t.At(int(plan.Priority)).Within.Std()
		}
	}
	return 0
}

func newAgain(a *Again) *again {
	if a == nil || a.Chance == 0 {
		return nil
	}
	return &again{a.Chance, newSampler(&a.After), cmp.Or(a.Most, defaultMost)}
}

// makePolicy is the given policy, or the one that the scenario says: a rule for
// each class, in their order.
func (s *Scenario) makePolicy(f *faults) routing.Policy {
	if s.Policy != nil {
		return *s.Policy
	}
	p := routing.Policy{
		Order: cmp.Or(s.Order, inquiry.ByArrival), Sink: sinkOwner,
		Calendars: s.Calendars, Departments: s.Departments, Channels: s.Channels,
	}
	if s.Defaults != nil {
		p.Default = *s.Defaults
	}
	p.Default.Assignment = cmp.Or(p.Default.Assignment, inquiry.Directly)
	if p.Default.Weights == nil {
		p.Default.Weights = s.Choice.weights()
	}
	if !slices.ContainsFunc(p.Default.Targets, func(t sla.Target) bool { return t.Kind == sla.Resolve }) {
		p.Default.Targets = append(slices.Clone(p.Default.Targets), sla.Target{Kind: sla.Resolve, Within: sla.Duration(longAgo)})
	}
	if p.Default.ReopenFor == 0 && !slices.ContainsFunc(s.Classes, func(c Class) bool { return c.Returns != nil || c.Retries != nil || c.Customers > 0 }) {
		p.Default.ReopenFor = sla.Duration(time.Minute) // nobody comes back
	}
	for i := range s.Classes {
		c := &s.Classes[i]
		r := routing.Rule{Name: c.Name, Match: routing.Match{Labels: []string{c.Name}}, Settings: c.Settings}
		r.Handling = sla.Duration(c.Handling.mean())
		if r.Skills == nil && r.AnyOf == nil {
			r.Skills = s.served(f, i)
		}
		p.Rules = append(p.Rules, r)
	}
	return p
}

// AsPolicy returns the policy that the scenario is played by: its own, or the
// one made of its classes. A scenario with faults is refused with all of them;
// see [Faults].
func (s *Scenario) AsPolicy() (routing.Policy, error) {
	if err := s.Validate(); err != nil {
		return routing.Policy{}, err
	}
	return s.makePolicy(&faults{}), nil
}

// longAgo is the target of a resolution where nobody promises one: 30 days.
const longAgo = 30 * 24 * time.Hour

// weights are those of a choice; equal scores go to the longest idle.
func (c Choice) weights() *inquiry.Weights {
	w := inquiry.DefaultWeights()
	switch c {
	case LongestIdle:
		w = inquiry.Weights{}
	case LeastBusy:
		w = inquiry.Weights{Affinity: 1e6, Utilisation: 1e3}
	}
	return &w
}

// served is the requirement of a class of which groups say that they serve it. A
// group that does so only after a while lacks a soft skill until then.
func (s *Scenario) served(f *faults, i int) []inquiry.SkillRequirement {
	name := s.Classes[i].Name
	var after []sla.Duration
	found := false
	for _, g := range s.Groups {
		for _, v := range g.Serves {
			if v.Class != name {
				continue
			}
			found = true
			if v.After > 0 && !slices.Contains(after, v.After) {
				after = append(after, v.After)
			}
		}
	}
	if !found {
		if slices.ContainsFunc(s.Groups, func(g Group) bool { return len(g.Serves) > 0 }) {
			f.add(fmt.Sprintf("classes[%d]", i), "no group serves %q and it asks for no skills: list it under serves of a group", name)
		}
		return nil
	}
	skills := []inquiry.SkillRequirement{{Skill: name, Min: inquiry.MinLevel, Want: inquiry.MaxLevel}}
	for _, d := range after {
		skills = append(skills, inquiry.SkillRequirement{Skill: early(name, d), Min: inquiry.MinLevel, Soft: &inquiry.Soft{After: d}})
	}
	return skills
}

// early is the skill of those who serve a class before so much time has passed.
func early(class string, d sla.Duration) string { return fmt.Sprintf("%s before %s", class, d) }

func (c *compiled) addGroup(f *faults, i int, p *routing.Compiled) {
	from := &c.Groups[i]
	g := &group{Group: from, count: cmp.Or(from.Count, 1), serves: map[string]*serves{}}
	if from.Shift != "" {
		if g.shift = p.Calendar(from.Shift); g.shift == nil {
			f.add(fmt.Sprintf("groups[%d].shift", i), "there is no calendar %q: declare it under calendars", from.Shift)
		}
	}
	if from.AcceptAfter != nil {
		g.acceptAfter = newSampler(from.AcceptAfter)
	}
	for _, v := range from.Serves {
		s := &serves{speed: v.Speed}
		if v.Handling != nil {
			s.handling = newSampler(v.Handling)
		}
		g.serves[v.Class] = s
	}
	for _, b := range from.Breaks {
		t := breakTime{at: b.At, length: newSampler(&b.For), stagger: b.Stagger.Std()}
		if b.Every != nil {
			t.every = newSampler(b.Every)
		}
		g.breaks = append(g.breaks, t)
	}
	c.groups = append(c.groups, g)
	o := inquiry.Owner{
		Departments: from.Departments, Skills: c.skills(from), Languages: from.Languages, Accounts: from.Accounts,
		Authority: from.Authority, Affiliation: from.Affiliation, Caps: from.Caps, Shift: from.Shift, Capacity: cmp.Or(from.Capacity, cmp.Or(from.AtOnce, 1)*routing.DefaultCost),
	}
	for n := range g.count {
		o.ID = ownerID(from.Name, n, g.count)
		if n == 0 {
			if err := o.Validate(); err != nil {
				f.add(fmt.Sprintf("groups[%d]", i), "%s", err)
			}
		}
		c.roster.Set = append(c.roster.Set, o)
	}
}

func ownerID(name string, n, of int) inquiry.OwnerID {
	if of == 1 {
		return inquiry.OwnerID(name)
	}
	return inquiry.OwnerID(fmt.Sprintf("%s-%0*d", name, len(fmt.Sprint(of)), n+1))
}

// skills are a group's own, and those that what it serves makes of it.
func (c *compiled) skills(g *Group) []inquiry.Skill {
	skills := slices.Clone(g.Skills)
	add := func(name string, level int) {
		if !slices.ContainsFunc(skills, func(k inquiry.Skill) bool { return k.Name == name }) {
			skills = append(skills, inquiry.Skill{Name: name, Level: level})
		}
	}
	if c.Policy != nil {
		return skills
	}
	for _, v := range g.Serves {
		level := cmp.Or(v.Level, DefaultLevel)
		add(v.Class, level)
		for _, other := range c.Groups {
			for _, w := range other.Serves {
				if w.Class == v.Class && w.After > v.After {
					add(early(v.Class, w.After), level)
				}
			}
		}
	}
	return skills
}
