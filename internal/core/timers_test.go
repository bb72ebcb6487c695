package core

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
)

// Who is gone cannot be offered anything: at the same instant owners come
// first, then the ids decide, in whichever order the timers were set.
func TestTimersAtTheSameInstant(t *testing.T) {
	t.Parallel()
	all := []timed{
		newOwner(person("anna")), newOwner(person("ben")),
		newEntry(inquiry.ID{0, 1}), newEntry(inquiry.ID{0, 2}), newEntry(inquiry.ID{200}),
	}
	for shift := range all {
		timers := newTimers()
		for _, w := range all {
			if x, ok := w.(*entry); ok {
				x.timer = timers.inquiries.Add(x)
			}
		}
		for i := range all {
			all[(i*2+shift)%len(all)].wake(&timers, monday)
		}
		for _, want := range all {
			got, at := timers.next()
			require.Same(t, want, got)
			require.Equal(t, monday, at)
			got.wake(&timers, time.Time{})
		}
		none, at := timers.next()
		require.Nil(t, none)
		require.Zero(t, at)
	}

	timers := newTimers()
	x := newEntry(inquiry.ID{0, 1})
	x.timer = timers.inquiries.Add(x)
	all[0].wake(&timers, monday)
	x.wake(&timers, monday.Add(-1))
	first, _ := timers.next()
	require.Same(t, x, first, "the earlier instant comes first all the same")
}
