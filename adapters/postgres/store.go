package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/record"
)

// DefaultSchema is where the tables are if Config.Schema is empty.
const DefaultSchema = "answerable"

// Config says how a store works. The zero Config works.
type Config struct {
	// Schema is the schema, in the sense of a namespace, that holds the store's
	// tables; it is created if there is none. Any name that PostgreSQL allows:
	// 1 to 63 bytes, not beginning with pg_. Empty means [DefaultSchema].
	Schema string
	// TransactionPooler says that connections go through a pooler that gives
	// each transaction another server connection, such as PgBouncer with
	// pool_mode=transaction. [Open] then sends statements in a way that leaves
	// nothing behind on a connection (pgx's exec mode), and the store does not
	// LISTEN, unless Listen names another way in. [New] leaves the mode of the
	// host's pool as it is and refuses one that keeps prepared statements.
	TransactionPooler bool
	// Listen is the DSN of a direct connection to the same database, for LISTEN.
	// Empty means the DSN, or the pool's settings, that the store works with.
	Listen string
	// Quiet has the store neither NOTIFY nor LISTEN: nodes then find what others
	// did by polling only. A commit that notifies waits for others that do so at
	// the same time, in the whole database: that costs a host whose own
	// transactions put inputs thousands of times a second.
	Quiet bool
	// NoMigrations has the store use the schema as it is. Somebody else then
	// calls [Migrate], under a role that may create tables.
	NoMigrations bool
	// Logger gets what an operator needs to know. Nil discards it.
	Logger *slog.Logger
}

func (c Config) withDefaults() Config {
	if c.Schema == "" {
		c.Schema = DefaultSchema
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

func (c Config) validate() error {
	var errs []error
	add := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("postgres: Config."+format, args...))
	}
	switch s := c.Schema; {
	case len(s) > 63:
		add("Schema %q has %d bytes: PostgreSQL's names have at most 63", s, len(s))
	case !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0:
		add("Schema %q cannot be a name in PostgreSQL: want UTF-8 without NUL", s)
	case strings.HasPrefix(s, "pg_"):
		add("Schema is %q: names that begin with pg_ are PostgreSQL's own", s)
	}
	if c.Listen != "" {
		if _, err := pgx.ParseConfig(c.Listen); err != nil {
			add("Listen cannot be read: %w", err)
		}
	}
	return errors.Join(errs...)
}

// Store is an [adapters.Store] in a PostgreSQL database. Its zero value does not
// work; see [Open] and [New]. It is safe for concurrent use, also by several
// processes.
type Store struct {
	pool       *pgxpool.Pool
	ours       bool   // the pool is closed with the store
	schema     string // quoted
	sql        statements
	cfg        Config
	log        *slog.Logger
	notifies   bool
	channel    string // of NOTIFY
	bell       *bell
	ears       *ears
	chains     chains
	shortfalls record.Shortfalls
	retaining  chan struct{} // has room for one

	closing chan struct{} // closed by Close
	once    sync.Once
	work    sync.RWMutex // held by writes, for reading
	// reading ends when the store is closed, writing a while later: a commit
	// under way is to be told how it went.
	reading, writing       context.Context //nolint:containedctx // they live as long as the store
	stopReading, stopWrite context.CancelFunc
}

var (
	_ adapters.Store    = (*Store)(nil)
	_ adapters.Restorer = (*Store)(nil)
	_ adapters.Waker    = (*Store)(nil)
	_ adapters.Checker  = (*Store)(nil)
	_ adapters.Preparer = (*Store)(nil)
)

// lastWrites is how long Close waits for writes under way.
const lastWrites = 5 * time.Second

// Open connects to a database and brings the store's schema up to date. dsn is
// a URL or a list of key=value pairs as for libpq; pgx's own settings, such as
// pool_max_conns and default_query_exec_mode, may be in it. Several stores, also
// of several processes, may use the same schema.
//
// The error says if the server cannot be reached, is older than PostgreSQL 15,
// is a standby, or has a schema that a newer version of the library made
// unusable for this one.
func Open(ctx context.Context, dsn string, cfg Config) (*Store, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	settings, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("postgres: the DSN cannot be read: %w", err)
	}
	if settings.ConnConfig.RuntimeParams["application_name"] == "" {
		settings.ConnConfig.RuntimeParams["application_name"] = "answerable"
	}
	if cfg.TransactionPooler && keepsStatements(settings) {
		settings.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	}
	pool, err := pgxpool.NewWithConfig(ctx, settings)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	s, err := New(ctx, pool, cfg)
	if err != nil {
		pool.Close()
		return nil, err
	}
	s.ours = true
	return s, nil
}

// keepsStatements reports whether a pool's statements need the same server
// connection for more than one transaction.
func keepsStatements(settings *pgxpool.Config) bool {
	mode := settings.ConnConfig.DefaultQueryExecMode
	return mode == pgx.QueryExecModeCacheStatement || mode == pgx.QueryExecModeDescribeExec
}

// New is [Open] on the host's own pool of connections, which Close leaves open.
// The store needs one connection of it at a time for each call under way, and
// beside the pool one for LISTEN.
func New(ctx context.Context, pool *pgxpool.Pool, cfg Config) (*Store, error) {
	if pool == nil {
		return nil, errors.New("postgres: the pool is nil: give one, or use Open with a DSN")
	}
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	if cfg.TransactionPooler && keepsStatements(pool.Config()) {
		return nil, errors.New("postgres: the pool keeps prepared statements, which a transaction pooler breaks: " +
			"set its ConnConfig.DefaultQueryExecMode to pgx.QueryExecModeExec or pgx.QueryExecModeCacheDescribe, " +
			"or default_query_exec_mode=exec in its DSN")
	}
	quoted := pgx.Identifier{cfg.Schema}.Sanitize()
	s := &Store{
		pool: pool, schema: quoted, sql: statementsIn(quoted), cfg: cfg, log: cfg.Logger,
		notifies: !cfg.Quiet, channel: channelOf(cfg.Schema), retaining: make(chan struct{}, 1), closing: make(chan struct{}),
	}
	s.bell, s.ears = newBell(s), newEars()
	s.reading, s.stopReading = context.WithCancel(context.Background())
	s.writing, s.stopWrite = context.WithCancel(context.Background())
	if err := s.prepare(ctx); err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

// prepare looks at the server and the schema.
func (s *Store) prepare(ctx context.Context) error {
	var version int
	var fsync string
	var standby bool
	err := s.pool.QueryRow(ctx, "SELECT current_setting('server_version_num')::integer, current_setting('fsync'), pg_is_in_recovery()").
		Scan(&version, &fsync, &standby)
	switch {
	case err != nil:
		return fmt.Errorf("postgres: the server cannot be asked: %w", err)
	case version < 150000:
		return fmt.Errorf("postgres: the server has version %d.%d: want 15 or newer", version/10000, version%10000)
	case standby:
		return errors.New("postgres: the server is a standby, which takes no writes: connect to the primary (target_session_attrs=read-write in the DSN)")
	case fsync != "on":
		s.log.WarnContext(ctx, "the server does not sync its log: a power cut takes back what was acknowledged", "fsync", fsync)
	}
	if s.cfg.NoMigrations {
		return s.checkSchema(ctx)
	}
	return s.migrate(ctx)
}

// Pool is the pool of connections that the store works with, for the host's own
// tables and for transactions to be used with [Store.InTx].
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// Close waits up to five seconds for writes that are under way, and closes the
// pool if [Open] made it. Reads under way fail with adapters.ErrClosed.
func (s *Store) Close() error {
	s.once.Do(func() {
		close(s.closing)
		s.stopReading()
		late := time.AfterFunc(lastWrites, s.stopWrite)
		s.work.Lock()
		s.work.Unlock() //nolint:staticcheck // nothing is to be done but to stand behind the last write
		s.bell.wait()   // that a term was given back is still told
		late.Stop()
		s.stopWrite()
		if s.ours {
			s.pool.Close()
		}
	})
	return nil
}

func (s *Store) closed() bool {
	select {
	case <-s.closing:
		return true
	default:
		return false
	}
}

// fail turns an error that left nothing behind into one of the contract's.
func (s *Store) fail(ctx context.Context, doing string, err error) error {
	switch {
	case err == nil:
		return nil
	case s.closed():
		return fmt.Errorf("postgres: %s: %w", doing, adapters.ErrClosed)
	case ctx.Err() != nil:
		if cause := context.Cause(ctx); !errors.Is(cause, ctx.Err()) {
			return fmt.Errorf("postgres: %s: %w: %w", doing, ctx.Err(), cause)
		}
		return fmt.Errorf("postgres: %s: %w", doing, ctx.Err())
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && e.Code == stateDamaged {
		return fmt.Errorf("postgres: %s: %w", doing, record.Damaged(e.Detail, "term", "", "%s", e.Message))
	}
	if state(err) == stateDiskFull {
		err = fmt.Errorf("a disk of the server is full: make room on it, and work goes on by itself: %w", err)
	}
	return fmt.Errorf("postgres: %s: %w: %w", doing, adapters.ErrUnavailable, err)
}

// ready fails if the store is closed or ctx has ended.
func (s *Store) ready(ctx context.Context, doing string) error {
	if s.closed() {
		return fmt.Errorf("postgres: %s: %w", doing, adapters.ErrClosed)
	}
	return s.fail(ctx, doing, ctx.Err())
}
