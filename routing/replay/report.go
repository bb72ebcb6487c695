package replay

import (
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// Report says what would have been, beside what was. It is plain data with
// stable JSON; durations are in seconds.
type Report struct {
	From   time.Time `json:"from"`
	Until  time.Time `json:"until"`  // both runs end then
	Policy string    `json:"policy"` // the version by which both are measured
	// Handling, Eligibility and Seed are the assumptions; see [Options].
	Handling    Handling    `json:"handling"`
	Eligibility Eligibility `json:"able"`
	Seed        uint64      `json:"seed"`
	// Inferred means that the skills of the roster were inferred from history.
	Inferred bool `json:"inferred,omitempty"`

	Inquiries int      `json:"inquiries"`
	Changed   int      `json:"changed"` // go another way, or at another time
	Was       Measures `json:"was"`
	Would     Measures `json:"would"`
	// HandedOffAtMost is how many cases would be handed off if nobody could resolve
	// a case unless the record shows that they can. Would.Groups.HandedOff is the
	// other extreme of what can be assumed.
	HandedOffAtMost int `json:"handed_off_at_most"`
	// WaitChange and ResolveChange are mean changes, over the cases that had an
	// owner, or were resolved, in both runs.
	WaitChange    Mean `json:"wait_change"`
	ResolveChange Mean `json:"resolve_change"`
	Appear        int  `json:"appear"` // breaches that would be new
	Vanish        int  `json:"vanish"` // breaches that would not happen any more
	// Stranded is how many cases nobody on the roster could ever have had.
	Stranded int `json:"stranded"`
	// RecordedBreaches is how many breaches a journal itself has, by the promises
	// of its own policy; -1 for a log.
	RecordedBreaches int `json:"recorded_breaches"`

	Deadlines   []DeadlineResult   `json:"deadlines,omitempty"`
	Departments []DepartmentResult `json:"departments,omitempty"`
	Owners      []OwnerResult      `json:"owners,omitempty"`
	// Changes are the inquiries that changed, in the order in which they came in.
	Changes []Change `json:"changes,omitempty"`
	// Caveats are what could not be known and what was assumed, each with how many
	// cases, owners or acts rest on it.
	Caveats []Caveat `json:"caveats,omitempty"`
	// Journals are the SHA-256 of the journals of both runs, if asked for. The same
	// history, policy, roster and options give the same ones on every machine.
	Journals Journals `json:"journals,omitzero"`
}

// Journals are the SHA-256 of the journals of the two runs.
type Journals struct {
	Was   string `json:"was"`
	Would string `json:"would"`
}

// Measures are measured over all inquiries, in one of the runs.
type Measures struct {
	Owned    int `json:"owned"` // had an owner
	Resolved int `json:"resolved"`
	Open     int `json:"open"` // not resolved at the end
	Met      int `json:"met"`  // deadlines
	Missed   int `json:"missed"`
	// Wait is the time from the opening to the first owner, and Resolve that to the
	// last resolution.
	Wait    Spread `json:"wait"`
	Resolve Spread `json:"resolve"`
	// Groups are the hand-offs between groups or departments, and Owners those
	// between owners.
	Groups HandOffs `json:"groups"`
	Owners HandOffs `json:"owners"`
}

// Spread is how long something took, in seconds.
type Spread struct {
	N      int     `json:"n"`
	Mean   float64 `json:"mean"`
	Median float64 `json:"median"`
	P90    float64 `json:"p90"`
}

// Mean is the mean of N differences, in seconds.
type Mean struct {
	N    int     `json:"n"`
	Mean float64 `json:"mean"`
}

// Attainment is how many deadlines were met, and how many missed.
type Attainment struct {
	Met    int `json:"met"`
	Missed int `json:"missed"`
}

// DeadlineResult are the results for one kind of deadline.
type DeadlineResult struct {
	Kind   sla.Kind   `json:"kind"`
	Was    Attainment `json:"was"`
	Would  Attainment `json:"would"`
	Appear int        `json:"appear"` // breaches that would be new
	Vanish int        `json:"vanish"` // breaches that would not happen any more
}

// Share is how many inquiries an owner, or a department, had.
type Share struct {
	First int `json:"first"` // had as the first
	Had   int `json:"had"`   // had at some time
	Last  int `json:"last"`  // had as the last
	// Missed are the missed deadlines of those that they had as the last.
	Missed int `json:"missed"`
}

// OwnerResult are the results for one owner.
type OwnerResult struct {
	Owner inquiry.OwnerID `json:"owner"`
	// OnRoster is false for somebody who had cases in the record and is not on the
	// roster. InRecord is false for somebody on the roster who had none.
	OnRoster bool  `json:"on_roster"`
	InRecord bool  `json:"in_record"`
	Was      Share `json:"was"`
	Would    Share `json:"would"`
	// Inferred are the skills that were inferred for them.
	Inferred []inquiry.Skill `json:"inferred_skills,omitempty"`
}

// DepartmentResult are the results for one department. In what was, it is a group
// of the record.
type DepartmentResult struct {
	Department string `json:"department"`
	Was        Share  `json:"was"`
	Would      Share  `json:"would"`
}

// Change is an inquiry that would go another way, or at another time.
type Change struct {
	Case  string    `json:"case"`
	At    time.Time `json:"at"`
	Was   Course    `json:"was"`
	Would Course    `json:"would"`
	// Appear are the breaches that would be new, Vanish those that would not happen
	// any more.
	Appear []Deadline `json:"appear,omitempty"`
	Vanish []Deadline `json:"vanish,omitempty"`
}

// Caveat is something that a replay cannot know or has to assume, and how
// often.
type Caveat struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
	// Text goes on after the count: "cases have ...".
	Text string `json:"text"`
}
