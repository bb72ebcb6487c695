package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// person is a simulated owner. They know what a real one would: what they are
// notified of, what is on their own worklist, and what they read when they open
// an inquiry. They act through the Engine's commands, and take no for an answer.
type person struct {
	*cast
	inquiry.Owner
	shift *sla.Schedule // nil: always there

	mu   sync.Mutex
	mail []inquiry.Effect // not yet looked at
	rang chan struct{}

	// What follows belongs to the goroutine of run.
	agenda  agenda
	desk    map[inquiry.ID]*piece
	busy    time.Time // until when their hands are full
	present bool
	gone    bool             // silent: nobody hears of them any more
	later   []inquiry.Effect // for when they are back
	missed  int              // offers that they did not see
}

// piece is an inquiry on somebody's desk.
type piece struct {
	stage stage
	plan  int // which of the things they meant to do with it is the latest
	seen  int // messages read
	wrote int // replies sent
}

type stage int

const (
	waiting stage = iota // to be read and answered
	writing
	sent   // to be resolved, or waited for
	asking // waiting for the customer
)

// Notify drops an effect into the person's mailbox, as a chat message would.
func (p *person) notify(e inquiry.Effect) {
	p.mu.Lock()
	p.mail = append(p.mail, e)
	p.mu.Unlock()
	select {
	case p.rang <- struct{}{}:
	default:
	}
}

func (p *person) takeMail() []inquiry.Effect {
	p.mu.Lock()
	defer p.mu.Unlock()
	mail := p.mail
	p.mail = nil
	return mail
}

// run lives until ctx ends.
func (p *person) run(ctx context.Context) {
	p.planShift(ctx)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for ctx.Err() == nil {
		now := p.engine.Now()
		for {
			do, ok := p.agenda.due(now)
			if !ok {
				break
			}
			do()
		}
		timer.Reset(p.untilNext())
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-p.rang:
			for _, e := range p.takeMail() {
				p.read(ctx, e)
			}
		}
	}
}

// untilNext is how long the person has nothing to do, in real time.
func (p *person) untilNext() time.Duration {
	at, ok := p.agenda.next()
	if !ok {
		return time.Hour
	}
	return max(0, time.Duration(float64(at.Sub(p.engine.Now()))/p.speed))
}

// in puts something on the agenda.
func (p *person) in(d time.Duration, do func()) { p.agenda.add(p.engine.Now().Add(d), do) }

// choose is a number from 0 to n-1 that depends on the person and on what it is
// about, and is the same in every run.
func (p *person) choose(n int, about ...string) int {
	sum := sha256.Sum256([]byte(string(p.ID) + "|" + strings.Join(about, "|")))
	return int(binary.BigEndian.Uint32(sum[:]) % uint32(n))
}

// between is a time from a to b that is the same in every run, as quick as the
// cast is.
func (p *person) between(a, b time.Duration, about ...string) time.Duration {
	const grains = 1000
	d := a + (b-a)*time.Duration(p.choose(grains, about...))/grains
	return time.Duration(float64(d) / p.haste)
}

// planShift has the person come and go with their calendar.
func (p *person) planShift(ctx context.Context) {
	if p.Bot {
		p.come(ctx)
		return
	}
	now := p.engine.Now()
	if p.shift.Open(now) {
		p.come(ctx)
	}
	p.nextShift(ctx, now)
	if at, ok := p.silentAt(); ok {
		p.agenda.add(at, func() {
			p.gone, p.present = true, false
			p.leaves(p.ID)
		})
	}
}

func (p *person) nextShift(ctx context.Context, now time.Time) {
	at, opens, ok := p.shift.NextChange(now)
	if !ok {
		return
	}
	p.agenda.add(at.Add(p.between(0, 5*time.Minute, "shift")), func() {
		if opens {
			p.gone = false
			p.come(ctx)
		} else {
			p.windUp(ctx, 4)
		}
		p.nextShift(ctx, at)
	})
}

// come signs on and looks at the worklist, where things may have been left.
func (p *person) come(ctx context.Context) {
	p.present = true
	if !p.Bot {
		if !p.do(ctx, inquiry.SetPresence{Owner: p.ID, Presence: inquiry.Online}) {
			p.in(time.Minute, func() { p.come(ctx) })
			return
		}
		p.comes(p.ID)
	}
	list, err := p.engine.Worklist(ctx, p.ID)
	if err != nil {
		return
	}
	for _, inq := range list {
		if o, ok := inq.Offer(p.ID); ok {
			p.consider(ctx, inquiry.Effect{Inquiry: inq.ID, Until: o.Expires})
		} else if p.desk[inq.ID] == nil && inq.State == inquiry.StateAssigned {
			p.begin(ctx, inq.ID)
		}
	}
	later := p.later
	p.later = nil
	for _, e := range later {
		p.read(ctx, e)
	}
}

// windUp goes home once the desk is clear, and after some overtime anyway.
func (p *person) windUp(ctx context.Context, patience int) {
	if p.gone || !p.present {
		return
	}
	for _, x := range p.desk {
		if x.stage != asking && patience > 0 {
			p.in(10*time.Minute, func() { p.windUp(ctx, patience-1) })
			return
		}
	}
	p.present = false
	p.leaves(p.ID)
	p.do(ctx, inquiry.SetPresence{Owner: p.ID, Presence: inquiry.Offline})
	clear(p.desk) // what was on it is back in its queue
}

// read is what the person makes of a notification.
func (p *person) read(ctx context.Context, e inquiry.Effect) {
	if p.gone {
		return
	}
	switch e.Topic {
	case inquiry.TellOffer:
		p.consider(ctx, e)
	case inquiry.TellAssigned:
		p.begin(ctx, e.Inquiry)
	case inquiry.TellReleased:
		delete(p.desk, e.Inquiry)
	case inquiry.TellMessage:
		p.wroteAgain(ctx, e.Inquiry)
	case inquiry.TellAwaitEnded:
		p.resolve(ctx, e.Inquiry, "the customer stayed silent")
	case inquiry.TellWarning, inquiry.TellBreach:
		if x := p.desk[e.Inquiry]; x != nil && x.stage == waiting {
			p.write(ctx, e.Inquiry, 3*time.Minute) // before the others
		}
	case inquiry.TellEscalation, inquiry.TellReminder:
		if p.ID == sink {
			p.raised(ctx, e)
		}
	}
}

// consider an offer: take it, pass it on, or not see it at all.
func (p *person) consider(ctx context.Context, e inquiry.Effect) {
	about := p.topic(ctx, e.Inquiry)
	if p.absentMinded() && p.missed == 0 {
		p.missed++
		return // on the phone: it expires, and goes to somebody else
	}
	p.in(p.between(20*time.Second, 90*time.Second, about, "offer"), func() {
		if !p.present {
			return
		}
		if p.choose(16, about, "decline") == 0 && !p.Bot {
			p.do(ctx, inquiry.Decline{Inquiry: e.Inquiry, Owner: p.ID, Reason: p.excuse(about)})
			return
		}
		if p.do(ctx, inquiry.Accept{Inquiry: e.Inquiry, Owner: p.ID}) {
			p.begin(ctx, e.Inquiry)
		}
	})
}

func (p *person) excuse(about string) string {
	excuses := []string{"in a call for the next hour", "knows the customer privately", "a colleague knows this case better"}
	return excuses[p.choose(len(excuses), about, "excuse")]
}

// begin with an inquiry that is the person's now.
func (p *person) begin(ctx context.Context, id inquiry.ID) {
	if p.desk[id] != nil {
		return // told twice
	}
	p.desk[id] = &piece{}
	if p.Bot {
		p.write(ctx, id, p.between(20*time.Second, time.Minute, p.topic(ctx, id), "bot"))
		return
	}
	p.in(p.between(20*time.Second, time.Minute, p.topic(ctx, id), "acknowledge"), func() {
		if p.desk[id] != nil {
			p.do(ctx, inquiry.Acknowledge{Inquiry: id, Owner: p.ID})
		}
	})
	p.queueUp(ctx, id)
}

// queueUp writes when the hands are free.
func (p *person) queueUp(ctx context.Context, id inquiry.ID) {
	x := p.desk[id]
	if x == nil {
		return
	}
	start := p.engine.Now()
	if p.busy.After(start) {
		start = p.busy
	}
	if at, ok := p.silentAt(); ok && start.After(at.Add(-distracted)) {
		start = at.Add(time.Hour) // so they think
	}
	takes := p.between(3*time.Minute, 9*time.Minute, p.topic(ctx, id), "write")
	p.busy = start.Add(takes)
	x.stage = waiting
	x.plan++
	plan := x.plan
	p.agenda.add(start, func() {
		if p.desk[id] == x && x.plan == plan {
			p.write(ctx, id, takes)
		}
	})
}

// write reads what the customer wrote, writes for a while, and sends.
func (p *person) write(ctx context.Context, id inquiry.ID, takes time.Duration) {
	x := p.desk[id]
	x.stage = writing
	x.plan++
	plan := x.plan
	text, seen, ok := p.readUp(ctx, id)
	if !ok {
		return
	}
	x.seen = seen
	p.in(takes, func() {
		if p.desk[id] == x && x.plan == plan {
			p.send(ctx, id, x, text)
		}
	})
}

// readUp reads an inquiry and drafts the answer.
func (p *person) readUp(ctx context.Context, id inquiry.ID) (text string, seen int, ok bool) {
	inq, err := p.engine.Inquiry(ctx, id)
	if err != nil && !p.refusal(err) {
		p.in(time.Minute, func() { p.queueUp(ctx, id) })
		return "", 0, false
	}
	if inq.Owner != p.ID {
		delete(p.desk, id)
		return "", 0, false
	}
	ms, err := p.engine.Messages(ctx, id)
	if err != nil {
		p.in(time.Minute, func() { p.queueUp(ctx, id) })
		return "", 0, false
	}
	for _, m := range ms {
		if m.Direction != inquiry.FromUs {
			seen++
		}
	}
	return compose(&p.Owner, &inq), seen, true
}

// send the reply; a customer who wrote meanwhile is read first.
func (p *person) send(ctx context.Context, id inquiry.ID, x *piece, text string) {
	_, err := p.engine.SendReply(ctx, "", inquiry.Reply{Inquiry: id, Owner: p.ID, Text: text, Seen: x.seen})
	switch {
	case err == nil:
		x.stage = sent
		x.wrote++
		p.in(p.between(time.Minute, 3*time.Minute, p.topic(ctx, id), "check"), func() { p.check(ctx, id, x) })
	case errors.Is(err, inquiry.Unseen):
		p.refused.Add(1)
		p.write(ctx, id, 2*time.Minute)
	case p.refusal(err):
		delete(p.desk, id)
	default: // the engine could not say: try again
		p.in(time.Minute, func() {
			if p.desk[id] == x && x.stage == writing {
				p.send(ctx, id, x, text)
			}
		})
	}
}

// check whether the reply has left and nothing new came, then finish.
func (p *person) check(ctx context.Context, id inquiry.ID, x *piece) {
	if p.desk[id] != x || x.stage != sent {
		return
	}
	inq, err := p.engine.Inquiry(ctx, id)
	switch {
	case err != nil || inq.Owner != p.ID:
		delete(p.desk, id)
	case len(inq.Replies) > 0:
		p.in(time.Minute, func() { p.check(ctx, id, x) })
	case inq.Unanswered:
		p.queueUp(ctx, id)
	case p.asks(ctx, id, x):
		x.stage = asking
		p.do(ctx, inquiry.Await{Inquiry: id, Owner: p.ID, Until: p.engine.Now().Add(p.patience)})
	default:
		p.resolve(ctx, id, "answered")
	}
}

// asks reports whether the reply asked the customer for something: now and
// then a first one does, if there is time left to wait for the answer.
func (p *person) asks(ctx context.Context, id inquiry.ID, x *piece) bool {
	if p.Bot || x.wrote > 1 || p.choose(7, p.topic(ctx, id), "asks") != 0 {
		return false
	}
	closes, opens, ok := p.shift.NextChange(p.engine.Now())
	return !ok || !opens && closes.After(p.engine.Now().Add(p.patience))
}

func (p *person) resolve(ctx context.Context, id inquiry.ID, note string) {
	p.do(ctx, inquiry.Resolve{Inquiry: id, Owner: p.ID, Note: note})
	delete(p.desk, id)
}

// wroteAgain is a further message of a customer.
func (p *person) wroteAgain(ctx context.Context, id inquiry.ID) {
	x := p.desk[id]
	switch {
	case x == nil:
		p.begin(ctx, id)
	case p.Bot && x.wrote > 0:
		// The first answer was not enough: that is for a person.
		p.do(ctx, inquiry.Release{Inquiry: id, Owner: p.ID, Reason: "a person is needed"})
		delete(p.desk, id)
	case x.stage == sent, x.stage == asking:
		p.queueUp(ctx, id)
	}
}

// do carries out a command, and reports whether it was done. A refusal is an
// answer too: somebody else has it, or it is over.
func (p *person) do(ctx context.Context, cmd inquiry.Command) bool {
	err := p.engine.DoAs(ctx, string(p.ID), "", cmd)
	if err != nil && p.refusal(err) {
		p.refused.Add(1)
	}
	return err == nil
}

func (p *person) refusal(err error) bool {
	var refused *inquiry.RefusedError
	return errors.As(err, &refused)
}
