package inquiry

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/sla"
)

// scribe makes random values, of everything that could be written in more than one
// way more often than one would meet it.
type scribe struct{ *rand.Rand }

var strangeTexts = []string{
	"", "billing", `a"b\c`, "<b>&amp;</b>", "größer", "\u2028 and \u2029", "tab\tnew\nreturn\r\b\f\x00\x01\x1f\x7f", "bad\xff\xc0", "\xe2\x80", "日本", "🙂", "\ufffd", "/",
}

var strangeRaws = []string{
	`{}`, `[]`, `null`, `"text"`, `{"a":[1,-2.5e+10,true,false,null],"b":{"c":"d"}}`, ` { "a" : [ 1 , 2 ] } `, `{"html":"<&>"}`, "\"\u2028\"", `"größer"`, `"\u003c\n\""`,
	`0`, `-0`, `1E5`, `{"a":{"a":{"a":[[[[]]]]}}}`, "\n1\n",
}

var brokenRaws = []string{`{`, `{"a"}`, `[1,]`, `01`, `tru`, `"`, `"\x"`, `"\u12g4"`, `1 2`, `{"a":1,}`, "\"\x01\"", `-`, `1.`, `1e`, `nul`, `[`, `{1:2}`}

func (r scribe) of(list []string) string { return list[r.IntN(len(list))] }

func (r scribe) instant() time.Time {
	switch r.IntN(4) {
	case 0:
		return time.Time{}
	case 1:
		return time.Unix(r.Int64N(1<<34), 0).UTC()
	case 2:
		return time.Unix(r.Int64N(1<<34), r.Int64N(1e9)).In(time.FixedZone("", r.IntN(24*3600)-12*3600))
	}
	return time.Unix(r.Int64N(1<<34), 1000*r.Int64N(1e6)).UTC()
}

func (r scribe) fill(v reflect.Value, depth int) {
	switch p := v.Addr().Interface().(type) {
	case *time.Time:
		*p = r.instant()
		return
	case *json.RawMessage:
		if r.IntN(3) > 0 {
			*p = json.RawMessage(r.of(strangeRaws))
		}
		return
	case *ID:
		if r.IntN(3) > 0 {
			binary.BigEndian.PutUint64(p[:8], r.Uint64())
		}
		return
	case *sla.TimeOfDay, *sla.Date:
		return // few of them are valid
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(r.of(strangeTexts))
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt([]int64{0, 1, -7, math.MaxInt64, math.MinInt64, int64(90 * time.Minute)}[r.IntN(6)])
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint([]uint64{0, 1, math.MaxUint64}[r.IntN(3)])
	case reflect.Pointer:
		if depth > 0 && r.IntN(2) == 0 {
			v.Set(reflect.New(v.Type().Elem()))
			r.fill(v.Elem(), depth-1)
		}
	case reflect.Slice:
		if n := r.IntN(4) - 1; n >= 0 && depth > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			for i := range n {
				r.fill(v.Index(i), depth-1)
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			r.fill(v.Index(i), depth)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				r.fill(v.Field(i), depth-1)
			}
		}
	case reflect.Map, reflect.Interface, reflect.Float64:
	default:
		panic(fmt.Sprintf("fill %s", v.Type()))
	}
}

// kept are the types that stores keep as JSON: those of the catalogue, every
// command, and what else there is of an inquiry.
func kept(tb testing.TB) []reflect.Type {
	tb.Helper()
	list := []reflect.Type{
		reflect.TypeFor[Row](), reflect.TypeFor[Message](), reflect.TypeFor[Details](), reflect.TypeFor[Effect](), reflect.TypeFor[Outcome](),
		reflect.TypeFor[Mark](), reflect.TypeFor[Plan](), reflect.TypeFor[Owner](), reflect.TypeFor[Inquiry](), reflect.TypeFor[Outbound](), reflect.TypeFor[[]string](),
		reflect.TypeFor[eventJSON](),
	}
	for _, name := range sortedKeys(commands) {
		c, err := commands[name]([]byte(`{}`))
		require.NoError(tb, err)
		list = append(list, reflect.TypeOf(c))
	}
	for _, kind := range sortedKeys(catalogue) {
		if read := catalogue[kind]; read != nil {
			d, err := read([]byte(`{}`))
			require.NoError(tb, err)
			list = append(list, reflect.TypeOf(d))
		}
	}
	return list
}

func sortedKeys[K ~string, V any](m map[K]V) (keys []K) {
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// same requires a value to be encoded as encoding/json does it.
func same(t *testing.T, v any) {
	t.Helper()
	want, wantErr := json.Marshal(v)
	before := []byte("before")
	got, err := AppendJSON(before, v)
	if wantErr != nil {
		require.Error(t, err, "encoding/json says %v of %#v", wantErr, v)
		require.Equal(t, "before", string(got))
		return
	}
	require.NoError(t, err, "%#v", v)
	require.Equal(t, "before"+string(want), string(got), "%T", v)
}

// asOnce is how an event was encoded before AppendJSON was: the reference.
func asOnce(e *Event) ([]byte, error) {
	j := eventJSON{
		Format: e.Format, Pool: e.Pool, Seq: e.Seq, At: e.At, RecordedAt: e.RecordedAt, Kind: e.Kind,
		Inquiry: e.Inquiry, Version: e.Version, Duty: e.Duty, Owner: e.Owner, Actor: e.Actor, Cause: e.Cause,
		Decision: e.Decision,
	}
	if e.Do != nil {
		body, err := json.Marshal(e.Do)
		if err != nil {
			return nil, err
		}
		if j.Do, err = json.Marshal(map[string]json.RawMessage{CommandName(e.Do): body}); err != nil {
			return nil, err
		}
	}
	if e.Data != nil {
		var err error
		if j.Data, err = json.Marshal(e.Data); err != nil {
			return nil, err
		}
	}
	return json.Marshal(j)
}

func TestEncoding(t *testing.T) {
	t.Parallel()
	t.Run("H1 whatever is kept as JSON is what encoding/json makes of it, byte for byte", func(t *testing.T) {
		t.Parallel()
		r := scribe{rand.New(rand.NewPCG(1, 2))}
		for _, typ := range kept(t) {
			for range 300 {
				v := reflect.New(typ)
				r.fill(v.Elem(), 5)
				same(t, v.Interface())
				same(t, v.Elem().Interface())
			}
			same(t, reflect.New(typ).Interface())
			same(t, reflect.Zero(reflect.PointerTo(typ)).Interface())
		}
	})
	t.Run("H1 equal events are equal bytes, those that they always were", func(t *testing.T) {
		t.Parallel()
		r := scribe{rand.New(rand.NewPCG(3, 4))}
		whole := 0
		for range 20_000 {
			e := r.event(t)
			want, err := asOnce(&e)
			if err != nil { // such as a day that there is not
				_, err = e.MarshalJSON()
				require.Error(t, err)
				continue
			}
			whole++
			got, err := e.MarshalJSON()
			require.NoError(t, err)
			require.Equal(t, string(want), string(got))
			same(t, e)
			in := Input{ID: e.Cause, At: e.At, EnteredAt: e.RecordedAt, By: e.Actor, Source: e.Pool, Cursor: e.Actor, Do: e.Do}
			same(t, in)
			want, err = json.Marshal(inputJSON{in.ID, in.At, in.EnteredAt, in.By, in.Source, in.Cursor, do{in.Do}})
			require.NoError(t, err)
			got, err = AppendJSON(nil, &in)
			require.NoError(t, err)
			require.Equal(t, string(want), string(got))
		}
		require.Greater(t, whole, 18_000)
	})
	t.Run("what no journal could hold is an error, and nothing is appended", func(t *testing.T) {
		t.Parallel()
		for _, at := range []time.Time{time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 1, 1, 0, 0, 0, 0, time.FixedZone("", 25*3600))} {
			same(t, Outcome{})
			same(t, &Row{OpenedAt: at})
			b, err := (&Event{Seq: 7, At: at}).AppendJSON([]byte("before"))
			require.ErrorContains(t, err, "event 7")
			require.Equal(t, "before", string(b))
		}
		for _, raw := range brokenRaws {
			same(t, &Adopt{Policy: json.RawMessage(raw)})
			_, err := (&Event{Decision: json.RawMessage(raw)}).AppendJSON(nil)
			require.Error(t, err, raw)
		}
	})
	t.Run("what is JSON already is told from what is not, whatever is cut off or changed", func(t *testing.T) {
		t.Parallel()
		long := `{"0":[-120.05e+09,9E-1,true,false,null,[],{}],"k\"\\\/\b\f\n\r\t\u09afAF":"größer","\u00e2":["a",""]}`
		for _, depth := range []int{100, 101, 10_000, 10_001} { // of which encoding/json refuses the last
			same(t, json.RawMessage(strings.Repeat("[", depth)+strings.Repeat("]", depth)))
		}
		for i := range len(long) {
			same(t, json.RawMessage(long[:i]))
			for _, c := range []byte("\x00 !\"&,-./09:;<=>@AEFG[\\]`aefglrtux{}\x7f\xe2") {
				same(t, json.RawMessage(long[:i]+string([]byte{c})+long[i+1:]))
				same(t, json.RawMessage(long[:i]+string([]byte{c})+long[i:]))
			}
		}
	})
	t.Run("a type that is not known to be simple goes through encoding/json", func(t *testing.T) {
		t.Parallel()
		same(t, nil)
		same(t, map[string]int{"b": 1, "a": 2})
		same(t, &struct {
			Pool string `json:"pool,string"`
		}{"x"})
		same(t, &struct{ A, B float64 }{1e300, -0.5})
		same(t, &sla.Calendar{Name: "office", Zone: "UTC", Hours: sla.Weekdays(sla.At(9, 0), sla.At(17, 0))})
		same(t, &struct{ Hours []sla.Hours }{[]sla.Hours{{Day: 9}}})
		same(t, &struct {
			*Offer
			Owner string `json:"owner"`
		}{nil, "mia"})
		same(t, &nested{Name: "a", Inner: []nested{{Name: "b"}, {Inner: []nested{{}}}}, Any: nested{Name: "c"}, Left: map[string]int{}})
	})
}

// nested holds itself.
type nested struct {
	Name  string
	Inner []nested       `json:"inner,omitempty"`
	Any   any            `json:"any"`
	Left  map[string]int `json:"left,omitempty"`
	none  int            //nolint:unused // no field of the object
}

func (r scribe) event(tb testing.TB) Event {
	tb.Helper()
	var e Event
	for _, p := range []any{&e.Format, &e.Pool, &e.Seq, &e.At, &e.RecordedAt, &e.Kind, &e.Inquiry, &e.Version, &e.Duty, &e.Owner, &e.Actor, &e.Cause, &e.Decision} {
		r.fill(reflect.ValueOf(p).Elem(), 4)
	}
	names, kinds := sortedKeys(commands), sortedKeys(catalogue)
	if r.IntN(2) == 0 {
		c, err := commands[names[r.IntN(len(names))]]([]byte(`{}`))
		require.NoError(tb, err)
		v := reflect.New(reflect.TypeOf(c)).Elem()
		r.fill(v, 4)
		e.Do = v.Interface().(Command)
	}
	if read := catalogue[kinds[r.IntN(len(kinds))]]; read != nil {
		d, err := read([]byte(`{}`))
		require.NoError(tb, err)
		v := reflect.New(reflect.TypeOf(d)).Elem()
		r.fill(v, 4)
		e.Data = v.Interface().(Data)
	}
	return e
}

// FuzzEncoding holds texts, and bytes that may be JSON, against encoding/json.
func FuzzEncoding(f *testing.F) {
	for _, s := range slices.Concat(strangeTexts, strangeRaws, brokenRaws) {
		f.Add(s, uint64(len(s)))
	}
	f.Fuzz(func(t *testing.T, s string, seed uint64) {
		same(t, s)
		same(t, json.RawMessage(s))
		same(t, &Details{Subject: s, Labels: []string{s}})
		r := scribe{rand.New(rand.NewPCG(seed, 0))}
		e := r.event(t)
		e.Pool, e.Decision = s, json.RawMessage(s)
		want, wantErr := asOnce(&e)
		got, err := e.AppendJSON(nil)
		require.Equal(t, wantErr == nil, err == nil, "%v, and before %v", err, wantErr)
		require.Equal(t, string(want), string(got))
	})
}

// BenchmarkEncode is an event and a row as AppendJSON and as encoding/json write them.
func BenchmarkEncode(b *testing.B) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 123456789, time.UTC)
	var clocks []sla.Clock
	for _, kind := range []sla.Kind{sla.Acknowledge, sla.FirstResponse, sla.Resolve} {
		clocks = append(clocks, sla.Clock{
			Kind: kind, State: sla.Running, Started: at, Due: at.Add(4 * time.Hour),
			Target: sla.Target{Kind: kind, Within: sla.Duration(4 * time.Hour), Calendar: "office", Warn: []int{50, 75}},
		})
	}
	id, person := NewID(), NewID()
	event := Event{
		Format: Format, Pool: "support", Seq: 4711, At: at, RecordedAt: at, Kind: ClocksStarted, Inquiry: id, Version: 3, Actor: "mail", Cause: person,
		Data: Clocking{Clocks: clocks}, Decision: json.RawMessage(`{"seq":12,"plan":"x","chosen":{"owner":"mia","score":{"total":17,"parts":{"fit":3}}}}`),
	}
	row := Row{
		Pool: "support", ID: id, Version: 7, State: StateAssigned, Source: "mail", Channel: "email", Account: "help@example.com", Persons: []ID{person},
		OpenedAt: at, ChangedAt: at, Inbound: 1, LastID: person, LastAt: at, AskedAt: at, Unanswered: true, Plan: person, Rule: "billing", Policy: "v1",
		Owner: "mia", AssignedAt: at, Cost: 25, QueuedAt: at, AttemptAt: at, Clocks: clocks, Due: at.Add(4 * time.Hour),
	}
	for _, c := range []struct {
		name   string
		encode func(b []byte) ([]byte, error)
	}{
		{"event/encoding-json", func([]byte) ([]byte, error) { return asOnce(&event) }},
		{"event/append", func(b []byte) ([]byte, error) { return event.AppendJSON(b) }},
		{"row/encoding-json", func([]byte) ([]byte, error) { return json.Marshal(&row) }},
		{"row/append", func(b []byte) ([]byte, error) { return AppendJSON(b, &row) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			var text []byte
			for b.Loop() {
				var err error
				if text, err = c.encode(text[:0]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
