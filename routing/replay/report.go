package replay

// Caveat is something that a replay cannot know, or had to assume, and how often.
type Caveat struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
	// Text goes on where the count stops: "cases have ...".
	Text string `json:"text"`
}
