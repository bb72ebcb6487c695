package virtual

import (
	"fmt"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/core"
)

// Listener gets the batch of every step, with the input, or nil for a step of
// time. The batch is reused after it returns, so it must copy what it keeps. It
// reacts by adding happenings to the loop, at the same instant at the earliest;
// it must not call the driver.
type Listener func(at time.Time, in *inquiry.Input, b *inquiry.Batch)

// Driver runs a core in a loop's time. A fault of the core ends it: from then
// on the driver does nothing, and [Driver.Err] returns the fault.
type Driver struct {
	loop      *Loop
	core      *core.Core
	listeners []Listener
	seal      bool
	batch     inquiry.Batch
	wakeAt    time.Time
	wake      Happening
	inputs    uint64
	err       error
}

// Drive puts a core on a loop. A batch has the events, messages, outcomes and
// effects of one step. If sealed, it also has the changed rows and marks, which
// a store needs and which only cost a simulation time.
func Drive(l *Loop, c *core.Core, sealed bool, listeners ...Listener) *Driver {
	d := &Driver{loop: l, core: c, seal: sealed, listeners: listeners}
	d.arm()
	return d
}

// Core is the driver's core, for reading.
func (d *Driver) Core() *core.Core { return d.core }

// Err is the core's fault, nil if it has none.
func (d *Driver) Err() error { return d.err }

// Do hands an input to the core now, after everything that is due in the core.
// Its id is derived from its number. The outcome may be a refusal; it is empty
// if the core has a fault.
func (d *Driver) Do(by string, do inquiry.Command) inquiry.Outcome {
	d.inputs++
	in := inquiry.Input{ID: Numbered(kindInput, d.inputs), At: d.loop.now, EnteredAt: d.loop.now, By: by, Do: do}
	return d.Input(&in)
}

// Input is Do for a complete input, such as a recorded one.
func (d *Driver) Input(in *inquiry.Input) inquiry.Outcome {
	for d.err == nil && d.due() {
		d.step(nil)
	}
	out := d.step(in)
	d.arm()
	return out
}

// Stop takes the core off the loop, as when its node dies.
func (d *Driver) Stop() {
	d.loop.Cancel(d.wake)
	d.wake, d.wakeAt = Happening{}, time.Time{}
	if d.err == nil {
		d.err = errStopped
	}
}

var errStopped = fmt.Errorf("virtual: the driver was stopped")

func (d *Driver) due() bool {
	at := d.core.Wake()
	return !at.IsZero() && !at.After(d.loop.now)
}

func (d *Driver) step(in *inquiry.Input) inquiry.Outcome {
	if d.err != nil {
		return inquiry.Outcome{}
	}
	b := &d.batch
	*b = inquiry.Batch{
		Events: b.Events[:0], Changed: b.Changed[:0], Details: b.Details[:0], Messages: b.Messages[:0],
		Outcomes: b.Outcomes[:0], Effects: b.Effects[:0], Marks: b.Marks[:0],
	}
	r, err := d.core.Step(d.loop.now, in, b)
	if err != nil {
		d.err = err
		return inquiry.Outcome{}
	}
	if d.seal {
		d.core.Seal(b)
	} else {
		d.core.Discard()
	}
	for _, l := range d.listeners {
		l(d.loop.now, in, b)
	}
	return r.Outcome
}

// arm schedules the core's next wake-up.
func (d *Driver) arm() {
	at := d.core.Wake()
	if d.err != nil {
		at = time.Time{}
	}
	if at.Equal(d.wakeAt) && (at.IsZero() || d.wake != Happening{}) {
		return
	}
	d.loop.Cancel(d.wake)
	d.wake, d.wakeAt = Happening{}, at
	if !at.IsZero() {
		d.wake = d.loop.At(at, First, d.woken)
	}
}

func (d *Driver) woken() {
	d.wake = Happening{}
	d.step(nil)
	d.arm()
}

// kinds of numbered ids.
const kindInput = 1

// Numbered makes an id of a kind, 1 to 255, and a number. Unlike a derived id
// it costs nothing to make, and the ids of a kind sort by their numbers. It is
// formatted as a UUIDv8. Kind 1 is used for the inputs of drivers.
func Numbered(kind uint8, n uint64) (id inquiry.ID) {
	for i := range 6 {
		id[i] = byte(n >> (8 * (5 - i)))
	}
	id[6], id[8] = 0x80, 0x80
	id[14], id[15] = byte(n>>48), kind
	return id
}
