package simulate

import (
	"slices"
	"time"

	"github.com/answerable-go/answerable/internal/virtual"
)

// arrivals yields the instants at which a class's inquiries come in, in order.
type arrivals interface {
	// next is the next instant, false if there is none before the end.
	next() (time.Time, bool)
}

// poisson is a Poisson process whose rate is constant for a while and then
// another. An exponential of mean 1 is used up along the rate, which is exact.
type poisson struct {
	at, end time.Time
	chance  *virtual.Stream
	// rate is the rate per hour from an instant on, and until when it holds.
	rate func(at time.Time) (perHour float64, until time.Time)
}

func (p *poisson) next() (time.Time, bool) {
	need := p.chance.Exp() // in inquiries
	for p.at.Before(p.end) {
		perHour, until := p.rate(p.at)
		span := float64(until.Sub(p.at)) / float64(time.Hour)
		if has := float64(perHour * span); has < need {
			need -= has
			p.at = until
			continue
		}
		p.at = p.at.Add(virtual.Nanoseconds(need/perHour, time.Hour))
		return p.at, p.at.Before(p.end)
	}
	return time.Time{}, false
}

// recorded are arrivals as they were.
type recorded struct {
	at []time.Time
}

func (r *recorded) next() (time.Time, bool) {
	if len(r.at) == 0 {
		return time.Time{}, false
	}
	at := r.at[0]
	r.at = r.at[1:]
	return at, true
}

// profile is the rate by hour and weekday, times what the day happens to be.
func profile(a *Arrivals, start time.Time, zone *time.Location, chance *virtual.Stream) func(time.Time) (float64, time.Time) {
	every := DefaultDispersionPeriod
	shape := 0.0
	if d := a.Dispersion; d != nil && d.CV > 0 {
		shape = 1 / float64(d.CV*d.CV)
		if d.Every > 0 {
			every = d.Every.Std()
		}
	}
	period, factor := int64(-1), 1.0
	flat := len(a.ByHour) == 0 && len(a.ByWeekday) == 0
	return func(at time.Time) (float64, time.Time) {
		rate, until := a.PerHour, at.Add(24*time.Hour)
		if !flat {
			local := at.In(zone)
			past := time.Duration(local.Minute())*time.Minute + time.Duration(local.Second())*time.Second + time.Duration(local.Nanosecond())
			until = at.Add(time.Hour - past)
			if len(a.ByHour) == 24 {
				rate = float64(rate * a.ByHour[local.Hour()])
			}
			if len(a.ByWeekday) == 7 {
				rate = float64(rate * a.ByWeekday[(int(local.Weekday())+6)%7])
			}
		}
		if shape > 0 {
			n := int64(at.Sub(start) / every)
			if n != period {
				period, factor = n, chance.SplitN(uint64(n)).Gamma(shape)
			}
			rate = float64(rate * factor)
			if next := start.Add(time.Duration(n+1) * every); next.Before(until) {
				until = next
			}
		}
		return rate, until
	}
}

// DefaultDispersionPeriod is how long a day's busyness lasts.
const DefaultDispersionPeriod = 24 * time.Hour

// minuteRate is a burst's rate, which changes by the minute where it fades.
func (b *Burst) rate(begin time.Time) func(time.Time) (float64, time.Time) {
	end := begin.Add(b.For.Std())
	return func(at time.Time) (float64, time.Time) {
		if b.HalfLife <= 0 {
			return b.PerHour, end
		}
		minute := at.Sub(begin) / time.Minute
		middle := minute*time.Minute + 30*time.Second
		lives := float64(middle) / float64(b.HalfLife.Std())
		until := begin.Add((minute + 1) * time.Minute)
		if until.After(end) {
			until = end
		}
		return float64(b.PerHour * virtual.Exp(float64(-ln2*lives))), until
	}
}

const ln2 = 0.6931471805599453

// sources are all processes from which a class's inquiries come. Each has a stream
// of its own, so that a burst more or less changes nothing else.
func (c *Class) sources(start, count, end time.Time, zone *time.Location, chance *virtual.Stream) []arrivals {
	var all []arrivals
	a := &c.Arrivals
	switch {
	case len(a.Recorded) > 0:
		r := &recorded{}
		for _, d := range a.Recorded {
			r.at = append(r.at, start.Add(d.Std()))
		}
		slices.SortFunc(r.at, time.Time.Compare)
		all = append(all, r)
	case a.PerHour > 0:
		all = append(all, &poisson{at: start, end: end, chance: chance.Split("gaps"), rate: profile(a, start, zone, chance.Split("busyness"))})
	default:
		all = append(all, &recorded{})
	}
	bursts := chance.Split("bursts")
	for i := range a.Bursts {
		b := &a.Bursts[i]
		begin := count.Add(b.At.Std())
		stop := begin.Add(b.For.Std())
		if stop.After(end) {
			stop = end
		}
		all = append(all, &poisson{at: begin, end: stop, chance: bursts.SplitN(uint64(i)), rate: b.rate(begin)})
	}
	return all
}
