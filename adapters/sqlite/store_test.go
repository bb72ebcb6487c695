package sqlite_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/adaptertest"
	"github.com/answerable-go/answerable/adapters/seal"
	"github.com/answerable-go/answerable/adapters/sqlite"
)

func TestStore(t *testing.T) {
	conforms(t, func(_ *testing.T, s adapters.Store) adapters.Store { return s })
}

// What the store promises it promises of sealed texts, too. The suite runs over
// sealed texts in memory every time; over a file with
//
//	ANSWERABLE_SEALED=1 go test -run SealedStore .
func TestSealedStore(t *testing.T) {
	if os.Getenv("ANSWERABLE_SEALED") == "" {
		return
	}
	t.Parallel()
	keys := seal.NewMemory()
	conforms(t, func(t *testing.T, s adapters.Store) adapters.Store {
		t.Helper()
		sealed, err := seal.New(s, keys, seal.Config{})
		require.NoError(t, err)
		return sealed
	})
}

func conforms(t *testing.T, wrap func(*testing.T, adapters.Store) adapters.Store) {
	t.Helper()
	var paths sync.Map
	open := func(t *testing.T, path string) adapters.Store {
		t.Helper()
		raw, err := sqlite.Open(t.Context(), path, sqlite.Config{})
		require.NoError(t, err)
		s := wrap(t, raw)
		paths.Store(s, path)
		return s
	}
	adaptertest.TestStore(t, adaptertest.StoreHarness{
		Open: func(t *testing.T) adapters.Store { return open(t, filepath.Join(t.TempDir(), "pools.db")) },
		Reopen: func(t *testing.T, s adapters.Store) adapters.Store {
			path, ok := paths.Load(s)
			require.True(t, ok)
			require.NoError(t, s.Close())
			return open(t, path.(string))
		},
	})
}
