package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	// maxLine bounds a line of a -in file, and with it what the program holds in
	// memory.
	maxLine = 1 << 20
	// maxCached and maxCachedBytes bound what is kept of the calendars seen: so
	// many, each of so many bytes.
	maxCached      = 256
	maxCachedBytes = 64 << 10
)

// bom is what some editors write at the beginning of a file.
var bom = []byte("\ufeff")

// answerer answers the questions of a stream.
type answerer struct {
	name      string // of the stream, for errors
	calendars map[string]calendar
	out       *bufio.Writer
	enc       *json.Encoder
	failed    int
}

// answerLines answers one question after the other, a JSON object a line, and
// returns how many there were and how many had no answer. It holds one line at a
// time. Its error is one of reading or writing.
func answerLines(name string, in io.Reader, out io.Writer) (questions, failed int, err error) {
	a := &answerer{name: name, calendars: map[string]calendar{}, out: bufio.NewWriterSize(out, 64<<10)}
	a.enc = json.NewEncoder(a.out)
	a.enc.SetEscapeHTML(false) // names are for people
	lines := bufio.NewReaderSize(in, 64<<10)
	for number := 1; ; number++ {
		line, tooLong, err := readLine(lines)
		if err != nil && !errors.Is(err, io.EOF) {
			return questions, a.failed, errors.Join(fmt.Errorf("%s:%d: %w", name, number, err), a.out.Flush())
		}
		if number == 1 {
			line = bytes.TrimPrefix(line, bom)
		}
		if tooLong || len(bytes.TrimSpace(line)) > 0 {
			questions++
			if err := a.answer(number, line, tooLong); err != nil {
				return questions, a.failed, err
			}
		}
		if err != nil {
			return questions, a.failed, a.out.Flush()
		}
		// Somebody who types, or waits for an answer before the next question,
		// gets it now.
		if lines.Buffered() == 0 {
			if err := a.out.Flush(); err != nil {
				return questions, a.failed, err
			}
		}
	}
}

// readLine reads a line without its end, at most maxLine bytes of it.
func readLine(r *bufio.Reader) (line []byte, tooLong bool, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if len(line)+len(part) > maxLine+1 {
			line, tooLong = nil, true
		}
		if !tooLong {
			if len(line) == 0 && !errors.Is(err, bufio.ErrBufferFull) {
				return bytes.TrimRight(part, "\r\n"), false, err // valid until the next read
			}
			line = append(line, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return bytes.TrimRight(line, "\r\n"), tooLong, err
		}
	}
}

// answer answers the question of a line.
func (a *answerer) answer(number int, line []byte, tooLong bool) error {
	var q question
	err := fmt.Errorf("the line is longer than %d bytes", maxLine)
	if !tooLong {
		q, err = readQuestion(line)
	}
	if err == nil {
		c := a.compiled(q.calendar)
		if err = c.err; err != nil {
			// What is wrong with the calendar is told at its place in the line.
			at := bytes.Index(line, q.calendar)
			if fault, ok := errors.AsType[*faultError](err); ok {
				at += fault.offset
			}
			err = &faultError{at, fmt.Errorf("calendar: %w", err)}
		} else if e, failed := q.explain(c); failed != nil {
			err = failed
		} else if err = a.enc.Encode(newAnswer(q.id, e)); err == nil {
			return nil
		} else if !errors.As(err, new(*json.MarshalerError)) {
			return err
		}
	}
	a.failed++
	where := fmt.Sprintf("%s:%d", a.name, number)
	if fault, ok := errors.AsType[*faultError](err); ok {
		_, column := place(line, fault.offset)
		where = fmt.Sprintf("%s:%d", where, column)
	}
	return a.enc.Encode(refusal{ID: q.id, Error: where + ": " + oneLine(err)})
}

// compiled returns the calendar of some bytes, and remembers it.
func (a *answerer) compiled(data []byte) calendar {
	if c, ok := a.calendars[string(data)]; ok {
		return c
	}
	c := compile(data)
	if len(data) <= maxCachedBytes {
		if len(a.calendars) >= maxCached {
			clear(a.calendars) // whoever has so many gains little from the cache
		}
		a.calendars[string(data)] = c
	}
	return c
}

// oneLine writes an error of several problems in a line.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
