package inquiry

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// Whatever stands where an event should, reading it never panics, and what can
// be read can be written and read again.
func FuzzEventJSON(f *testing.F) {
	raw, err := os.ReadFile(filepath.Join("testdata", "journal-format-1.jsonl"))
	if err != nil {
		f.Fatal(err)
	}
	for line := range bytes.Lines(raw) {
		f.Add(bytes.TrimSpace(line))
	}
	for _, kind := range allKinds() {
		b, err := json.Marshal(eventOf(kind))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var e Event
		if json.Unmarshal(data, &e) != nil {
			return
		}
		first, err := json.Marshal(e)
		if err != nil { // times that JSON cannot hold
			return
		}
		var again Event
		if err := json.Unmarshal(first, &again); err != nil {
			t.Fatalf("it cannot read what it wrote: %v\n%s", err, first)
		}
		if second := marshal(t, again); second != string(first) {
			t.Fatalf("it writes\n%s\nand then\n%s", first, second)
		}
		for _, state := range allStates {
			row := rowIn(state)
			before := marshal(t, row)
			e.Version = row.Version + 1
			if Apply(&row, &e) != nil && marshal(t, row) != before {
				t.Fatalf("a refused event changed a row in state %q", state)
			}
		}
	})
}

// Any events in any order: Apply never panics, and versions rise by one.
func FuzzApply(f *testing.F) {
	kinds := allKinds()
	all := make([]byte, len(kinds))
	for i := range all {
		all[i] = byte(i)
	}
	f.Add(all)
	f.Add([]byte{31, 1, 40, 0, 7, 7, 7, 120, 201})
	f.Fuzz(func(t *testing.T, choice []byte) {
		var row Row
		for i, c := range choice {
			kind := kinds[int(c)%len(kinds)]
			var e Event
			if int(c)/len(kinds)%2 == 0 {
				scratch := row
				e = suiting(&scratch, kind)
			} else {
				e = eventOf(kinds[i%len(kinds)]) // the data may be another kind's
				e.Kind, e.Version = kind, row.Version+1
			}
			if row.Version > 0 {
				e.Inquiry = row.ID
			}
			before := row.Version
			if err := Apply(&row, &e); (err == nil) != (row.Version == before+1) {
				t.Fatalf("%s: %v, version %d after %d", kind, err, row.Version, before)
			}
		}
	})
}
