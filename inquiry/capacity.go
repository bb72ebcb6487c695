package inquiry

import (
	"fmt"
	"slices"
	"time"
)

// Cap limits how much work of one channel an owner has in hand at a time. Live
// offers and wrap-up count; waiting work does not, if waiting has a cost of its
// own.
type Cap struct {
	Channel string `json:"channel"`
	Max     int    `json:"max"` // how many at a time, at least 1
	// Alone means that an owner who has work of the channel in hand gets nothing
	// else, and gets such work only while they have nothing in hand but
	// interruptible work.
	Alone bool `json:"alone,omitempty"`
}

func (o Owner) capFaults(add func(format string, args ...any)) {
	seen := map[string]bool{}
	for _, k := range o.Caps {
		switch {
		case k.Channel == "":
			add("owner %s: a cap names no channel", o.ID)
		case seen[k.Channel]:
			add("owner %s: channel %s is capped twice: keep one", o.ID, k.Channel)
		case k.Max < 1:
			add("owner %s: the cap of channel %s is %d: want 1 or more, or no cap", o.ID, k.Channel, k.Max)
		}
		seen[k.Channel] = true
	}
}

// Fate is what happens to work in hand when its owner has no room for it, or
// their shift ends.
type Fate string

// The fates. Empty means Keep.
const (
	Keep    Fate = "keep"    // its owner keeps it
	Requeue Fate = "requeue" // back to its queue, with its age and clocks
)

// WrapUp is the work after the work: an owner is done with an inquiry, and part
// of their capacity stays taken until an instant.
type WrapUp struct {
	Owner OwnerID   `json:"owner"`
	Until time.Time `json:"until"`
	Cost  int       `json:"cost"`
}

// Takes returns what the inquiry takes of its owner's capacity now.
func (r *Row) Takes() int {
	if r.Rests() {
		return *r.WaitingCost
	}
	return r.Cost
}

// Rests reports whether the inquiry waits at a waiting cost of its own.
func (r *Row) Rests() bool { return r.State == StatePending && r.WaitingCost != nil }

// WrapUp returns an owner's wrap-up of the inquiry, and whether there is one.
func (r *Row) WrapUp(owner OwnerID) (WrapUp, bool) {
	for _, w := range r.WrapUps {
		if w.Owner == owner {
			return w, true
		}
	}
	return WrapUp{}, false
}

// wrapUp has the owner, who is done with it, wrap up until an instant; zero for
// not at all. It keeps what the work took until then: after a wait at a cost of
// its own no more than that, since the rest may be given to other work by now.
func (r *Row) wrapUp(until time.Time) {
	if !until.IsZero() && r.Owner != "" {
		r.unwrap(r.Owner)
		r.WrapUps = append(r.WrapUps, WrapUp{r.Owner, until, r.Takes()})
	}
}

// unwrap ends an owner's wrap-up, if there is one.
func (r *Row) unwrap(owner OwnerID) {
	if len(r.WrapUps) > 0 {
		r.WrapUps = slices.DeleteFunc(slices.Clone(r.WrapUps), func(w WrapUp) bool { return w.Owner == owner })
	}
	if len(r.WrapUps) == 0 {
		r.WrapUps = nil
	}
}

func foldCapacity(r *Row, e *Event) error {
	switch e.Kind {
	case WrapUpEnded:
		if _, ok := r.WrapUp(e.Owner); !ok {
			return fmt.Errorf("%s does not wrap it up", e.Owner)
		}
		r.unwrap(e.Owner)
	case Overfilled:
		r.Over = true
	}
	return nil
}

// Overload is how much an owner has in hand, and how much they can hold.
type Overload struct {
	Load     int `json:"load"`
	Capacity int `json:"capacity"`
}

func (Overload) data() {}

// EndWrapUp says that an owner is done with wrapping up: the capacity that it
// took is free.
type EndWrapUp struct {
	Inquiry ID      `json:"inquiry"`
	Owner   OwnerID `json:"owner"`
}

func (EndWrapUp) name() string       { return "end_wrap_up" }
func (EndWrapUp) journaled() Command { return nil }
