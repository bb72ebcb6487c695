package core

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// waitingEntry is one that waits like most do.
func waitingEntry(t *testing.T) *entry {
	t.Helper()
	x := newEntry(drawID(1, 1))
	later := func(d time.Duration) time.Time { return monday.Add(d) }
	clock, err := sla.Start(sla.Target{Kind: sla.Resolve, Within: hours(4), Warn: []int{50, 75}, Tiers: []sla.Tier{{From: 3, Within: hours(2)}}}, nil, monday)
	require.NoError(t, err)
	office := clock
	office.Kind, office.Target.Kind, office.Target.Calendar = sla.FirstResponse, sla.FirstResponse, "office"
	office.Due, office.State, office.BreachedAt, office.Warned = later(7*time.Hour), sla.Breached, later(7*time.Hour), 2
	x.Row = inquiry.Row{
		Pool: "pool", ID: x.ID, Version: 300, State: inquiry.StateQueued, Priority: 2, Channel: "email", Source: "mail", Account: "us",
		Persons: []inquiry.ID{drawID(2, 1), drawID(2, 2)}, Conversation: drawID(3, 1), Fingerprint: drawID(2, 1),
		OpenedAt: later(0), ChangedAt: later(time.Nanosecond), LastAt: later(time.Nanosecond), QueuedAt: later(time.Hour), Due: later(7 * time.Hour),
		Facts:  &inquiry.Facts{Kind: "question", Labels: []string{"a", "b"}, Audiences: []inquiry.Audience{inquiry.Journalist}, Language: "de", Reach: 7},
		LastID: drawID(4, 2), Inbound: 2, Plan: drawID(5, 1), Rule: "rule", Policy: "v1", Home: "support", Department: "support", Cost: 50,
		Clocks: []sla.Clock{clock, office},
	}
	x.messages = []message{{drawID(4, 1), 1}, {drawID(4, 2), 3}}
	x.plan = &plan{Plan: &inquiry.Plan{}}
	x.queued, x.opened = true, x.OpenedAt.UnixNano()
	return x
}

func TestPacking(t *testing.T) {
	whole := func(x *entry) body {
		b := *x.body
		b.Persons, b.Clocks, b.messages = slices.Clone(b.Persons), slices.Clone(b.Clocks), slices.Clone(b.messages)
		return b
	}
	there := func(t *testing.T, x *entry) (packed bool) {
		t.Helper()
		want := whole(x)
		c := newPacking("pool")
		c.enter(x)
		c.loosen(x)
		c.packLoose()
		packed = x.body == nil
		row, ok := c.Row(x.ID)
		require.True(t, ok)
		require.Equal(t, want.Row, row)
		require.Equal(t, packed, x.body == nil, "to look does not unpack")
		got, ok := c.entry(x.ID)
		require.True(t, ok)
		if packed {
			require.True(t, got.loose, "it is packed again")
			got.loose = false
		}
		require.Equal(t, want, *got.body)
		require.True(t, reflect.DeepEqual(want, *got.body), "in representation, too")
		return packed
	}

	t.Run("what waits comes out as it was", func(t *testing.T) {
		require.True(t, there(t, waitingEntry(t)))
		for version := range uint64(2 * few) {
			x := waitingEntry(t)
			x.Version = version
			require.True(t, there(t, x))
		}
	})

	t.Run("an inquiry of which nothing is known is packed, too, and is not taken for one of which something is", func(t *testing.T) {
		x, y, z := waitingEntry(t), waitingEntry(t), waitingEntry(t)
		x.Facts, y.Facts = nil, &inquiry.Facts{}
		require.True(t, there(t, x))
		require.True(t, there(t, y))
		z.Facts = nil
		var p packer
		p.pack(y)
		p.pack(z)
		require.NotNil(t, p.unpack(y).Facts)
		require.Nil(t, p.unpack(z).Facts)
	})

	t.Run("two of a form share it, and differ in what is their own", func(t *testing.T) {
		x, y := waitingEntry(t), waitingEntry(t)
		y.ID, y.LastID, y.messages[1].id, y.Version = drawID(1, 2), drawID(4, 3), drawID(4, 3), 301
		y.Row.ID = y.ID
		for _, at := range []*time.Time{&y.OpenedAt, &y.ChangedAt, &y.LastAt, &y.QueuedAt, &y.Due, &y.Clocks[0].Started, &y.Clocks[0].Due, &y.Clocks[1].Started, &y.Clocks[1].Due, &y.Clocks[1].BreachedAt} {
			*at = at.Add(-time.Hour)
		}
		y.opened = y.OpenedAt.UnixNano()
		want := whole(y)
		var p packer
		p.pack(x)
		p.pack(y)
		require.Same(t, x.packed.form, y.packed.form)
		require.Less(t, len(y.packed.own), 110)
		require.Equal(t, want, *p.unpack(y))
	})

	t.Run("what moves as time passes comes out in its cohort, at its place of any instant", func(t *testing.T) {
		shut, err := sla.Calendar{Name: "office", Zone: "Europe/Berlin", Hours: sla.Weekdays(sla.At(16, 0), sla.At(17, 0))}.Compile()
		require.NoError(t, err)
		for _, order := range []inquiry.Order{inquiry.ByRatio, inquiry.ByCost} {
			var p packer
			q := new(queue)
			p2 := &plan{Plan: &inquiry.Plan{Order: order, DelayCost: 3, Handling: minutes(5)}, schedules: map[string]*sla.Schedule{"office": shut}}
			moving := func(since time.Duration, id inquiry.ID) *entry {
				x := waitingEntry(t)
				x.ID, x.Row.ID = id, id
				x.OpenedAt = monday.Add(since)
				clock, err := sla.Start(sla.Target{Kind: sla.Resolve, Within: hours(4), Calendar: []string{"", "office"}[int(id[15])%2]}, x.plan.schedule(sla.Target{}), x.OpenedAt)
				require.NoError(t, err)
				x.Clocks, x.Due = []sla.Clock{clock}, clock.Due
				x.plan, x.in = p2, q
				x.orderKey = keyOf(x)
				q.waiting.insert(x)
				q.joinCohort(x)
				return x
			}
			for n := range uint64(100) {
				x := moving(time.Duration(n*n)*time.Millisecond, drawID(1, n))
				require.True(t, x.waitsQuietly())
				want, at := whole(x), map[time.Duration]orderKey{}
				for _, later := range []time.Duration{0, time.Second, time.Hour, 1000 * time.Hour} {
					at[later] = keyAt(x, monday.Add(later))
				}
				place := inCohort(x)
				p.pack(x)
				require.Nil(t, x.body)
				require.Equal(t, place, inCohort(x))
				for later, k := range at {
					require.Equal(t, k, keyAt(x, monday.Add(later)))
				}
				require.Equal(t, want, *p.unpack(x))
			}
			require.Empty(t, p.forms, "what is of a cohort goes with it")
			for _, co := range q.cohortList {
				require.LessOrEqual(t, len(co.forms), 2, "one by each calendar")
			}
			x := moving(time.Minute, drawID(2, 1))
			x.opened++
			require.False(t, x.waitsQuietly(), "its motion does not follow from its arrival")
			x.opened--
			y := moving(time.Minute, drawID(2, 2))
			y.LimitedUntil = monday
			require.False(t, y.waitsQuietly(), "its line counts it")
			old := q.cohortList[0]
			for x := range q.waiting.all() {
				if x.body == nil {
					x.body = p.unpack(x)
				}
				q.leaveCohort(x)
			}
			require.Empty(t, q.cohortList)
			z := moving(0, drawID(1, 0))
			require.NotSame(t, old, z.cohort)
			p.pack(z)
			require.Same(t, z.packed.form.body.cohort, q.cohortList[0], "not the one that was")
		}
	})

	t.Run("no field of a row is lost, whatever its value", func(t *testing.T) {
		packed := 0
		count := setEach(t, reflect.TypeFor[inquiry.Row](), func(field string, set func(root reflect.Value)) {
			x := waitingEntry(t)
			set(reflect.ValueOf(&x.Row).Elem())
			if field == "ID" {
				x.ID = x.Row.ID
			}
			if there(t, x) {
				packed++
			}
		})
		require.Greater(t, count, 60)
		require.Greater(t, packed, 30, "most of them can be packed")
	})

	t.Run("no field of a clock is lost, whatever its value", func(t *testing.T) {
		count := setEach(t, reflect.TypeFor[sla.Clock](), func(_ string, set func(root reflect.Value)) {
			x := waitingEntry(t)
			set(reflect.ValueOf(&x.Clocks[0]).Elem())
			there(t, x)
		})
		require.Greater(t, count, 10)
	})

	t.Run("instants that no nanoseconds since 1970 can hold stay whole", func(t *testing.T) {
		x := waitingEntry(t)
		x.Due = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
		require.False(t, there(t, x))
	})

	t.Run("what is packed keeps its form when there are too many", func(t *testing.T) {
		x := waitingEntry(t)
		want := whole(x)
		var p packer
		p.pack(x)
		for n := range maxForms + 1 {
			y := waitingEntry(t)
			y.Cost = n
			p.pack(y)
		}
		require.LessOrEqual(t, len(p.forms), maxForms)
		require.Equal(t, want, *p.unpack(x))
	})
}

// setEach calls f for every field of a struct, and for those of its plain structs,
// with what gives it another value.
func setEach(t *testing.T, of reflect.Type, f func(field string, set func(root reflect.Value))) (n int) {
	t.Helper()
	for _, field := range reflect.VisibleFields(of) {
		if len(field.Index) > 1 {
			continue
		}
		if field.Type.Kind() == reflect.Struct && field.Type != reflect.TypeFor[time.Time]() {
			n += setEach(t, field.Type, func(_ string, set func(root reflect.Value)) {
				f(field.Name, func(root reflect.Value) { set(root.FieldByIndex(field.Index)) })
			})
			continue
		}
		n++
		f(field.Name, func(root reflect.Value) { another(t, field, root.FieldByIndex(field.Index)) })
	}
	return n
}

func another(t *testing.T, field reflect.StructField, v reflect.Value) {
	t.Helper()
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(monday.Add(12345 * time.Second)))
		return
	case inquiry.ID:
		v.Set(reflect.ValueOf(drawID(7, 7)))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(v.String() + "another")
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Int, reflect.Int64:
		v.SetInt(v.Int() + 12345)
	case reflect.Uint32, reflect.Uint64:
		v.SetUint(v.Uint() + 12345)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
	default:
		t.Fatalf("%s is a %s: say how it gets another value", field.Name, v.Kind())
	}
}
