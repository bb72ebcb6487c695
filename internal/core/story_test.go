package core

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// story is a core with a clock, told step by step. The invariants are checked
// after each step; at the end the journal is replayed and the records restored.
type story struct {
	*driver
	t     *testing.T
	audit *auditor
	now   time.Time
	late  time.Duration // how long ago the next input happened
	drawn int
	sent  map[inquiry.ID]inquiry.Receive // the first message of each inquiry
	last  []inquiry.Event                // of the last step
	// unchecked leaves the invariants out: there is more to do than a Step does.
	unchecked bool
}

// monday at nine.
var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// plain is a small policy: offers, half an hour for the first answer, nobody
// lapses. Stories change what they are about.
func plain(change ...func(*routing.Policy)) routing.Policy {
	p := routing.Policy{
		Sink: "sink",
		Default: routing.Settings{Targets: []sla.Target{
			{Kind: sla.Acknowledge, Within: minutes(10)},
			{Kind: sla.FirstResponse, Within: minutes(30)},
			{Kind: sla.NextResponse, Within: minutes(20)},
			{Kind: sla.Resolve, Within: hours(8)},
		}},
		Rules: []routing.Rule{{Name: "billing", Match: routing.Match{Labels: []string{"billing"}}, Settings: routing.Settings{
			Skills: []inquiry.SkillRequirement{{Skill: "billing", Min: 3}},
		}}},
		Presence: routing.Presence{LapseAfter: -1},
	}
	for _, c := range change {
		c(&p)
	}
	return p
}

func directly(p *routing.Policy) { p.Default.Assignment = inquiry.Directly }

// person has room for ten inquiries and knows some skills well.
func person(id string, skills ...string) inquiry.Owner {
	o := inquiry.Owner{ID: inquiry.OwnerID(id), Capacity: 100}
	for _, s := range skills {
		o.Skills = append(o.Skills, inquiry.Skill{Name: s, Level: 4})
	}
	return o
}

func with(o inquiry.Owner, change func(*inquiry.Owner)) inquiry.Owner {
	change(&o)
	return o
}

func tell(t *testing.T, p routing.Policy, owners ...inquiry.Owner) *story {
	t.Helper()
	s := &story{driver: newDriver(t), t: t, audit: newAuditor(t), now: monday, sent: map[inquiry.ID]inquiry.Receive{}}
	s.do(adopt(p))
	s.do(inquiry.Roster{Set: owners, Complete: true})
	t.Cleanup(func() {
		if t.Failed() {
			return
		}
		s.after("0s")
		verified(t, s.store)
		c := New("pool")
		c.skipsPerStep, c.dispatchesPerStep, c.checksPerStep, c.returnsPerStep = s.core.skipsPerStep, s.core.dispatchesPerStep, s.core.checksPerStep, s.core.returnsPerStep
		replay(t, c, s.store.journal)
		require.Equal(t, dump(settled(t, s.core, s.now)), dump(settled(t, c, s.now)), "replay")
		require.Equal(t, dump(s.core), dump(settled(t, s.store.restore(t, "pool"), s.now)), "recovery")
	})
	return s
}

// step takes an input, or lets time do its work, and checks everything.
func (s *story) step(in *inquiry.Input) inquiry.Outcome {
	s.t.Helper()
	out, b := s.at(s.now, in)
	_, due := s.at(s.now, nil) // what an input that was late has made due
	s.last = append(append([]inquiry.Event{}, b.Events...), due.Events...)
	s.audit.events(s.last)
	if !s.unchecked {
		s.audit.state(s.core, s.now)
	}
	return out
}

func (s *story) input(cmd inquiry.Command) inquiry.Outcome {
	s.t.Helper()
	s.drawn++
	in := inquiry.Input{ID: inquiry.InputID("pool", fmt.Sprint(s.drawn)), At: s.now.Add(-s.late), By: "tester", Do: cmd}
	s.late = 0
	return s.step(&in)
}

// alone is what becomes of a command with no step of time before it or after it, as
// while there is more to do than one step does.
func (s *story) alone(cmd inquiry.Command) inquiry.Outcome {
	s.t.Helper()
	return s.kept(cmd, inquiry.MessageRef{})
}

// kept is alone, of a message of which the store says where it is.
func (s *story) kept(cmd inquiry.Command, ref inquiry.MessageRef) inquiry.Outcome {
	s.t.Helper()
	var b inquiry.Batch
	s.drawn++
	in := inquiry.Input{ID: inquiry.InputID("pool", fmt.Sprint(s.drawn)), At: s.now, Do: cmd}
	r, err := s.core.StepKept(s.now, &in, ref, &b)
	require.NoError(s.t, err)
	s.core.Seal(&b)
	s.store.commit(s.t, &b)
	s.audit.events(b.Events)
	return r.Outcome
}

// do carries out a command.
func (s *story) do(cmd inquiry.Command) {
	s.t.Helper()
	out := s.input(cmd)
	require.Empty(s.t, out.Refused, "%s: %s", inquiry.CommandName(cmd), out.Detail)
}

// refuses expects a command to be refused, without a trace in the journal.
func (s *story) refuses(cmd inquiry.Command, reason inquiry.Refusal) {
	s.t.Helper()
	head := s.core.Head()
	out := s.input(cmd)
	require.Equal(s.t, reason, out.Refused, "%s: %s", inquiry.CommandName(cmd), out.Detail)
	require.ErrorIs(s.t, out.Err(), reason)
	require.Equal(s.t, head, s.core.Head(), "a refused command leaves no trace")
}

// after lets time pass, waking the core when it asks for it.
func (s *story) after(d string) {
	s.t.Helper()
	wait, err := time.ParseDuration(d)
	require.NoError(s.t, err)
	end := s.now.Add(wait)
	var all []inquiry.Event
	for {
		wake := s.core.Wake()
		if wake.IsZero() || wake.After(end) {
			break
		}
		if wake.After(s.now) {
			s.now = wake
		}
		s.step(nil)
		all = append(all, s.last...)
	}
	s.now = end
	s.step(nil)
	s.last = append(all, s.last...)
}

// sleeps lets time pass while the engine is down: it wakes up at the end only.
func (s *story) sleeps(d string) {
	s.t.Helper()
	wait, err := time.ParseDuration(d)
	require.NoError(s.t, err)
	s.now = s.now.Add(wait)
	s.step(nil)
}

// learnedAfter says that the next input happened a while ago.
func (s *story) learnedAfter(d string) *story {
	s.t.Helper()
	var err error
	s.late, err = time.ParseDuration(d)
	require.NoError(s.t, err)
	return s
}

func (s *story) online(owners ...inquiry.OwnerID) {
	s.t.Helper()
	for _, id := range owners {
		s.do(inquiry.SetPresence{Owner: id, Presence: inquiry.Online})
	}
}

// mail is a message with labels, such as s.mail("ada", "billing").
func (s *story) mail(from string, labels ...string) inquiry.Receive {
	s.drawn++
	m := inquiry.Message{
		Pool: "pool", Source: "mail", External: fmt.Sprintf("m%d", s.drawn), Channel: "email", Account: "help@acme",
		At: s.now.Add(-s.late), Author: inquiry.Author{External: from}, Text: "text",
	}
	m.ID = inquiry.MessageID(m.Pool, m.Source, m.External)
	r := inquiry.Receive{Message: m, New: inquiry.DeriveID("inquiry", s.t.Name(), fmt.Sprint(s.drawn))}
	r.Facts.AddLabels(labels...)
	r.Facts.Persons = []inquiry.ID{inquiry.PersonID(nil, "pool", "email", from)}
	return r
}

// receive brings a message in and names the inquiry that it led to.
func (s *story) receive(r inquiry.Receive) inquiry.ID {
	s.t.Helper()
	out := s.input(r)
	require.Empty(s.t, out.Refused, out.Detail)
	if _, ok := s.sent[out.Inquiry]; !ok {
		s.sent[out.Inquiry] = r
	}
	return out.Inquiry
}

// from is receive of mail.
func (s *story) from(author string, labels ...string) inquiry.ID {
	s.t.Helper()
	return s.receive(s.mail(author, labels...))
}

// seen is a reply of ours that was seen on the platform.
func (s *story) seen(id inquiry.ID, speaker inquiry.OwnerID) inquiry.Receive {
	r := s.sent[id]
	s.drawn++
	r.Message.External = fmt.Sprintf("o%d", s.drawn)
	r.Message.ID = inquiry.MessageID("pool", "mail", r.Message.External)
	r.Message.Direction, r.Message.At, r.Speaker = inquiry.FromUs, s.now.Add(-s.late), speaker
	return r
}

func (s *story) accept(id inquiry.ID, owner inquiry.OwnerID) {
	s.t.Helper()
	s.do(inquiry.Accept{Inquiry: id, Owner: owner})
}

func (s *story) resolve(id inquiry.ID, owner inquiry.OwnerID) {
	s.t.Helper()
	s.do(inquiry.Resolve{Inquiry: id, Owner: owner})
}

// answer writes a reply that goes out and arrives, and returns its id.
func (s *story) answer(id inquiry.ID, owner inquiry.OwnerID) {
	s.t.Helper()
	reply := s.reply()
	s.do(inquiry.Reply{Inquiry: id, Owner: owner, Reply: reply, Text: "answer", Digest: "d", Seen: s.row(id).Inbound})
	s.do(inquiry.Sending{Inquiry: id, Reply: reply})
	s.do(inquiry.Settle{Inquiry: id, Reply: reply, State: inquiry.ReplyIsSent})
}

func (s *story) reply() inquiry.ID {
	s.drawn++
	return inquiry.DeriveID("reply", s.t.Name(), fmt.Sprint(s.drawn))
}

func (s *story) row(id inquiry.ID) inquiry.Row {
	s.t.Helper()
	r, ok := s.core.Row(id)
	require.True(s.t, ok, "%s is not live", id)
	return r
}

// isWith expects an inquiry to be offered to, or owned by, somebody; "" for nobody.
func (s *story) isWith(id inquiry.ID, owner inquiry.OwnerID) {
	s.t.Helper()
	r := s.row(id)
	got := r.Owner
	if len(r.Offers) > 0 {
		got = r.Offers[0].Owner
	}
	require.Equal(s.t, owner, got, "it is %s", r.State)
}

func (s *story) is(id inquiry.ID, state inquiry.State) {
	s.t.Helper()
	require.Equal(s.t, state, s.row(id).State)
}

func (s *story) clock(id inquiry.ID, kind sla.Kind) sla.Clock {
	s.t.Helper()
	r := s.row(id)
	c, ok := r.Clock(kind)
	require.True(s.t, ok, "there is no %s clock", kind)
	return c
}

// happened are the last step's events, or those of the last passing of time,
// in words: "queued", "offered anna".
func (s *story) happened() []string {
	out := []string{}
	for _, e := range s.last {
		out = append(out, strings.TrimSpace(string(e.Kind)+" "+string(e.Owner)))
	}
	return out
}

// events of an inquiry of some kinds.
func (s *story) events(id inquiry.ID, kinds ...inquiry.EventKind) (out []inquiry.Event) {
	for _, e := range s.store.events {
		for _, k := range kinds {
			if e.Inquiry == id && e.Kind == k {
				out = append(out, e)
			}
		}
	}
	return out
}

// told is whom effects of a topic went to, about an inquiry.
func (s *story) told(id inquiry.ID, topic inquiry.Topic) []inquiry.OwnerID {
	out := []inquiry.OwnerID{}
	for _, e := range s.store.effects {
		if e.Inquiry == id && e.Topic == topic {
			out = append(out, e.Owner)
		}
	}
	return out
}
