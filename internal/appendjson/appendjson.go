// Package appendjson appends to JSON what encoding/json would make of a value,
// byte for byte, without its reflection and its allocations. It is for the few
// records of which there is one for every decision.
package appendjson

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"
)

// String appends a text.
func String(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			return Any(b, s)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

// Int appends a whole number.
func Int(b []byte, n int64) []byte { return strconv.AppendInt(b, n, 10) }

// Time appends an instant. It panics, as [Any] does, where the year has not four
// digits, which JSON cannot say.
func Time(b []byte, t time.Time) []byte {
	if y := t.Year(); y < 0 || y > 9999 || t.Location() != time.UTC {
		return Any(b, t)
	}
	return append(t.AppendFormat(append(b, '"'), time.RFC3339Nano), '"')
}

// Any appends whatever is rare, by encoding/json. It panics if that cannot write
// it: it is for values that it always can.
func Any(b []byte, v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("appendjson: %T: %v", v, err))
	}
	return append(b, raw...)
}
