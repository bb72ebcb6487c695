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

// Config says how a file is read. Its zero value suits a file whose rows
// have a channel and a time.
type Config struct {
	// Channel and Account are those of rows that name none.
	Channel, Account string
	// Start is the time of the first line, if that has none. Zero: a row without a time is bad.
	Start time.Time
	// Spacing is the time between lines, and turns, without a time.
	// 0 or less means DefaultSpacing.
	Spacing time.Duration
	// Pace, if not nil, is called before each message with the message's time
	// and returns once the message is due; its error ends Receive. The
	// Engine's WaitUntil fits. Nil hands messages over as fast as they are accepted.
	Pace func(ctx context.Context, at time.Time) error
	// Outbound also hands over what the brand said, as messages from us. By
	// default that is left out: these recorded answers
	// would answer the inquiry before an owner in this replay could.
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
	// Strict makes a row with an unknown field bad.
	Strict bool
	// SkipBad skips bad lines, after telling OnBad, if that is not nil.
	// By default the first one ends Receive, with a [*LineError].
	SkipBad bool
	OnBad   func(*LineError)
	// Progress, if not nil, is told after each line, once its messages are
	// accepted, how much of the file is done, in bytes. With Sort the lines
	// come in the order of their last messages, and the bytes are counted after
	// unpacking. Without it they are counted in the file as stored, and total
	// is 0 if its size is not known.
	Progress func(done, total int64)
	// Replies is where Reply writes to. If nil, Reply fails with
	// adapters.ErrNotSent.
	Replies io.Writer
}

// Source replays a file. It keeps no state between calls of Receive, so it may
// be used repeatedly, and concurrently.
type Source struct {
	name   string
	open   func() (io.ReadCloser, error)
	config Config

	replying sync.Mutex
}

// New makes a source that replays the file at path. Every call of Receive opens
// it again.
func New(path string, cfg Config) *Source {
	return newSource(path, func() (io.ReadCloser, error) { return os.Open(path) }, cfg)
}

// NewFS is New for a file in a file system, such as an embed.FS.
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

// Receive hands over the file's messages after a cursor, "" for all, and
// returns nil at the end of the file. Otherwise it returns the error of deliver
// or of Config.Pace, the context's, a [*LineError] for a bad line, an error for
// an invalid cursor, or that of opening or reading the file.
//
// A cursor names the message before: "12:3" is the third turn of line 12 (a
// message that is no conversation is its line's first turn), and with Sort "17"
// is the message that is 17th in time. A cursor is valid as long as the file
// and Config stay the same; without Sort, rows may be appended to the file.
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
			done += r.bytes // the line has no message to hand over
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
// progress bar. It reads the file and returns the same errors of reading it as
// Receive; it does not call OnBad.
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
