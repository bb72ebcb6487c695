package timer

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"
	"weak"

	"github.com/stretchr/testify/require"
)

var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// model is what a Queue promises, done simply: a sorted slice.
type model struct {
	tb     testing.TB
	q      *Queue[string]
	ids    []ID // handed out
	thing  map[ID]string
	sorted []timed // those that are set
	armed  map[ID]timed
	things int
}

type timed struct {
	at    time.Time
	thing string
	id    ID
}

func inOrder(a, b timed) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.thing, b.thing)) }

func newModel(tb testing.TB) *model {
	tb.Helper()
	return &model{tb: tb, q: New(cmp.Less[string]), thing: map[ID]string{}, armed: map[ID]timed{}}
}

func (m *model) add() {
	m.things++
	// Names that sort otherwise than they are handed out.
	name := fmt.Sprintf("%03d/%d", m.things*619%1000, m.things)
	id := m.q.Add(name)
	if _, known := m.thing[id]; known || id == 0 {
		m.tb.Fatalf("id %d was handed out, and it was before: %t", id, known)
	}
	m.ids, m.thing[id] = append(m.ids, id), name
}

func (m *model) set(id ID, at time.Time) {
	m.q.Set(id, at)
	m.forget(id)
	w := timed{at, m.thing[id], id}
	i, _ := slices.BinarySearchFunc(m.sorted, w, inOrder)
	m.sorted, m.armed[id] = slices.Insert(m.sorted, i, w), w
}

func (m *model) stop(id ID) {
	m.q.Stop(id)
	m.forget(id)
}

func (m *model) free(i int) {
	id := m.ids[i]
	m.q.Free(id)
	m.forget(id)
	delete(m.thing, id)
	m.ids = slices.Delete(m.ids, i, i+1)
}

func (m *model) forget(id ID) {
	if w, ok := m.armed[id]; ok {
		i, _ := slices.BinarySearchFunc(m.sorted, w, inOrder)
		m.sorted = slices.Delete(m.sorted, i, i+1)
		delete(m.armed, id)
	}
}

func (m *model) check() {
	m.tb.Helper()
	var want timed
	if len(m.sorted) > 0 {
		want = m.sorted[0]
	}
	id, thing, at, ok := m.q.Next()
	if (timed{at, thing, id}) != want || ok != (len(m.sorted) > 0) || m.q.Len() != len(m.sorted) {
		m.tb.Fatalf("%s (%d) is next at %s of %d, want %+v of %d", thing, id, at, m.q.Len(), want, len(m.sorted))
	}
}

// checkAll holds every timer against the model, and what the heap keeps up.
func (m *model) checkAll() {
	m.tb.Helper()
	m.check()
	want := map[ID]time.Time{}
	for _, w := range m.sorted {
		want[w.id] = w.at
	}
	for _, id := range m.ids {
		at, ok := m.q.At(id)
		if w, set := want[id]; ok != set || at != w {
			m.tb.Fatalf("%d is set %t, at %s; want %t, at %s", id, ok, at, set, w)
		}
	}
	var all []timed
	for thing, at := range m.q.All() {
		all = append(all, timed{at: at, thing: thing})
	}
	slices.SortFunc(all, inOrder)
	for i := range max(len(all), len(m.sorted)) {
		if w := m.sorted[i]; all[i].at != w.at || all[i].thing != w.thing {
			m.tb.Fatalf("number %d of all is %+v, want %+v", i, all[i], w)
		}
	}
	for i := uint32(root + 1); i < m.q.end; i++ {
		if p := i/arity + root - 1; i != m.q.hole && p != m.q.hole && m.q.before(*m.q.note(i), *m.q.note(p)) {
			m.tb.Fatalf("the timer at %d is earlier than its parent at %d", i, p)
		}
	}
}

// drain takes out one after the other.
func (m *model) drain() {
	m.tb.Helper()
	for len(m.sorted) > 0 {
		m.check()
		m.stop(m.sorted[0].id)
	}
	m.check()
}

// do carries out what three bytes say.
func (m *model) do(op, which, when byte) {
	m.tb.Helper()
	if op %= 8; op == 0 || len(m.ids) == 0 {
		m.add()
		m.set(m.ids[len(m.ids)-1], instant(when))
		return
	}
	i := int(which) % len(m.ids)
	switch id := m.ids[i]; op {
	case 1, 2, 3:
		m.set(id, instant(when))
	case 4, 5:
		m.stop(id)
	case 6:
		m.free(i)
	case 7:
		if len(m.sorted) > 0 { // as firing does
			m.set(m.sorted[0].id, m.sorted[0].at.Add(time.Duration(when%4)))
		}
	}
}

// instant has many ties: within the second, within the nanosecond, and far out.
func instant(b byte) time.Time {
	switch b >> 6 {
	case 0:
		return monday.Add(time.Duration(b & 7))
	case 1:
		return monday.Add(time.Duration(b&7) * time.Second)
	case 2:
		return monday.Add(-time.Duration(b&7) * time.Hour)
	}
	return time.Date(1+int(b&63)*150, 1, 1, 0, 0, 0, 999_999_999, time.UTC)
}

func TestAQueueDoesWhatASortedSliceDoes(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 1))
		m := newModel(t)
		for range 60 + seed%200 {
			m.do(byte(r.Uint32()), byte(r.Uint32()), byte(r.Uint32()))
			m.check()
		}
		m.checkAll()
		m.drain()
	}
}

// Enough timers for several slabs, of which some are given back and come again.
func TestSlabsComeAndGo(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(2, 1))
	m := newModel(t)
	for _, n := range []int{3*slabLen + 100, 10, 2*slabLen + 100, 0, slabLen + 100} {
		for len(m.ids) < n {
			m.add()
			if r.IntN(8) > 0 {
				m.set(m.ids[len(m.ids)-1], monday.Add(time.Duration(r.IntN(10_000))))
			}
		}
		m.checkAll()
		for range 200 {
			m.do(byte(1+r.IntN(5)), 0, byte(r.Uint32()))
		}
		for len(m.ids) > n {
			m.free(r.IntN(len(m.ids)))
		}
		m.checkAll()
	}
	m.drain()
}

func FuzzQueue(f *testing.F) {
	f.Add([]byte{0, 0, 1, 0, 0, 1, 4, 0, 0, 1, 0, 2, 6, 0, 0, 0, 0, 65, 7, 0, 3})
	f.Fuzz(func(t *testing.T, ops []byte) {
		m := newModel(t)
		for ; len(ops) >= 3 && m.things < 300; ops = ops[3:] {
			m.do(ops[0], ops[1], ops[2])
			m.check()
		}
		m.checkAll()
		m.drain()
	})
}

// fired takes everything out, in order.
func fired(q *Queue[string]) (things []string) {
	for {
		id, thing, _, ok := q.Next()
		if !ok {
			return things
		}
		things = append(things, thing)
		q.Free(id)
	}
}

func TestOrder(t *testing.T) {
	t.Parallel()

	t.Run("at the same nanosecond the things decide, not the order in which they came", func(t *testing.T) {
		q := New(cmp.Less[string])
		for _, name := range []string{"d", "a", "c", "e", "b"} {
			q.Set(q.Add(name), monday)
		}
		q.Set(q.Add("z"), monday.Add(-1))
		q.Set(q.Add("0"), monday.Add(1))
		require.Equal(t, []string{"z", "a", "b", "c", "d", "e", "0"}, fired(q))
	})

	t.Run("the same timers fire in the same order however they came to be", func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 1))
		at := map[string]time.Time{}
		var names []string
		for i := range 700 {
			name := fmt.Sprintf("%04d", i*7919%10_000)
			names, at[name] = append(names, name), monday.Add(time.Duration(r.IntN(5))*time.Second+time.Duration(r.IntN(5)))
		}
		var want []string
		for range 20 {
			q := New(cmp.Less[string])
			ids := map[string]ID{}
			r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
			for _, name := range names { // one that ran on: they were something else before
				ids[name] = q.Add(name)
				q.Set(ids[name], monday.Add(time.Duration(r.IntN(7))*time.Second))
			}
			for _, name := range names {
				if r.IntN(2) == 0 {
					q.Stop(ids[name])
				}
				q.Set(ids[name], at[name])
			}
			got := fired(q)
			if want == nil {
				want = got
			}
			require.Equal(t, want, got)
		}
		require.True(t, slices.IsSortedFunc(want, func(a, b string) int { return cmp.Or(at[a].Compare(at[b]), cmp.Compare(a, b)) }))
	})

	t.Run("instants are kept to the nanosecond, over the whole range of time.Time", func(t *testing.T) {
		instants := []time.Time{
			time.Date(-200_000_000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(-200_000_000, 1, 1, 0, 0, 0, 1, time.UTC),
			{},
			time.Date(1, 1, 1, 0, 0, 0, 1, time.UTC), time.Unix(-1, 999_999_999), time.Unix(0, 0), time.Unix(0, 1),
			monday.Add(-1), monday, monday.Add(1), time.Unix(0, math.MaxInt64), time.Unix(0, math.MaxInt64).Add(1),
			time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC), time.Date(10_000, 1, 1, 0, 0, 0, 0, time.FixedZone("", -3600)),
			time.Date(200_000_000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(200_000_000, 1, 1, 0, 0, 0, 1, time.UTC),
		}
		q := New(cmp.Less[int])
		for i := range instants {
			q.Set(q.Add(i), instants[len(instants)-1-i])
		}
		for _, want := range instants {
			id, _, at, _ := q.Next()
			require.Equal(t, want.UTC(), at)
			q.Free(id)
		}
	})

	t.Run("those far from each other, and close together far from the first, are in order", func(t *testing.T) {
		q := New(cmp.Less[int])
		r := rand.New(rand.NewPCG(5, 5))
		var want []time.Time
		for i := range 4000 {
			at := time.Unix(r.Int64N(1<<uint(10+r.IntN(28)))-r.Int64N(1<<uint(10+r.IntN(28))), r.Int64N(1e9)).UTC()
			if i > 0 && r.IntN(3) == 0 {
				at = want[r.IntN(i)].Add(time.Duration(r.Int64N(1 << uint(1+r.IntN(40)))))
			}
			want = append(want, at)
			q.Set(q.Add(i), at)
		}
		slices.SortFunc(want, time.Time.Compare)
		for _, w := range want {
			id, _, at, _ := q.Next()
			require.Equal(t, w, at)
			q.Free(id)
		}
	})
}

func TestMemory(t *testing.T) { // not parallel: it counts what is allocated
	const n = 100_000
	build := func(q *Queue[int]) (ids []ID) {
		ids = make([]ID, n)
		for i := range ids {
			ids[i] = q.Add(i)
			q.Set(ids[i], monday.Add(time.Duration(i*7919%n)))
		}
		return ids
	}

	t.Run("a timer takes 32 bytes at most, and after a burst the queue gives its memory back", func(t *testing.T) {
		ids := make([]ID, n)
		before := heapInUse()
		q := New(cmp.Less[int])
		for i := range ids {
			ids[i] = q.Add(i)
			q.Set(ids[i], monday.Add(time.Duration(i*7919%n)))
		}
		full := heapInUse() - before
		require.Less(t, full/n, 32.)
		for _, i := range rand.New(rand.NewPCG(4, 1)).Perm(n) {
			if i%1000 > 0 || i > n/2 {
				q.Free(ids[i])
			}
		}
		require.Equal(t, n/2/1000, q.Len()-1)
		ids = nil //nolint:ineffassign // so that they are collected
		// A few timers are left in each of the lower slabs of ids.
		require.Less(t, heapInUse()-before, .4*full)
		for {
			id, _, _, ok := q.Next()
			if !ok {
				break
			}
			q.Free(id)
		}
		require.Less(t, heapInUse()-before, .1*full)
		runtime.KeepAlive(q)
	})

	t.Run("setting, stopping, and making one for one that ended allocate nothing", func(t *testing.T) {
		q := New(cmp.Less[int])
		ids := build(q)
		i := 0
		require.Zero(t, testing.AllocsPerRun(10_000, func() {
			i = (i + 7919) % n
			q.Stop(ids[i])
			q.Set(ids[i], monday.Add(time.Duration(i)))
			q.Set(ids[(i+1)%n], monday.Add(-time.Duration(i)))
			q.Free(ids[i])
			ids[i] = q.Add(i)
			q.Next()
			q.Set(ids[i], monday)
		}))
	})

	t.Run("going back and forth over the border of a slab allocates nothing", func(t *testing.T) {
		q := New(cmp.Less[int])
		for i := range slabLen - 4 {
			q.Set(q.Add(i), monday)
		}
		var ids [8]ID
		around := func() {
			for i := range ids {
				ids[i] = q.Add(-i)
				q.Set(ids[i], monday)
			}
			for _, id := range ids {
				q.Free(id)
			}
		}
		around()
		require.Zero(t, testing.AllocsPerRun(100, around))
	})
}

func TestFreeLetsGoOfItsThing(t *testing.T) {
	t.Parallel()
	q := New(func(a, b *[64]int) bool { return a[0] < b[0] })
	big := new([64]int)
	gone, id := weak.Make(big), q.Add(big)
	q.Set(q.Add(&[64]int{1}), monday)
	q.Set(id, monday)
	q.Free(id)
	runtime.GC()
	require.Nil(t, gone.Value())
	require.Equal(t, 1, q.Len())
}

func TestAnIDThatIsNotHandedOutIsNoticed(t *testing.T) {
	t.Parallel()
	q := New(cmp.Less[int])
	id := q.Add(1)
	q.Set(id, monday)
	q.Free(id)
	for name, use := range map[string]func(){
		"set": func() { q.Set(id, monday) }, "stop": func() { q.Stop(id) }, "free": func() { q.Free(id) }, "at": func() { q.At(id) },
		"one that never was": func() { q.Set(1<<20, monday) },
	} {
		require.Panics(t, use, name)
	}
	require.Zero(t, q.Len())
}
