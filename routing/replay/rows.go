package replay

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Bounds of a log, so that a wrong file does not fill the memory.
const (
	MaxLine = 1 << 20    // bytes of a line of JSON
	MaxRows = 50_000_000 // of a file
)

// row is a row of a log: its values by their columns.
type row struct {
	line  int
	cells map[string]cell
}

// cell is a value and where it stands.
type cell struct {
	text   string
	column int
	// odd is what it is instead of a text, a number, true or false.
	odd string
}

// rowReader yields a file's rows. next gives io.EOF at the end; a [*Fault] of one
// row, after which it may go on; any other error ends it.
type rowReader interface {
	next() (row, error)
	// has reports whether the file can have a column; false is known of CSV only.
	has(column string) bool
	// names are the columns, of CSV.
	names() []string
}

// formatOf is a file's format by its name.
func (m *mapping) formatOf(name string) Format {
	if m.Format != "" {
		return m.Format
	}
	name = strings.TrimSuffix(strings.ToLower(name), ".gz")
	if strings.HasSuffix(name, ".csv") {
		return CSV
	}
	return JSONLines
}

func (m *mapping) open(s Source) (rowReader, error) {
	if m.formatOf(s.Name) == CSV {
		return newCSV(s.Text, m.comma)
	}
	return &jsonReader{r: bufio.NewReaderSize(s.Text, 64<<10)}, nil
}

// jsonReader reads JSON Lines.
type jsonReader struct {
	r    *bufio.Reader
	line int
	buf  []byte
}

func (j *jsonReader) has(string) bool { return true }

func (j *jsonReader) names() []string { return nil }

func (j *jsonReader) next() (row, error) {
	for {
		text, err := j.nextLine()
		if err != nil {
			return row{}, err
		}
		if j.line == 1 {
			text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
		}
		if len(bytes.TrimSpace(text)) > 0 {
			return parseRow(text, j.line)
		}
	}
}

// nextLine is the next line, read to its end even if it is too long to be kept.
func (j *jsonReader) nextLine() ([]byte, error) {
	j.buf = j.buf[:0]
	long, some := false, false
	for {
		part, err := j.r.ReadSlice('\n')
		some = some || len(part) > 0
		if long = long || len(j.buf)+len(part) > MaxLine+2; !long {
			j.buf = append(j.buf, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && (!errors.Is(err, io.EOF) || !some):
			return nil, err
		}
		j.line++
		if long {
			return nil, &Fault{Line: j.line, Problem: fmt.Sprintf("the line has more than %d bytes: want an object a line", MaxLine)}
		}
		return bytes.TrimRight(j.buf, "\r\n"), nil
	}
}

// parseRow reads one object, strictly.
func parseRow(text []byte, line int) (row, error) {
	bad := func(at int64, format string, args ...any) error {
		return &Fault{Line: line, Column: columnOf(text, at), Problem: fmt.Sprintf(format, args...)}
	}
	if !utf8.Valid(text) {
		return row{}, bad(0, "it is not UTF-8: convert the file")
	}
	if !json.Valid(text) {
		var syntax *json.SyntaxError
		if err := json.Unmarshal(text, new(any)); !errors.As(err, &syntax) {
			return row{}, bad(0, "no JSON: %v", err)
		}
		if syntax.Offset >= int64(len(text)) {
			return row{}, bad(int64(len(text)), "no JSON: the object ends too early; want one a line")
		}
		return row{}, bad(syntax.Offset-1, "no JSON: %s", syntax)
	}
	w := walker{text: text}
	if w.skip(); text[w.at] != '{' {
		return row{}, bad(int64(w.at), "want an object {...} a line")
	}
	w.at++
	r := row{line: line, cells: map[string]cell{}}
	for {
		if w.skip(); text[w.at] == '}' {
			return r, nil
		}
		from := w.at
		key := cellOf(w.value(), 0).text
		w.skip()
		at := w.at
		raw := w.value()
		if _, twice := r.cells[key]; twice {
			return row{}, bad(int64(from), "key %q is given twice: keep one of them", short(key))
		}
		r.cells[key] = cellOf(raw, columnOf(text, int64(at)))
	}
}

// walker goes through valid JSON.
type walker struct {
	text []byte
	at   int
}

// skip goes to the next value, key or bracket.
func (w *walker) skip() {
	for strings.IndexByte(" \t\r\n,:", w.text[w.at]) >= 0 {
		w.at++
	}
}

// value is the value that begins here.
func (w *walker) value() json.RawMessage {
	from, depth, quoted := w.at, 0, false
	for {
		c := w.text[w.at]
		switch {
		case quoted && c == '\\':
			w.at++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		}
		ended := strings.IndexByte(`"}]`, c) >= 0
		w.at++
		if depth == 0 && !quoted && (ended || strings.IndexByte(",}] \t\r\n", w.text[w.at]) >= 0) {
			return w.text[from:w.at]
		}
	}
}

func columnOf(text []byte, at int64) int {
	return utf8.RuneCount(text[:min(max(at, 0), int64(len(text)))]) + 1
}

func cellOf(raw json.RawMessage, column int) cell {
	c := cell{column: column}
	switch raw[0] {
	case '"':
		if bytes.IndexByte(raw, '\\') < 0 {
			c.text = string(raw[1 : len(raw)-1])
			break
		}
		_ = json.Unmarshal(raw, &c.text) // Decode has seen to it
	case '{':
		c.odd = "an object"
	case '[':
		c.odd = "a list"
	case 'n': // null: there is none
	default:
		c.text = string(raw)
	}
	return c
}

// short is a value in a message, cut if it is long.
func short(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:37]) + "..."
	}
	return s
}

// csvReader reads CSV with a line of names.
type csvReader struct {
	r       *csv.Reader
	columns []string
	index   map[string]struct{}
	ended   bool
}

func newCSV(text io.Reader, comma rune) (*csvReader, error) {
	in := bufio.NewReader(text)
	if mark, err := in.Peek(3); err == nil && string(mark) == "\xef\xbb\xbf" {
		_, _ = in.Discard(3)
	}
	c := &csvReader{r: csv.NewReader(in), index: map[string]struct{}{}}
	c.r.Comma, c.r.ReuseRecord = comma, true
	head, err := c.r.Read()
	if errors.Is(err, io.EOF) {
		return nil, &Fault{Line: 1, Problem: "the file is empty: want a first line with the names of the columns"}
	}
	if err != nil {
		return nil, c.fault(err)
	}
	for i, name := range head {
		name = strings.TrimSpace(name)
		line, column := c.r.FieldPos(i)
		if _, twice := c.index[name]; twice && name != "" {
			return nil, &Fault{Line: line, Column: column, Problem: fmt.Sprintf("the name %q is given twice: name each column once", short(name))}
		}
		c.columns, c.index[name] = append(c.columns, name), struct{}{}
	}
	return c, nil
}

func (c *csvReader) has(column string) bool { _, ok := c.index[column]; return ok }

func (c *csvReader) names() []string { return c.columns }

func (c *csvReader) fault(err error) error {
	if p, ok := errors.AsType[*csv.ParseError](err); ok {
		f := &Fault{Line: p.Line, Column: p.Column, Problem: "no CSV: " + p.Err.Error()}
		if errors.Is(err, csv.ErrFieldCount) {
			f.Column, f.Problem = 0, fmt.Sprintf("the row has not as many columns as the first line, %d: is a separator or a quote missing?", len(c.columns))
		}
		return f
	}
	return err
}

func (c *csvReader) next() (row, error) {
	if c.ended {
		return row{}, io.EOF
	}
	values, err := c.r.Read()
	if err != nil {
		// After a wrong quote it is anybody's guess where the next row begins.
		c.ended = !errors.Is(err, csv.ErrFieldCount)
		return row{}, c.fault(err)
	}
	r := row{cells: make(map[string]cell, len(values))}
	for i, v := range values {
		line, column := c.r.FieldPos(i)
		if i == 0 {
			r.line = line
		}
		k := cell{text: v, column: column}
		if !utf8.ValidString(v) {
			return row{}, &Fault{Line: line, Column: column, Problem: "it is not UTF-8: convert the file"}
		}
		r.cells[c.columns[i]] = k
	}
	return r, nil
}
