package main

import (
	"context"
	"slices"
	"strings"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// explained is one decision in full, with the question that is asked next.
func (s *story) explained(ctx context.Context) error {
	t, e, about, err := s.question()
	if err != nil || t == nil {
		return err
	}
	s.section("One decision in full")
	ms, err := s.engine.Messages(ctx, t.ID)
	if err != nil {
		return err
	}
	if len(ms) > 0 {
		s.say("%s, by %s: %q. It went to %s. Why not to %s?\n\n", clockTime(t.OpenedAt), ms[0].Channel, excerpt(ms[0]), name(e.Owner), name(about))
	}
	x, err := s.engine.ExplainEvent(ctx, e.Seq, about)
	if err != nil {
		return err
	}
	for line := range strings.Lines(x.Text()) {
		s.say("%s", strings.TrimRight("  "+line, " \n")+"\n")
	}
	return nil
}

// question is a decision worth explaining, and somebody who was not chosen. The
// best is one between several owners in which a greater expert was passed over;
// otherwise any with a runner-up, or any at all.
func (s *story) question() (t *tale, e *inquiry.Event, about inquiry.OwnerID, err error) {
	best := 0
	for _, candidate := range s.tales {
		for i := range candidate.events {
			ev := &candidate.events[i]
			d, err := routing.ParseDecision(ev)
			if err != nil {
				return nil, nil, "", err
			}
			if d == nil {
				continue
			}
			who, worth := s.passedOver(d)
			if worth > best {
				t, e, about, best = candidate, ev, who, worth
			}
		}
	}
	return t, e, about, nil
}

// passedOver is the runner-up to ask after, and how much the question is worth:
// more with every owner who could have had it, most for an expert.
func (s *story) passedOver(d *routing.Decision) (who inquiry.OwnerID, worth int) {
	if d.Chosen.Score.Parts.Affinity > 0 || isBot(d.Chosen.Owner) {
		return "", 0 // too plain
	}
	for i, r := range d.RunnersUp {
		w := 1 + len(d.RunnersUp)
		if i == 0 {
			w++
		}
		for _, req := range s.plans[d.Plan].Requirement.Skills {
			if levelOf(r.Owner, req.Skill) > levelOf(d.Chosen.Owner, req.Skill) {
				w += 10
			}
		}
		if w > worth {
			who, worth = r.Owner, w
		}
	}
	if who == "" { // nobody else passed the gates: ask after whoever is next on the roster
		for i := range owners {
			if owners[i].ID != d.Chosen.Owner && !owners[i].Bot {
				return owners[i].ID, 1
			}
		}
	}
	return who, worth
}

func isBot(id inquiry.OwnerID) bool {
	return slices.ContainsFunc(owners, func(o inquiry.Owner) bool { return o.ID == id && o.Bot })
}

func levelOf(id inquiry.OwnerID, skill string) int {
	for i := range owners {
		if owners[i].ID == id {
			return owners[i].Level(skill)
		}
	}
	return 0
}
