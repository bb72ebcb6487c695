package virtual

import (
	"sync"
	"time"
)

// Pacer paces a [Loop] by the clock: it sleeps until the next happening. So
// programs that sleep and wait in goroutines of their own can live in the time
// of the loop. Within a bubble of testing/synctest that time is virtual, and
// nobody waits.
//
// Happenings of one instant happen in the order of their keys, not in the order
// in which they were added, since goroutines are scheduled in any order.
// Between two of them the Pacer settles, which lets all goroutines finish what
// the first one caused. So a change to what goroutines share must be a
// happening, with a key that says what it is and not when it was added.
//
// At, After and Now are safe for concurrent use.
type Pacer struct {
	mu     sync.Mutex
	loop   *Loop
	sleeps time.Time // until when the pacer sleeps
	poke   chan struct{}
	settle func()
}

// NewPacer makes a pacer whose time begins now. settle must return once all
// goroutines wait for something, as synctest.Wait does; with nil the pacer does
// not wait for them.
func NewPacer(settle func()) *Pacer {
	if settle == nil {
		settle = func() {}
	}
	return &Pacer{loop: NewLoop(time.Now()), poke: make(chan struct{}, 1), settle: settle}
}

// Now is the current time.
func (p *Pacer) Now() time.Time { return time.Now() }

// At schedules something for an instant, or for now if that is in the past. It
// runs on the goroutine of Run.
func (p *Pacer) At(at time.Time, key string, do func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.loop.add(at, Normal, key, do)
	if at.Before(p.sleeps) {
		select {
		case p.poke <- struct{}{}:
		default:
		}
	}
}

// After schedules something for a time from now.
func (p *Pacer) After(d time.Duration, key string, do func()) { p.At(p.Now().Add(d), key, do) }

// Run runs all happenings up to and including an instant, and returns then.
func (p *Pacer) Run(until time.Time) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	var last time.Time
	for {
		now := p.Now()
		if now.Equal(last) {
			p.settle()
		}
		do, at := p.next(now, until)
		switch {
		case do != nil:
			last = now
			do()
		case !at.After(now):
			return
		default:
			timer.Reset(at.Sub(now))
			select {
			case <-timer.C:
			case <-p.poke:
			}
		}
	}
}

// next is what is due, or else the instant to sleep until.
func (p *Pacer) next(now, until time.Time) (do func(), at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, ok := p.loop.Next()
	switch {
	case !ok || at.After(until):
		p.sleeps = until
		return nil, until
	case at.After(now):
		p.sleeps = at
		return nil, at
	}
	p.sleeps = time.Time{}
	do, _ = p.loop.take()
	return do, now
}
