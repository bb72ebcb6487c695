package faulttest

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters/postgres"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/dispatch"
)

// toxics are what is done to the connections between the stores and the server,
// in the words of toxiproxy; down takes the proxy away.
var toxics = []string{
	`{"type": "latency", "attributes": {"latency": 40, "jitter": 30}}`,
	`{"type": "reset_peer", "attributes": {"timeout": 0}}`,
	`{"type": "reset_peer", "attributes": {"timeout": 20}, "stream": "upstream"}`,
	`{"type": "timeout", "attributes": {"timeout": 0}}`,
	`{"type": "timeout", "attributes": {"timeout": 50}, "stream": "upstream"}`,
	`{"type": "limit_data", "attributes": {"bytes": 700}}`,
	`{"type": "limit_data", "attributes": {"bytes": 1500}, "stream": "upstream"}`,
	`{"type": "slow_close", "attributes": {"delay": 200}}`,
	`{"type": "bandwidth", "attributes": {"rate": 4}}`,
	`{"type": "slicer", "attributes": {"average_size": 64, "size_variation": 32, "delay": 500}}`,
	"down",
}

// TestCutConnections has two nodes at work over connections to which something is
// done again and again, while messages come in at both.
func TestCutConnections(t *testing.T) {
	t.Run("A1 H4 what was acknowledged is there once, whatever is done to the connections", func(t *testing.T) {
		at := dsn(t)
		upstream := forward(t, at)
		n := count(*faultRuns, len(toxics))
		zerolog.SetGlobalLevel(zerolog.Disabled) // some toxics write to a logger of their own
		rng := rand.New(rand.NewPCG(*from, 0))
		schema := fmt.Sprintf("cut_%d_%d", os.Getpid(), schemas.Add(1))
		direct, err := postgres.Open(t.Context(), at, postgres.Config{Schema: schema})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, direct.Close()) })

		server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
		proxy := toxiproxy.NewProxy(server, "postgres", "127.0.0.1:0", upstream)
		require.NoError(t, proxy.Start())
		defer proxy.Stop()
		w := &wire{T: t, ctx: t.Context(), acked: map[inquiry.ID]inquiry.ID{}}
		defer w.stop()
		for _, name := range []string{"one", "two"} {
			w.start(name, throughProxy(t, at, proxy.Listen, schema))
		}
		for i := range n {
			toxic := toxics[(int(*from-1)+i)%len(toxics)]
			w.acknowledges(3)
			if toxic == "down" {
				proxy.Stop()
			} else {
				_, err := proxy.Toxics.AddToxicJson(strings.NewReader(strings.Replace(toxic, "{", `{"name": "it", `, 1)))
				require.NoError(t, err)
			}
			time.Sleep(time.Duration(100+rng.IntN(400)) * time.Millisecond)
			if toxic == "down" {
				require.NoError(t, proxy.Start())
			} else {
				require.NoError(t, proxy.Toxics.RemoveToxic(t.Context(), "it"))
			}
		}
		w.acknowledges(10)
		w.settles(direct)
		w.stop()
		verified(t, direct, "cut")
		w.audit(direct)
		if n >= len(toxics) { // a few of them only delay
			require.Positive(t, w.warned.Load(), "the nodes felt it")
		}
		t.Logf("%d times something was done to the connections: %d messages acknowledged, %d warnings logged", n, len(w.acked), w.warned.Load())
	})
}

// forward has the server answer on a port of this machine: toxiproxy knows no
// Unix sockets.
func forward(t *testing.T, dsn string) string {
	t.Helper()
	cfg, err := pgx.ParseConfig(dsn)
	require.NoError(t, err)
	network, address := pgconn.NetworkAddress(cfg.Host, cfg.Port)
	if network == "tcp" {
		return address
	}
	var listen net.ListenConfig
	l, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return // closed
			}
			go relay(conn, network, address)
		}
	}()
	return l.Addr().String()
}

// relay copies until either end is closed.
func relay(conn net.Conn, network, address string) {
	var d net.Dialer
	up, err := d.DialContext(context.Background(), network, address)
	if err != nil {
		_ = conn.Close()
		return
	}
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{up, conn}, {conn, up}} {
		both.Go(func() {
			_, _ = io.Copy(way[0], way[1]) // it ends when either end is closed
			_ = way[0].Close()
			_ = way[1].Close()
		})
	}
	both.Wait()
}

// throughProxy is a store whose connections go through the proxy.
func throughProxy(t *testing.T, dsn, proxy, schema string) *postgres.Store {
	t.Helper()
	cfg, err := pgxpool.ParseConfig(dsn)
	require.NoError(t, err)
	cfg.ConnConfig.DialFunc = func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "tcp", proxy)
	}
	cfg.ConnConfig.LookupFunc = func(context.Context, string) ([]string, error) { return []string{"127.0.0.1"}, nil }
	pool, err := pgxpool.NewWithConfig(t.Context(), cfg)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	s, err := postgres.New(t.Context(), pool, postgres.Config{Schema: schema, NoMigrations: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// wire is the nodes on both ends of bad connections, and what they acknowledged.
type wire struct {
	*testing.T
	ctx     context.Context // lives as long as one test
	engines []*dispatch.Engine
	stops   []func()

	warned atomic.Int64

	mu    sync.Mutex
	acked map[inquiry.ID]inquiry.ID
	acks  int
}

// Enabled, Handle, WithAttrs and WithGroup make it a log handler that counts.
func (w *wire) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelWarn }

func (w *wire) Handle(context.Context, slog.Record) error {
	w.warned.Add(1)
	return nil
}

func (w *wire) WithAttrs([]slog.Attr) slog.Handler { return w }
func (w *wire) WithGroup(string) slog.Handler      { return w }

func (w *wire) start(name string, store *postgres.Store) {
	w.Helper()
	policy := storyPolicy()
	policy.Default.Assignment = inquiry.Directly
	e, err := dispatch.New(store, policy, dispatch.Config{
		Pool: "cut", Node: name, Directory: storyStaff(), Term: time.Second, NotifyTimeout: time.Second, CheckEvery: -1,
		Logger: slog.New(w),
	})
	require.NoError(w, err)
	ctx, cancel := context.WithCancel(w.ctx)
	var work sync.WaitGroup
	failed := make(chan error, 1)
	work.Go(func() { failed <- e.Run(ctx) })
	work.Go(func() { w.submit(ctx, e, name) })
	w.engines = append(w.engines, e)
	w.stops = append(w.stops, sync.OnceFunc(func() {
		cancel()
		work.Wait()
		if err := <-failed; err != nil {
			w.Errorf("node %s: %v", name, err)
		}
	}))
}

func (w *wire) stop() {
	for _, stop := range w.stops {
		stop()
	}
}

// submit puts messages in, each until it is accepted.
func (w *wire) submit(ctx context.Context, e *dispatch.Engine, name string) {
	for n := 0; ctx.Err() == nil; n++ {
		m := inquiry.Message{
			External: fmt.Sprintf("%s-%d", name, n), Channel: "email", Account: "help@example.com",
			Author: inquiry.Author{External: fmt.Sprintf("%s-author-%d", name, n)}, Text: "Please help me.",
		}
		for ctx.Err() == nil {
			attempt, cancel := context.WithTimeout(ctx, 2*time.Second)
			r, err := e.Submit(attempt, m)
			cancel()
			if err == nil || inquiry.IsPending(err) {
				w.mu.Lock()
				w.acked[r.Message] = r.Inquiry
				w.acks++
				w.mu.Unlock()
				break
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// acknowledges waits for so many more messages.
func (w *wire) acknowledges(more int) {
	w.Helper()
	w.mu.Lock()
	want := w.acks + more
	w.mu.Unlock()
	require.Eventually(w, func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.acks >= want
	}, time.Minute, 5*time.Millisecond, "nothing is accepted any more")
}

// settles waits until nothing is left in the inbox, which the nodes still fill.
func (w *wire) settles(direct *postgres.Store) {
	w.Helper()
	require.Eventually(w, func() bool {
		pending, err := direct.Pending(w.ctx, "cut", 1)
		return err == nil && len(pending) == 0
	}, time.Minute, 5*time.Millisecond, "work is left lying")
}

// audit holds what was kept against what was acknowledged.
func (w *wire) audit(direct *postgres.Store) {
	w.Helper()
	all, err := direct.Find(w.ctx, inquiry.Query{Pool: "cut"})
	require.NoError(w, err)
	kept, in := map[inquiry.ID]int{}, map[inquiry.ID]inquiry.ID{}
	for _, x := range all {
		ms, err := direct.Messages(w.ctx, "cut", x.ID)
		require.NoError(w, err)
		for _, m := range ms {
			kept[m.ID]++
			in[m.ID] = x.ID
		}
	}
	// What came in last may still be in the inbox: that is a place.
	pending, err := direct.Pending(w.ctx, "cut", 1000)
	require.NoError(w, err)
	for _, p := range pending {
		if r, ok := p.Do.(inquiry.Receive); ok && kept[r.Message.ID] == 0 {
			kept[r.Message.ID]++
		}
	}
	for m, promised := range w.acked {
		require.Equal(w, 1, kept[m], "message %s was acknowledged", m)
		if !promised.IsZero() {
			require.Equal(w, promised, in[m], "message %s", m)
		}
	}
	found, err := w.engines[0].Sweep(w.ctx)
	require.NoError(w, err)
	require.Empty(w, found)
}
