package dispatch

import (
	"context"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// Answering tells which of our accounts a message is for, by what they say they
// answer, in the order of the policy; none if no account says so. The message is
// screened as Submit would, and not accepted: nothing is stored. It is asked of
// the policy that this Engine was given last, by [New] or [Engine.Adopt].
func (e *Engine) Answering(ctx context.Context, m inquiry.Message) []routing.Account {
	e.fit(&m)
	f := e.screen(ctx, m)
	return e.policy.Load().Answering(&f, e.Now())
}
