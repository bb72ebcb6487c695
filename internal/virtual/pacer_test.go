package virtual

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPacer(t *testing.T) {
	t.Parallel()

	t.Run("happenings of one instant come by their keys, and each one's consequences before the next", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			p := NewPacer(synctest.Wait)
			var got []string
			say := func(s string) { got = append(got, s+" "+p.Now().Sub(start).String()) }
			sleeper := make(chan string)
			go func() {
				for s := range sleeper {
					say("heard " + s)
				}
			}()
			for _, key := range []string{"c", "a", "b"} { // added in this order
				p.After(time.Second, key, func() {
					say(key)
					sleeper <- key
				})
			}
			go func() {
				time.Sleep(500 * time.Millisecond)
				p.After(100*time.Millisecond, "x", func() { say("x") }) // before what the pacer sleeps for
				p.After(time.Hour, "y", func() { say("beyond the end") })
			}()
			p.Run(start.Add(time.Minute))
			close(sleeper)
			require.Equal(t, []string{"x 600ms", "a 1s", "heard a 1s", "b 1s", "heard b 1s", "c 1s", "heard c 1s"}, got)
			require.Equal(t, time.Minute, time.Since(start))
		})
	})

	t.Run("what would be in the past happens now", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			p := NewPacer(nil)
			happened := time.Duration(-1)
			p.After(time.Second, "", func() {
				p.At(start, "", func() { happened = p.Now().Sub(start) })
			})
			p.Run(start.Add(2 * time.Second))
			require.Equal(t, time.Second, happened)
		})
	})
}

func TestNote(t *testing.T) {
	t.Parallel()
	sum := func(from time.Duration, lines ...string) string {
		var j Journal
		for i, line := range lines {
			j.Note(monday.Add(from+time.Duration(i)), line)
		}
		require.Equal(t, uint64(len(lines)), j.Len())
		hash, err := j.Sum()
		require.NoError(t, err)
		return hash
	}
	first := sum(0, "a", "b")
	require.Equal(t, first, sum(0, "a", "b"))
	require.NotEqual(t, sum(0, "a", "b"), sum(0, "a", "b", ""))
	require.NotEqual(t, sum(0, "a", "b"), sum(0, "b", "a"))
	require.NotEqual(t, sum(0, "a"), sum(1, "a"), "the instant counts")
}
