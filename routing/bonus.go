package routing

// morePart is a part of the score that has no weight by default, and is shown
// where it has one.
type morePart struct {
	name string
	of   func(*Parts) int
}

// moreParts are those that an explanation shows.
func (e *Explanation) moreParts() []morePart {
	var out []morePart
	for _, m := range []morePart{
		{"overqualification", func(p *Parts) int { return p.Overqualification }},
		{"bonus", func(p *Parts) int { return p.Bonus }},
	} {
		for i := range e.Owners {
			if s := e.Owners[i].Score; s != nil && m.of(&s.Parts) != 0 {
				out = append(out, m)
				break
			}
		}
	}
	return out
}

// moreLevers raise the parts that have no weight by default.
func (s *Snapshot) moreLevers(c *Candidate) []lever {
	var out []lever
	id, req, w := c.Owner.ID, &s.Plan.Requirement, &s.Plan.Weights
	if w.Overqualification > 0 {
		for _, k := range c.Owner.Skills {
			if to := wanted(req, k.Name); asksSkill(req, k.Name) && k.Level > to {
				out = append(out, lever{n: k.Level - to, form: func(i int) ChangeStep {
					return ChangeStep{Kind: StepLower, Owner: id, Skill: k.Name, To: k.Level - 1 - i}
				}})
			}
		}
	}
	if from := min(Full, max(0, c.Bonus)); w.Bonus > 0 && from < Full {
		out = append(out, lever{n: Full - from, form: func(i int) ChangeStep {
			return ChangeStep{Kind: StepBonus, Owner: id, To: from + 1 + i}
		}})
	}
	return out
}
