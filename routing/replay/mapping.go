package replay

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/answerable-go/answerable/internal/strictjson"
)

// Mapping says what the columns of a log mean. [ParseMapping] reads one from JSON.
type Mapping struct {
	// Note is for people.
	Note string `json:"note,omitempty"`
	// Format is jsonl or csv. Default: by the file's name, .jsonl or .csv, before a
	// .gz, and otherwise jsonl.
	Format Format `json:"format,omitempty"`
	// Comma parts the columns of CSV. Default ",".
	Comma string `json:"comma,omitempty"`
	// Layouts are the layouts of times, as in package time; the first that fits
	// counts. "unix" and "unix_ms" are seconds and milliseconds since 1970.
	// Default: RFC 3339, and the same without a zone, with "T" or a space.
	Layouts []string `json:"layouts,omitempty"`
	// Zone is the time zone of times that name none, such as Europe/Berlin. Default
	// UTC.
	Zone string `json:"zone,omitempty"`
	// None are values that mean that there is none, such as "NULL" or "?". An empty
	// value always does.
	None []string `json:"none,omitempty"`
	// Order says what to do with a row that is earlier than the row above it, of
	// the same case. Default: it is a fault.
	Order  Order        `json:"order,omitempty"`
	Events EventColumns `json:"events"`
	// Means says what the values of Events.Event mean.
	Means Means `json:"means,omitzero"`
	// Cases are the columns of a second file with a row for each case, if there is one.
	Cases *CaseColumns `json:"cases,omitempty"`
}

// EventColumns names the columns of a log with a row for each thing that
// happened.
type EventColumns struct {
	Case string `json:"case"` // which case; required
	At   string `json:"at"`   // when; required
	// ID is a column in which each row has a value of its own. A row that comes twice is
	// a fault then.
	ID    string `json:"id,omitempty"`
	Event string `json:"event,omitempty"` // what happened, or the case's state since
	Group string `json:"group,omitempty"` // which group has it since
	Owner string `json:"owner,omitempty"` // who has it since
	Attributes
}

// CaseColumns names the columns of a file with a row for each case.
type CaseColumns struct {
	Case string `json:"case"` // which case; required
	// Opened is when it came in. Default: its first row in the log.
	Opened string `json:"opened,omitempty"`
	// Resolved and Closed are when it was, for logs that do not say.
	Resolved string `json:"resolved,omitempty"`
	Closed   string `json:"closed,omitempty"`
	Attributes
}

// Attributes name the columns by which a policy routes. For a case that has
// several values in a column, the first one counts.
type Attributes struct {
	Channel  string  `json:"channel,omitempty"`
	Account  string  `json:"account,omitempty"`
	Customer string  `json:"customer,omitempty"`
	Kind     string  `json:"kind,omitempty"`
	Audience string  `json:"audience,omitempty"`
	Language string  `json:"language,omitempty"`
	Labels   []Label `json:"labels,omitempty"`
}

// Label makes a label of one column, or of several together: the prefix, and
// the values joined by "+". A row that lacks one of the values has no such
// label.
type Label struct {
	Columns []string `json:"columns"`
	Prefix  string   `json:"prefix,omitempty"` // such as "category:"
}

// Means lists the values of a column by what they mean. If all lists are empty,
// the values are the words of [Meaning] themselves.
type Means struct {
	Opened       []string `json:"opened,omitempty"`
	Working      []string `json:"working,omitempty"`
	Acknowledged []string `json:"acknowledged,omitempty"`
	Message      []string `json:"message,omitempty"`
	Reply        []string `json:"reply,omitempty"`
	Waiting      []string `json:"waiting,omitempty"`
	Held         []string `json:"held,omitempty"`
	Released     []string `json:"released,omitempty"`
	Resolved     []string `json:"resolved,omitempty"`
	Closed       []string `json:"closed,omitempty"`
	Reopened     []string `json:"reopened,omitempty"`
	// Noted are those that mean nothing but who has it.
	Noted []string `json:"noted,omitempty"`
}

// Format is the format of a log.
type Format string

// The formats of a log.
const (
	JSONLines Format = "jsonl" // an object a line
	CSV       Format = "csv"   // with a first line of names
)

// Order says in which order the rows of a case are taken.
type Order string

// The orders of rows.
const (
	ByTime Order = "time" // sorted by their times
	AsRead Order = "file" // as they are in the file: an earlier row happened at the time of the row above it
)

// meanings are the words with their lists.
func (m *Means) meanings() []struct {
	is     Meaning
	name   string
	values []string
} {
	return []struct {
		is     Meaning
		name   string
		values []string
	}{
		{Opened, "opened", m.Opened},
		{Working, "working", m.Working},
		{Acknowledged, "acknowledged", m.Acknowledged},
		{Message, "message", m.Message},
		{Reply, "reply", m.Reply},
		{Waiting, "waiting", m.Waiting},
		{Held, "held", m.Held},
		{Released, "released", m.Released},
		{Resolved, "resolved", m.Resolved},
		{Closed, "closed", m.Closed},
		{Reopened, "reopened", m.Reopened},
		{Noted, "noted", m.Noted},
	}
}

// ParseMapping reads a mapping from JSON, strictly: an unknown key, a key given
// twice or null is a fault, and so is whatever [Mapping.Validate] finds. All
// faults come at once, each with its line and column (see [Faults]) in the file
// that name names.
func ParseMapping(name string, data []byte) (*Mapping, error) {
	f := &faults{}
	var m Mapping
	text, found := strictjson.Read(data, &m)
	for _, e := range found {
		f.add(&Fault{File: name, Line: e.Line, Column: e.Column, Path: e.Path, Problem: e.Problem})
	}
	if found == nil {
		for _, e := range Faults(m.Validate()) {
			e.File = name
			e.Line, e.Column = text.Place(e.Path)
			f.add(e)
		}
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	return &m, nil
}

// Validate returns everything that is wrong with a mapping at once, each a
// [*Fault], or nil.
func (m *Mapping) Validate() error {
	f := &faults{}
	_, _ = m.compile(f)
	return f.err()
}

// mapping is a Mapping ready for use.
type mapping struct {
	*Mapping
	zone    *time.Location
	layouts []string
	comma   rune
	means   map[string]Meaning
	none    map[string]bool
}

var usualLayouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05"}

// Layouts that are no layouts of package time.
const (
	unixSeconds = "unix"
	unixMillis  = "unix_ms"
)

func (m *Mapping) compile(f *faults) (*mapping, error) {
	fault := func(path, format string, args ...any) {
		f.add(&Fault{Path: path, Problem: fmt.Sprintf(format, args...)})
	}
	c := &mapping{Mapping: m, layouts: m.Layouts, comma: ',', means: map[string]Meaning{}, none: map[string]bool{"": true}}
	var err error
	if c.zone, err = time.LoadLocation(m.Zone); err != nil || m.Zone == "Local" {
		fault("zone", "%q is no time zone: want an IANA name such as Europe/Berlin", m.Zone)
	}
	if m.Format != "" && m.Format != JSONLines && m.Format != CSV {
		fault("format", "it is %q: want %s or %s", m.Format, JSONLines, CSV)
	}
	if m.Order != "" && m.Order != ByTime && m.Order != AsRead {
		fault("order", "it is %q: want %s or %s, or leave it out", m.Order, ByTime, AsRead)
	}
	if m.Comma != "" {
		r, n := utf8.DecodeRuneInString(m.Comma)
		if n != len(m.Comma) || strings.ContainsRune("\"\r\n", r) || r == utf8.RuneError {
			fault("comma", "it is %q: want one character, such as \";\"", m.Comma)
		}
		c.comma = r
	}
	for i, l := range m.Layouts {
		if l == unixSeconds || l == unixMillis {
			continue
		}
		at := time.Date(2021, 11, 23, 14, 35, 56, 0, time.UTC)
		if back, err := time.Parse(l, at.Format(l)); err != nil || !back.Truncate(24*time.Hour).Equal(at.Truncate(24*time.Hour)) {
			fault(fmt.Sprintf("layouts[%d]", i), "%q is no layout that tells a date: write 2006-01-02 15:04:05 as the log would, or %s, or %s", l, unixSeconds, unixMillis)
		}
	}
	if len(c.layouts) == 0 {
		c.layouts = usualLayouts
	}
	for _, v := range m.None {
		c.none[v] = true
	}
	m.checkColumns(fault)
	m.checkMeans(c, fault)
	return c, f.err()
}

func (m *Mapping) checkColumns(fault func(path, format string, args ...any)) {
	for _, k := range []struct{ path, column, what string }{{"events.case", m.Events.Case, "the case"}, {"events.at", m.Events.At, "the time"}} {
		if k.column == "" {
			fault(k.path, "it is empty: name the column with %s", k.what)
		}
	}
	labels := func(path string, list []Label) {
		for i, l := range list {
			if len(l.Columns) == 0 || slices.Contains(l.Columns, "") {
				fault(fmt.Sprintf("%s.labels[%d]", path, i), "name the columns that make the label")
			}
		}
	}
	labels("events", m.Events.Labels)
	if m.Cases != nil {
		if m.Cases.Case == "" {
			fault("cases.case", "it is empty: name the column with the case")
		}
		labels("cases", m.Cases.Labels)
	}
}

func (m *Mapping) checkMeans(c *mapping, fault func(path, format string, args ...any)) {
	given := 0
	for _, k := range m.Means.meanings() {
		given += len(k.values)
		for i, v := range k.values {
			if _, ok := c.means[v]; ok {
				fault(fmt.Sprintf("means.%s[%d]", k.name, i), "%q has a meaning already: keep one", v)
			}
			c.means[v] = k.is
		}
	}
	if given > 0 {
		if m.Events.Event == "" {
			fault("means", "there is no column whose values they are: name it as events.event")
		}
		return
	}
	for _, k := range m.Means.meanings() {
		c.means[k.name] = k.is
	}
}

// columns are all that the events have to have.
func (e *EventColumns) columns() []string {
	return named(append([]string{e.Case, e.At, e.ID, e.Event, e.Group, e.Owner}, e.Attributes.columns()...))
}

func (c *CaseColumns) columns() []string {
	return named(append([]string{c.Case, c.Opened, c.Resolved, c.Closed}, c.Attributes.columns()...))
}

func (a *Attributes) columns() []string {
	list := []string{a.Channel, a.Account, a.Customer, a.Kind, a.Audience, a.Language}
	for _, l := range a.Labels {
		list = append(list, l.Columns...)
	}
	return list
}

func named(list []string) []string {
	list = slices.DeleteFunc(list, func(s string) bool { return s == "" })
	slices.Sort(list)
	return slices.Compact(list)
}
