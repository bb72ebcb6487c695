package replay

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/strictjson"
)

// Source is an input file: its name, for messages and for guessing its format,
// and its unpacked text.
type Source struct {
	Name string
	Text io.Reader
}

// ReadLog reads what really happened from a log with a row for each thing that
// happened and, if the mapping has columns for it, a file with a row for each case.
// Cases without a Text is none.
//
// A log with faults is refused whole, with up to [MaxFaults] of them at once, each
// with file, line and column ([Faults]). Errors of reading come as they are.
func ReadLog(m *Mapping, events, cases Source) (*History, error) {
	f := &faults{}
	ready, err := m.compile(f)
	if err != nil {
		return nil, err
	}
	switch {
	case m.Cases == nil && cases.Text != nil:
		f.add(&Fault{Path: "cases", File: cases.Name, Problem: "the mapping has no columns for a file of cases: add them as cases, or leave the file out"})
	case m.Cases != nil && cases.Text == nil:
		f.add(&Fault{Path: "cases", Problem: "the mapping has columns for a file of cases, and there is none: name it, or leave cases out of the mapping"})
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	l := &loader{mapping: ready, faults: f, h: &History{Promised: -1}, byID: map[string]*caseAt{}, seen: map[string]int{}}
	if cases.Text != nil {
		if err := l.file(cases, m.Cases.columns(), l.caseRow); err != nil {
			return nil, err
		}
	}
	if err := l.file(events, m.Events.columns(), l.eventRow); err != nil {
		return nil, err
	}
	if f.all == nil && len(l.list) == 0 {
		f.add(&Fault{File: events.Name, Problem: "it has no rows: there is nothing to replay"})
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	l.finish()
	if problem := l.h.span(); problem != "" {
		return nil, &Fault{File: events.Name, Problem: problem}
	}
	return l.h, nil
}

// loader makes a history of a log.
type loader struct {
	*mapping
	faults *faults
	h      *History
	byID   map[string]*caseAt
	list   []*caseAt
	seen   map[string]int // events' ids, by the line they were on
	source string

	unordered, before, changed, silent int
}

// caseAt is a case as it is read.
type caseAt struct {
	Case
	line             int
	known            bool // from the file of cases
	last             time.Time
	resolved, closed time.Time // by the file of cases
	unsorted         bool
	given            givenAttributes
	labels           map[string]given // by what the mapping makes them of
	changes          bool             // attributes differed later
}

// file reads one file's rows.
func (l *loader) file(s Source, want []string, each func(row)) error {
	l.source = s.Name
	rows, err := l.open(s)
	if err != nil {
		return l.stopped(err)
	}
	for _, name := range want {
		if !rows.has(name) {
			hint := strictjson.Meant(name, rows.names())
			if hint == "" {
				hint = "; there are " + strings.Join(rows.names(), ", ")
			}
			l.faults.add(&Fault{File: s.Name, Line: 1, Problem: fmt.Sprintf("there is no column %q%s", name, hint)})
		}
	}
	if l.faults.all != nil && len(rows.names()) > 0 {
		return nil // every row would be wrong
	}
	unread := false
	for n := 0; !l.faults.full(); n++ {
		r, err := rows.next()
		if errors.Is(err, io.EOF) {
			if n > 0 && !unread {
				l.neverSeen(want)
			}
			return nil
		}
		if n == MaxRows {
			err = &Fault{Line: r.line, Problem: fmt.Sprintf("the file has more than %d rows: replay a part of it", MaxRows)}
		}
		if err != nil {
			if err := l.stopped(err); err != nil || n == MaxRows {
				return err
			}
			unread = true
			continue
		}
		want = slices.DeleteFunc(want, func(column string) bool { _, ok := r.cells[column]; return ok })
		each(r)
		l.h.Rows++
	}
	return nil
}

// neverSeen tells of columns that no row of JSON has.
func (l *loader) neverSeen(want []string) {
	for _, name := range want {
		l.faults.add(&Fault{File: l.source, Path: name, Problem: "no row has such a key: mend its name in the mapping, or leave it out"})
	}
}

// stopped takes a fault down; what is none ends the reading.
func (l *loader) stopped(err error) error {
	f, ok := errors.AsType[*Fault](err)
	if !ok {
		return fmt.Errorf("replay: %s: %w", l.source, err)
	}
	f.File = l.source
	l.faults.add(f)
	return nil
}

func (l *loader) fault(r *row, column, format string, args ...any) {
	l.faults.add(&Fault{File: l.source, Line: r.line, Column: r.cells[column].column, Path: column, Problem: fmt.Sprintf(format, args...)})
}

// value is a row's value of a column, "" if there is none.
func (l *loader) value(r *row, column string) string {
	if column == "" {
		return ""
	}
	c := r.cells[column]
	if c.odd != "" {
		l.fault(r, column, "it is %s: want a text or a number", c.odd)
		return ""
	}
	if v := strings.TrimSpace(c.text); !l.none[v] {
		return v
	}
	return ""
}

// required is value, of what has to be there.
func (l *loader) required(r *row, column string) string {
	v := l.value(r, column)
	if v == "" && r.cells[column].odd == "" {
		l.fault(r, column, "it is empty or missing: want a value in every row")
	}
	return v
}

// Years that a log can tell of: beyond them a time is a slip.
const firstYear, lastYear = 1970, 2199

func (l *loader) time(r *row, column string) (time.Time, bool) {
	v := l.value(r, column)
	if v == "" {
		return time.Time{}, false
	}
	for _, layout := range l.layouts {
		at, ok := l.parseTime(layout, v)
		switch {
		case !ok:
		case at.Year() < firstYear || at.Year() > lastYear:
			l.fault(r, column, "the time %s is outside the years %d to %d", v, firstYear, lastYear)
			return time.Time{}, false
		default:
			return inquiry.Instant(at), true
		}
	}
	l.fault(r, column, "%q is no time as in %s: add its layout to layouts", short(v), strings.Join(l.layouts, ", "))
	return time.Time{}, false
}

func (l *loader) parseTime(layout, v string) (time.Time, bool) {
	if layout != unixSeconds && layout != unixMillis {
		at, err := time.ParseInLocation(layout, v, l.zone)
		return at, err == nil
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < 0 || n > 1<<50 {
		return time.Time{}, false
	}
	if layout == unixMillis {
		return time.UnixMilli(n), true
	}
	return time.Unix(n, 0), true
}

// caseRow reads a row of the file of cases.
func (l *loader) caseRow(r row) {
	id := l.required(&r, l.Cases.Case)
	if id == "" {
		return
	}
	if c := l.byID[id]; c != nil {
		l.fault(&r, l.Cases.Case, "case %q is on line %d already: want each once", short(id), c.line)
		return
	}
	c := l.add(id, r.line)
	c.known = true
	c.At, _ = l.time(&r, l.Cases.Opened)
	c.resolved, _ = l.time(&r, l.Cases.Resolved)
	c.closed, _ = l.time(&r, l.Cases.Closed)
	for _, k := range []struct {
		at     time.Time
		column string
	}{{c.resolved, l.Cases.Resolved}, {c.closed, l.Cases.Closed}} {
		if !k.at.IsZero() && k.at.Before(c.At) {
			l.fault(&r, k.column, "it is before the case was opened, %s", c.At.Format(time.RFC3339))
		}
	}
	l.attributes(&r, c, &l.Cases.Attributes, time.Time{})
}

func (l *loader) add(id string, line int) *caseAt {
	c := &caseAt{Case: Case{ID: id}, line: line}
	l.byID[id] = c
	l.list = append(l.list, c)
	return c
}

// eventRow reads a row of the log.
func (l *loader) eventRow(r row) {
	e := &l.Events
	before := l.faults.count()
	id := l.required(&r, e.Case)
	at, ok := l.time(&r, e.At)
	if !ok && l.faults.count() == before {
		l.fault(&r, e.At, "it is empty or missing: want a time in every row")
	}
	step := Step{At: at, Group: l.value(&r, e.Group), Owner: inquiry.OwnerID(l.value(&r, e.Owner))}
	step.Is = l.meaning(&r)
	if v := l.value(&r, e.ID); e.ID != "" {
		if line, twice := l.seen[v]; twice && v != "" {
			l.fault(&r, e.ID, "row %q is on line %d already: want each once", short(v), line)
		}
		l.seen[v] = r.line
	}
	c := l.byID[id]
	if c == nil && id != "" {
		if l.Cases != nil {
			l.fault(&r, e.Case, "case %q is not in the file of cases", short(id))
			return
		}
		c = l.add(id, r.line)
	}
	if l.faults.count() > before {
		l.attributes(&r, &caseAt{}, &e.Attributes, at) // for their faults
		return
	}
	if at.Before(c.last) {
		l.unordered++
		switch l.Order {
		case ByTime:
			c.unsorted = true
		case AsRead:
			step.At = c.last
		default:
			l.fault(&r, e.At, "it is before the row above of the same case, %s: sort the rows, or say as order in the mapping what to do", c.last.Format(time.RFC3339))
			return
		}
	}
	c.last = step.At
	l.attributes(&r, c, &e.Attributes, step.At)
	c.Steps = append(c.Steps, step)
}

func (f *faults) count() int {
	if f.all == nil {
		return 0
	}
	return len(f.all.Errors) + f.more
}

func (l *loader) meaning(r *row) Meaning {
	v := l.value(r, l.Events.Event)
	if v == "" {
		return Noted
	}
	is, ok := l.means[v]
	if !ok {
		l.fault(r, l.Events.Event, "what %q means is not known: list it under means, as noted if it means nothing", short(v))
	}
	return is
}

// givenAttributes are the values of a case's attributes, except for its labels.
type givenAttributes struct {
	channel, account, customer, kind, audience, language given
}

// given is a value of a case's attribute, and when the row was that has it.
type given struct {
	value string
	at    time.Time
}

// take takes a row's value, and reports whether it is another one: the first counts,
// wherever in the file it is.
func (g *given) take(value string, at time.Time) (changed bool) {
	changed = g.value != "" && value != g.value
	if g.value == "" || at.Before(g.at) {
		*g = given{value, at}
	}
	return changed
}

// attributes notes what a case is routed by. What the file of cases says has no time,
// and comes first.
func (l *loader) attributes(r *row, c *caseAt, a *Attributes, at time.Time) {
	g := &c.given
	for _, attribute := range [...]struct {
		column string
		given  *given
	}{
		{a.Channel, &g.channel},
		{a.Account, &g.account},
		{a.Customer, &g.customer},
		{a.Kind, &g.kind},
		{a.Audience, &g.audience},
		{a.Language, &g.language},
	} {
		if v := l.value(r, attribute.column); v != "" && attribute.given.take(v, at) {
			c.changes = true
		}
	}
	for _, k := range a.Labels {
		values := make([]string, 0, len(k.Columns))
		for _, column := range k.Columns {
			if v := l.value(r, column); v != "" {
				values = append(values, v)
			}
		}
		if len(values) < len(k.Columns) {
			continue
		}
		if c.labels == nil {
			c.labels = map[string]given{}
		}
		key := strings.Join(append([]string{k.Prefix}, k.Columns...), "\x00")
		label := c.labels[key]
		if label.take(k.Prefix+strings.Join(values, "+"), at) {
			c.changes = true
		}
		c.labels[key] = label
	}
}

// routed has a case be routed by its attributes.
func (c *caseAt) routed() {
	g := &c.given
	c.Channel, c.Account, c.Customer = g.channel.value, g.account.value, g.customer.value
	c.Facts.Kind, c.Facts.Language = inquiry.Kind(g.kind.value), g.language.value
	if audience := g.audience.value; audience != "" {
		c.Facts.AddAudiences(inquiry.Audience(audience))
	}
	for _, label := range c.labels {
		c.Facts.AddLabels(label.value)
	}
}

// finish makes the history of what was read.
func (l *loader) finish() {
	for _, c := range l.list {
		if c.unsorted {
			slices.SortStableFunc(c.Steps, func(a, b Step) int { return a.At.Compare(b.At) })
		}
		l.complete(c)
		c.routed()
		if c.At.IsZero() {
			l.silent++
			continue
		}
		if c.changes {
			l.changed++
		}
		l.h.Replies = l.h.Replies || slices.ContainsFunc(c.Steps, func(s Step) bool { return s.Is == Reply })
		l.h.Cases = append(l.h.Cases, c.Case)
	}
	l.h.sorted()
	l.caveats()
}

// complete adds to a case what only the file of cases tells.
func (l *loader) complete(c *caseAt) {
	if len(c.Steps) > 0 {
		if first := c.Steps[0].At; c.At.IsZero() || first.Before(c.At) {
			if !c.At.IsZero() {
				l.before++
			}
			c.At = first
		}
	}
	if c.At.IsZero() || slices.ContainsFunc(c.Steps, func(s Step) bool { return s.Is == Resolved || s.Is == Closed }) {
		return
	}
	at, is := c.resolved, Resolved
	if at.IsZero() {
		at, is = c.closed, Closed
	}
	if at.IsZero() {
		return
	}
	i := len(c.Steps)
	for i > 0 && c.Steps[i-1].At.After(at) {
		i--
	}
	c.Steps = slices.Insert(c.Steps, i, Step{At: at, Is: is})
}

func (l *loader) caveats() {
	h := l.h
	add := func(name string, n int, text string) {
		if n > 0 {
			h.Caveats = append(h.Caveats, Caveat{Name: name, Count: n, Text: text})
		}
	}
	add("rows_out_of_order", l.unordered, "rows of the log were before the one above them, and were taken in the order that the mapping says")
	add("rows_before_opening", l.before, "cases have a row from before they were opened: they are taken to have come in with that row")
	add("attributes_changed", l.changed, "cases have attributes that changed in the log: they are routed by the first ones")
	add("cases_without_time", l.silent, "cases have no time of opening and no row in the log: they are left out")
	if l.Cases != nil && len(l.Cases.columns()) > 1 {
		add("attributes_of_the_end", len(h.Cases), "cases are routed by the attributes that the file of cases has: what was known of them when they came in may have been less")
	}
	if !h.Replies {
		add("no_replies", len(h.Cases), "cases tell of no replies: whoever resolves one is taken to have answered it then, in both runs")
	}
}
