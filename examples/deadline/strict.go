package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/answerable-go/answerable/sla"
)

// shape is what a JSON value has to look like. encoding/json alone would take a
// key twice, in another case, or null, and could not say where a fault is.
type shape struct {
	keys     map[string]*shape // of an object
	required []string          // of those
	items    *shape            // of an array
	text     bool              // a string,
	check    func(string) error
	boolean  bool
	raw      bool // an object that somebody else looks at
}

// want names the shape in an error.
func (s *shape) want() string {
	switch {
	case s.keys != nil, s.raw:
		return "an object {...}"
	case s.items != nil:
		return "a list [...]"
	case s.boolean:
		return "true or false"
	}
	return `a text "..."`
}

var (
	anyText   = &shape{text: true}
	timeOfDay = &shape{text: true, check: func(s string) error { _, err := sla.ParseTimeOfDay(s); return err }}
	date      = &shape{text: true, check: func(s string) error { _, err := sla.ParseDate(s); return err }}
	weekday   = &shape{text: true, check: func(s string) error {
		if slices.Contains(weekdays, s) {
			return nil
		}
		return fmt.Errorf("there is no weekday %q%s; write a lower-case English name such as monday", s, meant(s, weekdays))
	}}
	duration = &shape{text: true, check: func(s string) error { _, err := parseTarget(s); return err }}
	weekdays = []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
)

// calendarShape is the JSON form of [sla.Calendar].
var calendarShape = &shape{keys: map[string]*shape{
	"name": anyText, "zone": anyText, "always": {boolean: true},
	"hours": {items: &shape{
		keys:     map[string]*shape{"day": weekday, "open": timeOfDay, "close": timeOfDay},
		required: []string{"day", "open", "close"},
	}},
	"exceptions": {items: &shape{
		keys: map[string]*shape{"date": date, "name": anyText, "hours": {items: &shape{
			keys:     map[string]*shape{"open": timeOfDay, "close": timeOfDay},
			required: []string{"open", "close"},
		}}},
		required: []string{"date"},
	}},
}}

// questionShape is the JSON form of a question. Its calendar is looked at when
// it is seen for the first time.
var questionShape = &shape{
	keys: map[string]*shape{
		"id": anyText, "calendar": {raw: true}, "start": anyText, "target": duration,
		"pauses": {items: &shape{
			keys:     map[string]*shape{"from": anyText, "until": anyText, "why": anyText},
			required: []string{"from", "until"},
		}},
	},
	required: []string{"calendar", "start", "target"},
}

// faultError is what is wrong with a text, and at which byte of it.
type faultError struct {
	offset int
	err    error
}

func (f *faultError) Error() string { return f.err.Error() }
func (f *faultError) Unwrap() error { return f.err }

// place returns line and column of a byte, counted from 1, the column in
// characters.
func place(data []byte, offset int) (line, column int) {
	before := data[:min(max(offset, 0), len(data))]
	begin := bytes.LastIndexByte(before, '\n') + 1
	return bytes.Count(before, []byte("\n")) + 1, utf8.RuneCount(before[begin:]) + 1
}

// read reads JSON of a shape. Objects come as map[string]any, lists as []any, and
// what is raw as json.RawMessage. Its error is a *faultError at the first place
// that is not of the shape; an object is then what was read of it.
func read(data []byte, s *shape) (any, error) {
	r := &reader{data: data}
	v, err := r.value(s, "the value")
	if err != nil {
		return v, err
	}
	if r.blanks(); r.at < len(data) {
		return v, r.fault(r.at, "there is more after the end of the object; remove it")
	}
	return v, nil
}

// reader reads JSON in one pass. It exists for its places and its strictness,
// and skips a calendar that was seen before at no cost.
type reader struct {
	data []byte
	at   int
}

func (r *reader) fault(at int, format string, args ...any) error {
	if at >= len(r.data) {
		return &faultError{len(r.data), errors.New("no JSON: it ends too early; is a bracket or a quote missing?")}
	}
	return &faultError{at, fmt.Errorf(format, args...)}
}

// blanks goes on to the next byte that is none.
func (r *reader) blanks() {
	for r.at < len(r.data) && strings.IndexByte(" \t\r\n", r.data[r.at]) >= 0 {
		r.at++
	}
}

// peek returns the next byte after blanks, 0 at the end.
func (r *reader) peek() byte {
	r.blanks()
	if r.at < len(r.data) {
		return r.data[r.at]
	}
	return 0
}

// take goes past a byte if it is the next.
func (r *reader) take(b byte) bool {
	if r.peek() != b {
		return false
	}
	r.at++
	return true
}

// text reads a string.
func (r *reader) text() (string, error) {
	begin := r.at
	plain := true
	for r.at++; r.at < len(r.data) && r.data[r.at] != '"'; r.at++ {
		if b := r.data[r.at]; b == '\\' {
			plain = false
			r.at++
		} else if b < ' ' || b >= utf8.RuneSelf {
			plain = false
		}
	}
	if r.at >= len(r.data) {
		return "", r.fault(len(r.data), "")
	}
	r.at++
	if plain {
		return string(r.data[begin+1 : r.at-1]), nil
	}
	var s string
	if err := json.Unmarshal(r.data[begin:r.at], &s); err != nil {
		return "", r.fault(begin, "no JSON: %w", err)
	}
	return s, nil
}

// skip goes past an object, by its brackets. What is between them is for others
// to read.
func (r *reader) skip() error {
	depth := 0
	for ; r.at < len(r.data); r.at++ {
		switch r.data[r.at] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				r.at++
				return nil
			}
		case '"':
			for r.at++; r.at < len(r.data) && r.data[r.at] != '"'; r.at++ {
				if r.data[r.at] == '\\' {
					r.at++
				}
			}
		}
	}
	r.at = len(r.data) // a text that does not end is passed over, its last escape too
	return r.fault(r.at, "")
}

func (r *reader) value(s *shape, name string) (any, error) {
	switch b := r.peek(); {
	case b == '{' && s.raw:
		begin := r.at
		err := r.skip()
		return json.RawMessage(r.data[begin:r.at]), err
	case b == '{' && s.keys != nil:
		return r.object(s)
	case b == '[' && s.items != nil:
		return r.list(s, name)
	case b == '"' && s.text:
		begin := r.at
		text, err := r.text()
		if err == nil && s.check != nil {
			if err := s.check(text); err != nil {
				return text, r.fault(begin, "%w", err)
			}
		}
		return text, err
	}
	// A word, or something that is not to be here.
	begin := r.at
	for r.at < len(r.data) && strings.IndexByte(" \t\r\n,:{}[]\"", r.data[r.at]) < 0 {
		r.at++
	}
	switch word := string(r.data[begin:r.at]); {
	case s.boolean && (word == "true" || word == "false"):
		return word == "true", nil
	case word == "null":
		return nil, r.fault(begin, "%s is null; write %s, or leave the key out", name, s.want())
	case word != "" && json.Valid([]byte(word)):
		return nil, r.fault(begin, "%s is %s; write %s", name, word, s.want())
	case word != "":
		return nil, r.fault(begin, "no JSON: %q is no value; %s is to be %s", word, name, s.want())
	}
	found := "there is no value"
	switch r.peek() {
	case '{':
		found = name + " is an object"
	case '[':
		found = name + " is a list"
	case '"':
		found = name + " is a text"
	}
	return nil, r.fault(begin, "%s; write %s", found, s.want())
}

// list reads an array.
func (r *reader) list(s *shape, name string) (any, error) {
	r.at++
	var list []any
	if r.take(']') {
		return list, nil
	}
	for {
		v, err := r.value(s.items, "an element of "+name)
		if err != nil {
			return list, err
		}
		list = append(list, v)
		if r.take(']') {
			return list, nil
		}
		if !r.take(',') {
			return list, r.fault(r.at, "no JSON: a comma or ] is missing before this place")
		}
	}
}

func (r *reader) object(s *shape) (any, error) {
	begin := r.at
	r.at++
	object := make(map[string]any, len(s.keys))
	for first := true; !r.take('}'); first = false {
		if !first && !r.take(',') {
			return object, r.fault(r.at, "no JSON: a comma or } is missing before this place")
		}
		if r.peek() != '"' {
			return object, r.fault(r.at, "no JSON: a key in quotes is missing here")
		}
		at := r.at
		key, err := r.text()
		if err != nil {
			return object, err
		}
		if !r.take(':') {
			return object, r.fault(r.at, "no JSON: a colon is missing before this place")
		}
		inner, ok := s.keys[key]
		if !ok {
			keys := slices.Sorted(maps.Keys(s.keys))
			return object, r.fault(at, "unknown key %q%s (there are %s)", key, meant(key, keys), strings.Join(keys, ", "))
		}
		if _, twice := object[key]; twice {
			return object, r.fault(at, "key %q is given twice; keep one of them", key)
		}
		if object[key], err = r.value(inner, key); err != nil {
			return object, err
		}
	}
	for _, key := range s.required {
		if _, ok := object[key]; !ok {
			return object, &faultError{begin, fmt.Errorf("key %q is missing; it is required here", key)}
		}
	}
	return object, nil
}

// meant returns ", did you mean x?" for the candidate that is at most two
// typing errors away.
func meant(s string, candidates []string) string {
	best, closest := "", 3
	for _, c := range candidates {
		if d := distance(strings.ToLower(s), c); d < closest && d < len(c) {
			best, closest = c, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(", did you mean %q?", best)
}

// distance counts the letters to insert, remove or replace (Levenshtein). Long
// texts are far from everything.
func distance(a, b string) int {
	if len(a) > 20 {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			corner, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, corner+cost)
		}
	}
	return row[len(b)]
}
