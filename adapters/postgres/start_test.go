package postgres_test

import (
	"cmp"
	"flag"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters/postgres"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/pgserver"
	"github.com/answerable-go/answerable/internal/startup"
)

var (
	waiting = flag.Int("waiting", 10_000, "how many inquiries wait in BenchmarkStart")
	kept    = flag.String("kept", "", "the schema that BenchmarkStart fills, or uses if it is there, on the server that "+pgserver.Environment+" names; empty for one of its own")
)

// BenchmarkStart is how long an Engine takes to lead a pool in which many
// inquiries wait: see package startup. What was filled at one go is vacuumed, as the
// server's autovacuum has long done with a pool that has grown.
func BenchmarkStart(b *testing.B) {
	cfg := postgres.Config{Schema: cmp.Or(*kept, schema(b))}
	s := open(b, cfg)
	filled, err := s.Find(b.Context(), inquiry.Query{Pool: startup.Pool, Limit: 1})
	require.NoError(b, err)
	if len(filled) == 0 {
		require.NoError(b, startup.Fill(b.Context(), s, *waiting))
		for _, table := range []string{"inquiries", "details", "messages", "outcomes", "outbox", "marks", "journal"} {
			exec(b, s.Pool(), "VACUUM (ANALYZE) "+cfg.Schema+".answerable_"+table)
		}
	}
	b.ResetTimer()
	for range b.N {
		r, err := startup.Start(b.Context(), s)
		require.NoError(b, err)
		r.Metrics(*waiting, b.ReportMetric)
	}
	b.ReportMetric(0, "ns/op")
}
