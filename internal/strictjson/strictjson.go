// Package strictjson reads JSON that people write, strictly: an unknown key, a key
// given twice or null is a fault, and every fault comes with its line and column.
package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/answerable-go/answerable/internal/spelling"
)

// MaxSize bounds a text, in bytes.
const MaxSize = 16 << 20

// maxDepth bounds how deep objects may be nested.
const maxDepth = 64

// Fault is one thing that is wrong with a text.
type Fault struct {
	Path    string // such as classes[2].handling.mean
	Problem string // what was found, and how to mend it
	// Line and Column, from 1, are where it stands.
	Line, Column int
}

// Text is a text that was read, to find places in it.
type Text struct{ r *strict }

// Read reads a text into what v points to, and returns everything that is wrong
// with it. v is to be used only if nothing is.
func Read(data []byte, v any) (Text, []Fault) {
	r := &strict{places: map[string]int{"": 0}}
	if len(data) > MaxSize {
		r.fault("", 0, "the text has %d bytes: want at most %d", len(data), MaxSize)
		return Text{r}, r.faults
	}
	r.data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	r.dec = json.NewDecoder(bytes.NewReader(r.data))
	r.dec.UseNumber()
	r.document(reflect.TypeOf(v).Elem())
	if r.faults == nil {
		if err := json.Unmarshal(r.data, v); err != nil { // what the walk let through
			r.fault("", 0, "%s", err)
		}
	}
	return Text{r}, r.faults
}

// Place is line and column, from 1, of the value at a path, or of the nearest
// around it.
func (t Text) Place(path string) (line, column int) { return t.r.place(path) }

// strict walks through JSON beside the type that it is for.
type strict struct {
	data   []byte
	dec    *json.Decoder
	places map[string]int // of values, by path
	faults []Fault
	broken bool
}

// place is line and column, from 1, of the value at a path, or of the nearest
// around it.
func (r *strict) place(path string) (line, column int) {
	for {
		if at, ok := r.places[path]; ok {
			return r.lineOf(at)
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
}

func (r *strict) lineOf(at int) (line, column int) {
	before := r.data[:min(at, len(r.data))]
	begin := bytes.LastIndexByte(before, '\n') + 1
	return bytes.Count(before, []byte("\n")) + 1, utf8.RuneCount(before[begin:]) + 1
}

func (r *strict) fault(path string, at int, format string, args ...any) {
	line, column := r.lineOf(at)
	r.faults = append(r.faults, Fault{Path: path, Problem: fmt.Sprintf(format, args...), Line: line, Column: column})
}

// broke notes that the text is no JSON: there is nothing more to read.
func (r *strict) broke(path string, err error) {
	if r.broken {
		return
	}
	r.broken = true
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		r.fault(path, len(r.data), "no JSON: it ends too early; is a bracket or a quote missing?")
		return
	}
	r.fault(path, r.at(), "no JSON: %s", err)
}

// at is where the next token begins.
func (r *strict) at() int {
	i := int(r.dec.InputOffset())
	for i < len(r.data) && strings.IndexByte(" \t\r\n,:", r.data[i]) >= 0 {
		i++
	}
	return i
}

func (r *strict) document(t reflect.Type) {
	r.value(t, "", 0)
	if r.broken {
		return
	}
	if at := r.at(); at < len(r.data) {
		r.fault("", at, "there is more after the end of the object; remove it")
	}
}

var (
	jsonReader = reflect.TypeFor[json.Unmarshaler]()
	textReader = reflect.TypeFor[interface{ UnmarshalText([]byte) error }]()
)

func (r *strict) value(t reflect.Type, path string, depth int) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	at := r.at()
	if _, ok := r.places[path]; !ok || path == "" {
		r.places[path] = at
	}
	next := byte(0)
	if at < len(r.data) {
		next = r.data[at]
	}
	own := reflect.PointerTo(t).Implements(jsonReader) || reflect.PointerTo(t).Implements(textReader)
	switch {
	case r.broken:
	case depth > maxDepth:
		r.broke(path, fmt.Errorf("objects are nested more than %d deep", maxDepth))
	case next == '{' && t.Kind() == reflect.Struct && !own:
		r.object(t, path, depth)
	case next == '[' && t.Kind() == reflect.Slice && !own:
		r.list(t, path, depth)
	default:
		var raw json.RawMessage
		if err := r.dec.Decode(&raw); err != nil {
			r.broke(path, err)
			return
		}
		if string(raw) == "null" {
			r.fault(path, at, "it is null; write %s, or leave the key out", want(t))
		} else if err := json.Unmarshal(raw, reflect.New(t).Interface()); err != nil {
			if _, wrong := errors.AsType[*json.UnmarshalTypeError](err); wrong {
				r.fault(path, at, "it is %s; write %s", short(raw), want(t))
			} else {
				r.fault(path, at, "%s", err)
			}
		}
	}
}

func short(raw []byte) string {
	if len(raw) > 40 {
		return string(raw[:37]) + "..."
	}
	return string(raw)
}

func want(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Struct:
		return "an object {...}"
	case reflect.Slice:
		return "a list [...]"
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return `a text "..."`
	case reflect.Float64:
		return "a number"
	}
	if reflect.PointerTo(t).Implements(textReader) {
		return `a text such as "1h30m"`
	}
	return "a whole number"
}

func (r *strict) list(t reflect.Type, path string, depth int) {
	_, _ = r.dec.Token()
	for i := 0; r.dec.More() && !r.broken; i++ {
		r.value(t.Elem(), fmt.Sprintf("%s[%d]", path, i), depth+1)
	}
	r.close(path)
}

func (r *strict) close(path string) {
	if r.broken {
		return
	}
	if _, err := r.dec.Token(); err != nil {
		r.broke(path, err)
	}
}

func (r *strict) object(t reflect.Type, path string, depth int) {
	_, _ = r.dec.Token()
	fields, seen := fieldsOf(t), map[string]bool{}
	for r.dec.More() && !r.broken {
		at := r.at()
		token, err := r.dec.Token()
		if err != nil {
			r.broke(path, err)
			return
		}
		key, _ := token.(string)
		inner := key
		if path != "" {
			inner = path + "." + key
		}
		field, ok := fields[key]
		switch {
		case !ok:
			names := make([]string, 0, len(fields))
			for name := range fields {
				names = append(names, name)
			}
			slices.Sort(names)
			hint := Meant(key, names)
			if hint == "" {
				hint = "; there are " + strings.Join(names, ", ")
			}
			r.fault(inner, at, "unknown key %q%s", key, hint)
		case seen[key]:
			r.fault(inner, at, "key %q is given twice; keep one of them", key)
		}
		seen[key] = true
		if !ok {
			var raw json.RawMessage
			if err := r.dec.Decode(&raw); err != nil {
				r.broke(inner, err)
			}
			continue
		}
		r.value(field, inner, depth+1)
	}
	r.close(path)
}

// fieldsOf are a struct's fields by their keys; of two with the same key the outer
// one counts, as encoding/json has it.
func fieldsOf(t reflect.Type) map[string]reflect.Type {
	fields, depth := map[string]reflect.Type{}, map[string]int{}
	for _, f := range reflect.VisibleFields(t) {
		key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if key == "" || key == "-" || !f.IsExported() {
			continue
		}
		if d, ok := depth[key]; !ok || len(f.Index) < d {
			fields[key], depth[key] = f.Type, len(f.Index)
		}
	}
	return fields
}

// Meant is ", did you mean x?" for the candidate that s was probably meant to be.
func Meant(s string, candidates []string) string {
	if best := spelling.Nearest(s, candidates); best != "" {
		return fmt.Sprintf(", did you mean %q?", best)
	}
	return ""
}
