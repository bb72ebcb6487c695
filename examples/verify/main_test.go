package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/sqlite"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/routing/verify"
	"github.com/answerable-go/answerable/sla"
)

const sample = "../../inquiry/testdata/journal-format-1.jsonl"

// output runs the program.
func output(t *testing.T, stdin io.Reader, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, stdin, &out, &errs)
	return code, out.String(), errs.String()
}

// worked is a file on which an engine has worked, and its pool.
func worked(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "answerable.db")
	s, err := sqlite.Open(t.Context(), path, sqlite.Config{})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	e, err := dispatch.New(s, routing.Policy{
		Sink:    "head",
		Default: routing.Settings{Targets: []sla.Target{sla.Within(sla.Resolve, time.Hour, "")}},
	}, dispatch.Config{Directory: adapters.Owners{{ID: "anna", Capacity: 100}, {ID: "head", Capacity: 100}}})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	<-e.Ready()
	require.NoError(t, e.Do(ctx, "", inquiry.SetPresence{Owner: "anna", Presence: inquiry.Online}))
	for _, external := range []string{"m1", "m2"} {
		_, err := e.Submit(ctx, inquiry.Message{External: external, Channel: "email", Author: inquiry.Author{External: external}, Text: "Hello?"})
		require.NoError(t, err)
	}
	cancel()
	require.NoError(t, <-ended)
	return path
}

// spoil changes a file past the store.
func spoil(t *testing.T, path, query string) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, sqlite.Config{})
	require.NoError(t, err)
	done, err := s.DB().ExecContext(t.Context(), query)
	require.NoError(t, err)
	n, err := done.RowsAffected()
	require.NoError(t, err)
	require.Positive(t, n)
	require.NoError(t, s.Close())
}

func TestDatabase(t *testing.T) {
	t.Parallel()
	path := worked(t)
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	code, stdout, stderr := output(t, nil, "-sqlite", path, "-replay")
	require.Equal(t, clean, code, stdout+stderr)
	require.Contains(t, stdout, "nothing was found")
	require.NotContains(t, stdout, "replayed", "it was tried")
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.True(t, bytes.Equal(before, after), "the file is as it was")

	code, stdout, stderr = output(t, nil, "-sqlite", path, "-pool", "other")
	require.Equal(t, unreadable, code)
	require.Empty(t, stdout)
	require.Contains(t, stderr, `pool "other" has no events`)

	spoil(t, path, "UPDATE answerable_journal SET event = replace(event, 'anna', 'hans') WHERE seq = (SELECT max(seq) FROM answerable_journal WHERE kind = 'offered')")
	code, stdout, stderr = output(t, nil, "-sqlite", path, "-json")
	require.Equal(t, found, code, stderr)
	var r verify.Report
	require.NoError(t, json.Unmarshal([]byte(stdout), &r))
	require.NotEmpty(t, r.Findings)
	require.Contains(t, r.Rules(), verify.Chain)
	require.Len(t, r.Checks, len(verify.Rules()))

	require.NoError(t, os.WriteFile(path, []byte("this is no database, and was one"), 0o600))
	code, _, stderr = output(t, nil, "-sqlite", path)
	require.Equal(t, unreadable, code)
	require.Contains(t, stderr, "it could not be read to its end")
}

func TestJournal(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(sample)
	require.NoError(t, err)
	lines := strings.SplitAfter(string(raw), "\n")
	for name, c := range map[string]struct {
		journal string
		code    int
		says    string
	}{
		"as it is":          {string(raw), clean, "nothing was found"},
		"with empty lines":  {"\n" + lines[0] + "\n" + strings.Join(lines[1:], ""), clean, "nothing was found"},
		"without its end":   {strings.TrimSuffix(string(raw), "\n"), clean, "nothing was found"},
		"a line lost":       {lines[0] + lines[1] + strings.Join(lines[3:], ""), found, "sequence: "},
		"half a line":       {lines[0] + lines[1][:30], unreadable, "line 2 is no event"},
		"a line of another": {lines[0] + "[]\n", unreadable, "line 2 is no event"},
		"nothing":           {"\n\n", unreadable, "no events"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := output(t, strings.NewReader(c.journal), "-journal", "-")
			require.Equal(t, c.code, code, stdout+stderr)
			require.Contains(t, stdout+stderr, c.says)
		})
	}
	code, stdout, _ := output(t, nil, "-journal", sample, "-pool", "other")
	require.Equal(t, found, code)
	require.Contains(t, stdout, "event 100: pool: ")
	require.NotContains(t, stdout, "event 101: pool: ")
	require.Contains(t, stdout, "and 895 more")
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{}, {"-sqlite", "a", "-journal", "b"}, {"-sqlite", "a", "-rules"}, {"-sqlite", "a", "-schema", "b"}, {"-sqlite", "a", "b"}, {"-what"}} {
		code, stdout, stderr := output(t, nil, args...)
		require.Equal(t, unreadable, code, args)
		require.Empty(t, stdout, args)
		require.NotEmpty(t, stderr, args)
	}
	for _, args := range [][]string{{"-sqlite", "no/such.db"}, {"-journal", "no/such.jsonl"}, {"-postgres", "postgres://127.0.0.1:1/none?connect_timeout=5"}, {"-postgres", "postgres://%zz"}} {
		code, _, stderr := output(t, nil, args...)
		require.Equal(t, unreadable, code, args)
		require.Contains(t, stderr, "it could not be read", args)
	}
	code, _, stderr := output(t, nil, "-h")
	require.Equal(t, clean, code)
	require.Contains(t, stderr, "go run ./examples/verify")
	code, stdout, _ := output(t, nil, "-rules")
	require.Equal(t, clean, code)
	for _, rule := range verify.Rules() {
		require.Contains(t, stdout, string(rule)+" ")
		require.Contains(t, stdout, rule.Promise())
	}
}

// Whichever way a database is named, its server is told to refuse writes.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	for _, dsn := range []string{"postgres://u:p%40ss@host:5433/db?sslmode=disable", "postgresql://host/db", "host=host dbname=db"} {
		got, err := readOnly(dsn)
		require.NoError(t, err)
		was, err := pgx.ParseConfig(dsn)
		require.NoError(t, err)
		is, err := pgx.ParseConfig(got)
		require.NoError(t, err)
		require.Equal(t, "on", is.RuntimeParams["default_transaction_read_only"])
		require.Equal(t, []any{was.Host, was.Port, was.Database, was.User, was.Password}, []any{is.Host, is.Port, is.Database, is.User, is.Password})
	}
}

// The commands of the README print what it says.
func TestREADME(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	raw, err := os.ReadFile(sample)
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?s)```console\n\\$ ([^\n]*)\n(.*?)```\n").FindAllStringSubmatch(string(readme), -1)
	require.Len(t, blocks, 2)
	journal := string(raw)
	for i, block := range blocks {
		require.Contains(t, block[1], "go run ./examples/verify -journal")
		if i == 1 {
			lines := strings.SplitAfter(journal, "\n")
			require.Contains(t, block[1], "sed '73s/17:05:00Z/17:05:01Z/'")
			lines[72] = strings.Replace(lines[72], "17:05:00Z", "17:05:01Z", 1)
			journal = strings.Join(lines, "")
		}
		_, stdout, stderr := output(t, strings.NewReader(journal), "-journal", "-")
		require.Equal(t, block[2], stdout+stderr)
	}
}
