package routing

import (
	"cmp"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// Approval has somebody else look at each reply before it goes out. That is a
// duty of its own beside the inquiry, which goes through the same queues, gates
// and offers, and takes of the approver's capacity. Nobody approves what they
// wrote. The approver needs no voice; the author does.
type Approval struct {
	// None lifts what is inherited: replies go out as they are written. Set
	// nothing else then.
	None        bool                       `json:"none,omitempty"`
	Skills      []inquiry.SkillRequirement `json:"skills,omitempty"`
	AnyOf       []inquiry.SkillGroup       `json:"any_of,omitempty"`
	Authority   []inquiry.Authority        `json:"authority,omitempty"`
	Departments []string                   `json:"departments,omitempty"` // the first answers while the duty has no owner
	Within      sla.Duration               `json:"within,omitempty"`      // by when; default DefaultApproveWithin
	Calendar    string                     `json:"calendar,omitempty"`    // whose open time counts; "" is around the clock
	// Cost is what it takes of the approver's capacity, 1 to MaxCost. Default: half
	// of what the inquiry takes.
	Cost       int                `json:"cost,omitempty"`
	Assignment inquiry.Assignment `json:"assignment,omitempty"` // default: the rule's
}

// DefaultApproveWithin is by when a reply is to be approved where a rule does not say.
const DefaultApproveWithin = 30 * time.Minute

// terms are what the duty to approve asks for beside an inquiry with a plan, nil
// where nobody is asked.
func (a *Approval) terms(p *inquiry.Plan) *inquiry.DutyTerms {
	if a == nil || a.None {
		return nil
	}
	r := inquiry.Requirement{
		Skills: slices.Clone(a.Skills), AnyOf: slices.Clone(a.AnyOf), Authority: slices.Clone(a.Authority), Departments: slices.Clone(a.Departments),
		Language: p.Requirement.Language, LanguageSoft: p.Requirement.LanguageSoft, Home: p.Requirement.Home,
	}
	sortSkills(r.Skills)
	if len(a.Departments) > 0 {
		r.Home = a.Departments[0]
	}
	return &inquiry.DutyTerms{
		Requirement: r, Target: sla.Within(sla.Resolve, cmp.Or(a.Within.Std(), DefaultApproveWithin), a.Calendar),
		Cost: cmp.Or(a.Cost, max(1, p.Cost/2)), Assignment: a.Assignment,
	}
}

func (k *checker) approval(path string, a *Approval) {
	if a == nil {
		return
	}
	asks := len(a.Skills)+len(a.AnyOf)+len(a.Authority)+len(a.Departments) > 0
	switch {
	case a.None && (asks || a.Within != 0 || a.Calendar != "" || a.Cost != 0 || a.Assignment != ""):
		k.fault(path+"/none", "replies go out as they are written, and somebody is to approve them: keep one")
	case !a.None && !asks:
		k.fault(path, "asks for nothing: say which skills, authority or departments it takes to approve")
	}
	k.asked(path+"/", a.Skills, a.AnyOf, a.Departments)
	k.authority(path, a.Authority)
	if a.Within < 0 || a.Within.Std() > sla.Horizon {
		k.fault(path+"/within", "is %s: want above 0 and at most %s, or 0 for the default of %s", a.Within, sla.Duration(sla.Horizon), sla.Duration(DefaultApproveWithin))
	} else {
		k.reaches(path+"/within", a.Calendar, cmp.Or(a.Within.Std(), DefaultApproveWithin))
	}
	k.dutyCost(path+"/", a.Cost, a.Assignment)
}
