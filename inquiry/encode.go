package inquiry

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/answerable-go/answerable/sla"
)

// AppendJSON appends the canonical JSON of a value of this package: the same
// bytes as [json.Marshal], several times as fast. It is for stores, which write
// a dozen such texts for each inquiry. Pass a pointer to avoid a copy; v is not
// changed. It fails where json.Marshal fails, such as for a time after the year
// 9999, and then returns b as it was.
func AppendJSON(b []byte, v any) ([]byte, error) {
	if v == nil {
		return append(b, "null"...), nil
	}
	out, err := encodeAny(b, reflect.ValueOf(v))
	if err != nil {
		return b, err
	}
	return out, nil
}

// encoder appends the JSON of a value that can be addressed.
type encoder func(b []byte, v reflect.Value) ([]byte, error)

// encoders are kept for each type: which fields it has, and what is left out of
// them when, is found out once.
var encoders sync.Map // reflect.Type to encoder

func encodeAny(b []byte, v reflect.Value) ([]byte, error) {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return append(b, "null"...), nil
		}
		v = v.Elem()
	}
	if !v.CanAddr() {
		c := reflect.New(v.Type()).Elem()
		c.Set(v)
		v = c
	}
	return encoderOf(v.Type())(b, v)
}

func encoderOf(t reflect.Type) encoder {
	if e, ok := encoders.Load(t); ok {
		return e.(encoder) //nolint:forcetypeassert // it holds nothing else
	}
	// A type that holds itself finds this instead, until its own is made.
	var (
		made sync.WaitGroup
		e    encoder
	)
	made.Add(1)
	known, loaded := encoders.LoadOrStore(t, encoder(func(b []byte, v reflect.Value) ([]byte, error) {
		made.Wait()
		return e(b, v)
	}))
	if loaded {
		return known.(encoder) //nolint:forcetypeassert // as above
	}
	e = newEncoder(t)
	made.Done()
	encoders.Store(t, e)
	return e
}

var (
	jsonMarshaler = reflect.TypeFor[json.Marshaler]()
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
	zeroer        = reflect.TypeFor[interface{ IsZero() bool }]()
)

func newEncoder(t reflect.Type) encoder {
	switch t {
	case reflect.TypeFor[time.Time]():
		return encodeTime
	case reflect.TypeFor[ID]():
		return encodeID
	case reflect.TypeFor[sla.Duration]():
		return func(b []byte, v reflect.Value) ([]byte, error) {
			return appendText(b, sla.Duration(v.Int()).String()), nil
		}
	case reflect.TypeFor[json.RawMessage]():
		return func(b []byte, v reflect.Value) ([]byte, error) { return appendRaw(b, v.Bytes()) }
	case reflect.TypeFor[Event]():
		return func(b []byte, v reflect.Value) ([]byte, error) {
			return v.Addr().Interface().(*Event).appendJSON(b) //nolint:forcetypeassert // it is of this type
		}
	case reflect.TypeFor[Input]():
		return func(b []byte, v reflect.Value) ([]byte, error) {
			in := v.Addr().Interface().(*Input) //nolint:forcetypeassert // it is of this type
			return AppendJSON(b, &inputJSON{in.ID, in.At, in.EnteredAt, in.By, in.Source, in.Cursor, do{in.Do}})
		}
	case reflect.TypeFor[do]():
		return func(b []byte, v reflect.Value) ([]byte, error) {
			return appendCommand(b, v.Addr().Interface().(*do).Command) //nolint:forcetypeassert // it is of this type
		}
	}
	if t.Kind() != reflect.Pointer && t.Kind() != reflect.Interface && !ours(t) {
		return encodeSlowly
	}
	switch t.Kind() {
	case reflect.String:
		return func(b []byte, v reflect.Value) ([]byte, error) { return appendText(b, v.String()), nil }
	case reflect.Bool:
		return func(b []byte, v reflect.Value) ([]byte, error) { return strconv.AppendBool(b, v.Bool()), nil }
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return func(b []byte, v reflect.Value) ([]byte, error) { return strconv.AppendInt(b, v.Int(), 10), nil }
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return func(b []byte, v reflect.Value) ([]byte, error) { return strconv.AppendUint(b, v.Uint(), 10), nil }
	case reflect.Pointer, reflect.Interface:
		return func(b []byte, v reflect.Value) ([]byte, error) {
			if v.IsNil() {
				return append(b, "null"...), nil
			}
			return encodeAny(b, v.Elem())
		}
	case reflect.Slice:
		return encodeList(t)
	case reflect.Struct:
		if fields, ok := fieldsOf(t); ok {
			return fields.encode
		}
	}
	return encodeSlowly
}

// ours reports whether a type has its JSON from its fields alone.
func ours(t reflect.Type) bool {
	for _, u := range []reflect.Type{t, reflect.PointerTo(t)} {
		if u.Implements(jsonMarshaler) || u.Implements(textMarshaler) {
			return false
		}
	}
	return true
}

// encodeSlowly is for what is rare.
func encodeSlowly(b []byte, v reflect.Value) ([]byte, error) {
	text, err := json.Marshal(v.Addr().Interface())
	return append(b, text...), err
}

func encodeTime(b []byte, v reflect.Value) ([]byte, error) {
	return appendTime(b, v.Addr().Interface().(*time.Time)) //nolint:forcetypeassert // it is of this type
}

func appendTime(b []byte, t *time.Time) ([]byte, error) {
	b, err := t.AppendText(append(b, '"'))
	return append(b, '"'), err
}

func encodeID(b []byte, v reflect.Value) ([]byte, error) {
	return appendID(b, v.Addr().Interface().(*ID)), nil //nolint:forcetypeassert // it is of this type
}

func appendID(b []byte, id *ID) []byte {
	b, _ = id.AppendText(append(b, '"')) // it has no error
	return append(b, '"')
}

func encodeList(t reflect.Type) encoder {
	if t.Elem().Kind() == reflect.Uint8 {
		if !ours(t.Elem()) {
			return encodeSlowly
		}
		return func(b []byte, v reflect.Value) ([]byte, error) {
			if v.IsNil() {
				return append(b, "null"...), nil
			}
			b = base64.StdEncoding.AppendEncode(append(b, '"'), v.Bytes())
			return append(b, '"'), nil
		}
	}
	element := encoderOf(t.Elem())
	return func(b []byte, v reflect.Value) (_ []byte, err error) {
		if v.IsNil() {
			return append(b, "null"...), nil
		}
		b = append(b, '[')
		for i := range v.Len() {
			if i > 0 {
				b = append(b, ',')
			}
			if b, err = element(b, v.Index(i)); err != nil {
				return b, err
			}
		}
		return append(b, ']'), nil
	}
}

// field is one of a struct's.
type field struct {
	index  []int
	name   string // with its quotes and colon
	omit   func(v reflect.Value) bool
	encode encoder
}

type fields []field

// fieldsOf are the fields of a struct and of those embedded in it; ok is false
// where what encoding/json does with them is not as simple as that.
func fieldsOf(t reflect.Type) (list fields, ok bool) {
	seen := map[string]bool{}
	for i := range t.NumField() {
		f := t.Field(i)
		tag, tagged := f.Tag.Lookup("json")
		name, options, _ := strings.Cut(tag, ",")
		switch {
		case tag == "-" || !f.IsExported() && !f.Anonymous:
			continue
		case f.Anonymous && !tagged:
			if f.Type.Kind() != reflect.Struct || !ours(f.Type) {
				return nil, false
			}
			inner, ok := fieldsOf(f.Type)
			if !ok {
				return nil, false
			}
			for _, in := range inner {
				if seen[in.name] {
					return nil, false
				}
				seen[in.name] = true
				in.index = append([]int{i}, in.index...)
				list = append(list, in)
			}
			continue
		case f.Anonymous, !plain(name):
			return nil, false
		case name == "":
			name = f.Name
		}
		x := field{index: []int{i}, name: `"` + name + `":`, encode: encoderOf(f.Type)}
		for option := range strings.SplitSeq(options, ",") {
			switch option {
			case "":
			case "omitempty":
				x.omit = either(x.omit, isEmpty)
			case "omitzero":
				x.omit = either(x.omit, zeroOf(f.Type))
			default:
				return nil, false
			}
		}
		if seen[x.name] {
			return nil, false
		}
		seen[x.name] = true
		list = append(list, x)
	}
	return list, true
}

func either(a, b func(reflect.Value) bool) func(reflect.Value) bool {
	if a == nil {
		return b
	}
	return func(v reflect.Value) bool { return a(v) || b(v) }
}

// isEmpty is what omitempty leaves out.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

// zeroOf tells what omitzero leaves out.
func zeroOf(t reflect.Type) func(reflect.Value) bool {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return func(v reflect.Value) bool { return v.Addr().Interface().(*time.Time).IsZero() } //nolint:forcetypeassert // it is of this type
	case t.Kind() != reflect.Pointer && t.Kind() != reflect.Interface && reflect.PointerTo(t).Implements(zeroer):
		return func(v reflect.Value) bool { return v.Addr().Interface().(interface{ IsZero() bool }).IsZero() } //nolint:forcetypeassert // it has that
	}
	return reflect.Value.IsZero
}

func (list fields) encode(b []byte, v reflect.Value) (_ []byte, err error) {
	b = append(b, '{')
	begun := len(b)
	for i := range list {
		f := &list[i]
		x := v.Field(f.index[0])
		for _, k := range f.index[1:] {
			x = x.Field(k)
		}
		if f.omit != nil && f.omit(x) {
			continue
		}
		if len(b) > begun {
			b = append(b, ',')
		}
		if b, err = f.encode(append(b, f.name...), x); err != nil {
			return b, err
		}
	}
	return append(b, '}'), nil
}

// plain reports whether a text stands for itself between quotes.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			return false
		}
	}
	return true
}

// appendText appends a text in quotes, escaped as encoding/json does: what HTML
// would take for its own too, and what is no UTF-8 replaced.
func appendText(b []byte, s string) []byte {
	const digits = "0123456789abcdef"
	b = append(b, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			switch {
			case r == utf8.RuneError && size == 1:
				b = append(append(b, s[from:i]...), `\ufffd`...)
			case r == '\u2028' || r == '\u2029':
				b = append(append(append(b, s[from:i]...), `\u202`...), digits[r&0xf])
			default:
				i += size
				continue
			}
			i += size
			from = i
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&' {
			i++
			continue
		}
		b = append(b, s[from:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\b':
			b = append(b, `\b`...)
		case '\f':
			b = append(b, `\f`...)
		case '\n':
			b = append(b, `\n`...)
		case '\r':
			b = append(b, `\r`...)
		case '\t':
			b = append(b, `\t`...)
		default:
			b = append(b, '\\', 'u', '0', '0', digits[c>>4], digits[c&0xf])
		}
		i++
		from = i
	}
	return append(append(b, s[from:]...), '"')
}

// appendRaw appends what is JSON already, in its compact form.
func appendRaw(b, raw []byte) ([]byte, error) {
	if compact(raw) {
		return append(b, raw...), nil
	}
	text, err := json.Marshal(json.RawMessage(raw))
	return append(b, text...), err
}

// appendCommand appends an object whose only key is the command's name.
func appendCommand(b []byte, c Command) ([]byte, error) {
	if c == nil {
		return append(b, "null"...), nil
	}
	b = append(append(append(b, `{"`...), c.name()...), `":`...)
	b, err := AppendJSON(b, c)
	return append(b, '}'), err
}

// AppendJSON appends what [Event.MarshalJSON] makes of an event.
func (e *Event) AppendJSON(b []byte) ([]byte, error) {
	out, err := e.appendJSON(b)
	if err != nil {
		return b, fmt.Errorf("inquiry: event %d: %w", e.Seq, err)
	}
	return out, nil
}

// appendJSON writes the fields of eventJSON.
func (e *Event) appendJSON(b []byte) (_ []byte, err error) {
	b = strconv.AppendInt(append(b, `{"format":`...), int64(e.Format), 10)
	b = appendText(append(b, `,"pool":`...), e.Pool)
	b = strconv.AppendUint(append(b, `,"seq":`...), e.Seq, 10)
	if b, err = appendTime(append(b, `,"at":`...), &e.At); err != nil {
		return b, err
	}
	if b, err = appendTime(append(b, `,"recorded_at":`...), &e.RecordedAt); err != nil {
		return b, err
	}
	b = appendText(append(b, `,"kind":`...), string(e.Kind))
	if !e.Inquiry.IsZero() {
		b = appendID(append(b, `,"inquiry":`...), &e.Inquiry)
	}
	if e.Version != 0 {
		b = strconv.AppendUint(append(b, `,"version":`...), e.Version, 10)
	}
	if e.Duty != "" {
		b = appendText(append(b, `,"duty":`...), string(e.Duty))
	}
	if e.Owner != "" {
		b = appendText(append(b, `,"owner":`...), string(e.Owner))
	}
	if e.Actor != "" {
		b = appendText(append(b, `,"actor":`...), e.Actor)
	}
	if !e.Cause.IsZero() {
		b = appendID(append(b, `,"cause":`...), &e.Cause)
	}
	if e.Do != nil {
		if b, err = appendCommand(append(b, `,"do":`...), e.Do); err != nil {
			return b, err
		}
	}
	if e.Data != nil {
		if b, err = AppendJSON(append(b, `,"data":`...), e.Data); err != nil {
			return b, err
		}
	}
	if len(e.Decision) > 0 {
		if b, err = appendRaw(append(b, `,"decision":`...), e.Decision); err != nil {
			return b, err
		}
	}
	return append(b, '}'), nil
}
