package inquiry

// Audiences says which audience leads for an author who has several: a
// journalist who is also a customer may need the press office first.
type Audiences struct {
	Leads  Audience   `json:"leads"`
	Beside []Audience `json:"beside"` // the others, in the order in which they would lead
	// Because is why it leads.
	Because LeadReason `json:"because"`
}

// LeadReason says why one of an author's audiences leads.
type LeadReason string

// The reasons for which an audience leads.
const (
	ByPrecedence LeadReason = "precedence"  // the policy's Precedence has it before the others
	FirstNamed   LeadReason = "first_named" // the author's Audiences have it first
)

// AssistTerms are the terms of help that an inquiry needs from the start,
// because its author also belongs to another audience.
type AssistTerms struct {
	Audience Audience  `json:"audience,omitempty"` // the audience that asks for it; empty: any
	Terms    DutyTerms `json:"terms"`
}
