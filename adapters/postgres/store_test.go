package postgres_test

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/adaptertest"
	"github.com/answerable-go/answerable/adapters/postgres"
)

// TestStore holds the store against the contract, as it is by default; TestPooler
// does so behind a transaction pooler. ANSWERABLE_POSTGRES_MODES=1 has it tried in
// every way that pgx has of sending statements.
func TestStore(t *testing.T) {
	t.Run("cache_statement", func(t *testing.T) { conform(t, "", postgres.Config{}) })
	if os.Getenv("ANSWERABLE_POSTGRES_MODES") == "" {
		return
	}
	for _, mode := range []string{"exec", "cache_describe", "describe_exec", "simple_protocol"} {
		t.Run(mode, func(t *testing.T) { conform(t, mode, postgres.Config{Quiet: true}) })
	}
}

func conform(t *testing.T, mode string, cfg postgres.Config) {
	conformAt(t, withSetting(dsn(t), "default_query_exec_mode", mode), cfg)
}

func conformAt(t *testing.T, at string, cfg postgres.Config) {
	t.Parallel()
	var schemas sync.Map
	openIn := func(t *testing.T, schema string) adapters.Store {
		t.Helper()
		cfg := cfg
		cfg.Schema = schema
		s, err := postgres.Open(t.Context(), at, cfg)
		require.NoError(t, err)
		schemas.Store(adapters.Store(s), schema)
		return s
	}
	adaptertest.TestStore(t, adaptertest.StoreHarness{
		Open: func(t *testing.T) adapters.Store { return openIn(t, used(t)) },
		Reopen: func(t *testing.T, s adapters.Store) adapters.Store {
			schema, ok := schemas.Load(s)
			require.True(t, ok)
			require.NoError(t, s.Close())
			return openIn(t, schema.(string))
		},
	})
}

// withSetting adds one of pgx's settings to a DSN.
func withSetting(dsn, key, value string) string {
	switch {
	case value == "":
		return dsn
	case !strings.Contains(dsn, "://"):
		return fmt.Sprintf("%s %s=%s", dsn, key, value)
	case strings.Contains(dsn, "?"):
		return fmt.Sprintf("%s&%s=%s", dsn, key, value)
	}
	return fmt.Sprintf("%s?%s=%s", dsn, key, value)
}
