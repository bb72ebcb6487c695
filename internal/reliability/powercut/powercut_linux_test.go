package powercut

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters/sqlite"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/apart"
	"github.com/answerable-go/answerable/internal/reliability/desk"
	"github.com/answerable-go/answerable/routing/dispatch"
)

// Each cut has a number, from which all that is drawn for it follows, so that a
// long run can be made in parts.
var (
	cuts = flag.Int("cuts", 6, "how often the power is cut")
	from = flag.Int("from", 0, "the number of the first cut")
)

// The process that writes is this test's own binary, told by these.
const (
	writerFile  = "ANSWERABLE_WRITER_FILE"
	writerHow   = "ANSWERABLE_WRITER_HOW"   // desk, or SQLite's synchronous for a host's own connection
	writerBatch = "ANSWERABLE_WRITER_BATCH" // what the names of its callers begin with
)

const (
	writerCallers = 4
	writerDesk    = "desk"
)

// powered skips a test where no power can be cut, and has the rest of it happen
// apart.
func powered(t *testing.T) (inside bool) {
	t.Helper()
	if os.Geteuid() != 0 {
		apart.Skip(t, "a device is mounted by root only, this is user %d", os.Geteuid())
	}
	for _, tool := range []string{"mkfs.ext4", "mount"} {
		_, err := exec.LookPath(tool)
		if err != nil && os.Getenv("ANSWERABLE_NO_SKIP") == "" {
			apart.Skip(t, "%v: install e2fsprogs and util-linux", err)
		}
		require.NoError(t, err, "install e2fsprogs and util-linux")
	}
	return apart.Inside(t)
}

// formatted is a machine with a new file system, mounted.
func formatted(t *testing.T) *machine {
	t.Helper()
	m := newMachine(t)
	require.NoError(t, m.format())
	if err := m.mount(); err != nil {
		apart.Skip(t, "an ext4 cannot be mounted by a loop device: %v", err)
	}
	return m
}

// TestPowerCuts holds A1 against power cuts.
func TestPowerCuts(t *testing.T) {
	if !powered(t) {
		return
	}
	d := &drill{machine: formatted(t), acked: map[string]inquiry.ID{}}
	for n := *from; n < *from+*cuts; n++ {
		d.rng = rand.New(rand.NewPCG(uint64(n), 1))
		if n%15 == 14 { // so that a file does not grow beyond what can be looked at each time
			d.anew()
		}
		d.once(n)
	}
	d.inspect("last")
	require.NotZero(t, d.total, "nothing was ever acknowledged: the proof proves nothing")
	t.Logf("%d power cuts, %d of them while the file was made or opened; %d messages acknowledged before, all there once", *cuts, d.early, d.total)
}

// drill is a file that power cuts befall.
type drill struct {
	*machine
	rng   *rand.Rand
	acked map[string]inquiry.ID
	total int
	early int
}

// anew goes on with a new file system.
func (d *drill) anew() {
	d.Helper()
	d.inspect("before")
	d.unmount()
	require.NoError(d, d.format())
	require.NoError(d, d.mount())
	d.acked = map[string]inquiry.ID{}
}

// once boots, cuts the power at a random instant, and looks at what is left;
// every fourth time it boots again without looking.
func (d *drill) once(n int) {
	d.Helper()
	d.boot(writerDesk, fmt.Sprint(n))
	if d.rng.IntN(6) == 0 { // while the file is made, or its log recovered
		time.Sleep(time.Duration(d.rng.IntN(int(120 * time.Millisecond))))
		d.early++
	} else {
		<-d.ready
		d.acknowledges(1 + d.rng.IntN(60))
		time.Sleep(time.Duration(d.rng.IntN(int(30 * time.Millisecond))))
	}
	how := uint32(flushNothing)
	switch d.rng.IntN(8) {
	case 0:
		how = flushJournal
	case 1:
		how = flushAll
	}
	acks := d.cut(how)
	maps.Copy(d.acked, acks)
	d.total += len(acks)
	require.NoError(d, d.mount())
	if d.rng.IntN(4) != 0 {
		d.inspect(fmt.Sprint(n))
	}
}

// inspect holds what is left against what was acknowledged, and works on it.
func (d *drill) inspect(name string) {
	d.Helper()
	ctx, cancel := context.WithTimeout(d.Context(), 2*time.Minute)
	defer cancel()
	s, err := sqlite.Open(ctx, d.file(), sqlite.Config{})
	require.NoError(d, err, "A1 the file opens after cut %s", name)
	defer func() { require.NoError(d, s.Close()) }()
	if len(d.acked) > 0 {
		require.NoError(d, desk.Holds(ctx, s, d.acked), "A1 what was acknowledged is there once after cut %s", name)
	}
	external, in, err := desk.GoesOn(ctx, s, "after-"+name)
	require.NoError(d, err, "A1 work goes on after cut %s", name)
	d.acked[external] = in
	require.NoError(d, desk.Holds(ctx, s, d.acked), "A1 what was acknowledged is there once, when work has gone on after cut %s", name)
}

// TestTheCutsAreReal holds the proof itself against writers that do not sync: with
// them it has to lose something.
func TestTheCutsAreReal(t *testing.T) {
	if !powered(t) {
		return
	}
	for _, c := range []struct {
		synchronous string
		loses       bool
	}{{"OFF", true}, {"NORMAL", true}, {"FULL", false}} {
		t.Run("A1 a host's transactions with synchronous="+c.synchronous, func(t *testing.T) {
			m := formatted(t)
			var acknowledged, lost int
			for n := range 5 {
				m.boot(c.synchronous, fmt.Sprint(n))
				m.acknowledges(50)
				acked := m.cut(flushNothing)
				acknowledged += len(acked)
				require.NoError(t, m.mount())
				lost += missing(t, m.file(), acked)
			}
			m.unmount()
			t.Logf("synchronous=%s: %d of %d messages that were acknowledged before the power was cut are lost", c.synchronous, lost, acknowledged)
			require.Equal(t, c.loses, lost > 0)
		})
	}
}

// missing counts what is not there: everything, of a file that does not open.
func missing(t *testing.T, file string, acked map[string]inquiry.ID) int {
	t.Helper()
	s, err := sqlite.Open(t.Context(), file, sqlite.Config{})
	if err != nil {
		return len(acked)
	}
	defer func() { require.NoError(t, s.Close()) }()
	lost, err := desk.Lost(t.Context(), s, acked)
	if err != nil {
		return len(acked)
	}
	return len(lost)
}

// TestWriter is the process that writes: until the power is cut.
func TestWriter(t *testing.T) {
	file := os.Getenv(writerFile)
	if file == "" {
		return // others run this in a process of its own
	}
	out := os.NewFile(3, "out")
	say := func(format string, args ...any) { // one write, thus whole or not there
		if _, err := fmt.Fprintf(out, format+"\n", args...); err != nil {
			os.Exit(1)
		}
	}
	accepted := func(external string, in inquiry.ID) {
		if in.IsZero() {
			say("accepted %s", external)
			return
		}
		say("accepted %s %s", external, in)
	}
	ctx := t.Context()
	s, err := sqlite.Open(ctx, file, sqlite.Config{})
	waitIf(err)
	d, err := desk.Open(s, dispatch.Config{})
	require.NoError(t, err)
	batch := os.Getenv(writerBatch)
	if how := os.Getenv(writerHow); how != writerDesk {
		err := byHost(ctx, d, s, how, batch, accepted)
		waitIf(err)
	}
	go func() { waitIf(d.Run(ctx)) }()
	<-d.Ready()
	say("ready")
	var callers sync.WaitGroup
	for i := range writerCallers {
		callers.Go(func() { d.Call(ctx, fmt.Sprintf("%s-%d", batch, i), 0, accepted, func(error) {}) })
	}
	callers.Go(func() { waitIf(byHost(ctx, d, s, "FULL", batch+"-host", accepted)) })
	callers.Wait()
}

// waitIf has a process that cannot go on wait until it is killed: without power it
// would not have noticed.
func waitIf(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		time.Sleep(time.Minute)
		os.Exit(1)
	}
}

// byHost puts messages into the inbox in transactions of the host's own.
func byHost(ctx context.Context, d *desk.Desk, s *sqlite.Store, synchronous, name string, accepted desk.Acknowledged) error {
	conn, err := s.DB().Conn(ctx)
	if err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, "PRAGMA synchronous = "+synchronous); err != nil {
		return err
	}
	for n := 0; ; n++ {
		m := desk.Message(name, n)
		in, err := d.Prepare(ctx, m)
		if err != nil {
			return err
		}
		tx, err := conn.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		if err := s.InTx(tx).Put(ctx, desk.Pool, in); err != nil {
			return errors.Join(err, tx.Rollback())
		}
		if err := tx.Commit(); err != nil {
			return err
		}
		accepted(m.External, inquiry.ID{})
		time.Sleep(time.Millisecond)
	}
}
