package replay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/core"
	"github.com/answerable-go/answerable/internal/virtual"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// pool is the name of the replayed pool.
const pool = "replayed"

// Kinds of numbered ids.
const (
	idInquiry = 2 + iota
	idMessage
)

// world is one of the two runs: what happened, or what would have. Both bring the
// same cases to a core, and write down their courses.
type world struct {
	*setting
	loop    *virtual.Loop
	driver  *virtual.Driver
	journal *virtual.Journal // nil: not asked for
	script  script

	cases     []*matter
	byID      map[inquiry.ID]*matter
	opening   *matter // whose message is on its way to the core
	messages  uint64
	duties    map[inquiry.ID]struct{} // open beside inquiries
	inHand    map[inquiry.OwnerID]int // cases that somebody has
	most      map[inquiry.OwnerID]int // the same, at most
	refused   int                     // acts of the record that the core would not have
	unwritten int                     // messages that are moot
	beside    int                     // duties beside inquiries
	err       error
}

// script is what a world's people do.
type script interface {
	// opened is once a case is in.
	opened(x *matter)
	// heard is an event of a case, after the course has it.
	heard(x *matter, e *inquiry.Event, at time.Time)
	// duty is an event of a duty beside an inquiry.
	duty(e *inquiry.Event)
}

// setting is what both worlds share.
type setting struct {
	history  *History
	policy   *routing.Compiled
	owners   map[inquiry.OwnerID]*owner
	list     []*owner // as on the roster
	strays   []*owner // had cases, and are not on the roster
	lives    []life
	end      time.Time // of the run
	sink     inquiry.OwnerID
	options  Options
	seed     *virtual.Stream
	earliest time.Time
}

// life is a case with its phases.
type life struct {
	*Case
	phases []phase
}

// owner is somebody who has cases.
type owner struct {
	inquiry.Owner
	shift *sla.Schedule // nil: always
	stray bool
	// took are how long the cases that they resolved took, in time of their shift.
	took []time.Duration
}

// matter is a case in a world.
type matter struct {
	w      *world
	n      int
	life   *life
	id     inquiry.ID // of the inquiry that it is now
	lastID inquiry.ID // of its last message
	course Course
	holder inquiry.OwnerID // "" for nobody
	waited int             // how many waits there were

	// What the script of what would have been keeps.
	phase   int
	waits   bool
	owner   inquiry.OwnerID
	task    *task
	answers virtual.Answers
	used    map[*stretch]bool
	offers  map[inquiry.OwnerID]int // how often it was offered to somebody
}

func newWorld(s *setting, roster []inquiry.Owner) *world {
	w := &world{setting: s, loop: virtual.NewLoop(s.earliest), byID: map[inquiry.ID]*matter{}, duties: map[inquiry.ID]struct{}{}, inHand: map[inquiry.OwnerID]int{}, most: map[inquiry.OwnerID]int{}}
	listeners := []virtual.Listener{w.listen}
	if s.options.Journal {
		w.journal = &virtual.Journal{}
		listeners = append(listeners, w.journal.Listen)
	}
	w.driver = virtual.Drive(w.loop, core.New(pool), false, listeners...)
	w.must("policy", inquiry.Adopt{Policy: s.policy.JSON()})
	w.must("roster", inquiry.Roster{Complete: true, Set: roster})
	return w
}

// bring has all cases come in when they did.
func (w *world) bring() {
	for i := range w.lives {
		x := &matter{w: w, n: i, life: &w.lives[i]}
		w.cases = append(w.cases, x)
		w.loop.At(x.life.At, virtual.Normal, func() {
			x.write()
			w.script.opened(x)
		})
	}
}

// perLook is how many happenings pass between two looks at the context.
const perLook = 1024

func (w *world) run(ctx context.Context) error {
	for n := 0; w.err == nil; n++ {
		if n%perLook == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		at, ok := w.loop.Next()
		if !ok || at.After(w.end) {
			break
		}
		w.loop.Step()
		if err := w.driver.Err(); w.err == nil && err != nil {
			w.err = fmt.Errorf("replay: %w", err)
		}
	}
	return w.err
}

// must is do for what cannot be refused.
func (w *world) must(by string, do inquiry.Command) {
	out := w.driver.Do(by, do)
	switch err := w.driver.Err(); {
	case w.err != nil:
	case err != nil:
		w.err = fmt.Errorf("replay: %w", err)
	case out.Refused != "":
		w.err = fmt.Errorf("replay: %s at %s: %w", inquiry.CommandName(do), w.loop.Now().Format(time.RFC3339Nano), out.Err())
	}
}

// act is do for what the record says, or somebody would have done: the core may
// refuse it, and that is counted.
func (w *world) act(by inquiry.OwnerID, do inquiry.Command) {
	if w.err != nil {
		return
	}
	out := w.driver.Do(string(by), do)
	if out.Refused != "" {
		w.refused++
	}
	if out.Refused == inquiry.Fault {
		w.err = errors.New("replay: " + out.Detail)
	}
}

// write sends a message of the customer: the first one opens the inquiry, and one
// that comes when it is closed another.
func (x *matter) write() {
	w, c := x.w, x.life.Case
	w.messages++
	in := inquiry.Receive{
		Message: inquiry.Message{Pool: pool, ID: virtual.Numbered(idMessage, w.messages), Channel: c.Channel, Account: c.Account, At: w.loop.Now()},
		Facts:   c.Facts,
		Parent:  x.lastID,
		New:     virtual.Numbered(idInquiry, 1<<40+w.messages),
	}
	if x.lastID.IsZero() { // the same in both worlds, whatever came before
		if in.New = c.inquiry; in.New.IsZero() {
			in.New = virtual.Numbered(idInquiry, uint64(x.n)+1)
		}
	}
	w.opening, x.lastID = x, in.Message.ID
	w.must("customer", in)
	w.opening = nil
}

// speak answers the customer.
func (x *matter) speak(by inquiry.OwnerID) {
	w, c := x.w, x.life.Case
	w.messages++
	w.act(by, inquiry.Receive{
		Message: inquiry.Message{
			Pool: pool, ID: virtual.Numbered(idMessage, w.messages), Direction: inquiry.FromUs,
			Channel: c.Channel, Account: c.Account, At: w.loop.Now(),
		},
		Parent: x.lastID, Speaker: by,
	})
}

// listen hears what the core made happen.
func (w *world) listen(at time.Time, _ *inquiry.Input, b *inquiry.Batch) {
	for i := range b.Events {
		e := &b.Events[i]
		if e.Inquiry.IsZero() {
			continue
		}
		x := w.byID[e.Inquiry]
		if x == nil {
			if e.Kind != inquiry.Opened || w.opening == nil {
				if e.Kind == inquiry.DutyOpened {
					w.beside++
				}
				w.script.duty(e)
				continue
			}
			x = w.opening
			if !x.id.IsZero() { // the one before is closed
				delete(w.byID, x.id)
			}
			x.id = e.Inquiry
			w.byID[x.id] = x
		}
		x.course.heard(w, e, at)
		x.holds(e)
		w.script.heard(x, e, at)
	}
}

// holds counts what everybody has in hand.
func (x *matter) holds(e *inquiry.Event) {
	w, now := x.w, x.holder
	switch e.Kind {
	case inquiry.Assigned, inquiry.Accepted, inquiry.HandedOver:
		now = e.Owner
	case inquiry.Released, inquiry.Resolved, inquiry.Closed:
		now = ""
	}
	if now == x.holder {
		return
	}
	w.inHand[x.holder]--
	w.inHand[now]++
	w.most[now] = max(w.most[now], w.inHand[now])
	x.holder = now
}

// Course is how a case went in one of the two runs.
type Course struct {
	// Rule is the rule of the policy that matched.
	Rule string `json:"rule,omitempty"`
	// Owners and Departments are who had it, one after the other. Departments of what
	// happened are the groups of the log.
	Owners      []inquiry.OwnerID `json:"owners,omitempty"`
	Departments []string          `json:"departments,omitempty"`
	// OwnedAt is when it had its first owner, zero if it never had one.
	OwnedAt time.Time `json:"owned_at,omitzero"`
	// ResolvedAt is when it was resolved for the last time, zero if it was not.
	ResolvedAt time.Time `json:"resolved_at,omitzero"`
	// Stranded means that nobody on the roster could ever have had it.
	Stranded bool `json:"stranded,omitempty"`
	// Deadlines are those that came to their end, or were missed, in order.
	Deadlines []Deadline `json:"deadlines,omitempty"`
	// Rests says what the course rests on, besides the record.
	Rests Basis `json:"rests,omitempty"`
}

// Deadline is a promise and whether it was kept.
type Deadline struct {
	Kind   sla.Kind  `json:"kind"`
	Due    time.Time `json:"due"`
	Missed bool      `json:"missed,omitempty"`
}

// Missed returns how many deadlines of a kind were missed; "" means all kinds.
func (c *Course) Missed(kind sla.Kind) int {
	n := 0
	for _, d := range c.Deadlines {
		if d.Missed && (kind == "" || d.Kind == kind) {
			n++
		}
	}
	return n
}

// Final returns who had the case last, "" for nobody.
func (c *Course) Final() inquiry.OwnerID {
	if len(c.Owners) == 0 {
		return ""
	}
	return c.Owners[len(c.Owners)-1]
}

// First returns who had the case first, "" for nobody.
func (c *Course) First() inquiry.OwnerID {
	if len(c.Owners) == 0 {
		return ""
	}
	return c.Owners[0]
}

func (c *Course) heard(w *world, e *inquiry.Event, at time.Time) {
	switch e.Kind {
	case inquiry.Routed, inquiry.Rerouted:
		if d, ok := e.Data.(inquiry.Routing); ok {
			c.Rule = d.Rule
		}
	case inquiry.Assigned, inquiry.Accepted, inquiry.HandedOver:
		c.owned(w.owners[e.Owner], e.Owner, at)
	case inquiry.Resolved:
		c.ResolvedAt = at
	case inquiry.Reopened, inquiry.Opened:
		c.ResolvedAt = time.Time{}
	case inquiry.Stranded:
		c.Stranded = true
	case inquiry.ClocksMet, inquiry.ClockBreached, inquiry.BreachWithdrawn:
		if d, ok := e.Data.(inquiry.Clocking); ok {
			c.clocks(e.Kind, d.Clocks)
		}
	}
}

func (c *Course) owned(o *owner, id inquiry.OwnerID, at time.Time) {
	if c.OwnedAt.IsZero() {
		c.OwnedAt = at
	}
	c.Owners = follow(c.Owners, id)
	if o != nil && o.Home() != "" {
		c.Departments = follow(c.Departments, o.Home())
	}
}

// follow adds who has it now, unless they had it already.
func follow[S ~[]E, E comparable](list S, next E) S {
	if len(list) > 0 && list[len(list)-1] == next {
		return list
	}
	return append(list, next)
}

func (c *Course) clocks(kind inquiry.EventKind, clocks []sla.Clock) {
	for _, k := range clocks {
		i := slices.IndexFunc(c.Deadlines, func(d Deadline) bool { return d.Kind == k.Kind && d.Due.Equal(k.Due) })
		switch {
		case kind == inquiry.BreachWithdrawn && i >= 0:
			c.Deadlines[i].Missed = false
		case i >= 0 && c.Deadlines[i].Missed: // met of late
		case kind == inquiry.ClockBreached:
			c.Deadlines = append(c.Deadlines, Deadline{k.Kind, k.Due, true})
		case k.State == sla.Met:
			c.Deadlines = append(c.Deadlines, Deadline{k.Kind, k.Due, false})
		}
	}
}
