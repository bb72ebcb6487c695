package inquiry

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/sla"
)

// tagsOf are the keys of a struct as it is written.
func tagsOf(v any) (names []string) {
	for f := range reflect.TypeOf(v).Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

func namesOf[T any](fields []member[T]) (names []string) {
	for _, f := range fields {
		names = append(names, f.name)
	}
	return names
}

// waitingRow is what most rows look like.
func waitingRow() Row {
	target := func(k sla.Kind, within time.Duration) sla.Clock {
		t := sla.Target{Kind: k, Within: sla.Duration(within), Warn: []int{50, 90}}
		return sla.Clock{Kind: k, Target: t, State: sla.Running, Started: noon, Due: noon.Add(within)}
	}
	return Row{
		Pool: "support", ID: DeriveID("row"), Version: 5, State: StateQueued, Priority: 2, Source: "mail", Channel: "email", Account: "help@example.com",
		Persons: []ID{DeriveID("person")}, Conversation: DeriveID("thread"), OpenedAt: noon, ChangedAt: noon.Add(time.Millisecond),
		Facts: &Facts{Kind: Question, Labels: []string{"billing", "refund"}, Language: "de", Reach: 1200}, Inbound: 1, LastID: DeriveID("message"),
		LastAt: noon, AskedAt: noon, Unanswered: true, Plan: DeriveID("plan"), Rule: "billing", Policy: "v1", QueuedAt: noon, AttemptAt: noon,
		AttemptDue: noon.Add(time.Hour), Due: noon.Add(time.Hour),
		Clocks: []sla.Clock{target(sla.Acknowledge, time.Hour), target(sla.FirstResponse, 4*time.Hour), target(sla.Resolve, 40*time.Hour)},
	}
}

func TestRowReader(t *testing.T) {
	t.Parallel()
	t.Run("it knows all fields, in the order in which they are written", func(t *testing.T) {
		require.Equal(t, tagsOf(Row{}), namesOf(rowFields))
		require.Equal(t, tagsOf(Facts{}), namesOf(factsFields))
		require.Equal(t, tagsOf(sla.Clock{}), namesOf(clockFields))
	})
	for name, row := range map[string]Row{
		"one that waits": waitingRow(), "all fields": filled(Row{}, ""), "nothing": {},
		"the ends of what can be written": {Version: 1 << 59, Priority: -7, Relaxed: 1<<32 - 1, OpenedAt: time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC)},
	} {
		t.Run("it reads "+name+" without help", func(t *testing.T) {
			var d RowReader
			for range 2 { // the second time with what it remembers
				var got Row
				d.text, d.at = marshal(t, row), 0
				require.True(t, object(&d, &got, rowFields, &d.rowOrder), "stopped at %s", d.text[d.at:])
				var want Row
				require.NoError(t, json.Unmarshal([]byte(d.text), &want))
				require.Equal(t, want, got)
			}
		})
	}
	t.Run("it reads one row over another", func(t *testing.T) {
		var d RowReader
		var got Row
		rest := waitingRow()
		rest.Clocks, rest.Persons, rest.Conversation = rest.Clocks[:1], nil, ID{}
		emptied := strings.Replace(marshal(t, rest), `"clocks":[{`, `"persons":[],"clocks":[{`, 1)
		texts := []string{marshal(t, waitingRow()), marshal(t, rest), marshal(t, filled(Row{}, "")), `{"clocks":[],"persons":[]}`, `{"persons":[]}`, emptied, `{}`, `{"pool":1}`}
		for range 2 {
			for i := range texts {
				for _, text := range []string{texts[i], texts[(3*i+1)%len(texts)], texts[i]} {
					var want Row
					if json.Unmarshal([]byte(text), &want) != nil {
						require.Error(t, d.ReadOver(text, &got))
						continue
					}
					require.NoError(t, d.ReadOver(text, &got))
					require.Equal(t, want, got)
				}
			}
		}
	})
	t.Run("a text that is written in another way is read all the same", func(t *testing.T) {
		for _, text := range []string{
			`{"id":"` + DeriveID("a").String() + `","pool":"support"}`, ` {"pool" : "support"}`, `{"POOL":"support"}`, `{"pool":"support","more":1}`, `null`,
			`{"rule":"a \u003c b"}`, `{"rule":"Zoë"}`, `{"rule":"` + "\xff" + `"}`, `{"rule":null}`, `{"version":18446744073709551615}`, `{"opened_at":"2026-03-02T12:00:00+01:00"}`,
			`{"id":""}`, `{"id":"` + strings.ToUpper(DeriveID("a").String()) + `"}`, `{"facts":null}`, `{"clocks":[]}`, `{"facts":{},"facts":{"kind":"x"}}`,
		} {
			var want, got Row
			require.NoError(t, json.Unmarshal([]byte(text), &want), text)
			require.NoError(t, new(RowReader).Read(text, &got), text)
			require.Equal(t, want, got, text)
		}
	})
	t.Run("what is no row is refused as encoding/json refuses it", func(t *testing.T) {
		for _, text := range []string{
			``, `{`, `{"pool":"a"`, `{"pool":"a"}}`, `{"pool":"a",}`, `{"pool":1}`, `{"version":01}`, `{"version":-1}`, `{"version":1.5}`, `{"version":-0}`, `{"relaxed":-0}`, `{"relaxed":4294967296}`,
			`{"opened_at":"2026-02-30T12:00:00Z"}`, `{"opened_at":"2026-03-02T24:00:00Z"}`, `{"opened_at":"2026-03-02T12:00:60Z"}`, `{"opened_at":"2026-03-02T12:00:00.Z"}`,
			`{"id":"nonsense"}`, `{"clocks":[{"kind":"resolve"]}`, `{"unanswered":trueish}`, `{"persons":["a",]}`, `{"ask":{]}`,
		} {
			var row Row
			want := json.Unmarshal([]byte(text), new(Row))
			require.Error(t, want, text)
			require.EqualError(t, new(RowReader).Read(text, &row), want.Error(), text)
		}
	})
}

// Whatever the text, a RowReader makes the same of it as encoding/json.
func FuzzRowReader(f *testing.F) {
	f.Add(marshal(f, waitingRow()))
	f.Add(marshal(f, filled(Row{}, "")))
	f.Add(`{"version":-0,"inbound":-0}`)
	f.Add(`{"opened_at":"` + strings.Repeat("\x00", 10) + `T00:00:00Z"}`)
	f.Add(`{"rule":"a \u003c b","clocks":[{"target":{"within":"1h"}}]}`)
	before := marshal(f, waitingRow())
	f.Fuzz(func(t *testing.T, text string) {
		var want Row
		wrong := json.Unmarshal([]byte(text), &want)
		var d RowReader
		for i := range 3 { // with what it remembers of itself, and of another one
			var got Row
			read := d.Read
			if i == 2 {
				require.NoError(t, d.Read(before, &got))
				read = d.ReadOver
			}
			switch err := read(text, &got); {
			case wrong != nil:
				require.EqualError(t, err, wrong.Error())
			case err != nil:
				t.Fatal(err)
			case !reflect.DeepEqual(want, got):
				t.Fatalf("it reads\n%+v\nwant\n%+v", got, want)
			}
		}
	})
}

// A row that waits, by encoding/json and by a RowReader.
func BenchmarkReadRow(b *testing.B) {
	text := marshal(b, waitingRow())
	b.Run("encoding/json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			require.NoError(b, json.Unmarshal([]byte(text), new(Row)))
		}
	})
	b.Run("RowReader", func(b *testing.B) {
		b.ReportAllocs()
		var d RowReader
		for b.Loop() {
			var r Row
			if err := d.Read(text, &r); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("RowReader over the one before", func(b *testing.B) {
		b.ReportAllocs()
		var d RowReader
		var r Row
		for b.Loop() {
			if err := d.ReadOver(text, &r); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// What json.Marshal does not write is json.Unmarshal's to read, and to refuse.
func TestRowReaderRefusesWhatUnmarshalRefuses(t *testing.T) {
	t.Parallel()
	var d RowReader
	for _, text := range []string{
		"{\"pool\":\"a\nb\"}", `{"pool":"a\nb"}`, "{\"state\":\"\x00\"}",
		`{"opened_at":"2026-13-05T10:00:00Z"}`, `{"opened_at":"2026-02-31T10:00:00Z"}`, `{"opened_at":"2026-01:05T10:00:00Z"}`, `{"opened_at":"2026:01-05T10:00:00Z"}`,
		`{"opened_at":"2026-01-05T24:00:00Z"}`, `{"opened_at":"2026-01-05T23:59:60Z"}`, `{"opened_at":"2026-01-05T23:59:59,5Z"}`,
		`{"version":18446744073709551615}`, `{"version":18446744073709551616}`, `{"version":-1}`, `{"version":01}`, `{"inbound":9223372036854775807}`,
		`{"inbound":9999999999999999999}`, `{"inbound":-0}`, `{"relaxed":4294967296}`, `{"pool":"a"}x`, `{"facts":{"kind":"a"}x,"inbound":1}`, `{"facts":{"kind":"a"} ,"inbound":1}`, `{"pool":"a",}`, `{"pool":"a","pool":"b"}`, `{"inbound":1,"pool":"b"}`,
	} {
		var want Row
		wrong := json.Unmarshal([]byte(text), &want)
		for range 2 { // and what was read before changes nothing
			var got Row
			err := d.Read(text, &got)
			require.Equal(t, wrong, err, text)
			if wrong == nil {
				require.Equal(t, want, got, text)
			}
		}
	}
}
