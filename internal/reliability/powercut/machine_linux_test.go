package powercut

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
)

// What EXT4_IOC_SHUTDOWN, _IOR('X', 125, __u32), takes.
const (
	shutdown = 0x8004587d

	flushAll     = 0 // everything is written out, then it is down
	flushJournal = 1 // what the journal has is written out, the files' own pages are not
	flushNothing = 2 // as when the power is cut
)

// machine is a file system of its own, and the process that writes on it.
type machine struct {
	*testing.T
	image, at string

	writer *exec.Cmd
	said   strings.Builder
	reader sync.WaitGroup
	ready  chan struct{}
	more   *sync.Cond // and its lock, for what follows
	acks   map[string]inquiry.ID
	off    bool // what is read from now on was not acknowledged
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	dir := t.TempDir()
	m := &machine{T: t, image: filepath.Join(dir, "disk"), at: filepath.Join(dir, "mounted"), more: sync.NewCond(&sync.Mutex{})}
	require.NoError(t, os.Mkdir(m.at, 0o755))
	t.Cleanup(func() {
		if m.writer != nil {
			_ = m.writer.Process.Kill()
			_ = m.writer.Wait()
		}
		_ = syscall.Unmount(m.at, syscall.MNT_DETACH) // with the namespace it goes anyway
	})
	return m
}

func (m *machine) file() string { return filepath.Join(m.at, "answerable.db") }

// format makes a new file system.
func (m *machine) format() error {
	m.Helper()
	_ = os.Remove(m.image)
	f, err := os.Create(m.image)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Truncate(96<<20), f.Close()); err != nil {
		return err
	}
	return say(exec.CommandContext(m.Context(), "mkfs.ext4", "-q", "-F", "-b", "4096", m.image))
}

// mount mounts it, which recovers its journal, on a loop device that the kernel
// frees by itself once nothing is mounted from it.
func (m *machine) mount() error {
	return say(exec.CommandContext(m.Context(), "mount", "-t", "ext4", "-o", "loop", m.image, m.at))
}

func say(cmd *exec.Cmd) error {
	if out, err := cmd.CombinedOutput(); err != nil {
		return errors.Join(err, errors.New(strings.TrimSpace(cmd.String()+": "+string(out))))
	}
	return nil
}

func (m *machine) unmount() {
	m.Helper()
	var err error
	for range 500 {
		if err = syscall.Unmount(m.at, 0); !errors.Is(err, syscall.EBUSY) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	require.NoError(m, err)
}

// boot has a process write on it.
func (m *machine) boot(how string, batch string) {
	m.Helper()
	binary, err := os.Executable()
	require.NoError(m, err)
	r, w, err := os.Pipe()
	require.NoError(m, err)
	m.said.Reset()
	m.acks, m.off, m.ready = map[string]inquiry.ID{}, false, make(chan struct{})
	m.writer = exec.CommandContext(m.Context(), binary, "-test.run=^TestWriter$", "-test.timeout=5m")
	m.writer.Env = append(os.Environ(), writerFile+"="+m.file(), writerHow+"="+how, writerBatch+"="+batch)
	m.writer.Stdout, m.writer.Stderr = &m.said, &m.said
	m.writer.ExtraFiles = []*os.File{w}
	m.writer.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(m, m.writer.Start())
	require.NoError(m, w.Close())
	m.reader.Go(func() { m.listen(r) })
}

func (m *machine) listen(r io.ReadCloser) {
	defer r.Close()
	ready := sync.OnceFunc(func() { close(m.ready) })
	defer ready()
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			m.more.L.Lock()
			m.off = true
			m.more.Broadcast()
			m.more.L.Unlock()
			return
		}
		ready()
		word := strings.Fields(line)
		if word[0] != "accepted" {
			continue
		}
		var in inquiry.ID
		if len(word) > 2 {
			in, _ = inquiry.ParseID(word[2]) // one that is none leads nowhere and is missed
		}
		m.more.L.Lock()
		if !m.off {
			m.acks[word[1]] = in
			m.more.Broadcast()
		}
		m.more.L.Unlock()
	}
}

// acknowledges waits for so many messages.
func (m *machine) acknowledges(n int) {
	m.Helper()
	m.more.L.Lock()
	defer m.more.L.Unlock()
	for len(m.acks) < n && !m.off {
		m.more.Wait()
	}
}

// cut cuts the power. What was acknowledged is what was read before.
func (m *machine) cut(how uint32) map[string]inquiry.ID {
	m.Helper()
	root, err := os.Open(m.at)
	require.NoError(m, err)
	m.more.L.Lock()
	alone := m.off // the writer has ended by itself
	m.off = true
	m.more.L.Unlock()
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, root.Fd(), shutdown, uintptr(unsafe.Pointer(&how)))
	require.NoError(m, root.Close())
	require.NoError(m, m.writer.Process.Kill())
	_ = m.writer.Wait() // killed
	m.reader.Wait()
	m.writer = nil
	require.Zero(m, errno, "the ioctl: %v", errno)
	require.False(m, alone, "the writer ended by itself: %s", m.said.String())
	m.unmount()
	return m.acks
}
