package routing

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// Acknowledging gives the acknowledging of an inquiry to somebody else than the
// resolving. It is a duty of its own beside the inquiry, from its routing until
// somebody has acknowledged or answered. Its owner must speak the customer's
// language and be allowed to speak through our account, as the inquiry's owner
// must.
type Acknowledging struct {
	// Same lifts what is inherited: whoever has the inquiry acknowledges it. Set
	// nothing else then.
	Same        bool                       `json:"same,omitempty"`
	Skills      []inquiry.SkillRequirement `json:"skills,omitempty"`
	AnyOf       []inquiry.SkillGroup       `json:"any_of,omitempty"`
	Departments []string                   `json:"departments,omitempty"` // the first answers while the duty has no owner
	// Target is by when, of the kind acknowledge. Default: the rule's own
	// acknowledge target, or else as much time as it has to resolve.
	Target *sla.Target `json:"target,omitempty"`
	// Cost is what it takes of its owner's capacity, 1 to MaxCost. Default: the channel's.
	Cost       int                `json:"cost,omitempty"`
	Assignment inquiry.Assignment `json:"assignment,omitempty"` // default: the rule's
}

// Consulting says what help with an inquiry takes.
type Consulting struct {
	Within   sla.Duration `json:"within,omitempty"`   // by when; default DefaultConsultWithin
	Calendar string       `json:"calendar,omitempty"` // whose open time counts; "" is around the clock
	// Cost is what it takes of the helper's capacity, 1 to MaxCost. Default: half
	// of what the inquiry takes.
	Cost       int                `json:"cost,omitempty"`
	Assignment inquiry.Assignment `json:"assignment,omitempty"` // default: by offer
}

// DefaultConsultWithin is by when help is expected where a rule does not say.
const DefaultConsultWithin = time.Hour

// ConsultTerms returns what help with an inquiry takes, by its plan. Whoever
// asks for help adds the requirement.
func ConsultTerms(p *inquiry.Plan) inquiry.DutyTerms {
	if p.Consult != nil {
		return *p.Consult
	}
	return consultTerms(Consulting{}, p.Cost)
}

func consultTerms(c Consulting, cost int) inquiry.DutyTerms {
	return inquiry.DutyTerms{
		Target:     sla.Within(sla.Resolve, cmp.Or(c.Within, sla.Duration(DefaultConsultWithin)).Std(), c.Calendar),
		Cost:       cmp.Or(c.Cost, max(1, cost/2)),
		Assignment: cmp.Or(c.Assignment, inquiry.ByOffer),
	}
}

// duties lays down what a plan says of the duties beside its inquiry.
func (s *Settings) duties(p *inquiry.Plan) {
	if a := s.Acknowledge; a != nil && !a.Same {
		r := inquiry.Requirement{
			Skills: slices.Clone(a.Skills), AnyOf: slices.Clone(a.AnyOf), Departments: slices.Clone(a.Departments),
			Language: p.Requirement.Language, LanguageSoft: p.Requirement.LanguageSoft, Account: p.Requirement.Account, Voices: p.Requirement.Voices, Home: p.Requirement.Home,
		}
		sortSkills(r.Skills)
		if len(a.Departments) > 0 {
			r.Home = a.Departments[0]
		}
		p.Acknowledge = &inquiry.DutyTerms{Requirement: r, Target: acknowledgeTarget(a, p), Cost: cmp.Or(a.Cost, p.Cost), Assignment: a.Assignment}
	}
	p.Approve = s.Approval.terms(p)
	if c := s.Consult; c != nil {
		terms := consultTerms(*c, p.Cost)
		p.Consult = &terms
	}
	if h := s.Handoffs; h != nil {
		terms, own := *h, DefaultHandoffs()
		terms.Within, terms.Warn, terms.Max = cmp.Or(h.Within, own.Within), cmp.Or(h.Warn, own.Warn), cmp.Or(h.Max, own.Max)
		terms.Arbiter = cmp.Or(h.Arbiter, own.Arbiter)
		p.Handoffs = &terms
	}
}

// DefaultHandoffs gives a hand-off a quarter of an hour, tells the lead from
// the second one on, and has the lead settle the fourth and any that goes back.
func DefaultHandoffs() inquiry.Handoffs {
	return inquiry.Handoffs{Within: sla.Duration(15 * time.Minute), Warn: 2, Max: 3, Arbiter: sla.Lead}
}

// HandoffTerms returns the rules for handing an inquiry on, by its plan.
func HandoffTerms(p *inquiry.Plan) inquiry.Handoffs {
	if p.Handoffs != nil {
		return *p.Handoffs
	}
	return DefaultHandoffs()
}

// acknowledgeTarget is by when somebody has to acknowledge whose duty that is.
func acknowledgeTarget(a *Acknowledging, p *inquiry.Plan) sla.Target {
	if a.Target != nil {
		return *a.Target
	}
	if t, ok := p.Target(sla.Acknowledge); ok {
		return t
	}
	t, _ := p.Target(sla.Resolve)
	return sla.Target{Kind: sla.Acknowledge, Within: t.Within, Calendar: t.Calendar, Tiers: t.Tiers}
}

func sortSkills(skills []inquiry.SkillRequirement) {
	slices.SortFunc(skills, func(a, b inquiry.SkillRequirement) int {
		return cmp.Or(cmp.Compare(a.Skill, b.Skill), cmp.Compare(a.Min, b.Min))
	})
}

// calendars are those that the duties of a plan count with.
func dutyCalendars(p *inquiry.Plan) (names []string) {
	for _, t := range []*inquiry.DutyTerms{p.Acknowledge, p.Consult, p.Approve} {
		if t != nil {
			names = append(names, t.Target.Calendar)
		}
	}
	return names
}

// CheckAsked checks the skills and departments that a consultation or a
// hand-off asks for against the policy. The error names everything that is
// wrong with them.
func (c *Compiled) CheckAsked(skills []inquiry.SkillRequirement, departments []string) error {
	k := &checker{p: &c.policy}
	k.asked("", skills, nil, departments)
	var out []error
	for _, f := range Faults(k.found.ErrorOrNil()) {
		out = append(out, errors.New(f.Path+": "+f.Problem))
	}
	return errors.Join(out...)
}

// asked checks a requirement that is not a rule's own.
func (k *checker) asked(path string, skills []inquiry.SkillRequirement, groups []inquiry.SkillGroup, departments []string) {
	k.skills(path+"skills", skills)
	k.groups(path+"any_of", groups)
	if parts := len((&inquiry.Requirement{Skills: skills, AnyOf: groups}).SoftParts()) + 2; parts > inquiry.MaxSoftParts {
		k.fault(path+"skills", "has %d soft parts with language and departments: want at most %d", parts, inquiry.MaxSoftParts)
	}
	for _, d := range departments {
		k.department(path+"departments", d)
	}
}

func (k *checker) duties(path string, s *Settings) {
	if a := s.Acknowledge; a != nil {
		at := path + "/acknowledge/"
		k.asked(at, a.Skills, a.AnyOf, a.Departments)
		if a.Same && (len(a.Skills)+len(a.AnyOf)+len(a.Departments) > 0 || a.Target != nil || a.Cost != 0 || a.Assignment != "") {
			k.fault(at+"same", "whoever has the inquiry acknowledges it, and something is asked of somebody else: keep one")
		}
		if t := a.Target; t != nil {
			if t.Kind != sla.Acknowledge {
				k.fault(at+"target/kind", "is %q: want %s", t.Kind, sla.Acknowledge)
			}
			k.wrap(at+"target", t.Validate())
			k.reaches(at+"target", t.Calendar, t.Longest())
		}
		k.dutyCost(at, a.Cost, a.Assignment)
	}
	if c := s.Consult; c != nil {
		k.consulting(path+"/consult/", c)
	}
	if h := s.Handoffs; h != nil {
		k.handoffs(path+"/handoffs/", h)
	}
}

func (k *checker) handoffs(at string, h *inquiry.Handoffs) {
	if h.Within < 0 || h.Within.Std() > sla.Horizon {
		k.fault(at+"within", "is %s: want above 0 and at most %s, or 0 for the default of %s", h.Within, sla.Duration(sla.Horizon), DefaultHandoffs().Within)
	}
	for _, n := range []struct {
		name string
		n    int
	}{{"warn", h.Warn}, {"max", h.Max}} {
		if n.n < -1 || n.n > inquiry.MaxRoute {
			k.fault(at+n.name, "is %d: want 1 to %d, -1 for never, or 0 for the default", n.n, inquiry.MaxRoute)
		}
	}
	named := false
	switch h.Arbiter {
	case "", sla.Lead, sla.Sink:
	case sla.OnCall:
		if named = true; !slices.ContainsFunc(k.p.Rotations, func(r sla.Rotation) bool { return r.Name == h.Name }) {
			k.fault(at+"name", "there is no rotation %q: declare it under rotations", h.Name)
		}
	case sla.Role:
		if named = true; !slices.ContainsFunc(k.p.Roles, func(r Role) bool { return r.Name == h.Name }) {
			k.fault(at+"name", "there is no role %q: declare it under roles", h.Name)
		}
	default:
		k.fault(at+"arbiter", "is %q: want %s, %s, %s or %s", h.Arbiter, sla.Lead, sla.OnCall, sla.Role, sla.Sink)
	}
	if !named && h.Name != "" {
		k.fault(at+"name", "is %q: only a rotation or a role has a name", h.Name)
	}
}

func (k *checker) consulting(at string, c *Consulting) {
	if c.Within < 0 || c.Within.Std() > sla.Horizon {
		k.fault(at+"within", "is %s: want above 0 and at most %s, or 0 for the default of %s", c.Within, sla.Duration(sla.Horizon), sla.Duration(DefaultConsultWithin))
	} else {
		k.reaches(at+"within", c.Calendar, cmp.Or(c.Within.Std(), DefaultConsultWithin))
	}
	k.dutyCost(at, c.Cost, c.Assignment)
}

func (k *checker) dutyCost(at string, cost int, by inquiry.Assignment) {
	if cost < 0 || cost > MaxCost {
		k.fault(at+"cost", "is %d: want 1 to %d, or 0 for the default", cost, MaxCost)
	}
	if !slices.Contains([]inquiry.Assignment{"", inquiry.ByOffer, inquiry.Directly, inquiry.ByPull}, by) {
		k.fault(at+"assignment", "is %q: want %s, %s or %s", by, inquiry.ByOffer, inquiry.Directly, inquiry.ByPull)
	}
}
