package main

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/dispatch"
)

// cast is everybody on the roster, at work. It is the Engine's Notifier: all
// that its people learn, they learn by being told.
type cast struct {
	engine   *dispatch.Engine
	speed    float64       // of the timeline
	haste    float64       // how many times as fast as usual they work
	patience time.Duration // how long they wait for a customer
	silent   time.Time     // when one of them falls silent
	log      adapters.Notifier

	people  map[inquiry.OwnerID]*person
	refused atomic.Int64 // commands that the Engine refused

	mu     sync.Mutex
	there  []inquiry.OwnerID     // whose computer is on
	topics map[inquiry.ID]string // see topic
}

// The habits of some: one falls silent with work in hand, one misses an offer.
const (
	fallsSilent  inquiry.OwnerID = "jonas.petersen"
	missesOffers inquiry.OwnerID = "viktor.hahn"

	// distracted is how long before falling silent somebody gets nothing done.
	distracted = 100 * time.Minute
)

func newCast(speed, haste float64, silent time.Time, log adapters.Notifier) *cast {
	c := &cast{speed: speed, haste: haste, patience: 90 * time.Minute, silent: silent, log: log, people: map[inquiry.OwnerID]*person{}, topics: map[inquiry.ID]string{}}
	for _, o := range owners {
		p := &person{cast: c, Owner: o, rang: make(chan struct{}, 1), desk: map[inquiry.ID]*piece{}}
		for _, cal := range policy().Calendars {
			if cal.Name == o.Shift {
				p.shift, _ = cal.Compile() // the policy was compiled before
			}
		}
		c.people[o.ID] = p
	}
	return c
}

// Notify tells an owner. It never fails: a mailbox takes everything.
func (c *cast) Notify(ctx context.Context, e inquiry.Effect) error {
	if p := c.people[e.Owner]; p != nil {
		p.notify(e)
	}
	return c.log.Notify(ctx, e)
}

// run plays until ctx ends.
func (c *cast) run(ctx context.Context) {
	var all sync.WaitGroup
	for _, p := range c.people {
		all.Go(func() { p.run(ctx) })
	}
	all.Go(func() { c.heartbeats(ctx) })
	all.Wait()
}

// heartbeats says every minute who is there: one command for everybody.
func (c *cast) heartbeats(ctx context.Context) {
	for ctx.Err() == nil {
		if err := c.engine.WaitUntil(ctx, c.engine.Now().Truncate(time.Minute).Add(time.Minute)); err != nil {
			return
		}
		c.mu.Lock()
		there := slices.Clone(c.there)
		c.mu.Unlock()
		if len(there) > 0 {
			_ = c.engine.DoAs(ctx, "presence", "", inquiry.Heartbeat{Owners: there}) // the next one makes up for it
		}
	}
}

func (c *cast) comes(id inquiry.OwnerID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i, found := slices.BinarySearch(c.there, id); !found {
		c.there = slices.Insert(c.there, i, id)
	}
}

func (c *cast) leaves(id inquiry.OwnerID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i, found := slices.BinarySearch(c.there, id); found {
		c.there = slices.Delete(c.there, i, i+1)
	}
}

// silentAt is when the person falls silent, if they are the one who does.
func (p *person) silentAt() (time.Time, bool) {
	return p.cast.silent, p.ID == fallsSilent && p.cast.silent.After(p.engine.Now())
}

func (p *person) absentMinded() bool { return p.ID == missesOffers }

// topic is what an inquiry is about, as its first message's id says it: the ids
// of inquiries are drawn anew in each run, and the cast's choices shall not be.
func (c *cast) topic(ctx context.Context, id inquiry.ID) string {
	c.mu.Lock()
	known, ok := c.topics[id]
	c.mu.Unlock()
	if ok {
		return known
	}
	ms, err := c.engine.Messages(ctx, id)
	if err != nil || len(ms) == 0 {
		return ""
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.topics[id] = ms[0].External
	return ms[0].External
}
