package inquiry

import (
	"slices"
	"time"

	"github.com/answerable-go/answerable/sla"
)

// Handoff proposes that somebody else becomes answerable for an inquiry. It is
// an offer beside the giver's ownership: a duty to take over, with its own plan
// and queue, that one receiver after the other accepts or declines. Until it is
// accepted the giver stays answerable; a Withdraw of the duty takes it back.
//
// What the customer was promised goes with the inquiry: no clock that the
// customer feels starts again, only the department's own, if that changes.
type Handoff struct {
	Inquiry ID      `json:"inquiry"`
	Owner   OwnerID `json:"owner"` // the giver: the inquiry's owner
	// To is who is to have it; or Skills and Departments say what it takes instead
	// of what the inquiry asked for so far. The language, the account and the
	// authority are asked for in any case.
	To          OwnerID            `json:"to,omitempty"`
	Skills      []SkillRequirement `json:"skills,omitempty"`
	Departments []string           `json:"departments,omitempty"`
	Reason      string             `json:"reason"` // nothing personal
	// Promised is what was promised to the customer so far; nothing personal.
	Promised string `json:"promised,omitempty"`
	// Anyway hands it to whoever is named by To although they lack the skills, the
	// language or the department that the inquiry asks for, and waits for them
	// although they could not have it now. The account and the authority must be
	// theirs, and they must not have turned it down.
	Anyway bool `json:"anyway,omitempty"`
}

// Handoffs are how an inquiry is handed from one owner to another.
type Handoffs struct {
	// Within is how long one may take until it is accepted; after that the giver
	// is told that it was not. Default 15m.
	Within sla.Duration `json:"within,omitempty"`
	// Warn is from which hand-off of an inquiry on the department's lead, or else
	// the sink, is told. Default 2; -1: never.
	Warn int `json:"warn,omitempty"`
	// Max is how many there can be. The next one, and any that would go back to
	// somebody who had the inquiry before, goes to the arbiter. Default 3; -1: as
	// many as are wanted, and back as well.
	Max int `json:"max,omitempty"`
	// Arbiter is who then becomes the owner, past the gates: sla.Lead, sla.OnCall,
	// sla.Role or sla.Sink; the sink where that is nobody. Default sla.Lead.
	Arbiter sla.Party `json:"arbiter,omitempty"`
	Name    string    `json:"name,omitempty"` // of the rotation or the role
	// Anyway is that of every Handoff.
	Anyway bool `json:"anyway,omitempty"`
}

// MaxRoute is how many hand-offs a row names, the last ones.
const MaxRoute = 16

// Hop is one change of owner by a hand-off.
type Hop struct {
	From    OwnerID   `json:"from"`
	To      OwnerID   `json:"to"`
	At      time.Time `json:"at"`
	Arbiter bool      `json:"arbiter,omitempty"` // it went to the arbiter
}

// Handover is a hand-off that came about: accepted, or sent to the arbiter.
type Handover struct {
	From       OwnerID `json:"from"`
	Cost       int     `json:"cost"`
	Department string  `json:"department,omitempty"` // the receiver's
	Reason     string  `json:"reason,omitempty"`
	Promised   string  `json:"promised,omitempty"`
	Duty       ID      `json:"duty,omitzero"` // the duty to take over that was accepted
	// Arbiter is why it went to the arbiter, empty if it did not; Wanted is whom
	// it was meant for then.
	Arbiter string  `json:"arbiter,omitempty"`
	Wanted  OwnerID `json:"wanted,omitempty"`
	Over    bool    `json:"over,omitempty"` // beyond the capacity of the arbiter, or of whom the duty was assigned to by hand
}

func (Handover) data() {}

// Chain are the hand-offs since the last one that the arbiter settled.
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
