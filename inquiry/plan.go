package inquiry

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"github.com/answerable-go/answerable/sla"
)

// Priority of an inquiry: 0 is normal, higher is more urgent. It breaks ties
// of the waiting order; urgency itself comes from tighter targets.
type Priority int

// Plan is what the policy made of an inquiry. Nothing that happens afterwards
// needs that policy: a restart, a reload or an audit years later reads the
// plan.
//
// Many inquiries share a plan, and each refers to it by its id, the digest of
// its content.
type Plan struct {
	Policy   string   `json:"policy"`          // the policy's version
	Rule     string   `json:"rule"`            // the path of the rule that matched, "press/urgent"
	Trail    []string `json:"trail,omitempty"` // the rules before it that matched and continued, in order
	Duty     Duty     `json:"duty,omitempty"`  // empty: to resolve
	Priority Priority `json:"priority,omitempty"`

	Requirement Requirement    `json:"requirement"`
	Targets     []sla.Target   `json:"targets"`
	Calendars   []sla.Calendar `json:"calendars,omitempty"` // those that the targets name
	Ladder      sla.Ladder     `json:"ladder"`

	// Audiences says which audience leads, if the author has several.
	Audiences *Audiences `json:"audiences,omitempty"`
	// Assist is the help that is asked for from the start.
	Assist []AssistTerms `json:"assist,omitempty"`
	// Arbiter decides on contested replies. Nil: the lead of the inquiry's
	// department, or the sink if it has none.
	Arbiter *Party `json:"arbiter,omitempty"`
	// SignOff is the account's form of what a reply ends in; see [Owner.SignOff].
	SignOff string `json:"sign_off,omitempty"`

	Assignment Assignment   `json:"assignment"`
	OfferFor   sla.Duration `json:"offer_for,omitempty"` // how long an offer lives
	Offers     int          `json:"offers,omitempty"`    // how many offers are live at once at most; 0 means 1
	Order      Order        `json:"order"`               // the waiting order
	Cost       int          `json:"cost"`                // what the inquiry takes of an owner's capacity
	// WaitingCost is what it takes while it waits; nil: its full cost. Waking is
	// what happens if it wakes while its owner is full.
	WaitingCost *int `json:"waiting_cost,omitempty"`
	Waking      Fate `json:"waking,omitempty"`
	// Interruptible work in hand does not keep other work away.
	Interruptible bool         `json:"interruptible,omitempty"`
	WrapUp        sla.Duration `json:"wrap_up,omitempty"` // how long it still takes of its owner's capacity after the end
	// BeginBefore is how long before the end of their shift an owner gets it at the
	// latest. ShiftEnd is what happens to it when the shift of its owner ends.
	BeginBefore sla.Duration `json:"begin_before,omitempty"`
	ShiftEnd    Fate         `json:"shift_end,omitempty"`

	Weights Weights `json:"weights"` // of the owner's score
	// DelayCost and Handling are used by the order ByCost, and set with that only:
	// what waiting costs, in any unit that all plans share, and how long the work
	// is expected to take.
	DelayCost  int          `json:"delay_cost,omitempty"`
	Handling   sla.Duration `json:"handling,omitempty"`
	DeclineFor sla.Duration `json:"decline_for,omitempty"` // how long an owner who declined is passed over
	ExpireFor  sla.Duration `json:"expire_for,omitempty"`  // how long an owner who let an offer expire is passed over
	// UndeliveredFor is the same for an owner whom the offer did not reach (0 means
	// ExpireFor), and ReleaseFor for one who gave the inquiry back (0 means
	// DeclineFor).
	UndeliveredFor sla.Duration `json:"undelivered_for,omitempty"`
	ReleaseFor     sla.Duration `json:"release_for,omitempty"`
	// SoleFor takes the place of these while everybody who qualifies is passed
	// over.
	SoleFor sla.Duration `json:"sole_for,omitempty"`
	// ConfirmFor is how long after its acceptance the inquiry has to be confirmed;
	// 0: it need not be. UnconfirmedFor is how long an owner is passed over if it
	// was not.
	ConfirmFor     sla.Duration `json:"confirm_for,omitempty"`
	UnconfirmedFor sla.Duration `json:"unconfirmed_for,omitempty"`
	HoldFor        sla.Duration `json:"hold_for,omitempty"`   // how long it is held for the customer's previous owner
	AwaitFor       sla.Duration `json:"await_for,omitempty"`  // how long an [Await] can last at most
	ReopenFor      sla.Duration `json:"reopen_for,omitempty"` // how long after the resolution a message reopens it

	// Acknowledge is what the duty to acknowledge asks for; nil: the owner
	// acknowledges. Consult is what help asks for; nil: the library's defaults.
	Acknowledge *DutyTerms `json:"acknowledge,omitempty"`
	Consult     *DutyTerms `json:"consult,omitempty"`
	// Handoffs are the rules for handing it over; nil: the library's defaults.
	Handoffs *Handoffs `json:"handoffs,omitempty"`
	// Approve is what the approval of a reply asks for; nil: replies need none.
	Approve *DutyTerms `json:"approve,omitempty"`
	// OnChange is what a message about another matter does; "" is KeepOnChange.
	// KeepOwner lets an owner keep an inquiry that was routed again and has come to
	// this plan, if they may have it.
	OnChange  OnChange `json:"on_change,omitempty"`
	KeepOwner bool     `json:"keep_owner,omitempty"`
}

// Assignment is how an inquiry comes to its owner.
type Assignment string

// The ways of assigning; see also [ByPull].
const (
	ByOffer  Assignment = "offer"  // it is offered to an owner, who accepts or declines
	Directly Assignment = "direct" // it is theirs at once
)

// Order says which of the waiting inquiries is served first.
type Order string

// The waiting orders. Ties are broken by priority, arrival and id.
const (
	// ByDeadline serves the earliest unmet deadline first, breached ones included.
	ByDeadline Order = "deadline"
	// ByRatio serves the inquiry first that has used up the largest share of its
	// time: the age of the clock with the earliest unmet deadline, divided by the
	// real time that its target gives. For an overdue inquiry that is above 1.
	ByRatio Order = "ratio"
	// ByCost serves the inquiry first whose waiting costs the most per hour of work:
	// delay cost times age, divided by handling time. It is the generalised c-mu
	// rule for costs that grow with the square of the wait (Van Mieghem, Annals of
	// Applied Probability 5, 1995).
	ByCost Order = "cost"
	// ByPriority serves the highest priority first.
	ByPriority Order = "priority"
	// ByArrival serves the oldest first.
	ByArrival Order = "arrival"
)

// Weights of the parts of an owner's score. Each part is an integer from 0 to
// 999, so the default weights, a thousandfold apart, make the score
// lexicographic: affinity, then fit, then scarcity, then utilisation, then
// idleness. Weights are 0 to MaxWeight; a part of weight 0 is not asked for.
type Weights struct {
	Affinity    int64 `json:"affinity"`
	Fit         int64 `json:"fit"`
	Scarcity    int64 `json:"scarcity"`
	Utilisation int64 `json:"utilisation"`
	Idle        int64 `json:"idle"`
	// Overqualification is the weight of the part that falls with each level above
	// those wanted. Default 0.
	Overqualification int64 `json:"overqualification,omitempty"`
	// Bonus is the weight of the bonus that the host's scorer gives. Default 0.
	Bonus int64 `json:"bonus,omitempty"`
}

// MaxWeight is the largest weight, so that every score fits into an int64.
const MaxWeight = 1_000_000_000_000

// DefaultWeights returns the weights that make the score lexicographic; see
// [Weights].
func DefaultWeights() Weights {
	return Weights{Affinity: 1e12, Fit: 1e9, Scarcity: 1e6, Utilisation: 1e3, Idle: 1}
}

// ID returns the digest of the plan's content.
func (p *Plan) ID() ID {
	b, err := json.Marshal(p)
	if err != nil { // a Plan holds nothing that cannot be marshalled
		panic(fmt.Sprintf("inquiry: plan: %v", err))
	}
	sum := sha256.Sum256(b)
	return idFromSum(sum[:])
}

// Target returns the plan's target of a kind, and whether it has one.
func (p *Plan) Target(kind sla.Kind) (sla.Target, bool) {
	for _, t := range p.Targets {
		if t.Kind == kind {
			return t, true
		}
	}
	return sla.Target{}, false
}

// ReopenUntil returns until when a message reopens an inquiry that was resolved
// at t.
func (p *Plan) ReopenUntil(t time.Time) time.Time { return t.Add(time.Duration(p.ReopenFor)) }
