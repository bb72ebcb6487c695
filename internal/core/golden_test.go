package core

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
)

var update = flag.Bool("update", false, "rewrite the golden hash: decisions have changed on purpose")

// wander takes random steps and calls after with what each did.
func wander(d *driver, w *world, steps int, after func(in *inquiry.Input, out inquiry.Outcome, b *inquiry.Batch)) {
	d.tb.Helper()
	if slow {
		steps = 1 + steps/5
	}
	for range steps {
		w.pass(d.core)
		in := w.input(d.core)
		out, b := d.at(w.now, &in)
		if after != nil {
			after(&in, out, b)
		}
	}
}

// hashOfSteps is one SHA-256 over all events and effects of a random walk.
func hashOfSteps(tb testing.TB, seed, steps int, kinds map[inquiry.EventKind]int) string {
	tb.Helper()
	d := newDriver(tb)
	d.store.journalOnly = true
	d.core.skipsPerStep, d.core.returnsPerStep = 2, 1
	wander(d, newWorld(seed), steps, nil)
	h := sha256.New()
	for i, e := range d.store.events {
		if kinds != nil {
			kinds[e.Kind]++
		}
		h.Write(d.store.journal[i])
		h.Write([]byte{'\n'})
	}
	for _, e := range d.store.effects {
		h.Write(canonical(tb, e))
		h.Write([]byte{'\n'})
	}
	return hex.EncodeToString(h.Sum(nil))
}

const goldenSeed, goldenSteps = 2057, 10_000

// 10,000 random steps over every event kind give one SHA-256: on every
// platform, in every process, with any number of processors.
func TestTenThousandStepsGiveOneHash(t *testing.T) {
	kinds := map[inquiry.EventKind]int{}
	got := hashOfSteps(t, goldenSeed, goldenSteps, kinds)
	if slow {
		return // the hash is that of all of them
	}
	for _, k := range inquiry.EventKinds() {
		require.NotZero(t, kinds[k], "%s never happened: the walk does not cover it", k)
	}
	t.Logf("%s/%s: %s, kinds %v", runtime.GOOS, runtime.GOARCH, got, kinds)
	file := filepath.Join("testdata", "steps.sha256")
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, []byte(got+"\n"), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, strings.TrimSpace(string(want)), got, "decisions have changed: if on purpose, run with -update")
}

// What a process cannot vary about itself, another one does.
func TestOneHashInEveryProcess(t *testing.T) {
	const env = "ANSWERABLE_CORE_STEPS"
	if os.Getenv(env) != "" {
		t.Logf("hash=%s", hashOfSteps(t, 7, 1500, nil))
		return
	}
	t.Parallel()
	want := hashOfSteps(t, 7, 1500, nil)
	for _, procs := range []string{"1", "2"} {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestOneHashInEveryProcess$", "-test.v", "-test.count=1")
		cmd.Env = append(os.Environ(), env+"=1", "GOMAXPROCS="+procs)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Contains(t, string(out), "hash="+want, "GOMAXPROCS=%s", procs)
	}
}
