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

// Compiled is a policy that was checked and is ready for use. It remembers the
// plans that it made and is not safe for concurrent use.
type Compiled struct {
	policy    Policy
	json      json.RawMessage
	base      Settings // the default rule's, laid over the library's own
	triage    Settings // the triage's, laid over those
	rules     level
	known     vocabulary // what the indexes of the rules go by
	calendars map[string]*sla.Schedule
	byName    map[string]sla.Calendar
	rotations map[string]*sla.Rota
	channels  map[string]Channel
	plans     map[planKey]*planned
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
// fault at once; see [Faults].
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
		rotations: map[string]*sla.Rota{}, channels: map[string]Channel{},
		plans: map[planKey]*planned{},
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
	c.base = p.Default.over(defaultSettings())
	if p.Triage != nil {
		c.triage = p.Triage.over(c.base)
	}
	c.rules = c.compileRules(nil, p.Rules)
	return c, nil
}

// Parse reads a policy from its JSON form and compiles it.
func Parse(raw []byte) (*Compiled, error) {
	var p Policy
	if err := json.Unmarshal(raw, &p); err != nil {
		return nil, fmt.Errorf("routing: policy: %w", err)
	}
	return Compile(p)
}

// Policy returns the policy, with its version filled in.
func (c *Compiled) Policy() Policy { return c.policy }

// Version returns the policy's version.
func (c *Compiled) Version() string { return c.policy.Version }

// JSON returns the policy in the form that the journal keeps.
func (c *Compiled) JSON() json.RawMessage { return c.json }

// Calendar returns a calendar of the policy. It is nil, which is open around
// the clock, for "" and for a calendar that the policy does not have.
func (c *Compiled) Calendar(name string) *sla.Schedule { return c.calendars[name] }

// Department returns a department of the policy, and whether it has that
// department.
func (c *Compiled) Department(name string) (Department, bool) {
	i := slices.IndexFunc(c.policy.Departments, func(d Department) bool { return d.Name == name })
	if i < 0 {
		return Department{}, false
	}
	return c.policy.Departments[i], true
}

// AccountLimit returns the rate limit of an account, nil if there is none or
// account is "".
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

// ChannelLimit returns the rate limit of a channel, nil if there is none.
func (c *Compiled) ChannelLimit(channel string) *Rate {
	if ch := c.channels[channel]; ch.Limit != nil {
		return ch.Limit
	}
	return c.policy.Limits.Channel
}

// OnCall returns whom a rotation has on call at an instant: "" if that is
// nobody, or the policy has no such rotation.
func (c *Compiled) OnCall(rotation string, at time.Time) inquiry.OwnerID {
	rota, ok := c.rotations[rotation]
	if !ok {
		return ""
	}
	member, _ := rota.At(at)
	return inquiry.OwnerID(member)
}

// Role returns the holders of a role, in the order in which they are turned to.
func (c *Compiled) Role(name string) []inquiry.OwnerID {
	i := slices.IndexFunc(c.policy.Roles, func(r Role) bool { return r.Name == name })
	if i < 0 {
		return nil
	}
	return c.policy.Roles[i].Owners
}

// ThreadFor returns the threading window; see [Policy].
func (c *Compiled) ThreadFor() time.Duration {
	return orDefault(c.policy.ThreadFor, DefaultThreadFor)
}

// ReviewAfter returns after how long the sink reviews what screening has set
// aside.
func (c *Compiled) ReviewAfter() time.Duration {
	return orDefault(c.policy.ReviewAfter, DefaultReviewAfter)
}

// UtilisationWindow returns the time over which an owner's utilisation is
// taken.
func (c *Compiled) UtilisationWindow() time.Duration {
	return orDefault(c.policy.UtilisationWindow, DefaultUtilisationWindow)
}

// LapseAfter returns after how long without a sign of life an owner gets no new
// work; negative: never.
func (c *Compiled) LapseAfter() time.Duration {
	return orDefault(c.policy.Presence.LapseAfter, DefaultLapseAfter)
}

// SilentFor returns after how long without a sign of life of its owner the work
// of a channel goes back to its queue, counted in SilentCalendar; negative:
// never.
func (c *Compiled) SilentFor(channel string) time.Duration {
	if ch := c.channels[channel]; ch.SilentFor != 0 {
		return time.Duration(ch.SilentFor)
	}
	return orDefault(c.policy.Presence.SilentFor, DefaultSilentFor)
}

// SilentCalendar returns the calendar that SilentFor counts in.
func (c *Compiled) SilentCalendar() *sla.Schedule {
	return c.calendars[c.policy.Presence.SilentCalendar]
}

func orDefault(d sla.Duration, otherwise time.Duration) time.Duration {
	if d == 0 {
		return otherwise
	}
	return time.Duration(d)
}

// Cost returns what an inquiry of a channel takes of an owner's capacity.
func (c *Compiled) Cost(channel string) int {
	if ch, ok := c.channels[channel]; ok && ch.Cost > 0 {
		return ch.Cost
	}
	return DefaultCost
}

// Plan returns what the policy makes of an inquiry with these facts that
// arrived on a channel and account at an instant, and the plan's id. Nil facts
// mean that nothing is known. Inquiries that are alike share a plan; do not
// change it.
func (c *Compiled) Plan(f *inquiry.Facts, channel, account string, at time.Time) (*inquiry.Plan, inquiry.ID) {
	if f == nil {
		f = &inquiry.Facts{}
	}
	var room scratch
	q := asked{facts: f, channel: channel, account: account, at: at, lead: c.leading(f)}
	q.values = c.known.of(&q, room.values[:0])
	m := c.match(&q, &room)
	s := c.settingsOf(&m)
	language := f.Language
	if *s.AnyLanguage {
		language = ""
	}
	led := c.audiences(s, f)
	trail := m.trailed()
	key := planKey{path: m.path(), trail: strings.Join(trail, "\x00"), language: language, account: account, channel: channel, audiences: audiencesKey(led)}
	if p, ok := c.plans[key]; ok {
		return p.plan, p.id
	}
	p := c.makePlan(&key, trail, s, led)
	id := p.ID()
	c.plans[key] = &planned{p, id}
	return p, id
}

// makePlan lays down what the settings of a match say of the inquiries of a key.
func (c *Compiled) makePlan(of *planKey, trail []string, s *Settings, led *inquiry.Audiences) *inquiry.Plan {
	p := &inquiry.Plan{
		Policy: c.policy.Version, Rule: of.path, Trail: trail, Priority: *s.Priority,
		Requirement: inquiry.Requirement{
			Skills: slices.Clone(s.Skills), Language: of.language, Account: of.account,
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
	c.taking(p, s, of.channel)
	handle, _ := c.Account(of.channel, of.account)
	p.Requirement.Voices, p.SignOff = handle.speaking(s.Voice), handle.SignOff
	p.Arbiter, p.Audiences = s.Arbiter, led
	s.assists(p)
	s.ofChange(p)
	slices.SortFunc(p.Requirement.Skills, func(a, b inquiry.SkillRequirement) int {
		return cmp.Or(cmp.Compare(a.Skill, b.Skill), cmp.Compare(a.Min, b.Min))
	})
	if of.language != "" {
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
