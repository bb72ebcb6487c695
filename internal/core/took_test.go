package core

import (
	"testing"
	"time"
)

// duration is how long something took, by the clock and by the processor that its
// thread had.
type duration struct{ clock, thread time.Duration }

// instant is when it began.
type instant struct {
	clock  time.Time
	thread time.Duration
}

func start() instant { return instant{time.Now(), threadTime()} }

func (i instant) took() duration { return duration{time.Since(i.clock), threadTime() - i.thread} }

func (d duration) orMore(o duration) duration {
	return duration{max(d.clock, o.clock), max(d.thread, o.thread)}
}

func (d duration) and(o duration) duration { return duration{d.clock + o.clock, d.thread + o.thread} }

func (d duration) report(b *testing.B, what string) {
	b.Helper()
	b.ReportMetric(float64(d.clock.Microseconds())/1000, "ms/"+what)
	b.ReportMetric(float64(d.thread.Microseconds())/1000, "cpu-ms/"+what)
}
