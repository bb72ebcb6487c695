package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/url"
	"os"
	"strings"

	"github.com/answerable-go/answerable/adapters/postgres"
	"github.com/answerable-go/answerable/adapters/sqlite"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/verify"
)

// defaultPool is that of an engine whose Config names none.
const defaultPool = "default"

// verify reads whatever the command line names.
func (o *options) verify(ctx context.Context, stdin io.Reader) (*verify.Report, error) {
	switch {
	case o.sqlite != "":
		s, err := sqlite.Open(ctx, o.sqlite, sqlite.Config{ReadOnly: true})
		if err != nil {
			return nil, err
		}
		defer func() { _ = s.Close() }() // nothing was written
		return o.store(ctx, s)
	case o.postgres != "":
		dsn, err := readOnly(o.postgres)
		if err != nil {
			return nil, err
		}
		s, err := postgres.Open(ctx, dsn, postgres.Config{Schema: o.schema, NoMigrations: true, Quiet: true})
		if err != nil {
			return nil, err
		}
		defer func() { _ = s.Close() }()
		return o.store(ctx, s)
	case o.journal == "-":
		return o.lines(stdin)
	}
	f, err := os.Open(o.journal)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return o.lines(f)
}

func (o *options) store(ctx context.Context, s verify.Reader) (*verify.Report, error) {
	pool := o.pool
	if pool == "" {
		pool = defaultPool
	}
	r, err := verify.Store(ctx, s, pool, verify.Options{Replay: o.replay})
	if err == nil && r.Events == 0 && r.Sound() {
		err = fmt.Errorf("pool %q has no events: name the pool that the engine's Config names with -pool", pool)
	}
	return r, err
}

// readOnly has the server itself refuse whatever writes.
func readOnly(dsn string) (string, error) {
	const key = "default_transaction_read_only"
	if !strings.HasPrefix(dsn, "postgres://") && !strings.HasPrefix(dsn, "postgresql://") {
		return dsn + " " + key + "=on", nil
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return "", errors.New("-postgres is no URL: want postgres://user:password@host:port/database, with what is special in a password escaped")
	}
	q := u.Query()
	q.Set(key, "on")
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// lines reads a journal that is JSON Lines.
func (o *options) lines(in io.Reader) (*verify.Report, error) {
	r := &reader{in: bufio.NewReaderSize(in, 1<<20)}
	first, err := r.next()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the journal has no events")
	}
	if err != nil {
		return nil, err
	}
	pool := o.pool
	if pool == "" {
		pool = first.Pool
	}
	return verify.Journal(pool, r.events(first), verify.Options{Replay: o.replay})
}

// reader reads events, a line each; empty lines are passed over.
type reader struct {
	in   *bufio.Reader
	line int
}

// maxLine is more than any event takes.
const maxLine = 64 << 20

func (r *reader) next() (e inquiry.Event, err error) {
	for {
		var line []byte
		r.line++
		for more := true; more; {
			var part []byte
			part, more, err = r.in.ReadLine()
			if line = append(line, part...); len(line) > maxLine {
				err = fmt.Errorf("it has more than %d MiB, an event has less", maxLine>>20)
			}
			if err != nil {
				break
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return e, err
		case err != nil:
			return e, fmt.Errorf("line %d: %w", r.line, err)
		case len(strings.TrimSpace(string(line))) == 0:
			continue
		}
		if err := json.Unmarshal(line, &e); err != nil {
			return e, fmt.Errorf("line %d is no event: %w", r.line, err)
		}
		return e, nil
	}
}

func (r *reader) events(first inquiry.Event) iter.Seq2[inquiry.Event, error] {
	return func(yield func(inquiry.Event, error) bool) {
		for e, err := first, error(nil); !errors.Is(err, io.EOF); e, err = r.next() {
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}
