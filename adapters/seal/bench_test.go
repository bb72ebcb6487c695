package seal_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/adapters/seal"
	"github.com/answerable-go/answerable/inquiry"
)

// BenchmarkAppend keeps 64 messages of 64 customers in one commit in memory,
// sealed and not: what sealing adds to whatever a store takes. A commit's customers
// are known already, but for "new customers", who each get a key.
func BenchmarkAppend(b *testing.B) {
	for _, c := range []struct {
		name  string
		keys  func(b *testing.B) adapters.Keyring
		known bool
	}{
		{"not sealed", nil, true},
		{"keys in memory", func(*testing.B) adapters.Keyring { return seal.NewMemory() }, true},
		{"keys in a directory", openKeys, true},
		{"keys in a directory, new customers", openKeys, false},
	} {
		b.Run(c.name, func(b *testing.B) {
			var store adapters.Store = memory.New(memory.Config{})
			if c.keys != nil {
				var err error
				store, err = seal.New(store, c.keys(b), seal.Config{})
				require.NoError(b, err)
			}
			_, err := store.Lead(b.Context(), adapters.Claim{Pool: pool, Node: "node", Format: inquiry.Format, For: 24 * time.Hour})
			require.NoError(b, err)
			text := strings.Repeat("Where is my lamp? ", 20)
			batch := func(n int) inquiry.Batch {
				var list inquiry.Batch
				for i := range 64 {
					who := fmt.Sprint("kim", i)
					if !c.known {
						who = fmt.Sprint(who, "/", n)
					}
					m := said(fmt.Sprint("m", i), who, id(fmt.Sprint("inquiry", i)))
					m.Text = text
					list.Messages = append(list.Messages, m)
				}
				return list
			}
			require.NoError(b, store.Append(b.Context(), adapters.Commit{Pool: pool, Epoch: 1, Batch: batch(-1)}))
			n := 0
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				commit := adapters.Commit{Pool: pool, Epoch: 1, Batch: batch(n)}
				n++
				b.StartTimer()
				if err := store.Append(b.Context(), commit); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/64, "ns/message")
		})
	}
}

func openKeys(b *testing.B) adapters.Keyring {
	b.Helper()
	keys, err := seal.OpenDir(filepath.Join(b.TempDir(), "keys"))
	require.NoError(b, err)
	return keys
}

// BenchmarkMessages reads a conversation of ten messages, sealed and not.
func BenchmarkMessages(b *testing.B) {
	for _, sealed := range []bool{false, true} {
		b.Run(fmt.Sprintf("sealed=%t", sealed), func(b *testing.B) {
			var store adapters.Store = memory.New(memory.Config{})
			if sealed {
				var err error
				store, err = seal.New(store, openKeys(b), seal.Config{})
				require.NoError(b, err)
			}
			_, err := store.Lead(b.Context(), adapters.Claim{Pool: pool, Node: "node", Format: inquiry.Format, For: 24 * time.Hour})
			require.NoError(b, err)
			var list inquiry.Batch
			for i := range 10 {
				list.Messages = append(list.Messages, said(fmt.Sprint("m", i), "kim", id("inquiry")))
			}
			require.NoError(b, store.Append(b.Context(), adapters.Commit{Pool: pool, Epoch: 1, Batch: list}))
			b.ReportAllocs()
			for b.Loop() {
				if ms, err := store.Messages(b.Context(), pool, id("inquiry")); err != nil || ms[9].Text == "" {
					b.Fatal(err)
				}
			}
		})
	}
}
