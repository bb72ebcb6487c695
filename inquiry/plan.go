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
// needs the policy that made it: a restart, a reload or an audit years later
// reads the plan. Plans are interned: many inquiries share one, and an
// inquiry refers to it by its id, the digest of its content.
type Plan struct {
	Policy   string   `json:"policy"`          // the policy's version
	Rule     string   `json:"rule"`            // the path of the rule that matched, "press/urgent"
	Trail    []string `json:"trail,omitempty"` // the rules that matched and went on, in order
	Duty     Duty     `json:"duty,omitempty"`  // of a duty beside an inquiry; empty: to resolve
	Priority Priority `json:"priority,omitempty"`

	Requirement Requirement    `json:"requirement"`
	Targets     []sla.Target   `json:"targets"`
	Calendars   []sla.Calendar `json:"calendars,omitempty"` // those that the targets name
	Ladder      sla.Ladder     `json:"ladder"`

	// Audiences says which one leads, of an author who is several things to us.
	Audiences *Audiences `json:"audiences,omitempty"`
	// Assist is the help that it needs from the start.
	Assist []AssistTerms `json:"assist,omitempty"`
	// Arbiter decides on contested replies. Nil: the lead of the inquiry's
	// department, or the sink where there is none.
	Arbiter *Party `json:"arbiter,omitempty"`
	// SignOff is the form of what a reply ends in, as the account has it.
	SignOff string `json:"sign_off,omitempty"`

	Assignment Assignment   `json:"assignment"`
	OfferFor   sla.Duration `json:"offer_for,omitempty"` // how long an offer lives
	Offers     int          `json:"offers,omitempty"`    // how many are live at once, at most; 0 is one
	Order      Order        `json:"order"`               // the waiting order
	Cost       int          `json:"cost"`                // what it takes of an owner's capacity
	// WaitingCost is what it takes while it waits, nil for as much as ever. Waking
	// is what becomes of it when it wakes and its owner is full by then.
	WaitingCost *int `json:"waiting_cost,omitempty"`
	Waking      Fate `json:"waking,omitempty"`
	// Interruptible means that it does not keep other work away.
	Interruptible bool         `json:"interruptible,omitempty"`
	WrapUp        sla.Duration `json:"wrap_up,omitempty"` // how long it takes of its owner's capacity after the end
	// BeginBefore is how long before the end of their shift somebody gets it at the
	// latest, ShiftEnd what becomes of it at that end.
	BeginBefore sla.Duration `json:"begin_before,omitempty"`
	ShiftEnd    Fate         `json:"shift_end,omitempty"`

	Weights Weights `json:"weights"` // of the owner's score
	// DelayCost and Handling are what the order by cost goes by, and there with it only: what waiting
	// costs, in any unit that all plans share, and how long the work is expected to take.
	DelayCost  int          `json:"delay_cost,omitempty"`
	Handling   sla.Duration `json:"handling,omitempty"`
	DeclineFor sla.Duration `json:"decline_for,omitempty"` // how long a decliner is passed over
	ExpireFor  sla.Duration `json:"expire_for,omitempty"`  // how long one who let an offer expire is passed over
	// UndeliveredFor is the same for whoever could not be told of the offer, 0
	// meaning ExpireFor; ReleaseFor for whoever gave it back, 0 meaning DeclineFor.
	UndeliveredFor sla.Duration `json:"undelivered_for,omitempty"`
	ReleaseFor     sla.Duration `json:"release_for,omitempty"`
	// SoleFor is how long anybody is passed over if everybody who qualifies is.
	SoleFor sla.Duration `json:"sole_for,omitempty"`
	// ConfirmFor is how long after an acceptance it has to be confirmed, 0 meaning
	// that it need not; UnconfirmedFor how long an owner is passed over if it was not.
	ConfirmFor     sla.Duration `json:"confirm_for,omitempty"`
	UnconfirmedFor sla.Duration `json:"unconfirmed_for,omitempty"`
	HoldFor        sla.Duration `json:"hold_for,omitempty"`   // how long it waits for the customer's previous owner
	AwaitFor       sla.Duration `json:"await_for,omitempty"`  // how long it waits for the customer at most
	ReopenFor      sla.Duration `json:"reopen_for,omitempty"` // how long after its resolution a message reopens it

	// Acknowledge is what the duty to acknowledge asks for where it is not the
	// owner's own, Consult what help takes. Nil: nobody else acknowledges, and
	// the library's own.
	Acknowledge *DutyTerms `json:"acknowledge,omitempty"`
	Consult     *DutyTerms `json:"consult,omitempty"`
	// Handoffs is how it is handed on; nil: the library's own.
	Handoffs *Handoffs `json:"handoffs,omitempty"`
	// Approve is what it takes to approve a reply. Nil: nobody has to.
	Approve *DutyTerms `json:"approve,omitempty"`
	// OnChange is what a message does that speaks of something else; "" is
	// KeepOnChange. KeepOwner leaves what was routed anew, by this plan now, with an
	// owner who may have it.
	OnChange  OnChange `json:"on_change,omitempty"`
	KeepOwner bool     `json:"keep_owner,omitempty"`
}

// Assignment is how an inquiry comes to its owner.
type Assignment string

// Ways of assigning.
const (
	ByOffer  Assignment = "offer"  // put before an owner, who accepts or declines
	Directly Assignment = "direct" // theirs at once
)

// Order is which of the waiting inquiries is served first.
type Order string

// Waiting orders. Ties are broken by priority, arrival and id.
const (
	// ByDeadline serves the earliest unmet deadline first, breached ones included.
	ByDeadline Order = "deadline"
	// ByRatio serves the largest share of its time first: the age of the clock
	// whose unmet deadline is the earliest, over its target in real time. It grows
	// beyond 1 for what is overdue.
	ByRatio Order = "ratio"
	// ByCost serves where waiting costs the most per hour of work: delay cost
	// times age over handling time, which is the generalised c-mu rule for costs
	// that grow with the square of the wait (Van Mieghem, Annals of Applied
	// Probability 5, 1995).
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
	// Overqualification is what levels above those wanted cost. Default 0.
	Overqualification int64 `json:"overqualification,omitempty"`
	// Bonus is of what a scorer of the host gives. Default 0.
	Bonus int64 `json:"bonus,omitempty"`
}

// MaxWeight keeps every score within an int64.
const MaxWeight = 1_000_000_000_000

// DefaultWeights make the score lexicographic.
func DefaultWeights() Weights {
	return Weights{Affinity: 1e12, Fit: 1e9, Scarcity: 1e6, Utilisation: 1e3, Idle: 1}
}

// ID is the digest of the plan's content.
func (p *Plan) ID() ID {
	b, err := json.Marshal(p)
	if err != nil { // a Plan holds nothing that cannot be marshalled
		panic(fmt.Sprintf("inquiry: plan: %v", err))
	}
	sum := sha256.Sum256(b)
	return idFromSum(sum[:])
}

// Target is the plan's target of a kind.
func (p *Plan) Target(kind sla.Kind) (sla.Target, bool) {
	for _, t := range p.Targets {
		if t.Kind == kind {
			return t, true
		}
	}
	return sla.Target{}, false
}

// ReopenUntil is until when a message reopens an inquiry resolved at t.
func (p *Plan) ReopenUntil(t time.Time) time.Time { return t.Add(time.Duration(p.ReopenFor)) }
