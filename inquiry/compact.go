package inquiry

// compact reports whether bytes are JSON already as encoding/json would write it:
// valid, without white space, and with nothing in it that is escaped for the sake
// of HTML. It may say no of what is, never yes of what is not.
func compact(raw []byte) bool {
	s := scan{raw: raw}
	return s.value(0) && s.i == len(raw)
}

// scan is a position in what is read.
type scan struct {
	raw []byte
	i   int
}

const deepest = 100

func (s *scan) take(c byte) bool {
	if s.i < len(s.raw) && s.raw[s.i] == c {
		s.i++
		return true
	}
	return false
}

func (s *scan) value(depth int) bool {
	if s.i >= len(s.raw) || depth > deepest {
		return false
	}
	switch c := s.raw[s.i]; c {
	case '{':
		return s.list('}', func() bool { return s.text() && s.take(':') && s.value(depth+1) })
	case '[':
		return s.list(']', func() bool { return s.value(depth + 1) })
	case '"':
		return s.text()
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	case 'n':
		return s.word("null")
	}
	return s.number()
}

func (s *scan) list(end byte, element func() bool) bool {
	s.i++
	if s.take(end) {
		return true
	}
	for element() {
		if s.take(end) {
			return true
		}
		if !s.take(',') {
			return false
		}
	}
	return false
}

func (s *scan) word(w string) bool {
	if len(s.raw)-s.i < len(w) || string(s.raw[s.i:s.i+len(w)]) != w {
		return false
	}
	s.i += len(w)
	return true
}

// text passes a string over. What holds a byte 0xe2, with which the line
// separators begin that encoding/json escapes, is not looked at any closer.
func (s *scan) text() bool {
	if !s.take('"') {
		return false
	}
	for s.i < len(s.raw) {
		c := s.raw[s.i]
		s.i++
		switch {
		case c == '"':
			return true
		case c < ' ' || c == '<' || c == '>' || c == '&' || c == 0xe2:
			return false
		case c == '\\' && !s.escape():
			return false
		}
	}
	return false
}

func (s *scan) escape() bool {
	if s.i >= len(s.raw) {
		return false
	}
	c := s.raw[s.i]
	s.i++
	switch c {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return true
	case 'u':
		for range 4 {
			if s.i >= len(s.raw) {
				return false
			}
			h := s.raw[s.i]
			if (h < '0' || h > '9') && (h < 'a' || h > 'f') && (h < 'A' || h > 'F') {
				return false
			}
			s.i++
		}
		return true
	}
	return false
}

func (s *scan) digits() bool {
	from := s.i
	for s.i < len(s.raw) && s.raw[s.i] >= '0' && s.raw[s.i] <= '9' {
		s.i++
	}
	return s.i > from
}

func (s *scan) number() bool {
	s.take('-')
	if !s.take('0') && !s.digits() {
		return false
	}
	if s.take('.') && !s.digits() {
		return false
	}
	if s.take('e') || s.take('E') {
		if !s.take('+') {
			s.take('-')
		}
		return s.digits()
	}
	return true
}
