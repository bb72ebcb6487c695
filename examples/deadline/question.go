package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/answerable-go/answerable/sla"
)

// question is what is asked: a line of a -in file, or the command line.
type question struct {
	id            string
	calendar      []byte
	start, target string
	pauses        []pause
}

type pause struct{ from, until, why string }

// readQuestion reads the JSON form of a question, strictly. With an error it
// returns what it could read, for the id.
func readQuestion(data []byte) (question, error) {
	var q question
	v, err := read(data, questionShape)
	object, _ := v.(map[string]any)
	text := func(object map[string]any, key string) string { s, _ := object[key].(string); return s }
	q.id, q.start, q.target = text(object, "id"), text(object, "start"), text(object, "target")
	q.calendar, _ = object["calendar"].(json.RawMessage)
	pauses, _ := object["pauses"].([]any)
	for _, p := range pauses {
		object, _ := p.(map[string]any)
		q.pauses = append(q.pauses, pause{text(object, "from"), text(object, "until"), text(object, "why")})
	}
	return q, err
}

// answer is what is printed for a question that has a deadline. The README
// explains its fields.
type answer struct {
	ID          string        `json:"id"`
	Due         string        `json:"due"`
	DueUTC      string        `json:"due_utc"`
	Used        sla.Duration  `json:"used"`
	Explanation string        `json:"explanation"`
	Segments    []sla.Segment `json:"segments"`
}

// refusal is what is printed for a question that has none.
type refusal struct {
	ID    string `json:"id"`
	Error string `json:"error"`
}

func newAnswer(id string, e sla.Explanation) answer {
	a := answer{
		ID: id, Due: e.Due.Format(time.RFC3339Nano), DueUTC: e.Due.UTC().Format(time.RFC3339Nano),
		Explanation: e.String(), Segments: e.Segments,
	}
	for _, seg := range e.Segments {
		a.Used += seg.Counted
	}
	return a
}

// calendar is a compiled calendar, or what is wrong with it.
type calendar struct {
	schedule *sla.Schedule
	loc      *time.Location
	err      error
}

// compile reads a calendar, strictly.
func compile(data []byte) calendar {
	if _, err := read(data, calendarShape); err != nil {
		return calendar{err: err}
	}
	var c sla.Calendar
	if err := json.Unmarshal(data, &c); err != nil {
		return calendar{err: err}
	}
	s, err := c.Compile()
	if err != nil {
		return calendar{err: err}
	}
	loc, err := time.LoadLocation(c.Zone)
	return calendar{schedule: s, loc: loc, err: err}
}

// explain answers a question that was read strictly.
func (q question) explain(c calendar) (sla.Explanation, error) {
	start, err := parseTime(q.start, c.loc)
	if err != nil {
		return sla.Explanation{}, fmt.Errorf("start: %w", err)
	}
	within, err := parseTarget(q.target)
	if err != nil {
		return sla.Explanation{}, err
	}
	type reasoned struct {
		sla.Pause
		why string
	}
	pauses := make([]reasoned, 0, len(q.pauses))
	for i, p := range q.pauses {
		from, err := parseTime(p.from, c.loc)
		if err != nil {
			return sla.Explanation{}, fmt.Errorf("pauses[%d]: from: %w", i, err)
		}
		until, err := parseTime(p.until, c.loc)
		if err != nil {
			return sla.Explanation{}, fmt.Errorf("pauses[%d]: until: %w", i, err)
		}
		if until.Before(from) {
			return sla.Explanation{}, fmt.Errorf("pauses[%d] ends at %s, before it begins at %s; exchange them", i, p.until, p.from)
		}
		pauses = append(pauses, reasoned{sla.Pause{From: from, Until: until}, p.why})
	}
	slices.SortStableFunc(pauses, func(a, b reasoned) int { return cmp.Or(a.From.Compare(b.From), a.Until.Compare(b.Until)) })
	plain, why := make([]sla.Pause, len(pauses)), make([]string, len(pauses))
	for i, p := range pauses {
		plain[i], why[i] = p.Pause, p.why
	}
	e, err := sla.Explain(within, c.schedule, start, plain, why...)
	if beyond := new(sla.HorizonError); errors.As(err, &beyond) {
		err = fmt.Errorf("there is no deadline: %w", err)
	}
	if err == nil && max(e.Due.Year(), e.Due.UTC().Year()) > 9999 {
		err = errors.New("there is no deadline: it is after the year 9999, beyond which RFC 3339 has no times; begin earlier")
	}
	return e, err
}
