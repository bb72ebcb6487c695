package inquiry

import (
	"slices"
	"time"
)

// OnChange says what happens to an inquiry under way when its customer turns to
// another matter.
type OnChange string

// The values of [OnChange].
const (
	KeepOnChange    OnChange = "keep"    // nothing: its owner answers that, too
	RerouteOnChange OnChange = "reroute" // it is routed again, by all that is known now
	SplitOnChange   OnChange = "split"   // the message opens an inquiry of its own, linked to this one
)

// TriageRule is the name of the rule for inquiries about which screening was
// not sure enough.
const TriageRule = "triage"

// Correction is what somebody says an inquiry is about, in place of what
// screening found. What it leaves out stays as it is.
type Correction struct {
	Kind Kind `json:"kind,omitempty"`
	// Labels and Audiences replace the known ones; nil leaves them as they are, and
	// an empty list that is not nil removes them.
	Labels    []string   `json:"labels,omitzero"`
	Audiences []Audience `json:"audiences,omitzero"`
	Language  string     `json:"language,omitempty"`
}

// over is the correction laid over what is known.
func (c *Correction) over(known *Facts) Facts {
	var f Facts
	if known != nil {
		f = *known
	}
	if c.Kind != "" {
		f.Kind = c.Kind
	}
	if c.Labels != nil {
		f.Labels = nil
		f.AddLabels(c.Labels...)
	}
	if c.Audiences != nil {
		f.Audiences = nil
		f.AddAudiences(c.Audiences...)
	}
	if c.Language != "" {
		f.Language = c.Language
	}
	return f
}

// Corrected returns the row's facts with a correction applied.
func (r *Row) Corrected(c Correction) Facts { return c.over(r.Facts) }

// Classify corrects what screening found out about an inquiry and routes it
// again. It is for the people who do the triage, and for anybody who sees that
// an inquiry is in the wrong place. The customer's clocks run on; they do not
// start over.
type Classify struct {
	Inquiry ID      `json:"inquiry"`
	Owner   OwnerID `json:"owner"` // who says so: anybody on the roster, or the sink
	Correction
	Reason string `json:"reason,omitempty"`
}

func (Classify) name() string { return "classify" }

func (Classify) journaled() Command { return nil }

// Rerouting is the new plan of an inquiry that was under way already.
type Rerouting struct {
	Plan       ID         `json:"plan"`
	Rule       string     `json:"rule"`
	Policy     string     `json:"policy"`
	Priority   Priority   `json:"priority,omitempty"`
	Department string     `json:"department,omitempty"`
	Audiences  *Audiences `json:"audiences,omitempty"` // which one led, see Routing
	Redirect   *Redirect  `json:"redirect,omitempty"`
	// Facts are the facts that it was routed by, reduced to those that rules look
	// at.
	Facts  *Facts `json:"facts,omitempty"`
	Reason string `json:"reason,omitempty"` // changed_intent, or what somebody said
	// Kept means that whoever has it keeps it; otherwise it goes back to a queue.
	Kept bool `json:"kept,omitempty"`
	// NextRung is when the first rung of the new plan's ladder is due, where a
	// breach is outstanding.
	NextRung time.Time `json:"next_rung,omitzero"`
}

func (Rerouting) data() {}

// How many labels and audiences a row keeps once it is routed. The journal has
// all of them.
const (
	MaxKeptLabels    = 32
	MaxKeptAudiences = 8
)

// Kept returns the facts that a row keeps once it is routed: those that rules
// look at, so that it can be routed again. It is nil if there are none.
func (f *Facts) Kept() *Facts {
	if kept, some := f.kept(); some {
		return &kept
	}
	return nil
}

// kept is what Kept points to, and whether there is anything.
func (f *Facts) kept() (kept Facts, some bool) {
	if f == nil || f.Kind == "" && len(f.Labels)+len(f.Audiences) == 0 && f.Language == "" && f.Reach == 0 {
		return kept, false
	}
	return Facts{
		Kind: f.Kind, Language: f.Language, Reach: f.Reach,
		Labels:    slices.Clip(f.Labels[:min(len(f.Labels), MaxKeptLabels)]),
		Audiences: slices.Clip(f.Audiences[:min(len(f.Audiences), MaxKeptAudiences)]),
	}, true
}

// And combines two sets of facts: all labels and audiences, the greater reach,
// and f's kind and language, or those of more where f has none.
func (f *Facts) And(more *Facts) *Facts {
	switch {
	case f == nil:
		return more.Kept()
	case more == nil:
		return f.Kept()
	}
	both := Facts{Kind: f.Kind, Language: f.Language, Reach: max(f.Reach, more.Reach)}
	if both.Kind == "" {
		both.Kind = more.Kind
	}
	if both.Language == "" {
		both.Language = more.Language
	}
	both.AddLabels(slices.Concat(f.Labels, more.Labels)...)
	both.AddAudiences(slices.Concat(f.Audiences, more.Audiences)...)
	both.Confidence = more.Confidence
	return &both
}

// foldRerouted gives a row under way another plan. Unless whoever has it keeps
// it, it is as good as just received: what follows puts it into a queue.
func foldRerouted(r *Row, e *Event) error {
	d, err := dataOf[Rerouting](e)
	if err != nil {
		return err
	}
	r.Facts = d.Facts
	if d.Plan == r.Plan {
		return nil // known better, and routed the same
	}
	if r.Rule == TriageRule && !d.Kept { // having sorted it is no reason to get it back
		r.LastOwner = ""
	}
	if r.Owner == "" {
		r.Department = d.Department
	}
	r.Plan, r.Rule, r.Policy, r.Priority, r.Home, r.Redirect = d.Plan, d.Rule, d.Policy, d.Priority, d.Department, d.Redirect
	r.Relaxed, r.AttemptAt, r.AttemptDue = 0, e.RecordedAt, r.Due
	r.Level, r.Reason, r.Reminders, r.NextRung, r.LadderFrom = 0, "", 0, time.Time{}, time.Time{}
	if !d.NextRung.IsZero() {
		r.NextRung, r.LadderFrom = d.NextRung, e.RecordedAt
	}
	if d.Kept {
		return nil
	}
	queued := r.QueuedAt
	r.unqueue()
	r.QueuedAt, r.State, r.Anew = queued, StateReceived, true
	return nil
}
