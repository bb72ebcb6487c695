package policyfile

import (
	"fmt"
	"slices"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// Overlooked says in words what of a message no rule of the file looks at, and
// which word of a rule may have been meant. A label that screening spells in
// another way than the policy decides nothing, and is no fault either. It
// returns nil if all labels and audiences, the kind, the channel and the
// account are looked at somewhere; channels and accounts that the policy
// declares count as looked at.
func (f *File) Overlooked(m Message) []string {
	var seen heard
	seen.rules(f.Policy.Rules)
	for _, c := range f.Policy.Channels { // what work takes goes by these
		seen.channels = append(seen.channels, c.Name)
	}
	for _, a := range f.Policy.Accounts { // and who may speak by those
		seen.accounts = append(seen.accounts, a.Name)
	}
	var out []string
	say := func(what string, known []string, words ...string) {
		for _, w := range words {
			if w != "" && !slices.Contains(known, w) {
				out = append(out, fmt.Sprintf("no rule looks at the %s %q%s", what, w, meant(w, known)))
			}
		}
	}
	say("kind", seen.kinds, string(m.Kind))
	say("label", seen.labels, m.Labels...)
	say("audience", seen.audiences, plain(m.Audiences)...)
	say("channel", seen.channels, m.Channel)
	say("account", seen.accounts, m.Account)
	return out
}

// heard are the words that rules look at.
type heard struct{ kinds, labels, audiences, channels, accounts []string }

func (h *heard) rules(rules []routing.Rule) {
	for _, r := range rules {
		m := &r.Match
		h.kinds = append(h.kinds, plain(m.Kinds)...)
		h.labels = slices.Concat(h.labels, m.Labels, m.AnyLabel, m.NoLabel)
		h.audiences = slices.Concat(h.audiences, plain(m.Audiences), plain(m.AnyAudience))
		h.channels = append(h.channels, m.Channels...)
		h.accounts = append(h.accounts, m.Accounts...)
		h.rules(r.Rules)
	}
}

func plain[T inquiry.Kind | inquiry.Audience](words []T) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = string(w)
	}
	return out
}
