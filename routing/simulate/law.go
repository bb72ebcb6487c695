package simulate

import (
	"fmt"
	"time"

	"github.com/answerable-go/answerable/internal/virtual"
	"github.com/answerable-go/answerable/sla"
)

// Law is how long something takes, as a distribution.
type Law struct {
	Law  LawName      `json:"law,omitempty"`  // default exponential; recorded, if there are values
	Mean sla.Duration `json:"mean,omitempty"` // above 0, but for recorded
	// CV is the coefficient of variation, deviation over mean, of lognormal and gamma.
	CV float64 `json:"cv,omitempty"`
	// Values are those of the recorded law, each as likely.
	Values []sla.Duration `json:"values,omitempty"`
}

// LawName names a distribution.
type LawName string

// The distributions.
const (
	Exponential   LawName = "exponential"
	Deterministic LawName = "deterministic"
	LogNormal     LawName = "lognormal"
	Gamma         LawName = "gamma"
	Recorded      LawName = "recorded"
)

var lawNames = []LawName{Exponential, Deterministic, LogNormal, Gamma, Recorded}

func (l *Law) name() LawName {
	switch {
	case l.Law != "":
		return l.Law
	case len(l.Values) > 0:
		return Recorded
	}
	return Exponential
}

// String returns the law in words: "lognormal, mean 6m, cv 0.8".
func (l Law) String() string {
	switch l.name() {
	case Recorded:
		return fmt.Sprintf("recorded, %d values", len(l.Values))
	case LogNormal, Gamma:
		return fmt.Sprintf("%s, mean %s, cv %g", l.name(), l.Mean, l.CV)
	}
	return fmt.Sprintf("%s, mean %s", l.name(), l.Mean)
}

// mean is the law's mean.
func (l *Law) mean() time.Duration {
	if l.name() != Recorded {
		return l.Mean.Std()
	}
	sum := time.Duration(0)
	for _, v := range l.Values {
		sum += v.Std() / time.Duration(len(l.Values))
	}
	return sum
}

// sampler draws from a law, in whole nanoseconds.
type sampler struct {
	law       LawName
	mean      time.Duration
	shift     float64 // of lognormal: the mean of the logarithm of what multiplies the mean
	deviation float64 // and its deviation
	shape     float64 // of gamma
	values    []sla.Duration
}

func newSampler(l *Law) *sampler {
	s := &sampler{law: l.name(), mean: l.Mean.Std(), values: l.Values}
	switch s.law {
	case LogNormal:
		variance := virtual.Log(1 + float64(l.CV*l.CV))
		s.shift, s.deviation = -variance/2, virtual.Sqrt(variance)
	case Gamma:
		s.shape = 1 / float64(l.CV*l.CV)
	}
	return s
}

func (s *sampler) draw(r *virtual.Stream) time.Duration {
	switch s.law {
	case Deterministic:
		return s.mean
	case LogNormal:
		return virtual.Nanoseconds(virtual.Exp(s.shift+float64(s.deviation*r.Normal())), s.mean)
	case Gamma:
		return virtual.Nanoseconds(r.Gamma(s.shape), s.mean)
	case Recorded:
		return s.values[r.IntN(len(s.values))].Std()
	}
	return virtual.Nanoseconds(r.Exp(), s.mean)
}
