//go:build unix

package pgserver

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Server is a running server with a directory of its own.
type Server struct {
	bin, dir string
	options  []string

	mu    sync.Mutex
	cmd   *exec.Cmd
	stdin io.Closer // when it ends, the server does
	log   *os.File
}

// Find is the directory of the server's binaries: that of initdb in PATH, or
// the newest under /usr/lib/postgresql.
func Find() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil && executable(filepath.Join(filepath.Dir(path), "postgres")) {
			return filepath.Dir(path), nil
		}
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	slices.SortFunc(found, func(a, b string) int { return version(b) - version(a) })
	for _, dir := range found {
		if executable(filepath.Join(dir, "initdb")) && executable(filepath.Join(dir, "postgres")) {
			return dir, nil
		}
	}
	return "", ErrNotInstalled
}

func version(bin string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(bin))) // what is no number comes last
	return n
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir() && info.Mode()&0o111 != 0
}

// Start makes a cluster in a temporary directory and runs it, as another user
// where this one is root, whom PostgreSQL refuses. It is reached through a Unix
// socket only, by anybody on this machine. It syncs its log, as a server does.
// Options are the server's, such as "-cwal_level=logical". It ends with Stop, or
// with this process.
func Start(ctx context.Context, options ...string) (*Server, error) {
	bin, err := Find()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "answerable-postgres-")
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin, dir: dir, options: options}
	if err := s.create(ctx); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := s.run(ctx); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

func (s *Server) create(ctx context.Context) error {
	who, err := Whom()
	if err != nil {
		return err
	}
	if who != nil {
		if err := os.Chown(s.dir, int(who.Uid), int(who.Gid)); err != nil {
			return err
		}
	}
	if err := os.Chmod(s.dir, 0o755); err != nil {
		return err
	}
	initdb := exec.CommandContext(ctx, filepath.Join(s.bin, "initdb"), "-D", s.data(), "-U", "answerable", "-A", "trust",
		"-E", "UTF8", "--locale=C", "--no-sync")
	as(initdb, who)
	initdb.Dir = s.dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	return nil
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// run starts the server and waits until it answers. A shell stands between,
// which ends the server when this process is gone, however it went.
func (s *Server) run(ctx context.Context) error {
	who, err := Whom()
	if err != nil {
		return err
	}
	args := []string{
		"-c", `"$@" <&- & p=$!; trap 'kill -QUIT $p' TERM INT; cat >/dev/null; kill -QUIT $p; wait $p`, "sh",
		filepath.Join(s.bin, "postgres"), "-D", s.data(), "-k", s.dir, "-c", "listen_addresses=",
		"-c", "max_connections=200", "-c", "logging_collector=off", "-c", "max_wal_size=512MB",
	}
	cmd := exec.CommandContext(context.WithoutCancel(ctx), "/bin/sh", append(args, s.options...)...)
	as(cmd, who)
	cmd.Dir = s.dir
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	logFile, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	cmd.Stdout, cmd.Stderr = logFile, logFile
	if err := cmd.Start(); err != nil {
		return errors.Join(err, logFile.Close())
	}
	s.mu.Lock()
	s.cmd, s.stdin, s.log = cmd, stdin, logFile
	s.mu.Unlock()
	for deadline := time.Now().Add(60 * time.Second); ; {
		err := s.answers(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil || time.Now().After(deadline) {
			said, _ := os.ReadFile(logFile.Name())
			return fmt.Errorf("the server does not answer: %w: %s", err, lastLines(said))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// answers fails while the server takes no queries. It speaks the protocol by
// itself, so that no module needs a driver for the sake of this package.
func (s *Server) answers(ctx context.Context) (err error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", filepath.Join(s.dir, ".s.PGSQL.5432"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return err
	}
	hello := binary.BigEndian.AppendUint32(nil, 3<<16) // version 3.0 of the protocol
	hello = append(hello, "user\x00answerable\x00database\x00postgres\x00\x00"...)
	if _, err := conn.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(hello)+4)), hello...)); err != nil {
		return err
	}
	for { // a byte for the kind, four for the length with themselves, and that many
		var head [5]byte
		if _, err := io.ReadFull(conn, head[:]); err != nil {
			return err
		}
		body := make([]byte, max(0, int(binary.BigEndian.Uint32(head[1:]))-4))
		if _, err := io.ReadFull(conn, body); err != nil {
			return err
		}
		switch head[0] {
		case 'E':
			return fmt.Errorf("it refuses: %s", bytes.ReplaceAll(body, []byte{0}, []byte{' '}))
		case 'Z':
			return nil
		}
	}
}

func lastLines(b []byte) []byte {
	lines := bytes.Split(b, []byte("\n"))
	return bytes.Join(lines[max(0, len(lines)-20):], []byte("\n"))
}

// DSN is how the server is reached.
func (s *Server) DSN() string {
	return "host=" + s.dir + " user=answerable dbname=postgres"
}

// PID is the server's process, of which those for its connections are children.
func (s *Server) PID() (int, error) {
	text, err := os.ReadFile(filepath.Join(s.data(), "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	pid, err := strconv.Atoi(strings.SplitN(string(text), "\n", 2)[0])
	if err != nil {
		return 0, fmt.Errorf("postmaster.pid: %w", err)
	}
	return pid, nil
}

// Crash ends the server as a crash would: at once, without a checkpoint.
func (s *Server) Crash() error {
	pid, err := s.PID()
	if err != nil {
		return err
	}
	if err := syscall.Kill(pid, syscall.SIGQUIT); err != nil {
		return err
	}
	for range 3000 {
		if syscall.Kill(pid, 0) != nil {
			return s.wait()
		}
		// Its parent, the shell, buries it only at its own end.
		if stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat"); err == nil && bytes.Contains(stat, []byte(") Z ")) {
			return s.wait()
		}
		time.Sleep(10 * time.Millisecond)
	}
	return fmt.Errorf("the server, process %d, does not end", pid)
}

// wait ends the shell.
func (s *Server) wait() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil {
		return nil
	}
	_ = s.stdin.Close()
	_ = s.cmd.Wait() // how it ended is known
	err := s.log.Close()
	s.cmd = nil
	return err
}

// Restart is a crash of the server, and its recovery.
func (s *Server) Restart(ctx context.Context) error {
	if err := s.Crash(); err != nil {
		return err
	}
	return s.run(ctx)
}

// Stop ends the server and removes what it kept.
func (s *Server) Stop() {
	_ = s.wait() // which has the shell end the server
	_ = os.RemoveAll(s.dir)
}
