package routing

import (
	"slices"
	"time"
)

// limit is the rate limit that holds an owner for the longest, "" if that is
// not known.
func (c *Candidate) limit() string {
	for _, l := range c.Limits {
		if l.Until.Equal(c.LimitedUntil) {
			return l.Limit
		}
	}
	return ""
}

// held are the rate limits that hold an owner at an instant.
func (c *Candidate) held(now time.Time) []LimitHold {
	var out []LimitHold
	for _, l := range c.Limits {
		if l.Until.After(now) {
			out = append(out, l)
		}
	}
	if len(out) == 0 && c.LimitedUntil.After(now) { // by one that has no name here
		out = append(out, LimitHold{Until: c.LimitedUntil})
	}
	return out
}

// liftLimit lifts a rate limit for everybody whom it holds; one without a name
// for c alone.
func (s *Snapshot) liftLimit(name string, c *Candidate) {
	if name == "" {
		c.LimitedUntil = time.Time{}
		return
	}
	for i := range s.Candidates {
		o := &s.Candidates[i]
		if !slices.ContainsFunc(o.Limits, func(l LimitHold) bool { return l.Limit == name }) {
			continue
		}
		o.Limits = slices.DeleteFunc(slices.Clone(o.Limits), func(l LimitHold) bool { return l.Limit == name })
		o.LimitedUntil = time.Time{}
		for _, l := range o.Limits {
			if l.Until.After(o.LimitedUntil) {
				o.LimitedUntil = l.Until
			}
		}
	}
}
