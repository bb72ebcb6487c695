package simulate

import (
	"context"
	"runtime/debug"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/sla"
)

// A hundred owners in four overlapping groups, five classes, nine tenths busy.
func BenchmarkHundredOwners(b *testing.B) {
	s := &Scenario{For: sla.Duration(10 * time.Hour), WarmUp: sla.Duration(time.Hour), Replications: 1}
	patience := exponential(20)
	for i, name := range []string{"a", "b", "c", "d", "e"} {
		s.Classes = append(s.Classes, Class{
			Name: name, Arrivals: perMinute(3.6), Handling: Law{Law: LogNormal, Mean: sla.Duration(5 * minute), CV: 0.8}, Patience: &patience,
		})
		s.Groups = append(s.Groups, Group{Name: name, Count: 20, Serves: []Serves{
			{Class: name, Level: 4}, {Class: string(rune('a' + (i+1)%5)), Level: 2},
		}})
	}
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as examples/simulate does
	inquiries, used := uint64(0), processorTime()
	for i := range b.N {
		s.Seed = uint64(1 + i)
		r, err := Run(context.Background(), s, Options{})
		require.NoError(b, err)
		inquiries += r.Inquiries
	}
	b.ReportMetric(float64(inquiries)/b.Elapsed().Minutes(), "inquiries/min")
	b.ReportMetric(float64((processorTime()-used).Microseconds())/float64(inquiries), "cpu-us/inquiry")
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(inquiries), "us/inquiry")
}
