package inquiry

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/answerable-go/answerable/sla"
)

// Requirement is what an inquiry asks of an owner.
//
// Its parts are hard or soft. A hard part holds for ever. The account, the
// voices and the authority are always hard; skills, groups, the language and
// the departments are hard unless they are marked as soft. A soft part expires,
// counted from the first attempt to find an owner; then it is dropped and stays
// dropped. It still counts in the score: among those who may have the inquiry
// then, whoever meets it comes first.
type Requirement struct {
	Skills []SkillRequirement `json:"skills,omitempty"`
	// AnyOf are groups of skills; the owner must have at least one skill of each
	// group.
	AnyOf []SkillGroup `json:"any_of,omitempty"`
	// Authority is what the owner must be allowed to decide, such as a refund up to
	// a limit. It is hard.
	Authority []Authority `json:"authority,omitempty"`
	// Language must be one of the owner's; "" asks for none.
	Language     string `json:"language,omitempty"`
	LanguageSoft *Soft  `json:"language_soft,omitempty"`
	// Account must be one through which the owner may speak; "" asks for none. It
	// is hard.
	Account string `json:"account,omitempty"`
	// Voices are who may speak, by the account and by the rule, if they say
	// anything. Each of them must admit the owner. They are hard.
	Voices []Voice `json:"voices,omitempty"`
	// Departments, if any, restrict the search to their members. Skills decide;
	// a rule asks for a department only where it has a reason to.
	Departments     []string `json:"departments,omitempty"`
	DepartmentsSoft *Soft    `json:"departments_soft,omitempty"`
	// Home is the department that answers for the inquiry while it has no owner.
	Home string `json:"home,omitempty"`
}

// SkillRequirement asks for a skill at a level.
type SkillRequirement struct {
	Skill string `json:"skill"`
	Min   int    `json:"min"` // 1 to 5; an owner below it does not qualify
	// Want is the level at which the fit is full, from Min to 5; 0 means Min.
	// Levels above it do not add to the fit, and may cost: see [Weights].
	Want int `json:"want,omitempty"`
	// Soft lets the requirement expire; nil is hard. The same skill may be asked
	// for at several levels, hard at the lowest.
	Soft *Soft `json:"soft,omitempty"`
}

// Wanted returns the level at which the fit is full.
func (r SkillRequirement) Wanted() int { return max(r.Min, r.Want) }

// SkillGroup asks for one skill out of several.
type SkillGroup struct {
	Any  []SkillRequirement `json:"any"` // none of which is soft by itself
	Soft *Soft              `json:"soft,omitempty"`
}

// Authority is something that somebody may decide, or must be allowed to
// decide, up to a limit: refunds up to 200.
type Authority struct {
	Name  string `json:"name"`
	Limit int64  `json:"limit"` // in the unit that the name implies
}

// Soft says when a part of a requirement expires: after a time, or after a
// share of the time to the first deadline. Both count in real time from the
// first attempt to find an owner. Nothing that happens meanwhile turns the
// count back.
type Soft struct {
	After sla.Duration `json:"after,omitempty"` // above 0, unless Share is given
	Share int          `json:"share,omitempty"` // in per cent, 1 to 100, unless After is given
}

// Expires returns when the part expires, given when an owner was first looked
// for, and the first deadline as of then. Zero means never: there was no
// deadline to take a share of.
func (s Soft) Expires(attempt, due time.Time) time.Time {
	switch {
	case s.Share == 0:
		return attempt.Add(s.After.Std())
	case due.IsZero():
		return time.Time{}
	}
	left, share := due.Sub(attempt), time.Duration(s.Share)
	return attempt.Add(max(0, left/100*share+left%100*share/100))
}

// MaxSoftParts is how many soft parts a requirement can have.
const MaxSoftParts = 32

// Part is one of the things that a requirement asks for.
type Part struct {
	// Words are such as "billing at 4" or "the language de". Journals have those of
	// soft parts that were dropped, so these words stay as they are.
	Words string
	Soft  *Soft // when it expires; nil: it is hard
}

// Parts lists what the requirement asks for, in the order of the fields.
func (r *Requirement) Parts() []Part {
	var parts []Part
	add := func(soft *Soft, text string) { parts = append(parts, Part{text, soft}) }
	for _, s := range r.Skills {
		add(s.Soft, s.String())
	}
	for _, g := range r.AnyOf {
		add(g.Soft, g.String())
	}
	for _, a := range r.Authority {
		add(nil, fmt.Sprintf("%s up to %d", a.Name, a.Limit))
	}
	if r.Language != "" || r.LanguageSoft != nil {
		add(r.LanguageSoft, "the language "+r.Language)
	}
	if r.Account != "" || len(r.Voices) > 0 {
		add(nil, r.voiceInWords())
	}
	if len(r.Departments) > 0 || r.DepartmentsSoft != nil {
		add(r.DepartmentsSoft, "a member of "+strings.Join(r.Departments, " or "))
	}
	return parts
}

// SoftPart is a soft part of a requirement.
type SoftPart struct {
	Name string // in words: "billing at 4"
	Soft Soft
}

// SoftParts lists those of the Parts that are soft. A [Relaxed] set refers to
// them by their place in this list.
func (r *Requirement) SoftParts() []SoftPart {
	var soft []SoftPart
	for _, p := range r.Parts() {
		if p.Soft != nil {
			soft = append(soft, SoftPart{p.Words, *p.Soft})
		}
	}
	return soft
}

// String returns the requirement in words: "billing at 4".
func (r SkillRequirement) String() string { return fmt.Sprintf("%s at %d", r.Skill, r.Min) }

// String returns the group in words: "billing at 2 or tax at 3".
func (g SkillGroup) String() string {
	words := make([]string, len(g.Any))
	for i, s := range g.Any {
		words[i] = s.String()
	}
	return strings.Join(words, " or ")
}

// Relaxed is a set of soft parts that were dropped, by their place in
// [Requirement.SoftParts].
type Relaxed uint32

// Has reports whether a part has been dropped.
func (x Relaxed) Has(part int) bool { return x&(1<<part) != 0 }

// Relax returns the requirement without the dropped parts. It shares memory
// with r.
func (r Requirement) Relax(x Relaxed) Requirement {
	if x == 0 {
		return r
	}
	part := -1
	dropped := func(soft *Soft) bool {
		if soft != nil {
			part++
		}
		return soft != nil && x.Has(part)
	}
	r.Skills = slices.DeleteFunc(slices.Clone(r.Skills), func(s SkillRequirement) bool { return dropped(s.Soft) })
	r.AnyOf = slices.DeleteFunc(slices.Clone(r.AnyOf), func(g SkillGroup) bool { return dropped(g.Soft) })
	if dropped(r.LanguageSoft) {
		r.Language, r.LanguageSoft = "", nil
	}
	if dropped(r.DepartmentsSoft) {
		r.Departments, r.DepartmentsSoft = nil, nil
	}
	if len(r.Skills) == 0 {
		r.Skills = nil
	}
	if len(r.AnyOf) == 0 {
		r.AnyOf = nil
	}
	return r
}
