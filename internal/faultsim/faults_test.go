package faultsim

import (
	"fmt"
	"strings"
	"time"

	"github.com/answerable-go/answerable/internal/virtual"
)

// swarm is which faults a seed has, and how much of each: some of them, so that
// one kind does not hide another.
type swarm struct {
	latency time.Duration // on average, one way

	// Of each call to the store, from 0 to 1.
	refused, slow, hangs, lost, repeated float64

	// How often, on average, over the time of trouble.
	crashes, stops, pauses, cuts, storeCrashes float64

	skewed bool // nodes whose clocks are off
	wakes  bool // the store tells nodes what others do

	// Of each notification, reply, question to the directory and message of the source.
	notify, reply, directory, source float64
	impatient                        bool // callers who do not wait long
	adopts                           bool // policies that change

	// How many inputs a commit carries at most: few, and the core goes on while the
	// store writes.
	commits int
}

func drawSwarm(c *virtual.Stream) swarm {
	w := swarm{latency: 500 * time.Microsecond << c.IntN(6), commits: 64}
	for _, of := range []struct {
		rate *float64
		most float64
	}{
		{&w.refused, 0.08},
		{&w.slow, 0.1},
		{&w.hangs, 0.02},
		{&w.lost, 0.1},
		{&w.repeated, 0.3},
		{&w.crashes, 9},
		{&w.stops, 6},
		{&w.pauses, 6},
		{&w.cuts, 6},
		{&w.storeCrashes, 6},
		{&w.notify, 0.6},
		{&w.reply, 0.6},
		{&w.directory, 0.5},
		{&w.source, 0.2},
	} {
		if yes, much := c.Chance(0.5), c.Float64(); yes {
			*of.rate = float64(of.most * much)
		}
	}
	w.skewed, w.wakes, w.impatient, w.adopts = c.Chance(0.5), c.Chance(0.5), c.Chance(0.4), c.Chance(0.6)
	if of := c.Split("commits"); of.Chance(0.4) {
		w.commits = 1 + of.IntN(2)
	}
	return w
}

func (w swarm) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "latency %s", w.latency)
	for _, of := range []struct {
		name string
		rate float64
	}{
		{"refused", w.refused},
		{"slow", w.slow},
		{"hangs", w.hangs},
		{"lost", w.lost},
		{"repeated", w.repeated},
		{"crashes", w.crashes},
		{"stops", w.stops},
		{"pauses", w.pauses},
		{"cuts", w.cuts},
		{"store crashes", w.storeCrashes},
		{"notify", w.notify},
		{"reply", w.reply},
		{"directory", w.directory},
		{"source", w.source},
	} {
		if of.rate > 0 {
			fmt.Fprintf(&b, ", %s %.3g", of.name, of.rate)
		}
	}
	fmt.Fprintf(&b, ", skewed %t, wakes %t, impatient %t, adopts %t, commits of %d", w.skewed, w.wakes, w.impatient, w.adopts, w.commits)
	return b.String()
}

// schedule draws when nodes and the store get into trouble.
func (w swarm) schedule(s *sim) {
	for _, of := range []struct {
		name string
		many float64
		do   func(*virtual.Stream)
	}{
		{"crash", w.crashes, func(c *virtual.Stream) { s.some(c).crashes(seconds(c, 0.2, 40)) }},
		{"stop", w.stops, func(c *virtual.Stream) { s.some(c).rests(seconds(c, 0.2, 40)) }},
		{"pause", w.pauses, func(c *virtual.Stream) { s.some(c).pauses(seconds(c, 5, 60)) }},
		{"cut", w.cuts, func(c *virtual.Stream) { s.some(c).isCutFor(seconds(c, 1, 60)) }},
		{"store crash", w.storeCrashes, func(c *virtual.Stream) { s.server.crashes(seconds(c, 0.1, 20)) }},
	} {
		c := s.chance.Split(of.name)
		at, n := s.start, 0
		for of.many > 0 {
			at = at.Add(virtual.Nanoseconds(c.Exp()/of.many, trouble))
			if !at.Before(s.quiet) {
				break
			}
			n++
			mine := c.SplitN(uint64(n))
			s.pace.At(at, fmt.Sprint(of.name, " ", n), func() { of.do(mine) })
		}
	}
}

// some node, rather the one that leads.
func (s *sim) some(c *virtual.Stream) *node {
	n := s.nodes[c.IntN(len(s.nodes))]
	if c.Chance(0.5) && s.server.leader != nil {
		for _, l := range s.nodes {
			if l.life != nil && l.life.conn == s.server.leader {
				return l
			}
		}
	}
	return n
}

func seconds(c *virtual.Stream, least, most float64) time.Duration {
	return virtual.Nanoseconds(least+float64(c.Float64()*(most-least)), time.Second)
}
