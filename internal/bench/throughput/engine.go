package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/typical"
	"github.com/answerable-go/answerable/routing/dispatch"
)

// host is where stores are made.
type host interface {
	open(ctx context.Context) (about string, err error)
	close()
	// store is an empty one, and what gets rid of it.
	store(ctx context.Context) (adapters.Store, func(), error)
	// rest has the newest store be as one that was filled long ago.
	rest(ctx context.Context) error
	others(ctx context.Context) ([]contestant, error)
	cpu() time.Duration // that its server has used so far
}

const pool = "support"

// office is an Engine at work.
type office struct {
	*dispatch.Engine
	batch, callers int
	owners         sync.Map // who was told that an inquiry is theirs
	told           atomic.Int64
	next           atomic.Int64
	stop           func() error
}

func newOffice(ctx context.Context, store adapters.Store, batch, callers int) (*office, error) {
	o := &office{batch: batch, callers: callers}
	notifier := adapters.NotifierFunc(func(_ context.Context, e inquiry.Effect) error {
		o.owners.Store(e.Inquiry, e.Owner)
		o.told.Add(1)
		return nil
	})
	var err error
	o.Engine, err = dispatch.New(store, typical.Policy(typical.Office()), dispatch.Config{Pool: pool, Directory: typical.Staff(), Notifier: notifier, MaxBatch: batch, CheckEvery: -1})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- o.Run(ctx) }()
	o.stop = func() error {
		cancel()
		return <-ended
	}
	select {
	case <-o.Ready():
		return o, nil
	case err := <-ended:
		return nil, cmp.Or(err, errors.New("the engine ended"))
	}
}

// live takes n inquiries from their messages to their ends.
func (o *office) live(ctx context.Context, n int, resolve bool) error {
	var left atomic.Int64
	left.Store(int64(n))
	errs := make([]error, o.callers)
	var callers sync.WaitGroup
	for i := range o.callers {
		callers.Go(func() {
			for errs[i] == nil {
				mine := min(int64(o.batch), left.Add(-int64(o.batch))+int64(o.batch))
				if mine <= 0 {
					return
				}
				errs[i] = o.group(ctx, int(mine), resolve)
			}
		})
	}
	callers.Wait()
	return errors.Join(errs...)
}

func (o *office) group(ctx context.Context, n int, resolve bool) error {
	first := o.next.Add(int64(n)) - int64(n)
	ms := make([]inquiry.Message, n)
	for i := range ms {
		ms[i] = typical.Message(first + int64(i))
	}
	receipts, err := o.SubmitBatch(ctx, ms)
	if err != nil || !resolve {
		return err
	}
	actions := make([]dispatch.Action, n)
	for i, r := range receipts {
		owner, err := o.ownerOf(ctx, r.Inquiry)
		if err != nil {
			return err
		}
		actions[i] = dispatch.Action{Key: strconv.FormatInt(first+int64(i), 10), Command: inquiry.Resolve{Inquiry: r.Inquiry, Owner: owner}}
	}
	_, err = o.DoBatch(ctx, actions)
	return err
}

// ownerOf waits until somebody was told that an inquiry is theirs, and forgets it.
func (o *office) ownerOf(ctx context.Context, id inquiry.ID) (inquiry.OwnerID, error) {
	for {
		if owner, told := o.owners.LoadAndDelete(id); told {
			return owner.(inquiry.OwnerID), nil //nolint:forcetypeassert // the notifier stores no other
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
}

// whole makes sure that all was done that is timed: every owner was told, and
// nothing is open or left to be told.
func (o *office) whole(ctx context.Context, store adapters.Store, n, open int) error {
	rec, err := store.Recover(ctx, pool)
	if err != nil {
		return err
	}
	live := 0
	for i := range rec.Rows {
		if rec.Rows[i].State.Open() {
			live++
		}
	}
	if live != open || len(rec.Effects) > 0 || int(o.told.Load()) < n+open {
		return fmt.Errorf("of %d inquiries %d are open, %d of them should be; %d effects are left, and %d were carried out", n+open, live, open, len(rec.Effects), o.told.Load())
	}
	return nil
}

// engineTurn is the Engine's, beside so many inquiries that are open already. It
// ends with the Engine stopped: what has to be told has been told.
func (s settings) engineTurn(h host, open int) turn {
	profiles := 0
	return func(ctx context.Context, n int) (took times, err error) {
		store, drop, err := h.store(ctx)
		if err != nil {
			return took, err
		}
		defer drop()
		o, err := newOffice(ctx, store, s.batch, s.callers)
		if err != nil {
			return took, err
		}
		if err = o.live(ctx, open, false); err == nil && open > 0 {
			err = h.rest(ctx)
		}
		profiled := func() {}
		if err == nil && s.profile != "" {
			if profiled, err = profile(fmt.Sprintf("%s.%d", s.profile, profiles)); err != nil {
				return took, err
			}
			profiles++
		}
		watch := start(h)
		if err == nil {
			err = o.live(ctx, n, true)
		}
		for want := int64(n + open); err == nil && o.told.Load() < want; {
			time.Sleep(time.Millisecond)
			err = ctx.Err()
		}
		err = errors.Join(err, o.stop())
		took = watch.stop()
		profiled()
		if err == nil {
			err = o.whole(ctx, store, n, open)
		}
		return took, err
	}
}

func profile(name string) (stop func(), err error) {
	f, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() {
		pprof.StopCPUProfile()
		_ = f.Close()
	}, nil
}

// open measures the throughput beside so many open inquiries.
func (s settings) open(ctx context.Context, h host, out io.Writer) error {
	sizes := []int{1_000, 100_000}
	if s.million {
		sizes = append(sizes, 1_000_000)
	}
	rates := make([][]float64, len(sizes))
	turns := make([]turn, len(sizes))
	for i, open := range sizes {
		turns[i] = s.engineTurn(h, open)
	}
	for range s.rounds {
		for i, open := range sizes {
			took, err := turns[i](ctx, s.inquiries)
			if err != nil {
				return fmt.Errorf("%d open: %w", open, err)
			}
			rates[i] = append(rates[i], took.rate(s.inquiries))
			line(out, fmt.Sprintf("%s/open=%d", s.store, open), s.inquiries, took)
		}
	}
	fmt.Fprintln(out, "#")
	for i, open := range sizes {
		fmt.Fprintf(out, "# beside %9d open: %s inquiries/s\n", open, spread(rates[i], "%.0f"))
	}
	return nil
}

// latency measures how long Submit takes until a message is routed, assigned and
// durable, of one caller and of 64.
func (s settings) latency(ctx context.Context, h host, out io.Writer) error {
	counts := []int{1, 64}
	var middle, high [2][]float64
	for range s.rounds {
		for i, callers := range counts {
			took, err := s.submits(ctx, h, callers)
			if err != nil {
				return err
			}
			slices.Sort(took)
			p50, p99 := took[len(took)/2], took[len(took)*99/100]
			middle[i], high[i] = append(middle[i], p50.Seconds()*1e3), append(high[i], p99.Seconds()*1e3)
			fmt.Fprintf(out, "BenchmarkLatency/%s/callers=%d \t%d\t%d p50-ns\t%d p99-ns\n", s.store, callers, len(took), p50.Nanoseconds(), p99.Nanoseconds())
		}
	}
	fmt.Fprintln(out, "#")
	for i, callers := range counts {
		fmt.Fprintf(out, "# %2d callers: p50 %s ms\n#             p99 %s ms\n", callers, spread(middle[i], "%.2f"), spread(high[i], "%.2f"))
	}
	return nil
}

// submits are the times of single Submits, after a tenth as many that warm up.
func (s settings) submits(ctx context.Context, h host, callers int) ([]time.Duration, error) {
	store, drop, err := h.store(ctx)
	if err != nil {
		return nil, err
	}
	defer drop()
	o, err := newOffice(ctx, store, min(s.batch, 512), callers)
	if err != nil {
		return nil, err
	}
	each := max(10, s.inquiries/10/callers)
	took := make([][]time.Duration, callers)
	errs := make([]error, callers)
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			for k := 0; k < each+each/10 && errs[i] == nil; k++ {
				began := time.Now()
				_, errs[i] = o.Submit(ctx, typical.Message(o.next.Add(1)))
				if k >= each/10 {
					took[i] = append(took[i], time.Since(began))
				}
			}
		})
	}
	wg.Wait()
	if err := errors.Join(append(errs, o.stop())...); err != nil {
		return nil, err
	}
	return slices.Concat(took...), nil
}

// recorded is a store that remembers its commits.
type recorded struct {
	adapters.Store
	commits []adapters.Commit
}

func (r *recorded) Append(ctx context.Context, c adapters.Commit) error {
	err := r.Store.Append(ctx, c)
	if err == nil {
		r.commits = append(r.commits, c)
	}
	return err
}

// commitsOf are those that a store would get of n inquiries, in batches; what
// comes before the first inquiry is with the first.
func commitsOf(ctx context.Context, s settings, h host, n int) ([]adapters.Commit, error) {
	store, drop, err := h.store(ctx)
	if err != nil {
		return nil, err
	}
	defer drop()
	r := &recorded{Store: store}
	o, err := newOffice(ctx, r, s.batch, 1)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(o.live(ctx, n, true), o.stop()); err != nil {
		return nil, err
	}
	return r.commits, o.whole(ctx, store, n, 0)
}

// column is a column of a row with its value: a text, an int64, a bool, a time, an
// id, or bytes.
type column struct {
	name  string
	value any
}

// rows are those of a commit by table, as the stores lay them out, in the order in
// which they are written. Checksums and hashes are left empty: they are what the
// store adds.
func rows(c *adapters.Commit, text func(any) string) map[string][][]column {
	out := map[string][][]column{}
	add := func(table string, row ...column) {
		out[table] = append(out[table], append([]column{{"pool", c.Pool}}, row...))
	}
	for i := range c.Events {
		e := &c.Events[i]
		add("journal", column{"seq", int64(e.Seq)}, column{"inquiry", e.Inquiry}, column{"version", int64(e.Version)}, column{"kind", string(e.Kind)},
			column{"owner", string(e.Owner)}, column{"actor", e.Actor}, column{"at", e.At}, column{"recorded_at", e.RecordedAt}, column{"cause", e.Cause},
			column{"event", text(e)}, column{"hash", make([]byte, 32)})
	}
	for i := range c.Changed {
		r := &c.Changed[i]
		add("inquiries", column{"id", r.ID}, column{"version", int64(r.Version)}, column{"state", string(r.State)}, column{"priority", int64(r.Priority)},
			column{"owner", string(r.Owner)}, column{"department", r.Department}, column{"due", r.Due}, column{"stranded", r.Stranded}, column{"rule", r.Rule},
			column{"channel", r.Channel}, column{"opened_at", r.OpenedAt}, column{"row", text(r)}, column{"sum", int64(0)})
	}
	for i := range c.Details {
		d := &c.Details[i]
		add("details", column{"id", d.ID}, column{"kind", string(d.Kind)}, column{"labels", strings.Join(d.Labels, ",")}, column{"audiences", ""},
			column{"language", d.Language}, column{"reach", d.Reach}, column{"details", text(d)}, column{"sum", int64(0)})
	}
	for i := range c.Messages {
		m := &c.Messages[i]
		add("messages", column{"id", m.ID}, column{"inquiry", m.Inquiry}, column{"source", m.Source}, column{"revision", int64(m.Revision)},
			column{"direction", string(m.Direction)}, column{"channel", m.Channel}, column{"account", m.Account}, column{"at", m.At},
			column{"digest", m.Digest}, column{"message", text(m)}, column{"sum", int64(0)}, column{"ref", int64(0)})
	}
	for i := range c.Outcomes {
		o := &c.Outcomes[i]
		add("outcomes", column{"input", o.Input}, column{"inquiry", o.Inquiry}, column{"refused", string(o.Refused)}, column{"detail", o.Detail},
			column{"seq", int64(o.Seq)}, column{"sum", int64(0)})
	}
	for i := range c.Effects {
		e := &c.Effects[i]
		add("outbox", column{"id", e.ID}, column{"seq", int64(e.Seq)}, column{"topic", string(e.Topic)}, column{"inquiry", e.Inquiry},
			column{"owner", string(e.Owner)}, column{"effect", text(e)}, column{"sum", int64(0)})
	}
	return out
}
