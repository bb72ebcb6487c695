package inquiry

// Audiences are what an author is to us who is several things at once, and which
// of them leads: a journalist who is a customer may need press first.
type Audiences struct {
	Leads  Audience   `json:"leads"`
	Beside []Audience `json:"beside"` // the others, in the order in which they would lead
	// Because is why it leads: by the policy's precedence, or as the first named.
	Because string `json:"because"`
}

// Why an audience leads.
const (
	ByPrecedence = "precedence"
	FirstNamed   = "first_named"
)

// AssistTerms are what help takes that an inquiry needs from the start, because
// its author is something else to us, too.
type AssistTerms struct {
	Audience Audience  `json:"audience,omitempty"` // empty: whoever its author is
	Terms    DutyTerms `json:"terms"`
}
