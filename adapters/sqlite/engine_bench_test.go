package sqlite_test

// How many inquiries a second an Engine takes from Submit to assigned, beside
// the same rows written by plain SQL, on a disk that is a disk (not a tmpfs:
// see TMPDIR):
//
//	go test -run '^$' -bench SubmitToAssigned -benchtime 3s -timeout 5m .
//
// and the ratio of the two, which is what a change should be judged by, because
// a disk's speed differs from one minute to the next:
//
//	ANSWERABLE_RATIO=5 go test -run ThroughputRatio -v -timeout 5m .

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/adapters/screening"
	"github.com/answerable-go/answerable/adapters/sqlite"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/sla"
)

func BenchmarkSubmitToAssigned(b *testing.B) {
	rows := record(b)
	makers := []struct {
		name string
		make func(tb testing.TB) taker
	}{
		{"store=memory", func(tb testing.TB) taker { return newOffice(tb, memory.New(memory.Config{})) }},
		{"store=sqlite", func(tb testing.TB) taker { return newOffice(tb, openIn(tb, tb.TempDir())) }},
		{"store=sqlite/raw", func(tb testing.TB) taker { return newRawWriter(tb, rows) }},
	}
	for _, load := range []struct {
		name              string
		submitters, batch int
	}{{"submitters=1", 1, 1}, {"submitters=8", 8, 1}, {"submitters=64", 64, 1}, {"batch=64", 1, 64}, {"batch=256", 1, 256}} {
		for _, m := range makers {
			b.Run(m.name+"/"+load.name, func(b *testing.B) {
				t := m.make(b)
				b.ResetTimer()
				before := t.commits()
				took := drive(b, t, load.submitters, load.batch, b.N)
				b.StopTimer()
				b.ReportMetric(float64(len(took))*float64(load.batch)/float64(t.commits()-before), "inquiries/commit")
				b.ReportMetric(float64(len(took))*float64(load.batch)/b.Elapsed().Seconds(), "inquiries/s")
				b.ReportMetric(percentile(took, 50).Seconds()*1e3, "p50-ms")
				b.ReportMetric(percentile(took, 99).Seconds()*1e3, "p99-ms")
				t.check(b)
			})
		}
	}
}

// TestThroughputRatio measures the Engine on SQLite beside plain SQL in as many
// rounds as ANSWERABLE_RATIO says. Within a round they take turns, a second or
// less each, so that both meet the same moods of the disk.
func TestThroughputRatio(t *testing.T) {
	rounds, _ := strconv.Atoi(os.Getenv("ANSWERABLE_RATIO"))
	if rounds <= 0 {
		t.Skip("takes a while: set ANSWERABLE_RATIO to the number of rounds")
	}
	const submitters, turns, each = 64, 6, 1000
	rows := record(t)
	var ratios, engines, raws []float64
	for round := range rounds {
		t.Run("", func(t *testing.T) {
			engine, raw := newOffice(t, openIn(t, t.TempDir())), newRawWriter(t, rows)
			rate := func(to taker) float64 {
				start := time.Now()
				drive(t, to, submitters, 1, each)
				return each / time.Since(start).Seconds()
			}
			rate(engine) // warm
			rate(raw)
			var engineRates, rawRates []float64
			for range turns {
				engineRates, rawRates = append(engineRates, rate(engine)), append(rawRates, rate(raw))
			}
			engine.check(t)
			raw.check(t)
			e, r := median(engineRates), median(rawRates)
			engines, raws, ratios = append(engines, e), append(raws, r), append(ratios, e/r)
			t.Logf("round %d: engine %.0f/s, plain SQL %.0f/s, ratio %.2f; fsync %s", round+1, e, r, e/r, fsyncTakes(t))
		})
	}
	t.Logf("medians of %d rounds with %d submitters: engine %.0f/s, plain SQL %.0f/s, ratio %.2f",
		rounds, submitters, median(engines), median(raws), median(ratios))
}

// taker takes messages in: one call is one commit's share, and returns once it is durable.
type taker interface {
	take(ctx context.Context, ms []inquiry.Message) error
	check(tb testing.TB) // that all of it was done
	commits() int64
}

// drive has submitters hand over n messages in batches and returns how long
// each call took.
func drive(tb testing.TB, to taker, submitters, batch, n int) []time.Duration {
	tb.Helper()
	var (
		next atomic.Int64
		mu   sync.Mutex
		all  []time.Duration
		wg   sync.WaitGroup
	)
	calls := int64((n + batch - 1) / batch)
	for range submitters {
		wg.Go(func() {
			var took []time.Duration
			ms := make([]inquiry.Message, batch)
			for next.Add(1) <= calls {
				for i := range ms {
					ms[i] = letter()
				}
				from := time.Now()
				if err := to.take(tb.Context(), ms); err != nil {
					tb.Errorf("submit: %v", err)
					break
				}
				took = append(took, time.Since(from))
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, took...)
		})
	}
	wg.Wait()
	return all
}

var letters atomic.Int64

// letter is a customer's first message, of one of several sorts. No two have
// the same author.
func letter() inquiry.Message {
	i := letters.Add(1)
	n := strconv.FormatInt(i, 10)
	sort := []struct {
		channel, account, subject, text string
		reach                           int64
	}{
		{"email", "help@example.com", "Charged twice for March", strings.Repeat("I was charged twice for March and would like one of the charges back. ", 6), 0},
		{"email", "help@example.com", "Where is my parcel?", "Hello, my order was to arrive on Monday and the tracking page has not changed since. Could you find out where it is? Kind regards", 0},
		{"mastodon", "@example", "", "@example your new app crashes every time I open the settings. Is anybody looking into that?", 340},
		{"mastodon", "@example", "", "@example three weeks without an answer to my refund. I shall write about that.", 60_000},
		{"form", "", "Cancel my contract", "Please cancel my contract at the end of the term and confirm it in writing. Contract number 4711-" + n, 0},
	}[i%5]
	return inquiry.Message{
		External: "<" + n + ".20260302@mail.example.org>", Channel: sort.channel, Account: sort.account, Conversation: "thread-" + n,
		Author:  inquiry.Author{External: "customer-" + n + "@example.org", Name: "Zoë O'Hara", Reach: sort.reach},
		Subject: sort.subject, Text: sort.text, Language: "en", At: time.Now(),
	}
}

// office is an Engine with a policy that assigns directly and owners who can
// hold everything.
type office struct {
	*dispatch.Engine
	store *recorded
	stop  func()
}

func (o *office) commits() int64 { return o.store.commits.Load() }

func (o *office) take(ctx context.Context, ms []inquiry.Message) error {
	if len(ms) == 1 {
		_, err := o.Submit(ctx, ms[0])
		return err
	}
	_, err := o.SubmitBatch(ctx, ms)
	return err
}

func (o *office) check(tb testing.TB) {
	tb.Helper()
	r, err := o.store.Recover(tb.Context(), "support")
	require.NoError(tb, err)
	for i := range r.Rows {
		require.Equal(tb, inquiry.StateAssigned, r.Rows[i].State)
		require.NotEmpty(tb, r.Rows[i].Owner)
		require.Len(tb, r.Rows[i].Clocks, 3)
	}
	require.Len(tb, r.Messages, len(r.Rows))
}

func busyPolicy() routing.Policy {
	day := func(ack, first, resolve time.Duration) []sla.Target {
		return []sla.Target{sla.Within(sla.Acknowledge, ack, ""), sla.Within(sla.FirstResponse, first, "office"), sla.Within(sla.Resolve, resolve, "office")}
	}
	hours := sla.Calendar{Name: "office", Zone: "Europe/Berlin", Hours: sla.Weekdays(sla.At(8, 0), sla.At(20, 0))}
	return routing.Policy{
		Version: "v1", Sink: "head", Calendars: []sla.Calendar{hours}, Presence: routing.Presence{LapseAfter: -1},
		Default: routing.Settings{
			Assignment: inquiry.Directly, AnyLanguage: new(bool), Targets: day(time.Hour, 4*time.Hour, 40*time.Hour),
			Skills: []inquiry.SkillRequirement{{Skill: "support", Min: 1, Want: 3}},
		},
		Rules: []routing.Rule{
			{Name: "public anger", Match: routing.Match{MinReach: 50_000}, Settings: routing.Settings{
				Skills: []inquiry.SkillRequirement{{Skill: "press", Min: 3}}, Targets: day(10*time.Minute, time.Hour, 8*time.Hour),
			}},
			{Name: "billing", Match: routing.Match{AnyLabel: []string{"billing", "refund"}}, Settings: routing.Settings{
				Skills: []inquiry.SkillRequirement{{Skill: "billing", Min: 2, Want: 4}},
			}},
			{Name: "delivery", Match: routing.Match{Labels: []string{"delivery"}}},
			{Name: "technical", Match: routing.Match{Labels: []string{"technical"}}, Settings: routing.Settings{
				Skills: []inquiry.SkillRequirement{{Skill: "support", Min: 2}, {Skill: "technical", Min: 1, Want: 3}},
			}},
		},
	}
}

func busyStaff() adapters.Owners {
	staff := adapters.Owners{{ID: "head", Capacity: 1_000_000_000, Departments: []string{"service"}}}
	for i := range 12 {
		o := inquiry.Owner{
			ID: inquiry.OwnerID(fmt.Sprintf("owner-%02d", i)), Capacity: 1_000_000_000, Departments: []string{[]string{"service", "sales", "press"}[i%3]},
			Languages: []string{"en", "de"}, Skills: []inquiry.Skill{{Name: "support", Level: 1 + i%5}, {Name: "billing", Level: 1 + (i+2)%5}},
		}
		switch {
		case i%3 == 2:
			o.Skills = append(o.Skills, inquiry.Skill{Name: "press", Level: 3 + i%2})
		case i%2 == 0:
			o.Skills = append(o.Skills, inquiry.Skill{Name: "technical", Level: 2 + i%3})
		}
		staff = append(staff, o)
	}
	return staff
}

func busyScreeners(tb testing.TB) []adapters.Screener {
	tb.Helper()
	phrases, err := screening.Phrases(
		screening.PhraseRule{Label: "billing", Phrases: []string{"charged twice", "invoice*", "my bill", "payment*", "direct debit"}},
		screening.PhraseRule{Label: "refund", Kind: inquiry.Complaint, Phrases: []string{"refund*", "money back", "charges back"}},
		screening.PhraseRule{Label: "delivery", Kind: inquiry.Question, Phrases: []string{"parcel*", "tracking page", "where is my order", "not arrived"}},
		screening.PhraseRule{Label: "technical", Kind: inquiry.Complaint, Phrases: []string{"crash*", "does not work", "error message", "bug*"}},
		screening.PhraseRule{Label: "contract", Kind: inquiry.Request, Phrases: []string{"cancel my contract", "terminate", "end of the term"}},
		screening.PhraseRule{ScreenOut: "spam", Phrases: []string{"guest post", "backlinks", "crypto investment"}},
	)
	require.NoError(tb, err)
	return []adapters.Screener{
		screening.Authors(), phrases,
		screening.Reach(screening.ReachStep{Min: 50_000, Label: "reach", Audience: inquiry.Influencer}),
		screening.DefaultKind(), screening.Fingerprint([]byte("a key of the house")),
	}
}

func openIn(tb testing.TB, dir string) *sqlite.Store {
	tb.Helper()
	s, err := sqlite.Open(tb.Context(), filepath.Join(dir, "answerable.db"), sqlite.Config{})
	require.NoError(tb, err)
	tb.Cleanup(func() { _ = s.Close() })
	return s
}

func newOffice(tb testing.TB, store adapters.Store) *office {
	tb.Helper()
	counted := &recorded{Store: store}
	e, err := dispatch.New(counted, busyPolicy(), dispatch.Config{
		Pool: "support", Node: "node", Directory: busyStaff(), Screeners: busyScreeners(tb), PseudonymKey: []byte("a key of the house"),
	})
	require.NoError(tb, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	stop := sync.OnceFunc(func() {
		cancel()
		require.NoError(tb, <-ended)
	})
	tb.Cleanup(stop)
	<-e.Ready()
	for _, o := range busyStaff() {
		require.NoError(tb, e.Do(tb.Context(), "", inquiry.SetPresence{Owner: o.ID, Presence: inquiry.Online}))
	}
	return &office{e, counted, stop}
}

// rawTables are what the store writes of an inquiry from Submit to assigned,
// each with the column by which its rows are told apart by inquiry.
var rawTables = []struct{ name, by string }{
	{"answerable_journal", "inquiry"},
	{"answerable_inquiries", "id"},
	{"answerable_details", "id"},
	{"answerable_labels", "inquiry"},
	{"answerable_messages", "inquiry"},
	{"answerable_outcomes", "inquiry"},
}

// sample is what the store wrote of one inquiry: values by table and row. Its
// marks are those of the commit.
type sample struct {
	rows  [][][]any
	marks []inquiry.Mark
}

// samples are the rows of an Engine's run, one inquiry a commit.
type samples struct {
	columns [][]string
	list    []sample
	bytes   int // of all values
	count   int // rows
}

// recorded is a store that counts commits and keeps the marks of the last one.
type recorded struct {
	adapters.Store
	commits atomic.Int64
	marks   atomic.Pointer[[]inquiry.Mark]
}

func (r *recorded) Append(ctx context.Context, c adapters.Commit) error {
	r.commits.Add(1)
	r.marks.Store(&c.Marks)
	return r.Store.Append(ctx, c)
}

// record runs an Engine over a file and reads back what it wrote.
func record(tb testing.TB) samples {
	tb.Helper()
	const n = 100
	s := openIn(tb, tb.TempDir())
	o := newOffice(tb, s)
	defer o.stop()
	var out samples
	for range n {
		receipt, err := o.Submit(tb.Context(), letter())
		require.NoError(tb, err)
		out.list = append(out.list, sample{marks: *o.store.marks.Load()})
		x := &out.list[len(out.list)-1]
		out.columns = out.columns[:0]
		for _, t := range rawTables {
			columns, rows := values(tb, s.DB(), "SELECT * FROM "+t.name+" WHERE "+t.by+" = ?", receipt.Inquiry.String())
			out.columns, x.rows = append(out.columns, columns), append(x.rows, rows)
			out.count += len(rows)
			for _, row := range rows {
				for _, v := range row {
					out.bytes += len(fmt.Sprint(v))
				}
			}
		}
		for _, m := range x.marks {
			out.count++
			out.bytes += len(m.Key) + len(m.Value)
		}
	}
	if tb.Logf("an inquiry is %.1f rows of %d bytes, one commit each", float64(out.count)/n, out.bytes/n); testing.Verbose() {
		for k, t := range rawTables {
			rows, bytes := 0, 0
			for _, x := range out.list {
				rows += len(x.rows[k])
				for _, v := range slices.Concat(x.rows[k]...) {
					bytes += len(fmt.Sprint(v))
				}
			}
			tb.Logf("  %s: %.1f rows of %d bytes", t.name, float64(rows)/n, bytes/max(1, rows))
		}
	}
	return out
}

func values(tb testing.TB, db *sql.DB, query string, args ...any) (columns []string, all [][]any) {
	tb.Helper()
	rows, err := db.QueryContext(tb.Context(), query, args...)
	require.NoError(tb, err)
	defer func() { _ = rows.Close() }()
	columns, err = rows.Columns()
	require.NoError(tb, err)
	for rows.Next() {
		row := make([]any, len(columns))
		into := make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		require.NoError(tb, rows.Scan(into...))
		all = append(all, row)
	}
	require.NoError(tb, rows.Err())
	return columns, all
}

// rawWriter is the baseline: it writes the rows that the store would write, as
// durably, into the same tables of the same sort of file, for whoever waits at
// once. It knows nothing of fences, screening, routing, JSON or repetitions.
type rawWriter struct {
	samples
	path   string
	db     *sql.DB
	begin  *sql.Stmt
	commit *sql.Stmt
	insert []*sql.Stmt // by table
	mark   *sql.Stmt
	jobs   chan rawJob
	seq    int64
	pool   any
	did    atomic.Int64
	wrote  atomic.Int64 // commits
}

func (w *rawWriter) commits() int64 { return w.wrote.Load() }

type rawJob struct {
	list []*rawInquiry
	done chan error
}

// rawInquiry is a sample with keys of its own.
type rawInquiry struct {
	*sample
	inquiry, message, input string
	at, due                 string
}

func newRawWriter(tb testing.TB, rows samples) *rawWriter {
	tb.Helper()
	w := &rawWriter{samples: rows, jobs: make(chan rawJob, 512), pool: "support"}
	w.path = filepath.Join(tb.TempDir(), "answerable.db")
	s, err := sqlite.Open(tb.Context(), w.path, sqlite.Config{}) // for its tables
	require.NoError(tb, err)
	require.NoError(tb, s.Close())
	w.db, err = sql.Open("sqlite", (&url.URL{
		Scheme: "file", Path: filepath.ToSlash(w.path), RawQuery: "_synchronous=FULL&_pragma=cache_size(-32768)&_pragma=wal_autocheckpoint(4000)",
	}).String())
	require.NoError(tb, err)
	w.db.SetMaxOpenConns(1)
	conn, err := w.db.Conn(tb.Context())
	require.NoError(tb, err)
	var synchronous, mode string
	require.NoError(tb, conn.QueryRowContext(tb.Context(), "SELECT (SELECT synchronous FROM pragma_synchronous), (SELECT journal_mode FROM pragma_journal_mode)").Scan(&synchronous, &mode))
	require.Equal(tb, []string{"2", "wal"}, []string{synchronous, mode})
	prepare := func(query string) *sql.Stmt {
		stmt, err := conn.PrepareContext(tb.Context(), query)
		require.NoError(tb, err)
		return stmt
	}
	for i, t := range rawTables {
		columns := w.columns[i]
		if columns[0] == "n" { // given by SQLite
			columns = columns[1:]
		}
		w.insert = append(w.insert, prepare("INSERT INTO "+t.name+" ("+strings.Join(columns, ", ")+") VALUES (?"+strings.Repeat(", ?", len(columns)-1)+")"))
	}
	w.mark = prepare("REPLACE INTO answerable_marks (pool, key, value, sum) VALUES (?, ?, ?, 0)")
	w.begin, w.commit = prepare("BEGIN IMMEDIATE"), prepare("COMMIT")
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w.run()
	}()
	tb.Cleanup(func() {
		close(w.jobs)
		<-ended
		_, _ = conn.Close(), w.db.Close()
	})
	return w
}

func (w *rawWriter) take(_ context.Context, ms []inquiry.Message) error {
	j := rawJob{done: make(chan error, 1)}
	for range ms {
		at := time.Now()
		x := &rawInquiry{sample: &w.list[int(w.did.Add(1))%len(w.list)], inquiry: inquiry.NewID().String(), at: at.UTC().Format("2006-01-02T15:04:05.000000000Z")}
		x.message = inquiry.MessageID("support", "raw", x.inquiry).String()
		x.input = inquiry.InputID("support", x.inquiry).String()
		x.due = at.Add(time.Hour).UTC().Format("2006-01-02T15:04:05.000000000Z")
		j.list = append(j.list, x)
	}
	w.jobs <- j
	return <-j.done
}

func (w *rawWriter) run() {
	for j := range w.jobs {
		group, n := []rawJob{j}, len(j.list)
	more:
		for n < 512 {
			select {
			case j, ok := <-w.jobs:
				if !ok {
					break more
				}
				group, n = append(group, j), n+len(j.list)
			default:
				break more
			}
		}
		err := w.write(group)
		w.wrote.Add(1)
		for _, j := range group {
			j.done <- err
		}
	}
}

func (w *rawWriter) write(group []rawJob) error {
	if _, err := w.begin.Exec(); err != nil { //nolint:noctx // without what watches a context
		return err
	}
	marks := map[string]any{} // each once
	for _, j := range group {
		for _, x := range j.list {
			if err := w.one(x); err != nil {
				return err
			}
			for _, m := range x.marks {
				marks[m.Key] = string(m.Value)
			}
		}
	}
	for key, value := range marks {
		if _, err := w.mark.Exec(w.pool, key, value); err != nil { //nolint:noctx // as above
			return err
		}
	}
	_, err := w.commit.Exec() //nolint:noctx // as above
	return err
}

func (w *rawWriter) one(x *rawInquiry) error {
	var args [20]any
	for i, t := range rawTables {
		for _, row := range x.rows[i] {
			n := 0
			for k, column := range w.columns[i] {
				v := row[k]
				switch column {
				case "n":
					continue
				case "inquiry":
					v = x.inquiry
				case "id":
					if v = x.inquiry; t.name == "answerable_messages" {
						v = x.message
					}
				case "input", "cause":
					v = x.input
				case "seq":
					if t.name == "answerable_journal" {
						w.seq++
					}
					v = w.seq
				case "at", "recorded_at", "opened_at":
					v = x.at
				case "due":
					v = x.due
				}
				args[n] = v
				n++
			}
			if _, err := w.insert[i].Exec(args[:n]...); err != nil { //nolint:noctx // as above
				return err
			}
		}
	}
	return nil
}

func (w *rawWriter) check(tb testing.TB) {
	tb.Helper()
	s := openIn(tb, filepath.Dir(w.path))
	var got int64
	require.NoError(tb, s.DB().QueryRowContext(tb.Context(), "SELECT count(*) FROM answerable_inquiries").Scan(&got))
	require.Equal(tb, w.did.Load(), got)
}

func percentile(took []time.Duration, p int) time.Duration {
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return took[min(len(took)-1, len(took)*p/100)]
}

func median(list []float64) float64 {
	s := slices.Sorted(slices.Values(list))
	return s[len(s)/2]
}

// fsyncTakes is the median time that the disk takes to keep 4 KiB.
func fsyncTakes(tb testing.TB) time.Duration {
	tb.Helper()
	f, err := os.Create(filepath.Join(tb.TempDir(), "fsync"))
	require.NoError(tb, err)
	defer func() { _ = f.Close() }()
	took := make([]time.Duration, 20)
	for i := range took {
		_, err := f.Write(make([]byte, 4096))
		require.NoError(tb, err)
		start := time.Now()
		require.NoError(tb, f.Sync())
		took[i] = time.Since(start)
	}
	return percentile(took, 50)
}
