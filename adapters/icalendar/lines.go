package icalendar

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// LineError is a problem of one line of a file. [Read] joins several of them.
type LineError struct {
	Line int // 1 is the first
	Err  error
}

// Error implements error.
func (e *LineError) Error() string { return fmt.Sprintf("icalendar: line %d: %v", e.Line, e.Err) }

// Unwrap returns what is wrong with the line.
func (e *LineError) Unwrap() error { return e.Err }

// line is one content line, unfolded.
type line struct {
	no     int // of its beginning in the file
	name   string
	params map[string]string // the first value of each
	value  string
}

// text returns the value of a property of type TEXT, its escapes resolved.
func (l line) text() string {
	return strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\N`, "\n", `\;`, ";", `\,`, ",").Replace(l.value)
}

// readAll reads a file of at most max bytes.
func readAll(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("icalendar: %w", err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("icalendar: the file has more than %d bytes; raise MaxBytes if it is meant to", limit)
	}
	return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), nil
}

// lines calls fn with each content line: lines of the file that begin with a space or a tab continue the one before. They
// end in CRLF or LF; empty ones count for nothing. It stops when fn returns false.
func lines(data []byte, fn func(line, error) bool) {
	var folded []byte
	begin := 0
	flush := func() bool {
		if len(bytes.TrimSpace(folded)) == 0 {
			return true
		}
		l, err := parseLine(strings.ToValidUTF8(string(folded), "\uFFFD"))
		l.no = begin
		return fn(l, err)
	}
	no := 0
	for raw := range bytes.Lines(data) {
		no++
		raw = bytes.TrimSuffix(bytes.TrimSuffix(raw, []byte("\n")), []byte("\r"))
		if len(raw) > 0 && (raw[0] == ' ' || raw[0] == '\t') && begin > 0 {
			folded = append(folded, raw[1:]...)
			continue
		}
		if !flush() {
			return
		}
		begin, folded = no, append(folded[:0], raw...)
	}
	flush()
}

// parseLine reads NAME;PARAM=value,"value":value.
func parseLine(s string) (line, error) {
	name, rest := token(s)
	if name == "" {
		return line{}, fmt.Errorf("%q begins with no name; is this an iCalendar file?", clip(s))
	}
	l := line{name: strings.ToUpper(name), params: map[string]string{}}
	for strings.HasPrefix(rest, ";") {
		param, after := token(rest[1:])
		after, found := strings.CutPrefix(after, "=")
		if param == "" || !found {
			return l, fmt.Errorf("%s has a parameter without a name or a value: %q", l.name, clip(rest))
		}
		rest = after
		for first := true; ; first = false {
			var value string
			var err error
			if value, rest, err = paramValue(rest); err != nil {
				return l, fmt.Errorf("%s: parameter %s: %w", l.name, param, err)
			}
			if first {
				l.params[strings.ToUpper(param)] = value
			}
			if !strings.HasPrefix(rest, ",") {
				break
			}
			rest = rest[1:]
		}
	}
	value, found := strings.CutPrefix(rest, ":")
	if !found {
		return l, fmt.Errorf("%s has no colon before its value: %q", l.name, clip(s))
	}
	l.value = value
	return l, nil
}

// token splits off letters, digits and hyphens.
func token(s string) (token, rest string) {
	i := strings.IndexFunc(s, func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
	if i < 0 {
		return s, ""
	}
	return s[:i], s[i:]
}

// paramValue splits off a parameter's value, quoted or not.
func paramValue(s string) (value, rest string, err error) {
	if quoted, ok := strings.CutPrefix(s, `"`); ok {
		value, rest, ok = strings.Cut(quoted, `"`)
		if !ok {
			return "", "", errors.New("its quotation does not end")
		}
		return value, rest, nil
	}
	if i := strings.IndexAny(s, ";:,"); i >= 0 {
		return s[:i], s[i:], nil
	}
	return s, "", nil
}

// clip keeps an error from repeating a long text.
func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "..."
	}
	return s
}
