package inquiry

import (
	"slices"
	"time"

	"github.com/answerable-go/answerable/sla"
)

// Duty is what somebody owes on an inquiry.
//
// The main duty is to resolve it. Each other duty is an inquiry of its own,
// "beside" the first, whose row names that as its Parent. It has a plan, a
// queue, an owner, clocks and a ladder like any other inquiry, so that it is
// visible and escalated in its own right. It has no customer: messages and
// replies belong to its parent.
//
// Such a duty ends when it is done, when whoever asked for it withdraws it,
// when nobody can have it any more, when its time is over, and at the latest
// with its parent.
type Duty string

// The duties.
const (
	Resolving     Duty = "resolve"
	Acknowledging Duty = "acknowledge" // to tell the customer that somebody is on it
	Consulting    Duty = "consult"     // to help whoever is answerable
	TakingOver    Duty = "take_over"   // to become answerable: the offer of a hand-off
	Approving     Duty = "approve"     // to let a reply go out
)

// DutyResult says how a duty beside an inquiry ended.
type DutyResult string

// The ends of a duty.
const (
	DutyDone      DutyResult = "done"
	DutyDeclined  DutyResult = "declined"  // the only owner asked declined it, or gave it back
	DutyExpired   DutyResult = "expired"   // the only owner asked let the offer expire
	DutyLost      DutyResult = "lost"      // the only owner asked has left, or does not qualify any more
	DutyTimedOut  DutyResult = "timed_out" // its time was over
	DutyWithdrawn DutyResult = "withdrawn" // whoever asked withdrew it
	DutyMoot      DutyResult = "moot"      // nothing is left to do: its parent is resolved, or it was done on the parent
)

// DutyTerms are what a duty beside an inquiry asks for.
type DutyTerms struct {
	Requirement Requirement `json:"requirement,omitzero"`
	Target      sla.Target  `json:"target"`               // by when
	Cost        int         `json:"cost,omitempty"`       // of an owner's capacity
	Assignment  Assignment  `json:"assignment,omitempty"` // empty: as its parent is assigned
}

// Ask says what was asked for when a duty beside an inquiry was opened, and of
// whom.
type Ask struct {
	By       OwnerID   `json:"by,omitempty"`       // who asked; empty: the policy
	Of       OwnerID   `json:"of,omitempty"`       // the only owner who may have it; empty: anybody who meets the requirement
	Not      []OwnerID `json:"not,omitempty"`      // owners who may never have it
	Text     string    `json:"text,omitempty"`     // the question, or the reason; nothing personal
	Reply    ID        `json:"reply,omitzero"`     // the reply that is to be approved
	Audience Audience  `json:"audience,omitempty"` // the audience because of which the policy asks for help
	Promised string    `json:"promised,omitempty"` // what was promised to the customer; nothing personal
	Until    time.Time `json:"until,omitzero"`     // when it ends by itself
}

// DutyRef names an open duty on the row of its parent.
type DutyRef struct {
	ID   ID      `json:"id"` // the id of the duty, which is an inquiry
	Duty Duty    `json:"duty"`
	Of   OwnerID `json:"of,omitempty"` // the only owner who is asked, if there is one
}

// DutyOpening is the data of the first event of a duty beside an inquiry.
type DutyOpening struct {
	Parent  ID     `json:"parent"`
	Duty    Duty   `json:"duty"`
	Channel string `json:"channel"` // the parent's
	Ask     Ask    `json:"ask,omitzero"`
	// Exclusions are the parent's.
	Exclusions []Exclusion `json:"exclusions,omitempty"`
}

// DutyClosing is the data of the last event of a duty beside an inquiry.
type DutyClosing struct {
	How  DutyResult `json:"how"`
	Note string     `json:"note,omitempty"`
}

// DutyEnd is the end of a duty, as an event of its parent. The event's owner is
// whoever had the duty.
type DutyEnd struct {
	ID   ID         `json:"id"`
	Duty Duty       `json:"duty"`
	How  DutyResult `json:"how"`
	Note string     `json:"note,omitempty"`
	// Exclusions go over to the parent: owners who declined to take it over.
	Exclusions []Exclusion `json:"exclusions,omitempty"`
}

func (DutyOpening) data() {}
func (DutyClosing) data() {}
func (DutyRef) data()     {}
func (DutyEnd) data()     {}

// Consult asks somebody for help with an inquiry. The owner stays answerable;
// the help is a duty beside the inquiry, with a cost of its own. The helper
// completes it with a Resolve whose note is the answer; the owner can end it
// with a Withdraw.
type Consult struct {
	Inquiry ID      `json:"inquiry"`
	Owner   OwnerID `json:"owner"` // who asks: the inquiry's owner
	// To is the owner who is asked. Without To, Skills and Departments say what the
	// help takes, and whoever suits that best is asked.
	To          OwnerID            `json:"to,omitempty"`
	Skills      []SkillRequirement `json:"skills,omitempty"`
	Departments []string           `json:"departments,omitempty"`
	Question    string             `json:"question"` // nothing personal
	// Anyway waits for the owner named by To, even if they could not have it now.
	Anyway bool `json:"anyway,omitempty"`
}

// Withdraw ends a duty beside an inquiry that is not done yet, such as the
// offer of a hand-off. A consultation that somebody has taken on counts as
// done, and their help is credited.
type Withdraw struct {
	Inquiry ID      `json:"inquiry"` // the duty
	Owner   OwnerID `json:"owner"`   // who asked, or is answerable for the duty's parent, or the sink
	Reason  string  `json:"reason,omitempty"`
}

// MaxDuties is how many duties people can have open beside an inquiry at once:
// with as many, nobody can ask for another one. The help that a policy asks for
// by itself, at most MaxDuties/2, and the duty to acknowledge are opened all the
// same.
const MaxDuties = 16

// MaxHelpers is how many helpers a row names: the latest ones.
const MaxHelpers = 16

// forever is until when somebody is passed over who may never have something.
var forever = time.Date(9999, time.December, 31, 23, 59, 59, 0, time.UTC)

// Bars reports whether an owner may never have this inquiry, whatever their
// skills: because only somebody else is asked, or because [Ask.Not] names them.
func (r *Row) Bars(owner OwnerID) bool {
	return r.Ask != nil && (r.Ask.Of != "" && r.Ask.Of != owner || slices.Contains(r.Ask.Not, owner))
}

// IsDuty reports whether the inquiry is a duty beside another one.
func (r *Row) IsDuty() bool { return !r.Parent.IsZero() }

// Owes returns the duty that the inquiry is: Resolving, unless it is a duty
// beside another one.
func (r *Row) Owes() Duty {
	if r.Duty == "" {
		return Resolving
	}
	return r.Duty
}

// HasDuty returns the open duty of a kind beside the inquiry, and whether there
// is one.
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
