package inquiry

import (
	"slices"
	"time"

	"github.com/answerable-go/answerable/sla"
)

// Handoff proposes that somebody else becomes answerable for an inquiry. The
// proposal is a duty to take over, beside the inquiry, with a plan and a queue
// of its own, which is offered to one receiver after the other. The giver stays
// answerable until somebody accepts it; a Withdraw of the duty takes it back.
//
// What was promised to the customer stays promised: none of the clocks that the
// customer feels starts over, only the department's own, if the department
// changes.
type Handoff struct {
	Inquiry ID      `json:"inquiry"`
	Owner   OwnerID `json:"owner"` // the giver: the inquiry's owner
	// To is the owner who is to have it. Without To, Skills and Departments say
	// what it takes, in place of what the inquiry asked for so far. The language,
	// the account and the authority are asked for in any case.
	To          OwnerID            `json:"to,omitempty"`
	Skills      []SkillRequirement `json:"skills,omitempty"`
	Departments []string           `json:"departments,omitempty"`
	Reason      string             `json:"reason"` // nothing personal
	// Promised is what was promised to the customer so far; nothing personal.
	Promised string `json:"promised,omitempty"`
	// Anyway waives the skills, the language and the department for the owner named
	// by To, and waits for them if they could not have it now. They must have the
	// account and the authority, and must not have turned it down.
	Anyway bool `json:"anyway,omitempty"`
}

// Handoffs are the rules for handing an inquiry from one owner to another.
type Handoffs struct {
	// Within is how long a hand-off may wait for acceptance; then it ends, and the
	// giver is told. Default 15m.
	Within sla.Duration `json:"within,omitempty"`
	// Warn is from which hand-off of an inquiry on (2 is the second) the
	// department's lead is told, or else the sink. Default 2; -1: never.
	Warn int `json:"warn,omitempty"`
	// Max is how many hand-offs of an inquiry there can be. The next one, and any
	// that would go back to somebody who had the inquiry before, goes to the
	// arbiter. Default 3; -1: no limit, and it may go back.
	Max int `json:"max,omitempty"`
	// Arbiter is who becomes the owner then, past the gates: lead, on_call, role or
	// sink; the sink if that is nobody. Default lead.
	Arbiter sla.Party `json:"arbiter,omitempty"`
	Name    string    `json:"name,omitempty"` // of the rotation or the role
	// Anyway makes every hand-off one with Anyway; see Handoff.
	Anyway bool `json:"anyway,omitempty"`
}

// MaxRoute is how many hand-offs a row names: the latest ones.
const MaxRoute = 16

// Hop is one change of owner by a hand-off, on the Route of a row.
type Hop struct {
	From    OwnerID   `json:"from"`
	To      OwnerID   `json:"to"`
	At      time.Time `json:"at"`
	Arbiter bool      `json:"arbiter,omitempty"` // it went to the arbiter
}

// Handover is the data of a completed hand-off: one that was accepted, or went
// to the arbiter.
type Handover struct {
	From       OwnerID `json:"from"`
	Cost       int     `json:"cost"`
	Department string  `json:"department,omitempty"` // the receiver's
	Reason     string  `json:"reason,omitempty"`
	Promised   string  `json:"promised,omitempty"`
	Duty       ID      `json:"duty,omitzero"` // the duty to take over that was accepted
	// Arbiter is why it went to the arbiter, empty if it did not. Wanted is the
	// owner for whom it was meant then.
	Arbiter string  `json:"arbiter,omitempty"`
	Wanted  OwnerID `json:"wanted,omitempty"`
	Over    bool    `json:"over,omitempty"` // beyond the capacity of the arbiter, or of the owner to whom the duty was assigned by hand
}

func (Handover) data() {}

// Chain returns the hand-offs since the last one that the arbiter settled.
func (r *Row) Chain() []Hop {
	for i, h := range slices.Backward(r.Route) {
		if h.Arbiter {
			return r.Route[i+1:]
		}
	}
	return r.Route
}

func foldHandover(r *Row, e *Event) error {
	d, err := dataOf[Handover](e)
	if err != nil {
		return err
	}
	r.own(e, d.Cost, d.Department)
	r.Manual, r.Over = d.Arbiter != "", d.Over
	route := append(r.Route[max(0, len(r.Route)-MaxRoute+1):len(r.Route):len(r.Route)],
		Hop{From: d.From, To: e.Owner, At: e.RecordedAt, Arbiter: d.Arbiter != ""})
	r.Route, r.Handoffs = route, r.Handoffs+1
	return nil
}
