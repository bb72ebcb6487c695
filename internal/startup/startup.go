// Package startup measures how long an Engine takes to lead a pool in which many
// inquiries wait, and what memory that takes: what a restart or a fail-over costs.
//
// Each store has a benchmark of it, with the number of inquiries as its -waiting
// flag:
//
//	go test ./routing/dispatch -run '^$' -bench Start -benchtime 1x -count 3 -waiting 1000000 -timeout 1h
//	go test -C adapters/sqlite -run '^$' -bench Start -benchtime 1x -count 3 -waiting 1000000 -timeout 1h .
//	go test -C adapters/postgres -run '^$' -bench Start -benchtime 1x -count 3 -waiting 1000000 -timeout 1h .
//
// The figures that it reports:
//
//	s/lead           from Run to leading: claimed, recovered, policy and roster up to date
//	s/serve          from Run to the first message that is accepted
//	s/processor      how long this process had processors until it led, as Linux counts it,
//	                 all of them together; a server's own time is not in it
//	MiB/peak-heap    the most that Go's heap held meanwhile, garbage included, beyond what
//	                 it held before
//	MiB/peak-rss     the most memory that the process had meanwhile, as Linux counts it,
//	                 beyond what it had before; a server's own memory is not in it
//	bytes/inquiry    what the heap holds more afterwards, once garbage is collected
//
// The stores hand inquiries over one by one ([adapters.Restorer]) and have all
// processors take their rows apart, so memory hardly depends on how long a row is:
// 1,000,000 waiting took some 380 MiB at the most in SQLite and in PostgreSQL, of
// which 220 bytes an inquiry stay.
//
// How long it takes depends on the machine above all. A million on two cores of an AMD
// EPYC with nothing else to do, the first start after the filling in SQLite and the median
// of three such in PostgreSQL (5.5 to 6.5), and medians of three on the same cores when
// eight to ten processes wanted them:
//
//	              s/lead   s/processor         busy: s/lead   s/processor   of the server
//	SQLite          5.0        8.3                   11.5        10.7
//	PostgreSQL      5.6        5.9                   14.4         8.6            4.1
//
// PostgreSQL's tables were vacuumed, as autovacuum has long done with those of a pool
// that has grown (the busy ones were not). Right after a million were written at one go
// the first start took 9.9 s: whoever reads a row first notes at it that it is committed.
//
// A profile of the processor time in SQLite had two fifths go into finding rows and
// reading pages, 15 % into taking JSON apart and checking it, 12 % into the core and
// 18 % into collecting garbage. In PostgreSQL the process's own went in about equal
// parts into receiving rows, taking them apart, the core, and garbage.
//
// The messages themselves are read all the same: an index that has an entry which is
// not its message's own would not be met otherwise.
package startup

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/sla"
)

// Pool is the pool that is filled and started.
const Pool = "support"

const (
	rules  = 100
	skills = 50
	owners = 1000
)

// policy has so many rules, each for a label of its own, and three clocks.
func policy() routing.Policy {
	p := routing.Policy{
		Version: "v1", Sink: "head", Presence: routing.Presence{LapseAfter: -1},
		Default: routing.Settings{Targets: []sla.Target{
			sla.Within(sla.Acknowledge, 24*time.Hour, ""), sla.Within(sla.FirstResponse, 48*time.Hour, ""), sla.Within(sla.Resolve, 96*time.Hour, ""),
		}},
	}
	for i := range rules {
		p.Rules = append(p.Rules, routing.Rule{
			Name: fmt.Sprintf("rule-%03d", i), Match: routing.Match{Labels: []string{fmt.Sprintf("topic-%03d", i)}},
			Settings: routing.Settings{Skills: []inquiry.SkillRequirement{{Skill: skill(i), Min: 1 + i%3}}},
		})
	}
	return p
}

func skill(i int) string { return fmt.Sprintf("skill-%02d", i%skills) }

// staff are owners who are not there.
func staff() adapters.Owners {
	all := adapters.Owners{{ID: "head", Capacity: 100}}
	for i := range owners {
		all = append(all, inquiry.Owner{
			ID: inquiry.OwnerID(fmt.Sprintf("owner-%04d", i)), Capacity: 100, Languages: []string{"en"}, Departments: []string{fmt.Sprintf("department-%02d", i%20)},
			Skills: []inquiry.Skill{{Name: skill(i), Level: 5}, {Name: skill(i + 7), Level: 1 + i%5}},
		})
	}
	return all
}

// labelled stands in for screening: a message's subject is its label.
type labelled struct{}

func (labelled) Screen(_ context.Context, m inquiry.Message, known inquiry.Facts) (inquiry.Facts, error) {
	known.AddLabels(m.Subject)
	known.Language = "en"
	return known, nil
}

func engine(store adapters.Store) (*dispatch.Engine, error) {
	return dispatch.New(store, policy(), dispatch.Config{
		Pool: Pool, Node: "node", Directory: staff(), Screeners: []adapters.Screener{labelled{}}, PseudonymKey: []byte("a key of the house"),
	})
}

func message(i int) inquiry.Message {
	n := strconv.Itoa(i)
	return inquiry.Message{
		External: "<" + n + "@mail.example.org>", Channel: "email", Account: "help@example.com", Conversation: "thread-" + n,
		Author: inquiry.Author{External: "customer-" + n + "@example.org"}, Subject: fmt.Sprintf("topic-%03d", i%rules), At: time.Now(),
	}
}

// running starts an Engine and returns how to stop it.
func running(ctx context.Context, e *dispatch.Engine) (stop func() error, err error) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	stop = func() error {
		cancel()
		return <-ended
	}
	select {
	case <-e.Ready():
		return stop, nil
	case err := <-ended:
		cancel()
		return nil, errors.Join(errors.New("startup: the engine ended before it led"), err)
	}
}

// Fill has so many inquiries wait in an empty store. An Engine takes one in for
// each rule; the others are like these, with ids and instants of their own, and
// are stored beside them.
func Fill(ctx context.Context, store adapters.Store, waiting int) error {
	e, err := engine(store)
	if err != nil {
		return err
	}
	stop, err := running(ctx, e)
	if err != nil {
		return err
	}
	for i := range rules {
		if _, err := e.Submit(ctx, message(i)); err != nil {
			return errors.Join(err, stop())
		}
	}
	if err := stop(); err != nil {
		return err
	}
	rec, err := store.Recover(ctx, Pool)
	if err != nil {
		return err
	}
	term, err := store.Lead(ctx, adapters.Claim{Pool: Pool, Node: "node", Format: inquiry.Format, For: time.Hour})
	if err != nil {
		return err
	}
	var last time.Time // when the last of these was opened
	for i := range rec.Rows {
		if at := rec.Rows[i].OpenedAt; at.After(last) {
			last = at
		}
	}
	const portion = 1000
	for from := len(rec.Rows); from < waiting; from += portion {
		c := adapters.Commit{Pool: Pool, Epoch: term.Epoch, Head: rec.Head}
		for i := from; i < min(from+portion, waiting); i++ {
			like(&c.Batch, &rec.Rows[i%rules], i, last)
		}
		if err := store.Append(ctx, c); err != nil {
			return err
		}
	}
	_, err = store.Lead(ctx, adapters.Claim{Pool: Pool, Node: "node", Epoch: term.Epoch, Format: inquiry.Format})
	return err
}

// like adds an inquiry as another one is, which came a little later than the last.
func like(b *inquiry.Batch, of *inquiry.Row, i int, last time.Time) {
	r, n, later := *of, strconv.Itoa(i), last.Sub(of.OpenedAt)+time.Duration(i)*time.Microsecond
	r.ID, r.LastID, r.Conversation = inquiry.DeriveID("like", n), inquiry.MessageID(Pool, "", n), inquiry.DeriveID("thread", n)
	binary.BigEndian.PutUint64(r.ID[:8], uint64(of.OpenedAt.Add(later).UnixMicro())) // as drawn ids, later ones come behind
	r.Persons = []inquiry.ID{inquiry.PersonID(nil, Pool, "email", n)}
	if r.Facts != nil {
		f := *r.Facts
		r.Facts = &f
	}
	r.Clocks = append([]sla.Clock(nil), r.Clocks...)
	at := []*time.Time{&r.OpenedAt, &r.ChangedAt, &r.LastAt, &r.AskedAt, &r.QueuedAt, &r.AttemptAt, &r.AttemptDue, &r.Due}
	for k := range r.Clocks {
		at = append(at, &r.Clocks[k].Started, &r.Clocks[k].Due)
	}
	for _, t := range at {
		if !t.IsZero() {
			*t = t.Add(later)
		}
	}
	b.Changed = append(b.Changed, r)
	b.Details = append(b.Details, inquiry.Details{ID: r.ID, Subject: r.Rule})
	b.Messages = append(b.Messages, inquiry.Message{
		ID: r.LastID, Inquiry: r.ID, Pool: Pool, Channel: "email", Account: r.Account, Revision: 1, At: r.LastAt, Text: "Where is my parcel?",
	})
}

// Report is what a start took.
type Report struct {
	Lead, Serve                     time.Duration
	Processor                       float64 // seconds until it led, 0 where the system does not say
	PeakHeap, PeakResident, Settled float64 // bytes beyond those before; Settled once garbage is collected
}

// Metrics hands what a start took to a benchmark's ReportMetric.
func (r *Report) Metrics(waiting int, report func(n float64, unit string)) {
	const mib = 1 << 20
	report(r.Lead.Seconds(), "s/lead")
	report(r.Serve.Seconds(), "s/serve")
	if r.Processor > 0 {
		report(r.Processor, "s/processor")
	}
	report(r.PeakHeap/mib, "MiB/peak-heap")
	if r.PeakResident > 0 {
		report(r.PeakResident/mib, "MiB/peak-rss")
	}
	report(r.Settled/float64(waiting), "bytes/inquiry")
}

// Start has an Engine lead the pool of a filled store and take one message in,
// and stops it again.
func Start(ctx context.Context, store adapters.Store) (r Report, err error) {
	e, err := engine(store)
	if err != nil {
		return r, err
	}
	debug.FreeOSMemory()
	before, resident := heap(), resident()
	heaps := sample()
	had, began := processor(), time.Now()
	stop, err := running(ctx, e)
	if err != nil {
		heaps()
		return r, err
	}
	r.Lead, r.Processor = time.Since(began), processor()-had
	m := message(int(began.UnixNano() & (1<<40 - 1)))
	m.Subject = "topic-000"
	_, err = e.Submit(ctx, m)
	r.Serve = time.Since(began)
	r.PeakHeap, r.PeakResident = heaps()-before, resident()
	debug.FreeOSMemory()
	r.Settled = heap() - before
	return r, errors.Join(err, stop())
}

const heapMetric = "/memory/classes/heap/objects:bytes"

func heap() float64 {
	s := []metrics.Sample{{Name: heapMetric}}
	metrics.Read(s)
	return float64(s[0].Value.Uint64())
}

// sample looks at the heap every few milliseconds until it is asked for the most
// that it saw.
func sample() (most func() float64) {
	var (
		peak float64
		wg   sync.WaitGroup
	)
	done := make(chan struct{})
	wg.Go(func() {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			peak = max(peak, heap())
			select {
			case <-tick.C:
			case <-done:
				return
			}
		}
	})
	return func() float64 {
		close(done)
		wg.Wait()
		return peak
	}
}

// resident forgets the most memory that this process had, and returns how to
// read how much more it had since; that is 0 where the system does not say.
func resident() func() float64 {
	runtime.GC()
	if os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) != nil {
		return func() float64 { return 0 }
	}
	before := status("VmRSS:")
	return func() float64 { return status("VmHWM:") - before }
}

// processor is how many seconds this process has had processors.
func processor() float64 {
	text, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:])) // behind the name
	if len(fields) < 13 {
		return 0
	}
	var user, system float64 // in hundredths
	if _, err := fmt.Sscan(fields[11]+" "+fields[12], &user, &system); err != nil {
		return 0
	}
	return (user + system) / 100
}

func status(key string) float64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), key)
	var kib float64
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		return 0
	}
	return kib * 1024
}
