package policyfile

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/core"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// Situation is one message that comes in, and who was there then.
type Situation struct {
	Message Message `json:"message"`
	// At is when it came. Give the zone's offset: 2026-03-02T09:30:00+01:00.
	At time.Time `json:"at"`
	// Online are the owners who have been signed on for an hour; left out,
	// everybody on the roster has. Bots always are online.
	Online []inquiry.OwnerID `json:"online,omitzero"`
	// Load is how much owners have in hand already, in units of capacity.
	Load map[inquiry.OwnerID]int `json:"load,omitempty"`
	// Previous is the owner whom the customer had before, "" for none.
	Previous inquiry.OwnerID `json:"previous,omitempty"`
	// After is for how long nobody does anything before the decision is looked at:
	// 0 is at once, 72h the most.
	After sla.Duration `json:"after,omitempty"`
}

// Message is a message as screening leaves it: the facts that rules look at.
type Message struct {
	Kind      inquiry.Kind       `json:"kind,omitempty"`
	Labels    []string           `json:"labels,omitempty"`
	Audiences []inquiry.Audience `json:"audiences,omitempty"`
	Channel   string             `json:"channel,omitempty"`
	Account   string             `json:"account,omitempty"`
	Language  string             `json:"language,omitempty"` // BCP 47
	Reach     int64              `json:"reach,omitempty"`
	// ScreenOut is why the message needs no owner; empty if it needs one.
	ScreenOut string `json:"screen_out,omitempty"`
}

// Decision is what became of a message that was tried.
type Decision struct {
	Rule  string        `json:"rule"`            // the path of the rule that matched, "press/urgent"
	Trail []string      `json:"trail,omitempty"` // the rules that matched and went on
	State inquiry.State `json:"state"`           // queued, offered, assigned or screened_out
	// Owner is who has it, or is offered it; "" is nobody.
	Owner      inquiry.OwnerID  `json:"owner"`
	Department string           `json:"department,omitempty"`
	Priority   inquiry.Priority `json:"priority,omitempty"`
	// Skills are what is asked of an owner, as far as it still holds, in words:
	// "press at 3", "the language de".
	Skills   []string `json:"skills,omitempty"`
	Relaxed  []string `json:"relaxed,omitempty"`  // the parts of it that were dropped
	Stranded bool     `json:"stranded,omitempty"` // nobody on the roster could ever qualify
	// Deadlines are when each clock is due.
	Deadlines map[sla.Kind]time.Time `json:"deadlines,omitempty"`
	// Ranked are those who passed every gate, the best first.
	Ranked []inquiry.OwnerID `json:"ranked,omitempty"`
	// Because says in words why it is with its owner, or waits.
	Because string `json:"because,omitempty"`
}

// maxAfter bounds what a trial takes.
const maxAfter = 72 * time.Hour

// ghost is a skill that nobody has: what must wait for a hand to assign it.
const ghost = "\x00nobody"

// Try has a message come in and returns what becomes of it, decided by the
// engine's own core in virtual time. The explanation is that of
// [routing.Explain]; if about is not "", it says why not that owner.
//
// The error lists everything that is wrong with the situation, such as owners
// who are not on the roster, or a missing time.
func (f *File) Try(s Situation, about inquiry.OwnerID) (*Decision, *routing.Explanation, error) {
	if err := f.sensible(&s, about); err != nil {
		return nil, nil, err
	}
	t := trial{f: f, s: &s, core: core.New("trial"), now: inquiry.Instant(s.At).Add(-time.Hour)}
	t.prepare()
	t.until(inquiry.Instant(s.At))
	t.do(inquiry.Heartbeat{Owners: t.online()}) // before the policy's own limits of silence count
	t.do(inquiry.Adopt{Version: f.compiled.Version(), Policy: f.compiled.JSON()})
	id := t.receive("asked", s.Message, "customer")
	for end := t.now.Add(s.After.Std()); t.now.Before(end); {
		next := t.now.Add(time.Minute)
		if wake := t.core.Wake(); !wake.IsZero() && wake.After(t.now) && wake.Before(next) {
			next = wake
		}
		if next.After(end) {
			next = end
		}
		t.until(next)
		t.do(inquiry.Heartbeat{Owners: t.online()})
	}
	if t.err != nil {
		return nil, nil, t.err
	}
	return t.tell(id, about)
}

// sensible checks a situation against the file.
func (f *File) sensible(s *Situation, about inquiry.OwnerID) error {
	known := func(what string, id inquiry.OwnerID) error {
		if slices.ContainsFunc(f.Roster, func(o inquiry.Owner) bool { return o.ID == id }) {
			return nil
		}
		ids := make([]string, len(f.Roster))
		for i, o := range f.Roster {
			ids[i] = string(o.ID)
		}
		return fmt.Errorf("%s: %q is not on the roster%s", what, id, meant(string(id), ids))
	}
	var wrong []error
	for _, id := range s.Online {
		wrong = append(wrong, known("online", id))
	}
	for _, id := range slices.Sorted(maps.Keys(s.Load)) {
		wrong = append(wrong, known("load", id))
		if load := s.Load[id]; load < 1 || load > routing.MaxCost {
			wrong = append(wrong, fmt.Errorf("load: %s holds %d: want 1 to %d", id, load, routing.MaxCost))
		}
	}
	if s.Previous != "" {
		wrong = append(wrong, known("previous", s.Previous))
	}
	if about != "" {
		wrong = append(wrong, known("why not", about))
	}
	if s.At.Year() < 1970 || s.At.Year() > 9000 {
		wrong = append(wrong, fmt.Errorf("at is %s: want a time from 1970 to 9000, such as 2026-03-02T09:30:00+01:00", s.At.Format(time.RFC3339)))
	}
	if s.After < 0 || s.After.Std() > maxAfter {
		wrong = append(wrong, fmt.Errorf("after is %s: want 0 to %s", s.After, sla.Duration(maxAfter)))
	}
	return errors.Join(wrong...)
}

// trial is a core with a clock. It stops at the first error.
type trial struct {
	f    *File
	s    *Situation
	core *core.Core
	now  time.Time
	n    int
	err  error

	journal []inquiry.Event
	facts   *inquiry.Facts // of the last message
}

// do carries out a command.
func (t *trial) do(cmd inquiry.Command) inquiry.Outcome {
	if t.err != nil {
		return inquiry.Outcome{}
	}
	t.n++
	var b inquiry.Batch
	r, err := t.core.Step(t.now, &inquiry.Input{ID: inquiry.InputID("trial", fmt.Sprint(t.n)), At: t.now, By: "trial", Do: cmd}, &b)
	if err == nil {
		err = r.Outcome.Err()
	}
	if t.err = err; err != nil {
		t.err = fmt.Errorf("%s: %w", inquiry.CommandName(cmd), err)
	}
	t.keep(&b)
	t.until(t.now)
	return r.Outcome
}

// until lets time pass, waking the core when it asks for it.
func (t *trial) until(end time.Time) {
	for n := 0; t.err == nil; n++ {
		wake := t.core.Wake()
		if wake.IsZero() || wake.After(end) || n > 1_000_000 {
			break
		}
		if wake.After(t.now) {
			t.now = wake
		}
		var b inquiry.Batch
		_, t.err = t.core.Step(t.now, nil, &b)
		t.keep(&b)
	}
	t.now = end
}

// keep commits a batch: the journal is all that is kept of it.
func (t *trial) keep(b *inquiry.Batch) {
	t.core.Seal(b)
	t.journal = append(t.journal, b.Events...)
}

// online are those who are signed on.
func (t *trial) online() []inquiry.OwnerID {
	if t.s.Online != nil {
		return t.s.Online
	}
	ids := make([]inquiry.OwnerID, len(t.f.Roster))
	for i, o := range t.f.Roster {
		ids[i] = o.ID
	}
	return ids
}

func (t *trial) present() {
	for _, id := range t.online() {
		t.do(inquiry.SetPresence{Owner: id, Presence: inquiry.Online})
	}
}

// prepare has everybody hold what they hold, under a policy that assigns
// nothing by itself.
func (t *trial) prepare() {
	before := routing.Policy{
		Sink: t.f.Policy.Sink, Calendars: t.f.Policy.Calendars, ThreadFor: -1, Presence: routing.Presence{LapseAfter: -1, SilentFor: -1},
		Default: routing.Settings{
			Skills:  []inquiry.SkillRequirement{{Skill: ghost, Min: 1}},
			Targets: []sla.Target{sla.Within(sla.Resolve, sla.Horizon/2, "")},
		},
	}
	channel := func(id inquiry.OwnerID) string { return "\x00load of " + string(id) }
	for _, o := range t.f.Roster {
		if load := t.s.Load[o.ID]; load > 0 {
			before.Channels = append(before.Channels, routing.Channel{Name: channel(o.ID), Cost: load})
		}
	}
	c, err := routing.Compile(before)
	if err != nil {
		t.err = err
		return
	}
	t.do(inquiry.Adopt{Version: c.Version(), Policy: c.JSON()})
	t.do(inquiry.Roster{Set: t.f.Roster, Complete: true})
	if p := t.s.Previous; p != "" {
		id := t.receive("before", Message{Channel: "\x00before"}, "customer")
		t.do(inquiry.Assign{Inquiry: id, Owner: p})
		t.do(inquiry.Resolve{Inquiry: id, Owner: p})
	}
	for _, o := range t.f.Roster {
		if t.s.Load[o.ID] > 0 {
			id := t.receive("load of "+string(o.ID), Message{Channel: channel(o.ID)}, "load of "+string(o.ID))
			t.do(inquiry.Assign{Inquiry: id, Owner: o.ID})
		}
	}
	t.present()
}

// receive brings a message in.
func (t *trial) receive(external string, a Message, author string) inquiry.ID {
	m := inquiry.Message{
		Pool: "trial", Source: "trial", External: external, Channel: a.Channel, Account: a.Account, At: t.now,
		Author: inquiry.Author{External: author, Reach: a.Reach, Audiences: a.Audiences}, Language: a.Language,
	}
	m.ID = inquiry.MessageID(m.Pool, m.Source, m.External)
	facts := inquiry.Facts{
		Kind: a.Kind, Language: a.Language, Reach: a.Reach, ScreenOut: a.ScreenOut,
		Persons: []inquiry.ID{inquiry.PersonID(nil, "trial", "trial", author)},
	}
	facts.AddLabels(a.Labels...)
	facts.AddAudiences(a.Audiences...)
	t.facts = &facts
	return t.do(inquiry.Receive{Message: m, Facts: facts, New: inquiry.DeriveID("inquiry", external)}).Inquiry
}

// tell says what became of it.
func (t *trial) tell(id inquiry.ID, about inquiry.OwnerID) (*Decision, *routing.Explanation, error) {
	row, _ := t.core.Row(id)
	d := &Decision{Rule: row.Rule, State: row.State, Owner: row.Owner, Department: row.Department, Priority: row.Priority, Stranded: row.Stranded}
	snap, ok := t.core.Snapshot(id, t.now)
	if !ok {
		return nil, nil, fmt.Errorf("the inquiry is over after %s", t.s.After)
	}
	if len(row.Offers) > 0 {
		d.Owner = row.Offers[0].Owner
	}
	if snap.Plan != nil {
		d.Trail = snap.Plan.Trail
		req := snap.Plan.Requirement.Relax(row.Relaxed)
		for _, part := range req.Parts() {
			d.Skills = append(d.Skills, part.Words)
		}
		for i, part := range snap.Plan.Requirement.SoftParts() {
			if row.Relaxed.Has(i) {
				d.Relaxed = append(d.Relaxed, part.Name)
			}
		}
	}
	for _, c := range row.Clocks {
		due := c.Due
		if due.IsZero() {
			due = c.BreachedAt
		}
		if !due.IsZero() {
			if d.Deadlines == nil {
				d.Deadlines = map[sla.Kind]time.Time{}
			}
			d.Deadlines[c.Kind] = due.In(t.s.At.Location())
		}
	}
	e, err := t.explain(id, snap, d.Owner, about)
	if err != nil {
		return nil, nil, err
	}
	for _, o := range e.Owners {
		if o.Rank > 0 {
			d.Ranked = append(d.Ranked, o.Owner)
		}
	}
	d.Because = e.Because
	if d.Owner == "" {
		d.Because = strings.Join(e.Waits, "; ")
	}
	return d, e, nil
}

// explain explains the decision that put it before its owner, as of just before
// that; or why it waits.
func (t *trial) explain(id inquiry.ID, live routing.Snapshot, owner, about inquiry.OwnerID) (*routing.Explanation, error) {
	facts := t.facts
	i := len(t.journal) - 1
	for ; i >= 0; i-- {
		if ev := &t.journal[i]; ev.Inquiry == id && ev.Owner == owner && (ev.Kind == inquiry.Offered || ev.Kind == inquiry.Assigned) {
			break
		}
	}
	if owner == "" || i < 0 {
		live.Live, live.Facts = true, facts
		return routing.Explain(live, about)
	}
	c := core.New("trial")
	for j := range i {
		if err := c.Apply(&t.journal[j]); err != nil {
			return nil, err
		}
	}
	then, ok := c.Snapshot(id, t.journal[i].RecordedAt)
	if !ok {
		return nil, fmt.Errorf("the journal of the trial has no inquiry %s", id)
	}
	then.Event, then.Facts = &t.journal[i], facts
	return routing.Explain(then, about)
}
