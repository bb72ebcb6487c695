package main

import (
	"context"
	"strings"
	"time"

	"github.com/answerable-go/answerable/inquiry"
)

// handful is how many inquiries the sink takes upon herself at the same time.
const handful = 8

// raised is what the sink does about an escalation or a reminder. For what may
// burn she is on call at night; everything else waits for her shift, and the
// Engine reminds her of it.
func (p *person) raised(ctx context.Context, e inquiry.Effect) {
	about := p.topic(ctx, e.Inquiry)
	if !p.present {
		inq, err := p.engine.Inquiry(ctx, e.Inquiry)
		if err == nil && strings.HasPrefix(inq.Rule, "safety") {
			p.in(p.between(4*time.Minute, 8*time.Minute, about, "night"), func() { p.stepIn(ctx, e) })
			return
		}
		p.remember(e)
		return
	}
	p.in(p.between(2*time.Minute, 5*time.Minute, about, "raised"), func() { p.stepIn(ctx, e) })
}

// remember what waits for the morning, once each.
func (p *person) remember(e inquiry.Effect) {
	for _, known := range p.later {
		if known.Inquiry == e.Inquiry {
			return
		}
	}
	p.later = append(p.later, e)
}

// stepIn looks at what was raised and acts.
func (p *person) stepIn(ctx context.Context, e inquiry.Effect) {
	inq, err := p.engine.Inquiry(ctx, e.Inquiry)
	if err != nil {
		return
	}
	switch {
	case inq.State == inquiry.StateScreenedOut:
		p.review(ctx, e.Inquiry)
	case inq.Owner == p.ID, !inq.State.Open():
	case inq.State == inquiry.StateQueued && (inq.Stranded || len(p.desk) < handful):
		reason := "nobody else answered in time"
		if inq.Stranded {
			reason = "nobody has what it asks for"
		}
		p.do(ctx, inquiry.Assign{Inquiry: e.Inquiry, Owner: p.ID, Reason: reason})
	default:
		// Somebody has it, or it has to wait its turn: the customer is told that
		// it is being worked on.
		p.do(ctx, inquiry.Acknowledge{Inquiry: e.Inquiry, Owner: p.ID})
	}
}

// review what screening set aside. Thanks that tell a story are worth somebody's
// while; the rest is closed.
func (p *person) review(ctx context.Context, id inquiry.ID) {
	ms, err := p.engine.Messages(ctx, id)
	if err != nil || len(ms) == 0 {
		return
	}
	inq, err := p.engine.Inquiry(ctx, id)
	if err != nil {
		return
	}
	const story = 12 // words
	restore := inq.ScreenReason != "spam" && inq.ScreenReason != "auto_reply" && len(strings.Fields(ms[0].Text)) >= story
	p.do(ctx, inquiry.Review{Inquiry: id, Owner: p.ID, Restore: restore})
}
