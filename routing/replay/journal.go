package replay

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// Events are the events of a journal from its beginning, in order:
// [adapters.Store.Journal] yields them, or [JournalLines] reads them from a
// file.
type Events = iter.Seq2[inquiry.Event, error]

// JournalLines yields the events of a journal that was written to a file: one
// event a line, in the JSON in which a store has it. It ends at the first line
// that is none, with a [*Fault].
func JournalLines(s Source) Events {
	return func(yield func(inquiry.Event, error) bool) {
		j := &jsonReader{r: bufio.NewReaderSize(s.Text, 64<<10)}
		for {
			text, err := j.nextLine()
			if errors.Is(err, io.EOF) {
				return
			}
			var e inquiry.Event
			if err == nil {
				if len(text) == 0 {
					continue
				}
				if err = json.Unmarshal(text, &e); err != nil {
					err = &Fault{Line: j.line, Problem: err.Error() + ": want an event of a journal a line"}
				}
			}
			if f, ok := errors.AsType[*Fault](err); ok {
				f.File = s.Name
			} else if err != nil {
				err = fmt.Errorf("replay: %s: %w", s.Name, err)
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// ReadJournal reads what really happened from the journal of a pool, from its
// beginning. What people did beside having an inquiry, answering, waiting, passing it
// on and resolving it, such as to merge or to split, is counted among the caveats and
// not replayed. History.Policy and History.Roster are those in force at the end.
//
// Errors: a [*Fault] for a journal with a gap or without inquiries; those that the
// events come with.
func ReadJournal(events Events) (*History, error) {
	r := &journalReader{h: &History{Presences: []Presence{}}, byID: map[inquiry.ID]*recorded{}, owners: map[inquiry.OwnerID]inquiry.Owner{}, passedOver: map[string]int{}}
	for e, err := range events {
		if err == nil && e.Seq != uint64(r.h.Rows)+1 {
			err = &Fault{Problem: fmt.Sprintf("event %d follows event %d: want the whole journal of one pool, from its beginning", e.Seq, r.h.Rows)}
		}
		if err == nil {
			err = r.event(&e)
		}
		if err != nil {
			f := &faults{}
			if fault, ok := errors.AsType[*Fault](err); ok {
				f.add(fault)
				err = f.err()
			}
			return nil, err
		}
		r.h.Rows++
		r.last = e.RecordedAt
	}
	if len(r.list) == 0 {
		return nil, &Fault{Problem: "the journal has no inquiries: there is nothing to replay"}
	}
	r.finish()
	if problem := r.h.span(); problem != "" {
		return nil, &Fault{Problem: problem}
	}
	return r.h, nil
}

// journalReader makes a history of events.
type journalReader struct {
	h          *History
	byID       map[inquiry.ID]*recorded
	list       []*recorded
	owners     map[inquiry.OwnerID]inquiry.Owner
	last       time.Time
	rosters    int
	policies   int
	passedOver map[string]int // kinds of events that are not replayed
}

// recorded is an inquiry as a journal tells of it.
type recorded struct {
	Case
	screened bool
}

func (r *journalReader) event(e *inquiry.Event) error {
	if e.Inquiry.IsZero() {
		return r.ofPool(e)
	}
	c := r.byID[e.Inquiry]
	if c == nil {
		in, ok := e.Do.(inquiry.Receive)
		if e.Kind != inquiry.Opened || !ok {
			if e.Kind == inquiry.SplitOff || e.Kind == inquiry.DutyOpened {
				r.passedOver[string(e.Kind)]++
			}
			return nil // a duty beside an inquiry, or one that was split off
		}
		m := in.Message
		c = &recorded{Case: Case{ID: e.Inquiry.String(), At: e.RecordedAt, Channel: m.Channel, Account: m.Account, Facts: in.Facts, inquiry: e.Inquiry}}
		r.byID[e.Inquiry] = c
		r.list = append(r.list, c)
		return nil
	}
	r.ofCase(c, e)
	return nil
}

// ofPool reads what concerns everybody.
func (r *journalReader) ofPool(e *inquiry.Event) error {
	switch do := e.Do.(type) {
	case inquiry.Adopt:
		p, err := routing.Parse(do.Policy)
		if err != nil {
			return &Fault{Problem: fmt.Sprintf("event %d adopts a policy that this version does not read: %s", e.Seq, err)}
		}
		policy := p.Policy()
		r.h.Policy = &policy
		r.policies++
	case inquiry.Roster:
		if do.Complete {
			clear(r.owners)
		}
		for _, o := range do.Set {
			r.owners[o.ID] = o
		}
		for _, id := range slices.Concat(do.Remove, do.Leave) {
			delete(r.owners, id)
		}
		r.rosters++
	}
	if d, ok := e.Data.(inquiry.PresenceChange); ok {
		r.presence(e, d)
	}
	return nil
}

// presence reads who came and went. What the core makes of an owner's acts, it makes
// of them again.
func (r *journalReader) presence(e *inquiry.Event, d inquiry.PresenceChange) {
	p := Presence{At: e.RecordedAt, Owner: e.Owner, Presence: d.Presence}
	_, said := e.Do.(inquiry.SetPresence)
	switch {
	case said:
	case d.Reason == "lapsed": // no more work; what was in hand is given back as recorded
		p.Presence = inquiry.Away
	case d.Reason == "returned" || d.Reason == "active":
		p.sign = true
	default:
		return
	}
	r.h.Presences = append(r.h.Presences, p)
}

// steps are the kinds of events that are steps of a case.
var steps = map[inquiry.EventKind]Meaning{
	inquiry.MessageAdded: Message, inquiry.Acknowledged: Acknowledged, inquiry.ReplyObserved: Reply, inquiry.ReplySent: Reply,
	inquiry.AwaitingCustomer: Waiting, inquiry.AwaitingOthers: Held, inquiry.Snoozed: Held, inquiry.AwaitEnded: Working,
	inquiry.Assigned: Noted, inquiry.Accepted: Noted, inquiry.HandedOver: Noted, inquiry.Released: Released,
	inquiry.Resolved: Resolved, inquiry.Reopened: Reopened, inquiry.Closed: Closed,
}

// apart are kinds of events of which a replay knows nothing.
var apart = []inquiry.EventKind{
	inquiry.Linked, inquiry.MergedInto, inquiry.Unmerged, inquiry.MessagesMoved, inquiry.Prioritised, inquiry.Retargeted,
	inquiry.ReplyContested, inquiry.ReplyPending, inquiry.Rerouted, inquiry.DutyAdded,
}

func (r *journalReader) ofCase(c *recorded, e *inquiry.Event) {
	switch e.Kind {
	case inquiry.Offered:
		c.Answers = append(c.Answers, Answer{Owner: e.Owner, Offered: e.RecordedAt})
	case inquiry.Accepted, inquiry.Declined:
		if a := c.offer(e.Owner); a != nil {
			a.At, a.Declined = e.RecordedAt, e.Kind == inquiry.Declined
			if d, ok := e.Data.(inquiry.Ending); ok {
				a.Reason = d.Reason
			}
		}
	case inquiry.ClockBreached:
		r.h.Promised++
	case inquiry.BreachWithdrawn: // an answer may withdraw several
		if d, ok := e.Data.(inquiry.Clocking); ok {
			r.h.Promised -= len(d.Clocks)
		}
	case inquiry.ScreenedOut:
		c.screened = true
	}
	if slices.Contains(apart, e.Kind) {
		r.passedOver[string(e.Kind)]++
	}
	is, ok := steps[e.Kind]
	if !ok {
		return
	}
	if d, unseen := e.Data.(inquiry.Observation); unseen && d.Unauthorised {
		return // it answers nothing
	}
	s := Step{At: e.RecordedAt, Is: is, itself: e.Kind == inquiry.AwaitEnded && e.Actor == ""}
	if is == Noted {
		s.Owner = e.Owner
		if d, ok := e.Data.(inquiry.Offering); ok {
			s.Group = d.Department
		}
		if s.Group == "" {
			o := r.owners[e.Owner]
			s.Group = o.Home()
		}
	}
	c.Steps = append(c.Steps, s)
}

// offer is the answer to the newest offer to an owner that has none yet.
func (c *recorded) offer(id inquiry.OwnerID) *Answer {
	for i := len(c.Answers) - 1; i >= 0; i-- {
		if c.Answers[i].Owner == id && c.Answers[i].At.IsZero() {
			return &c.Answers[i]
		}
	}
	return nil
}

func (r *journalReader) finish() {
	h := r.h
	h.Roster = []inquiry.Owner{}
	for _, o := range r.owners {
		h.Roster = append(h.Roster, o)
	}
	slices.SortFunc(h.Roster, func(a, b inquiry.Owner) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	screened := 0
	for _, c := range r.list {
		if c.screened {
			screened++
		}
		h.Cases = append(h.Cases, c.Case)
	}
	h.Replies = true
	h.sorted()
	if r.last.After(h.Until) {
		h.Until = r.last
	}
	// A bot is online while it is on the roster.
	h.Presences = slices.DeleteFunc(h.Presences, func(p Presence) bool { return r.owners[p.Owner].Bot })
	add := func(name string, n int, text string) {
		if n > 0 {
			h.Caveats = append(h.Caveats, Caveat{name, n, text})
		}
	}
	add("screened_out", screened, "inquiries were set aside by screening for a while: that they came back is replayed only if a message brought them back")
	add("policies_changed", r.policies-1, "times the policy changed in the journal: the replay has one throughout")
	add("rosters_changed", r.rosters-1, "times the roster changed in the journal: the replay has one throughout")
	for _, kind := range append(apart, inquiry.SplitOff, inquiry.DutyOpened) {
		add("not_replayed_"+string(kind), r.passedOver[string(kind)], "events of the journal are of this kind, which is not replayed")
	}
}
