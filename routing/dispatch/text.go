package dispatch

import (
	"encoding/json"
	"reflect"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/answerable-go/answerable/inquiry"
)

// asRead is an input as it comes out of an inbox or a journal: JSON keeps U+FFFD in
// place of what is not UTF-8. Decided from anything else, what the core holds would
// not be what is recovered, and a plan would not be found by its id again. The ids
// that were derived before stay apart where the texts do.
//
// A roster with such an id stays as it is: two people could become one. The core
// refuses it.
func asRead(in inquiry.Input) inquiry.Input {
	if utf8.ValidString(in.By) && every(reflect.ValueOf(in.Do), utf8.ValidString) {
		return in
	}
	if r, ok := in.Do.(inquiry.Roster); ok && slices.ContainsFunc(r.Set, func(o inquiry.Owner) bool { return !utf8.ValidString(string(o.ID)) }) {
		return in
	}
	raw, err := in.MarshalJSON()
	if err != nil {
		return in // an instant that there is no JSON of, which the core refuses
	}
	var read inquiry.Input
	if err := json.Unmarshal(raw, &read); err != nil {
		return in
	}
	return read
}

// every reports whether all texts in a value are as they have to be.
func every(v reflect.Value, ok func(string) bool) bool {
	switch v.Kind() {
	case reflect.String:
		return ok(v.String())
	case reflect.Pointer, reflect.Interface:
		return v.IsNil() || every(v.Elem(), ok)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return true
		}
		for i := range v.Len() {
			if !every(v.Index(i), ok) {
				return false
			}
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return true
		}
		for i := range v.NumField() { //nolint:modernize // Fields describes each, which takes an allocation, and this is done with every input
			if !every(v.Field(i), ok) {
				return false
			}
		}
	}
	return true
}

// bounded reports whether a store can keep a text: those of messages are cut to this.
func bounded(s string) bool { return len(s) <= MaxText+len(cutMark) }
