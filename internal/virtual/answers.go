package virtual

import (
	"slices"

	"github.com/answerable-go/answerable/inquiry"
)

// Answers are what owners are about to say to the offers of an inquiry that are
// out. The zero value has none.
type Answers []answer

type answer struct {
	owner inquiry.OwnerID
	at    Happening
}

// Add notes that an owner will answer; the zero Happening says that they never do.
func (a *Answers) Add(o inquiry.OwnerID, at Happening) { *a = append(*a, answer{o, at}) }

// End takes back what an owner was about to say, and reports whether no offer is
// out any more.
func (a *Answers) End(l *Loop, o inquiry.OwnerID) (last bool) {
	*a = slices.DeleteFunc(*a, func(x answer) bool {
		if x.owner == o {
			l.Cancel(x.at)
		}
		return x.owner == o
	})
	return len(*a) == 0
}

// EndAll takes back what all were about to say.
func (a *Answers) EndAll(l *Loop) {
	for _, x := range *a {
		l.Cancel(x.at)
	}
	*a = (*a)[:0]
}
