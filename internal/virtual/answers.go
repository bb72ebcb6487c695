package virtual

import (
	"slices"

	"github.com/answerable-go/answerable/inquiry"
)

// Answers are the replies that owners are scheduled to give to the live offers
// of an inquiry. The zero value has none.
type Answers []answer

type answer struct {
	owner inquiry.OwnerID
	at    Happening
}

// Add notes that an owner will answer; with the zero Happening they never do.
func (a *Answers) Add(o inquiry.OwnerID, at Happening) { *a = append(*a, answer{o, at}) }

// End cancels an owner's answer, and reports whether no offer is live any more.
func (a *Answers) End(l *Loop, o inquiry.OwnerID) (last bool) {
	*a = slices.DeleteFunc(*a, func(x answer) bool {
		if x.owner == o {
			l.Cancel(x.at)
		}
		return x.owner == o
	})
	return len(*a) == 0
}

// EndAll cancels all answers.
func (a *Answers) EndAll(l *Loop) {
	for _, x := range *a {
		l.Cancel(x.at)
	}
	*a = (*a)[:0]
}
