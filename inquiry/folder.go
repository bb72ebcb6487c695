package inquiry

import (
	"fmt"
	"time"

	"github.com/answerable-go/answerable/internal/slab"
	"github.com/answerable-go/answerable/sla"
)

// Folder folds events as [Apply] does, for callers who fold many of them: it
// allocates the most frequent lists in chunks of some kilobytes. The zero value
// works and allocates each list by itself. A Folder is not safe for concurrent
// use.
type Folder struct {
	clocks slab.Slab[sla.Clock]
	offers slab.Slab[Offer]
	facts  slab.Slab[Facts]

	begun bool
	made  made // by the event before
}

// made is what an event made for a row, and nobody else has.
type made struct {
	clocks *sla.Clock // the first of them
	facts  *Facts
}

// NewFolder returns a Folder that allocates in chunks. Two rows with three
// clocks each share a chunk, so that a row that is kept holds on to about twice
// its own memory at most.
func NewFolder() *Folder {
	return &Folder{
		clocks: slab.Slab[sla.Clock]{Chunk: 6}, offers: slab.Slab[Offer]{Chunk: 8}, facts: slab.Slab[Facts]{Chunk: 4},
	}
}

// Begin promises that until the next Begin nobody takes a copy of a row between
// two events that are folded. The Folder may then write into a list that the
// event before has made, in place of making it again. So a list that is taken
// from a row as an event's data must be in that very event. Copies that were
// taken before Begin stay as they are. Without Begin, no list is written into.
func (f *Folder) Begin() { f.begun, f.made = true, made{} }

// Apply folds an event as the function [Apply] does; see [Folder.Begin] for the
// difference.
func (f *Folder) Apply(r *Row, e *Event) error {
	refuse := func(detail string) error {
		return &TransitionError{Inquiry: e.Inquiry, Version: r.Version, From: r.State, Kind: e.Kind, Detail: detail}
	}
	if e.Version != r.Version+1 {
		return refuse(fmt.Sprintf("it has version %d, want %d", e.Version, r.Version+1))
	}
	if r.Version > 0 && e.Inquiry != r.ID {
		return refuse(fmt.Sprintf("the row is of inquiry %s", r.ID))
	}
	if !May(e.Kind, r.State) {
		return refuse("")
	}
	before := f.made
	f.made = made{}
	if err := f.fold(r, e, before); err != nil {
		return refuse(err.Error())
	}
	if !f.begun {
		f.made = made{}
	}
	r.Version = e.Version
	r.ChangedAt = e.RecordedAt
	r.Due = r.earliestUnmet()
	if !r.NextRung.IsZero() && !r.Stranded && r.State != StateScreenedOut && !r.BreachOutstanding() {
		r.Level, r.Reason, r.NextRung, r.Reminders, r.LadderFrom = 0, "", time.Time{}, 0, time.Time{} // the ladder's activation is over
	}
	return nil
}
