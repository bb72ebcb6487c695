package replay

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/virtual"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// Options are what a replay assumes where the record cannot tell. The zero value is
// ready for use.
type Options struct {
	// Handling is how long somebody takes who did not resolve the case in the record.
	// Default: as long as whoever did.
	Handling Handling
	// Eligibility is who can resolve a case. Default: whoever the policy lets have it.
	Eligibility Eligibility
	// Seed is that of what is drawn, for Handling Own. Default 1.
	Seed uint64
	// MinOwn is how many cases somebody has to have resolved so that Handling Own
	// draws from their own; for anybody with fewer it is Resolver. Default 5.
	MinOwn int
	// AcceptAfter is how long an owner takes to accept an offer that is not in the
	// record. Default: no time.
	AcceptAfter time.Duration
	// Inferred is where the skills of the roster come from, so that the report
	// calls them inferred. Nil: they were not inferred.
	Inferred *Inferred
	// Journal asks for the SHA-256 of both runs' journals. It takes about half as long again.
	Journal bool
	// Drain is how long both runs go on after the history's end. Default: not at all.
	// What is still open in the history stays open.
	Drain time.Duration
}

// Handling is an assumption about how long work takes somebody who did not have
// the case in the record.
type Handling string

// The assumptions about how long work takes.
const (
	// Resolver: as long as the one who resolved it in the record had it, in time of
	// their shift. What the owners before them did was in vain.
	Resolver Handling = "resolver"
	// Whole: as long as all who had it in the record, one after the other.
	Whole Handling = "whole"
	// Own: as long as one of the cases that the owner resolved in the record, drawn
	// with the seed.
	Own Handling = "own"
)

// Eligibility is an assumption about who can resolve a case that they did not have in
// the record.
type Eligibility string

// The assumptions about who can resolve a case.
const (
	// ByPolicy: whoever the policy lets have it, except those who passed it on in the
	// record.
	ByPolicy Eligibility = "policy"
	// ByRecord: only those who resolved it in the record, and their group. Anybody
	// else keeps it for as long as the first owner in the record did, and passes it on
	// to whoever resolved it there.
	ByRecord Eligibility = "record"
)

// DefaultMinOwn is how many cases are enough to draw from.
const DefaultMinOwn = 5

func (o *Options) complete() error {
	o.Handling, o.Eligibility = cmp.Or(o.Handling, Resolver), cmp.Or(o.Eligibility, ByPolicy)
	o.Seed, o.MinOwn = cmp.Or(o.Seed, 1), cmp.Or(o.MinOwn, DefaultMinOwn)
	var errs []error
	if !slices.Contains([]Handling{Resolver, Whole, Own}, o.Handling) {
		errs = append(errs, fmt.Errorf("handling is %q: want %s, %s or %s", o.Handling, Resolver, Whole, Own))
	}
	if o.Eligibility != ByPolicy && o.Eligibility != ByRecord {
		errs = append(errs, fmt.Errorf("able is %q: want %s or %s", o.Eligibility, ByPolicy, ByRecord))
	}
	if o.MinOwn < 1 {
		errs = append(errs, fmt.Errorf("min own is %d: want 1 or more", o.MinOwn))
	}
	if o.AcceptAfter < 0 || o.Drain < 0 {
		errs = append(errs, fmt.Errorf("accept after is %s and drain %s: want 0 or more", o.AcceptAfter, o.Drain))
	}
	return errors.Join(errs...)
}

// Run replays a history under a policy: once as it was, and once as it would have
// been with these owners. Both meet the same cases, and are measured by the
// promises of that policy.
//
// Errors: everything that is wrong with policy, roster and options at once; the
// context's. A history of [ReadLog] or [ReadJournal] has no faults.
func Run(ctx context.Context, h *History, policy routing.Policy, roster []inquiry.Owner, o Options) (*Report, error) {
	s, err := newSetting(h, policy, roster, o)
	if err != nil {
		return nil, err
	}
	was := newRecord(s)
	if err := was.run(ctx); err != nil {
		return nil, err
	}
	would := newModel(s)
	if err := would.run(ctx); err != nil {
		return nil, err
	}
	return s.report(was, would)
}

// newSetting checks what a replay is given, and makes it ready.
func newSetting(h *History, policy routing.Policy, roster []inquiry.Owner, o Options) (*setting, error) {
	ready, err := routing.Compile(policy)
	if err == nil {
		policy.Version = ready.Version()
		ready, err = routing.Compile(prepared(policy))
	}
	errs := []error{o.complete(), err}
	if len(h.Cases) == 0 {
		errs = append(errs, errors.New("the history has no cases: there is nothing to replay"))
	}
	s := &setting{history: h, policy: ready, owners: map[inquiry.OwnerID]*owner{}, sink: policy.Sink, options: o, seed: virtual.NewStream(o.Seed)}
	s.options = o
	for _, data := range roster {
		if s.owners[data.ID] != nil {
			errs = append(errs, fmt.Errorf("owner %s is on the roster twice: keep one", data.ID))
			continue
		}
		k := &owner{Owner: data}
		errs = append(errs, data.Validate())
		if ready != nil && data.Shift != "" {
			if k.shift = ready.Calendar(data.Shift); k.shift == nil {
				errs = append(errs, fmt.Errorf("owner %s: the policy has no calendar %q for their shift", data.ID, data.Shift))
			}
		}
		s.owners[data.ID] = k
		s.list = append(s.list, k)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	s.read()
	return s, nil
}

// prepared is a policy as though heartbeats came, and whose sink is reminded seldom:
// nobody would answer, and in a history of months there would be little else.
func prepared(p routing.Policy) routing.Policy {
	p.Presence.LapseAfter, p.Presence.SilentFor = -1, -1
	p.Channels = slices.Clone(p.Channels)
	for i := range p.Channels {
		p.Channels[i].SilentFor = 0
	}
	if p.Default.Ladder == nil {
		usual := routing.DefaultLadder()
		p.Default.Ladder = &usual
	}
	seldom(&p.Default)
	p.Rules = slices.Clone(p.Rules)
	seldomBelow(p.Rules)
	return p
}

// remindEvery is how often the sink is reminded in a replay.
const remindEvery = 30 * 24 * time.Hour

func seldomBelow(rules []routing.Rule) {
	for i := range rules {
		seldom(&rules[i].Settings)
		rules[i].Rules = slices.Clone(rules[i].Rules)
		seldomBelow(rules[i].Rules)
	}
}

func seldom(s *routing.Settings) {
	if s.Ladder != nil {
		l := *s.Ladder
		l.Remind = sla.Duration(remindEvery)
		s.Ladder = &l
	}
}

// read goes through the history: who had what, and for how long.
func (s *setting) read() {
	h := s.history
	s.end, s.earliest = h.Until.Add(s.options.Drain), h.Cases[0].At
	for _, p := range h.Presences {
		if p.At.Before(s.earliest) {
			s.earliest = p.At
		}
	}
	s.lives = make([]life, len(h.Cases))
	for i := range h.Cases {
		c := h.Cases[i]
		c.Facts = c.facts()
		c.Channel = cmp.Or(c.Channel, DefaultChannel)
		s.lives[i] = life{&c, c.phases()}
		for _, p := range s.lives[i].phases {
			for j := range p.stretches {
				s.had(&p.stretches[j])
			}
		}
	}
	slices.SortFunc(s.strays, func(a, b *owner) int { return cmp.Compare(a.ID, b.ID) })
}

// had notes that somebody had a case, and for how long if they resolved it.
func (s *setting) had(k *stretch) {
	o := s.owners[k.owner]
	if o == nil {
		o = &owner{Owner: inquiry.Owner{ID: k.owner}, stray: true}
		if k.group != "" {
			o.Departments = []string{k.group}
		}
		s.owners[k.owner] = o
		s.strays = append(s.strays, o)
	}
	if k.fate == resolved {
		d := k.until.Sub(k.from)
		if o.shift != nil {
			if in := o.shift.Between(k.from, k.until); in > 0 {
				d = in
			}
		}
		o.took = append(o.took, d)
	}
}

// DefaultChannel is that of cases whose log names none.
const DefaultChannel = "recorded"

// facts are what a case is routed by, with its customer and its thread.
func (c *Case) facts() inquiry.Facts {
	f := c.Facts
	if len(f.Persons) == 0 {
		who := "customer/" + c.Customer
		if c.Customer == "" {
			who = "case/" + c.ID
		}
		f.Persons = []inquiry.ID{inquiry.DeriveID("person", pool, who)}
	}
	if f.Conversation.IsZero() {
		f.Conversation = inquiry.ConversationID(pool, c.Channel, c.ID)
	}
	return f
}
