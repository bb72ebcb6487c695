package routing

import (
	"fmt"
	"slices"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/spelling"
)

var (
	usualKinds     = []string{string(inquiry.Question), string(inquiry.Complaint), string(inquiry.Request), string(inquiry.Praise), string(inquiry.Opportunity), string(inquiry.Other)}
	usualAudiences = []string{string(inquiry.Customer), string(inquiry.Journalist), string(inquiry.Influencer), string(inquiry.Prospect), string(inquiry.Partner), string(inquiry.Employee)}
)

// spelling looks for words of the host's own that look like a misspelt usual or
// declared one: kinds, audiences and channels are open lists, so that a rule for a
// "complant" is sound and matches nothing. Accounts are left alone: a company's are
// often a letter apart.
func (l *linter) spelling() {
	p := &l.c.policy
	var channels []string
	for _, c := range p.Channels {
		channels = append(channels, c.Name)
	}
	for i, a := range p.Accounts {
		at := fmt.Sprintf("accounts[%d] (%s)", i, a.Name)
		l.spelt(at+"/channel", "channel", a.Channel, channels)
		for j := range a.Answers {
			l.spellingOf(fmt.Sprintf("%s/answers[%d]", at, j), &a.Answers[j], channels)
		}
	}
	for i, a := range p.Precedence {
		l.spelt(fmt.Sprintf("precedence[%d] (%s)", i, a), "audience", string(a), usualAudiences)
	}
	assists := func(path string, list []Assist) {
		for i, a := range list {
			l.spelt(fmt.Sprintf("%s/assist[%d] (%s)/audience", path, i, a.Audience), "audience", string(a.Audience), usualAudiences)
		}
	}
	assists("default", p.Default.Assist)
	eachRule("", p.Rules, func(path string, r *Rule) {
		l.spellingOf(path+"/match", &r.Match, channels)
		assists(path, r.Assist)
	})
	for i, o := range l.roster {
		at := fmt.Sprintf("roster[%d] (%s)", i, o.ID)
		for j, c := range o.Caps {
			l.spelt(fmt.Sprintf("%s/caps[%d]/channel", at, j), "channel", c.Channel, channels)
		}
	}
}

func (l *linter) spellingOf(path string, m *Match, channels []string) {
	l.eachSpelt(path+"/kinds", "kind", texts(m.Kinds), usualKinds)
	l.eachSpelt(path+"/audiences", "audience", texts(m.Audiences), usualAudiences)
	l.eachSpelt(path+"/any_audience", "audience", texts(m.AnyAudience), usualAudiences)
	l.eachSpelt(path+"/channels", "channel", m.Channels, channels)
}

func (l *linter) eachSpelt(path, what string, list, known []string) {
	for i, word := range list {
		l.spelt(fmt.Sprintf("%s[%d]", path, i), what, word, known)
	}
}

func (l *linter) spelt(path, what, word string, known []string) {
	if slices.Contains(known, word) {
		return
	}
	if like := spelling.Nearest(word, known); like != "" {
		l.add(CheckSpelling, Notice, path, fmt.Sprintf("write %q, unless %q is what arrives", like, word),
			"the %s %q is spelt almost like %q", what, word, like)
	}
}
