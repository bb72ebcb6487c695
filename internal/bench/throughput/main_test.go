package main

import (
	"bytes"
	"context"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/internal/pgserver"
)

// Every contestant does all of its work, on a small number of inquiries: each turn
// looks by itself whether it did.
func TestContestants(t *testing.T) {
	for _, c := range []struct {
		store string
		names []string
	}{
		{"memory", []string{"memory/answerable"}},
		{"sqlite", []string{"sqlite/answerable", "sqlite/raw"}},
		{"postgres", []string{"postgres/answerable", "postgres/river", "postgres/raw"}},
	} {
		t.Run(c.store, func(t *testing.T) {
			if _, err := pgserver.Find(); c.store == "postgres" && err != nil && os.Getenv("ANSWERABLE_NO_SKIP") == "" {
				t.Skip(err)
			}
			s := settings{store: c.store, measure: "throughput", rounds: 1, inquiries: 130, batch: 50, callers: 3, workers: 20, dir: os.TempDir()}
			var out bytes.Buffer
			require.NoError(t, run(t.Context(), s, &out))
			for _, name := range c.names {
				require.Contains(t, out.String(), "BenchmarkThroughput/"+name+" ")
			}
			s.measure = "latency"
			out.Reset()
			require.NoError(t, run(t.Context(), s, &out))
			require.Contains(t, out.String(), "callers=64")
		})
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	good := settings{store: "memory", measure: "throughput", rounds: 1, inquiries: 1, batch: 1, callers: 1, workers: 1}
	for want, change := range map[string]func(*settings){
		"-store is":   func(s *settings) { s.store = "tape" },
		"-measure is": func(s *settings) { s.measure = "weight" },
		"-rounds":     func(s *settings) { s.rounds = 0 },
		"-only is":    func(s *settings) { s.only = "river" },
	} {
		s := good
		change(&s)
		require.ErrorContains(t, run(context.Background(), s, &bytes.Buffer{}), want)
	}
}
