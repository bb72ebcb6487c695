package sqlite_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/adaptertest"
	"github.com/answerable-go/answerable/adapters/seal"
	"github.com/answerable-go/answerable/adapters/sqlite"
	"github.com/answerable-go/answerable/inquiry"
)

func TestStore(t *testing.T) {
	conforms(t, func(_ *testing.T, s adapters.Store) adapters.Store { return s })
}

// What the store promises it promises of sealed texts, too. The suite runs over
// sealed texts in memory every time; over a file with
//
//	ANSWERABLE_SEALED=1 go test -run SealedStore .
func TestSealedStore(t *testing.T) {
	if os.Getenv("ANSWERABLE_SEALED") == "" {
		return
	}
	t.Parallel()
	keys := seal.NewMemory()
	conforms(t, func(t *testing.T, s adapters.Store) adapters.Store {
		t.Helper()
		sealed, err := seal.New(s, keys, seal.Config{})
		require.NoError(t, err)
		return sealed
	})
}

func conforms(t *testing.T, wrap func(*testing.T, adapters.Store) adapters.Store) {
	t.Helper()
	var paths sync.Map
	open := func(t *testing.T, path string) adapters.Store {
		t.Helper()
		raw, err := sqlite.Open(t.Context(), path, sqlite.Config{})
		require.NoError(t, err)
		s := wrap(t, raw)
		paths.Store(s, path)
		return s
	}
	adaptertest.TestStore(t, adaptertest.StoreHarness{
		Open: func(t *testing.T) adapters.Store { return open(t, filepath.Join(t.TempDir(), "pools.db")) },
		Reopen: func(t *testing.T, s adapters.Store) adapters.Store {
			path, ok := paths.Load(s)
			require.True(t, ok)
			require.NoError(t, s.Close())
			return open(t, path.(string))
		},
	})
}

func TestReplyThatMoves(t *testing.T) {
	t.Run("A1 a reply that an edit takes to another inquiry is counted there, and no damage", func(t *testing.T) {
		s := openIn(t, t.TempDir())
		term, err := s.Lead(t.Context(), adapters.Claim{Pool: "support", Node: "n", Format: inquiry.Format, For: time.Hour})
		require.NoError(t, err)
		from, to := inquiry.DeriveID("from"), inquiry.DeriveID("to")
		reply := inquiry.Message{Pool: "support", ID: inquiry.DeriveID("reply"), Inquiry: from, Direction: inquiry.FromUs, Text: "it is on its way"}
		kept := func(seq uint64, b inquiry.Batch) {
			b.Events, b.Messages = []inquiry.Event{event(seq, "mia")}, []inquiry.Message{reply}
			require.NoError(t, s.Append(t.Context(), adapters.Commit{Pool: "support", Epoch: term.Epoch, Head: seq - 1, Batch: b}))
			_, err := s.Check(t.Context(), "support", func(d *adapters.DamageError) { require.NoError(t, d) })
			require.NoError(t, err)
		}
		kept(1, inquiry.Batch{Changed: []inquiry.Row{
			{Pool: "support", ID: from, Version: 1, State: inquiry.StateQueued}, {Pool: "support", ID: to, Version: 1, State: inquiry.StateQueued},
		}})
		reply.Inquiry, reply.Revision = to, 1
		kept(2, inquiry.Batch{})
		reply.Inquiry, reply.Revision, reply.Direction = from, 2, ""
		kept(3, inquiry.Batch{})
		reply.Direction, reply.Revision = inquiry.FromUs, 3
		kept(4, inquiry.Batch{})
	})
}
