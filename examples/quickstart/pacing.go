package main

import (
	"context"
	"time"

	"github.com/answerable-go/answerable/adapters"
)

// runPlan is when a run begins and ends, and how fast it goes.
type runPlan struct {
	start  time.Time // of the timeline
	until  time.Time // at the latest
	silent time.Time // when one of the cast falls silent
	speed  float64
	haste  float64 // how many times as fast as usual the cast works
	resume bool    // the database had a journal already
}

const (
	maxSpeed = 1_000_000

	before = 5 * time.Minute // the first message
	after  = 12 * time.Hour  // the last one, at most
	wrapUp = 3 * time.Hour   // after the last one, as a rule

	soon   = 20 * time.Second // how long a small run takes
	latest = 60 * time.Second // and one of many rows
	perRow = 60 * time.Millisecond

	perCase    = 12 * time.Minute // of somebody's working time, on average
	workPerDay = 6 * time.Hour    // for that is what it comes to
)

// storyDay is the day on which files without times of their own begin: a Tuesday.
func storyDay() time.Time {
	return time.Date(2026, time.March, 10, 0, 0, 0, 0, berlin())
}

func berlin() *time.Location {
	l, err := time.LoadLocation(zone)
	if err != nil { // time/tzdata has it
		panic(err)
	}
	return l
}

// planRun chooses what the command line leaves open, and goes on where the
// store's journal ends.
func planRun(ctx context.Context, s *script, store adapters.Store, speed float64) (runPlan, error) {
	rec, err := store.Recover(ctx, pool)
	if err != nil {
		return runPlan{}, err
	}
	p := runPlan{start: s.begin().Add(-before), haste: 1, resume: rec.Head > 0}
	if rec.RecordedAt.After(p.start) {
		p.start = rec.RecordedAt
	}
	end := s.end()
	if p.start.After(end) {
		end = p.start
	}
	p.until = end.Add(after)

	local := s.begin().In(berlin())
	p.silent = time.Date(local.Year(), local.Month(), local.Day(), 11, 0, 0, 0, local.Location())

	// Many messages and few people: then these are quicker than people are.
	rows := len(s.messages)
	staff := 0
	for _, o := range owners {
		if !o.Bot {
			staff++
		}
	}
	if work := time.Duration(rows) * perCase / time.Duration(staff); s.retimed && work > workPerDay {
		p.haste = float64(work) / float64(workPerDay)
	}

	if p.speed = speed; speed == 0 {
		// What the disk takes comes on top: a timeline stands still meanwhile.
		takes := min(max(soon, time.Duration(rows)*perRow), latest)
		p.speed = float64(end.Add(wrapUp).Sub(p.start)) / float64(takes)
	}
	return p, nil
}

// seconds is a duration for a report: tenths are enough.
func seconds(d time.Duration) float64 {
	return float64(d.Round(100*time.Millisecond)) / float64(time.Second)
}
