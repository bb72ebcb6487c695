package routing

import (
	"slices"
	"strings"
	"time"

	"github.com/answerable-go/answerable/inquiry"
)

// Gates is a set of reasons for which an owner may not have an inquiry. The
// empty set means that they may.
type Gates uint32

// The gates. All are asked before any score is taken.
const (
	GateSkills      Gates = 1 << iota // lacks a skill at the level asked for
	GateLanguage                      // does not speak the language
	GateVoice                         // may not speak through the account
	GateDepartment                    // is in none of the departments asked for
	GateAuthority                     // may not decide what it takes
	GateSize                          // could not hold it even with nothing else in hand
	GatePresence                      // is away or offline
	GateSuspect                       // let an offer expire lately
	GateShift                         // is off shift
	GateCapacity                      // has not enough room left
	GateLimit                         // has had enough dispatches for now
	GateExclusion                     // declined it, or let it pass, lately
	GateOffered                       // has a live offer of it already
	GateRamp                          // came online lately, and has had enough for now
	GateChannel                       // has enough of a channel in hand, by their caps
	GateAffiliation                   // belongs to us in a way that may not speak there
)

// Busy are the gates that open when work in hand ends.
const Busy = GateCapacity | GateChannel

// Lasting are the gates that no waiting opens: only another roster or rule
// does.
const Lasting = GateSkills | GateLanguage | GateVoice | GateDepartment | GateAuthority | GateSize | GateAffiliation

// Timed are the gates that open at a known instant, so that the wait can be
// told.
const Timed = GateLimit | GateRamp

// Particular are the gates that concern one inquiry, and none of those behind
// it in the queue.
const Particular = GateExclusion | GateOffered

var gateNames = [...]string{
	"skills", "language", "voice", "department", "authority", "size",
	"presence", "suspect", "shift", "capacity", "limit", "exclusion",
	"offered", "ramp", "channel", "affiliation",
}

// Names lists the gates in the set.
func (g Gates) Names() []string {
	var names []string
	for i, n := range gateNames {
		if g&(1<<i) != 0 {
			names = append(names, n)
		}
	}
	return names
}

// String lists the gates, "none" for the empty set.
func (g Gates) String() string {
	if g == 0 {
		return "none"
	}
	return strings.Join(g.Names(), ", ")
}

// Candidate is an owner as they stand at an instant.
type Candidate struct {
	Owner        *inquiry.Owner
	Presence     inquiry.Presence
	SuspectUntil time.Time
	OnShift      bool
	ShiftEnds    time.Time // the end of their present shift, zero if there is none
	Load         int       // in hand, live offers and wrap-up included
	// Interruptible is the part of Load that does not keep other work away. WrapUp
	// is the part that is held by wrap-up, the first of it until WrapUpUntil.
	Interruptible int
	WrapUp        int
	WrapUpUntil   time.Time
	InHand        []InHand  // by channel, of an owner with caps
	Utilisation   int       // the share of the capacity used lately, 0 to 999
	IdleSince     time.Time // when they last got or ended work
	LimitedUntil  time.Time // when the last of the rate limits that hold them opens, zero if none does
	RampUntil     time.Time // when their login ramp opens, zero if it does not hold them
	Offered       bool      // has a live offer of the inquiry
	Bonus         int       // the host's scorer's bonus for this inquiry, 0 to 999
	// Limits are all rate limits that hold them, for an explanation. They may be
	// left out.
	Limits []LimitHold
}

// AllowedAt returns when all limits that hold the owner now, the ramp included,
// have opened.
func (c *Candidate) AllowedAt() time.Time {
	if c.RampUntil.After(c.LimitedUntil) {
		return c.RampUntil
	}
	return c.LimitedUntil
}

// LimitHold is a rate limit that holds an owner back, and until when. Those of
// the engine, an account and a channel hold everybody alike.
type LimitHold struct {
	Limit string    `json:"limit"` // engine, department/<name>, owner/<id>, account/<name> or channel/<name>
	Until time.Time `json:"until"`
}

// Qualifies returns the lasting gates: whether the owner could ever have it.
// See [Lasting].
func Qualifies(req *inquiry.Requirement, cost int, o *inquiry.Owner) Gates {
	var g Gates
	for _, s := range req.Skills {
		if o.Level(s.Skill) < s.Min {
			g |= GateSkills
			break
		}
	}
	for i := range req.AnyOf {
		if !meetsAny(&req.AnyOf[i], o) {
			g |= GateSkills
			break
		}
	}
	for _, a := range req.Authority {
		if !o.May(a) {
			g |= GateAuthority
			break
		}
	}
	if !o.Speaks(req.Language) {
		g |= GateLanguage
	}
	g |= Speaks(req, o)
	if len(req.Departments) > 0 && !slices.ContainsFunc(req.Departments, o.In) {
		g |= GateDepartment
	}
	if cost > o.Capacity {
		g |= GateSize
	}
	return g
}

// meetsAny reports whether an owner has one of a group's skills.
func meetsAny(g *inquiry.SkillGroup, o *inquiry.Owner) bool {
	return slices.ContainsFunc(g.Any, func(s inquiry.SkillRequirement) bool { return o.Level(s.Skill) >= s.Min })
}

// Passing returns the gates that open and close with time: whether an owner who
// qualifies could have it now. excludedUntil is until when the inquiry itself
// passes the owner over.
func Passing(w Work, c *Candidate, excludedUntil, now time.Time) Gates {
	var g Gates
	if c.Presence != inquiry.Online {
		g |= GatePresence
	}
	if c.SuspectUntil.After(now) {
		g |= GateSuspect
	}
	if !c.OnShift || c.tooLate(w, now) {
		g |= GateShift
	}
	if c.taken(w)+w.Cost > c.Owner.Capacity {
		g |= GateCapacity
	}
	if len(c.Owner.Caps) > 0 && len(c.tooMany(w)) > 0 {
		g |= GateChannel
	}
	if c.LimitedUntil.After(now) {
		g |= GateLimit
	}
	if excludedUntil.After(now) {
		g |= GateExclusion
	}
	if c.Offered {
		g |= GateOffered
	}
	if c.RampUntil.After(now) {
		g |= GateRamp
	}
	return g
}

// Check returns every gate that keeps an owner from an inquiry now. It is the
// one predicate that matching, explaining and proving all use. excludedUntil is
// until when the inquiry itself passes the owner over.
func Check(req *inquiry.Requirement, w Work, c *Candidate, excludedUntil, now time.Time) Gates {
	return Qualifies(req, w.Cost, c.Owner) | Passing(w, c, excludedUntil, now)
}
