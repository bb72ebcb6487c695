package sqlite_test

import (
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/adaptertest"
	"github.com/answerable-go/answerable/adapters/sqlite"
)

func TestStore(t *testing.T) {
	var paths sync.Map
	open := func(t *testing.T, path string) adapters.Store {
		t.Helper()
		s, err := sqlite.Open(t.Context(), path, sqlite.Config{})
		require.NoError(t, err)
		paths.Store(adapters.Store(s), path)
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
