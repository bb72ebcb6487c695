package core

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// Apply folds an event of the journal into the core: replay. It discards the
// rows and marks that it changes.
func (c *Core) Apply(e *inquiry.Event) error {
	var dirty dirtySet
	c.folder.Begin()
	err := c.apply(e, &dirty)
	if dirty.clear(); err != nil {
		return err
	}
	c.rearm(c.now)
	c.unmatched = true
	c.Discard()
	return nil
}

// apply is the only code that changes the core's state.
func (c *Core) apply(e *inquiry.Event, dirty *dirtySet) error {
	if e.Seq != c.seq+1 || e.Pool != c.pool {
		return fmt.Errorf("event %d of pool %q does not follow %d of %q", e.Seq, e.Pool, c.seq, c.pool)
	}
	var err error
	switch e.Kind {
	case inquiry.PolicyAdopted:
		err = c.applyPolicy(e, dirty)
	case inquiry.PlanAdded:
		p, ok := e.Data.(inquiry.Plan)
		if !ok {
			return fmt.Errorf("event %d: plan is %T", e.Seq, e.Data)
		}
		err = c.addPlan(&p)
	case inquiry.RosterChanged:
		err = c.applyRoster(e, dirty)
	case inquiry.HeartbeatSeen:
		err = c.applyHeartbeat(e)
	case inquiry.PresenceChanged:
		err = c.applyPresence(e, dirty)
	case inquiry.OwnerLeft:
		err = c.applyOwnerLeft(e)
	case inquiry.WorkReturning:
		err = c.applyReturning(e)
	case inquiry.ShiftEnded:
		err = c.applyShiftEnded(e)
	case inquiry.MatchingPaused, inquiry.MatchingEnded:
		err = c.applyPausing(e)
	default:
		err = c.applyInquiry(e, dirty)
	}
	if err != nil {
		return fmt.Errorf("event %d (%s): %w", e.Seq, e.Kind, err)
	}
	c.seq, c.now = e.Seq, e.RecordedAt
	return nil
}

func (c *Core) applyInquiry(e *inquiry.Event, dirty *dirtySet) error {
	x, ok := c.entry(e.Inquiry)
	if !ok {
		if e.Kind != inquiry.Opened && e.Kind != inquiry.DutyOpened && e.Kind != inquiry.SplitOff {
			return fmt.Errorf("inquiry %s is not live", e.Inquiry)
		}
		x = c.reuseEntry(e.Inquiry)
	}
	before := len(x.Persons)
	if err := c.folder.Apply(&x.Row, e); err != nil {
		return err
	}
	if !ok {
		c.enter(x)
	}
	if len(x.Persons) != before || !ok {
		c.indexPersons(x, before)
	}
	switch {
	case ofMessage(e.Kind):
		if in, isMessage := e.Do.(inquiry.Receive); isMessage {
			c.indexMessage(x, &in.Message)
		}
	case e.Kind == inquiry.SplitOff:
		if d, isSplit := e.Data.(inquiry.Splitting); isSplit {
			c.indexSplit(x, &d)
		}
	}
	if e.Kind == inquiry.Routed || e.Kind == inquiry.Retargeted || e.Kind == inquiry.Rerouted {
		p, known := c.plans[x.Plan]
		if !known {
			return fmt.Errorf("plan %s is unknown", x.Plan)
		}
		x.plan = p
	}
	if d, isOffering := e.Data.(inquiry.Offering); isOffering {
		for i, ch := range d.Charges {
			l := c.charging(i, ch.Limit)
			l.set(ch.EmptyAt)
			c.limitChanged(l)
		}
		if o := c.owner(e.Owner); o != nil {
			c.stands(o) // a limit of theirs may have been charged
		}
	}
	if o := c.owner(inquiry.ActorOf(e.Do)); o != nil {
		c.seen(o, e.RecordedAt, dirty)
	}
	c.noteContests(x)
	c.book(x, e, dirty)
	c.settle(x, dirty)
	c.rowChanged(x)
	c.touch(x)
	if x.State == inquiry.StateClosed {
		c.forget(x)
	}
	return nil
}

func newEntry(id inquiry.ID) *entry {
	return &entry{orderKey: orderKey{ID: id}, body: &body{Row: inquiry.Row{ID: id}}}
}

// reuseEntry makes an entry, in the memory of a closed one if there is any.
func (c *Core) reuseEntry(id inquiry.ID) *entry {
	var x *entry
	if n := len(c.closed); n > 0 {
		x, c.closed = c.closed[n-1], c.closed[:n-1]
	} else {
		x = new(entry)
	}
	x.ID, x.body = id, c.packer.room()
	*x.body = body{Row: inquiry.Row{ID: id}, messages: x.messages[:0], claims: x.claims[:0]}
	return x
}

// maxClosed bounds how many entries of closed inquiries are kept for reuse.
const maxClosed = 256

// reuse keeps the entry of a closed inquiry for reuse. Nothing refers to it
// when a Step is over, and others have copies of its row.
func (c *Core) reuse(x *entry) {
	known := x.queued || x.changed || x.loose || x.shortIn != nil || len(x.claims) > 0 || x.touched
	if known || len(c.closed) >= maxClosed {
		return
	}
	c.packer.spareRoom(x.body)
	*x = entry{}
	c.closed = append(c.closed, x)
}

// settle brings the queues in line with the row.
func (c *Core) settle(x *entry, dirty *dirtySet) {
	c.leaveShort(x, dirty)
	waits := x.State == inquiry.StateQueued && x.plan != nil
	if x.queued {
		if waits && keyOf(x) == x.orderKey && x.queue(c) == x.in {
			x.in.waiting.recount(x)
			x.in.joinCohort(x)
			x.in.mayHold = x.in.mayHold || !x.HeldUntil.IsZero()
			return
		}
		x.in.leaveCohort(x)
		x.in.waiting.remove(x)
		dirty.queue(x.in) // the next one may be the head now
		x.queued, x.in = false, nil
	}
	c.settleShort(x, dirty)
	if waits {
		x.orderKey, x.in = keyOf(x), x.queue(c)
		x.queued = true
		x.in.mayHold = x.in.mayHold || !x.HeldUntil.IsZero()
		if c.restoring {
			new(line).recount(x)
			x.in.arriving = append(x.in.arriving, x)
			x.in.joinCohort(x)
			return
		}
		x.in.waiting.insert(x)
		x.in.joinCohort(x)
		dirty.queue(x.in)
	}
}

// enter makes an inquiry live.
func (c *Core) enter(x *entry) {
	x.timer = c.timers.inquiries.Add(x)
	c.entries.add(x.ID, x)
}

// forget drops a closed inquiry.
func (c *Core) forget(x *entry) {
	c.entries.remove(x.ID, x)
	if c.found == x {
		c.found = nil
	}
	for _, p := range x.Persons {
		c.persons.remove(p, x)
	}
	c.conversations.remove(x.Conversation, x)
	delete(c.contested, x.ID)
	for _, m := range x.messages {
		c.messages.remove(m.id, x)
	}
	c.timers.inquiries.Free(x.timer)
	x.timer = 0
}

func (c *Core) indexPersons(x *entry, from int) {
	for _, p := range x.Persons[from:] {
		c.persons.add(p, x)
	}
}

// ofMessage reports whether an event of this kind says what became of the
// step's message. A step with a message may begin with an event of another
// inquiry.
func ofMessage(k inquiry.EventKind) bool {
	switch k {
	case inquiry.Opened, inquiry.MessageAdded, inquiry.MessageEdited, inquiry.ReplyObserved:
		return true
	}
	return false
}

func (c *Core) indexMessage(x *entry, m *inquiry.Message) {
	c.indexConversation(x)
	if m.Direction != inquiry.FromUs {
		c.rememberMessage(x, m.ID, m.Revision)
	}
}

func (c *Core) indexConversation(x *entry) {
	if k := x.Conversation; !k.IsZero() && !c.conversations.has(k, x) {
		c.conversations.add(k, x)
	}
}

// message finds a message of the inquiry by id, nil if it has none such.
func (b *body) message(id inquiry.ID) *message {
	for i := range b.messages {
		if b.messages[i].id == id {
			return &b.messages[i]
		}
	}
	return nil
}

func (c *Core) rememberMessage(x *entry, id inquiry.ID, revision int) {
	if m := x.message(id); m != nil {
		m.revision = revision
		return
	}
	x.messages = append(x.messages, message{id, revision})
	c.messages.add(id, x)
}

func (c *Core) applyPolicy(e *inquiry.Event, dirty *dirtySet) error {
	a, ok := e.Do.(inquiry.Adopt)
	if !ok {
		return fmt.Errorf("it carries %T, want an adopt", e.Do)
	}
	p := c.adopting
	if c.adopting = nil; p == nil {
		var err error
		if p, err = routing.Parse(a.Policy); err != nil {
			return err
		}
	}
	for key, l := range c.limits { // independent of each other: the order does not show
		if empty := l.converted(rateOf(p, key), e.RecordedAt); !empty.Equal(l.emptyAt) {
			l.emptyAt = empty
			c.limitChanged(l)
		}
	}
	c.usePolicy(p, dirty)
	for _, o := range c.ownerList {
		c.shiftChanged(o, e.RecordedAt)
	}
	c.markChanged("policy")
	return nil
}

// usePolicy puts a policy in force: limits, presence and shifts follow it at once.
func (c *Core) usePolicy(p *routing.Compiled, dirty *dirtySet) {
	c.policy = p
	before := make([]*limiter, len(c.ownerList))
	for i, o := range c.ownerList {
		before[i] = o.crowdLimit()
	}
	clear(c.buckets)
	for _, l := range c.limits { // independent of each other: the order does not show
		c.rate(l)
		l.set(l.emptyAt)
	}
	for _, o := range c.leaving {
		o.shift = shiftSpan{}
	}
	crowds := false // some owner belongs to another crowd now
	for i, o := range c.ownerList {
		o.shift = shiftSpan{}
		c.touch(o)
		c.stands(o)
		crowds = crowds || o.crowdLimit() != before[i]
	}
	for _, q := range c.queueList {
		q.laidOut = q.laidOut && !crowds
		dirty.queue(q)
	}
}

func (c *Core) addPlan(p *inquiry.Plan) error {
	id := p.ID()
	if _, ok := c.plans[id]; ok {
		return fmt.Errorf("plan %s is known already", id)
	}
	pl := &plan{Plan: p, id: id, schedules: make(map[string]*sla.Schedule, len(p.Calendars))}
	for _, cal := range p.Calendars {
		key := string(mustJSON(cal))
		s, ok := c.schedules[key]
		if !ok {
			var err error
			if s, err = cal.Compile(); err != nil {
				return fmt.Errorf("plan %s: calendar %s: %w", id, cal.Name, err)
			}
			c.schedules[key] = s
		}
		pl.schedules[cal.Name] = s
	}
	for i := range p.Targets {
		pl.lives = append(pl.lives, lifetimeOf(&p.Targets[i]))
	}
	pl.soft = p.Requirement.SoftParts()
	c.plans[id] = pl
	c.markChanged("plan/" + id.String())
	return nil
}

func (c *Core) applyRoster(e *inquiry.Event, dirty *dirtySet) error {
	r, ok := e.Do.(inquiry.Roster)
	if !ok {
		return fmt.Errorf("it carries %T, want a roster", e.Do)
	}
	for _, data := range r.Set {
		if o, known := c.owners[data.ID]; known && o.st.Leaving {
			c.stay(o, data, e.RecordedAt)
		} else if known {
			before := o.data
			o.data = data
			c.keepsRest(o, unqualified)
			c.holders.change(o, &before)
			c.shiftChanged(o, e.RecordedAt)
			c.findLimits(o)
			c.touch(o)
			c.stands(o)
			c.requalify(o, &before)
		} else {
			o := newOwner(data)
			c.addOwner(o, e.RecordedAt)
			c.requalify(o, nil)
		}
		c.markChanged("owner/" + string(data.ID))
		c.markChanged(presenceMark(data.ID))
	}
	for _, id := range r.Remove {
		if o, known := c.owners[id]; known {
			c.removeOwner(o)
			c.requalify(o, &o.data)
			c.markChanged("owner/" + string(id))
			c.markChanged(presenceMark(id))
		}
	}
	for _, id := range r.Leave {
		if o, known := c.owners[id]; known {
			c.leave(o)
			c.requalify(o, &o.data)
			c.markChanged(presenceMark(id))
		}
	}
	for _, q := range c.queueList {
		dirty.queue(q)
	}
	return nil
}

func (c *Core) addOwner(o *owner, now time.Time) {
	o.st.IdleSince = now
	c.owners[o.data.ID] = o
	c.listOwner(o)
}

// listOwner makes an owner a candidate for work.
func (c *Core) listOwner(o *owner) {
	i, _ := c.listed(o.data.ID)
	c.ownerList = slices.Insert(c.ownerList, i, o)
	c.holders.add(o)
	c.findLimits(o)
	c.touch(o)
	c.stands(o)
}

func (c *Core) removeOwner(o *owner) {
	delete(c.owners, o.data.ID)
	c.met = nil
	c.unlistOwner(o)
}

// listed is the position of an id in ownerList, or where it would be inserted.
func (c *Core) listed(id inquiry.OwnerID) (int, bool) {
	return slices.BinarySearchFunc(c.ownerList, id, func(o *owner, id inquiry.OwnerID) int { return cmp.Compare(o.data.ID, id) })
}

// unlistOwner makes an owner no candidate for work any more.
func (c *Core) unlistOwner(o *owner) {
	c.holders.remove(o)
	if i, found := c.listed(o.data.ID); found && c.ownerList[i] == o {
		c.ownerList = slices.Delete(c.ownerList, i, i+1)
	}
	o.gone = true
	c.touch(o)
	c.stands(o)
}

func (c *Core) applyHeartbeat(e *inquiry.Event) error {
	h, ok := e.Do.(inquiry.Heartbeat)
	if !ok {
		return fmt.Errorf("it carries %T, want a heartbeat", e.Do)
	}
	for _, id := range h.Owners {
		if o, known := c.owners[id]; known {
			o.st.SeenAt = e.RecordedAt
			c.stateChanged(o)
		}
	}
	return nil
}

func (c *Core) applyPresence(e *inquiry.Event, dirty *dirtySet) error {
	o, ok := c.owners[e.Owner]
	if !ok {
		return fmt.Errorf("%s is not on the roster", e.Owner)
	}
	d, ok := e.Data.(inquiry.PresenceChange)
	if !ok {
		return fmt.Errorf("data is %T", e.Data)
	}
	before := o.st.Presence
	o.st.Before = ""
	if d.Reason == lapsed {
		o.st.Before = before
	}
	o.st.Presence, o.st.Reason, o.st.SuspectUntil = d.Presence, d.Reason, d.SuspectUntil
	if d.Presence != inquiry.Offline || d.Reason == signedOff {
		c.keepsRest(o, signedOff)
	}
	c.cameOnline(o, before, e.RecordedAt)
	if _, own := e.Do.(inquiry.SetPresence); own {
		o.st.SeenAt = e.RecordedAt
	}
	c.ownerChanged(o)
	dirty.owner(o)
	return nil
}

// seen notes a sign of life, which also ends a suspicion.
func (c *Core) seen(o *owner, at time.Time, dirty *dirtySet) {
	if !o.st.SuspectUntil.IsZero() { // even if it is over: the journal does not say whether a step has looked since
		dirty.owner(o)
		c.stands(o)
	}
	o.st.SeenAt, o.st.SuspectUntil = at, time.Time{}
	c.stateChanged(o)
}
