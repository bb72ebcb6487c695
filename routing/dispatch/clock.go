package dispatch

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/answerable-go/answerable/inquiry"
)

// Timeline is a clock for demonstrations and tests, in place of the store's. It
// begins at Start when the Engine is made, or where the journal ends if that is
// later, and runs Speed times as fast as real time. It stands still while a
// commit is written. The zero Timeline means the store's clock.
type Timeline struct {
	Start time.Time
	Speed float64 // 0 means 1
}

// clock is the one place where the Engine's time comes from: readings and
// sleeps derive from it.
type clock struct {
	mu    sync.Mutex
	base  time.Time // a real instant, with its monotonic reading
	at    time.Time // what the time was then
	speed float64
	own   bool // a Timeline's, which the store's clock does not move
	held  int  // commits under way, during which a Timeline stands still
}

func newClock(t Timeline) *clock {
	now := time.Now()
	c := &clock{base: now, at: now, speed: 1}
	if !t.Start.IsZero() || t.Speed != 0 {
		c.own = true
		if c.speed = t.Speed; c.speed == 0 {
			c.speed = 1
		}
		if !t.Start.IsZero() {
			c.at = t.Start
		}
	}
	return c
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.own {
		c.advance()
		return inquiry.Instant(c.at)
	}
	return inquiry.Instant(c.at.Add(time.Since(c.base)))
}

// advance brings a Timeline up to the present, unless it stands still.
func (c *clock) advance() {
	now := time.Now()
	if c.held == 0 {
		c.at = c.at.Add(time.Duration(float64(now.Sub(c.base)) * c.speed))
	}
	c.base = now
}

// hold lets a Timeline stand still until release, so that a slow disk does not
// cost its people hours.
func (c *clock) hold() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.own {
		c.advance()
		c.held++
	}
}

func (c *clock) release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.own {
		c.held--
		c.base = time.Now()
	}
}

// follow sets the clock by the store's.
func (c *clock) follow(store time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.own {
		c.base, c.at = time.Now(), store
	}
}

// notBefore has a Timeline go on where the journal ends: time never runs back.
func (c *clock) notBefore(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.own {
		return
	}
	if c.advance(); c.at.Before(t) {
		c.at = t
	}
}

// real is how long a stretch of the clock's time takes.
func (c *clock) real(d time.Duration) time.Duration {
	f := float64(d) / c.speed
	if f >= math.MaxInt64 { // the slowest timeline has nothing happen any more
		return math.MaxInt64
	}
	r := time.Duration(f)
	if d > 0 && r == 0 {
		r = 1
	}
	return r
}

// sleep waits for a stretch of the clock's time; false if ctx ended first.
func (c *clock) sleep(ctx context.Context, d time.Duration) bool {
	return pause(ctx, c.real(d))
}

// pause waits in real time; false if ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
