package prooftest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// window is what a limit allows at the most, and when something counted.
type window struct {
	events, burst int // the widest that it ever was
	per           time.Duration
	at            []time.Time
}

// allows checks every window that ends with the last dispatch: no more than rate
// times window plus burst, up to a millionth of a dispatch for the arithmetic of
// the bucket. It counts in integers.
func (k *window) allows(w *world, name string) {
	last := k.at[len(k.at)-1]
	for i, from := range k.at {
		n := int64(len(k.at) - i)
		excess := (n-int64(k.burst))*int64(k.per) - int64(k.events)*int64(last.Sub(from))
		require.LessOrEqual(w.t, excess, int64(k.per)/1_000_000, "%s: %d from %s to %s, of %d per %s and %d at once", name, n, from, last, k.events, k.per, k.burst)
	}
}

// counting counts dispatches by the policy in force and the owners' data.
func counting() property {
	limits := map[string]*window{}
	count := func(w *world, name string, r *routing.Rate, at time.Time) {
		if r == nil {
			return
		}
		k, known := limits[name]
		if !known {
			k = &window{per: r.Per.Std()}
			limits[name] = k
		}
		k.events, k.burst, k.at = max(k.events, r.Events), max(k.burst, r.Burst), append(k.at, at)
		k.allows(w, name)
	}
	return property{event: func(w *world, e *inquiry.Event) {
		x, plan, _, ok := w.automatic(e)
		if !ok {
			return
		}
		p, o := w.policy.Policy(), w.roster[e.Owner]
		count(w, "the engine", p.Limits.Engine, e.RecordedAt)
		count(w, string(o.ID), p.Limits.Owner, e.RecordedAt)
		if len(o.Departments) > 0 {
			d, _ := w.policy.Department(o.Departments[0])
			count(w, "department "+d.Name, d.Limit, e.RecordedAt)
		}
		if name := plan.Requirement.Account; name != "" {
			limit := p.Limits.Account
			for _, own := range p.Limits.Accounts {
				if own.Account == name {
					limit = own.Limit
				}
			}
			count(w, "account "+name, limit, e.RecordedAt)
		}
		limit := p.Limits.Channel
		for _, c := range p.Channels {
			if c.Name == x.Channel && c.Limit != nil {
				limit = c.Limit
			}
		}
		count(w, "channel "+x.Channel, limit, e.RecordedAt)
	}}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	t.Run("E1 over any window no more is dispatched than rate times window plus burst", func(t *testing.T) {
		rapidly(t, counting)
	})
	t.Run("E2 what waits for a limit alone is looked at again no later than the limit allows", func(t *testing.T) {
		holds(t, property{state: func(w *world) {
			for _, x := range w.waits() {
				v := w.view(w.core, x.ID, w.now)
				if v.held(w.now) { // for the customer's previous owner first
					continue
				}
				for i := range v.Candidates {
					c := &v.Candidates[i]
					if g := v.gates(c.Owner.ID, w.now); g == 0 || g&^routing.Timed != 0 {
						continue
					}
					wake := w.core.Wake()
					require.True(w.t, c.AllowedAt().After(w.now))
					require.False(w.t, wake.IsZero() || wake.After(c.AllowedAt()), "%s could have %s at %s, and the core sleeps until %s", c.Owner.ID, x.ID.Short(), c.AllowedAt(), wake)
				}
			}
		}})
	})
}
