package inquiry

import (
	"fmt"
	"time"

	"github.com/answerable-go/answerable/internal/slab"
	"github.com/answerable-go/answerable/sla"
)

// Folder folds events like [Apply], for whoever folds many: the lists that are
// made most often lie side by side in arrays of some kilobytes. The zero value
// makes each by itself. A Folder is not safe for concurrent use.
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

// NewFolder is a Folder of some kilobytes. The lists of two rows with three clocks
// share an array, so that a row that stays keeps at most about twice of what is its
// own.
func NewFolder() *Folder {
	return &Folder{
		clocks: slab.Slab[sla.Clock]{Chunk: 6}, offers: slab.Slab[Offer]{Chunk: 8}, facts: slab.Slab[Facts]{Chunk: 4},
	}
}

// Begin says that nobody takes a copy of a row until the next Begin, while events
// are folded. What an event makes for a row, and the very next one would make anew,
// that one may then write into: a list taken from a row for an event's data has to
// be in that very event. Copies from before stay as they are. Until the first Begin
// nothing is written into.
func (f *Folder) Begin() { f.begun, f.made = true, made{} }

// Apply is [Apply], but for what Begin says.
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
