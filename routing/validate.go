package routing

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/go-multierror"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/errorlist"
	"github.com/answerable-go/answerable/sla"
)

// Fault is one thing that is wrong with a policy: where, and what to do about
// it.
type Fault struct {
	Path    string // such as rules[2] (press)/targets
	Problem string
}

// Error says where and what.
func (f *Fault) Error() string { return "policy: " + f.Path + ": " + f.Problem }

// Faults returns all faults that an error of [Policy.Validate] or [Compile]
// lists, even if a caller wrapped it. It returns nil for other errors.
func Faults(err error) []*Fault { return errorlist.Find[*Fault](err) }

type checker struct {
	p     *Policy
	found *multierror.Error
}

func (k *checker) fault(path, format string, args ...any) {
	k.found = multierror.Append(k.found, &Fault{path, fmt.Sprintf(format, args...)})
}

func (k *checker) wrap(path string, err error) {
	if err == nil {
		return
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			k.wrap(path, e)
		}
		return
	}
	k.fault(path, "%s", err)
}

// Validate lists every fault of the policy at once; see [Faults].
func (p Policy) Validate() error {
	k := &checker{p: &p}
	if p.Sink == "" {
		k.fault("sink", "no owner named: every ladder ends at the sink, name who answers when nobody else does")
	}
	if n := len(p.Sink); n > inquiry.MaxName {
		k.fault("sink", "has %d bytes: want at most %d", n, inquiry.MaxName)
	}
	k.calendars()
	k.departments()
	k.rotations()
	k.roles()
	k.channels()
	k.accounts()
	k.precedence()
	k.rate("limits/engine", p.Limits.Engine)
	k.rate("limits/owner", p.Limits.Owner)
	k.ramp("presence/ramp", p.Presence.Ramp)
	if d := p.Presence.BeginBefore; d < 0 {
		k.fault("presence/begin_before", "is %s: want 0 (up to the end of the shift) or more", d)
	}
	k.rate("limits/account", p.Limits.Account)
	k.rate("limits/channel", p.Limits.Channel)
	k.accountLimits()
	if c := p.Presence.SilentCalendar; c != "" {
		k.calendar("presence/silent_calendar", c)
	}
	if p.ReviewAfter < 0 {
		k.fault("review_after", "is %s: want above 0, what is set aside must be looked at", p.ReviewAfter)
	}
	if w := p.UtilisationWindow.Std(); w != 0 && (w < time.Minute || w > 31*24*time.Hour) {
		k.fault("utilisation_window", "is %s: want 1m to 744h, or 0 for the default of %s", p.UtilisationWindow, sla.Duration(DefaultUtilisationWindow))
	}
	if !slices.Contains([]inquiry.Order{"", inquiry.ByDeadline, inquiry.ByRatio, inquiry.ByCost, inquiry.ByPriority, inquiry.ByArrival}, p.Order) {
		k.fault("order", "is %q: want %s, %s, %s, %s or %s", p.Order, inquiry.ByDeadline, inquiry.ByRatio, inquiry.ByCost, inquiry.ByPriority, inquiry.ByArrival)
	}
	k.settings("default", p.Default)
	if !slices.ContainsFunc(p.Default.Targets, func(t sla.Target) bool { return t.Kind == sla.Resolve }) {
		k.fault("default/targets", "there is no %s target: without one an inquiry could wait for ever; add one, such as resolve within 8h", sla.Resolve)
	}
	k.rules("", p.Rules)
	k.triage()
	if k.found != nil {
		k.found.ErrorFormat = errorlist.Lines("")
	}
	return k.found.ErrorOrNil()
}

// named is the path of one of a list's items. It checks that the item has a name,
// which no other has.
func (k *checker) named(list string, i int, name string, seen map[string]bool) (path string) {
	path = fmt.Sprintf("%s[%d] (%s)", list, i, name)
	if name == "" {
		k.fault(path, "has no name: give it one of its own")
	}
	if n := len(name); n > inquiry.MaxName {
		k.fault(fmt.Sprintf("%s[%d]", list, i), "has a name of %d bytes: want at most %d", n, inquiry.MaxName)
	}
	if seen[name] {
		k.fault(path, "has a name that is taken: keep one, or give each a name of its own")
	}
	seen[name] = true
	return path
}

func (k *checker) calendars() {
	seen := map[string]bool{}
	for i, c := range k.p.Calendars {
		path := k.named("calendars", i, c.Name, seen)
		k.wrap(path, c.Validate())
	}
}

func (k *checker) departments() {
	seen := map[string]bool{}
	for i, d := range k.p.Departments {
		path := k.named("departments", i, d.Name, seen)
		k.rate(path+"/limit", d.Limit)
	}
}

func (k *checker) rotations() {
	seen := map[string]bool{}
	for i, r := range k.p.Rotations {
		path := k.named("rotations", i, r.Name, seen)
		k.wrap(path, r.Validate())
	}
}

func (k *checker) roles() {
	seen := map[string]bool{}
	for i, r := range k.p.Roles {
		path := k.named("roles", i, r.Name, seen)
		if len(r.Owners) == 0 {
			k.fault(path+"/owners", "is empty: name at least one owner who holds it")
		}
		for j, o := range r.Owners {
			if o == "" {
				k.fault(fmt.Sprintf("%s/owners[%d]", path, j), "names no owner")
			}
		}
	}
}

// ladder checks what a ladder refers to.
func (k *checker) ladder(path string, l *sla.Ladder) {
	k.wrap(path, l.Validate())
	for i, v := range l.Levels {
		at := fmt.Sprintf("%s/levels[%d]", path, i)
		k.party(at, inquiry.Party{To: v.To, Name: v.Name})
		k.reaches(at, v.Calendar, time.Duration(l.Stretch(v.After, -1)))
	}
}

// party checks that whom somebody is to turn to exists.
func (k *checker) party(path string, p inquiry.Party) {
	switch {
	case p.To == sla.OnCall && p.Name != "" && !slices.ContainsFunc(k.p.Rotations, func(r sla.Rotation) bool { return r.Name == p.Name }):
		k.fault(path+"/name", "there is no rotation %q: declare it under rotations", p.Name)
	case p.To == sla.Role && p.Name != "" && !slices.ContainsFunc(k.p.Roles, func(r Role) bool { return r.Name == p.Name }):
		k.fault(path+"/name", "there is no role %q: declare it under roles", p.Name)
	}
}

// reaches checks that a calendar exists and has so much open time.
func (k *checker) reaches(path, calendar string, d time.Duration) {
	if calendar == "" {
		return
	}
	i := slices.IndexFunc(k.p.Calendars, func(c sla.Calendar) bool { return c.Name == calendar })
	if i < 0 {
		k.calendar(path+"/calendar", calendar)
		return
	}
	if s, err := k.p.Calendars[i].Compile(); err == nil && d > 0 {
		if err := s.Reaches(d); err != nil {
			k.fault(path, "%s: shorten it or open the calendar", err)
		}
	}
}

func (k *checker) channels() {
	seen := map[string]bool{}
	for i, c := range k.p.Channels {
		path := k.named("channels", i, c.Name, seen)
		if c.Cost < 0 || c.Cost > MaxCost {
			k.fault(path+"/cost", "is %d: want 1 to %d, or 0 for the default of %d", c.Cost, MaxCost, DefaultCost)
		}
		k.taking(path, &c)
		k.rate(path+"/limit", c.Limit)
	}
}

func (k *checker) accountLimits() {
	seen := map[string]bool{}
	for i, a := range k.p.Limits.Accounts {
		path := k.named("limits/accounts", i, a.Account, seen)
		if a.Limit == nil {
			k.fault(path+"/limit", "is missing: set a rate, or leave the account out")
		}
		k.rate(path+"/limit", a.Limit)
	}
}

func (k *checker) rate(path string, r *Rate) {
	if r == nil {
		return
	}
	if r.Events < 1 {
		k.fault(path+"/events", "is %d: want 1 or more, or leave the limit out", r.Events)
	}
	if r.Per <= 0 {
		k.fault(path+"/per", "is %s: want above 0, such as 1m", r.Per)
	}
	if r.Burst < 1 {
		k.fault(path+"/burst", "is %d: want 1 or more, otherwise nothing is ever dispatched", r.Burst)
	}
}

func (k *checker) calendar(path, name string) {
	if !slices.ContainsFunc(k.p.Calendars, func(c sla.Calendar) bool { return c.Name == name }) {
		k.fault(path, "there is no calendar %q: declare it under calendars", name)
	}
}

func (k *checker) department(path, name string) {
	if !slices.ContainsFunc(k.p.Departments, func(d Department) bool { return d.Name == name }) {
		k.fault(path, "there is no department %q: declare it under departments", name)
	}
}

func (k *checker) rules(prefix string, rules []Rule) {
	seen := map[string]bool{}
	for i, r := range rules {
		path := fmt.Sprintf("%srules[%d] (%s)", prefix, i, r.Name)
		switch {
		case r.Name == "":
			k.fault(path, "has no name: decisions are explained by it")
		case seen[r.Name]:
			k.fault(path, "a rule beside it has the same name: give each its own")
		case prefix == "" && r.Name == DefaultRule:
			k.fault(path, "the name %s is the default rule's", DefaultRule)
		case strings.ContainsAny(r.Name, "/\x00"):
			k.fault(path, "has a slash in its name: that separates a rule from those within it")
		}
		seen[r.Name] = true
		k.match(path+"/match", &r.Match)
		k.settings(path, r.Settings)
		k.rules(path+"/", r.Rules)
	}
}

func (k *checker) match(path string, m *Match) {
	if m.During != "" {
		k.calendar(path+"/during", m.During)
	}
	if m.Outside != "" {
		k.calendar(path+"/outside", m.Outside)
	}
	if m.During != "" && m.During == m.Outside {
		k.fault(path+"/outside", "is %q, as during is: the rule can never match", m.Outside)
	}
	for _, l := range m.NoLabel {
		if slices.Contains(m.Labels, l) {
			k.fault(path+"/no_label", "has %q, as labels has: the rule can never match", l)
		}
	}
	if m.MinReach < 0 {
		k.fault(path+"/min_reach", "is %d: want 0 or more", m.MinReach)
	}
}

func (k *checker) settings(path string, s Settings) {
	k.skills(path+"/skills", s.Skills)
	k.groups(path+"/any_of", s.AnyOf)
	k.duties(path, &s)
	k.assists(path+"/assist", s.Assist)
	k.approval(path+"/approval", s.Approval)
	k.authority(path, s.Authority)
	k.voice(path+"/voice", s.Voice)
	k.arbiter(path+"/arbiter", s.Arbiter)
	k.soft(path+"/language_soft", s.LanguageSoft)
	k.soft(path+"/departments_soft", s.DepartmentsSoft)
	if parts := len((&inquiry.Requirement{Skills: s.Skills, AnyOf: s.AnyOf}).SoftParts()) + 2; parts > inquiry.MaxSoftParts {
		k.fault(path, "has %d soft parts with language and departments: want at most %d", parts, inquiry.MaxSoftParts)
	}
	for _, d := range s.Departments {
		k.department(path+"/departments", d)
	}
	if s.Home != "" {
		k.department(path+"/home", s.Home)
	}
	if p := s.Priority; p != nil && (*p < -MaxPriority || *p > MaxPriority) {
		k.fault(path+"/priority", "is %d: want %d to %d", *p, -MaxPriority, MaxPriority)
	}
	if s.DelayCost < 0 || s.DelayCost > MaxCost {
		k.fault(path+"/delay_cost", "is %d: want 1 to %d, or 0 to inherit", s.DelayCost, MaxCost)
	}
	k.changing(path, &s)
	k.targets(path, s.Targets)
	if s.Ladder != nil {
		k.ladder(path+"/ladder", s.Ladder)
	}
	if !slices.Contains([]inquiry.Assignment{"", inquiry.ByOffer, inquiry.Directly, inquiry.ByPull}, s.Assignment) {
		k.fault(path+"/assignment", "is %q: want %s, %s or %s", s.Assignment, inquiry.ByOffer, inquiry.Directly, inquiry.ByPull)
	}
	k.offers(path, &s)
	k.fates(path, &s)
	if w := s.Weights; w != nil {
		for _, v := range []struct {
			name string
			v    int64
		}{{"affinity", w.Affinity}, {"fit", w.Fit}, {"scarcity", w.Scarcity}, {"utilisation", w.Utilisation}, {"idle", w.Idle}, {"overqualification", w.Overqualification}, {"bonus", w.Bonus}} {
			if v.v < 0 || v.v > inquiry.MaxWeight {
				k.fault(path+"/weights/"+v.name, "is %d: want 0 to %d", v.v, int64(inquiry.MaxWeight))
			}
		}
	}
	for _, d := range []struct {
		name string
		d    sla.Duration
	}{
		{"offer_for", s.OfferFor},
		{"handling", s.Handling},
		{"decline_for", s.DeclineFor},
		{"expire_for", s.ExpireFor},
		{"undelivered_for", s.UndeliveredFor},
		{"release_for", s.ReleaseFor},
		{"sole_for", s.SoleFor},
		{"confirm_for", s.ConfirmFor},
		{"unconfirmed_for", s.UnconfirmedFor},
		{"hold_for", s.HoldFor},
		{"await_for", s.AwaitFor},
		{"reopen_for", s.ReopenFor},
		{"wrap_up", s.WrapUp},
		{"begin_before", s.BeginBefore},
	} {
		if d.d < 0 {
			k.fault(path+"/"+d.name, "is %s: want 0 (inherit) or more", d.d)
		}
	}
}

// authority checks what somebody has to be allowed to decide.
func (k *checker) authority(path string, list []inquiry.Authority) {
	seen := map[string]bool{}
	for i, a := range list {
		at := fmt.Sprintf("%s/authority[%d] (%s)", path, i, a.Name)
		if a.Name == "" {
			k.fault(at, "has no name")
		}
		if seen[a.Name] {
			k.fault(at, "is asked for twice: keep one")
		}
		seen[a.Name] = true
	}
}

// groups checks groups of skills to choose from.
func (k *checker) groups(path string, groups []inquiry.SkillGroup) {
	for i, g := range groups {
		at := fmt.Sprintf("%s[%d]", path, i)
		if len(g.Any) < 2 {
			k.fault(at, "has %d skills to choose from: want two or more, or ask for the skill itself", len(g.Any))
		}
		k.skills(at+"/any", g.Any)
		for j, r := range g.Any {
			if r.Soft != nil {
				k.fault(fmt.Sprintf("%s/any[%d] (%s)/soft", at, j, r.Skill), "only the group as a whole expires: set soft beside any")
			}
		}
		k.soft(at, g.Soft)
	}
}

// skills checks a list of skills. One may be there at several levels, hard at
// the lowest.
func (k *checker) skills(path string, skills []inquiry.SkillRequirement) {
	for i, r := range skills {
		at := fmt.Sprintf("%s[%d] (%s)", path, i, r.Skill)
		if r.Skill == "" {
			k.fault(at, "names no skill")
		}
		for _, o := range skills[:i] {
			low, high := o, r
			if high.Min < low.Min {
				low, high = high, low
			}
			switch {
			case o.Skill != r.Skill:
			case o.Min == r.Min || o.Soft == nil && r.Soft == nil:
				k.fault(at, "is asked for twice: keep one")
			case high.Soft == nil:
				k.fault(at, "is asked for at %d for ever and at %d for some time: keep the first", high.Min, low.Min)
			}
		}
		if r.Min < inquiry.MinLevel || r.Min > inquiry.MaxLevel {
			k.fault(at+"/min", "is %d: want %d to %d", r.Min, inquiry.MinLevel, inquiry.MaxLevel)
		}
		if r.Want != 0 && (r.Want < r.Min || r.Want > inquiry.MaxLevel) {
			k.fault(at+"/want", "is %d: want %d to %d, or 0 for the minimum", r.Want, r.Min, inquiry.MaxLevel)
		}
		k.soft(at, r.Soft)
	}
}

func (k *checker) soft(path string, s *inquiry.Soft) {
	switch {
	case s == nil:
	case s.Share == 0 && s.After <= 0:
		k.fault(path, "expires after %s: want a time above 0, or a share", s.After)
	case s.Share != 0 && s.After != 0:
		k.fault(path, "expires after %s and after %d %%: keep one", s.After, s.Share)
	case s.Share < 0 || s.Share > 100:
		k.fault(path, "expires after %d %% of the time to the deadline: want 1 to 100", s.Share)
	}
}

func (k *checker) targets(path string, targets []sla.Target) {
	seen := map[sla.Kind]bool{}
	for i, t := range targets {
		at := fmt.Sprintf("%s/targets[%d] (%s)", path, i, t.Kind)
		if seen[t.Kind] {
			k.fault(at, "is set twice: keep one")
		}
		seen[t.Kind] = true
		k.wrap(at, t.Validate())
		k.reaches(at, t.Calendar, t.Longest())
	}
}
