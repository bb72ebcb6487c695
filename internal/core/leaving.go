package core

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
)

// parting splits the owners who leave the roster into those who leave at once,
// and those who have more in hand or on offer than is left of [ReturnsPerStep].
// The latter are leaving: from now on they are asked nothing, accept nothing
// and are given nothing, and what they have goes back in the next steps of
// time, in the order of their ids and of its ids. Whoever is put on the roster
// again meanwhile stays, and keeps what is left.
func (s *step) parting(ids []inquiry.OwnerID) (now, later []inquiry.OwnerID) {
	left := s.returnsPerStep
	for _, id := range ids {
		if n := len(s.owners[id].has); n > left {
			later = append(later, id)
		} else {
			left -= n
			now = append(now, id)
		}
	}
	return now, later
}

// partWithLeaving takes as much as one step may from the owners who are
// leaving, and reports whether it took anything.
func (s *step) partWithLeaving() bool {
	began := s.seq
	for left := s.returnsPerStep - s.returned; len(s.leaving) > 0 && left > 0 && s.err == nil; {
		o := s.leaving[0]
		n := min(left, len(o.has))
		head, had := s.seq, len(o.has)
		s.takeBack(slices.Clone(o.has[:n]), o.data.ID, leftRoster)
		switch left -= max(1, n); {
		case len(o.has) == 0:
			s.emit(inquiry.Event{Kind: inquiry.OwnerLeft, Owner: o.data.ID})
		case s.seq == head:
			s.err = fmt.Errorf("%s is leaving, and nothing of the %d that they have goes back", o.data.ID, had)
		}
	}
	return s.seq != began
}

// leave marks an owner as leaving.
func (c *Core) leave(o *owner) {
	o.st.Leaving = true
	i, _ := slices.BinarySearchFunc(c.leaving, o, func(a, b *owner) int { return cmp.Compare(a.data.ID, b.data.ID) })
	c.leaving = slices.Insert(c.leaving, i, o)
	c.unlistOwner(o)
}

// stay makes an owner who was leaving a regular one again.
func (c *Core) stay(o *owner, data inquiry.Owner, now time.Time) {
	c.leaving = slices.DeleteFunc(c.leaving, func(other *owner) bool { return other == o })
	o.data, o.st.Leaving, o.gone = data, false, false
	c.keepsRest(o, unqualified)
	c.listOwner(o)
	c.shiftChanged(o, now)
	c.requalify(o, nil)
}

func (c *Core) applyOwnerLeft(e *inquiry.Event) error {
	o, ok := c.owners[e.Owner]
	if !ok || !o.st.Leaving {
		return fmt.Errorf("%s is not leaving", e.Owner)
	}
	c.leaving = slices.DeleteFunc(c.leaving, func(other *owner) bool { return other == o })
	delete(c.owners, e.Owner)
	c.met = nil
	c.markChanged("owner/" + string(e.Owner))
	c.markChanged(presenceMark(e.Owner))
	return nil
}

// there finds somebody on the roster who is not leaving.
func (c *Core) there(id inquiry.OwnerID) (*owner, bool) {
	o, ok := c.owners[id]
	return o, ok && !o.st.Leaving
}

// notThere refuses a command that names somebody who is not on the roster, or
// is leaving it.
func (c *Core) notThere(of inquiry.ID, id inquiry.OwnerID) inquiry.Outcome {
	if o, ok := c.owners[id]; ok && o.st.Leaving {
		return refuse(of, inquiry.UnknownOwner, "%q is leaving the roster: put them on it again, or name somebody else", id)
	}
	return refuse(of, inquiry.UnknownOwner, "%q is not on the roster", id)
}

// leftRoster is why work is taken from an owner who is taken off the roster.
const leftRoster = "left_roster"
