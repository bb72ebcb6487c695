package routing

import (
	"fmt"
	"slices"
	"strings"

	"github.com/answerable-go/answerable/inquiry"
)

// Assist asks for help with an inquiry from the start: once somebody first
// becomes answerable for it, a consultation is opened beside it for somebody
// else who meets what it asks for. The owner stays answerable; see
// [inquiry.Consult].
type Assist struct {
	// Audience is what the author has to be to us, too, without it being the
	// audience that leads. Empty: it is asked for in any case.
	Audience    inquiry.Audience           `json:"audience,omitempty"`
	Skills      []inquiry.SkillRequirement `json:"skills,omitempty"`
	AnyOf       []inquiry.SkillGroup       `json:"any_of,omitempty"`
	Departments []string                   `json:"departments,omitempty"` // the first answers while the duty has no owner
	Consulting
}

// leads is the audience by which an inquiry's rule is found, and what else its
// author is to us.
func (c *Compiled) leads(f *inquiry.Facts) inquiry.Audiences {
	all := slices.Clone(f.Audiences)
	slices.SortStableFunc(all, func(a, b inquiry.Audience) int { return c.precedence(a) - c.precedence(b) })
	out := inquiry.Audiences{Because: inquiry.FirstNamed}
	if len(all) == 0 {
		return out
	}
	out.Leads, out.Beside = all[0], all[1:]
	if c.precedence(all[0]) < len(c.policy.Precedence) {
		out.Because = inquiry.ByPrecedence
	}
	return out
}

// lead is the audience that leads, "" where the author is nothing to us.
func (c *Compiled) lead(f *inquiry.Facts) (leads inquiry.Audience) {
	best := len(c.policy.Precedence) + 1
	for _, a := range f.Audiences {
		if rank := c.precedence(a); rank < best {
			leads, best = a, rank
		}
	}
	return leads
}

// precedence is the place of an audience in the policy's precedence, after the
// last of them if it is not listed.
func (c *Compiled) precedence(a inquiry.Audience) int {
	if i := slices.Index(c.policy.Precedence, a); i >= 0 {
		return i
	}
	return len(c.policy.Precedence)
}

// audiences is the conflict between an author's audiences that a plan lays down:
// nil where there is none, or where neither the policy nor the rule cares.
func (c *Compiled) audiences(s *Settings, f *inquiry.Facts) *inquiry.Audiences {
	if len(f.Audiences) < 2 || len(c.policy.Precedence) == 0 && len(s.Assist) == 0 {
		return nil
	}
	a := c.leads(f)
	return &a
}

// audiencesKey is what a plan depends on of its inquiry's audiences.
func audiencesKey(a *inquiry.Audiences) string {
	if a == nil {
		return ""
	}
	words := []string{string(a.Because), string(a.Leads)}
	for _, b := range a.Beside {
		words = append(words, string(b))
	}
	return strings.Join(words, "\x00")
}

// assists lays down the help that a plan asks for from the start.
func (s *Settings) assists(p *inquiry.Plan) {
	for _, a := range s.Assist {
		if a.Audience != "" && (p.Audiences == nil || !slices.Contains(p.Audiences.Beside, a.Audience)) {
			continue
		}
		terms := consultTerms(a.Consulting, p.Cost)
		terms.Requirement = inquiry.Requirement{
			Skills: slices.Clone(a.Skills), AnyOf: slices.Clone(a.AnyOf), Departments: slices.Clone(a.Departments), Home: p.Requirement.Home,
		}
		sortSkills(terms.Requirement.Skills)
		if len(a.Departments) > 0 {
			terms.Requirement.Home = a.Departments[0]
		}
		p.Assist = append(p.Assist, inquiry.AssistTerms{Audience: a.Audience, Terms: terms})
	}
}

// audiencesText tells which audience leads, and why.
func audiencesText(a *inquiry.Audiences) string {
	names := make([]string, len(a.Beside))
	for i, b := range a.Beside {
		names[i] = string(b)
	}
	why := "which was named first"
	if a.Because == inquiry.ByPrecedence {
		why = "by the policy's precedence"
	}
	return fmt.Sprintf("Its author is several things to us: %s leads, %s, before %s", a.Leads, why, strings.Join(names, ", "))
}

func (k *checker) precedence() {
	seen := map[inquiry.Audience]bool{}
	for i, a := range k.p.Precedence {
		path := fmt.Sprintf("precedence[%d] (%s)", i, a)
		if a == "" {
			k.fault(path, "names no audience")
		}
		if seen[a] {
			k.fault(path, "is listed twice: keep the first")
		}
		seen[a] = true
	}
}

func (k *checker) assists(path string, list []Assist) {
	if len(list) > inquiry.MaxDuties/2 {
		k.fault(path, "asks for help %d times: want at most %d", len(list), inquiry.MaxDuties/2)
	}
	for i, a := range list {
		at := fmt.Sprintf("%s[%d] (%s)", path, i, a.Audience)
		if len(a.Skills)+len(a.AnyOf)+len(a.Departments) == 0 {
			k.fault(at, "asks for nothing: say which skills or departments it takes to help")
		}
		k.asked(at+"/", a.Skills, a.AnyOf, a.Departments)
		k.consulting(at+"/", &a.Consulting)
	}
}

func assistCalendars(p *inquiry.Plan) (names []string) {
	for _, a := range p.Assist {
		names = append(names, a.Terms.Target.Calendar)
	}
	return names
}
