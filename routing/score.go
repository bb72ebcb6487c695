package routing

import (
	"slices"
	"strings"
	"time"

	"github.com/answerable-go/answerable/inquiry"
)

// Full is the highest value of each part of a score.
const Full = 999

// Parts are the parts of an owner's score for an inquiry. Each is an integer
// from 0 to [Full]; higher is better.
type Parts struct {
	// Affinity is Full for the owner whom the customer had before, else 0.
	Affinity int `json:"affinity,omitempty"`
	// Fit says how near the owner's levels come to the wanted ones. It is the
	// average over the skills asked for, the groups (the best skill of each), and
	// whatever else is soft, dropped or not. Levels above the wanted one add
	// nothing.
	Fit int `json:"fit"`
	// Scarcity keeps generalists free: Full divided by one more than the number of
	// the owner's skills that were not asked for.
	Scarcity int `json:"scarcity"`
	// Utilisation is Full minus the share of their capacity that was used lately.
	Utilisation int `json:"utilisation"`
	// Idle grows by one for every ten seconds since they last got or ended work.
	Idle int `json:"idle"`
	// Overqualification is Full minus what levels above the wanted ones cost. Each
	// such level of a skill that is asked for costs a quarter of Full; of a group,
	// the cheapest skill that meets it counts. The cost is averaged over skills and
	// groups. It is 0 if it has no weight.
	Overqualification int `json:"overqualification,omitempty"`
	// Bonus is what the host's scorer gave the owner for the inquiry. It is 0 if it
	// has no weight.
	Bonus int `json:"bonus,omitempty"`
}

// Score is an owner's score: the sum of the parts by their weights.
type Score struct {
	Total int64 `json:"total"`
	Parts Parts `json:"parts"`
}

// ScoreOf returns the score of an owner who passes the gates. previous says
// whether the customer had them before.
func ScoreOf(w *inquiry.Weights, req *inquiry.Requirement, c *Candidate, previous bool, now time.Time) Score {
	return SuitOf(w, req, c.Owner).Score(w, c, previous, now)
}

// Suit are the parts of an owner's score that depend only on the owner's data,
// the requirement and the weights, so that they can be kept.
type Suit struct{ Fit, Scarcity, Overqualification int16 }

// SuitOf returns how well an owner suits a requirement.
func SuitOf(w *inquiry.Weights, req *inquiry.Requirement, o *inquiry.Owner) Suit {
	s := Suit{Fit: Full}
	if sum, n := fit(req, o); n > 0 {
		s.Fit = int16(sum / n)
	}
	unasked := 0
	for _, k := range o.Skills {
		if !asksSkill(req, k.Name) {
			unasked++
		}
	}
	s.Scarcity = int16(Full / (1 + unasked))
	if w.Overqualification > 0 {
		s.Overqualification = int16(Full - excess(req, o))
	}
	return s
}

// Score returns the whole score, given the suit and how the owner stands now.
// previous says whether the customer had them before.
func (s Suit) Score(w *inquiry.Weights, c *Candidate, previous bool, now time.Time) Score {
	p := s.parts()
	p.Utilisation, p.Idle = UtilisationPart(c.Utilisation), IdlePart(c.IdleSince, now)
	if previous {
		p.Affinity = Full
	}
	if w.Bonus > 0 {
		p.Bonus = min(Full, max(0, c.Bonus))
	}
	return Score{Total: total(w, p), Parts: p}
}

// Total returns what the parts of the suit count by the weights.
func (s Suit) Total(w *inquiry.Weights) int64 { return total(w, s.parts()) }

func (s Suit) parts() Parts {
	return Parts{Fit: int(s.Fit), Scarcity: int(s.Scarcity), Overqualification: int(s.Overqualification)}
}

// UtilisationPart returns the utilisation part of the score, given the share of
// the capacity used lately, 0 to 999. It changes when the owner's load does.
func UtilisationPart(utilisation int) int { return Full - min(Full, max(0, utilisation)) }

// IdleStep is after how long without work the idle part of the score grows by
// one.
const IdleStep = 10 * time.Second

// IdlePart returns the idle part of the score of an owner who last got or ended
// work at an instant. It grows as time passes.
func IdlePart(since, now time.Time) int {
	idle := now.Sub(since)
	if idle <= 0 {
		return 0
	}
	return int(min(Full, idle/IdleStep))
}

// fit is how well an owner suits a requirement, as the sum of so many values
// from 0 to Full.
func fit(req *inquiry.Requirement, o *inquiry.Owner) (sum, n int) {
	near := func(s *inquiry.SkillRequirement) int {
		wanted := max(inquiry.MinLevel, s.Wanted())
		return Full * min(o.Level(s.Skill), wanted) / wanted
	}
	for i := range req.Skills {
		sum, n = sum+near(&req.Skills[i]), n+1
	}
	for _, g := range req.AnyOf {
		best := 0
		for i := range g.Any {
			best = max(best, near(&g.Any[i]))
		}
		sum, n = sum+best, n+1
	}
	if req.LanguageSoft != nil {
		if n++; o.Speaks(req.Language) {
			sum += Full
		}
	}
	if req.DepartmentsSoft != nil {
		if n++; slices.ContainsFunc(req.Departments, o.In) {
			sum += Full
		}
	}
	return sum, n
}

// excess is how far an owner's levels lie above those wanted, from 0 to Full:
// the average over the skills and groups that are asked for.
func excess(req *inquiry.Requirement, o *inquiry.Owner) int {
	const level = Full / (inquiry.MaxLevel - inquiry.MinLevel)
	over := func(skill string) int {
		return level * max(0, o.Level(skill)-max(inquiry.MinLevel, wanted(req, skill)))
	}
	sum, n := 0, 0
	for i := range req.Skills {
		sum, n = sum+over(req.Skills[i].Skill), n+1
	}
	for _, g := range req.AnyOf {
		least, met := 0, false
		for _, r := range g.Any {
			if o.Level(r.Skill) < r.Min {
				continue
			}
			if cost := over(r.Skill); !met || cost < least {
				least, met = cost, true
			}
		}
		sum, n = sum+least, n+1
	}
	if n == 0 {
		return 0
	}
	return sum / n
}

// asksSkill reports whether a requirement asks for a skill, in whatever way.
func asksSkill(req *inquiry.Requirement, skill string) bool {
	named := func(s inquiry.SkillRequirement) bool { return s.Skill == skill }
	return slices.ContainsFunc(req.Skills, named) ||
		slices.ContainsFunc(req.AnyOf, func(g inquiry.SkillGroup) bool { return slices.ContainsFunc(g.Any, named) }) ||
		slices.Contains(voiceSkills(req), skill)
}

func total(w *inquiry.Weights, p Parts) int64 {
	return w.Affinity*int64(p.Affinity) + w.Fit*int64(p.Fit) + w.Scarcity*int64(p.Scarcity) +
		w.Utilisation*int64(p.Utilisation) + w.Idle*int64(p.Idle) +
		w.Overqualification*int64(p.Overqualification) + w.Bonus*int64(p.Bonus)
}

// Better reports whether a outranks b: by score, then by who has been idle for
// longer, then by the lesser id. It is a total order, so the same inputs give
// the same owner everywhere.
func Better(a Score, ca *Candidate, b Score, cb *Candidate) bool {
	return Rank{a.Total, ca.IdleSince, ca.Owner.ID}.Better(Rank{b.Total, cb.IdleSince, cb.Owner.ID})
}

// Rank is what owners are ranked by.
type Rank struct {
	Total     int64 // of the score
	IdleSince time.Time
	Owner     inquiry.OwnerID
}

// Better reports whether a outranks b, as the function [Better] does.
func (a Rank) Better(b Rank) bool {
	if a.Total != b.Total {
		return a.Total > b.Total
	}
	if !a.IdleSince.Equal(b.IdleSince) {
		return a.IdleSince.Before(b.IdleSince)
	}
	return strings.Compare(string(a.Owner), string(b.Owner)) < 0
}
