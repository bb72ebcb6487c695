package routing

import (
	"slices"

	"github.com/answerable-go/answerable/inquiry"
)

// Triage is what happens to an inquiry about which screening is not sure:
// somebody looks at it and says with [inquiry.Classify] what it is. No other
// rule is tried; its rule is named [inquiry.TriageRule]. Once it is classified
// it has the targets of its rule, counted from when it came in.
type Triage struct {
	// Below is how sure screening has to be at least, in per cent, 1 to 100. What
	// states no confidence is not held up.
	Below int `json:"below"`
	// Settings are those of the triage itself: who may do it, and by when. A
	// target of kind [sla.Department], with a Home, is a deadline of its own; it is
	// over once the inquiry has left for another department.
	Settings
}

// unsure reports whether facts are for the triage.
func (c *Compiled) unsure(f *inquiry.Facts) bool {
	t := c.policy.Triage
	return t != nil && f.Confidence > 0 && f.Confidence < t.Below
}

// triage checks the policy's triage.
func (k *checker) triage() {
	t := k.p.Triage
	if t == nil {
		return
	}
	if t.Below < 1 || t.Below > 100 {
		k.fault("triage/below", "is %d: want 1 to 100 percent", t.Below)
	}
	k.settings("triage", t.Settings)
	if slices.ContainsFunc(k.p.Rules, func(r Rule) bool { return r.Name == inquiry.TriageRule }) {
		k.fault("rules", "there is a rule named %s, and a triage, whose name that is: rename the rule", inquiry.TriageRule)
	}
}

// changing checks what a rule says of inquiries that change under way.
func (k *checker) changing(path string, s *Settings) {
	if !slices.Contains([]inquiry.OnChange{"", inquiry.KeepOnChange, inquiry.RerouteOnChange, inquiry.SplitOnChange}, s.OnChange) {
		k.fault(path+"/on_change", "is %q: want %s, %s or %s", s.OnChange, inquiry.KeepOnChange, inquiry.RerouteOnChange, inquiry.SplitOnChange)
	}
}

// ofChange is what a plan says of inquiries that change under way.
func (s *Settings) ofChange(p *inquiry.Plan) {
	if p.OnChange = s.OnChange; p.OnChange == inquiry.KeepOnChange {
		p.OnChange = "" // which means the same
	}
	p.KeepOwner = s.KeepOwner != nil && *s.KeepOwner
}
