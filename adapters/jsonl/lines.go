package jsonl

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

// LineError is a bad line: where it is, what is wrong, and how to mend it. It
// does not repeat any text of a customer's.
type LineError struct {
	File   string
	Line   int    // from 1
	Column int    // in bytes, from 1; 0 if not known
	Field  string // such as "turns[2].created_at"; "" if no single field is wrong
	Err    error
}

// Error implements error.
func (e *LineError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "jsonl: %s:%d", e.File, e.Line)
	if e.Column > 0 {
		fmt.Fprintf(&b, ":%d", e.Column)
	}
	if e.Field != "" {
		fmt.Fprintf(&b, ": field %s", e.Field)
	}
	fmt.Fprintf(&b, ": %v", e.Err)
	return b.String()
}

// Unwrap returns Err.
func (e *LineError) Unwrap() error { return e.Err }

// row is the content of a line.
type row struct {
	line        int
	bytes       int64 // of the line
	done, total int64 // of the file as stored, at the end of the line
	messages    []message
}

// eachRow calls f for each line of the file; lines before from are not parsed.
// A bad line ends it or, with SkipBad, is passed to onBad and to f without
// messages.
func (s *Source) eachRow(from int, onBad func(*LineError), f func(row) error) error {
	file, err := s.open()
	if err != nil {
		return fmt.Errorf("jsonl: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read

	counted := &countingReader{r: file}
	packed := strings.HasSuffix(strings.ToLower(s.name), ".gz")
	var in io.Reader = counted
	if packed {
		unpacked, err := gzip.NewReader(bufio.NewReader(counted))
		if errors.Is(err, io.EOF) {
			return nil // an empty file has no rows, compressed or not
		}
		if err != nil {
			return fmt.Errorf("jsonl: %s: %w: is it a gzip file?", s.name, err)
		}
		in = unpacked
	}
	var (
		total  = size(file)
		r      = lineReader{r: bufio.NewReaderSize(in, 64<<10), limit: s.config.MaxLine}
		line   = 0
		offset int64
	)
	for {
		text, n, err := r.next()
		offset += int64(n)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && !errors.Is(err, errTooLong):
			return fmt.Errorf("jsonl: %s:%d: %w", s.name, line+1, err)
		}
		line++
		if line == 1 {
			text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
		}
		var messages []message
		if err == nil && line >= from {
			messages, err = s.config.parse(text, line)
		}
		if err != nil && line >= from {
			bad := &LineError{Line: line, Err: err}
			errors.As(err, &bad) // one that knows the place within the line
			bad.File, bad.Line = s.name, line
			if !s.config.SkipBad {
				return bad
			}
			if onBad != nil {
				onBad(bad)
			}
		}
		done := offset
		if packed {
			done = counted.n
		}
		if err := f(row{line: line, bytes: int64(n), done: done, total: total, messages: messages}); err != nil {
			return err
		}
	}
}

// size is the length of a file, 0 if it is not known.
func size(file io.Reader) int64 {
	if f, ok := file.(interface{ Stat() (fs.FileInfo, error) }); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			return info.Size()
		}
	}
	return 0
}

type countingReader struct {
	r io.Reader
	n int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// lineReader reads lines of any length, of which it keeps at most limit bytes.
type lineReader struct {
	r     *bufio.Reader
	limit int
	line  []byte
}

var errTooLong = errors.New("the line is too long")

// next is the next line without its end, and how many bytes it took. The line
// is valid until the next call. A line beyond the limit is read to its end and
// reported as errTooLong. io.EOF is returned without a line.
func (l *lineReader) next() (line []byte, n int, err error) {
	l.line = l.line[:0]
	long := false
	for {
		part, err := l.r.ReadSlice('\n')
		n += len(part)
		if kept := bytes.TrimRight(part, "\r\n"); !long && len(l.line)+len(kept) > l.limit {
			long = true
		} else if !long {
			l.line = append(l.line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && n == 0:
			return nil, 0, io.EOF
		case err != nil && !errors.Is(err, io.EOF):
			return nil, n, err
		case long:
			return nil, n, fmt.Errorf("%w: more than %d bytes: raise Config.MaxLine", errTooLong, l.limit)
		}
		return bytes.TrimRight(l.line, "\r\n"), n, nil
	}
}
