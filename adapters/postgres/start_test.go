package postgres_test

import (
	"flag"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters/postgres"
	"github.com/answerable-go/answerable/internal/pgserver"
	"github.com/answerable-go/answerable/internal/startup"
)

var (
	waiting = flag.Int("waiting", 10_000, "how many inquiries wait in BenchmarkStart")
	kept    = flag.String("kept", "", "the schema that BenchmarkStart fills, or uses if it is there, on the server that "+pgserver.Environment+" names; empty for one of its own")
)

// BenchmarkStart is how long an Engine takes to lead a pool in which many
// inquiries wait: see package startup.
func BenchmarkStart(b *testing.B) {
	s := open(b, postgres.Config{Schema: *kept})
	if r, err := s.Recover(b.Context(), startup.Pool); r.Head == 0 {
		require.NoError(b, err)
		require.NoError(b, startup.Fill(b.Context(), s, *waiting))
	}
	b.ResetTimer()
	for range b.N {
		r, err := startup.Start(b.Context(), s)
		require.NoError(b, err)
		r.Metrics(*waiting, b.ReportMetric)
	}
	b.ReportMetric(0, "ns/op")
}
