package replay

import (
	"fmt"
	"strings"

	"github.com/hashicorp/go-multierror"

	"github.com/answerable-go/answerable/internal/errorlist"
)

// MaxFaults is how many faults are listed; of more it is told that there are more.
const MaxFaults = 100

// Fault is one thing that is wrong with a mapping, a log or a journal: where, and
// what. It repeats no more of a row than the value that is wrong.
type Fault struct {
	File string // "" if there is none
	// Line and Column count from 1; 0 means that the fault has no such place. The
	// column is that of JSON in letters, of CSV in bytes.
	Line, Column int
	Path         string // of a mapping: events.at; of a log: the column's name
	Problem      string // what was found, and how to mend it
}

// Error says where and what: log.csv:7:3: opened: what is wrong.
func (f *Fault) Error() string {
	var b strings.Builder
	b.WriteString(f.File)
	if f.Line > 0 {
		if f.File != "" {
			b.WriteByte(':')
		}
		fmt.Fprintf(&b, "%d", f.Line)
		if f.Column > 0 {
			fmt.Fprintf(&b, ":%d", f.Column)
		}
	}
	for _, part := range []string{f.Path, f.Problem} {
		if part != "" {
			if b.Len() > 0 {
				b.WriteString(": ")
			}
			b.WriteString(part)
		}
	}
	return b.String()
}

// Faults are all faults in an error of [ParseMapping], [ReadLog] or [ReadJournal], in
// the order of their places; nil if it holds none.
func Faults(err error) []*Fault { return errorlist.Find[*Fault](err) }

// faults collects them, up to the bound.
type faults struct {
	all  *multierror.Error
	more int
}

func (f *faults) add(e *Fault) {
	if f.all != nil && len(f.all.Errors) >= MaxFaults {
		f.more++
		return
	}
	f.all = multierror.Append(f.all, e)
}

// full reports whether no more can be listed.
func (f *faults) full() bool { return f.more > 0 }

func (f *faults) err() error {
	if f.all == nil {
		return nil
	}
	if f.more > 0 {
		f.all = multierror.Append(f.all, &Fault{Problem: fmt.Sprintf("there are more than %d faults: mend these first", MaxFaults)})
		f.more = 0
	}
	f.all.ErrorFormat = errorlist.Lines("replay: ")
	return f.all
}
