package main

import (
	"context"
	"encoding/json"
	"io"
	"slices"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/sla"
)

// summary is the whole run in numbers. The README says what each one counts.
type summary struct {
	Accepted    int `json:"accepted"`
	Received    int `json:"received"`
	Lost        int `json:"lost"`
	Inquiries   int `json:"inquiries"`
	FollowUps   int `json:"follow_ups"`
	Edits       int `json:"edits"`
	OurPosts    int `json:"our_posts"`
	Repeated    int `json:"repeated"`
	ScreenedOut int `json:"screened_out"`
	Reviewed    int `json:"reviewed"`
	Assigned    int `json:"assigned"`
	HandedBack  int `json:"handed_back"`
	Escalated   int `json:"escalated"`
	Stranded    int `json:"stranded"`
	Resolved    int `json:"resolved"`
	Waiting     int `json:"waiting"`
	Replies     int `json:"replies"`
	Met         int `json:"met"`
	Breached    int `json:"breached"`
	Violations  int `json:"violations"`

	ByOwner map[inquiry.OwnerID]int `json:"by_owner"`
	ByRule  map[string]int          `json:"by_rule"`

	Refused int64   `json:"refused"`
	Events  int     `json:"events"`
	Speed   float64 `json:"speed"`
	Seconds float64 `json:"seconds"`
}

// sound reports whether nothing was lost and nobody forgotten.
func (s *summary) sound() bool { return s.Lost == 0 && s.Violations == 0 && s.Received == s.Accepted }

func (s *summary) writeJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(s)
}

func summarise(ctx context.Context, c *chronicle, engine *dispatch.Engine, store adapters.Store, s *script, source *replay) (*summary, error) {
	sum := &summary{
		Accepted: int(source.accepted.Load()), Inquiries: len(c.tales), FollowUps: c.followUps, Edits: c.edits, Events: c.events,
		ByOwner: map[inquiry.OwnerID]int{}, ByRule: map[string]int{},
	}
	for _, t := range c.tales {
		add := func(n *int, is bool) {
			if is {
				*n++
			}
		}
		add(&sum.ScreenedOut, t.set != "")
		add(&sum.Reviewed, t.set != "" && (t.has(inquiry.Restored) || t.State == inquiry.StateClosed))
		add(&sum.Assigned, len(t.owners) > 0)
		add(&sum.HandedBack, t.has(inquiry.Released))
		add(&sum.Escalated, t.has(inquiry.Escalated))
		add(&sum.Stranded, t.has(inquiry.Stranded))
		add(&sum.Resolved, !t.State.Open() && t.has(inquiry.Resolved))
		add(&sum.Waiting, t.State.Open())
		for _, o := range t.owners {
			sum.ByOwner[o]++
		}
		if t.Rule != "" {
			sum.ByRule[t.Rule]++
		}
		for i := range t.events {
			add(&sum.Replies, t.events[i].Kind == inquiry.ReplySent)
		}
	}
	for _, clock := range c.promises {
		switch clock.State {
		case sla.Met:
			sum.Met++
		case sla.Breached:
			sum.Breached++
		}
	}
	return sum, sum.account(ctx, c, engine, store, s)
}

// account holds what was handed over against what is there: each message of a
// customer must be in the journal, and each post of ours have an outcome.
func (s *summary) account(ctx context.Context, c *chronicle, engine *dispatch.Engine, store adapters.Store, from *script) error {
	accepted := from.messages[:s.Accepted]
	var ours []inquiry.ID
	known := map[messageKey]bool{}
	for _, m := range accepted {
		if m.Direction != inquiry.FromUs {
			key := messageKey{inquiry.MessageID(pool, from.name, m.External), m.Revision}
			if c.messageIDs[key] {
				s.Received++
			}
			if known[key] {
				s.Repeated++
			}
			known[key] = true
			continue
		}
		m.Source = from.name
		in, err := engine.Prepare(ctx, m)
		if err != nil {
			return err
		}
		ours = append(ours, in.ID)
	}
	s.OurPosts = len(ours)
	for part := range slices.Chunk(ours, 500) {
		outcomes, err := store.Outcomes(ctx, pool, part...)
		if err != nil {
			return err
		}
		s.Received += len(outcomes)
	}
	s.Lost = s.Accepted - s.Received
	return nil
}
