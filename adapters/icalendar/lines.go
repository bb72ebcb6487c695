package icalendar

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// LineError is a problem on a line of a file. [Read] joins several of them.
type LineError struct {
	Line int // 1 is the first
	Err  error
}

// Error implements error.
func (e *LineError) Error() string { return fmt.Sprintf("icalendar: line %d: %v", e.Line, e.Err) }

// Unwrap returns Err.
func (e *LineError) Unwrap() error { return e.Err }

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

// calendar is the text of one calendar, and where it is in the file.
type calendar struct {
	text   []byte
	begins []int // the line of the file on which each content line begins
}

// calendars splits a file at each BEGIN:VCALENDAR, since the library reads only
// one calendar, and finds where the content lines begin, since the library
// counts these and not the lines of the file. It unfolds lines as the library
// does: a line that begins with a space or a tab continues the one before, and
// empty lines are ignored.
func calendars(data []byte) []calendar {
	var list []calendar
	var begins []int
	start, end := 0, 0           // of the current calendar
	no, begin, length := 0, 0, 0 // the current line, and the begin and length of the current content line
	flush := func() {
		if length > 0 {
			begins = append(begins, begin)
		}
	}
	for raw := range bytes.Lines(data) {
		no++
		text, ended := bytes.CutSuffix(raw, []byte("\n"))
		if ended {
			text = bytes.TrimSuffix(text, []byte("\r"))
		}
		if begin > 0 && len(text) > 0 && (text[0] == ' ' || text[0] == '\t') {
			length += len(text) - 1
		} else {
			flush()
			if end > start && bytes.EqualFold(bytes.TrimSpace(text), []byte("BEGIN:VCALENDAR")) {
				list = append(list, calendar{data[start:end], begins})
				start, begins = end, nil
			}
			begin, length = no, len(text)
		}
		end += len(raw)
	}
	flush()
	return append(list, calendar{data[start:end], begins})
}

// clip keeps an error from repeating a long text.
func clip(s string) string {
	if len(s) > 40 {
		return strings.ToValidUTF8(s[:40], "") + "..." // not half a character
	}
	return s
}
