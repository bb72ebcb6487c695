package inquiry

import "slices"

// Kind is what an inquiry is about to its author. Hosts may use words of their own.
type Kind string

// The usual kinds.
const (
	Question    Kind = "question"
	Complaint   Kind = "complaint"
	Request     Kind = "request"
	Praise      Kind = "praise"
	Opportunity Kind = "opportunity"
	Other       Kind = "other"
)

// Facts are what screening found out about a message. The core routes by them
// and never sees the text. They enter the journal, so that a replay needs no
// screener. Labels are sorted; audiences and persons keep their order; none is
// there twice.
type Facts struct {
	Kind      Kind       `json:"kind,omitempty"`
	Labels    []string   `json:"labels,omitempty"`
	Audiences []Audience `json:"audiences,omitempty"`
	Language  string     `json:"language,omitempty"`
	Reach     int64      `json:"reach,omitempty"`
	// Confidence is how sure screening is of these facts, in per cent: 1 to 100.
	// With 0 or less it does not say. If the policy has a triage, a message goes
	// there if screening is less sure than that wants.
	Confidence int `json:"confidence,omitempty"`
	// Persons are the author's pseudonyms, the one on the message's channel first.
	Persons []ID `json:"persons,omitempty"`
	// Conversation is the key of the platform's thread, zero if it has none.
	Conversation ID `json:"conversation,omitzero"`
	// Fingerprint is equal for texts that differ only in case, space and punctuation.
	Fingerprint ID `json:"fingerprint,omitzero"`
	// ScreenOut, if not empty, is why the message needs no owner: "spam",
	// "auto_reply", "no_answer_needed", ... It is set aside for review, not dropped.
	ScreenOut string `json:"screen_out,omitempty"`
	// Bonuses are what the host's scorer gives certain owners, sorted by their ids.
	Bonuses []Bonus `json:"bonuses,omitempty"`
}

// Bonus is what the host's scorer gives an owner for a message, 0 to
// [MaxBonus]. It is a part of the owner's score, with the weight that the
// policy gives it.
type Bonus struct {
	Owner OwnerID `json:"owner"`
	Bonus int     `json:"bonus"`
}

// The bounds of bonuses.
const (
	MaxBonus   = 999   // the highest bonus
	MaxBonuses = 1_000 // how many a message can have
)

// AddLabels adds labels, and keeps them sorted and each once.
func (f *Facts) AddLabels(labels ...string) {
	f.Labels = append(f.Labels, labels...)
	slices.Sort(f.Labels)
	f.Labels = slices.Compact(f.Labels)
}

// AddAudiences adds audiences after the known ones, each once.
func (f *Facts) AddAudiences(audiences ...Audience) {
	for _, a := range audiences {
		if !slices.Contains(f.Audiences, a) {
			f.Audiences = append(f.Audiences, a)
		}
	}
}
