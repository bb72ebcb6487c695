package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/answerable-go/answerable/inquiry"
)

// Finding is one breach of a rule.
type Finding struct {
	Rule    Rule            `json:"rule"`
	Seq     uint64          `json:"seq"` // of the event at which it showed
	Inquiry inquiry.ID      `json:"inquiry,omitzero"`
	Owner   inquiry.OwnerID `json:"owner,omitempty"`
	// Found says what is there and, if it is a value, what should be there instead.
	Found string `json:"found"`
	// Expected is what the rule promises.
	Expected string `json:"expected"`
}

// String is a line for people.
func (f Finding) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "event %d: %s", f.Seq, f.Rule)
	if !f.Inquiry.IsZero() {
		fmt.Fprintf(&b, ": inquiry %s", f.Inquiry)
	}
	if f.Owner != "" {
		fmt.Fprintf(&b, ": owner %s", f.Owner)
	}
	return b.String() + ": " + f.Found
}

// MaxFindings is how many findings a report keeps; more are counted.
const MaxFindings = 1000

// Check is how often a rule was tried, and how often it was broken. A rule that
// was never tried proves nothing: nothing of its kind happened.
type Check struct {
	Rule   Rule   `json:"rule"`
	Tried  uint64 `json:"tried"`
	Broken uint64 `json:"broken"`
}

// Report says what was found, and how much was verified.
type Report struct {
	Pool      string `json:"pool"`
	Events    uint64 `json:"events"`
	Steps     uint64 `json:"steps"`     // inputs carried out, and instants at which time brought something about
	Inquiries uint64 `json:"inquiries"` // opened
	Open      uint64 `json:"open"`      // still, at the end
	// Head is the position of the last event that was read, and Hash that of the
	// journal's chain there. Whoever notes these down elsewhere can prove later that
	// the journal up to there was not changed.
	Head uint64       `json:"head"`
	Hash inquiry.Hash `json:"hash"`
	// Checks has every rule, in the order of [Rules].
	Checks   []Check   `json:"checks"`
	Findings []Finding `json:"findings,omitempty"`
	// More is how many findings there were beyond those kept.
	More uint64 `json:"more,omitempty"`
}

func newReport(pool string) Report {
	r := Report{Pool: pool}
	for _, rule := range Rules() {
		r.Checks = append(r.Checks, Check{Rule: rule})
	}
	return r
}

// tried counts that rules were tried.
func (r *Report) tried(rules ...Rule) {
	for _, rule := range rules {
		r.check(rule).Tried++
	}
}

func (r *Report) check(rule Rule) *Check {
	i := slices.IndexFunc(r.Checks, func(c Check) bool { return c.Rule == rule })
	return &r.Checks[i]
}

func (r *Report) add(f Finding) {
	r.check(f.Rule).Broken++
	if len(r.Findings) >= MaxFindings {
		r.More++
		return
	}
	f.Expected = f.Rule.Promise()
	r.Findings = append(r.Findings, f)
}

// merge adds what another report, over the same journal, has tried and found.
func (r *Report) merge(o *Report) {
	for _, c := range o.Checks {
		mine := r.check(c.Rule)
		mine.Tried, mine.Broken = mine.Tried+c.Tried, mine.Broken+c.Broken
	}
	room := max(0, min(len(o.Findings), MaxFindings-len(r.Findings)))
	r.Findings = append(r.Findings, o.Findings[:room]...)
	r.More += o.More + uint64(len(o.Findings)-room)
}

// Sound reports whether nothing was found.
func (r *Report) Sound() bool { return len(r.Findings) == 0 }

// Rules returns the rules that were broken, each once, in the order of their
// first finding.
func (r *Report) Rules() []Rule {
	var out []Rule
	for _, f := range r.Findings {
		if !slices.Contains(out, f.Rule) {
			out = append(out, f.Rule)
		}
	}
	return out
}

// Untried returns the rules that nothing was there to be tried on.
func (r *Report) Untried() []Rule {
	var out []Rule
	for _, c := range r.Checks {
		if c.Tried == 0 {
			out = append(out, c.Rule)
		}
	}
	return out
}
