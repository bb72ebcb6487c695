package inquiry

import "time"

// Pausing says where matching paused, to go on there in the next step at once.
// It pauses when one step has served as many inquiries as it may, or has passed
// over as many as it may because nobody who is free could have them. All
// inquiries before that place in the waiting order were looked at, unless
// Offers is set.
type Pausing struct {
	// At is the instant for which the place holds: some waiting orders move with
	// time.
	At time.Time `json:"at"`
	// First, Priority, Opened and Inquiry are the place: what the waiting order
	// sorts by, then the ties.
	First    int64    `json:"first"`
	Priority Priority `json:"priority,omitempty"`
	Opened   int64    `json:"opened"`
	Inquiry  ID       `json:"inquiry"`
	// Queue is set while matching waits for the other work after a change of the
	// roster: to find out for everything that waits whether anybody could still
	// have it. That goes through one queue after the other, in the order of this
	// text, and the place is in that queue. Empty while matching itself is under
	// way.
	Queue string `json:"queue,omitempty"`
	// Offers is set if everything that waits was looked at, and matching paused
	// while it was making further offers of inquiries that are offered to some
	// owners and may be offered to more. The place is that of one of these, and the
	// next step begins with the first of them.
	Offers bool `json:"offers,omitempty"`
	// Restarts is how often matching has begun again because something had changed,
	// without having come to its end, or served as many as one step may, in
	// between. Each time a step may pass over, or find out about, twice as many.
	Restarts int `json:"restarts,omitempty"`
	// Served means that matching paused because it had served as many as one step
	// may. Then it makes progress however often it begins again.
	Served bool `json:"served,omitempty"`
}

func (Pausing) data() {}
