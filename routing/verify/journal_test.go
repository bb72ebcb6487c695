package verify_test

import (
	"bytes"
	"encoding/json"
	"iter"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// journal is one that was kept, to be changed by tests.
type journal []inquiry.Event

// clean is a journal in which every kind of event occurs, each time a copy that
// shares nothing.
func clean(tb testing.TB) journal {
	tb.Helper()
	raw, err := os.ReadFile("../../inquiry/testdata/journal-format-1.jsonl")
	require.NoError(tb, err)
	return read(tb, raw)
}

func read(tb testing.TB, raw []byte) (j journal) {
	tb.Helper()
	for line := range bytes.Lines(raw) {
		var e inquiry.Event
		require.NoError(tb, json.Unmarshal(line, &e))
		j = append(j, e)
	}
	return j
}

func (j journal) events() iter.Seq2[inquiry.Event, error] {
	return func(yield func(inquiry.Event, error) bool) {
		for _, e := range j {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// tidy covers the traces of what was left out or put in: positions, versions and
// the positions that decisions name follow each other again.
func (j journal) tidy() journal {
	versions := map[inquiry.ID]uint64{}
	for i := range j {
		e := &j[i]
		e.Seq = uint64(i) + 1
		if !e.Inquiry.IsZero() {
			versions[e.Inquiry]++
			e.Version = versions[e.Inquiry]
		}
		change(e, func(d *routing.Decision) { d.Seq = e.Seq - 1 })
	}
	return j
}

// drop leaves an event out and covers that.
func (j journal) drop(i int) journal {
	e := j[i]
	j = slices.Delete(j, i, i+1)
	if e.Do != nil && i < len(j) && j[i].Cause == e.Cause { // the step still begins with its command
		j[i].Do = e.Do
	}
	return j.tidy()
}

// insert puts a copy of an event in front of another and covers that.
func (j journal) insert(i int, e inquiry.Event) journal {
	e.RecordedAt, e.At = j[max(0, i-1)].RecordedAt, j[max(0, i-1)].RecordedAt
	e.Cause, e.Actor, e.Do = j[max(0, i-1)].Cause, j[max(0, i-1)].Actor, nil
	return slices.Insert(j, i, e).tidy()
}

// change rewrites the record of an event's decision, if it has one.
func change(e *inquiry.Event, f func(*routing.Decision)) bool {
	d, err := routing.ParseDecision(e)
	if d == nil || err != nil {
		return false
	}
	f(d)
	e.Decision = d.Encode()
	return true
}

// owners are those on the roster in front of an event, by id.
func (j journal) owners(i int) []inquiry.Owner {
	on := map[inquiry.OwnerID]inquiry.Owner{}
	for _, e := range j[:i] {
		r, _ := e.Do.(inquiry.Roster)
		if e.Kind != inquiry.RosterChanged {
			continue
		}
		for _, o := range r.Set {
			on[o.ID] = o
		}
		for _, id := range r.Remove {
			delete(on, id)
		}
	}
	var out []inquiry.Owner
	for _, id := range slices.Sorted(maps.Keys(on)) {
		out = append(out, on[id])
	}
	return out
}

// somebodyElse is on the roster in front of an event, and not who it names.
func (j journal) somebodyElse(i int) inquiry.OwnerID {
	for _, o := range j.owners(i) {
		if o.ID != j[i].Owner {
			return o.ID
		}
	}
	return "somebody"
}

// row is the inquiry of an event in front of it.
func (j journal) row(i int) inquiry.Row {
	var r inquiry.Row
	for k := range j[:i] {
		if j[k].Inquiry == j[i].Inquiry {
			_ = inquiry.Apply(&r, &j[k])
		}
	}
	return r
}

// lastOfStep reports whether nothing more befalls the inquiry in the same step.
func (j journal) lastOfStep(i int) bool {
	for _, e := range j[i+1:] {
		if e.Cause != j[i].Cause || !e.RecordedAt.Equal(j[i].RecordedAt) || e.Do != nil {
			break
		}
		if e.Inquiry == j[i].Inquiry {
			return false
		}
	}
	return true
}

const ns = time.Nanosecond
