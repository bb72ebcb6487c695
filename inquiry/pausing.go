package inquiry

import "time"

// Pausing is where matching paused, to go on in the next step at once: it had
// passed over as many inquiries as one step may, each of which nobody who was
// free could have, or served as many as one step may. What comes before the place
// in the waiting order was looked at.
type Pausing struct {
	// At is the instant as of which the place is: some orders move with time.
	At time.Time `json:"at"`
	// First, Priority, Opened and Inquiry are the place: what the order goes by,
	// then the ties.
	First    int64    `json:"first"`
	Priority Priority `json:"priority,omitempty"`
	Opened   int64    `json:"opened"`
	Inquiry  ID       `json:"inquiry"`
	// Queue is set while matching waits for something else that comes of a changed
	// roster: of all that waits it is found out anew whether anybody could have it.
	// That goes through one queue after the other; it is the text by which they are
	// ordered, and the place is in that queue. Empty where matching is under way.
	Queue string `json:"queue,omitempty"`
	// Restarts is how often it has begun anew since it first paused, because
	// something had changed meanwhile. Each time it may pass over twice as many.
	Restarts int `json:"restarts,omitempty"`
}

func (Pausing) data() {}
