package sqlite_test

import (
	"flag"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters/sqlite"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/startup"
)

var (
	waiting = flag.Int("waiting", 10_000, "how many inquiries wait in BenchmarkStart")
	kept    = flag.String("kept", "", "the file that BenchmarkStart fills, or uses if it is there; empty for a temporary one")
)

// BenchmarkStart is how long an Engine takes to lead a pool in which many
// inquiries wait: see package startup.
func BenchmarkStart(b *testing.B) {
	path := *kept
	if path == "" {
		path = filepath.Join(b.TempDir(), "answerable.db")
	}
	s, err := sqlite.Open(b.Context(), path, sqlite.Config{})
	require.NoError(b, err)
	defer func() { require.NoError(b, s.Close()) }()
	filled, err := s.Find(b.Context(), inquiry.Query{Pool: startup.Pool, Limit: 1})
	require.NoError(b, err)
	if len(filled) == 0 {
		require.NoError(b, startup.Fill(b.Context(), s, *waiting))
	}
	for range b.N {
		r, err := startup.Start(b.Context(), s)
		require.NoError(b, err)
		r.Metrics(*waiting, b.ReportMetric)
	}
	b.ReportMetric(0, "ns/op")
}
