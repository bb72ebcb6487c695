package dispatch_test

import (
	"flag"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/internal/startup"
)

var waiting = flag.Int("waiting", 10_000, "how many inquiries wait in BenchmarkStart")

// BenchmarkStart is how long an Engine takes to lead a pool in memory in which
// many inquiries wait: see package startup.
func BenchmarkStart(b *testing.B) {
	s := memory.New(memory.Config{})
	require.NoError(b, startup.Fill(b.Context(), s, *waiting))
	for range b.N {
		r, err := startup.Start(b.Context(), s)
		require.NoError(b, err)
		r.Metrics(*waiting, b.ReportMetric)
	}
	b.ReportMetric(0, "ns/op")
}
