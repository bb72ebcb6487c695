package seal_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/adaptertest"
	"github.com/answerable-go/answerable/adapters/seal"
	"github.com/answerable-go/answerable/inquiry"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	adaptertest.TestKeyring(t, adaptertest.KeyringHarness{
		Open: func(*testing.T) adapters.Keyring { return seal.NewMemory() },
	})
}

func TestDir(t *testing.T) {
	t.Parallel()
	paths := map[adapters.Keyring]string{} // a case at a time
	open := func(t *testing.T, path string) adapters.Keyring {
		t.Helper()
		d, err := seal.OpenDir(path)
		require.NoError(t, err)
		paths[d] = path
		return d
	}
	adaptertest.TestKeyring(t, adaptertest.KeyringHarness{
		Open:  func(t *testing.T) adapters.Keyring { return open(t, filepath.Join(t.TempDir(), "keys")) },
		Again: func(t *testing.T, k adapters.Keyring) adapters.Keyring { return open(t, paths[k]) },
	})
}

// onlyFile is the one file below a directory.
func onlyFile(t *testing.T, dir string) string {
	t.Helper()
	list := files(t, dir)
	require.Len(t, list, 1)
	return list[0]
}

func files(t *testing.T, dir string) (list []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(name string, f os.DirEntry, err error) error {
		if err == nil && !f.IsDir() {
			list = append(list, name)
		}
		return err
	}))
	return list
}

func TestDirFiles(t *testing.T) {
	t.Parallel()
	person := inquiry.PersonID(nil, "support", "email", "kim@example.org")
	made := func(t *testing.T) (d *seal.Dir, path string, key []byte) {
		t.Helper()
		path = filepath.Join(t.TempDir(), "keys")
		d, err := seal.OpenDir(path)
		require.NoError(t, err)
		key, err = d.Key(t.Context(), "support", person)
		require.NoError(t, err)
		return d, path, key
	}
	t.Run("H6 keys are for their owner alone, and their names tell nothing", func(t *testing.T) {
		_, path, _ := made(t)
		for name, want := range map[string]os.FileMode{path: 0o700, filepath.Dir(onlyFile(t, path)): 0o700, onlyFile(t, path): 0o400} {
			info, err := os.Stat(name)
			require.NoError(t, err)
			require.Equal(t, want, info.Mode().Perm(), name)
			require.NotContains(t, strings.TrimPrefix(name, filepath.Dir(path)), "support")
		}
	})
	t.Run("H6 a directory that others may look into is refused", func(t *testing.T) {
		path := t.TempDir()
		require.NoError(t, os.Chmod(path, 0o755)) // that is what is refused
		_, err := seal.OpenDir(path)
		require.ErrorContains(t, err, "chmod 700")
		file := filepath.Join(t.TempDir(), "file")
		require.NoError(t, os.WriteFile(file, nil, 0o600))
		_, err = seal.OpenDir(file)
		require.ErrorContains(t, err, file)
	})
	t.Run("H6 a forgotten key's file is overwritten before it is removed", func(t *testing.T) {
		d, path, key := made(t)
		other := filepath.Join(t.TempDir(), "second name") // by which the same bytes on the disk are seen
		require.NoError(t, os.Link(onlyFile(t, path), other))
		require.NoError(t, d.Forget(t.Context(), "support", person))
		require.Empty(t, files(t, path))
		data, err := os.ReadFile(other)
		require.NoError(t, err)
		require.NotContains(t, string(data), string(key))
		require.Equal(t, make([]byte, len(data)), data)
	})
	t.Run("H6 a damaged key is an error, not one that was forgotten", func(t *testing.T) {
		for _, damage := range []func(data []byte) []byte{
			func(data []byte) []byte { data[3] ^= 1; return data },
			func(data []byte) []byte { data[35] ^= 1; return data },
			func(data []byte) []byte { return data[:32] },
			func([]byte) []byte { return nil },
			func(data []byte) []byte { return append(data, 0) },
			func(data []byte) []byte { return make([]byte, len(data)) },
		} {
			d, path, _ := made(t)
			name := onlyFile(t, path)
			data, err := os.ReadFile(name)
			require.NoError(t, err)
			require.NoError(t, os.Chmod(name, 0o600))
			require.NoError(t, os.WriteFile(name, damage(data), 0o600))
			_, err = d.Known(t.Context(), "support", person)
			require.ErrorIs(t, err, adapters.ErrDamaged)
			require.NotErrorIs(t, err, adapters.ErrForgotten)
			_, err = d.Key(t.Context(), "support", person)
			require.ErrorIs(t, err, adapters.ErrDamaged, "no other key is made in its place")
			require.NoError(t, d.Forget(t.Context(), "support", person), "it can be forgotten all the same")
		}
	})
	t.Run("H6 what a killed process had begun to destroy is destroyed when the keyring is opened, or when it is forgotten again", func(t *testing.T) {
		for _, finish := range []func(*testing.T, *seal.Dir, string) error{
			func(_ *testing.T, _ *seal.Dir, path string) error { _, err := seal.OpenDir(path); return err },
			func(t *testing.T, d *seal.Dir, _ string) error { return d.Forget(t.Context(), "support", person) },
		} {
			d, path, key := made(t)
			name := onlyFile(t, path)
			require.NoError(t, os.Rename(name, strings.TrimSuffix(name, ".key")+".forgotten"))
			_, err := d.Known(t.Context(), "support", person)
			require.ErrorIs(t, err, adapters.ErrForgotten)
			next, err := d.Key(t.Context(), "support", person)
			require.NoError(t, err)
			require.NotEqual(t, key, next)
			require.NoError(t, finish(t, d, path))
			for _, f := range files(t, path) {
				data, err := os.ReadFile(f)
				require.NoError(t, err)
				require.False(t, bytes.Contains(data, key), f)
			}
		}
	})
	t.Run("H6 whatever was begun to be destroyed is destroyed when the keyring is opened", func(t *testing.T) {
		_, path, _ := made(t)
		name := onlyFile(t, path)
		for _, left := range []string{"a.forgotten", "b.forgotten", "c.forgotten"} {
			require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(name), left), []byte("left"), 0o600))
		}
		_, err := seal.OpenDir(path)
		require.NoError(t, err)
		require.Equal(t, name, onlyFile(t, path))
	})
	t.Run("H6 a key that cannot be read is neither damaged nor forgotten", func(t *testing.T) {
		d, path, _ := made(t)
		name := onlyFile(t, path)
		require.NoError(t, os.Remove(name))
		require.NoError(t, os.Mkdir(name, 0o700)) // which no system reads as a file
		for _, ask := range []func(context.Context, string, inquiry.ID) ([]byte, error){d.Known, d.Key} {
			_, err := ask(t.Context(), "support", person)
			require.ErrorIs(t, err, adapters.ErrUnavailable)
			require.NotErrorIs(t, err, adapters.ErrDamaged)
		}
	})
	t.Run("H6 a key whose maker was killed before it was durable is made so", func(t *testing.T) {
		d, path, key := made(t)
		require.NoError(t, os.Chmod(onlyFile(t, path), 0o600))
		again, err := d.Key(t.Context(), "support", person)
		require.NoError(t, err)
		require.Equal(t, key, again)
		info, err := os.Stat(onlyFile(t, path))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o400), info.Mode().Perm())
	})
	t.Run("H6 what was begun long ago and has no name is removed", func(t *testing.T) {
		_, path, _ := made(t)
		dir := filepath.Dir(onlyFile(t, path))
		for name, age := range map[string]time.Duration{".new-old": 2 * time.Hour, ".new-now": 0} {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600))
			require.NoError(t, os.Chtimes(filepath.Join(dir, name), time.Time{}, time.Now().Add(-age)))
		}
		_, err := seal.OpenDir(path)
		require.NoError(t, err)
		require.Len(t, files(t, path), 2)
		require.NoFileExists(t, filepath.Join(dir, ".new-old"))
	})
	t.Run("H6 where the directory is gone, nothing counts as forgotten", func(t *testing.T) {
		d, path, _ := made(t)
		require.NoError(t, os.RemoveAll(path))
		_, err := d.Key(t.Context(), "support", person)
		require.ErrorIs(t, err, adapters.ErrUnavailable)
		_, err = d.Known(t.Context(), "support", person)
		require.ErrorIs(t, err, adapters.ErrUnavailable)
		require.NotErrorIs(t, err, adapters.ErrForgotten)
		require.ErrorIs(t, d.Forget(t.Context(), "support", person), adapters.ErrUnavailable)
	})
}
