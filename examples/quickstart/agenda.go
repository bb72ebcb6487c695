package main

import (
	"container/heap"
	"time"
)

// agenda is what somebody means to do, by time.
type agenda struct {
	items appointments
	n     int
}

type appointment struct {
	at time.Time
	n  int // in the order of making
	do func()
}

func (a *agenda) add(at time.Time, do func()) {
	a.n++
	heap.Push(&a.items, appointment{at, a.n, do})
}

// due takes the next thing out whose time has come.
func (a *agenda) due(now time.Time) (do func(), ok bool) {
	if len(a.items) == 0 || a.items[0].at.After(now) {
		return nil, false
	}
	return heap.Pop(&a.items).(appointment).do, true //nolint:forcetypeassert // the heap holds nothing else
}

func (a *agenda) next() (at time.Time, ok bool) {
	if len(a.items) == 0 {
		return time.Time{}, false
	}
	return a.items[0].at, true
}

type appointments []appointment

func (h appointments) Len() int { return len(h) }
func (h appointments) Less(i, j int) bool {
	if !h[i].at.Equal(h[j].at) {
		return h[i].at.Before(h[j].at)
	}
	return h[i].n < h[j].n
}
func (h appointments) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *appointments) Push(x any)   { *h = append(*h, x.(appointment)) } //nolint:forcetypeassert // see due
func (h *appointments) Pop() any {
	old := *h
	x := old[len(old)-1]
	old[len(old)-1] = appointment{}
	*h = old[:len(old)-1]
	return x
}
