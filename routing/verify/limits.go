package verify

import (
	"math/big"
	"strings"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// bucket is a token bucket, counted in whole numbers: a token is as many units as
// its rate's period has nanoseconds, and each nanosecond brings as many units as
// the rate has events.
//
// It is kept twice. level goes by the dispatches alone and is what proves that
// there are never too many over any window. emptyAt is what the journal says,
// and proves that each charge follows from the one before it.
type bucket struct {
	rate    *routing.Rate // nil: no limit now
	level   *big.Int      // as of at; nil: never used, full
	at      time.Time
	emptyAt time.Time // by the journal; zero: never used
}

// The tolerances. The engine's buckets count in floating point: an instant that is
// computed from one may be off by some nanoseconds, and over a long time
// without ever being full these add up, to less than a thousandth of a token.
const (
	chargeTolerance = time.Microsecond
	perToken        = 1000
)

func units(n int64) *big.Int { return big.NewInt(n) }

func times(a, b *big.Int) *big.Int { return new(big.Int).Mul(a, b) }

func (b *bucket) burst() *big.Int { return times(units(int64(b.rate.Burst)), units(int64(b.rate.Per))) }

// filled are the units at an instant, of so many at an earlier one.
func (b *bucket) filled(level *big.Int, from, to time.Time) *big.Int {
	if level == nil {
		return b.burst()
	}
	more := times(units(int64(to.Sub(from))), units(int64(b.rate.Events)))
	if more.Add(more, level); more.Cmp(b.burst()) > 0 {
		return b.burst()
	}
	return more
}

// use takes a token at an instant and reports whether there was one.
func (b *bucket) use(now time.Time) bool {
	b.level, b.at = b.filled(b.level, b.at, now), now
	b.level.Sub(b.level, units(int64(b.rate.Per)))
	return b.level.Cmp(units(-int64(b.rate.Per)/perToken)) >= 0
}

// charged is when the bucket was empty, by the journal, after one more token.
func (b *bucket) charged(now time.Time) time.Time {
	left := b.burst()
	if !b.emptyAt.IsZero() {
		left = b.filled(new(big.Int), b.emptyAt, now)
	}
	left.Sub(left, units(int64(b.rate.Per)))
	left.Div(left, units(int64(b.rate.Events)))
	return now.Add(-time.Duration(left.Int64()))
}

// free reports whether there is a token, by the journal; sure is false so near to
// the instant at which there is one again that rounding decides.
func (b *bucket) free(now time.Time) (free, sure bool) {
	if b.rate == nil || b.emptyAt.IsZero() {
		return true, true
	}
	next := b.emptyAt.Add(time.Duration(int64(b.rate.Per) / int64(b.rate.Events)))
	away := now.Sub(next)
	return away >= 0, away < -4*time.Microsecond || away > 4*time.Microsecond
}

// changed gives the bucket another rate: it holds as much as before, but for
// what the new one cannot hold.
func (b *bucket) changed(to *routing.Rate, now time.Time) {
	from := b.rate
	if from != nil && to != nil && *from != *to && !b.emptyAt.IsZero() {
		b.level, b.at = b.filled(b.level, b.at, now), now
		b.level = times(b.level, units(int64(to.Per)))
		b.level.Div(b.level, units(int64(from.Per)))
		left, full := b.filled(new(big.Int), b.emptyAt, now), b.burst()
		if full.Sub(full, new(big.Int).Mod(full, units(int64(from.Events)))); left.Cmp(full) > 0 {
			left = full // which it is after whole nanoseconds
		}
		left = times(left, units(int64(to.Per)))
		left.Div(left, times(units(int64(from.Per)), units(int64(to.Events))))
		if b.emptyAt = (time.Time{}); left.IsInt64() {
			b.emptyAt = now.Add(-time.Duration(left.Int64()))
		} else {
			b.level = nil
		}
	}
	if b.rate = to; to == nil {
		return
	}
	switch {
	case b.emptyAt.IsZero():
		b.level = nil
	case from == nil: // while there was no limit it filled by the one that comes
		b.level, b.at = new(big.Int), b.emptyAt
	case b.level != nil && b.level.Cmp(b.burst()) > 0:
		b.level = b.burst()
	}
}

// bucket is that of a key.
func (v *Verifier) bucket(key string) *bucket {
	b, ok := v.buckets[key]
	if !ok {
		b = &bucket{rate: v.rate(key)}
		v.buckets[key] = b
	}
	return b
}

// rate is what the policy in force says of a limit, nil for none.
func (v *Verifier) rate(key string) *routing.Rate {
	if v.policy == nil {
		return nil
	}
	kind, name, _ := strings.Cut(key, "/")
	switch kind {
	case "engine":
		return v.settings.Limits.Engine
	case "owner":
		return v.settings.Limits.Owner
	case "ramp":
		return v.settings.Presence.Ramp.Rate()
	case "department":
		d, _ := v.policy.Department(name)
		return d.Limit
	case "account":
		return v.policy.AccountLimit(name)
	case "channel":
		return v.policy.ChannelLimit(name)
	}
	return nil
}

func (v *Verifier) ramp() *routing.Ramp {
	if v.policy == nil {
		return nil
	}
	return v.settings.Presence.Ramp
}

// limitsOf are the keys that a dispatch of an inquiry to an owner is counted
// against, the ramp aside, in the order in which it is.
func limitsOf(x *held, o *owner) []string {
	keys := []string{"engine", "owner/" + string(o.ID)}
	if d := o.Home(); d != "" {
		keys = append(keys, "department/"+d)
	}
	return append(keys, "account/"+x.plan.Requirement.Account, "channel/"+x.Channel)
}

// rampEnds is when an owner's login ramp is over, zero if there is none.
func (v *Verifier) rampEnds(o *owner) time.Time {
	if r := v.ramp(); r != nil && !o.Bot && !o.onlineSince.IsZero() && o.presence == inquiry.Online {
		return o.onlineSince.Add(r.Lasts())
	}
	return time.Time{}
}

// ramped reports whether a dispatch to an owner is counted against a ramp.
func (v *Verifier) ramped(o *owner, now time.Time) bool {
	return v.rampEnds(o).After(now) || o.comesBack() && v.ramp() != nil
}

// limited reports whether a limit, or the ramp, holds a dispatch back now.
func (v *Verifier) limited(x *held, o *owner, now time.Time, taken bool) (limit, ramp, sure bool) {
	sure = true
	look := func(key string) bool {
		free, certain := v.bucket(key).free(now)
		sure = sure && certain
		return !free
	}
	for _, key := range limitsOf(x, o) {
		limit = look(key) || limit
	}
	if v.rampEnds(o).After(now) || taken && v.ramped(o, now) {
		ramp = look("ramp/" + string(o.ID))
	}
	return limit, ramp, sure
}

// charges holds what a dispatch was counted against, and how.
func (v *Verifier) charges(x *held, o *owner, d *inquiry.Offering, e *inquiry.Event) {
	var want []string
	for _, key := range limitsOf(x, o) {
		if v.bucket(key).rate != nil {
			want = append(want, key)
		}
	}
	if v.ramped(o, e.RecordedAt) {
		want = append(want, "ramp/"+string(o.ID))
	}
	for i, c := range d.Charges {
		v.report.tried(Limit)
		if i >= len(want) || want[i] != c.Limit {
			v.find(Limit, e, "it is counted against %s, and was to be against %q", c.Limit, want)
			return
		}
		b := v.bucket(c.Limit)
		if b.rate == nil {
			continue // a ramp of a policy without one: said already
		}
		at := b.charged(e.RecordedAt)
		if off := c.EmptyAt.Sub(at); off < -chargeTolerance || off > chargeTolerance {
			v.find(Limit, e, "%s was empty at %s by it, with what went before at %s", c.Limit, stamp(c.EmptyAt), stamp(at))
		}
		if !b.use(e.RecordedAt) {
			v.find(Limit, e, "%s allows %d per %s and %d at once: this is one too many", c.Limit, b.rate.Events, b.rate.Per, b.rate.Burst)
		}
		b.emptyAt = c.EmptyAt
	}
	if len(d.Charges) < len(want) {
		v.find(Limit, e, "it is not counted against %s", want[len(d.Charges)])
	}
}

// limitation holds a wait for a limit against the bucket.
func (v *Verifier) limitation(e *inquiry.Event) {
	d, ok := e.Data.(inquiry.Limitation)
	if !ok {
		return
	}
	v.report.tried(Limit)
	b := v.bucket(d.Limit)
	free, sure := b.free(e.RecordedAt)
	switch {
	case b.rate == nil:
		v.find(Limit, e, "it waits for %s, and there is no such limit", d.Limit)
	case free && sure:
		v.find(Limit, e, "it waits for %s, which has a dispatch left", d.Limit)
	case !d.Until.After(e.RecordedAt):
		v.find(Limit, e, "it waits for %s until %s, which is over", d.Limit, stamp(d.Until))
	case !strings.HasPrefix(d.Limit, "ramp/"):
		next := b.emptyAt.Add(time.Duration(int64(b.rate.Per) / int64(b.rate.Events)))
		if off := d.Until.Sub(next); off < -4*time.Microsecond || off > 4*time.Microsecond {
			v.find(Limit, e, "it waits for %s until %s, which is free again at %s", d.Limit, stamp(d.Until), stamp(next))
		}
	}
}
