package core

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
)

// memory is the smallest store that can be: it accumulates batches, everything
// in the JSON form in which a real one would keep it.
type memory struct {
	rows     map[inquiry.ID][]byte // those that are not closed
	closed   map[inquiry.ID]bool
	marks    map[string][]byte
	refs     map[inquiry.ID]inquiry.MessageRef
	kept     map[inquiry.ID]inquiry.MessageRef // of all messages, ours and those of what is closed among them
	effects  []inquiry.Effect
	effectID map[inquiry.ID]bool
	outcomes map[inquiry.ID]inquiry.Outcome
	events   []inquiry.Event
	journal  [][]byte
	// journalOnly keeps no rows and marks: nothing can be restored.
	journalOnly bool
}

func newMemory() *memory {
	return &memory{
		rows: map[inquiry.ID][]byte{}, closed: map[inquiry.ID]bool{}, marks: map[string][]byte{}, refs: map[inquiry.ID]inquiry.MessageRef{}, kept: map[inquiry.ID]inquiry.MessageRef{},
		effectID: map[inquiry.ID]bool{}, outcomes: map[inquiry.ID]inquiry.Outcome{},
	}
}

func canonical(tb testing.TB, v any) []byte {
	tb.Helper()
	b, err := json.Marshal(v)
	require.NoError(tb, err)
	return b
}

func (m *memory) commit(tb testing.TB, b *inquiry.Batch) {
	tb.Helper()
	for _, e := range b.Events {
		require.Equal(tb, uint64(len(m.events)+1), e.Seq, "the journal has no gaps")
		require.False(tb, m.closed[e.Inquiry], "event %d: nothing happens to a closed inquiry", e.Seq)
		m.events = append(m.events, e)
		m.journal = append(m.journal, canonical(tb, e))
		if e.Kind == inquiry.Closed {
			m.closed[e.Inquiry] = true
		}
	}
	for _, e := range b.Effects {
		require.False(tb, m.effectID[e.ID], "effect %s (%s, event %d) has an id of its own", e.ID, e.Topic, e.Seq)
		require.LessOrEqual(tb, e.Seq, uint64(len(m.events)))
		m.effectID[e.ID] = true
		m.effects = append(m.effects, e)
	}
	for _, msg := range b.Messages {
		if msg.Revision >= m.kept[msg.ID].Revision {
			m.kept[msg.ID] = msg.Ref()
		}
	}
	if m.journalOnly {
		return
	}
	changed := map[inquiry.ID]bool{}
	for i := range b.Changed {
		r := &b.Changed[i]
		require.False(tb, changed[r.ID], "a row is in a batch once")
		changed[r.ID] = true
		if r.State == inquiry.StateClosed {
			delete(m.rows, r.ID)
			continue
		}
		m.rows[r.ID] = canonical(tb, r)
	}
	for _, msg := range b.Messages {
		require.False(tb, msg.Inquiry.IsZero())
		switch kept, known := m.refs[msg.ID]; {
		case known && msg.Revision < kept.Revision:
		case msg.Direction != inquiry.FromUs:
			m.refs[msg.ID] = msg.Ref()
		default:
			delete(m.refs, msg.ID) // recovery tells of customers' messages only
		}
	}
	for _, o := range b.Outcomes {
		m.outcomes[o.Input] = o
	}
	for _, k := range b.Marks {
		if k.Value == nil {
			delete(m.marks, k.Key)
		} else {
			m.marks[k.Key] = k.Value
		}
	}
}

// records are what a leader recovers from, after a round trip through JSON.
func (m *memory) records(tb testing.TB) Records {
	tb.Helper()
	rec := Records{Head: uint64(len(m.events))}
	if n := len(m.events); n > 0 {
		var last inquiry.Event
		require.NoError(tb, json.Unmarshal(m.journal[n-1], &last))
		rec.RecordedAt = last.RecordedAt
	}
	for _, raw := range m.rows {
		var r inquiry.Row
		require.NoError(tb, json.Unmarshal(raw, &r))
		rec.Rows = append(rec.Rows, r)
	}
	slices.SortFunc(rec.Rows, func(a, b inquiry.Row) int { return a.ID.Compare(b.ID) })
	for _, ref := range m.refs {
		if !m.closed[ref.Inquiry] {
			rec.Messages = append(rec.Messages, ref)
		}
	}
	for k, v := range m.marks {
		rec.Marks = append(rec.Marks, inquiry.Mark{Key: k, Value: v})
	}
	return rec
}

func (m *memory) restore(tb testing.TB, pool string) *Core {
	tb.Helper()
	rec := m.records(tb)
	r, err := NewRestoring(pool, rec)
	require.NoError(tb, err)
	r.core.packFrom = len(rec.Rows) / 2 // which waits then
	refs := sortedRefs(rec.Messages)
	for i := range rec.Rows {
		row := &rec.Rows[i]
		messages := refs.of(row.ID, nil)
		require.NoError(tb, r.Add(row, messages))
		clear(row.Persons) // they are the caller's again
		clear(row.Clocks)
		clear(messages)
		*row = inquiry.Row{}
	}
	return r.Done()
}

// ref says where the message of an input is kept, as the Engine has it from the store.
func (m *memory) ref(in *inquiry.Input) inquiry.MessageRef {
	cmd, _ := in.Do.(inquiry.Receive)
	return m.kept[cmd.Message.ID]
}

// driver does what the Engine does: due timers first, then the input, then one
// commit.
type driver struct {
	tb    testing.TB
	core  *Core
	store *memory
	// hurried is how many steps of time are taken at most before an input; 0: all.
	hurried int
}

func newDriver(tb testing.TB) *driver {
	tb.Helper()
	return &driver{tb: tb, core: newPacking("pool"), store: newMemory()}
}

// at takes an input, or nil, at an instant, and returns what happened.
func (d *driver) at(now time.Time, in *inquiry.Input) (inquiry.Outcome, *inquiry.Batch) {
	d.tb.Helper()
	var b inquiry.Batch
	d.drain(now, &b)
	var out inquiry.Outcome
	if in != nil {
		r, err := d.core.StepKept(now, in, d.store.ref(in), &b)
		require.NoError(d.tb, err, "%s %+v", inquiry.CommandName(in.Do), in.Do)
		out = r.Outcome
	}
	d.core.Seal(&b)
	d.store.commit(d.tb, &b)
	return out, &b
}

func (d *driver) drain(now time.Time, b *inquiry.Batch) {
	d.tb.Helper()
	for n := 0; ; n++ {
		wake := d.core.Wake()
		if wake.IsZero() || wake.After(now) || d.hurried > 0 && n == d.hurried {
			return
		}
		require.Less(d.tb, n, 100_000, "steps of time at %s come to no end: the next wake-up is %s", now, wake)
		_, err := d.core.Step(now, nil, b)
		require.NoError(d.tb, err)
	}
}
