package inquiry

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func marshal(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

func TestEveryKindOfEventRoundTrips(t *testing.T) {
	t.Parallel()
	require.Len(t, EventKinds(), len(catalogue))
	for _, kind := range allKinds() {
		e := eventOf(kind)
		raw := marshal(t, e)
		var back Event
		require.NoError(t, json.Unmarshal([]byte(raw), &back), kind)
		require.Equal(t, e, back, kind)
		require.Equal(t, raw, marshal(t, back), "%s: equal events are equal bytes", kind)

		bare := Event{Format: Format, Pool: "p", Seq: 1, At: noon, RecordedAt: noon, Kind: kind}
		raw = marshal(t, bare)
		require.Equal(t, `{"format":1,"pool":"p","seq":1,"at":"2026-03-02T12:00:00.123456789Z","recorded_at":"2026-03-02T12:00:00.123456789Z","kind":"`+string(kind)+`"}`, raw)
	}
}

func TestEveryCommandRoundTripsInEventsAndInputs(t *testing.T) {
	t.Parallel()
	for _, c := range allCommands() {
		c = filled(c, "text")
		e := eventOf(Opened)
		e.Do = c
		raw := marshal(t, e)
		require.Contains(t, raw, `"do":{"`+CommandName(c)+`":{`)
		var back Event
		require.NoError(t, json.Unmarshal([]byte(raw), &back))
		require.Equal(t, e, back)

		in := Input{ID: DeriveID("i"), At: noon, By: "anna", Source: "mail", Cursor: "7", Do: c}
		var inBack Input
		require.NoError(t, json.Unmarshal([]byte(marshal(t, in)), &inBack))
		require.Equal(t, in, inBack)

		from, ok := e.Input()
		require.True(t, ok)
		require.Equal(t, Input{ID: e.Cause, At: e.At, By: e.Actor, Do: c}, from)
	}
	_, ok := eventOf(Queued).Input()
	require.False(t, ok)
	var none Input
	require.NoError(t, json.Unmarshal([]byte(marshal(t, Input{ID: DeriveID("i"), At: noon})), &none))
	require.Nil(t, none.Do)
	require.Empty(t, CommandName(nil))
}

func TestRowsAndTheRestRoundTrip(t *testing.T) {
	t.Parallel()
	row := filled(Row{}, "text")
	var back Row
	require.NoError(t, json.Unmarshal([]byte(marshal(t, row)), &back))
	require.Equal(t, row, back)
	effect := filled(Effect{}, "text")
	var effectBack Effect
	require.NoError(t, json.Unmarshal([]byte(marshal(t, effect)), &effectBack))
	require.Equal(t, effect, effectBack)
	message := filled(Message{}, "text")
	var messageBack Message
	require.NoError(t, json.Unmarshal([]byte(marshal(t, message)), &messageBack))
	require.Equal(t, message, messageBack)
	require.JSONEq(t, `{"pool":"","id":"","version":0,"state":"","channel":"","opened_at":"0001-01-01T00:00:00Z","changed_at":"0001-01-01T00:00:00Z","inbound":0}`, marshal(t, Row{}), "what is not there is not written")
}

func TestWhatCannotBeReadIsRefusedClearly(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ raw, want string }{
		"no JSON":               {`{`, "unexpected end"},
		"a kind nobody knows":   {`{"format":1,"seq":7,"kind":"zapped"}`, `event 7 has kind "zapped", which is not in the catalogue: written by a newer version?`},
		"a newer format":        {`{"format":2,"seq":7,"kind":"queued"}`, "event 7 has format 2, this version reads 1 to 1: use a newer one"},
		"no format":             {`{"seq":7,"kind":"queued"}`, "event 7 has format 0"},
		"data where none is":    {`{"format":1,"seq":7,"kind":"queued","data":{}}`, "event 7: kind queued carries no data, found {}"},
		"data of another shape": {`{"format":1,"seq":7,"kind":"offered","data":{"cost":"much"}}`, "event 7: data of offered"},
		"an unknown command":    {`{"format":1,"seq":7,"kind":"opened","do":{"zap":{}}}`, `event 7: inquiry: unknown command "zap": written by a newer version?`},
		"two commands":          {`{"format":1,"seq":7,"kind":"opened","do":{"accept":{},"decline":{}}}`, "one key, found 2"},
		"a command's bad body":  {`{"format":1,"seq":7,"kind":"opened","do":{"accept":{"owner":7}}}`, "event 7: inquiry: command accept"},
		"no command at all":     {`{"format":1,"seq":7,"kind":"opened","do":7}`, "event 7"},
		"a bad id":              {`{"format":1,"seq":7,"kind":"queued","inquiry":"seven"}`, `"seven" is not an id: want a UUID`},
	} {
		var e Event
		err := json.Unmarshal([]byte(test.raw), &e)
		require.ErrorContains(t, err, test.want, name)
		require.Zero(t, e, name)
	}
	var in Input
	require.ErrorContains(t, json.Unmarshal([]byte(`{"id":"","do":{"zap":{}}}`), &in), "unknown command")
	require.Error(t, json.Unmarshal([]byte(`{"id":7}`), &in))

	_, err := json.Marshal(Event{Kind: Opened, Do: Adopt{Policy: json.RawMessage("{")}})
	require.Error(t, err, "what is no JSON is not written")
}

func TestTheJournalKeepsTimesInUTC(t *testing.T) {
	t.Parallel()
	tokyo := time.FixedZone("", 9*3600)
	raw := marshal(t, Journaled(Receive{Message: Message{At: noon.In(tokyo)}})) + marshal(t, Journaled(Await{Until: noon.In(tokyo)}))
	require.Equal(t, 2, strings.Count(raw, "2026-03-02T12:00:00.123456789Z"), raw)
}

func TestJournaledLeavesTheCommandAlone(t *testing.T) {
	t.Parallel()
	for _, c := range allCommands() {
		c = filled(c, "personal")
		before := marshal(t, c)
		_ = Journaled(c)
		require.Equal(t, before, marshal(t, c))
	}
	r := Roster{Set: []Owner{{ID: "anna"}}}
	kept := Journaled(r).(Roster)
	r.Set[0].ID = "ben"
	require.Equal(t, OwnerID("anna"), kept.Set[0].ID)
}

func TestMarksAsJSON(t *testing.T) {
	t.Parallel()
	for _, m := range []Mark{{Key: "deletes"}, {Key: "empty", Value: []byte{}}, {Key: "says", Value: []byte("a")}} {
		text, err := AppendJSON(nil, &m)
		require.NoError(t, err)
		var back Mark
		require.NoError(t, json.Unmarshal(text, &back))
		require.Equal(t, m, back, "a store that keeps commits as JSON deletes what it is to delete, and nothing else: %s", text)
	}
}
