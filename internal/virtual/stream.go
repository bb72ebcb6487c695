package virtual

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
	"time"
)

// Stream is a stream of random numbers: PCG-DXSM (O'Neill 2014; 128 bits of
// state), as in math/rand/v2, whose output Go promises to keep. Streams can be
// split: the stream of a name within a stream depends on the seed and on the
// names, never on what was drawn before, so that an additional draw for one
// purpose changes no other.
type Stream struct {
	key [2]uint64
	pcg rand.PCG
}

// NewStream makes the stream of a seed.
func NewStream(seed uint64) *Stream { return keyed([2]uint64{seed, 0}) }

func keyed(key [2]uint64) *Stream {
	s := &Stream{key: key}
	s.pcg.Seed(mix(key[0]), mix(key[1]^0x9e3779b97f4a7c15))
	return s
}

// Split is the stream of a name within this one.
func (s *Stream) Split(name string) *Stream {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], s.key[0])
	binary.BigEndian.PutUint64(b[8:], s.key[1])
	sum := sha256.Sum256(append(b[:], name...))
	return keyed([2]uint64{binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:16])})
}

// SplitN is the stream of a number within this one. It costs less than Split.
func (s *Stream) SplitN(n uint64) *Stream {
	t := &Stream{}
	s.SplitInto(t, n)
	return t
}

// SplitInto is SplitN into an existing stream.
func (s *Stream) SplitInto(t *Stream, n uint64) {
	t.key = [2]uint64{mix(s.key[0] ^ mix(n)), mix(s.key[1] + n)}
	t.pcg.Seed(mix(t.key[0]), mix(t.key[1]^0x9e3779b97f4a7c15))
}

// mix is the finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Uint64 is a uniform number of 64 random bits.
func (s *Stream) Uint64() uint64 { return s.pcg.Uint64() }

// Float64 is uniform between 0 and 1, both excluded: an odd multiple of 2^-53.
func (s *Stream) Float64() float64 { return float64(s.pcg.Uint64()>>12<<1|1) * 0x1p-53 }

// Chance is true with a probability.
func (s *Stream) Chance(p float64) bool { return s.Float64() < p }

// Exp is exponential with mean 1, by inversion. It takes exactly one draw, so
// that two streams stay in step.
func (s *Stream) Exp() float64 { return -Log(s.Float64()) }

// Normal is normal with mean 0 and deviation 1, by Marsaglia's polar method.
func (s *Stream) Normal() float64 {
	for {
		u, v := float64(2*s.Float64())-1, float64(2*s.Float64())-1
		if q := float64(u*u) + float64(v*v); q < 1 && q > 0 {
			return float64(u * Sqrt(float64(-2*Log(q))/q))
		}
	}
}

// Gamma is gamma with a shape above 0 and mean 1 (Marsaglia, Tsang, ACM TOMS 26,
// 2000).
func (s *Stream) Gamma(shape float64) float64 {
	if shape < 1 {
		boost := Exp(Log(s.Float64()) / shape)
		return float64(s.gamma(shape+1)*boost) / shape
	}
	return s.gamma(shape) / shape
}

func (s *Stream) gamma(shape float64) float64 {
	d := shape - 1.0/3
	c := 1 / Sqrt(9*d)
	for {
		x := s.Normal()
		v := 1 + float64(c*x)
		if v <= 0 {
			continue
		}
		v = float64(float64(v*v) * v)
		u := s.Float64()
		if Log(u) < float64(0.5*x*x)+float64(d*float64(float64(1-v)+Log(v))) {
			return float64(d * v)
		}
	}
}

// Nanoseconds is a multiple of a duration in whole nanoseconds, rounded down,
// at least 0 and at most some 146 years.
func Nanoseconds(times float64, d time.Duration) time.Duration {
	const most = 1 << 62
	switch ns := times * float64(d); {
	case ns >= most:
		return most
	case ns > 0:
		return time.Duration(ns)
	}
	return 0
}

// IntN is uniform from 0 to n-1, for an n above 0 (Lemire, without the rejection:
// a bias below n/2^64).
func (s *Stream) IntN(n int) int {
	hi, _ := bits.Mul64(s.pcg.Uint64(), uint64(n))
	return int(hi)
}
