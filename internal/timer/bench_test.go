package timer

import (
	std "container/heap"
	"fmt"
	"math/rand"
	"runtime"
	"testing"
	"time"
)

type item struct{ name [16]byte }

type boxed struct {
	at    time.Time
	index int
	what  *item
}

type boxedHeap []*boxed

func (h boxedHeap) Len() int { return len(h) }
func (h boxedHeap) Less(i, j int) bool {
	if !h[i].at.Equal(h[j].at) {
		return h[i].at.Before(h[j].at)
	}
	return string(h[i].what.name[:]) < string(h[j].what.name[:])
}

func (h boxedHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}
func (h *boxedHeap) Push(x any) { t := x.(*boxed); t.index = len(*h); *h = append(*h, t) }
func (h *boxedHeap) Pop() any {
	o := *h
	t := o[len(o)-1]
	o[len(o)-1] = nil
	*h = o[:len(o)-1]
	return t
}

func heapInUse() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

func BenchmarkTimers(b *testing.B) {
	start := time.Now().UTC()
	for _, n := range []int{1000, 100_000, 1_000_000} {
		r := rand.New(rand.NewSource(1))
		which := make([]uint32, 1<<20)
		at := make([]time.Time, 1<<20)
		for i := range which {
			which[i] = uint32(r.Intn(n))
			at[i] = start.Add(time.Hour + time.Duration(r.Int63n(int64(24*time.Hour))))
		}
		items := make([]item, n)
		for i := range items {
			r.Read(items[i].name[:])
		}
		b.Run(fmt.Sprint("queue/", n), func(b *testing.B) {
			before := heapInUse()
			q := New(func(a, b *item) bool { return string(a.name[:]) < string(b.name[:]) })
			for i := range n {
				q.Set(q.Add(&items[i]), at[r.Intn(len(at))])
			}
			bytes := heapInUse() - before
			b.ResetTimer()
			for i := range b.N {
				id := ID(which[i&(1<<20-1)] + 1)
				q.Stop(id)
				q.Set(id, at[i&(1<<20-1)])
			}
			b.ReportMetric(float64(bytes)/float64(n), "bytes/timer")
			runtime.KeepAlive(q)
		})
		b.Run(fmt.Sprint("container-heap/", n), func(b *testing.B) {
			before := heapInUse()
			var h boxedHeap
			all := make([]*boxed, n)
			for i := range n {
				all[i] = &boxed{at: at[r.Intn(len(at))], what: &items[i]}
				std.Push(&h, all[i])
			}
			bytes := heapInUse() - before
			b.ResetTimer()
			for i := range b.N {
				t := all[which[i&(1<<20-1)]]
				std.Remove(&h, t.index)
				t.at = at[i&(1<<20-1)]
				std.Push(&h, t)
			}
			b.ReportMetric(float64(bytes)/float64(n), "bytes/timer")
			runtime.KeepAlive(h)
		})
	}
}
