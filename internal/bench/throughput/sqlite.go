package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/sqlite"
	"github.com/answerable-go/answerable/inquiry"
)

// onSQLite makes files in a directory of their own, synced at every commit.
type onSQLite struct {
	settings
	commits []adapters.Commit
	temp    string
}

func (h *onSQLite) open(ctx context.Context) (string, error) {
	var err error
	if h.temp, err = os.MkdirTemp(h.dir, "throughput-"); err != nil {
		return "", err
	}
	s, _, drop, err := h.file(ctx)
	if err != nil {
		return "", err
	}
	defer drop()
	var version string
	err = s.DB().QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&version)
	return fmt.Sprintf("SQLite %s in %s, WAL, synchronous=FULL", version, h.dir), err
}

func (h *onSQLite) close() { _ = os.RemoveAll(h.temp) }

// file is a new one with its store, and what gets rid of both.
func (h *onSQLite) file(ctx context.Context) (s *sqlite.Store, path string, drop func(), err error) {
	dir, err := os.MkdirTemp(h.temp, "")
	if err != nil {
		return nil, "", nil, err
	}
	path = filepath.Join(dir, "answerable.db")
	if s, err = sqlite.Open(ctx, path, sqlite.Config{}); err != nil {
		return nil, "", nil, err
	}
	return s, path, func() {
		_ = s.Close()
		_ = os.RemoveAll(dir)
	}, nil
}

func (h *onSQLite) store(ctx context.Context) (adapters.Store, func(), error) {
	s, _, drop, err := h.file(ctx)
	return s, drop, err
}

func (*onSQLite) rest(context.Context) error { return nil }

func (h *onSQLite) others(context.Context) ([]contestant, error) {
	return []contestant{{"raw", h.raw}}, nil
}

func (h *onSQLite) cpu() time.Duration { return 0 }

// inserted is a row ready to be written, and by which statement.
type inserted struct {
	statement int
	args      []any
}

// raw writes the rows of the same inquiries with one prepared statement for each
// table, a transaction for each batch of them, and with nothing to be decided,
// encoded, summed or compared.
func (h *onSQLite) raw(ctx context.Context, n int) (took times, err error) {
	if len(h.commits) == 0 {
		if h.commits, err = commitsOf(ctx, h.settings, h, n); err != nil {
			return took, err
		}
	}
	s, path, drop, err := h.file(ctx)
	if err != nil {
		return took, err
	}
	defer drop()
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?_txlock=immediate&_synchronous=FULL&_pragma=cache_size(-32768)&_pragma=wal_autocheckpoint(4000)")
	if err != nil {
		return took, err
	}
	defer func() { _ = db.Close() }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return took, err
	}
	defer func() { _ = conn.Close() }()
	statements, groups, err := h.groups(ctx, conn)
	if err != nil {
		return took, err
	}
	watch := start(h)
	for _, group := range groups {
		for _, row := range group {
			if _, err := statements[row.statement].Exec(row.args...); err != nil { //nolint:noctx // without what watches a context
				return took, err
			}
		}
	}
	took = watch.stop()
	var closed int
	if err := s.DB().QueryRowContext(ctx, "SELECT count(*) FROM answerable_inquiries WHERE state IN ('resolved', 'closed')").Scan(&closed); err != nil || closed != n {
		return took, fmt.Errorf("%d of %d inquiries are over: %w", closed, n, err)
	}
	return took, nil
}

// groups are the rows of each commit between its BEGIN and COMMIT.
func (h *onSQLite) groups(ctx context.Context, conn *sql.Conn) (statements []*sql.Stmt, groups [][]inserted, err error) {
	known := map[string]int{}
	statement := func(query string) int {
		i, ok := known[query]
		if !ok {
			var stmt *sql.Stmt
			if stmt, err = conn.PrepareContext(ctx, query); err != nil {
				return 0
			}
			i = len(statements)
			known[query], statements = i, append(statements, stmt)
		}
		return i
	}
	begin, commit := statement("BEGIN IMMEDIATE"), statement("COMMIT")
	for i := range h.commits {
		c := &h.commits[i]
		group := []inserted{{begin, nil}}
		tables := rows(c, jsonText)
		for _, table := range []string{"journal", "inquiries", "details", "messages", "outcomes", "outbox"} {
			for _, row := range tables[table] {
				var names, sets []string
				var args []any
				for _, col := range row {
					names, args = append(names, col.name), append(args, sqliteValue(col.name, col.value))
					if col.name != "pool" && col.name != "id" {
						sets = append(sets, col.name+" = excluded."+col.name)
					}
				}
				query := "INSERT INTO answerable_" + table + " (" + strings.Join(names, ", ") + ") VALUES (?" + strings.Repeat(", ?", len(names)-1) + ")"
				if table == "inquiries" {
					query += " ON CONFLICT (pool, id) DO UPDATE SET " + strings.Join(sets, ", ")
				}
				group = append(group, inserted{statement(query), args})
			}
		}
		for _, id := range c.Settled {
			group = append(group, inserted{statement("DELETE FROM answerable_outbox WHERE pool = ? AND id = ?"), []any{pool, id.String()}})
		}
		groups = append(groups, append(group, inserted{commit, nil}))
	}
	return statements, groups, err
}

func sqliteValue(name string, v any) any {
	switch v := v.(type) {
	case inquiry.ID:
		return v.String()
	case time.Time:
		if v.IsZero() {
			if name == "due" {
				return nil
			}
			return ""
		}
		return v.UTC().Format("2006-01-02T15:04:05.000000000Z")
	}
	return v
}
