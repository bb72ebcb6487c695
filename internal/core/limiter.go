package core

import (
	"math"
	"math/big"
	"slices"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// limiter is a token bucket. Its whole state is one instant: when the bucket
// was empty. The x/time/rate limiter is set to it for each charge, so that a
// restored limiter cannot differ from one that was never stopped.
type limiter struct {
	key     string
	mark    string        // the key of its mark
	rate    *routing.Rate // nil: no limit
	bucket  *bucket       // of the rate
	emptyAt time.Time     // zero: always full so far
	nextAt  time.Time     // when there is a token again
	marked  bool          // its mark has changed since the last Seal
}

// bucket is the x/time/rate limiter of a rate. All limiters of that rate share
// it, and set it to their own state before they use it.
type bucket struct {
	limiter *rate.Limiter
	limit   rate.Limit
	burst   int
	// wait is how long it takes from empty to the first token, rounded up to a
	// microsecond. enough means that x/time/rate, which counts in
	// floating-point numbers, agrees.
	wait   time.Duration
	enough bool
}

func newBucket(r *routing.Rate) *bucket {
	b := &bucket{limit: rate.Limit(float64(r.Events) / time.Duration(r.Per).Seconds()), burst: r.Burst}
	b.limiter = rate.NewLimiter(b.limit, b.burst)
	b.wait = time.Duration(math.Ceil(1e6/float64(b.limit))) * time.Microsecond
	b.enough = b.fills(time.Unix(0, 0), time.Unix(0, 0).Add(b.wait))
	return b
}

// since sets the bucket to a state in which it was empty at an instant; zero
// means that it is full.
func (b *bucket) since(emptyAt time.Time) *rate.Limiter {
	full := time.Unix(0, 0)
	b.limiter.SetLimitAt(full, rate.Inf) // an infinite rate fills it at once
	b.limiter.SetLimitAt(full.Add(time.Second), b.limit)
	if !emptyAt.IsZero() {
		b.limiter.AllowN(emptyAt, b.burst)
	}
	return b.limiter
}

// fills reports whether a bucket that was empty at one instant has a token at
// another.
func (b *bucket) fills(emptyAt, at time.Time) bool { return b.since(emptyAt).AllowN(at, 1) }

// Keys of limits.
const engineLimit = "engine"

func ownerLimit(id inquiry.OwnerID) string { return "owner/" + string(id) }
func departmentLimit(name string) string   { return "department/" + name }
func accountLimit(name string) string      { return "account/" + name }
func channelLimit(name string) string      { return "channel/" + name }

// blockedUntil is when the next dispatch is allowed, zero if one is allowed
// now.
func (l *limiter) blockedUntil(now time.Time) time.Time {
	if l.rate == nil || !l.nextAt.After(now) {
		return time.Time{}
	}
	return l.nextAt
}

// charged is when the bucket was empty, after one more dispatch now.
func (l *limiter) charged(now time.Time) time.Time {
	b := l.bucket.since(l.emptyAt)
	b.AllowN(now, 1)
	empty := time.Duration(b.TokensAt(now) / float64(l.bucket.limit) * float64(time.Second))
	return inquiry.Instant(now.Add(-empty))
}

// set sets the limiter's state and derives from it when there is a token again,
// rounded up to a microsecond.
func (l *limiter) set(emptyAt time.Time) {
	l.emptyAt, l.nextAt = emptyAt, time.Time{}
	if l.rate == nil || emptyAt.IsZero() {
		return
	}
	b := l.bucket
	l.nextAt = emptyAt.Add(b.wait).Truncate(time.Microsecond)
	if l.nextAt.Before(emptyAt.Add(b.wait)) {
		l.nextAt = l.nextAt.Add(time.Microsecond)
	}
	for !b.enough && !b.fills(emptyAt, l.nextAt) { // float rounding: at most a step or two
		l.nextAt = l.nextAt.Add(time.Microsecond)
	}
}

// converted translates the limiter's state to another rate, such that the
// bucket holds as many tokens at an instant as under its own rate: a new policy
// fills no bucket. The arithmetic is exact, rounded towards fewer tokens.
func (l *limiter) converted(to *routing.Rate, now time.Time) time.Time {
	if l.emptyAt.IsZero() || l.rate == nil || to == nil || *l.rate == *to {
		return l.emptyAt
	}
	number := func(n int) *big.Int { return big.NewInt(int64(n)) }
	product := func(a, b *big.Int) *big.Int { return new(big.Int).Mul(a, b) }
	full := new(big.Int).Div(product(number(l.rate.Burst), big.NewInt(int64(l.rate.Per))), number(l.rate.Events))
	filling := big.NewInt(int64(now.Sub(l.emptyAt)))
	if filling.Cmp(full) > 0 {
		filling = full
	}
	filling.Div(
		product(product(filling, number(l.rate.Events)), big.NewInt(int64(to.Per))),
		product(number(to.Events), big.NewInt(int64(l.rate.Per))),
	)
	if !filling.IsInt64() { // fuller than any bucket
		return time.Time{}
	}
	return now.Add(-time.Duration(filling.Int64()))
}

// limit is the limiter of a key, made when it is first asked for.
func (c *Core) limit(key string) *limiter {
	l, ok := c.limits[key]
	if !ok {
		l = &limiter{key: key, mark: "limit/" + key}
		c.limits[key] = l
		c.rate(l)
	}
	return l
}

// charging is the limiter of the nth charge of an offering, by its key: mostly
// one that the step itself has just charged.
func (c *Core) charging(n int, key string) *limiter {
	if n < len(c.charged) && c.charged[n].key == key {
		return c.charged[n]
	}
	return c.limit(key)
}

// rate makes a limiter follow the policy.
func (c *Core) rate(l *limiter) {
	l.rate, l.bucket = rateOf(c.policy, l.key), nil
	if l.rate == nil {
		return
	}
	b, ok := c.buckets[*l.rate]
	if !ok {
		b = newBucket(l.rate)
		c.buckets[*l.rate] = b
	}
	l.bucket = b
}

// rateOf is the rate that a policy sets for a limit, nil if it sets none.
func rateOf(p *routing.Compiled, key string) *routing.Rate {
	if p == nil {
		return nil
	}
	kind, name, _ := strings.Cut(key, "/")
	switch kind {
	case engineLimit:
		return p.Policy().Limits.Engine
	case "owner":
		return p.Policy().Limits.Owner
	case "ramp":
		return rampRate(p)
	case "department":
		d, _ := p.Department(name)
		return d.Limit
	case "account":
		return p.AccountLimit(name)
	case "channel":
		return p.ChannelLimit(name)
	}
	return nil
}

// findLimits finds the limits that a dispatch to an owner is charged to: the
// engine's, the owner's, and their department's, in this order.
func (c *Core) findLimits(o *owner) {
	o.limits = append(o.limits[:0], c.limit(engineLimit), c.limit(ownerLimit(o.data.ID)))
	if d := o.data.Home(); d != "" {
		o.limits = append(o.limits, c.limit(departmentLimit(d)))
	}
}

// limited is the limit that holds back a dispatch from a queue to an owner for
// the longest, and until when.
func (q *queue) limited(o *owner, now time.Time) (key string, until time.Time) {
	for _, limits := range [...][]*limiter{o.limits, q.limits} {
		for _, l := range limits {
			if t := l.blockedUntil(now); t.After(until) {
				key, until = l.key, t
			}
		}
	}
	return key, until
}

// holds lists all limits that hold back a dispatch from a queue to an owner.
func (q *queue) holds(o *owner, now time.Time) (out []routing.LimitHold) {
	for _, l := range slices.Concat(o.limits, q.limits) {
		if t := l.blockedUntil(now); !t.IsZero() {
			out = append(out, routing.LimitHold{Limit: l.key, Until: t})
		}
	}
	return out
}

// chargesFor are the charges of a dispatch from a queue to an owner, nil if no
// limit counts it.
func (c *Core) chargesFor(q *queue, o *owner, now time.Time) []inquiry.Charge {
	var room [6]inquiry.Charge
	out := room[:0]
	c.charged = c.charged[:0]
	for _, limits := range [...][]*limiter{o.limits, q.limits} {
		for _, l := range limits {
			if l.rate != nil {
				out = append(out, inquiry.Charge{Limit: l.key, EmptyAt: l.charged(now)})
				c.charged = append(c.charged, l)
			}
		}
	}
	return c.charges.Keep(c.rampCharge(out, o, now))
}
