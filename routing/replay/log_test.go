package replay_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/replay"
)

// plain is a mapping whose columns are called what they are.
func plain() *replay.Mapping {
	return &replay.Mapping{Events: replay.EventColumns{
		Case: "case", At: "at", Event: "event", Group: "group", Owner: "owner",
		Attributes: replay.Attributes{Channel: "channel", Labels: []replay.Label{{Columns: []string{"topic"}, Prefix: "topic:"}}},
	}}
}

const head = "case,at,event,group,owner,channel,topic\n"

func read(m *replay.Mapping, name, text string) (*replay.History, error) {
	return replay.ReadLog(m, replay.Source{Name: name, Text: strings.NewReader(text)}, replay.Source{})
}

// log is a history of CSV rows without a head.
func log(t *testing.T, rows ...string) *replay.History {
	t.Helper()
	h, err := read(plain(), "log.csv", head+strings.Join(rows, "\n"))
	require.NoError(t, err)
	return h
}

func at(clock string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", "2026-03-02 "+clock)
	if err != nil {
		panic(err)
	}
	return t
}

func TestReadLog(t *testing.T) {
	t.Parallel()

	want := []replay.Step{
		{At: at("09:00"), Is: replay.Opened, Group: "desk"},
		{At: at("09:05"), Is: replay.Noted, Group: "desk", Owner: "ann"},
		{At: at("09:30"), Is: replay.Resolved},
	}
	same := func(t *testing.T, h *replay.History, err error) {
		t.Helper()
		require.NoError(t, err)
		require.Len(t, h.Cases, 1)
		require.Equal(t, want, h.Cases[0].Steps)
		require.Equal(t, "email", h.Cases[0].Channel)
		require.Equal(t, inquiry.Facts{Labels: []string{"topic:bills"}}, h.Cases[0].Facts)
		require.Equal(t, at("09:00"), h.From)
		require.Equal(t, at("09:30"), h.Until)
		require.Equal(t, 3, h.Rows)
	}
	const three = "a,2026-03-02T09:00:00Z,opened,desk,,email,bills\na,2026-03-02 09:05:00,,desk,ann,,\na,2026-03-02T10:30:00+01:00,resolved,,,,\n"

	t.Run("CSV", func(t *testing.T) {
		t.Parallel()
		h, err := read(plain(), "log.csv", head+three)
		same(t, h, err)
	})
	t.Run("CSV with a byte order mark, CR LF, quotes and another separator", func(t *testing.T) {
		t.Parallel()
		m := plain()
		m.Format, m.Comma = replay.CSV, ";"
		text := strings.ReplaceAll(strings.ReplaceAll(head+three, ",", ";"), "desk", "\"desk\"")
		h, err := read(m, "export.txt", "\ufeff"+strings.ReplaceAll(text, "\n", "\r\n"))
		same(t, h, err)
	})
	t.Run("JSON Lines", func(t *testing.T) {
		t.Parallel()
		h, err := read(plain(), "log.jsonl", "\ufeff"+
			`{"case":"a","at":"2026-03-02T09:00:00Z","event":"opened","group":"desk","owner":null,"channel":"email","topic":"bills","tags":["x",{"y":"}"}]}`+"\r\n\n"+
			`{"case":"a","at":"2026-03-02 09:05:00","group":"desk","owner":"\u0061nn"}`+"\n"+
			`{ "case" : "a" , "at" : "2026-03-02T10:30:00+01:00" , "event" : "resolved" , "n" : -1.5e3 , "s":"\"}{" }`)
		same(t, h, err)
	})
	t.Run("numbers, a zone, seconds since 1970 and values that mean none", func(t *testing.T) {
		t.Parallel()
		m := plain()
		m.Zone, m.Layouts, m.None = "Europe/Berlin", []string{"unix", "02.01.2006 15:04"}, []string{"?"}
		h, err := read(m, "x", `{"case":7,"at":1772442000,"event":"?","group":"","owner":true,"channel":"?","topic":1}`+"\n"+
			`{"case":7,"at":"02.03.2026 10:30","event":"resolved"}`)
		require.NoError(t, err)
		require.Equal(t, []replay.Step{{At: at("09:00"), Owner: "true"}, {At: at("09:30"), Is: replay.Resolved}}, h.Cases[0].Steps)
		require.Equal(t, []string{"topic:1"}, h.Cases[0].Facts.Labels)
		require.Empty(t, h.Cases[0].Channel)
	})
	t.Run("a file of cases adds what the log does not tell", func(t *testing.T) {
		t.Parallel()
		m := plain()
		m.Events.Attributes = replay.Attributes{}
		m.Cases = &replay.CaseColumns{Case: "id", Opened: "opened", Resolved: "resolved", Attributes: replay.Attributes{Kind: "kind", Customer: "who"}}
		h, err := replay.ReadLog(m,
			replay.Source{Name: "log.csv", Text: strings.NewReader("case,at,event,group,owner\na,2026-03-02T09:05:00Z,,desk,ann\nb,2026-03-02T09:06:00Z,,desk,bob\nb,2026-03-02T09:07:00Z,resolved,,\ne,2026-03-02T13:00:00Z,,desk,")},
			replay.Source{Name: "cases.csv", Text: strings.NewReader("id,opened,resolved,kind,who\nb,2026-03-02T09:06:00Z,2026-03-02T11:00:00Z,question,\na,2026-03-02T09:00:00Z,2026-03-02T10:00:00Z,complaint,zoe\nc,2026-03-02T12:00:00Z,,,\nd,,,,\ne,2026-03-02T13:10:00Z,,,")})
		require.NoError(t, err)
		require.Len(t, h.Cases, 4)
		require.Equal(t, at("13:00"), h.Cases[3].At, "with its first row, whatever the file of cases says")
		require.Equal(t, 1, caveat(h.Caveats, "rows_before_opening"))
		a, b := h.Cases[0], h.Cases[1]
		require.Equal(t, "a", a.ID, "in the order in which they came in")
		require.Equal(t, at("09:00"), a.At)
		require.Equal(t, []replay.Step{{At: at("09:05"), Group: "desk", Owner: "ann"}, {At: at("10:00"), Is: replay.Resolved}}, a.Steps)
		require.Equal(t, inquiry.Complaint, a.Facts.Kind)
		require.Equal(t, "zoe", a.Customer)
		require.Equal(t, at("09:07"), b.Steps[1].At, "what the log says of it comes first")
		require.Equal(t, 1, caveat(h.Caveats, "cases_without_time"))
		require.Equal(t, 4, caveat(h.Caveats, "attributes_of_the_end"))
	})
	t.Run("a case is routed by the attributes of its first row, wherever that is in the file", func(t *testing.T) {
		t.Parallel()
		m := plain()
		m.Order = replay.ByTime
		m.Events.Labels = []replay.Label{
			{Columns: []string{"topic"}, Prefix: "topic:"}, {Columns: []string{"owner"}, Prefix: "topic:"}, {Columns: []string{"group"}},
		}
		for name, rows := range map[string][]string{
			"the newest first": {"10:00:00Z,,legal,ann,chat,law", "09:30:00Z,,desk,bob,chat,", "09:00:00Z,opened,desk,bob,email,bills"},
			"in their order":   {"09:00:00Z,opened,desk,bob,email,bills", "09:30:00Z,,desk,bob,chat,", "10:00:00Z,,legal,ann,chat,law"},
			"in no order":      {"09:30:00Z,,desk,bob,chat,", "10:00:00Z,,legal,ann,chat,law", "09:00:00Z,opened,desk,bob,email,bills"},
		} {
			h, err := read(m, "log.csv", head+"a,2026-03-02T"+strings.Join(rows, "\na,2026-03-02T"))
			require.NoError(t, err, name)
			require.Equal(t, "email", h.Cases[0].Channel, name)
			require.Equal(t, []string{"desk", "topic:bills", "topic:bob"}, h.Cases[0].Facts.Labels, name)
			require.Equal(t, 1, caveat(h.Caveats, "attributes_changed"), name)
		}
		h := log(t, "a,2026-03-02T09:00:00Z,opened,desk,,email,bills", "a,2026-03-02T09:10:00Z,,,,email,bills")
		require.Zero(t, caveat(h.Caveats, "attributes_changed"), "what is said again is no change")
	})
	t.Run("what the file of cases says of the end stands where it was, unless the log tells of it", func(t *testing.T) {
		t.Parallel()
		m := plain()
		m.Events.Attributes = replay.Attributes{}
		m.Cases = &replay.CaseColumns{Case: "id", Opened: "opened", Resolved: "resolved", Closed: "closed"}
		h, err := replay.ReadLog(m,
			replay.Source{Name: "log.csv", Text: strings.NewReader("case,at,event,group,owner\na,2026-03-02T10:00:00Z,,desk,ann\nb,2026-03-02T10:00:00Z,closed,desk,ann\nc,2026-03-02T10:00:00Z,,desk,ann\n")},
			replay.Source{Name: "cases.csv", Text: strings.NewReader("id,opened,resolved,closed\na,2026-03-02T09:00:00Z,2026-03-02T09:30:00Z,\nb,2026-03-02T09:00:00Z,2026-03-02T11:00:00Z,\nc,2026-03-02T09:00:00Z,,2026-03-02T12:00:00Z\n")})
		require.NoError(t, err)
		require.Equal(t, []replay.Step{{At: at("09:30"), Is: replay.Resolved}, {At: at("10:00"), Group: "desk", Owner: "ann"}}, h.Cases[0].Steps)
		require.Equal(t, []replay.Step{{At: at("10:00"), Is: replay.Closed, Group: "desk", Owner: "ann"}}, h.Cases[1].Steps)
		require.Equal(t, []replay.Step{{At: at("10:00"), Group: "desk", Owner: "ann"}, {At: at("12:00"), Is: replay.Closed}}, h.Cases[2].Steps)
	})
	t.Run("rows out of order are taken as the mapping says", func(t *testing.T) {
		t.Parallel()
		const rows = "a,2026-03-02T09:10:00Z,,g2,,,\na,2026-03-02T09:00:00Z,opened,g1,,,\na,2026-03-02T09:20:00Z,,g2,,,\n"
		m := plain()
		m.Order = replay.ByTime
		h, err := read(m, "log.csv", head+rows)
		require.NoError(t, err)
		require.Equal(t, replay.HandOffs{Cases: 1, HandedOff: 1, Changes: 1}, h.HandOffs())
		require.Equal(t, 1, caveat(h.Caveats, "rows_out_of_order"))
		m.Order = replay.AsRead
		h, err = read(m, "log.csv", head+rows)
		require.NoError(t, err)
		require.Equal(t, replay.HandOffs{Cases: 1, HandedOff: 1, Returned: 1, Changes: 2}, h.HandOffs())
		require.Equal(t, at("09:10"), h.Cases[0].Steps[1].At)
	})
	t.Run("an error of reading comes as it is", func(t *testing.T) {
		t.Parallel()
		broken := errors.New("the disk is gone")
		_, err := replay.ReadLog(plain(), replay.Source{Name: "log.jsonl", Text: iotest.ErrReader(broken)}, replay.Source{})
		require.ErrorIs(t, err, broken)
		require.ErrorContains(t, err, "log.jsonl")
	})
}

func caveat(list []replay.Caveat, name string) int {
	for _, c := range list {
		if c.Name == name {
			return c.Count
		}
	}
	return 0
}

func TestLogFaults(t *testing.T) {
	t.Parallel()
	row := func(s string) string { return head + s }
	for name, c := range map[string]struct {
		file, text string
		change     func(*replay.Mapping)
		want       []string
	}{
		"an empty file":         {"log.csv", "", nil, []string{"log.csv:1: the file is empty"}},
		"no rows":               {"log.csv", head, nil, []string{"log.csv: it has no rows"}},
		"no rows of JSON":       {"log.jsonl", "\n\n", nil, []string{"log.jsonl: it has no rows"}},
		"a column is missing":   {"log.csv", "case,at,event,group,ownr,channel,topic\n", nil, []string{`log.csv:1: there is no column "owner", did you mean "ownr"?`}},
		"two columns":           {"log.csv", "case,at\n", nil, []string{`no column "channel"; there are case, at`, `"event"`, `"group"`, `"owner"`, `"topic"`}},
		"a name twice":          {"log.csv", "case,at,case\n", nil, []string{`log.csv:1:9: the name "case" is given twice`}},
		"no such key":           {"log.jsonl", `{"case":"a","at":"2026-03-02T09:00:00Z","channel":"c","group":"g","event":"opened","topic":"t"}`, nil, []string{"log.jsonl: owner: no row has such a key"}},
		"a bad time":            {"log.csv", row("a,yesterday,opened,,,,"), nil, []string{`log.csv:2:3: at: "yesterday" is no time as in`}},
		"no time":               {"log.csv", row("a,,opened,,,,"), nil, []string{"log.csv:2:3: at: it is empty or missing"}},
		"a time far off":        {"log.csv", row("a,0226-03-02T09:00:00Z,opened,,,,"), nil, []string{"log.csv:2:3: at: the time 0226-03-02T09:00:00Z is outside the years 1970 to 2199"}},
		"no case":               {"log.csv", row(",2026-03-02T09:00:00Z,opened,,,,"), nil, []string{"log.csv:2:1: case: it is empty or missing"}},
		"an unknown event":      {"log.csv", row("a,2026-03-02T09:00:00Z,exploded,,,,"), nil, []string{`log.csv:2:24: event: what "exploded" means is not known`}},
		"out of order":          {"log.csv", row("a,2026-03-02T09:00:00Z,opened,,,,\nb,2026-03-02T08:30:00Z,opened,,,,\na,2026-03-02T08:00:00Z,,,,,"), nil, []string{"log.csv:4:3: at: it is before the row above of the same case, 2026-03-02T09:00:00Z"}},
		"an id twice":           {"log.csv", row("a,2026-03-02T09:00:00Z,opened,x,,,\nb,2026-03-02T09:00:00Z,opened,x,,,"), func(m *replay.Mapping) { m.Events.ID, m.Events.Group = "group", "" }, []string{`log.csv:3:31: group: row "x" is on line 2 already`}},
		"too few columns":       {"log.csv", row("a,2026-03-02T09:00:00Z\na,2026-03-02T09:00:00Z,opened,,,,"), nil, []string{"log.csv:2: the row has not as many columns as the first line, 7"}},
		"a wrong quote":         {"log.csv", row("a,2026-03-02T09:00:00Z,\"open\"ed,,,,\nnever read"), nil, []string{"log.csv:2:29: no CSV"}},
		"no UTF-8":              {"log.csv", row("a,2026-03-02T09:00:00Z,opened,\xff,,,"), nil, []string{"log.csv:2:31: it is not UTF-8"}},
		"no UTF-8 in JSON":      {"log.jsonl", "{\"case\":\"\xff\"}", nil, []string{"log.jsonl:1:1: it is not UTF-8"}},
		"no JSON":               {"log.jsonl", `{"case":"ä"x}`, nil, []string{"log.jsonl:1:12: no JSON: invalid character 'x'"}},
		"JSON that ends":        {"log.jsonl", `{"case":"a"`, nil, []string{"log.jsonl:1:12: no JSON: the object ends too early"}},
		"a list":                {"log.jsonl", ` [1]`, nil, []string{"log.jsonl:1:2: want an object"}},
		"a key twice":           {"log.jsonl", `{"case":"a","case":"b"}`, nil, []string{`log.jsonl:1:13: key "case" is given twice`}},
		"two objects":           {"log.jsonl", `{}{}`, nil, []string{"log.jsonl:1:3: no JSON"}},
		"an object for a value": {"log.jsonl", `{"case":{"id":1},"at":"2026-03-02T09:00:00Z","event":"opened","group":"","owner":"","channel":"","topic":[]}`, nil, []string{"log.jsonl:1:9: case: it is an object", "log.jsonl:1:106: topic: it is a list"}},
		"a line too long":       {"log.jsonl", `{"case":"` + strings.Repeat("x", replay.MaxLine) + `"}`, nil, []string{"log.jsonl:1: the line has more than 1048576 bytes"}},
		"no cases wanted":       {"log.csv", head, func(m *replay.Mapping) { m.Cases = &replay.CaseColumns{Case: "id"} }, []string{"cases: the mapping has columns for a file of cases, and there is none"}},
		"a wrong year":          {"log.csv", row("a,1996-03-02T09:00:00Z,opened,,,,\nb,2026-03-03T09:00:00Z,opened,,,,\nc,2026-06-03T09:00:00Z,,,,,"), nil, []string{"log.csv: it tells of 1996-03-02 to 2026-06-03: want at most 30 years"}},
		"several at once": {"log.csv", row("a,noon,exploded,,,,\n,2026-03-02T09:00:00Z,,,,,"), nil, []string{
			"log.csv:2:3: at:", "log.csv:2:8: event:", "log.csv:3:1: case:",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := plain()
			if c.change != nil {
				c.change(m)
			}
			h, err := read(m, c.file, c.text)
			require.Nil(t, h, "nothing half done")
			list := replay.Faults(err)
			require.Len(t, list, len(c.want), "%v", err)
			for i, want := range c.want {
				require.Contains(t, list[i].Error(), want)
				require.ErrorContains(t, err, want)
			}
		})
	}

	t.Run("no more than so many are listed", func(t *testing.T) {
		t.Parallel()
		_, err := read(plain(), "log.csv", head+strings.Repeat("a,x,,,,,\n", 5*replay.MaxFaults))
		list := replay.Faults(err)
		require.Len(t, list, replay.MaxFaults+1)
		require.ErrorContains(t, list[replay.MaxFaults], "there are more than 100 faults")
	})

	t.Run("a file of cases has faults of its own", func(t *testing.T) {
		t.Parallel()
		m := plain()
		m.Cases = &replay.CaseColumns{Case: "id", Opened: "opened", Closed: "closed"}
		_, err := replay.ReadLog(m, replay.Source{Name: "log.csv", Text: strings.NewReader(head + "z,2026-03-02T09:00:00Z,opened,,,,")},
			replay.Source{Name: "cases.jsonl", Text: strings.NewReader(`{"id":"a","opened":"2026-03-02T09:00:00Z","closed":"2026-03-02T08:00:00Z"}` + "\n" + `{"id":"a"}`)})
		var texts []string
		for _, f := range replay.Faults(err) {
			texts = append(texts, f.Error())
		}
		require.Equal(t, []string{
			"cases.jsonl:1:52: closed: it is before the case was opened, 2026-03-02T09:00:00Z",
			`cases.jsonl:2:7: id: case "a" is on line 1 already: want each once`,
		}, texts)
		_, err = replay.ReadLog(m, replay.Source{Name: "log.csv", Text: strings.NewReader(head + "z,2026-03-02T09:00:00Z,opened,,,,")},
			replay.Source{Name: "cases.jsonl", Text: strings.NewReader(`{"id":"a","opened":"2026-03-02T09:00:00Z","closed":null}`)})
		require.ErrorContains(t, err, `log.csv:2:1: case: case "z" is not in the file of cases`)
		m.Cases = nil
		_, err = replay.ReadLog(m, replay.Source{Name: "log.csv"}, replay.Source{Name: "cases.jsonl", Text: strings.NewReader("")})
		require.ErrorContains(t, err, "the mapping has no columns for a file of cases")
	})
}

func TestParseMapping(t *testing.T) {
	t.Parallel()
	m, err := replay.ParseMapping("map.json", []byte(`{"note":"x","events":{"case":"id","at":"t","labels":[{"columns":["a","b"]}]},"zone":"Europe/Berlin","order":"time"}`))
	require.NoError(t, err)
	require.Equal(t, "id", m.Events.Case)
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"an unknown key":  {"{\n \"event\": {}}", []string{`map.json:2:2: event: unknown key "event", did you mean "events"?`}},
		"a wrong type":    {`{"events": []}`, []string{"map.json:1:12: events: it is []; write an object"}},
		"nothing":         {`{}`, []string{"map.json:1:1: events.case: it is empty", "map.json:1:1: events.at: it is empty"}},
		"no JSON":         {`{"events"`, []string{"map.json:1:10: events: no JSON"}},
		"every fault":     {`{"format":"xml","comma":"ab","zone":"Mars","order":"x","layouts":["noon"],"events":{"case":"c","at":"a","labels":[{"columns":[]}]},"means":{"opened":["x"],"closed":["x"]},"cases":{"case":"","labels":[{"columns":[""]}]}}`, []string{"zone", "format", "order", "comma", "layouts[0]", "events.labels[0]", "cases.case", "cases.labels[0]", "means.closed[0]", "means: there is no column"}},
		"the local zone":  {`{"zone":"Local","events":{"case":"c","at":"a"}}`, []string{`"Local" is no time zone`}},
		"a day of a week": {`{"layouts":["Monday 15:04"],"events":{"case":"c","at":"a"}}`, []string{"is no layout that tells a date"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := replay.ParseMapping("map.json", []byte(c.text))
			list := replay.Faults(err)
			require.Len(t, list, len(c.want), "%v", err)
			for i, want := range c.want {
				require.Contains(t, list[i].Error(), want)
			}
		})
	}
}

// Whatever is in a file is either a history, that can be counted, learned from and
// replayed, or a fault with its place.
func FuzzReadLog(f *testing.F) {
	f.Add(true, head+"a,2026-03-02T09:00:00Z,opened,desk,,email,bills\na,2026-03-02T09:30:00Z,waiting,x,ann,,\na,2026-03-02T09:40:00Z,message,,,,\na,2026-03-02T09:50:00Z,resolved,,,,\na,2026-03-02T10:50:00Z,reopened,,,,")
	f.Add(false, `{"case":"a","at":"2026-03-02T09:00:00Z","event":"opened","group":"g","owner":"o","channel":"c","topic":"t"}`)
	f.Add(false, `{"case":{},"at":[]}`)
	f.Add(false, "{\"case\":\"\\ud800\",\"case\":0}\n\n{")
	f.Add(true, "\ufeffcase,at\n\"")
	f.Fuzz(func(t *testing.T, csv bool, text string) {
		m := plain()
		m.Order, m.Format = replay.ByTime, replay.JSONLines
		if csv {
			m.Format = replay.CSV
		}
		h, err := read(m, "log", text)
		if err != nil {
			list := replay.Faults(err)
			require.NotEmpty(t, list)
			for _, e := range list {
				require.NotEmpty(t, e.Problem)
			}
			return
		}
		n := h.HandOffs()
		require.Equal(t, len(h.Cases), n.Cases)
		require.LessOrEqual(t, n.Returned, n.HandedOff)
		p, roster := desk(inquiry.ByOffer)
		r, err := replay.Run(t.Context(), h, p, roster, replay.Options{})
		require.NoError(t, err)
		require.Equal(t, r.Inquiries, r.Was.Resolved+r.Was.Open)
		require.Equal(t, r.Inquiries, r.Would.Resolved+r.Would.Open)
		require.NotEmpty(t, r.Text(replay.TextOptions{Changes: 2}))
	})
}

func FuzzJournalLines(f *testing.F) {
	f.Add(`{"format":1,"pool":"p","seq":1,"at":"2026-03-02T09:00:00Z","recorded_at":"2026-03-02T09:00:00Z","kind":"matching_ended"}`)
	f.Add(`{"format":1,"seq":1,"kind":"opened","inquiry":"00000000-0001-8000-8000-000000000008","do":{"receive":{"message":{"channel":"c","at":"2026-03-02T09:00:00Z"},"facts":{},"new":"00000000-0001-8000-8000-000000000008"}}}`)
	f.Fuzz(func(t *testing.T, text string) {
		h, err := replay.ReadJournal(replay.JournalLines(replay.Source{Name: "journal", Text: strings.NewReader(text)}))
		if err != nil {
			require.NotEmpty(t, replay.Faults(err))
			return
		}
		p, roster := desk(inquiry.Directly)
		_, err = replay.Run(t.Context(), h, p, roster, replay.Options{})
		require.NoError(t, err)
	})
}

func FuzzParseMapping(f *testing.F) {
	f.Add(`{"events":{"case":"c","at":"a"}}`)
	f.Add(`{"layouts":["\u0000"],"comma":"\n"}`)
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := replay.ParseMapping("m", []byte(text)); err != nil {
			for _, e := range replay.Faults(err) {
				require.Positive(t, e.Line, fmt.Sprint(e))
			}
		}
	})
}
