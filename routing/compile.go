package routing

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// Compiled is a policy that has been checked and is ready for use. It is not
// safe for concurrent use: it remembers the plans that it made.
type Compiled struct {
	policy    Policy
	json      json.RawMessage
	base      Settings // the default rule's, laid over the library's own
	rules     []node
	calendars map[string]*sla.Schedule
	byName    map[string]sla.Calendar
	rotations map[string]*sla.Rota
	channels  map[string]Channel
	plans     map[planKey]*planned
}

type node struct {
	name     string // the path, "press/urgent"
	match    Match
	settings Settings // its own
	goOn     bool
	children []node
}

// planKey is all that a plan depends on.
type planKey struct {
	path, trail, language, account, channel, audiences string
}

type planned struct {
	plan *inquiry.Plan
	id   inquiry.ID
}

// Compile checks a policy and makes it ready for use. The error lists every
// fault at once.
func Compile(p Policy) (*Compiled, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	raw, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("routing: policy: %w", err)
	}
	if p.Version == "" {
		sum := sha256.Sum256(raw)
		p.Version = hex.EncodeToString(sum[:6])
		if raw, err = json.Marshal(p); err != nil {
			return nil, fmt.Errorf("routing: policy: %w", err)
		}
	}
	c := &Compiled{
		policy: p, json: raw,
		calendars: map[string]*sla.Schedule{}, byName: map[string]sla.Calendar{},
		rotations: map[string]*sla.Rota{}, channels: map[string]Channel{}, plans: map[planKey]*planned{},
	}
	for _, cal := range p.Calendars {
		s, err := cal.Compile()
		if err != nil {
			return nil, fmt.Errorf("routing: calendar %s: %w", cal.Name, err)
		}
		c.calendars[cal.Name], c.byName[cal.Name] = s, cal
	}
	for _, r := range p.Rotations {
		rota, err := r.Compile()
		if err != nil {
			return nil, fmt.Errorf("routing: rotation %s: %w", r.Name, err)
		}
		c.rotations[r.Name] = rota
	}
	for _, ch := range p.Channels {
		c.channels[ch.Name] = ch
	}
	c.base, c.rules = p.Default.over(defaultSettings()), compileRules("", p.Rules)
	return c, nil
}

// Parse compiles a policy from its JSON form.
func Parse(raw []byte) (*Compiled, error) {
	var p Policy
	if err := json.Unmarshal(raw, &p); err != nil {
		return nil, fmt.Errorf("routing: policy: %w", err)
	}
	return Compile(p)
}

func compileRules(prefix string, rules []Rule) []node {
	nodes := make([]node, len(rules))
	for i, r := range rules {
		path := prefix + r.Name
		nodes[i] = node{
			name: path, match: r.Match, settings: r.Settings, goOn: r.Continue,
			children: compileRules(path+"/", r.Rules),
		}
	}
	return nodes
}

// Policy is the policy with its version filled in.
func (c *Compiled) Policy() Policy { return c.policy }

// Version is the policy's version.
func (c *Compiled) Version() string { return c.policy.Version }

// JSON is the policy in the form that the journal keeps.
func (c *Compiled) JSON() json.RawMessage { return c.json }

// Calendar is a calendar of the policy, nil (24x7) for "" and for one it does not have.
func (c *Compiled) Calendar(name string) *sla.Schedule { return c.calendars[name] }

// Department is a department of the policy.
func (c *Compiled) Department(name string) (Department, bool) {
	i := slices.IndexFunc(c.policy.Departments, func(d Department) bool { return d.Name == name })
	if i < 0 {
		return Department{}, false
	}
	return c.policy.Departments[i], true
}

// AccountLimit is the rate limit of what was addressed to an account, nil if
// there is none. What names no account has none.
func (c *Compiled) AccountLimit(account string) *Rate {
	if account == "" {
		return nil
	}
	for _, a := range c.policy.Limits.Accounts {
		if a.Account == account {
			return a.Limit
		}
	}
	return c.policy.Limits.Account
}

// ChannelLimit is the rate limit of what arrived on a channel, nil if there is none.
func (c *Compiled) ChannelLimit(channel string) *Rate {
	if ch := c.channels[channel]; ch.Limit != nil {
		return ch.Limit
	}
	return c.policy.Limits.Channel
}

// OnCall is whom a rotation has on call at an instant, "" for nobody, or for a
// rotation that the policy does not have.
func (c *Compiled) OnCall(rotation string, at time.Time) inquiry.OwnerID {
	rota, ok := c.rotations[rotation]
	if !ok {
		return ""
	}
	member, _ := rota.At(at)
	return inquiry.OwnerID(member)
}

// Role are the holders of a role, in the order in which they are turned to.
func (c *Compiled) Role(name string) []inquiry.OwnerID {
	i := slices.IndexFunc(c.policy.Roles, func(r Role) bool { return r.Name == name })
	if i < 0 {
		return nil
	}
	return c.policy.Roles[i].Owners
}

// ThreadFor is the threading window.
func (c *Compiled) ThreadFor() time.Duration {
	return orDefault(c.policy.ThreadFor, DefaultThreadFor)
}

// ReviewAfter is when the sink reviews what screening set aside.
func (c *Compiled) ReviewAfter() time.Duration {
	return orDefault(c.policy.ReviewAfter, DefaultReviewAfter)
}

// UtilisationWindow is over how long an owner's utilisation is taken.
func (c *Compiled) UtilisationWindow() time.Duration {
	return orDefault(c.policy.UtilisationWindow, DefaultUtilisationWindow)
}

// LapseAfter is how long after a sign of life an owner gets no new work; negative: never.
func (c *Compiled) LapseAfter() time.Duration {
	return orDefault(c.policy.Presence.LapseAfter, DefaultLapseAfter)
}

// SilentFor is how long after a sign of life work of a channel goes back to
// its queue, in the time of SilentCalendar; negative: never.
func (c *Compiled) SilentFor(channel string) time.Duration {
	if ch := c.channels[channel]; ch.SilentFor != 0 {
		return time.Duration(ch.SilentFor)
	}
	return orDefault(c.policy.Presence.SilentFor, DefaultSilentFor)
}

// SilentCalendar is the calendar of SilentFor.
func (c *Compiled) SilentCalendar() *sla.Schedule {
	return c.calendars[c.policy.Presence.SilentCalendar]
}

func orDefault(d sla.Duration, otherwise time.Duration) time.Duration {
	if d == 0 {
		return otherwise
	}
	return time.Duration(d)
}

// Cost is what an inquiry of a channel takes of an owner's capacity.
func (c *Compiled) Cost(channel string) int {
	if ch, ok := c.channels[channel]; ok && ch.Cost > 0 {
		return ch.Cost
	}
	return DefaultCost
}

// Plan is what the policy makes of an inquiry with these facts, which arrived
// on a channel and account at an instant, and the plan's id. Nil facts are
// those of which nothing is known. The plan is shared by all inquiries alike;
// do not change it.
func (c *Compiled) Plan(f *inquiry.Facts, channel, account string, at time.Time) (*inquiry.Plan, inquiry.ID) {
	if f == nil {
		f = &inquiry.Facts{}
	}
	m := c.match(f, channel, account, at)
	language := f.Language
	if *m.settings.AnyLanguage {
		language = ""
	}
	led := c.audiences(&m.settings, f)
	key := planKey{path: m.path, trail: joined(m.trail), language: language, account: account, channel: channel, audiences: audiencesKey(led)}
	if p, ok := c.plans[key]; ok {
		return p.plan, p.id
	}
	p := c.makePlan(m, language, account, channel, led)
	id := p.ID()
	c.plans[key] = &planned{p, id}
	return p, id
}

// Rule is the path of the rule that matches, as [Compiled.Plan] would name it.
func (c *Compiled) Rule(f *inquiry.Facts, channel, account string, at time.Time) string {
	if f == nil {
		f = &inquiry.Facts{}
	}
	m := c.match(f, channel, account, at)
	return m.path
}

func (c *Compiled) match(f *inquiry.Facts, channel, account string, at time.Time) matched {
	if c.unsure(f) {
		return matched{path: inquiry.TriageRule, settings: c.policy.Triage.over(c.base)}
	}
	m := matched{path: DefaultRule, settings: c.base}
	c.descend(c.rules, &m, f, channel, account, at)
	return m
}

// DefaultRule is the name of the rule for whatever no other rule matches.
const DefaultRule = "default"

// matched is what the rules have made of an inquiry so far. Path and trail
// together tell which rules matched, and so determine the settings.
type matched struct {
	path     string
	trail    []string // the deepest match below each rule that went on
	settings Settings
}

// descend finds the matching rule among siblings. A rule with Continue adds its
// settings and lets its next siblings be tried; the last match names the rule.
func (c *Compiled) descend(siblings []node, m *matched, f *inquiry.Facts, channel, account string, at time.Time) {
	for i := range siblings {
		child := &siblings[i]
		if !c.matches(&child.match, f, channel, account, at) {
			continue
		}
		m.settings, m.path = child.settings.over(m.settings), child.name
		c.descend(child.children, m, f, channel, account, at)
		if !child.goOn {
			return
		}
		m.trail = append(m.trail, m.path)
	}
	if k := len(m.trail); k > 0 && m.trail[k-1] == m.path {
		m.trail = m.trail[:k-1] // the last of them is the rule itself
		if k == 1 {
			m.trail = nil // as the plan reads when it comes back from the journal
		}
	}
}

func joined(trail []string) string {
	return strings.Join(trail, "\x00")
}

func (c *Compiled) matches(m *Match, f *inquiry.Facts, channel, account string, at time.Time) bool {
	has := func(label string) bool { return slices.Contains(f.Labels, label) }
	switch {
	case len(m.Kinds) > 0 && !slices.Contains(m.Kinds, f.Kind):
		return false
	case len(m.Channels) > 0 && !slices.Contains(m.Channels, channel):
		return false
	case len(m.Accounts) > 0 && !slices.Contains(m.Accounts, account):
		return false
	case len(m.Languages) > 0 && !slices.Contains(m.Languages, f.Language):
		return false
	case f.Reach < m.MinReach:
		return false
	case len(m.Audiences) > 0 && !c.speaksTo(m.Audiences, f):
		return false
	case len(m.AnyAudience) > 0 && !isAny(m.AnyAudience, f):
		return false
	case len(m.AnyLabel) > 0 && !slices.ContainsFunc(m.AnyLabel, has):
		return false
	case slices.ContainsFunc(m.Labels, func(l string) bool { return !has(l) }):
		return false
	case slices.ContainsFunc(m.NoLabel, has):
		return false
	case m.During != "" && !c.calendars[m.During].Open(at):
		return false
	case m.Outside != "" && c.calendars[m.Outside].Open(at):
		return false
	}
	return true
}

func (c *Compiled) makePlan(m matched, language, account, channel string, led *inquiry.Audiences) *inquiry.Plan {
	s := m.settings
	p := &inquiry.Plan{
		Policy: c.policy.Version, Rule: m.path, Trail: m.trail, Priority: *s.Priority,
		Requirement: inquiry.Requirement{
			Skills: slices.Clone(s.Skills), Language: language, Account: account,
			AnyOf: slices.Clone(s.AnyOf), Authority: slices.Clone(s.Authority),
			Departments: slices.Clone(s.Departments), Home: s.Home,
		},
		Targets: slices.Clone(s.Targets), Ladder: *s.Ladder,
		Assignment: s.Assignment, OfferFor: s.OfferFor, Order: cmp.Or(c.policy.Order, inquiry.ByDeadline), Weights: *s.Weights,
		DeclineFor: s.DeclineFor, ExpireFor: s.ExpireFor, HoldFor: s.HoldFor, AwaitFor: s.AwaitFor, ReopenFor: s.ReopenFor,
		UndeliveredFor: s.UndeliveredFor, ReleaseFor: s.ReleaseFor, SoleFor: s.SoleFor,
	}
	if s.Offers > 1 && s.Assignment == inquiry.ByOffer {
		p.Offers = s.Offers
	}
	if s.ConfirmFor > 0 && s.Assignment != inquiry.Directly {
		p.ConfirmFor, p.UnconfirmedFor = s.ConfirmFor, cmp.Or(s.UnconfirmedFor, sla.Duration(DefaultUnconfirmedFor))
	}
	c.taking(p, &s, channel)
	handle, _ := c.Account(channel, account)
	p.Requirement.Voices, p.SignOff = handle.speaking(s.Voice), handle.SignOff
	p.Arbiter, p.Audiences = s.Arbiter, led
	s.assists(p)
	s.ofChange(p)
	slices.SortFunc(p.Requirement.Skills, func(a, b inquiry.SkillRequirement) int {
		return cmp.Or(cmp.Compare(a.Skill, b.Skill), cmp.Compare(a.Min, b.Min))
	})
	if language != "" {
		p.Requirement.LanguageSoft = s.LanguageSoft
	}
	if len(s.Departments) > 0 {
		p.Requirement.DepartmentsSoft = s.DepartmentsSoft
	}
	if p.Requirement.Home == "" && len(s.Departments) > 0 {
		p.Requirement.Home = s.Departments[0]
	}
	if p.Order == inquiry.ByCost {
		p.DelayCost, p.Handling = s.DelayCost, s.Handling
	}
	s.duties(p)
	names := append(p.Ladder.Calendars(), dutyCalendars(p)...)
	names = append(names, assistCalendars(p)...)
	for _, t := range p.Targets {
		names = append(names, t.Calendar)
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if name != "" {
			p.Calendars = append(p.Calendars, c.byName[name])
		}
	}
	return p
}
