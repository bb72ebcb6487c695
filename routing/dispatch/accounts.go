package dispatch

import (
	"context"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// Answering lists which of our accounts a message is for, by what the accounts'
// Answers in the policy say, in the order of the policy; none if no account
// answers it. The message is screened as Submit would do it, but not accepted:
// nothing is stored. The policy asked is the one that this Engine was given
// last, by [New] or [Engine.Adopt].
func (e *Engine) Answering(ctx context.Context, m inquiry.Message) []routing.Account {
	e.fit(&m)
	f := e.screen(ctx, m)
	return e.policy.Load().Answering(&f, e.Now())
}
