package inquiry

import "time"

// Pausing is where matching paused, to go on in the next step at once: it had
// passed over as many inquiries as one step may, each of which nobody who was
// free could have, or served as many as one step may. What comes before the place
// in the waiting order was looked at, unless it is one of Offers.
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
	// Offers is set where all that waits was looked at, and it paused while further
	// offers are made of what is before some and may be before more: the place is
	// that of one of those, and the next step begins with the first of them.
	Offers bool `json:"offers,omitempty"`
	// Restarts is how often it has begun anew because something had changed, without
	// having come to its end, or served as many as one step may, in between. Each time
	// it may pass over twice as many, or find out of twice as many.
	Restarts int `json:"restarts,omitempty"`
	// Served means that it paused because it had served as many as one step may: it
	// comes on, however often it begins anew.
	Served bool `json:"served,omitempty"`
}

func (Pausing) data() {}
