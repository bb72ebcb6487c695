package postgres_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/pressly/goose/v3"
	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/postgres"
	"github.com/answerable-go/answerable/inquiry"
)

func pool(t testing.TB, settings ...string) *pgxpool.Pool {
	t.Helper()
	at := dsn(t)
	for _, s := range settings {
		key, value, _ := strings.Cut(s, "=")
		at = withSetting(at, key, value)
	}
	p, err := pgxpool.New(t.Context(), at)
	require.NoError(t, err)
	t.Cleanup(p.Close)
	return p
}

func exec(t testing.TB, p *pgxpool.Pool, query string, args ...any) {
	t.Helper()
	_, err := p.Exec(t.Context(), query, args...)
	require.NoError(t, err)
}

func get[T any](t testing.TB, p *pgxpool.Pool, query string, args ...any) (value T) {
	t.Helper()
	require.NoError(t, p.QueryRow(t.Context(), query, args...).Scan(&value))
	return value
}

func TestOpen(t *testing.T) {
	t.Parallel()
	t.Run("every fault of a Config is named", func(t *testing.T) {
		for schema, want := range map[string]string{
			"pg_mine":               "PostgreSQL's own",
			strings.Repeat("x", 64): "at most 63",
			"a\x00b":                "without NUL",
		} {
			_, err := postgres.Open(t.Context(), "", postgres.Config{Schema: schema, Listen: "://"})
			require.ErrorContains(t, err, want)
			require.ErrorContains(t, err, "Listen cannot be read")
		}
		_, err := postgres.Open(t.Context(), "://", postgres.Config{})
		require.ErrorContains(t, err, "the DSN cannot be read")
		_, err = postgres.New(t.Context(), nil, postgres.Config{})
		require.ErrorContains(t, err, "the pool is nil")
	})
	t.Run("a server that is not there is said to be so", func(t *testing.T) {
		_, err := postgres.Open(t.Context(), "host="+t.TempDir()+" user=x", postgres.Config{})
		require.ErrorContains(t, err, "the server cannot be asked")
	})
	t.Run("H7 a schema may have any name", func(t *testing.T) {
		t.Parallel()
		p := pool(t)
		for _, name := range []string{`We"ird; DROP schema.name`, "Groß", strings.Repeat("y", 63), strings.Repeat("z", 53), "select", "it's"} {
			s, err := postgres.New(t.Context(), p, postgres.Config{Schema: name})
			require.NoError(t, err, name)
			require.Equal(t, all, next(t, heard(t, s, "support")), "a channel's name has at most 63 bytes, too")
			require.NoError(t, s.Put(t.Context(), "support", input("a")))
			require.Len(t, pending(t, s), 1)
			require.NoError(t, s.Close())
			again, err := postgres.New(t.Context(), p, postgres.Config{Schema: name})
			require.NoError(t, err, name)
			require.Len(t, pending(t, again), 1)
			require.NoError(t, postgres.MigrateDown(t.Context(), p, postgres.Config{Schema: name}, 0))
			exec(t, p, "DROP SCHEMA "+pgx.Identifier{name}.Sanitize()+" CASCADE")
		}
	})
	t.Run("H7 stores in two schemas see nothing of each other", func(t *testing.T) {
		t.Parallel()
		a, b := open(t, postgres.Config{}), open(t, postgres.Config{})
		require.NoError(t, a.Put(t.Context(), "support", input("a")))
		require.Empty(t, pending(t, b))
	})
	t.Run("A1 the host's pool is still open when the store is closed", func(t *testing.T) {
		t.Parallel()
		p := pool(t)
		s, err := postgres.New(t.Context(), p, postgres.Config{Schema: schema(t)})
		require.NoError(t, err)
		require.Same(t, p, s.Pool())
		require.NoError(t, s.Close())
		require.NoError(t, p.Ping(t.Context()))
	})
	t.Run("A1 a pool that a transaction pooler would break is refused", func(t *testing.T) {
		t.Parallel()
		_, err := postgres.New(t.Context(), pool(t), postgres.Config{TransactionPooler: true})
		require.ErrorContains(t, err, "QueryExecModeExec")
	})
}

func TestMigrations(t *testing.T) {
	t.Parallel()
	t.Run("many nodes that come up at once migrate once", func(t *testing.T) {
		t.Parallel()
		name := schema(t)
		dsn(t)
		var nodes sync.WaitGroup
		for range 8 {
			nodes.Go(func() {
				s, err := postgres.Open(context.Background(), dsn(t), postgres.Config{Schema: name})
				if err != nil {
					t.Error(err)
					return
				}
				_ = s.Close()
			})
		}
		nodes.Wait()
		require.EqualValues(t, 6, get[int64](t, pool(t), "SELECT count(*) FROM "+name+".answerable_schema"))
	})
	t.Run("a pool of one connection is enough", func(t *testing.T) {
		t.Parallel()
		p := pool(t, "pool_max_conns=1")
		s, err := postgres.New(t.Context(), p, postgres.Config{Schema: schema(t)})
		require.NoError(t, err)
		require.NoError(t, s.Put(t.Context(), "support", input("a")))
		require.NoError(t, s.Close())
	})
	t.Run("down takes everything away, and up brings it back", func(t *testing.T) {
		t.Parallel()
		p := pool(t)
		cfg := postgres.Config{Schema: schema(t)}
		require.NoError(t, postgres.Migrate(t.Context(), p, cfg))
		require.NoError(t, postgres.Migrate(t.Context(), p, cfg))
		require.NoError(t, postgres.MigrateDown(t.Context(), p, cfg, 0))
		require.Equal(t, []string{"answerable_schema"}, get[[]string](t, p, "SELECT array_agg(tablename::text) FROM pg_tables WHERE schemaname = $1", cfg.Schema))
		require.Zero(t, get[int](t, p, "SELECT count(*) FROM pg_proc WHERE pronamespace = $1::text::regnamespace", cfg.Schema))
		s := open(t, cfg)
		require.NoError(t, s.Put(t.Context(), "support", input("a")))
	})
	t.Run("H8 a migration that has to wait for who reads lets nodes work meanwhile", func(t *testing.T) {
		p := pool(t)
		cfg := postgres.Config{Schema: schema(t)}
		require.NoError(t, postgres.Migrate(t.Context(), p, cfg))
		require.NoError(t, postgres.MigrateDown(t.Context(), p, cfg, 2))
		at := func(sql string) string {
			return strings.ReplaceAll(sql, "answerable_", pgx.Identifier{cfg.Schema}.Sanitize()+".answerable_")
		}
		reader, err := p.BeginTx(t.Context(), pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
		require.NoError(t, err)
		var n int
		require.NoError(t, reader.QueryRow(t.Context(), at("SELECT count(*) FROM answerable_inquiries")).Scan(&n))
		migrated := make(chan error, 1)
		go func() { migrated <- postgres.Migrate(context.WithoutCancel(t.Context()), p, cfg) }()
		waits := func() bool {
			err := p.QueryRow(t.Context(), at("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'answerable_inquiries'::regclass")).Scan(&n)
			return err == nil && n > 0
		}
		require.Eventually(t, waits, time.Minute, 10*time.Millisecond, "the migration comes as far as the reader")
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err = p.Exec(ctx, at("UPDATE answerable_terms SET head = head"))
		require.NoError(t, err, "a leader's append waits for no longer than the migration waits at a time")
		require.NoError(t, reader.Rollback(t.Context()))
		require.NoError(t, <-migrated)
	})
	t.Run("H8 migrations that the host has of its own are none of the store's", func(t *testing.T) {
		t.Parallel()
		goose.AddNamedMigrationNoTxContext("00042_host.go", func(context.Context, *sql.DB) error {
			t.Error("a migration of the host's is none of the store's")
			return nil
		}, nil)
		t.Cleanup(goose.ResetGlobalMigrations)
		open(t, postgres.Config{})
	})
	t.Run("H8 an older schema that nobody is to migrate is refused, and the error says what to do", func(t *testing.T) {
		t.Parallel()
		p := pool(t)
		cfg := postgres.Config{Schema: schema(t)}
		require.NoError(t, postgres.Migrate(t.Context(), p, cfg))
		require.NoError(t, postgres.MigrateDown(t.Context(), p, cfg, 1))
		cfg.NoMigrations = true
		_, err := postgres.New(t.Context(), p, cfg)
		require.ErrorContains(t, err, "has version 1, and this library needs 5: call postgres.Migrate")
	})
	t.Run("H8 a schema of the future is used while it is compatible, and refused otherwise", func(t *testing.T) {
		t.Parallel()
		p := pool(t)
		cfg := postgres.Config{Schema: schema(t)}
		old := open(t, cfg)
		exec(t, p, "INSERT INTO "+cfg.Schema+".answerable_schema (version_id, is_applied) VALUES (7, true)")
		exec(t, p, "ALTER TABLE "+cfg.Schema+".answerable_inbox ADD COLUMN novel text")
		require.NoError(t, old.Put(t.Context(), "support", input("a")))
		s := open(t, cfg)
		require.Len(t, pending(t, s), 1)
		exec(t, p, "UPDATE "+cfg.Schema+".answerable_compatibility SET oldest = 6")
		for _, cfg.NoMigrations = range []bool{false, true} {
			_, err := postgres.Open(t.Context(), dsn(t), cfg)
			require.ErrorContains(t, err, "has version 7, which needs a library that knows at least version 6")
			require.ErrorContains(t, err, "use the newer version of the library")
		}
	})
	t.Run("without migrations a missing schema is named, and no right to create is needed", func(t *testing.T) {
		t.Parallel()
		p := pool(t)
		cfg := postgres.Config{Schema: schema(t)}
		strict := cfg
		strict.NoMigrations = true
		_, err := postgres.New(t.Context(), p, strict)
		require.ErrorContains(t, err, "call postgres.Migrate")
		require.NoError(t, postgres.Migrate(t.Context(), p, cfg))
		role := "role_of_" + cfg.Schema
		exec(t, p, "CREATE ROLE "+role)
		t.Cleanup(func() {
			_, err := p.Exec(context.Background(), "DROP OWNED BY "+role+"; DROP ROLE "+role)
			require.NoError(t, err)
		})
		exec(t, p, "GRANT USAGE ON SCHEMA "+cfg.Schema+" TO "+role)
		exec(t, p, "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "+cfg.Schema+" TO "+role)
		for _, c := range []postgres.Config{cfg, strict} {
			s, err := postgres.New(t.Context(), pool(t, "role="+role), c)
			require.NoError(t, err)
			require.True(t, lead(t, s, adapters.Claim{Node: "a", For: time.Hour}).Granted)
			require.NoError(t, s.Close())
			exec(t, p, "DELETE FROM "+cfg.Schema+".answerable_terms")
		}
	})
}

func TestExactness(t *testing.T) {
	t.Parallel()
	cfg := postgres.Config{Schema: schema(t)}
	s := open(t, cfg)
	epoch := lead(t, s, adapters.Claim{Node: "a", For: time.Hour}).Epoch
	at := time.Date(2026, 3, 2, 10, 0, 0, 1500, time.FixedZone("", 3600))
	told := event(1, "mia")
	told.At = at.UTC()
	odd := inquiry.Message{
		Pool: "support", ID: inquiry.DeriveID("m"), Inquiry: inquiry.DeriveID("1"), Source: "s", External: "with\x00nul", Channel: "email",
		Author: inquiry.Author{External: "a\x00b", Name: "Kim"}, Subject: "\x00", Text: "text\x00text", At: at.UTC(),
	}
	plain := odd
	plain.ID, plain.External, plain.Subject, plain.Text, plain.Author.External = inquiry.DeriveID("n"), "e", "s", "t", "a"
	details := inquiry.Details{ID: inquiry.DeriveID("1"), Labels: []string{"a\x00b", "billing"}, Subject: "\x00", Author: odd.Author}
	require.NoError(t, s.Append(t.Context(), adapters.Commit{Pool: "support", Epoch: epoch, Batch: inquiry.Batch{
		Events: []inquiry.Event{told},
		Changed: []inquiry.Row{{
			Pool: "support", ID: inquiry.DeriveID("1"), Version: 1, State: inquiry.StateOffered, Channel: "email", Due: at.UTC(),
			Offers: []inquiry.Offer{{Owner: "zoe", At: at, Expires: at.Add(time.Minute)}},
		}},
		Details: []inquiry.Details{details}, Messages: []inquiry.Message{odd, plain},
		Marks: []inquiry.Mark{{Key: inquiry.CursorKey("mail"), Value: []byte("uid/7")}, {Key: "limit", Value: []byte{0, 1}}},
	}}))
	t.Run("H1 an event is kept byte for byte, as text", func(t *testing.T) {
		want, err := told.MarshalJSON()
		require.NoError(t, err)
		require.Equal(t, string(want), get[string](t, s.Pool(), "SELECT event FROM "+cfg.Schema+".answerable_journal"))
	})
	t.Run("G2 instants are exact to the nanosecond although the columns are not", func(t *testing.T) {
		for before, n := range map[time.Duration]int{0: 0, 1: 1, -1: 0, time.Hour: 1} {
			found, err := s.Find(t.Context(), inquiry.Query{Pool: "support", DueBefore: at.Add(before)})
			require.NoError(t, err)
			require.Len(t, found, n, before)
		}
		require.Equal(t, "2026-03-02 09:00:00.000001", get[string](t, s.Pool(), "SELECT (due AT TIME ZONE 'UTC')::text FROM "+cfg.Schema+".answerable_inquiries"))
	})
	t.Run("A1 a message with a NUL is kept as it was, and readable", func(t *testing.T) {
		list, err := s.Messages(t.Context(), "support", odd.Inquiry)
		require.NoError(t, err)
		require.Equal(t, []inquiry.Message{odd, plain}, list)
		require.Contains(t, get[string](t, s.Pool(), "SELECT message FROM "+cfg.Schema+".answerable_messages ORDER BY n LIMIT 1"), `text\u0000text`)
		found, err := s.Find(t.Context(), inquiry.Query{Pool: "support", Label: "a\x00b"})
		require.NoError(t, err)
		require.Len(t, found, 1)
		require.Equal(t, details, found[0].Details)
	})
	t.Run("anybody can read it", func(t *testing.T) {
		for query, want := range map[string]string{
			"SELECT kind || owner FROM answerable_journal":                         "acceptedmia",
			"SELECT event::jsonb ->> 'owner' FROM answerable_journal":              "mia",
			"SELECT state || (row::jsonb ->> 'version') FROM answerable_inquiries": "offered1",
			"SELECT owner FROM answerable_offers":                                  "zoe",
			"SELECT value FROM answerable_marks WHERE key = 'cursor/mail'":         "uid/7",
			"SELECT binary_value::text FROM answerable_marks WHERE key = 'limit'":  `\x0001`,
			"SELECT epoch || node FROM answerable_terms":                           "1a",
		} {
			query = strings.Replace(query, "FROM ", "FROM "+cfg.Schema+".", 1)
			require.Equal(t, want, get[string](t, s.Pool(), query), query)
		}
	})
}

// TestCloseEndsReads has whatever reads wait for a table that somebody has for themselves.
func TestCloseEndsReads(t *testing.T) {
	t.Parallel()
	cfg := postgres.Config{Schema: schema(t)}
	s, host := open(t, cfg), open(t, cfg)
	tx, err := host.Pool().Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = tx.Rollback(context.Background()) }() // nothing was written
	for _, table := range []string{"terms", "inquiries", "inbox"} {
		_, err := tx.Exec(t.Context(), "LOCK TABLE "+cfg.Schema+".answerable_"+table+" IN ACCESS EXCLUSIVE MODE")
		require.NoError(t, err)
	}
	reads := []func(ctx context.Context) error{
		func(ctx context.Context) error {
			_, err := s.Pending(ctx, "support", 9)
			return err
		},
		func(ctx context.Context) error {
			_, err := s.Find(ctx, inquiry.Query{Pool: "support"})
			return err
		},
		func(ctx context.Context) error {
			_, err := s.Recover(ctx, "support")
			return err
		},
		func(ctx context.Context) error {
			_, err := s.Check(ctx, "support", nil)
			return err
		},
	}
	ended := make(chan error, len(reads))
	for i, read := range reads {
		go func() { ended <- read(context.Background()) }()
		waits := "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND $1 = ANY (pg_blocking_pids(pid))"
		require.Eventually(t, func() bool { return get[int](t, host.Pool(), waits, int64(tx.Conn().PgConn().PID())) == i+1 }, time.Minute, time.Millisecond)
	}
	go func() { _ = s.Close() }() // which waits for what reads if it does not end it
	for range reads {
		select {
		case err := <-ended:
			require.ErrorIs(t, err, adapters.ErrClosed)
		case <-time.After(time.Minute):
			require.FailNow(t, "a read goes on behind Close")
		}
	}
}

func TestDurability(t *testing.T) {
	t.Parallel()
	t.Run("A1 a commit is synchronous whatever the session is set to", func(t *testing.T) {
		t.Parallel()
		cfg := postgres.Config{Schema: schema(t)}
		s, err := postgres.New(t.Context(), pool(t, "synchronous_commit=off"), cfg)
		require.NoError(t, err)
		defer s.Close()
		// What is true within the store's transactions is written down by a trigger.
		p := pool(t)
		exec(t, p, fmt.Sprintf(`CREATE TABLE %[1]s.seen (v text);
			CREATE FUNCTION %[1]s.note() RETURNS trigger LANGUAGE plpgsql AS $$
			BEGIN INSERT INTO %[1]s.seen VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$;
			CREATE CONSTRAINT TRIGGER n AFTER INSERT ON %[1]s.answerable_inbox DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION %[1]s.note();
			CREATE CONSTRAINT TRIGGER n AFTER INSERT OR UPDATE ON %[1]s.answerable_terms DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION %[1]s.note();
			CREATE CONSTRAINT TRIGGER n AFTER INSERT ON %[1]s.answerable_journal DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION %[1]s.note()`, cfg.Schema))
		require.NoError(t, s.Put(t.Context(), "support", input("a")))
		term := lead(t, s, adapters.Claim{Node: "a", For: time.Hour})
		require.NoError(t, s.Append(t.Context(), adapters.Commit{Pool: "support", Epoch: term.Epoch, Batch: inquiry.Batch{Events: []inquiry.Event{event(1, "mia")}}}))
		require.Equal(t, []string{"on"}, get[[]string](t, p, "SELECT array_agg(DISTINCT v) FROM "+cfg.Schema+".seen"))
		require.GreaterOrEqual(t, get[int](t, p, "SELECT count(*) FROM "+cfg.Schema+".seen"), 5)
	})
	t.Run("A1 a server that does not sync is warned of", func(t *testing.T) {
		t.Parallel()
		var said bytes.Buffer
		s := open(t, postgres.Config{Logger: slog.New(slog.NewTextHandler(&said, nil))})
		fsync := get[string](t, s.Pool(), "SHOW fsync")
		require.Equal(t, fsync != "on", strings.Contains(said.String(), "does not sync"))
	})
}
