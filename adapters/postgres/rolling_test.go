//go:build unix

package postgres_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/postgres"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/verify"
)

// oldest is the oldest commit whose library has to be able to work beside this
// one: the last that knows only the first version of the schema.
const oldest = "a46471f"

// builds are hosts of the library as it was and as it is. The history is not
// everywhere that the tests are: a copy of the module, or a clone of the last
// commits only, is not tried.
func builds(t *testing.T) (older, newer string) {
	t.Helper()
	git := func(args ...string) (string, error) {
		out, err := osexec.CommandContext(t.Context(), "git", args...).Output()
		return strings.TrimSpace(string(out)), err
	}
	root, err := git("rev-parse", "--show-toplevel")
	if err != nil {
		t.Skip("NOT PROVEN HERE: this is no clone of the repository, and there is no older version of the library to build")
	}
	here, err := os.Getwd()
	require.NoError(t, err)
	if got, err := filepath.EvalSymlinks(filepath.Join(root, "adapters", "postgres")); err != nil || got != here {
		t.Skipf("NOT PROVEN HERE: the repository at %s is another one", root)
	}
	if _, err := git("cat-file", "-e", oldest+"^{commit}"); err != nil {
		t.Skipf("NOT PROVEN HERE: the history does not go back to %s, as in a shallow clone: git fetch --unshallow", oldest)
	}
	dir := t.TempDir()
	tree := filepath.Join(dir, "older")
	require.NoError(t, os.Mkdir(tree, 0o755))
	unpack := osexec.CommandContext(t.Context(), "/bin/sh", "-c", `git -C "$1" archive "$2" | tar -x -C "$3"`, "sh", root, oldest, tree)
	out, err := unpack.CombinedOutput()
	require.NoError(t, err, "%s", out)
	const host = "testdata/upgradehost"
	module := filepath.Join(tree, "adapters", "postgres")
	require.NoError(t, os.CopyFS(filepath.Join(module, host), os.DirFS(host)))
	build := func(from, into string) {
		cmd := osexec.CommandContext(t.Context(), "go", "build", "-o", into, "./"+host)
		cmd.Dir = from
		cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-buildvcs=false")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	older, newer = filepath.Join(dir, "older-host"), filepath.Join(dir, "newer-host")
	build(module, older)
	build(here, newer)
	return older, newer
}

// host is a process that has the library.
type host struct {
	name string
	cmd  *osexec.Cmd
	in   io.WriteCloser
	took chan string // each number, once it is acknowledged
	said bytes.Buffer
}

// rolling is a pool on which two builds of the library work.
type rolling struct {
	*testing.T
	cfg  postgres.Config
	pool *pgxpool.Pool
	sent int
}

func (r *rolling) start(binary, name string) *host {
	r.Helper()
	h := &host{name: name, took: make(chan string, 10_000)}
	h.cmd = osexec.CommandContext(context.Background(), binary, dsn(r), r.cfg.Schema, name)
	h.cmd.Stderr = &h.said
	var err error
	h.in, err = h.cmd.StdinPipe()
	require.NoError(r, err)
	out, err := h.cmd.StdoutPipe()
	require.NoError(r, err)
	require.NoError(r, h.cmd.Start())
	r.Cleanup(func() { _ = h.cmd.Process.Kill() })
	ready := make(chan struct{})
	go func() {
		defer close(h.took)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			switch first, rest, _ := strings.Cut(lines.Text(), " "); first {
			case "ready":
				close(ready)
			case "took":
				h.took <- rest
			default:
				r.Errorf("%s: %s", name, lines.Text())
			}
		}
	}()
	select {
	case <-ready:
	case <-time.After(time.Minute):
		_ = h.cmd.Process.Kill()
		_ = h.cmd.Wait()
		require.FailNow(r, "the host does not come up", "%s: %s", name, &h.said)
	}
	return h
}

// submit has messages handed over through hosts in turn, and waits until each is
// acknowledged.
func (r *rolling) submit(n int, through ...*host) {
	r.Helper()
	for range n {
		for _, h := range through {
			r.sent++
			_, err := fmt.Fprintln(h.in, r.sent)
			require.NoError(r, err)
		}
	}
	for range n {
		for _, h := range through {
			select {
			case _, ok := <-h.took:
				require.True(r, ok, "%s has ended: %s", h.name, &h.said)
			case <-time.After(time.Minute):
				require.FailNow(r, "nothing is acknowledged", h.name)
			}
		}
	}
}

func (r *rolling) end(h *host, how syscall.Signal) {
	r.Helper()
	require.NoError(r, h.cmd.Process.Signal(how))
	if err := h.cmd.Wait(); how == syscall.SIGTERM {
		require.NoError(r, err, "%s: %s", h.name, &h.said)
	}
}

// led waits until a host leads.
func (r *rolling) led(h *host) {
	r.Helper()
	require.Eventually(r, func() bool {
		var by string
		err := r.pool.QueryRow(r.Context(), "SELECT node FROM "+r.cfg.Schema+".answerable_terms WHERE until > clock_timestamp()").Scan(&by)
		return err == nil && by == h.name
	}, time.Minute, 10*time.Millisecond, h.name)
}

func (r *rolling) version() int64 {
	r.Helper()
	return get[int64](r, r.pool, "SELECT max(version_id) FROM "+r.cfg.Schema+".answerable_schema WHERE is_applied")
}

// sound has everything that was sent be there, and the journal and the store be in
// order.
func (r *rolling) sound() {
	r.Helper()
	s, err := postgres.New(r.Context(), r.pool, r.cfg)
	require.NoError(r, err)
	defer func() { require.NoError(r, s.Close()) }()
	require.Eventually(r, func() bool {
		found, err := s.Find(r.Context(), inquiry.Query{Pool: "support"})
		require.NoError(r, err)
		return len(found) == r.sent
	}, time.Minute, 20*time.Millisecond)
	report, err := verify.Store(r.Context(), s, "support", verify.Options{Replay: true})
	require.NoError(r, err)
	require.True(r, report.Sound(), "%v", report.Findings)
	_, err = s.Check(r.Context(), "support", func(e *adapters.DamageError) { r.Error(e) })
	require.NoError(r, err)
}

// TestRollingUpgrade has two builds of the library work side by side on one
// database: the oldest that has to be able to, and this one.
func TestRollingUpgrade(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the library twice")
	}
	t.Parallel()
	dsn(t)
	older, newer := builds(t)
	r := &rolling{T: t, cfg: postgres.Config{Schema: schema(t)}, pool: pool(t)}

	a := r.start(older, "older-a")
	r.submit(20, a)
	require.EqualValues(t, 1, r.version())
	// The first newer node migrates while the older one works.
	var b *host
	var both sync.WaitGroup
	both.Go(func() { b = r.start(newer, "newer-b") })
	r.submit(30, a)
	both.Wait()
	require.EqualValues(t, 5, r.version())
	r.led(a)
	migrated := get[int64](t, r.pool, "SELECT max(n) FROM "+r.cfg.Schema+".answerable_messages")
	r.submit(10, a, b)

	// Each leads in its turn: asked to stop, the one before it goes.
	r.end(a, syscall.SIGTERM)
	r.led(b)
	r.submit(10, b)
	c := r.start(older, "older-c") // on the newer schema
	r.submit(10, b, c)
	// Killed, it is followed once its term has ended.
	r.end(b, syscall.SIGKILL)
	r.submit(10, c)
	r.led(c)
	d := r.start(newer, "newer-d")
	r.submit(10, c, d)
	r.end(c, syscall.SIGKILL)
	r.led(d)
	r.submit(10, d)
	at := func(t *testing.T) *rolling { return &rolling{T: t, cfg: r.cfg, pool: r.pool, sent: r.sent} }
	t.Run("A1 nothing is lost and the journal is sound, whichever build took it in and whichever led", func(t *testing.T) {
		at(t).sound()
	})
	t.Run("H1 replies are counted from the migration on, whichever build led", func(t *testing.T) {
		in := func(query string) int {
			return get[int](t, r.pool, strings.ReplaceAll(query, "~", r.cfg.Schema+".answerable_"), migrated)
		}
		const since = "FROM ~inquiries i JOIN ~messages f ON f.inquiry = i.id AND f.direction <> 'outbound' AND f.n > $1"
		require.Greater(t, in("SELECT sum(replies) "+since), 5)
		require.Zero(t, in("SELECT count(*) "+since+" WHERE replies <> (SELECT count(*) FROM ~messages m WHERE m.inquiry = i.id AND m.direction = 'outbound')"))
	})
	r.end(d, syscall.SIGTERM)
	t.Run("H8 the newer schema can be taken back, and the older build has everything", func(t *testing.T) {
		r := at(t)
		require.NoError(t, postgres.MigrateDown(t.Context(), r.pool, r.cfg, 1))
		require.EqualValues(t, 1, r.version())
		e := r.start(older, "older-e")
		r.submit(10, e)
		r.end(e, syscall.SIGTERM)
		require.EqualValues(t, 1, r.version())
		r.sound() // which migrates once more
		require.EqualValues(t, 5, r.version())
	})
}
