package faultsim

import (
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/virtual"
)

// isSharing says in which seeds several pools share the store: five in thirty-two.
func isSharing(seed uint64) bool {
	switch seed % 32 {
	case 4, 7, 11, 16, 22:
		return true
	}
	return false
}

// poolsOf are the pools of a seed. Their names are such as keys that are put together
// carelessly would take for one another.
func poolsOf(seed uint64) []string {
	pools := []string{"default"}
	if isSharing(seed) {
		pools = append(pools, "default/do", "DEFAULT")[:2+seed/32%2]
	}
	return pools
}

// pacer is the one of all pools, with the keys of one of them.
type pacer struct {
	*virtual.Pacer
	prefix string
}

func (p pacer) At(at time.Time, key string, do func())       { p.Pacer.At(at, p.prefix+key, do) }
func (p pacer) After(d time.Duration, key string, do func()) { p.Pacer.After(d, p.prefix+key, do) }

// mark is what stands in every text of a pool that shares its store.
func (s *sim) mark() string {
	if isSharing(s.seed) {
		return " of " + s.pool
	}
	return ""
}

// twin gives the inquiries that transactions open the ids that those of other pools have.
func (s *sim) twin(in *inquiry.Input) {
	if r, ok := in.Do.(inquiry.Receive); ok && isSharing(s.seed) {
		r.New = inquiry.DeriveID("twin", r.Message.External)
		in.Do = r
	}
}

// asks holds what a node asks the store for to its pool.
func (c store) asks(pool string) {
	if pool != c.sim.pool {
		c.sim.pace.After(c.sim.jitter(c.name), c.name+" asks", func() { c.sim.wrong("H7 %s asks for pool %q", c.name, pool) })
	}
}
