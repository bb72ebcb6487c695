package jsonl

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

var (
	_ adapters.Source  = (*Source)(nil)
	_ adapters.Replier = (*Source)(nil)
)

// Defaults of [Config].
const (
	DefaultSpacing = time.Minute
	DefaultMaxLine = 1 << 20
	DefaultMaxRows = 1_000_000
)

// Config says how a file is read. Its zero value is fine for a file whose rows
// have a channel and a time.
type Config struct {
	// Channel and Account are those of rows that name none.
	Channel, Account string
	// Start is the time of a first line without a time. Zero: such rows are bad.
	Start time.Time
	// Spacing is the time between lines, and turns, without a time.
	// 0 or less means DefaultSpacing.
	Spacing time.Duration
	// Pace, if not nil, is called before each message with the message's time
	// and returns when it is to be handed over; its error ends Receive. The
	// Engine's WaitUntil fits. Nil hands messages over as fast as they are taken.
	Pace func(ctx context.Context, at time.Time) error
	// Outbound hands over what the brand said too, as messages from us. By
	// default that is left out: it is what somebody answered at that time, and
	// would answer the inquiry before an owner of this replay could.
	Outbound bool
	// UnescapeHTML turns entities such as &amp; in texts, subjects and names
	// into what they stand for.
	UnescapeHTML bool
	// Sort hands over all messages in the order of their times, those of equal
	// times in the file's order. The file is read whole before the first one.
	Sort bool
	// MaxRows is how many messages Sort may hold in memory; more are an error.
	// 0 or less means DefaultMaxRows.
	MaxRows int
	// MaxLine is the greatest length of a line, in bytes. A longer one is bad.
	// 0 or less means DefaultMaxLine.
	MaxLine int
	// Strict makes a row bad that has a field which is not known.
	Strict bool
	// SkipBad passes over bad lines, after telling OnBad, if that is not nil.
	// By default the first one ends Receive, with a [*LineError].
	SkipBad bool
	OnBad   func(*LineError)
	// Progress, if not nil, is told after each line, once its messages are
	// accepted, how much of the file is done, in bytes. With Sort the lines come
	// in the order of their last messages, and the bytes are unpacked ones;
	// otherwise they are those of the file as it lies, and total is 0 where its
	// size is not known.
	Progress func(done, total int64)
	// Replies is where Reply writes to. Nil: replies are not sent.
	Replies io.Writer
}

// Source replays a file. It keeps no state between calls of Receive, so a host
// may use it as often as it likes, also at the same time.
type Source struct {
	name   string
	open   func() (io.ReadCloser, error)
	config Config

	replying sync.Mutex
}

// New replays the file at path. It is opened when Receive is called, each time
// anew.
func New(path string, cfg Config) *Source {
	return newSource(path, func() (io.ReadCloser, error) { return os.Open(path) }, cfg)
}

// NewFS replays the file at path in a file system, such as an embed.FS.
func NewFS(fsys fs.FS, path string, cfg Config) *Source {
	return newSource(path, func() (io.ReadCloser, error) { return fsys.Open(path) }, cfg)
}

func newSource(path string, open func() (io.ReadCloser, error), cfg Config) *Source {
	if cfg.Spacing <= 0 {
		cfg.Spacing = DefaultSpacing
	}
	if cfg.MaxLine <= 0 {
		cfg.MaxLine = DefaultMaxLine
	}
	if cfg.MaxRows <= 0 {
		cfg.MaxRows = DefaultMaxRows
	}
	cfg.Start = inquiry.Instant(cfg.Start)
	return &Source{name: path, open: open, config: cfg}
}

// Receive hands over the file's messages behind a cursor and returns nil at the
// file's end. Other returns are the error of deliver or of Config.Pace, the
// context's, a [*LineError] for a bad line, one that says what is wrong with the
// cursor, or that of opening or reading the file.
//
// A cursor is the place behind a message: "12:3" behind the third turn of line
// 12 (a message is its line's first), or with Sort "17" behind the message that
// is 17th in time. It is good as long as the file and Config stay the same; with
// Sort off, rows may be added at the end.
func (s *Source) Receive(ctx context.Context, after string, deliver adapters.Deliver) error {
	if s.config.Sort {
		return s.receiveSorted(ctx, after, deliver)
	}
	line, turn, err := s.parseCursor(after)
	if err != nil {
		return err
	}
	return s.eachRow(line, s.onBad, func(r row) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		for _, m := range r.messages {
			if r.line == line && m.turn <= turn {
				continue
			}
			if err := s.handOver(ctx, m.Message, fmt.Sprintf("%d:%d", r.line, m.turn), deliver); err != nil {
				return err
			}
		}
		if s.config.Progress != nil {
			s.config.Progress(r.done, r.total)
		}
		return nil
	})
}

func (s *Source) receiveSorted(ctx context.Context, after string, deliver adapters.Deliver) error {
	begin := 0
	if after != "" {
		n, err := strconv.Atoi(after)
		if err != nil || n < 1 {
			return fmt.Errorf(`jsonl: %s: %q is no cursor of a sorted file: want a number such as "17", or "" for the beginning `+
				`(was it kept while Config.Sort was off?)`, s.name, after)
		}
		begin = n
	}
	type entry struct {
		inquiry.Message
		bytes int64 // of the line, at its last message
	}
	var (
		all         []entry
		done, total int64
	)
	err := s.eachRow(0, s.onBad, func(r row) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(all)+len(r.messages) > s.config.MaxRows {
			return fmt.Errorf("jsonl: %s:%d: more than %d messages to sort: raise Config.MaxRows, or sort the file and turn Config.Sort off",
				s.name, r.line, s.config.MaxRows)
		}
		total += r.bytes
		last := -1
		for i, m := range r.messages {
			all = append(all, entry{Message: m.Message})
			if last < 0 || !m.At.Before(r.messages[last].At) {
				last = i
			}
		}
		if last < 0 {
			done += r.bytes // nothing of it is handed over
			return nil
		}
		all[len(all)-len(r.messages)+last].bytes = r.bytes
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b entry) int { return a.At.Compare(b.At) })
	if begin > len(all) {
		return fmt.Errorf("jsonl: %s: the cursor is %q but there are %d messages: is it the same file?", s.name, after, len(all))
	}
	for i, e := range all {
		if i >= begin {
			if err := s.handOver(ctx, e.Message, strconv.Itoa(i+1), deliver); err != nil {
				return err
			}
		}
		done += e.bytes
		if s.config.Progress != nil && e.bytes > 0 {
			s.config.Progress(done, total)
		}
	}
	return nil
}

func (s *Source) handOver(ctx context.Context, m inquiry.Message, cursor string, deliver adapters.Deliver) error {
	if s.config.Pace != nil {
		if err := s.config.Pace(ctx, m.At); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return deliver(ctx, m, cursor)
}

// Count is how many messages Receive hands over from the beginning, for a
// progress bar. It reads the file and returns the errors of Receive that have to
// do with it; it does not call OnBad.
func (s *Source) Count(ctx context.Context) (int, error) {
	n := 0
	err := s.eachRow(0, nil, func(r row) error {
		n += len(r.messages)
		return ctx.Err()
	})
	return n, err
}

func (s *Source) onBad(err *LineError) {
	if s.config.OnBad != nil {
		s.config.OnBad(err)
	}
}

// parseCursor is the line and turn of a cursor, zero for the beginning.
func (s *Source) parseCursor(cursor string) (line, turn int, err error) {
	if cursor == "" {
		return 0, 0, nil
	}
	before, behind, _ := strings.Cut(cursor, ":")
	line, err1 := strconv.Atoi(before)
	turn, err2 := strconv.Atoi(behind)
	if cmp.Or(err1, err2) != nil || line < 1 || turn < 1 {
		return 0, 0, fmt.Errorf(`jsonl: %s: %q is no cursor: want line and turn such as "12:3", or "" for the beginning `+
			`(was it kept while Config.Sort was on?)`, s.name, cursor)
	}
	return line, turn, nil
}
