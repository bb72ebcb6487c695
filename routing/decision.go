package routing

import (
	"encoding/json"
	"fmt"
	"math/bits"

	"github.com/answerable-go/answerable/inquiry"
)

// Decision is the compact record of why an owner was chosen. It is taken at the
// instant of the choice and kept with the event. [Explain] completes what it
// leaves out.
type Decision struct {
	// Seq is the position of the journal that was decided from.
	Seq    uint64     `json:"seq"`
	Plan   inquiry.ID `json:"plan"`
	Rule   string     `json:"rule"`
	Policy string     `json:"policy"`
	// Relaxed are the parts of the requirement that had been dropped.
	Relaxed inquiry.Relaxed `json:"relaxed,omitempty"`

	// Audiences says which one led, of an author who is several things to us.
	Audiences *inquiry.Audiences `json:"audiences,omitempty"`

	Chosen Ranked `json:"chosen"`
	// RunnersUp are the next best, at most MaxRunnersUp.
	RunnersUp []Ranked `json:"runners_up,omitempty"`
	// Pulled means that the chosen owner took it, whatever their rank.
	Pulled bool `json:"pulled,omitempty"`
	// Kept are owners who ranked before the chosen one, but were kept for another
	// inquiry that was paired at the same time; see C3 in the package
	// documentation.
	Kept []Kept `json:"kept,omitempty"`
	// Owners is how many are on the roster, and Passed how many of them passed
	// every gate.
	Owners int `json:"owners"`
	Passed int `json:"passed"`
	// Gates says how many owners each gate held back; an owner can be held back by
	// several.
	Gates []GateCount `json:"gates,omitempty"`
}

// MaxRunnersUp is how many runners-up a decision records.
const MaxRunnersUp = 3

// Ranked is an owner with their score.
type Ranked struct {
	Owner inquiry.OwnerID `json:"owner"`
	Score Score           `json:"score"`
}

// Kept is an owner who was kept for another inquiry.
type Kept struct {
	Owner   inquiry.OwnerID `json:"owner"`
	Inquiry inquiry.ID      `json:"inquiry"`
}

// GateCount says how many owners a gate held back.
type GateCount struct {
	Gate string `json:"gate"`
	N    int    `json:"n"`
}

// Tally counts for each gate how many owners it held back.
type Tally [len(gateNames)]int

// Add counts an owner who is held back by gates.
func (t *Tally) Add(g Gates) { t.AddAll(g, 1) }

// AddAll counts n owners who are held back by the same gates; a negative n
// takes them back.
func (t *Tally) AddAll(g Gates, n int) {
	for g != 0 {
		i := bits.TrailingZeros32(uint32(g))
		t[i] += n
		g &^= 1 << i
	}
}

// Counts lists the gates that held anybody back, in the order of the gates.
func (t *Tally) Counts() []GateCount { return t.AppendCounts(nil) }

// AppendCounts appends what [Tally.Counts] returns.
func (t *Tally) AppendCounts(to []GateCount) []GateCount {
	for i, n := range t {
		if n > 0 {
			to = append(to, GateCount{gateNames[i], n})
		}
	}
	return to
}

// ParseDecision reads the record of an offer or assignment. It returns nil for
// an event without one, such as an assignment by hand.
func ParseDecision(e *inquiry.Event) (*Decision, error) {
	if len(e.Decision) == 0 {
		return nil, nil
	}
	var d Decision
	if err := json.Unmarshal(e.Decision, &d); err != nil {
		return nil, fmt.Errorf("routing: decision of event %d: %w", e.Seq, err)
	}
	return &d, nil
}
