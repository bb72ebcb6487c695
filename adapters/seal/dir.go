package seal

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// Dir is a keyring in a directory: a file per key, in a directory per pool, named
// by ids, so that neither a person nor a pool can be read off the names. Several
// processes on one machine may share it. Make one with [OpenDir]. All methods
// are safe for concurrent use.
//
// A file has the key and, behind it, its fingerprint, by which a file that is
// damaged or being overwritten is known. A new one is written aside, synced and
// linked to its name, which only the first of several processes can do; then the
// directory is synced and the file made read-only (0400). Whoever finds one that
// can be written to (0600) syncs the directory before using it: the process that
// made it may not have come so far.
type Dir struct {
	path string
	// pools are those whose directory is known to be durable.
	pools sync.Map
	syncs syncs
}

var _ adapters.Keyring = (*Dir)(nil)

// The names of files in a pool's directory: a key, one that is being made, one
// that is being destroyed.
const (
	keyFile   = ".key"
	newFile   = ".new-"
	forgotten = ".forgotten"
)

// keyFileSize is that of a key and its fingerprint.
const keyFileSize = adapters.KeySize + len(fingerprint{})

// stale is how old a file is that was begun and never given its name.
const stale = time.Hour

// OpenDir is the keyring in a directory, which is made, for its owner alone, if it
// is not there. What a process that was killed had begun to destroy is destroyed.
//
// Keep the directory off the backups of the database: a backup of both has
// what an erasure was to destroy. Back it up by itself, encrypted and for no
// longer than an erasure may take to reach everything; when one is restored,
// erase again whoever was erased since.
func OpenDir(path string) (*Dir, error) {
	fail := func(err error) (*Dir, error) { return nil, fmt.Errorf("seal: keyring %s: %w", path, err) }
	if err := os.MkdirAll(path, 0o700); err != nil {
		return fail(err)
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return fail(err)
	case !info.IsDir():
		return fail(errors.New("it is no directory: give the path of one, or of none yet"))
	case info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows":
		return fail(fmt.Errorf("others may look into it (mode %04o): chmod 700 it", info.Mode().Perm()))
	}
	pools, err := os.ReadDir(path)
	if err != nil {
		return fail(err)
	}
	for _, p := range pools {
		if p.IsDir() {
			if err := tidy(filepath.Join(path, p.Name())); err != nil {
				return fail(err)
			}
		}
	}
	return &Dir{path: path}, nil
}

// tidy ends what a killed process had begun in a pool's directory.
func tidy(dir string) error {
	files, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	touched := false
	for _, f := range files {
		name := filepath.Join(dir, f.Name())
		switch {
		case strings.HasSuffix(name, forgotten):
			err = destroy(name)
		case strings.HasPrefix(f.Name(), newFile):
			info, serr := f.Info()
			if serr != nil || time.Since(info.ModTime()) < stale {
				continue // another process is just making it, or has
			}
			// It may be a second name of a key that is in use: only the name goes.
			err = gone(os.Remove(name))
		default:
			continue
		}
		if err != nil {
			return err
		}
		touched = true
	}
	if touched {
		return syncDir(dir)
	}
	return nil
}

func (d *Dir) pool(pool string) string {
	return filepath.Join(d.path, inquiry.DeriveID("keys", pool).String())
}

// Known is a person's key, [adapters.ErrForgotten] if there is none.
func (d *Dir) Known(ctx context.Context, pool string, person inquiry.ID) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	key, _, err := d.read(filepath.Join(d.pool(pool), person.String()+keyFile))
	return key, err
}

// Key is a person's key, made if there is none.
func (d *Dir) Key(ctx context.Context, pool string, person inquiry.ID) ([]byte, error) {
	dir := d.pool(pool)
	name := filepath.Join(dir, person.String()+keyFile)
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		key, durable, err := d.read(name)
		switch {
		case err == nil && !durable:
			return key, d.made(dir, name, key)
		case !errors.Is(err, adapters.ErrForgotten):
			return key, err
		}
		if err := d.make(dir, name); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("seal: keyring %s: %w: %w", d.path, adapters.ErrUnavailable, err)
		}
	}
}

// read reads a key file; durable says that whoever made it came to the end.
func (d *Dir) read(name string) (key []byte, durable bool, err error) {
	// What is read while it is being overwritten is not what its fingerprint says,
	// and is gone, or there anew, when it is looked for again.
	for try := 0; ; try++ {
		data, mode, err := readFile(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			// Without its directory nothing is forgotten: it may not be mounted.
			if _, err := os.Stat(d.path); err != nil {
				return nil, false, fmt.Errorf("seal: keyring %s: %w: %w", d.path, adapters.ErrUnavailable, err)
			}
			return nil, false, adapters.ErrForgotten
		case err != nil:
			return nil, false, fmt.Errorf("seal: keyring %s: %w: %w", d.path, adapters.ErrUnavailable, err)
		}
		if len(data) == keyFileSize {
			key, sum := data[:adapters.KeySize], fingerprintOf(data[:adapters.KeySize])
			if subtle.ConstantTimeCompare(sum[:], data[adapters.KeySize:]) == 1 {
				return key, mode&0o200 == 0, nil
			}
		}
		if try == 2 {
			return nil, false, fmt.Errorf("seal: %w: the key file %s is not as it was written: restore it", adapters.ErrDamaged, name)
		}
	}
}

func readFile(name string) (data []byte, mode fs.FileMode, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	data = make([]byte, keyFileSize+1)
	n, err := f.ReadAt(data, 0)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return data[:n], info.Mode(), err
}

// make draws a key and gives it its name, fs.ErrExist if there is one meanwhile.
func (d *Dir) make(dir, name string) error {
	if _, ok := d.pools.Load(dir); !ok {
		if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		if err := syncDir(d.path); err != nil {
			return err
		}
		d.pools.Store(dir, true)
	}
	f, err := os.CreateTemp(dir, newFile) // 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	key := make([]byte, adapters.KeySize, keyFileSize)
	_, _ = rand.Read(key) // never fails
	sum := fingerprintOf(key)
	_, err = f.Write(append(key, sum[:]...))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Link(f.Name(), name)
}

// made sees to it that a key's name is durable, and marks the file so. One that was
// forgotten meanwhile, or made anew, is left alone.
func (d *Dir) made(dir, name string, key []byte) error {
	err := d.syncs.sync(dir)
	if err == nil {
		err = gone(mark(name, key))
	}
	if err != nil {
		return fmt.Errorf("seal: keyring %s: %w: %w", d.path, adapters.ErrUnavailable, err)
	}
	return nil
}

func mark(name string, key []byte) (err error) {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	found := make([]byte, len(key))
	if _, err := f.ReadAt(found, 0); err != nil || subtle.ConstantTimeCompare(found, key) != 1 {
		return err
	}
	return f.Chmod(0o400)
}

// Forget takes the keys' names away, overwrites the files, removes them and syncs
// the directory.
func (d *Dir) Forget(ctx context.Context, pool string, persons ...inquiry.ID) error {
	if len(persons) == 0 {
		return ctx.Err()
	}
	if _, err := os.Stat(d.path); err != nil { // which may not be mounted
		return fmt.Errorf("seal: keyring %s: forget: %w: %w", d.path, adapters.ErrUnavailable, err)
	}
	dir := d.pool(pool)
	for _, p := range persons {
		if err := ctx.Err(); err != nil {
			return err
		}
		name := filepath.Join(dir, p.String())
		// What another call left goes first: renaming would only unlink it.
		err := destroy(name + forgotten)
		if err == nil {
			err = gone(os.Rename(name+keyFile, name+forgotten))
		}
		if err == nil {
			err = destroy(name + forgotten)
		}
		if err != nil {
			return fmt.Errorf("seal: keyring %s: forget: %w: %w", d.path, adapters.ErrUnavailable, err)
		}
	}
	if err := gone(syncDir(dir)); err != nil {
		return fmt.Errorf("seal: keyring %s: forget: %w: %w", d.path, adapters.ErrUnavailable, err)
	}
	return nil
}

// destroy overwrites a file and removes it; no file is fine.
func destroy(name string) error {
	if err := os.Chmod(name, 0o600); err != nil {
		return gone(err)
	}
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return gone(err)
	}
	_, err = f.WriteAt(make([]byte, keyFileSize), 0)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return gone(os.Remove(name))
}

// gone is err, but for that of a file that is not there.
func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// syncDir makes the names in a directory durable, where the system can.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" { // which has no such call, and keeps names in its own journal
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// syncs shares the syncing of directories: whoever comes while one is under way
// waits for the next one, together with all others who do.
type syncs struct {
	mu    sync.Mutex
	byDir map[string]*syncing
}

// syncing is what is under way, or begins as soon as nothing is, in a directory.
type syncing struct {
	turn sync.Mutex // held while one is under way
	next *sharedSync
}

type sharedSync struct {
	once sync.Once
	err  error
}

func (s *syncs) sync(dir string) error {
	s.mu.Lock()
	if s.byDir == nil {
		s.byDir = map[string]*syncing{}
	}
	d := s.byDir[dir]
	if d == nil {
		d = &syncing{}
		s.byDir[dir] = d
	}
	if d.next == nil {
		d.next = &sharedSync{}
	}
	mine := d.next
	s.mu.Unlock()

	mine.once.Do(func() {
		d.turn.Lock()
		defer d.turn.Unlock()
		s.mu.Lock()
		d.next = nil // whoever comes from now on may have come too late for this one
		s.mu.Unlock()
		mine.err = syncDir(dir)
	})
	return mine.err
}
