package routing

import (
	"cmp"
	"fmt"
	"time"

	"github.com/answerable-go/answerable/inquiry"
)

// Work is what an inquiry takes of an owner.
type Work struct {
	Cost    int
	Channel string // the caps of owners count by it
	// Interruptible work in hand does not keep other work away. It comes itself
	// only where there is room beside everything.
	Interruptible bool
	// BeginBefore is how long before the end of their shift an owner gets it at the latest.
	BeginBefore time.Duration
}

// WorkOf returns what an inquiry with a plan takes. Of the duties beside an
// inquiry only a hand-off is work of the inquiry's channel: helping with a call
// or approving a mail is not.
func WorkOf(p *inquiry.Plan, channel string) Work {
	if !OfChannel(p.Duty) {
		channel = ""
	}
	return Work{Cost: p.Cost, Channel: channel, Interruptible: p.Interruptible, BeginBefore: p.BeginBefore.Std()}
}

// OfChannel reports whether a duty counts as work of its inquiry's channel, for
// the caps of owners.
func OfChannel(d inquiry.Duty) bool {
	return d == "" || d == inquiry.Resolving || d == inquiry.TakingOver
}

// InHand is how much work of a channel an owner has in hand, live offers and
// wrap-up included, but not work that waits at a waiting cost.
type InHand struct {
	Channel string
	N       int
	Firm    int // those of them that are not interruptible
}

// Beside returns the candidate as they would be with that work in hand, too.
func (c Candidate) Beside(w Work) Candidate {
	c.Load += w.Cost
	if w.Interruptible {
		c.Interruptible += w.Cost
	}
	if len(c.Owner.Caps) == 0 {
		return c
	}
	h, rest := c.inHand(w.Channel), make([]InHand, 0, len(c.InHand)+1)
	for _, k := range c.InHand {
		if k.Channel != w.Channel {
			rest = append(rest, k)
		}
	}
	if h.N++; !w.Interruptible {
		h.Firm++
	}
	c.InHand = append(rest, h)
	return c
}

// taken is how much of the capacity stands against the work: everything, or for
// work that is not interruptible itself everything but what is.
func (c *Candidate) taken(w Work) int {
	if w.Interruptible {
		return c.Load
	}
	return c.Load - c.Interruptible
}

func (c *Candidate) inHand(channel string) (h InHand) {
	for _, k := range c.InHand {
		if k.Channel == channel {
			return k
		}
	}
	return InHand{Channel: channel}
}

// surplus is work in hand that has to go before other work can come.
type surplus struct {
	channel string
	n       int // so many have to go
	cap     inquiry.Cap
	have    int
}

// tooMany is what an owner's caps have against work: too much of its own
// channel, work that wants them alone, or work beside which it cannot come.
func (c *Candidate) tooMany(w Work) (out []surplus) {
	for _, k := range c.Owner.Caps {
		switch h := c.inHand(k.Channel); {
		case k.Channel != w.Channel && k.Alone && h.N > 0:
			out = append(out, surplus{k.Channel, h.N, k, h.N})
		case k.Channel == w.Channel && h.N >= k.Max:
			out = append(out, surplus{k.Channel, h.N - k.Max + 1, k, h.N})
		}
		if k.Channel != w.Channel || !k.Alone {
			continue
		}
		for _, h := range c.InHand {
			if h.Channel != w.Channel && h.Firm > 0 && !c.alone(h.Channel) {
				out = append(out, surplus{h.Channel, h.Firm, k, h.Firm})
			}
		}
	}
	return out
}

// text says what a cap has against work of a channel.
func (m surplus) text(w Work) string {
	switch {
	case m.channel != m.cap.Channel:
		return fmt.Sprintf("has %d of %s in hand, and %s wants its owner alone", m.have, m.channel, w.Channel)
	case m.channel != w.Channel:
		return fmt.Sprintf("has %d of %s in hand, which wants its owner alone", m.have, m.channel)
	}
	return fmt.Sprintf("has %d of %s in hand, %d at most", m.have, m.channel, m.cap.Max)
}

// alone reports whether work of a channel wants the owner alone.
func (c *Candidate) alone(channel string) bool {
	for _, k := range c.Owner.Caps {
		if k.Channel == channel {
			return k.Alone
		}
	}
	return false
}

// free takes so much work of a channel out of an owner's hands, as their caps count it.
func (c *Candidate) free(channel string, n int) {
	hand := make([]InHand, len(c.InHand))
	for i, h := range c.InHand {
		if h.Channel == channel {
			h.N, h.Firm = max(0, h.N-n), max(0, h.Firm-n)
		}
		hand[i] = h
	}
	c.InHand = hand
}

// tooLate reports whether the shift ends before the work could be begun in time.
func (c *Candidate) tooLate(w Work, now time.Time) bool {
	return w.BeginBefore > 0 && !c.ShiftEnds.IsZero() && c.ShiftEnds.Sub(now) <= w.BeginBefore
}

// loadText says how an owner's capacity stands against the work.
func (s *Snapshot) loadText(c *Candidate) string {
	w := s.work()
	text := fmt.Sprintf("load %d of %d", c.taken(w), c.Owner.Capacity)
	if c.WrapUp > 0 {
		text += fmt.Sprintf(" (%d held by wrap-up until %s)", c.WrapUp, s.clock(c.WrapUpUntil))
	}
	return text + fmt.Sprintf(", needs %d", w.Cost)
}

func (s *Snapshot) shiftText(c *Candidate) string {
	if !c.OnShift {
		return fmt.Sprintf("is off shift (%s)", cmp.Or(c.Owner.Shift, "no calendar"))
	}
	return fmt.Sprintf("has a shift until %s, too short: it would have had to come before %s", s.clock(c.ShiftEnds), s.clock(c.ShiftEnds.Add(-s.work().BeginBefore)))
}

// work is what the inquiry takes.
func (s *Snapshot) work() Work { return WorkOf(s.Plan, s.Inquiry.Channel) }

// taking fills in what a plan says of an owner's capacity and shift.
func (c *Compiled) taking(p *inquiry.Plan, s *Settings, channel string) {
	ch := c.channels[channel]
	p.Cost = c.Cost(channel)
	p.WaitingCost, p.Interruptible = ch.WaitingCost, ch.Interruptible
	if p.WrapUp = s.WrapUp; p.WrapUp == 0 {
		p.WrapUp = ch.WrapUp
	}
	if p.BeginBefore = s.BeginBefore; p.BeginBefore == 0 {
		p.BeginBefore = c.policy.Presence.BeginBefore
	}
	if s.Waking != inquiry.Keep && p.WaitingCost != nil {
		p.Waking = s.Waking
	}
	if s.ShiftEnd != inquiry.Keep {
		p.ShiftEnd = s.ShiftEnd
	}
}

// taking checks what a channel says of capacity.
func (k *checker) taking(path string, c *Channel) {
	cost := cmp.Or(c.Cost, DefaultCost)
	if w := c.WaitingCost; w != nil && (*w < 0 || *w > cost) {
		k.fault(path+"/waiting_cost", "is %d: want 0 to %d, which is the cost of the channel, or leave it out", *w, cost)
	}
	if c.WrapUp < 0 {
		k.fault(path+"/wrap_up", "is %s: want 0 (none) or more", c.WrapUp)
	}
}

// fates checks what a rule says of work in hand.
func (k *checker) fates(path string, s *Settings) {
	for _, f := range []struct {
		name string
		fate inquiry.Fate
	}{{"waking", s.Waking}, {"shift_end", s.ShiftEnd}} {
		if f.fate != "" && f.fate != inquiry.Keep && f.fate != inquiry.Requeue {
			k.fault(path+"/"+f.name, "is %q: want %s or %s", f.fate, inquiry.Keep, inquiry.Requeue)
		}
	}
}
