package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/postgres"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/pgserver"
	"github.com/answerable-go/answerable/internal/typical"
)

// onPostgres is a server of its own, which syncs its log.
type onPostgres struct {
	settings
	server  *pgserver.Server
	pid     int
	pool    *pgxpool.Pool
	schemas int
	commits []adapters.Commit
}

// serverOptions are those that anybody would set who writes much; all contestants have them.
var serverOptions = []string{"-cshared_buffers=512MB", "-cmax_wal_size=8GB", "-ccheckpoint_timeout=30min", "-cwal_buffers=16MB"}

func (h *onPostgres) open(ctx context.Context) (string, error) {
	if err := os.Setenv("TMPDIR", h.dir); err != nil {
		return "", err
	}
	var err error
	options := serverOptions
	if h.explain {
		options = append(slices.Clip(options), "-cshared_preload_libraries=pg_stat_statements", "-cpg_stat_statements.track_planning=on", "-cpg_stat_statements.track=all")
	}
	if h.server, err = pgserver.Start(ctx, options...); err != nil {
		return "", err
	}
	if h.pid, err = h.server.PID(); err != nil {
		return "", err
	}
	cfg, err := pgxpool.ParseConfig(h.server.DSN())
	if err != nil {
		return "", err
	}
	cfg.MaxConns = 20
	if h.pool, err = pgxpool.NewWithConfig(ctx, cfg); err != nil {
		return "", err
	}
	var version, fsync, commit string
	err = h.pool.QueryRow(ctx, "SELECT current_setting('server_version'), current_setting('fsync'), current_setting('synchronous_commit')").Scan(&version, &fsync, &commit)
	if err == nil && (fsync != "on" || commit != "on") {
		err = fmt.Errorf("fsync is %s and synchronous_commit %s: want both on", fsync, commit)
	}
	if err == nil && h.explain {
		_, err = h.pool.Exec(ctx, "CREATE EXTENSION pg_stat_statements")
	}
	return fmt.Sprintf("PostgreSQL %s in %s, fsync=on, synchronous_commit=on, %s", version, h.dir, strings.Join(serverOptions, " ")), err
}

// forget begins to count the statements' times anew.
func (h *onPostgres) forget() {
	if h.explain {
		_, _ = h.pool.Exec(context.Background(), "SELECT pg_stat_statements_reset()")
	}
}

// statements are those that took the most time.
func (h *onPostgres) statements() (list []string) {
	if !h.explain {
		return nil
	}
	rows, err := h.pool.Query(context.Background(), `SELECT format('%s ms, %s of it planned, %s calls, %s rows, %s kB of WAL: %s', round(total_exec_time + total_plan_time), round(total_plan_time), calls, rows,
		round(wal_bytes / 1024), left(regexp_replace(query, '\s+', ' ', 'g'), 90)) FROM pg_stat_statements ORDER BY total_exec_time DESC LIMIT 25`)
	if err != nil {
		return []string{err.Error()}
	}
	list, err = pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return []string{err.Error()}
	}
	return list
}

func (h *onPostgres) close() {
	if h.pool != nil {
		h.pool.Close()
	}
	h.server.Stop()
}

func (h *onPostgres) cpu() time.Duration { return treeCPU(h.pid) }

// schema is a new one, and what drops it.
func (h *onPostgres) schema() (string, func()) {
	h.schemas++
	name := fmt.Sprint("throughput_", h.schemas)
	return name, func() {
		_, _ = h.pool.Exec(context.WithoutCancel(context.Background()), "DROP SCHEMA IF EXISTS "+name+" CASCADE")
	}
}

func (h *onPostgres) store(ctx context.Context) (adapters.Store, func(), error) {
	name, drop := h.schema()
	s, err := postgres.New(ctx, h.pool, postgres.Config{Schema: name})
	if err != nil {
		return nil, nil, err
	}
	return s, func() {
		_ = s.Close()
		drop()
	}, nil
}

// rest does what autovacuum has long done with tables that grew, and what the log
// has in store for a checkpoint.
func (h *onPostgres) rest(ctx context.Context) error {
	for _, table := range []string{"journal", "inquiries", "details", "messages", "outcomes", "outbox", "marks"} {
		if _, err := h.pool.Exec(ctx, fmt.Sprintf("VACUUM (ANALYZE) throughput_%d.answerable_%s", h.schemas, table)); err != nil {
			return err
		}
	}
	_, err := h.pool.Exec(ctx, "CHECKPOINT")
	return err
}

func (h *onPostgres) others(context.Context) ([]contestant, error) {
	return []contestant{{"river", h.river}, {"raw", h.raw}}, nil
}

// job is an inquiry as a job of River's: the message, as a host would put it in.
type job struct {
	inquiry.Message
}

// Kind names the job.
func (job) Kind() string { return "inquiry" }

type worker struct {
	river.WorkerDefaults[job]
}

// Work does nothing: deciding who answers is what River leaves to the host.
func (worker) Work(context.Context, *river.Job[job]) error { return nil }

// river inserts jobs and works on them: one for each inquiry.
func (h *onPostgres) river(ctx context.Context, n int) (took times, err error) {
	name, drop := h.schema()
	defer drop()
	if _, err := h.pool.Exec(ctx, "CREATE SCHEMA "+name); err != nil {
		return took, err
	}
	driver := riverpgxv5.New(h.pool)
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Schema: name})
	if err != nil {
		return took, err
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return took, err
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, worker{})
	client, err := river.NewClient(driver, &river.Config{
		Schema: name, Workers: workers, Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: h.workers}},
		FetchCooldown: 2 * time.Millisecond, FetchPollInterval: 20 * time.Millisecond,
	})
	if err != nil {
		return took, err
	}
	ended, cancel := client.SubscribeConfig(&river.SubscribeConfig{Kinds: []river.EventKind{river.EventKindJobCompleted}, ChanSize: n + 1})
	defer cancel()
	if err := client.Start(ctx); err != nil {
		return took, err
	}
	watch := start(h)
	var left atomic.Int64
	left.Store(int64(n))
	errs := make(chan error, h.callers)
	for range h.callers {
		go func() {
			for {
				last := left.Add(-int64(h.settings.batch)) + int64(h.settings.batch)
				if last <= 0 {
					errs <- nil
					return
				}
				params := make([]river.InsertManyParams, min(int64(h.settings.batch), last))
				for i := range params {
					params[i].Args = job{typical.Message(last - int64(i))}
				}
				if _, err := client.InsertMany(ctx, params); err != nil {
					errs <- err
					return
				}
			}
		}()
	}
	for range h.callers {
		err = errors.Join(err, <-errs)
	}
	for range n {
		if err != nil {
			break
		}
		select {
		case <-ended:
		case <-ctx.Done():
			err = ctx.Err()
		case <-time.After(time.Minute):
			err = errors.New("no job was completed for a minute")
		}
	}
	took = watch.stop()
	return took, errors.Join(err, client.Stop(context.WithoutCancel(ctx)))
}

// group is what one of the Engine's commits makes of its rows, ready to be sent.
type group struct {
	copies  []copied
	changed [][]any // columns of inquiries
	settled []string
}

type copied struct {
	table   pgx.Identifier
	columns []string
	rows    [][]any
}

// changedColumns are those of inquiries, with the types of which lists are sent.
var changedColumns = []struct{ name, kind string }{
	{"pool", "text"},
	{"id", "uuid"},
	{"version", "bigint"},
	{"state", "text"},
	{"priority", "bigint"},
	{"owner", "text"},
	{"department", "text"},
	{"due", "timestamptz"},
	{"stranded", "boolean"},
	{"rule", "text"},
	{"channel", "text"},
	{"opened_at", "timestamptz"},
	{"row", "text"},
	{"sum", "bigint"},
}

func upsert(schema string) string {
	var names, lists, sets []string
	for i, c := range changedColumns {
		names = append(names, c.name)
		lists = append(lists, fmt.Sprintf("$%d::%s[]", i+1, c.kind))
		if c.name != "pool" && c.name != "id" {
			sets = append(sets, c.name+" = excluded."+c.name)
		}
	}
	columns := strings.Join(names, ", ")
	return fmt.Sprintf("INSERT INTO %s.answerable_inquiries (%s, due_nanos) SELECT %s, 0 FROM unnest(%s) AS t (%s) ON CONFLICT (pool, id) DO UPDATE SET %s",
		schema, columns, columns, strings.Join(lists, ", "), columns, strings.Join(sets, ", "))
}

func (h *onPostgres) groups(schema string) []group {
	groups := make([]group, len(h.commits))
	for i := range h.commits {
		c, g := &h.commits[i], &groups[i]
		tables := rows(c, jsonText)
		for _, table := range []string{"journal", "details", "messages", "outcomes", "outbox"} {
			list := tables[table]
			if len(list) == 0 {
				continue
			}
			cp := copied{table: pgx.Identifier{schema, "answerable_" + table}}
			for _, col := range list[0] {
				cp.columns = append(cp.columns, col.name)
			}
			for _, row := range list {
				values := make([]any, len(row))
				for k, col := range row {
					values[k] = pgValue(col.value)
				}
				cp.rows = append(cp.rows, values)
			}
			g.copies = append(g.copies, cp)
		}
		for _, id := range c.Settled {
			g.settled = append(g.settled, id.String())
		}
		changed := tables["inquiries"]
		if len(changed) == 0 {
			continue
		}
		for k := range changedColumns {
			list := make([]any, len(changed))
			for j, row := range changed {
				list[j] = pgValue(row[k].value)
			}
			g.changed = append(g.changed, list)
		}
	}
	return groups
}

func pgValue(v any) any {
	switch v := v.(type) {
	case inquiry.ID:
		if v.IsZero() {
			return nil
		}
		return [16]byte(v)
	case time.Time:
		if v.IsZero() {
			return nil
		}
	}
	return v
}

func jsonText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // of what a store has kept already
	}
	return string(b)
}

// raw writes the rows of the same inquiries, with COPY where nothing is replaced,
// a transaction for each batch of them, and with nothing to be decided, encoded,
// summed or compared.
func (h *onPostgres) raw(ctx context.Context, n int) (took times, err error) {
	if len(h.commits) == 0 {
		if h.commits, err = commitsOf(ctx, h.settings, h, n); err != nil {
			return took, err
		}
	}
	name, drop := h.schema()
	defer drop()
	if err := postgres.Migrate(ctx, h.pool, postgres.Config{Schema: name}); err != nil {
		return took, err
	}
	groups, statement := h.groups(name), upsert(name)
	watch := start(h)
	for i := range groups {
		if err := pgx.BeginFunc(ctx, h.pool, func(tx pgx.Tx) error { return groups[i].write(ctx, tx, name, statement) }); err != nil {
			return took, err
		}
	}
	took = watch.stop()
	var closed int
	if err := h.pool.QueryRow(ctx, "SELECT count(*) FROM "+name+".answerable_inquiries WHERE state IN ('resolved', 'closed')").Scan(&closed); err != nil || closed != n {
		return took, fmt.Errorf("%d of %d inquiries are over: %w", closed, n, err)
	}
	return took, nil
}

func (g *group) write(ctx context.Context, tx pgx.Tx, schema, statement string) error {
	for _, c := range g.copies {
		if _, err := tx.CopyFrom(ctx, c.table, c.columns, pgx.CopyFromRows(c.rows)); err != nil {
			return fmt.Errorf("%s: %w", c.table, err)
		}
	}
	if len(g.changed) > 0 {
		if _, err := tx.Exec(ctx, statement, anys(g.changed)...); err != nil {
			return err
		}
	}
	if len(g.settled) > 0 {
		_, err := tx.Exec(ctx, "DELETE FROM "+schema+".answerable_outbox WHERE pool = $1 AND id = ANY ($2::text[]::uuid[])", pool, g.settled)
		return err
	}
	return nil
}

func anys[T any](list []T) []any {
	out := make([]any, len(list))
	for i := range list {
		out[i] = list[i]
	}
	return slices.Clip(out)
}
