package routing

import (
	"fmt"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
)

// Answering returns the accounts that say they answer an inquiry with these
// facts, in the order of the policy; none if no account says so. Nil facts mean
// that nothing is known. Answering is safe for concurrent use.
func (c *Compiled) Answering(f *inquiry.Facts, at time.Time) (accounts []Account) {
	if f == nil {
		f = &inquiry.Facts{}
	}
	q := asked{facts: f, at: at, lead: c.leading(f)} // wherever it arrived
	for i := range c.policy.Accounts {
		if a := &c.policy.Accounts[i]; c.answers(a, &q) {
			accounts = append(accounts, *a)
		}
	}
	return accounts
}

func (c *Compiled) answers(a *Account, q *asked) bool {
	return slices.ContainsFunc(a.Answers, func(m Match) bool { return c.matches(&m, q) })
}

// Redirect returns where the author of an inquiry with these facts should
// rather turn to: an account that answers it, one on the same channel before
// those on others. It is nil if the account that it arrived at answers it, or
// does not say what it answers, and if no other account answers it.
//
// It is a suggestion to whoever gets the inquiry. Nothing is sent by itself.
func (c *Compiled) Redirect(f *inquiry.Facts, channel, account string, at time.Time) *inquiry.Redirect {
	here, ok := c.Account(channel, account)
	if !ok || len(here.Answers) == 0 {
		return nil
	}
	if f == nil {
		f = &inquiry.Facts{}
	}
	q := asked{facts: f, at: at, lead: c.leading(f)} // wherever it arrived
	if c.answers(&here, &q) {
		return nil
	}
	var best *Account
	for i := range c.policy.Accounts {
		a := &c.policy.Accounts[i]
		if !c.answers(a, &q) {
			continue
		}
		if near := a.Channel == "" || a.Channel == channel; best == nil || near && best.Channel != "" && best.Channel != channel {
			best = a
		}
	}
	if best == nil {
		return nil
	}
	return &inquiry.Redirect{Account: best.Name, Channel: best.Channel}
}

// redirectText suggests the redirect in words.
func redirectText(account string, to *inquiry.Redirect) string {
	where := to.Account
	if to.Channel != "" {
		where += " on " + to.Channel
	}
	return fmt.Sprintf("%s does not answer such inquiries, %s does: the customer could be told", account, where)
}
