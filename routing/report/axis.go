package report

import (
	"fmt"
	"math"

	"github.com/answerable-go/answerable/routing/simulate"
)

// axis turns values into places.
type axis struct {
	lo, hi   float64 // values at its ends
	from, to float64 // places of its ends
	wide     bool    // by factors
	unit     simulate.Unit
	signed   bool
	ticks    []float64
}

// at is the place of a value, within the axis.
func (a *axis) at(x float64) float64 {
	lo, hi := a.lo, a.hi
	x = min(hi, max(lo, x))
	if a.wide {
		lo, hi, x = math.Log(lo), math.Log(hi), math.Log(x)
	}
	if hi == lo || math.IsNaN(x) {
		return a.from
	}
	return a.from + (a.to-a.from)*(x-lo)/(hi-lo)
}

// name is a tick's.
func (a *axis) name(x float64) string {
	sign := ""
	if a.signed && x > 0 {
		sign = "+"
	}
	switch a.unit {
	case simulate.Share:
		return sign + trimmed(100*x)
	case simulate.Seconds:
		switch s := math.Abs(x); {
		case x == 0:
			return "0"
		case s < 60:
			return sign + trimmed(x) + "s"
		case s < 3600:
			return sign + trimmed(x/60) + "m"
		}
		return sign + trimmed(x/3600) + "h"
	}
	return sign + trimmed(x)
}

// trimmed is a number without needless digits.
func trimmed(x float64) string {
	if math.Abs(x) < countable {
		x = math.Round(1e6*x) / 1e6
	}
	return fmt.Sprintf("%.6g", x)
}

// decades are the ticks of a wide axis of time.
var decades = []float64{0.1, 1, 10, 60, 600, 3600, 36000, 360000, 3600000, 36000000, 360000000}

// axis fits one to the chart's values, with round numbers at its ends.
func (c *Chart) axis(from, to float64, stacked bool) *axis {
	lo, hi := c.extent(stacked)
	a := &axis{from: from, to: to, unit: c.Unit, signed: c.Signed}
	if c.Wide {
		a.wide = true
		a.decades(hi, c.least())
		return a
	}
	if !c.Signed {
		lo = 0
		if c.Unit == simulate.Share && c.greatest() <= 1 {
			hi = 1 // an interval may reach beyond what there can be
		}
	}
	lo, hi = min(0, lo), max(0, hi)
	if lo == hi {
		hi = map[simulate.Unit]float64{simulate.Share: 0.01, simulate.Seconds: 1}[c.Unit]
		if hi == 0 {
			hi = 1
		}
	}
	step := stepOf((hi-lo)/5, c.Unit)
	if c.Unit == simulate.Share && !c.Signed && hi <= 2 {
		step = 0.2
	}
	first, last := math.Floor(lo/step+1e-9), math.Ceil(hi/step-1e-9)
	for k := first; k <= last && len(a.ticks) < 20; k++ {
		a.ticks = append(a.ticks, k*step)
	}
	a.lo, a.hi = first*step, last*step
	return a
}

// least is the least value that is more than 0.
func (c *Chart) least() float64 {
	least := math.Inf(1)
	for i := range c.Series {
		for _, v := range c.Series[i].Values {
			if known(v) && v.Mean > 0 {
				least = min(least, v.Mean)
			}
		}
	}
	return least
}

func (c *Chart) greatest() float64 {
	most := 0.0
	for i := range c.Series {
		for _, v := range c.Series[i].Values {
			if known(v) {
				most = max(most, v.Mean)
			}
		}
	}
	return most
}

// decades are a wide axis's ticks, and its ends a little beyond the values.
func (a *axis) decades(hi, least float64) {
	if math.IsInf(least, 1) {
		least, hi = 1, 10
	}
	a.lo, a.hi = least/1.4, max(hi, 2*least)*1.25
	for _, d := range decades {
		if a.lo <= d && d <= a.hi {
			a.ticks = append(a.ticks, d)
		}
	}
}

// stepOf is the round number at or above one: 1, 2 or 5 times a power of ten or, of
// times, as on a clock.
func stepOf(x float64, u simulate.Unit) float64 {
	if u == simulate.Seconds {
		for _, s := range []float64{
			1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600, 48 * 3600, 120 * 3600, 240 * 3600,
		} {
			if x <= s && x > 0.5 {
				return s
			}
		}
	}
	if !(x > 0) || math.IsInf(x, 0) {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, f := range []float64{1, 2, 5} {
		if x <= f*power*(1+1e-9) {
			return f * power
		}
	}
	return 10 * power
}
