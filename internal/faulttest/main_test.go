package faulttest

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/adapters/postgres"
	"github.com/answerable-go/answerable/adapters/sqlite"
	"github.com/answerable-go/answerable/internal/pgserver"
)

var (
	histories = flag.Int("histories", 0, "histories of each kind and store; 0: a few seconds' worth")
	faultRuns = flag.Int("faults", 0, "faults of each kind and store; 0: a few seconds' worth")
	from      = flag.Uint64("from", 1, "the seed of the first history or fault; the others follow")
)

// count is how many there are to be: what the flag says, or so many by default,
// fewer in a short run.
func count(asked, byDefault int) int {
	switch {
	case asked > 0:
		return asked
	case testing.Short():
		return max(1, byDefault/4)
	}
	return byDefault
}

// own is the server of this run, started by the first test that needs one.
var own struct {
	once sync.Once
	*pgserver.Server
	err error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if own.Server != nil {
		own.Stop()
	}
	os.Exit(code)
}

// dsn is how a server is reached; without one the test is skipped, or fails
// where nothing may be skipped.
func dsn(t testing.TB) string {
	t.Helper()
	if at := os.Getenv(pgserver.Environment); at != "" {
		return at
	}
	own.once.Do(func() { own.Server, own.err = pgserver.Start(context.Background()) })
	if errors.Is(own.err, pgserver.ErrNotInstalled) && os.Getenv("ANSWERABLE_NO_SKIP") == "" {
		t.Skip(own.err)
	}
	require.NoError(t, own.err)
	return own.DSN()
}

// database is where several nodes keep the same pools: each opens it for itself.
type database struct {
	name string
	open func(testing.TB) adapters.Store
}

// nodes are n stores on one database, closed behind the test.
func (d database) nodes(t testing.TB, n int) []adapters.Store {
	t.Helper()
	list := make([]adapters.Store, n)
	for i := range list {
		list[i] = d.open(t)
	}
	return list
}

var schemas atomic.Int64

// databases are one of each kind, new and empty. Those that need what is not
// there skip the test that is given to them.
func databases() []func(testing.TB) database {
	closed := func(t testing.TB, s adapters.Store) adapters.Store {
		t.Cleanup(func() { require.NoError(t, s.Close()) })
		return s
	}
	return []func(testing.TB) database{
		func(t testing.TB) database {
			s := closed(t, memory.New(memory.Config{})) // one process has it to itself
			return database{"memory", func(testing.TB) adapters.Store { return s }}
		},
		func(t testing.TB) database {
			path := filepath.Join(t.TempDir(), "pools.db")
			return database{"sqlite", func(t testing.TB) adapters.Store {
				s, err := sqlite.Open(t.Context(), path, sqlite.Config{})
				require.NoError(t, err)
				return closed(t, s)
			}}
		},
		func(t testing.TB) database {
			at := dsn(t)
			schema := fmt.Sprintf("faults_%d_%d", os.Getpid(), schemas.Add(1))
			return database{"postgres", func(t testing.TB) adapters.Store {
				s, err := postgres.Open(t.Context(), at, postgres.Config{Schema: schema})
				require.NoError(t, err)
				return closed(t, s)
			}}
		},
	}
}

// kinds are the names of the databases, in their order.
var kinds = []string{"memory", "sqlite", "postgres"}

// onEach runs a test on a database of each kind.
func onEach(t *testing.T, says string, test func(*testing.T, database)) {
	t.Helper()
	for i, make := range databases() {
		t.Run(says+": "+kinds[i], func(t *testing.T) { test(t, make(t)) })
	}
}
