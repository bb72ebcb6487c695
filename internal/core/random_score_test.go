package core

import (
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// scoredAndLimited gives a random policy limits of channels and accounts,
// weights of the parts of the score that have none by default, and a window.
func scoredAndLimited(p *routing.Policy, n int) {
	p.Limits.Channel = &routing.Rate{Events: 9 - n, Per: minutes(1), Burst: 5}
	p.Limits.Account = &routing.Rate{Events: 12, Per: minutes(1 + n), Burst: 6}
	p.Limits.Accounts = []routing.AccountLimit{{Account: "@acme", Limit: &routing.Rate{Events: 4, Per: minutes(1), Burst: 3}}}
	for i := range p.Channels {
		if p.Channels[i].Name == "chat" {
			p.Channels[i].Limit = &routing.Rate{Events: 7, Per: minutes(2), Burst: 4}
		}
	}
	p.UtilisationWindow = minutes(30 + 30*n)
	if n > 0 {
		w := inquiry.DefaultWeights()
		w.Overqualification, w.Bonus = 1e7, 1e6
		p.Default.Weights = &w
	}
}

// bonuses are of a few owners, mostly of none.
func (w *world) bonuses() (out []inquiry.Bonus) {
	if !w.one(5) {
		return nil
	}
	for _, id := range []inquiry.OwnerID{"anna", "carla", "eva", "nobody"} {
		if w.one(2) {
			out = append(out, inquiry.Bonus{Owner: id, Bonus: 1 + w.n(inquiry.MaxBonus)})
		}
	}
	return out
}
