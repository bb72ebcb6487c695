package main

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters/sqlite"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/verify"
)

func TestRun(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out))
	t.Run("A1 the README shows what the program prints", func(t *testing.T) {
		readme, err := os.ReadFile("README.md")
		require.NoError(t, err)
		require.Contains(t, string(readme), strings.TrimRight(out.String(), "\n"))
	})
}

// office is a CRM whose engine does not run.
func office(t *testing.T) *crm {
	t.Helper()
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "crm.db"), sqlite.Config{BusyTimeout: 50 * time.Millisecond})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	require.NoError(t, newTable(t.Context(), store.DB()))
	engine, err := newEngine(store)
	require.NoError(t, err)
	return &crm{store, engine}
}

func (c *crm) counts(t *testing.T) string {
	t.Helper()
	count, err := c.count(t.Context())
	require.NoError(t, err)
	return count
}

func TestSave(t *testing.T) {
	t.Parallel()
	kim := ticket{"T-1", "kim@example.org", "Invoice 7", "I was charged twice."}
	t.Run("A1 a ticket and its inquiry are kept together", func(t *testing.T) {
		t.Parallel()
		c := office(t)
		require.NoError(t, c.save(t.Context(), kim))
		require.Equal(t, "tickets 1, waiting 1, inquiries 0", c.counts(t))
		owner, err := c.owner(t.Context(), kim.Number)
		require.NoError(t, err)
		require.Empty(t, owner, "the engine has not looked at it")
	})
	t.Run("A1 what the CRM takes back takes the inquiry with it", func(t *testing.T) {
		t.Parallel()
		c := office(t)
		require.ErrorIs(t, c.save(t.Context(), ticket{Number: "T-2", Customer: "acme@example.org", Text: "More."}), errCreditHold)
		require.Equal(t, "tickets 0, waiting 0, inquiries 0", c.counts(t))
		_, err := c.owner(t.Context(), "T-2")
		require.ErrorIs(t, err, sql.ErrNoRows)
	})
	t.Run("A1 what the engine refuses leaves no ticket", func(t *testing.T) {
		t.Parallel()
		c := office(t)
		require.Error(t, c.save(t.Context(), ticket{Customer: "kim@example.org", Text: "A ticket without a number."}))
		require.Equal(t, "tickets 0, waiting 0, inquiries 0", c.counts(t))
	})
	t.Run("A1 what cannot be written now is in neither table, and can be saved again", func(t *testing.T) {
		t.Parallel()
		c := office(t)
		other, err := c.store.DB().BeginTx(t.Context(), nil) // somebody else writes
		require.NoError(t, err)
		require.Error(t, c.save(t.Context(), kim))
		require.NoError(t, other.Rollback())
		require.Equal(t, "tickets 0, waiting 0, inquiries 0", c.counts(t))
		require.NoError(t, c.save(t.Context(), kim))
		require.Equal(t, "tickets 1, waiting 1, inquiries 0", c.counts(t))
	})
	t.Run("A6 a ticket that is saved twice is one inquiry, also when the first is decided by then", func(t *testing.T) {
		t.Parallel()
		c := office(t)
		require.NoError(t, c.save(t.Context(), kim))
		require.NoError(t, c.save(t.Context(), kim))
		require.Equal(t, "tickets 1, waiting 1, inquiries 0", c.counts(t))
		require.NoError(t, running(t.Context(), c.engine, func() error {
			require.NoError(t, c.engine.Do(t.Context(), "", inquiry.SetPresence{Owner: "anna", Presence: inquiry.Online}))
			owner, err := c.wait(t.Context(), kim.Number)
			require.NoError(t, err)
			require.Equal(t, inquiry.OwnerID("anna"), owner)
			require.NoError(t, c.save(t.Context(), kim))
			require.Equal(t, "tickets 1, waiting 0, inquiries 1", c.counts(t))
			return nil
		}))
		report, err := verify.Store(t.Context(), c.store, c.engine.Pool(), verify.Options{Replay: true})
		require.NoError(t, err)
		require.True(t, report.Sound(), report.Findings)
	})
	t.Run("A1 an engine that cannot run says why", func(t *testing.T) {
		t.Parallel()
		c := office(t)
		require.NoError(t, c.store.Close())
		require.Error(t, running(t.Context(), c.engine, func() error { return nil }))
	})
}
