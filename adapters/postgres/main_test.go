package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters/postgres"
	"github.com/answerable-go/answerable/internal/pgserver"
)

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

// findServer is the DSN of the server to test on: the one that
// ANSWERABLE_POSTGRES names, or one of our own.
func findServer() (string, error) {
	if dsn := os.Getenv(pgserver.Environment); dsn != "" {
		return dsn, nil
	}
	own.once.Do(func() { own.Server, own.err = pgserver.Start(context.Background()) })
	if own.err != nil {
		return "", own.err
	}
	return own.DSN(), nil
}

// dsn is the server's; without one the test is skipped, or fails where nothing
// may be skipped.
func dsn(t testing.TB) string {
	t.Helper()
	found, err := findServer()
	if errors.Is(err, pgserver.ErrNotInstalled) && os.Getenv("ANSWERABLE_NO_SKIP") == "" {
		t.Skip(err)
	}
	require.NoError(t, err)
	return found
}

var schemas atomic.Int64

// schema is the name of a schema for one test. It is dropped behind it on a
// server that is not our own, which goes as a whole.
func schema(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("test_%d_%d", os.Getpid(), schemas.Add(1))
	if os.Getenv(pgserver.Environment) == "" {
		return name
	}
	t.Cleanup(func() {
		pool, err := pgxpool.New(context.Background(), dsn(t))
		require.NoError(t, err)
		defer pool.Close()
		_, err = pool.Exec(context.Background(), "DROP SCHEMA IF EXISTS "+name+" CASCADE")
		require.NoError(t, err)
	})
	return name
}

// wiped are schemas that others have used and left empty: deleting rows is
// twenty times as fast as making tables.
var wiped struct {
	sync.Mutex
	free []string
}

// used is the name of an empty schema in which tables may be already.
func used(t *testing.T) string {
	t.Helper()
	if os.Getenv(pgserver.Environment) != "" {
		return schema(t)
	}
	wiped.Lock()
	defer wiped.Unlock()
	name := ""
	if n := len(wiped.free); n > 0 {
		name, wiped.free = wiped.free[n-1], wiped.free[:n-1]
	} else {
		name = schema(t)
	}
	t.Cleanup(func() {
		conn, err := pgx.Connect(context.Background(), dsn(t))
		require.NoError(t, err)
		defer func() { require.NoError(t, conn.Close(context.Background())) }()
		var query strings.Builder
		for _, table := range []string{
			"journal", "inquiries", "offers", "details", "labels", "messages", "inbox", "outcomes", "outbox", "marks", "terms",
		} {
			fmt.Fprintf(&query, "DELETE FROM %s.answerable_%s;", name, table)
		}
		_, err = conn.Exec(context.Background(), query.String())
		require.NoError(t, err)
		wiped.Lock()
		defer wiped.Unlock()
		wiped.free = append(wiped.free, name)
	})
	return name
}

func open(t testing.TB, cfg postgres.Config) *postgres.Store {
	t.Helper()
	at := dsn(t)
	if cfg.Schema == "" {
		cfg.Schema = schema(t)
	}
	s, err := postgres.Open(t.Context(), at, cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}
