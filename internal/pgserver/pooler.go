//go:build unix

package pgserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
)

// Pooler is a running PgBouncer in transaction mode, before a server.
type Pooler struct {
	dir   string
	cmd   *exec.Cmd
	stdin io.Closer // when it ends, the pooler does
	log   *os.File
	once  sync.Once
}

// poolerConfig has few server connections, so that transactions of one client
// come to several of them, and those of several clients to one.
const poolerConfig = `[databases]
postgres = host=%[1]s dbname=postgres user=answerable pool_size=%[3]d

[pgbouncer]
listen_addr =
listen_port = 6432
unix_socket_dir = %[2]s
auth_type = any
pool_mode = transaction
max_client_conn = 1000
`

// Pool starts a PgBouncer before the server, which gives each transaction one of
// so many connections. It fails with [ErrNoPooler] where none is installed. It
// ends with Stop.
func (s *Server) Pool(ctx context.Context, connections int) (*Pooler, error) {
	bin, err := exec.LookPath("pgbouncer")
	if err != nil { // Debian has it where only root looks
		bin = "/usr/sbin/pgbouncer"
		if !executable(bin) {
			return nil, ErrNoPooler
		}
	}
	who, err := Whom()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "answerable-pgbouncer-")
	if err != nil {
		return nil, err
	}
	p := &Pooler{dir: dir}
	if who != nil {
		err = os.Chown(dir, int(who.Uid), int(who.Gid))
	}
	config := filepath.Join(dir, "pgbouncer.ini")
	err = errors.Join(err, os.Chmod(dir, 0o755), // the pooler is another user
		os.WriteFile(config, fmt.Appendf(nil, poolerConfig, s.dir, dir, connections), 0o644))
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if p.log, err = os.Create(filepath.Join(dir, "log")); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	// A shell stands between, which ends the pooler when this process is gone.
	p.cmd = exec.CommandContext(context.WithoutCancel(ctx), "/bin/sh", "-c",
		`"$@" <&- & p=$!; trap 'kill $p' TERM INT; cat >/dev/null; kill $p; wait $p`, "sh", bin, config)
	as(p.cmd, who)
	p.cmd.Dir = dir
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if p.stdin, err = p.cmd.StdinPipe(); err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		return nil, errors.Join(err, p.log.Close(), os.RemoveAll(dir))
	}
	for deadline := time.Now().Add(time.Minute); ; {
		conn, err := (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(dir, ".s.PGSQL.6432"))
		if err == nil {
			return p, conn.Close()
		}
		if ctx.Err() != nil || time.Now().After(deadline) {
			said, _ := os.ReadFile(p.log.Name())
			p.Stop()
			return nil, fmt.Errorf("the pooler does not answer: %w: %s", err, lastLines(said))
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// DSN is how the server is reached through the pooler.
func (p *Pooler) DSN() string { return "host=" + p.dir + " port=6432 user=answerable dbname=postgres" }

// Stop ends the pooler and removes what it kept.
func (p *Pooler) Stop() {
	p.once.Do(func() {
		_ = p.stdin.Close()
		_ = p.cmd.Wait()
		_ = p.log.Close()
		_ = os.RemoveAll(p.dir)
	})
}
