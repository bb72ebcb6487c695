package postgres_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/postgres"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/apart"
	"github.com/answerable-go/answerable/internal/pgserver"
	"github.com/answerable-go/answerable/routing/dispatch"
)

var fills = flag.Int("fills", 1, "how often the disk of the server's tables is filled")

// TestDiskFull fills the disk that the tables of a store are on, under an Engine at
// work. (Where the server's own log has no room it ends itself, as in a crash.)
//
//	go test -run TestDiskFull -fills 20 -v -timeout 1h .
func TestDiskFull(t *testing.T) {
	if os.Geteuid() != 0 {
		apart.Skip(t, "a disk for another user, as PostgreSQL needs it, is mounted by root only")
	}
	if _, err := pgserver.Find(); errors.Is(err, pgserver.ErrNotInstalled) && os.Getenv("ANSWERABLE_NO_SKIP") == "" {
		t.Skip(err)
	}
	if !apart.Inside(t) {
		return
	}
	s, err := pgserver.Start(t.Context())
	require.NoError(t, err)
	defer s.Stop()
	var acknowledged, refused int
	for n := *from; n < *from+*fills; n++ {
		a, r := filled(t, s, n)
		acknowledged, refused = acknowledged+a, refused+r
	}
	t.Logf("%d full disks; %d messages acknowledged, all there once, %d times one was refused", *fills, acknowledged, refused)
}

// filled fills a disk once, makes room again, and holds what is there against what
// was acknowledged.
func filled(t *testing.T, s *pgserver.Server, n int) (acknowledged, refusals int) {
	t.Helper()
	rng := rand.New(rand.NewPCG(uint64(n), 5))
	who, err := pgserver.Whom()
	require.NoError(t, err)
	at, err := os.MkdirTemp("", "answerable-disk-") //nolint:usetesting // the server's user has to come there
	require.NoError(t, err)
	defer func() { require.NoError(t, os.Remove(at)) }()
	disk, err := apart.NewDisk(at, 4096+rng.IntN(12*1024), fmt.Sprintf("uid=%d", who.Uid), fmt.Sprintf("gid=%d", who.Gid), "mode=700")
	if err != nil {
		apart.Skip(t, "%v", err)
	}
	defer func() { require.NoError(t, disk.Detach()) }()
	space := fmt.Sprintf("small_%d", n)
	execute(t, s.DSN(), "CREATE TABLESPACE "+space+" LOCATION '"+filepath.Clean(at)+"'")
	defer execute(t, s.DSN(), "DROP TABLESPACE "+space)

	f := newFleet(t, s.DSN()+" options='-c default_tablespace="+space+"'")
	store, err := postgres.Open(t.Context(), f.dsn, postgres.Config{Schema: f.schema})
	require.NoError(t, err)
	defer execute(t, s.DSN(), "DROP SCHEMA "+f.schema+" CASCADE")
	defer func() { require.NoError(t, store.Close()) }()
	e, err := dispatch.New(store, nodePolicy(), dispatch.Config{
		Pool: nodePool, Node: "node", Directory: nodeStaff(), Term: nodeTerm, NotifyTimeout: time.Second,
		Notifier: adapters.NotifierFunc(func(context.Context, inquiry.Effect) error { return nil }),
	})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	<-e.Ready()

	var callers sync.WaitGroup
	var told []error
	for i := range nodeCallers {
		callers.Go(func() { submits(ctx, f, e, i, func(err error) { told = append(told, err) }) })
	}
	count := func() (acked, refused int) {
		f.mu.Lock()
		defer f.mu.Unlock()
		return len(f.acked), len(told)
	}
	until := func(so func(acked, refused int) bool) {
		t.Helper()
		require.Eventually(t, func() bool { return so(count()) }, 2*time.Minute, 10*time.Millisecond)
	}
	some := rng.IntN(40)
	until(func(acked, refused int) bool { return acked > some || refused > 0 }) // a small disk is full by then
	require.NoError(t, disk.Fill(0))
	until(func(_, refused int) bool { return refused > 0 })
	time.Sleep(time.Duration(rng.IntN(int(2 * time.Second)))) // terms pass
	f.verified(store)
	before, refusals := count()
	require.NoError(t, disk.Grow())
	until(func(acked, _ int) bool { return acked >= before+5*nodeCallers }) // nobody has restarted anything
	cancel()
	callers.Wait()
	require.NoError(t, <-ended)
	for _, err := range told {
		require.ErrorIs(t, err, adapters.ErrUnavailable, "A1 the server has told that nothing was kept")
		require.ErrorContains(t, err, "a disk of the server is full: make room on it")
	}
	f.audit()
	return len(f.acked), refusals
}

// submits submits numbered messages, each until it is accepted.
func submits(ctx context.Context, f *fleet, e *dispatch.Engine, caller int, refused func(error)) {
	for n := 0; ctx.Err() == nil; {
		m := inquiry.Message{
			External: fmt.Sprintf("%d/%d", caller, n), Channel: "email", Author: inquiry.Author{External: fmt.Sprintf("author-%d-%d", caller, n)},
			Text: "Please help me.",
		}
		patient, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
		receipt, err := e.Submit(patient, m)
		cancel()
		f.mu.Lock()
		switch {
		case err == nil:
			f.acked[m.External] = receipt.Inquiry.String()
			n++
		case inquiry.IsPending(err):
			f.acked[m.External] = ""
			n++
		case !errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
			refused(err)
		}
		f.mu.Unlock()
		time.Sleep(2 * time.Millisecond)
	}
}

func execute(t *testing.T, dsn, query string) {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), dsn)
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(context.Background())) }()
	_, err = conn.Exec(context.Background(), query)
	require.NoError(t, err)
}
