package sqlite_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	osexec "os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/sqlite"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/routing/verify"
	"github.com/answerable-go/answerable/sla"
)

// The process that is killed is this test's own binary, told by these.
const (
	killFile = "ANSWERABLE_KILL_FILE" // the SQLite file that the child works on
	killNext = "ANSWERABLE_KILL_NEXT" // the number from which each of its callers goes on
)

// What the child reports of its store: one byte each, as it happens.
const (
	markReady  = 'R'
	markAppend = 'B' // before the first write of a commit
	markReturn = 'E' // Append has returned; nobody was answered yet
)

const (
	killPool     = "support"
	killCallers  = 4          // goroutines that submit
	killHost     = "host"     // external ids of what the host's own transactions put into the inbox
	killPlatform = "platform" // the source
)

// TestKill holds A1 against kill -9: a process at work is killed again and
// again, most often while a commit is under way, and everything that it had
// acknowledged is there exactly once. It is killed forty times, or more often:
//
//	go test -run 'TestKill$' -kills 1000 -v -timeout 30m .
func TestKill(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the child reports through inherited pipes")
	}
	t.Parallel()
	times := *sqlite.Kills
	if testing.Short() {
		times = min(times, 10)
	}
	k := &killer{T: t, path: file(t), acked: map[string]string{}, next: make([]int, killCallers+1)}
	for i := range times {
		k.rng = rand.New(rand.NewPCG(uint64(*sqlite.From+i), 0))
		k.kill()
		if i%10 == 4 {
			k.inspect()
		}
	}
	k.T.Logf("killed %d times, %d times between the beginning of a commit and its acknowledgement; %d messages acknowledged, a commit takes %s",
		times, k.within, len(k.acked), k.typical())
	require.GreaterOrEqual(t, k.within*100, times*60, "too few kills came while a commit was under way")
	k.afterwards()
}

type killer struct {
	*testing.T
	path string
	rng  *rand.Rand

	acked    map[string]string // what the child acknowledged: external id to inquiry, where it was told
	next     []int             // of each caller, the host's last
	received int               // the source's last acknowledged number
	cursor   int               // behind which the source goes on
	kills    int
	within   int
	commits  []time.Duration
	overdue  []overdue
}

// overdue is a deadline that passed while nobody was there to see it.
type overdue struct {
	inquiry inquiry.ID
	kind    sla.Kind
	due     time.Time
	head    uint64
}

type mark struct {
	what byte
	at   time.Time
}

// kill runs the child for a while, kills it, and notes what it acknowledged.
func (k *killer) kill() {
	k.Helper()
	binary, err := os.Executable()
	require.NoError(k, err)
	cmd := osexec.CommandContext(k.Context(), binary, "-test.run=^TestKilledProcess$", "-test.timeout=2m")
	cmd.Env = append(os.Environ(), killFile+"="+k.path, killNext+"="+strings.Trim(fmt.Sprint(k.next), "[]"))
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	acks, acksEnd := pipe(k.T)
	marks, marksEnd := pipe(k.T)
	cmd.ExtraFiles = []*os.File{acksEnd, marksEnd}
	require.NoError(k, cmd.Start())
	require.NoError(k, acksEnd.Close())
	require.NoError(k, marksEnd.Close())

	var readers sync.WaitGroup
	var lines []string
	readers.Go(func() {
		r := bufio.NewReader(acks)
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				return // a line without an end was not acknowledged
			}
			lines = append(lines, line[:len(line)-1])
		}
	})
	seen := make(chan mark, 1<<16)
	readers.Go(func() {
		defer close(seen)
		var b [1]byte
		for {
			if _, err := marks.Read(b[:]); err != nil {
				return
			}
			seen <- mark{b[0], time.Now()}
		}
	})
	alive := k.aim(seen)
	require.NoError(k, cmd.Process.Kill())
	last := byte(0)
	for m := range seen {
		last = m.what
	}
	err = cmd.Wait()
	readers.Wait()
	_, _ = acks.Close(), marks.Close()
	require.Truef(k, alive && cmd.ProcessState.ExitCode() == -1, "the child ended by itself: %v\n%s", err, said.String())
	k.kills++
	if last == 0 || last == markAppend { // nothing came after the mark that was aimed at
		k.within++
	}
	for _, line := range lines {
		k.note(line)
	}
}

// aim waits for an instant to kill at: some time into the child's work, then
// somewhere within a commit. It is false if the child ended.
func (k *killer) aim(seen <-chan mark) bool {
	ready := false
	var from, began time.Time
	work := time.Duration(k.rng.IntN(int(80 * time.Millisecond)))
	for m := range seen {
		switch m.what {
		case markReady:
			ready, from = true, m.at
		case markAppend:
			began = m.at
			if !ready || m.at.Sub(from) < work {
				continue
			}
			if k.within*100 >= k.kills*70 { // otherwise at once, so that enough of them are within
				time.Sleep(time.Duration(k.rng.Int64N(int64(k.typical()))))
			}
			return true
		case markReturn:
			if !began.IsZero() {
				k.commits = append(k.commits, m.at.Sub(began))
			}
		}
	}
	return false
}

// typical is how long a commit takes, as seen from here.
func (k *killer) typical() time.Duration {
	if len(k.commits) == 0 {
		return time.Millisecond
	}
	recent := slices.Sorted(slices.Values(k.commits[max(0, len(k.commits)-200):]))
	return max(time.Microsecond, recent[len(recent)/2])
}

func (k *killer) note(line string) {
	k.Helper()
	word := strings.Fields(line)
	number := func(s string) int {
		n, err := strconv.Atoi(s)
		require.NoError(k, err, line)
		return n
	}
	switch word[0] {
	case "resumed": // where the source went on, and how many of its messages were in the inbox then
		after, left := number(word[1]), number(word[2])
		require.True(k, k.received-left <= after && after <= k.received+1,
			"the source went on behind %d: %d was the last that was acknowledged, %d were left in the inbox, and one more may have been under way", after, k.received, left)
		k.cursor, k.received = after, max(after, k.received)
	case "received":
		n := number(word[1])
		require.Equal(k, k.cursor+1, n)
		k.cursor, k.received = n, max(n, k.received)
		k.acked[external(killPlatform, n)] = ""
	case "accepted": // caller, number, and the inquiry that was promised
		caller, n := number(word[1]), number(word[2])
		require.Equal(k, k.next[caller], n)
		k.next[caller]++
		inquiryID := ""
		if len(word) > 3 {
			inquiryID = word[3]
		}
		k.acked[external(callerName(caller), n)] = inquiryID
	default:
		k.Fatalf("the child said %q", line)
	}
}

// inspect opens the file as the killed process left it.
func (k *killer) inspect() {
	k.Helper()
	s, err := sqlite.Open(k.Context(), k.path, sqlite.Config{})
	require.NoError(k, err)
	defer func() { require.NoError(k, s.Close()) }()
	k.everythingIsThere(s)
	e, err := dispatch.New(s, killPolicy(), dispatch.Config{Pool: killPool, Node: "inspector"})
	require.NoError(k, err)
	found, err := e.Sweep(k.Context())
	require.NoError(k, err)
	found = slices.DeleteFunc(found, func(v dispatch.Violation) bool { // nobody is at work here, so things are late
		return v.Rule == dispatch.StaleInput || v.Rule == dispatch.StaleEffect || v.Rule == dispatch.Overdue
	})
	require.Empty(k, found, "each commit leaves the pool sound")
	k.history(s)
	k.verified(s)

	r, err := s.Recover(k.Context(), killPool)
	require.NoError(k, err)
	k.overdue = nil
	for i := range r.Rows {
		for _, c := range r.Rows[i].Clocks {
			if c.Running() && c.Due.Before(time.Now()) {
				k.overdue = append(k.overdue, overdue{r.Rows[i].ID, c.Kind, c.Due, r.Head})
			}
		}
	}
}

// verified holds the file against every rule of package verify, and replays its
// journal.
func (k *killer) verified(s *sqlite.Store) {
	k.Helper()
	r, err := verify.Store(k.Context(), s, killPool, verify.Options{Replay: true})
	require.NoError(k, err)
	require.Positive(k, r.Events)
	require.Empty(k, r.Findings)
}

// everythingIsThere checks that what was acknowledged is there exactly once, in
// the inquiry that was promised.
func (k *killer) everythingIsThere(s *sqlite.Store) {
	k.Helper()
	inInbox := map[string]int{}
	pending, err := s.Pending(k.Context(), killPool, 1<<20)
	require.NoError(k, err)
	for _, in := range pending {
		if r, ok := in.Do.(inquiry.Receive); ok {
			inInbox[r.Message.External]++
		}
	}
	type place struct {
		count   int
		inquiry string
	}
	kept := map[string]place{}
	rows, err := s.DB().QueryContext(k.Context(), "SELECT message ->> 'id' AS external, count(*), max(inquiry) FROM answerable_messages WHERE pool = ? GROUP BY external", killPool)
	require.NoError(k, err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name string
		var p place
		require.NoError(k, rows.Scan(&name, &p.count, &p.inquiry))
		kept[name] = p
	}
	require.NoError(k, rows.Err())
	for name, p := range kept {
		require.Equal(k, 1, p.count, "message %s", name)
	}
	for name, promised := range k.acked {
		p, ok := kept[name]
		if !ok {
			require.Equal(k, 1, inInbox[name], "message %s was acknowledged and is neither kept nor in the inbox", name)
			continue
		}
		require.NotEmpty(k, p.inquiry)
		if promised != "" {
			require.Equal(k, promised, p.inquiry, "message %s", name)
		}
	}
	for n := 1; n <= k.received; n++ { // no hole
		require.Contains(k, kept, external(killPlatform, n))
	}
	require.NotContains(k, kept, external(killPlatform, k.received+2), "the source runs ahead of its cursor")
}

// history reads the journal: no gap, each message once, nobody has what
// somebody else has or more than they can hold, and deadlines that passed while
// the process was dead were recorded as of then.
func (k *killer) history(s *sqlite.Store) {
	k.Helper()
	var (
		seq      uint64
		entered  = map[inquiry.ID]bool{}
		rows     = map[inquiry.ID]*inquiry.Row{}
		load     = map[inquiry.OwnerID]int{}
		capacity = map[inquiry.OwnerID]int{}
		breached = map[string]time.Time{}
	)
	for _, o := range killStaff() {
		capacity[o.ID] = o.Capacity
	}
	for e, err := range s.Journal(k.Context(), killPool, 0) {
		require.NoError(k, err)
		require.Equal(k, seq+1, e.Seq, "the journal has no gap")
		seq = e.Seq
		if e.Inquiry.IsZero() {
			continue
		}
		if r, ok := e.Do.(inquiry.Receive); ok {
			require.False(k, entered[r.Message.ID], "event %d: message %s came in twice", e.Seq, r.Message.ID)
			entered[r.Message.ID] = true
		}
		row := rows[e.Inquiry]
		if row == nil {
			row = &inquiry.Row{ID: e.Inquiry}
			rows[e.Inquiry] = row
		}
		if e.Kind == inquiry.Assigned || e.Kind == inquiry.Accepted {
			require.Empty(k, row.Owner, "event %d: %s has it already", e.Seq, row.Owner)
		}
		holds(load, row, -1)
		require.NoError(k, inquiry.Apply(row, &e))
		holds(load, row, +1)
		for _, o := range append(owners(row), e.Owner) {
			require.LessOrEqual(k, load[o], capacity[o], "event %d: %s holds too much", e.Seq, o)
		}
		if e.Kind == inquiry.ClockBreached {
			c := e.Data.(inquiry.Clocking).Clocks[0] // what the kind carries
			require.Equal(k, c.BreachedAt, e.At)
			breached[e.Inquiry.String()+string(c.Kind)+c.BreachedAt.String()] = e.RecordedAt
		}
	}
	for _, o := range k.overdue {
		if seq == o.head {
			break // killed before it could look
		}
		recorded, ok := breached[o.inquiry.String()+string(o.kind)+o.due.String()]
		require.True(k, ok, "the %s deadline of %s passed at %s, while the process was dead, and was never recorded", o.kind, o.inquiry, o.due)
		require.False(k, recorded.Before(o.due))
	}
}

// holds books what a row takes of its owners.
func holds(load map[inquiry.OwnerID]int, r *inquiry.Row, sign int) {
	if r.State.Owned() {
		load[r.Owner] += sign * r.Cost
	}
	for _, o := range r.Offers {
		load[o.Owner] += sign * o.Cost
	}
}

func owners(r *inquiry.Row) []inquiry.OwnerID {
	list := []inquiry.OwnerID{r.Owner}
	for _, o := range r.Offers {
		list = append(list, o.Owner)
	}
	return list
}

// afterwards restarts for good: whatever was left lying is picked up, and every
// deadline that has passed is recorded.
func (k *killer) afterwards() {
	k.Helper()
	// The last kill may have left nothing with a deadline to come, so one more
	// message comes in, and nobody is there for it.
	_, e, stop := k.runs()
	_, err := e.Submit(k.Context(), inquiry.Message{External: external("last", 1), Channel: "email", Author: inquiry.Author{External: "last"}})
	require.NoError(k, err)
	stop()
	time.Sleep(200 * time.Millisecond) // its deadline passes
	k.inspect()
	s, e, stop := k.runs()
	ctx := k.Context()
	require.NotEmpty(k, k.overdue, "nothing was overdue: the test does not test its timers")
	require.Eventually(k, func() bool {
		r, err := s.Recover(ctx, killPool)
		require.NoError(k, err)
		pending, err := s.Pending(ctx, killPool, 1)
		require.NoError(k, err)
		late := 0
		for i := range r.Rows {
			for _, c := range r.Rows[i].Clocks {
				if c.Running() && c.Due.Before(time.Now().Add(-100*time.Millisecond)) {
					late++
				}
			}
		}
		return late == 0 && len(pending) == 0 && len(r.Effects) == 0
	}, 2*time.Minute, 50*time.Millisecond, "work was left lying")
	found, err := e.Sweep(ctx)
	require.NoError(k, err)
	require.Empty(k, found)
	stop()
	s, err = sqlite.Open(ctx, k.path, sqlite.Config{})
	require.NoError(k, err)
	defer func() { require.NoError(k, s.Close()) }()
	k.everythingIsThere(s)
	k.history(s)
	k.verified(s)
	var sound string
	require.NoError(k, s.DB().QueryRowContext(k.Context(), "PRAGMA integrity_check").Scan(&sound))
	require.Equal(k, "ok", sound)
}

// runs is an Engine at work on the killed process's file, and what stops it.
func (k *killer) runs() (s *sqlite.Store, e *dispatch.Engine, stop func()) {
	k.Helper()
	s, err := sqlite.Open(k.Context(), k.path, sqlite.Config{})
	require.NoError(k, err)
	e, err = dispatch.New(s, killPolicy(), dispatch.Config{
		Pool: killPool, Node: "node", Directory: killStaff(), PollEvery: 20 * time.Millisecond,
		Notifier: adapters.NotifierFunc(func(context.Context, inquiry.Effect) error { return nil }),
	})
	require.NoError(k, err)
	ctx, cancel := context.WithCancel(k.Context())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	<-e.Ready()
	return s, e, func() {
		cancel()
		require.NoError(k, <-ended)
		require.NoError(k, s.Close())
	}
}

func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	require.NoError(t, err)
	return r, w
}

func callerName(i int) string {
	if i == killCallers {
		return killHost
	}
	return "caller-" + strconv.Itoa(i)
}

func external(from string, n int) string { return from + "/" + strconv.Itoa(n) }
