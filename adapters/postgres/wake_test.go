package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/postgres"
	"github.com/answerable-go/answerable/inquiry"
)

// heard are the news of a pool, from when the store listens.
func heard(t *testing.T, s *postgres.Store, pool string) <-chan adapters.News {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	news := make(chan adapters.News, 1000)
	ended := make(chan error, 1)
	go func() { ended <- s.Wake(ctx, pool, func(n adapters.News) { news <- n }) }()
	t.Cleanup(func() {
		cancel()
		require.Error(t, <-ended)
	})
	return news
}

func next(t *testing.T, news <-chan adapters.News) adapters.News {
	t.Helper()
	select {
	case n := <-news:
		return n
	case <-time.After(time.Minute):
		require.FailNow(t, "nobody was woken")
		return 0
	}
}

func silent(t *testing.T, news <-chan adapters.News) {
	t.Helper()
	select {
	case n := <-news:
		require.FailNow(t, "woken for nothing", "%d", n)
	case <-time.After(50 * time.Millisecond):
	}
}

const all = adapters.NewInputs | adapters.NewEvents | adapters.NewTerm

func TestWake(t *testing.T) {
	t.Parallel()
	t.Run("A1 what happens on one node wakes the others", func(t *testing.T) {
		t.Parallel()
		cfg := postgres.Config{Schema: schema(t)}
		a, b := open(t, cfg), open(t, cfg)
		atA, atB := heard(t, a, "support"), heard(t, b, "support")
		require.Equal(t, all, next(t, atA))
		require.Equal(t, all, next(t, atB))
		second := heard(t, b, "another")
		term := lead(t, a, adapters.Claim{Node: "a", For: time.Hour})
		silent(t, atB)

		require.NoError(t, a.Put(t.Context(), "support", input("a")))
		require.Equal(t, adapters.NewInputs, next(t, atB))
		require.Equal(t, adapters.NewInputs, next(t, atA), "also where a host's own transaction may have put it")
		require.NoError(t, appendOne(t.Context(), a, term.Epoch, 0, "mia"))
		require.Equal(t, adapters.NewEvents, next(t, atB))
		lead(t, a, adapters.Claim{Node: "a", Epoch: term.Epoch})
		require.Equal(t, adapters.NewTerm, next(t, atB))
		silent(t, atA) // it knows of what it did itself

		tx, err := a.Pool().Begin(t.Context())
		require.NoError(t, err)
		require.NoError(t, a.InTx(tx).Put(t.Context(), "support", input("b")))
		silent(t, atB)
		require.NoError(t, tx.Commit(t.Context()))
		require.Equal(t, adapters.NewInputs, next(t, atB))

		// H7: another pool's ears heard nothing, and have one connection with the first's.
		silent(t, second)
		require.NoError(t, a.Put(t.Context(), "another", input("c")))
		require.Equal(t, adapters.NewInputs, next(t, second))
		silent(t, atB)
	})
	t.Run("A1 of many pools of which something is new at once each one is told", func(t *testing.T) {
		t.Parallel()
		cfg := postgres.Config{Schema: schema(t)}
		a, b := open(t, cfg), open(t, cfg)
		var claims []adapters.Claim
		var atB []<-chan adapters.News
		for i := range 12 {
			pool := fmt.Sprint("brand-", i)
			claims = append(claims, adapters.Claim{Pool: pool, Node: "a", Format: inquiry.Format})
			atB = append(atB, heard(t, b, pool))
			if i == 0 {
				require.Equal(t, all, next(t, atB[0])) // b listens
			}
		}
		for i := range claims {
			claims[i].For = time.Hour
			term, err := a.Lead(t.Context(), claims[i])
			require.NoError(t, err)
			claims[i].For, claims[i].Epoch = 0, term.Epoch
		}
		var given sync.WaitGroup
		for _, c := range claims {
			given.Go(func() {
				_, err := a.Lead(t.Context(), c)
				assert.NoError(t, err)
			})
		}
		given.Wait()
		for _, news := range atB {
			require.Equal(t, adapters.NewTerm, next(t, news))
		}
	})
	t.Run("A1 when the connection breaks, that is told, and the next one begins by waking", func(t *testing.T) {
		t.Parallel()
		cfg := postgres.Config{Schema: schema(t)}
		s := open(t, cfg)
		ended := make(chan error, 1)
		news := make(chan adapters.News, 100)
		go func() { ended <- s.Wake(context.Background(), "support", func(n adapters.News) { news <- n }) }()
		require.Equal(t, all, next(t, news))
		exec(t, s.Pool(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' || $1::text || '%'", cfg.Schema)
		require.ErrorIs(t, <-ended, adapters.ErrUnavailable)
		require.Equal(t, all, next(t, heard(t, s, "support")))
	})
	t.Run("A1 that leadership was given back is told by a store that is closed at once", func(t *testing.T) {
		t.Parallel()
		cfg := postgres.Config{Schema: schema(t)}
		a, b := open(t, cfg), open(t, cfg)
		atB := heard(t, b, "support")
		require.Equal(t, all, next(t, atB))
		term := lead(t, a, adapters.Claim{Node: "a", For: time.Hour})
		lead(t, a, adapters.Claim{Node: "a", Epoch: term.Epoch})
		require.NoError(t, a.Close())
		require.Equal(t, adapters.NewTerm, next(t, atB))
	})
	t.Run("A1 closing ends it", func(t *testing.T) {
		t.Parallel()
		s := open(t, postgres.Config{})
		ended := make(chan error, 1)
		news := make(chan adapters.News, 100)
		go func() { ended <- s.Wake(context.Background(), "support", func(n adapters.News) { news <- n }) }()
		require.Equal(t, all, next(t, news))
		require.NoError(t, s.Close())
		require.ErrorIs(t, <-ended, adapters.ErrClosed)
		require.ErrorIs(t, s.Wake(context.Background(), "support", nil), adapters.ErrClosed)
	})
	t.Run("A1 where it cannot work it says so", func(t *testing.T) {
		t.Parallel()
		for _, cfg := range []postgres.Config{{Quiet: true}, {TransactionPooler: true}} {
			s := open(t, cfg)
			require.ErrorIs(t, s.Wake(t.Context(), "support", nil), errors.ErrUnsupported)
		}
		direct := open(t, postgres.Config{TransactionPooler: true, Listen: dsn(t)})
		require.Equal(t, all, next(t, heard(t, direct, "support")))
	})
	t.Run("A1 a pooler that swallows notifications is found out", func(t *testing.T) {
		t.Parallel()
		// Like PgBouncer in transaction mode: LISTEN is answered, and nothing comes.
		settings, err := pgxpool.ParseConfig(dsn(t))
		require.NoError(t, err)
		var dialled atomic.Int64
		settings.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
			dialled.Add(1)
			conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
			return &swallowing{Conn: conn}, err
		}
		p, err := pgxpool.NewWithConfig(t.Context(), settings)
		require.NoError(t, err)
		defer p.Close()
		s, err := postgres.New(t.Context(), p, postgres.Config{Schema: schema(t)})
		require.NoError(t, err)
		defer s.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		err = s.Wake(ctx, "support", func(adapters.News) { t.Error("woken") })
		require.ErrorIs(t, err, errors.ErrUnsupported)
		require.ErrorContains(t, err, "set Config.TransactionPooler")
		require.NoError(t, ctx.Err(), "it says so at once, not when the caller's patience ends")
		before := dialled.Load()
		require.ErrorIs(t, s.Wake(ctx, "another", nil), errors.ErrUnsupported)
		require.Equal(t, before, dialled.Load(), "it is not tried again")
		require.NoError(t, s.Put(t.Context(), "support", input("a")))
		require.Equal(t, []inquiry.Input{input("a")}, pending(t, s))
	})
}

// swallowing is a connection without notifications, which are messages of type
// A with a length of their own.
type swallowing struct {
	net.Conn
	kept []byte // of a message that has not come whole
	out  []byte
}

func (c *swallowing) Read(b []byte) (int, error) {
	for len(c.out) == 0 {
		buf := make([]byte, 64<<10)
		n, err := c.Conn.Read(buf)
		if err != nil {
			return 0, err
		}
		c.kept = append(c.kept, buf[:n]...)
		for len(c.kept) >= 5 {
			size := 1 + int(c.kept[1])<<24 + int(c.kept[2])<<16 + int(c.kept[3])<<8 + int(c.kept[4])
			if len(c.kept) < size {
				break
			}
			if c.kept[0] != 'A' {
				c.out = append(c.out, c.kept[:size]...)
			}
			c.kept = c.kept[size:]
		}
	}
	n := copy(b, c.out)
	c.out = c.out[n:]
	return n, nil
}
