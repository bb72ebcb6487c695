package sqlite_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/sqlite"
	"github.com/answerable-go/answerable/inquiry"
)

// A file opened to be read is read as it is, while somebody works on it, and
// nothing writes to it.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	path := file(t)
	ctx := t.Context()

	_, err := sqlite.Open(ctx, path, sqlite.Config{ReadOnly: true})
	require.ErrorIs(t, err, os.ErrNotExist)
	require.NoFileExists(t, path)

	exec(t, bare(t, path), "CREATE TABLE other (n INTEGER)")
	_, err = sqlite.Open(ctx, path, sqlite.Config{ReadOnly: true})
	require.ErrorContains(t, err, "no tables of this library")

	w := open(t, path, sqlite.Config{})
	in := inquiry.Input{ID: inquiry.InputID("pool", "1"), At: time.Unix(0, 0).UTC(), Do: inquiry.Resolve{}}
	require.NoError(t, w.Put(ctx, "pool", in))
	s := open(t, path, sqlite.Config{ReadOnly: true})
	waiting, err := s.Pending(ctx, "pool", 10)
	require.NoError(t, err)
	require.Len(t, waiting, 1, "what is in the write-ahead log only is read as well")

	err = s.Put(ctx, "pool", in)
	require.ErrorIs(t, err, adapters.ErrUnavailable)
	require.ErrorContains(t, err, "ReadOnly")
	_, err = s.Lead(ctx, adapters.Claim{Pool: "pool", Node: "one", Format: inquiry.Format, For: time.Minute})
	require.ErrorIs(t, err, adapters.ErrUnavailable)
	require.ErrorIs(t, s.Append(ctx, adapters.Commit{Pool: "pool"}), adapters.ErrUnavailable)
	_, err = s.DB().ExecContext(ctx, "DELETE FROM answerable_inbox")
	require.ErrorContains(t, err, "readonly")

	require.NoError(t, w.Put(ctx, "pool", inquiry.Input{ID: inquiry.InputID("pool", "2"), At: in.At, Do: in.Do}))
	waiting, err = s.Pending(ctx, "pool", 10)
	require.NoError(t, err)
	require.Len(t, waiting, 2)

	exec(t, bare(t, path), "UPDATE answerable_schema SET version_id = 0")
	_, err = sqlite.Open(ctx, path, sqlite.Config{ReadOnly: true})
	require.ErrorContains(t, err, "open it once without Config.ReadOnly")
	exec(t, bare(t, path), "UPDATE answerable_schema SET version_id = 99")
	_, err = sqlite.Open(ctx, path, sqlite.Config{ReadOnly: true})
	require.ErrorContains(t, err, "newer version of the library")
}
