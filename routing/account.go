package routing

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/wording"
	"github.com/answerable-go/answerable/sla"
)

// Account is one of our handles: who may speak through it, how a reply through
// it is signed, and what it is there to answer.
//
// An owner may speak through an account if both sides allow it: the owner's own
// list ([inquiry.Owner.Accounts]), and the account's Voice. If the policy does
// not list the account, or the account has no Voice, the owner's list decides
// alone.
//
// Who may speak is part of an inquiry's plan: a policy that is adopted later
// concerns what is routed from then on. The policy in force is asked only of a
// reply that was seen on the platform under another account than the inquiry's
// own.
type Account struct {
	Name string `json:"name"`
	// Channel is the one whose account of that name is meant; "" is all channels.
	// An account with a channel comes before one of the same name without.
	Channel string        `json:"channel,omitempty"`
	Voice   inquiry.Voice `json:"voice,omitzero"`
	// SignOff is what a reply through the account ends in, such as "^{initials}" or
	// "\n-- {name}, Acme". It may have the placeholders {initials} and {name} and is
	// at most MaxSignOff bytes long. See [inquiry.Owner.SignOff] and [inquiry.Signed].
	SignOff string `json:"sign_off,omitempty"`
	// Answers says what the account is there for: whatever one of them matches.
	// With none it says nothing: nobody is directed to it, and what arrives there
	// is never directed elsewhere. One empty Match is an account for everything.
	// Neither channels nor accounts can be asked for: it is about what arrives
	// anywhere.
	Answers []Match `json:"answers,omitempty"`
}

// MaxSignOff is how many bytes a sign-off form can have.
const MaxSignOff = 200

// Account returns the account of a name on a channel, and whether the policy
// lists it.
func (c *Compiled) Account(channel, name string) (Account, bool) {
	best := -1
	for i, a := range c.policy.Accounts {
		if a.Name == name && (a.Channel == channel || a.Channel == "" && best < 0) {
			best = i
		}
	}
	if best < 0 || name == "" {
		return Account{}, false
	}
	return c.policy.Accounts[best], true
}

// speaking is what an account and a rule ask of whoever speaks.
func (a *Account) speaking(rule *inquiry.Voice) (voices []inquiry.Voice) {
	for _, v := range []*inquiry.Voice{&a.Voice, rule} {
		if v != nil && (len(v.Affiliations) > 0 || len(v.Owners)+len(v.Departments)+len(v.Skills) > 0) {
			voices = append(voices, *v)
		}
	}
	return voices
}

// Speaks returns the gates that keep an owner from speaking through the account
// that a requirement names, by the owner's list and by the requirement's
// voices. It is the part of [Qualifies] that also holds for replies, even those
// of an owner whom somebody assigned by hand.
func Speaks(req *inquiry.Requirement, o *inquiry.Owner) Gates {
	var g Gates
	if !o.MaySpeak(req.Account) {
		g |= GateVoice
	}
	for i := range req.Voices {
		if v := &req.Voices[i]; !v.Names(o) {
			g |= GateVoice
		}
		if v := &req.Voices[i]; !v.Takes(o) {
			g |= GateAffiliation
		}
	}
	return g
}

// MaySpeak returns the gates that keep an owner from speaking through an
// account, by this policy.
func (c *Compiled) MaySpeak(o *inquiry.Owner, channel, account string) Gates {
	a, _ := c.Account(channel, account)
	return Speaks(&inquiry.Requirement{Account: account, Voices: a.speaking(nil)}, o)
}

// Unspoken says in words why an owner may not speak; it is empty if they may.
func Unspoken(req *inquiry.Requirement, o *inquiry.Owner) (why []string) {
	if !o.MaySpeak(req.Account) {
		why = append(why, "may not speak through "+req.Account)
	}
	for _, v := range req.Voices {
		if !v.Names(o) {
			why = append(why, "has no voice there, only "+v.String())
		}
	}
	for _, v := range req.Voices {
		if !v.Takes(o) {
			why = append(why, fmt.Sprintf("is %s, may speak: %s", o.Affiliated(), wording.Or(v.Affiliations)))
		}
	}
	return why
}

// admitted is the affiliation that all voices take, "" if there is none.
func admitted(voices []inquiry.Voice) inquiry.Affiliation {
	for _, v := range voices {
		for _, a := range v.Affiliations {
			all := !slices.ContainsFunc(voices, func(o inquiry.Voice) bool { return len(o.Affiliations) > 0 && !slices.Contains(o.Affiliations, a) })
			if all {
				return a
			}
		}
	}
	return ""
}

// voiced is a plan in which all voices name an owner.
func voiced(p *inquiry.Plan, id inquiry.OwnerID) *inquiry.Plan {
	out := *p
	out.Requirement.Voices = slices.Clone(p.Requirement.Voices)
	for i := range out.Requirement.Voices {
		if v := &out.Requirement.Voices[i]; len(v.Owners)+len(v.Departments)+len(v.Skills) > 0 {
			v.Owners = append(slices.Clone(v.Owners), id)
		}
	}
	return &out
}

// voiceSkills are the skills by which a requirement's voices admit somebody.
func voiceSkills(req *inquiry.Requirement) (names []string) {
	for _, v := range req.Voices {
		for _, k := range v.Skills {
			names = append(names, k.Name)
		}
	}
	return names
}

// voiceDepartments are those whose members get a voice that an owner lacks, but
// for the one that they are to join anyway.
func voiceDepartments(req *inquiry.Requirement, o *inquiry.Owner) (names []string) {
	for i := range req.Voices {
		v := &req.Voices[i]
		if !v.Names(o) && len(v.Departments) > 0 && !slices.Contains(names, v.Departments[0]) && !slices.Contains(req.Departments, v.Departments[0]) {
			names = append(names, v.Departments[0])
		}
	}
	return names
}

// joins is the department that an owner had best join of those asked for: one
// that brings a voice, too, or else the first.
func joins(req *inquiry.Requirement, o *inquiry.Owner) string {
	for _, d := range req.Departments {
		for i := range req.Voices {
			if v := &req.Voices[i]; !v.Names(o) && slices.Contains(v.Departments, d) {
				return d
			}
		}
	}
	return req.Departments[0]
}

func (k *checker) accounts() {
	seen := map[[2]string]bool{}
	for i, a := range k.p.Accounts {
		path := fmt.Sprintf("accounts[%d] (%s)", i, a.Name)
		key := [2]string{a.Channel, a.Name}
		if a.Name == "" {
			k.fault(path, "has no name: name the handle, as messages have it")
		}
		if seen[key] {
			k.fault(path, "is declared twice on %s: keep one", cmp.Or(a.Channel, "all channels"))
		}
		seen[key] = true
		k.voice(path+"/voice", &a.Voice)
		k.signOff(path+"/sign_off", a.SignOff)
		for j := range a.Answers {
			at := fmt.Sprintf("%s/answers[%d]", path, j)
			k.match(at, &a.Answers[j])
			if len(a.Answers[j].Accounts)+len(a.Answers[j].Channels) > 0 {
				k.fault(at, "asks where it arrived: it says what the account answers, wherever that arrives")
			}
		}
	}
}

func (k *checker) voice(path string, v *inquiry.Voice) {
	if v == nil {
		return
	}
	if slices.Contains(v.Owners, "") {
		k.fault(path+"/owners", "names no owner")
	}
	for _, d := range v.Departments {
		k.department(path+"/departments", d)
	}
	for i, s := range v.Skills {
		at := fmt.Sprintf("%s/skills[%d] (%s)", path, i, s.Name)
		if s.Name == "" {
			k.fault(at, "names no skill")
		}
		if s.Level < inquiry.MinLevel || s.Level > inquiry.MaxLevel {
			k.fault(at+"/level", "is %d: want %d to %d", s.Level, inquiry.MinLevel, inquiry.MaxLevel)
		}
	}
	if slices.Contains(v.Affiliations, "") {
		k.fault(path+"/affiliations", "has an empty one: write %s for those who have none of their own", inquiry.Employed)
	}
}

func (k *checker) signOff(path, form string) {
	if len(form) > MaxSignOff {
		k.fault(path, "has %d bytes: want at most %d", len(form), MaxSignOff)
	}
	rest := strings.NewReplacer(inquiry.SignInitials, "", inquiry.SignName, "").Replace(form)
	if strings.ContainsAny(rest, "{}") {
		k.fault(path, "is %q: the placeholders are %s and %s", form, inquiry.SignInitials, inquiry.SignName)
	}
	if form != "" && strings.TrimSpace(form) == "" {
		k.fault(path, "is nothing but white space: leave it out")
	}
}

// arbiter checks who is to decide.
func (k *checker) arbiter(path string, p *inquiry.Party) {
	if p == nil {
		return
	}
	named := p.To == sla.OnCall || p.To == sla.Role
	switch {
	case !slices.Contains([]sla.Party{sla.Lead, sla.OnCall, sla.Role, sla.Sink}, p.To):
		k.fault(path+"/to", "is %q: want %s, %s, %s or %s", p.To, sla.Lead, sla.OnCall, sla.Role, sla.Sink)
	case named && p.Name == "":
		k.fault(path+"/name", "is empty: name the %s", p.To)
	case !named && p.Name != "":
		k.fault(path+"/name", "is %q: only a rotation or a role has a name here", p.Name)
	}
	k.party(path, *p)
}
