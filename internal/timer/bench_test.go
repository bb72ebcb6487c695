package timer

import (
	std "container/heap"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"
)

// thing is what timers are for. Ties are broken by its name.
type thing struct{ name [16]byte }

func less(a, b *thing) bool { return string(a.name[:]) < string(b.name[:]) }

// boxed is a timer as container/heap's own example would have it.
type boxed struct {
	at    time.Time
	what  *thing
	index int
}

type boxedHeap []*boxed

func (h boxedHeap) Len() int { return len(h) }

func (h boxedHeap) Less(i, j int) bool {
	if !h[i].at.Equal(h[j].at) {
		return h[i].at.Before(h[j].at)
	}
	return less(h[i].what, h[j].what)
}

func (h boxedHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

func (h *boxedHeap) Push(x any) {
	b := x.(*boxed)
	b.index = len(*h)
	*h = append(*h, b)
}

func (h *boxedHeap) Pop() any {
	old := *h
	b := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return b
}

// heapInUse is how many bytes are, after collecting what is not.
func heapInUse() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// drawsBits make how many timers and instants are drawn beforehand.
const drawsBits = 20

// draws are random timers and instants within a day.
type draws struct {
	things   []thing
	which    []uint32
	after    []time.Duration
	instants []time.Time
}

func draw(n int) *draws {
	r := rand.New(rand.NewPCG(uint64(n), 1))
	start := time.Now().UTC().Round(0).Add(time.Hour)
	d := &draws{make([]thing, n), make([]uint32, 1<<drawsBits), make([]time.Duration, 1<<drawsBits), make([]time.Time, 1<<drawsBits)}
	for i := range d.things {
		for j := range d.things[i].name {
			d.things[i].name[j] = byte(r.Uint32())
		}
	}
	for i := range d.which {
		d.which[i], d.after[i] = r.Uint32N(uint32(n)), time.Duration(r.Int64N(int64(24*time.Hour)))
		d.instants[i] = start.Add(d.after[i])
	}
	return d
}

// nth is which draw the ith is. Once all were drawn, each timer gets another one than before.
func nth(i int) int { return (i + 7919*(i>>drawsBits)) & (1<<drawsBits - 1) }

func (d *draws) in(i int) time.Duration  { return d.after[nth(i)] }
func (d *draws) instant(i int) time.Time { return d.instants[nth(i)] }

// drawn are the handles of the timers that are drawn, so that looking them up
// is not measured too.
func drawn[T any](d *draws, handles []T) []T {
	out := make([]T, len(d.which))
	for i, n := range d.which {
		out[i] = handles[n]
	}
	return out
}

func (d *draws) queue(ids []ID) *Queue[*thing] {
	q := New(less)
	for i := range ids {
		ids[i] = q.Add(&d.things[i])
		q.Set(ids[i], d.instant(i))
	}
	return q
}

func (d *draws) boxed(all []*boxed) *boxedHeap {
	h := &boxedHeap{}
	for i := range all {
		all[i] = &boxed{at: d.instant(i), what: &d.things[i]}
		std.Push(h, all[i])
	}
	return h
}

// A random one of so many timers is stopped, and started for another instant.
func BenchmarkTimers(b *testing.B) {
	for _, n := range []int{1_000, 100_000, 1_000_000} {
		d := draw(n)
		// Handles do not count: whoever has a timer has it with what it is for.
		b.Run(fmt.Sprintf("queue/%d", n), func(b *testing.B) {
			ids, before := make([]ID, n), heapInUse()
			q := d.queue(ids)
			bytes := heapInUse() - before
			drawn, i := drawn(d, ids), 0
			for b.Loop() {
				id := drawn[i&(len(drawn)-1)]
				q.Stop(id)
				q.Set(id, d.instant(i))
				i++
			}
			b.ReportMetric(bytes/float64(n), "bytes/timer")
		})
		b.Run(fmt.Sprintf("container-heap/%d", n), func(b *testing.B) {
			all, before := make([]*boxed, n), heapInUse()
			h := d.boxed(all)
			bytes := heapInUse() - before
			drawn, i := drawn(d, all), 0
			for b.Loop() {
				t := drawn[i&(len(drawn)-1)]
				std.Remove(h, t.index)
				t.at = d.instant(i)
				std.Push(h, t)
				i++
			}
			b.ReportMetric(bytes/float64(n), "bytes/timer")
		})
		b.Run(fmt.Sprintf("time.AfterFunc/%d", n), func(b *testing.B) {
			all, before := make([]*time.Timer, n), heapInUse()
			for i := range all {
				all[i] = time.AfterFunc(time.Hour+d.in(i), func() {})
			}
			bytes := heapInUse() - before
			drawn, i := drawn(d, all), 0
			for b.Loop() {
				t := drawn[i&(len(drawn)-1)]
				t.Stop()
				t.Reset(time.Hour + d.in(i))
				i++
			}
			b.ReportMetric(bytes/float64(n), "bytes/timer")
			for _, t := range all {
				t.Stop()
			}
		})
	}
}

// The first of so many timers comes, and is put off by up to a day.
func BenchmarkFirst(b *testing.B) {
	for _, n := range []int{1_000, 100_000, 1_000_000} {
		d := draw(n)
		b.Run(fmt.Sprintf("queue/%d", n), func(b *testing.B) {
			q := d.queue(make([]ID, n))
			i := 0
			for b.Loop() {
				id, _, at, _ := q.Next()
				q.Set(id, at.Add(d.in(i)))
				i++
			}
		})
		b.Run(fmt.Sprintf("container-heap/%d", n), func(b *testing.B) {
			h := d.boxed(make([]*boxed, n))
			i := 0
			for b.Loop() {
				t := (*h)[0]
				t.at = t.at.Add(d.in(i))
				std.Fix(h, 0)
				i++
			}
		})
	}
}
