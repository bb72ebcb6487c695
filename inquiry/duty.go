package inquiry

import (
	"slices"
	"time"

	"github.com/answerable-go/answerable/sla"
)

// Duty is what somebody owes on an inquiry.
//
// To resolve is the main one, the inquiry's own. Each other duty is an inquiry
// of its own beside it, whose row names its Parent and its Duty: it has a plan, a
// queue, an owner, clocks and a ladder like any other, so that it is visible and
// escalated by itself. It has no customer: messages and replies are its
// parent's. It ends when it is done, when whoever asked takes it back, when
// nobody can have it any more or its time is over, and with its parent.
type Duty string

// Duties.
const (
	Resolving     Duty = "resolve"
	Acknowledging Duty = "acknowledge" // to tell the customer that somebody is on it
	Consulting    Duty = "consult"     // to help whoever is answerable
	TakingOver    Duty = "take_over"   // to become answerable: the offer of a hand-off
	Approving     Duty = "approve"     // to let a reply go out
)

// How a duty beside an inquiry ended.
const (
	DutyDone      = "done"
	DutyDeclined  = "declined"  // the only one asked turned it down, or gave it back
	DutyExpired   = "expired"   // the only one asked let the offer pass
	DutyLost      = "lost"      // the only one asked is not there, or does not qualify, any more
	DutyTimedOut  = "timed_out" // its time was over
	DutyWithdrawn = "withdrawn" // whoever asked took it back
	DutyMoot      = "moot"      // nothing is left to do: its parent is resolved, or it was done there
)

// DutyTerms are what a duty beside an inquiry asks for, where that is not what
// the inquiry itself asks for.
type DutyTerms struct {
	Requirement Requirement `json:"requirement,omitzero"`
	Target      sla.Target  `json:"target"`               // by when
	Cost        int         `json:"cost,omitempty"`       // of an owner's capacity
	Assignment  Assignment  `json:"assignment,omitempty"` // empty: as its parent is assigned
}

// Ask is with what a duty beside an inquiry was opened.
type Ask struct {
	By       OwnerID   `json:"by,omitempty"`       // who asked; empty: the policy
	Of       OwnerID   `json:"of,omitempty"`       // the only one who may have it; empty: whoever the requirement allows
	Not      []OwnerID `json:"not,omitempty"`      // who may never have it
	Text     string    `json:"text,omitempty"`     // the question, or the reason; nothing personal
	Reply    ID        `json:"reply,omitzero"`     // the reply that is to be approved
	Audience Audience  `json:"audience,omitempty"` // for which help was asked from the start
	Promised string    `json:"promised,omitempty"` // what was promised to the customer; nothing personal
	Until    time.Time `json:"until,omitzero"`     // when it ends by itself
}

// DutyRef is a duty that is open beside an inquiry.
type DutyRef struct {
	ID   ID      `json:"id"` // of the inquiry that it is
	Duty Duty    `json:"duty"`
	Of   OwnerID `json:"of,omitempty"` // who alone is asked
}

// DutyOpening is what an inquiry begins with that is a duty beside another.
type DutyOpening struct {
	Parent  ID     `json:"parent"`
	Duty    Duty   `json:"duty"`
	Channel string `json:"channel"` // its parent's
	Ask     Ask    `json:"ask,omitzero"`
	// Exclusions are taken over from the parent.
	Exclusions []Exclusion `json:"exclusions,omitempty"`
}

// DutyClosing is the end of an inquiry that is a duty beside another.
type DutyClosing struct {
	How  string `json:"how"` // see the constants that begin with Duty
	Note string `json:"note,omitempty"`
}

// DutyEnd is the end of a duty as the inquiry knows it beside which it was. The
// event's owner is who had it.
type DutyEnd struct {
	ID   ID     `json:"id"`
	Duty Duty   `json:"duty"`
	How  string `json:"how"`
	Note string `json:"note,omitempty"`
	// Exclusions are those that go on beside the parent: who would not take it over.
	Exclusions []Exclusion `json:"exclusions,omitempty"`
}

func (DutyOpening) data() {}
func (DutyClosing) data() {}
func (DutyRef) data()     {}
func (DutyEnd) data()     {}

// Consult asks somebody for help with an inquiry. The owner stays answerable; the
// help is a duty of its own, with a cost of its own, beside the inquiry. It is
// ended by the helper with a Resolve, whose note is what they found, or by the
// owner with a Withdraw.
type Consult struct {
	Inquiry ID      `json:"inquiry"`
	Owner   OwnerID `json:"owner"` // who asks: the inquiry's owner
	// To is who is asked; or Skills and Departments say what it takes, and whoever
	// suits best is.
	To          OwnerID            `json:"to,omitempty"`
	Skills      []SkillRequirement `json:"skills,omitempty"`
	Departments []string           `json:"departments,omitempty"`
	Question    string             `json:"question"` // nothing personal
	// Anyway waits for whoever is named by To, though they could not have it now.
	Anyway bool `json:"anyway,omitempty"`
}

// Withdraw takes back what was asked of somebody: a duty beside an inquiry that
// is not done yet, the offer of a hand-off among them. A consultation that
// somebody had taken on is done then, and counts as help.
type Withdraw struct {
	Inquiry ID      `json:"inquiry"` // the duty
	Owner   OwnerID `json:"owner"`   // who asked, or is answerable for the duty's parent, or the sink
	Reason  string  `json:"reason,omitempty"`
}

// MaxDuties is how many duties can be open beside an inquiry at once.
const MaxDuties = 16

// MaxHelpers is how many of those who helped a row names, the last ones.
const MaxHelpers = 16

// forever is until when somebody is passed over who may never have something.
var forever = time.Date(9999, time.December, 31, 23, 59, 59, 0, time.UTC)

// Bars reports whether an owner may never have an inquiry, whatever they can
// do: somebody else alone is asked, or they are the one who asks.
func (r *Row) Bars(owner OwnerID) bool {
	return r.Ask != nil && (r.Ask.Of != "" && r.Ask.Of != owner || slices.Contains(r.Ask.Not, owner))
}

// IsDuty reports whether the inquiry is a duty beside another one.
func (r *Row) IsDuty() bool { return !r.Parent.IsZero() }

// Owes is the duty that the inquiry is.
func (r *Row) Owes() Duty {
	if r.Duty == "" {
		return Resolving
	}
	return r.Duty
}

// HasDuty is an open duty of a kind beside the inquiry.
func (r *Row) HasDuty(duty Duty) (DutyRef, bool) {
	for _, d := range r.Duties {
		if d.Duty == duty {
			return d, true
		}
	}
	return DutyRef{}, false
}

func foldDuty(r *Row, e *Event) error {
	switch e.Kind {
	case DutyOpened:
		d, err := dataOf[DutyOpening](e)
		if err != nil {
			return err
		}
		*r = Row{
			Pool: e.Pool, ID: e.Inquiry, State: StateReceived, OpenedAt: e.At, Channel: d.Channel,
			Parent: d.Parent, Duty: d.Duty, Ask: &d.Ask, Exclusions: d.Exclusions,
		}
	case DutyClosed:
		if _, err := dataOf[DutyClosing](e); err != nil {
			return err
		}
		r.unqueue()
		r.disown()
		r.unwait()
		r.State, r.Offers, r.Replies = StateClosed, nil, nil
	case DutyAdded:
		d, err := dataOf[DutyRef](e)
		if err != nil {
			return err
		}
		r.Duties = append(slices.Clip(r.Duties), d)
	case DutyEnded:
		d, err := dataOf[DutyEnd](e)
		if err != nil {
			return err
		}
		if r.Duties = slices.DeleteFunc(slices.Clone(r.Duties), func(o DutyRef) bool { return o.ID == d.ID }); len(r.Duties) == 0 {
			r.Duties = nil
		}
		for _, x := range d.Exclusions {
			r.adopt(x)
		}
		if d.Duty == Consulting && d.How == DutyDone && e.Owner != "" {
			r.credit(e.Owner)
		}
	}
	return nil
}

// adopt takes over an exclusion from a duty beside the inquiry.
func (r *Row) adopt(x Exclusion) {
	others := slices.DeleteFunc(slices.Clone(r.Exclusions), func(o Exclusion) bool { return o.Owner == x.Owner })
	r.Exclusions = append(others, x)
}

// credit notes that somebody helped, the latest last and each once.
func (r *Row) credit(owner OwnerID) {
	helpers := slices.DeleteFunc(slices.Clone(r.Helpers), func(o OwnerID) bool { return o == owner })
	helpers = append(helpers, owner)
	r.Helpers = helpers[max(0, len(helpers)-MaxHelpers):]
}
