package virtual

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/core"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

var monday = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

func TestLoop(t *testing.T) {
	t.Parallel()

	t.Run("happenings come by instant, then rank, then the order in which they were added", func(t *testing.T) {
		t.Parallel()
		l := NewLoop(monday)
		var got []string
		say := func(s string) func() {
			return func() { got = append(got, fmt.Sprint(s, " ", l.Now().Sub(monday))) }
		}
		l.At(monday.Add(2), Normal, say("c"))
		l.At(monday.Add(1), Last, say("b"))
		l.At(monday.Add(1), Normal, say("a"))
		l.At(monday.Add(1), Normal, say("a2"))
		l.At(monday.Add(1), First, say("timer"))
		gone := l.At(monday.Add(1), Normal, say("cancelled"))
		l.Cancel(gone)
		l.Cancel(gone)
		l.Run(monday.Add(5))
		require.Equal(t, []string{"timer 1ns", "a 1ns", "a2 1ns", "b 1ns", "c 2ns"}, got)
		require.Equal(t, monday.Add(5), l.Now())
		require.Zero(t, l.Len())
		require.False(t, l.Step())
	})

	t.Run("what would be in the past happens now, after what is there already", func(t *testing.T) {
		t.Parallel()
		l := NewLoop(monday)
		var got []string
		l.After(time.Second, func() {
			l.At(monday, Normal, func() { got = append(got, "late "+l.Now().Sub(monday).String()) })
		})
		l.After(time.Second, func() { got = append(got, "in time") })
		l.Run(monday.Add(time.Second))
		require.Equal(t, []string{"in time", "late 1s"}, got)
	})

	t.Run("a name that was handed out again cancels nothing", func(t *testing.T) {
		t.Parallel()
		l := NewLoop(monday)
		happened := false
		old := l.After(0, func() {})
		l.Step()
		l.After(0, func() { happened = true })
		l.Cancel(old)
		l.Step()
		require.True(t, happened)
	})
}

// The draws are the same on every machine: this sum must not depend on it.
func TestStreamIsTheSameEverywhere(t *testing.T) {
	t.Parallel()
	h := sha256.New()
	s := NewStream(1).Split("class").Split("gaps").SplitN(7)
	for i := range 20_000 {
		shape := 0.2 + float64(i%40)/8
		for _, d := range []time.Duration{
			Nanoseconds(s.Exp(), time.Hour),
			Nanoseconds(s.Gamma(shape), time.Hour),
			Nanoseconds(Exp(float64(0.8*s.Normal())), time.Hour),
			time.Duration(s.IntN(i + 1)),
		} {
			var b [8]byte
			binary.BigEndian.PutUint64(b[:], uint64(d))
			_, _ = h.Write(b[:])
		}
	}
	require.Equal(t, "f272e76338eb3ad762a60baf1ad25b39f9d0d5bcff9cee05f47b16481c1e5fe5", hex.EncodeToString(h.Sum(nil)))
}

func TestStream(t *testing.T) {
	t.Parallel()

	t.Run("what is drawn from a stream changes no stream within it", func(t *testing.T) {
		t.Parallel()
		a, b := NewStream(5), NewStream(5)
		b.Uint64()
		require.Equal(t, a.Split("x").Uint64(), b.Split("x").Uint64())
		require.Equal(t, a.SplitN(3).Uint64(), b.SplitN(3).Uint64())
		require.NotEqual(t, a.Split("x").Uint64(), a.Split("y").Uint64())
		require.NotEqual(t, a.SplitN(3).Uint64(), a.SplitN(4).Uint64())
		require.NotEqual(t, a.SplitN(1).SplitN(2).Uint64(), a.SplitN(2).SplitN(1).Uint64())
		require.NotEqual(t, NewStream(5).Uint64(), NewStream(6).Uint64())
	})

	t.Run("means and variances are those of the laws", func(t *testing.T) {
		t.Parallel()
		const n = 200_000
		s := NewStream(3)
		for _, law := range []struct {
			name           string
			mean, variance float64
			draw           func() float64
		}{
			{"uniform", 0.5, 1.0 / 12, s.Float64},
			{"exponential", 1, 1, s.Exp},
			{"normal", 0, 1, s.Normal},
			{"gamma 0.5", 1, 2, func() float64 { return s.Gamma(0.5) }},
			{"gamma 4", 1, 0.25, func() float64 { return s.Gamma(4) }},
			{"of six", 2.5, 35.0 / 12, func() float64 { return float64(s.IntN(6)) }},
		} {
			sum, squares := 0.0, 0.0
			for range n {
				v := law.draw()
				sum += v
				squares += v * v
			}
			mean := sum / n
			require.InDelta(t, law.mean, mean, 5*math.Sqrt(law.variance/n), law.name)
			require.InEpsilon(t, law.variance, squares/n-mean*mean, 0.04, law.name)
		}
	})
}

func TestMath(t *testing.T) {
	t.Parallel()
	s := NewStream(9)
	for range 100_000 {
		x := s.Float64() * math.Ldexp(1, s.IntN(80)-40)
		require.InDelta(t, math.Log(x), Log(x), 3e-16*max(1, math.Abs(math.Log(x))))
		y := 40 * (s.Float64() - 0.5)
		require.InEpsilon(t, math.Exp(y), Exp(y), 4e-16)
	}
	require.InDelta(t, 0.0, Log(1), 1e-9)
	require.InDelta(t, 1.0, Exp(0), 1e-9)
	require.Zero(t, Nanoseconds(-1, time.Second))
	require.Equal(t, time.Duration(1<<62), Nanoseconds(1e30, time.Second))
}

// brand is a core with one owner, who is offered whatever comes in.
func brand(t *testing.T, l *Loop, sealed bool, listeners ...Listener) *Driver {
	t.Helper()
	p, err := routing.Compile(routing.Policy{
		Sink: "sink", Presence: routing.Presence{LapseAfter: -1},
		Default: routing.Settings{Targets: []sla.Target{{Kind: sla.Resolve, Within: sla.Duration(time.Hour)}}, OfferFor: sla.Duration(time.Minute)},
	})
	require.NoError(t, err)
	d := Drive(l, core.New("pool"), sealed, listeners...)
	for _, do := range []inquiry.Command{
		inquiry.Adopt{Policy: p.JSON()},
		inquiry.Roster{Set: []inquiry.Owner{{ID: "anna", Capacity: 100}}},
		inquiry.SetPresence{Owner: "anna", Presence: inquiry.Online},
	} {
		require.Empty(t, d.Do("host", do).Refused)
	}
	return d
}

func message(n uint64) inquiry.Receive {
	return inquiry.Receive{
		Message: inquiry.Message{ID: Numbered(2, n), Channel: "email", At: monday},
		Facts:   inquiry.Facts{Persons: []inquiry.ID{Numbered(3, n)}},
		New:     Numbered(4, n),
	}
}

func TestDriver(t *testing.T) {
	t.Parallel()

	t.Run("it wakes its core by itself, and before anything else at that instant", func(t *testing.T) {
		t.Parallel()
		l := NewLoop(monday)
		var kinds []inquiry.EventKind
		d := brand(t, l, false, func(_ time.Time, _ *inquiry.Input, b *inquiry.Batch) {
			for _, e := range b.Events {
				kinds = append(kinds, e.Kind)
			}
		})
		kinds = nil
		l.After(0, func() { d.Do("source", message(1)) })
		l.After(time.Minute, func() {
			require.Contains(t, kinds, inquiry.OfferExpired)
			out := d.Do("anna", inquiry.Accept{Inquiry: Numbered(4, 1), Owner: "anna"})
			require.Equal(t, inquiry.NotOffered, out.Refused)
		})
		l.Run(monday.Add(2 * time.Minute))
		require.NoError(t, d.Err())
		require.Contains(t, kinds, inquiry.Offered)
	})

	t.Run("sealed batches carry rows and marks, others do not", func(t *testing.T) {
		t.Parallel()
		for _, sealed := range []bool{true, false} {
			l, rows, marks := NewLoop(monday), 0, 0
			d := brand(t, l, sealed, func(_ time.Time, _ *inquiry.Input, b *inquiry.Batch) {
				rows, marks = rows+len(b.Changed), marks+len(b.Marks)
			})
			d.Do("source", message(1))
			require.Equal(t, sealed, rows > 0)
			require.Equal(t, sealed, marks > 0)
		}
	})

	t.Run("two cores live on one loop, and one that is stopped does nothing more", func(t *testing.T) {
		t.Parallel()
		l := NewLoop(monday)
		a, b := &Journal{}, &Journal{}
		first, second := brand(t, l, false, a.Listen), brand(t, l, false, b.Listen)
		first.Do("source", message(1))
		second.Do("source", message(1))
		second.Stop()
		n := b.Len()
		l.Run(monday.Add(time.Hour))
		require.Greater(t, a.Len(), n)
		require.Equal(t, n, b.Len())
		require.NoError(t, first.Err())
		require.Error(t, second.Err())
	})

	t.Run("one seed is one journal, and another is another", func(t *testing.T) {
		t.Parallel()
		sum := func(seed uint64) string {
			l, j := NewLoop(monday), &Journal{}
			d := brand(t, l, false, j.Listen)
			s := NewStream(seed)
			at := time.Duration(0)
			for n := range uint64(50) {
				at += Nanoseconds(s.Exp(), time.Minute)
				l.After(at, func() { d.Do("source", message(n)) })
			}
			l.Run(monday.Add(24 * time.Hour))
			require.NoError(t, d.Err())
			text, err := j.Sum()
			require.NoError(t, err)
			return text
		}
		first := sum(1)
		require.Equal(t, first, sum(1))
		require.NotEqual(t, first, sum(2))
	})
}
