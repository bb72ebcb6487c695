package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var testFunc = regexp.MustCompile(`(?m)^func (Test\w+)\(\w+ \*testing\.T\)`)

func TestEveryProofIsThere(t *testing.T) {
	t.Parallel()
	root, err := findRoot()
	require.NoError(t, err)
	names := map[string]bool{}
	for _, p := range proofs {
		require.False(t, names[p.Name], "%s is there twice", p.Name)
		names[p.Name] = true
		require.Positive(t, p.Goal, p.Name)
		require.Positive(t, p.Chunk, p.Name)
		require.Positive(t, p.Limit, p.Name)
		require.NotEmpty(t, p.Shows, p.Name)
		if p.Fuzz {
			continue
		}
		files, err := filepath.Glob(filepath.Join(root, p.Dir, p.Package, "*_test.go"))
		require.NoError(t, err)
		var source strings.Builder
		tests := regexp.MustCompile(p.Tests)
		found := false
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			source.Write(text)
			for _, m := range testFunc.FindAllSubmatch(text, -1) {
				found = found || tests.Match(m[1])
			}
		}
		require.True(t, found, "%s: no test matches %s in %s/%s", p.Name, p.Tests, p.Dir, p.Package)
		if p.From != "" {
			continue // flags of a library
		}
		for _, name := range []string{strings.TrimPrefix(p.Flag, "-"), "from"} {
			require.True(t, regexp.MustCompile(`flag\.(Int|Uint64)\("`+name+`"`).MatchString(source.String()), "%s: no flag -%s", p.Name, name)
		}
	}
}

// The document says what the ledger says.
func TestTheTableIsTheLedgers(t *testing.T) {
	t.Parallel()
	root, err := findRoot()
	require.NoError(t, err)
	runs, err := readLedger(root)
	require.NoError(t, err)
	for _, r := range runs {
		p, ok := find(r.Proof)
		require.True(t, ok, "the ledger has runs of %q, which is no proof", r.Proof)
		require.Equal(t, p.Fuzz, r.Part != "", r.Proof)
		require.NotEmpty(t, r.Commit)
		require.Positive(t, r.Count)
	}
	text, err := os.ReadFile(filepath.Join(root, tableFile))
	require.NoError(t, err)
	targets, err := fuzzParts(root)
	require.NoError(t, err)
	require.Contains(t, string(text), tableBegins+table(runs, targets)+tableEnds, "run: go run ./internal/reliability table")
}

func TestCommands(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"sqlite-kills": "go test -C adapters/sqlite -run '^TestKill$' . -kills 100 -from 300 -v -timeout 1h0m0s",
		"plain-rules":  "go test -run '^TestTheIndexesSayWhatThePlainRulesSay$' ./internal/core -beside 100 -from 300 -v -timeout 1h0m0s",
		"properties":   "GOWORK=off go test -C internal/prooftest -run . . -rapid.checks 100 -rapid.seed 301 -v -timeout 3h0m0s",
	} {
		p, ok := find(name)
		require.True(t, ok)
		require.Equal(t, want, shell(p, command(p, target{dir: p.Dir, pkg: p.Package}, 300, 100)))
	}
	p, ok := find("fuzz")
	require.True(t, ok)
	require.Equal(t, "go test -C adapters/holidays -run '^$' -fuzz '^FuzzX$' -fuzztime 10m ./sub",
		shell(p, command(p, target{"FuzzX", "adapters/holidays", "./sub"}, 0, 10)))
}

func TestFuzzTargets(t *testing.T) {
	t.Parallel()
	root, err := findRoot()
	require.NoError(t, err)
	found, err := fuzzTargets(root)
	require.NoError(t, err)
	require.Contains(t, found, target{"FuzzRead", "adapters/icalendar", "."})
	parts := map[string]bool{}
	for _, f := range found {
		require.False(t, parts[f.part()], f.part())
		parts[f.part()] = true
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	broken := context.DeadlineExceeded // any error
	for name, c := range map[string]struct {
		said            string
		err             error
		failed, skipped bool
		want            string
	}{
		"passed":             {"=== RUN   TestKill\n    kill_test.go:7: a\n    kill_test.go:8: killed 3 times\n--- PASS: TestKill (1s)\nok\n", nil, false, false, "killed 3 times"},
		"failed":             {"=== RUN   TestKill\n    kill_test.go:7: \n        \tError Trace:\tx\n        \tError:      \tlost\n--- FAIL: TestKill (1s)\n", broken, true, false, "Error:      \tlost"},
		"it did not compile": {"# x\n./x.go:1:1: expected 'package'\nFAIL\n", broken, true, false, "expected 'package'"},
		"skipped":            {"--- SKIP: TestPowerCuts (0s)\n    x_test.go:9: NOT PROVEN HERE\nok\n", nil, false, true, "NOT PROVEN HERE"},
		"nothing ran":        {"testing: warning: no tests to run\nPASS\n", nil, false, true, "no tests to run"},
		"only commands":      {"mkdir -p $WORK/b001/\n", nil, false, true, "mkdir"},
		"a fuzzer's end":     {"fuzz: elapsed: 3s, execs: 7\n--- FAIL: FuzzX (3s)\n    context deadline exceeded\nFAIL\n", broken, false, false, "fuzz: elapsed: 3s, execs: 7"},
		"a fuzzer's find":    {"--- FAIL: FuzzX (3s)\n    Failing input written to testdata\n    context deadline exceeded\n", broken, true, false, "Failing input"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := judge([]byte(c.said), c.err)
			require.Equal(t, c.failed, v.failed)
			require.Equal(t, c.skipped, v.skipped)
			require.Contains(t, v.said, c.want)
		})
	}
}

func TestStanding(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	at := func(n int) time.Time { return day.Add(time.Duration(n) * time.Hour) }
	runs := []Run{
		{Proof: "sqlite-kills", Commit: "a", From: 0, Count: 10, Result: passed, Date: at(0)},
		{Proof: "sqlite-flips", Commit: "a", From: 0, Count: 500, Result: passed, Date: at(1)},
		{Proof: "sqlite-kills", Commit: "a", From: 10, Count: 10, Result: failed, Date: at(2)},
	}
	s := stand(runs, "sqlite-kills", "")
	require.Equal(t, 10, s.Next, "what failed is tried again")
	require.Equal(t, 10, s.Count)
	require.Equal(t, "**failed**: 10 from 10", result(s))
	runs = append(runs, Run{Proof: "sqlite-kills", Commit: "b", From: 10, Count: 20, Result: passed, Date: at(3)})
	s = stand(runs, "sqlite-kills", "")
	require.Equal(t, 30, s.Next)
	require.Equal(t, 30, s.Count)
	require.Equal(t, "20 on b", onCommit(s))
	require.Equal(t, at(0), s.Since)
	require.Equal(t, "passed; failed once before", result(s))

	fuzz, _ := find("fuzz")
	for i, part := range []string{"x.FuzzA", "x.FuzzB"} {
		runs = append(runs, Run{Proof: "fuzz", Part: part, Commit: "b", Count: 10 + i, Result: passed, Date: at(4 + i)})
	}
	both := []string{"x.FuzzA", "x.FuzzB"}
	s = standing(runs, fuzz, both)
	require.Equal(t, 10, s.Count, "the least of all targets")
	require.Equal(t, 10, s.OnCommit)
	require.Equal(t, at(4), s.Since)
	require.Equal(t, 11, standing(runs, fuzz, both[1:]).Count, "what is no longer there does not count")
	for _, three := range [][]string{{"w.FuzzNew", "x.FuzzA", "x.FuzzB"}, {"x.FuzzA", "x.FuzzB", "y.FuzzNew"}} {
		s = standing(runs, fuzz, three)
		require.Zero(t, s.Count, "one that was never run has not come anywhere")
		require.Zero(t, s.OnCommit)
		require.Equal(t, at(4), s.Since)
		require.Equal(t, at(5), s.Last.Date)
	}
	require.Empty(t, behind(runs, fuzz, both))
	three := []string{"x.FuzzA", "x.FuzzB", "y.FuzzNew"}
	require.Equal(t, []string{"`y.FuzzNew` 0"}, behind(runs, fuzz, three))
	require.Contains(t, table(runs, three), "0 of 10 minutes for each target, 3 targets, since 2026-11-22")
	require.Contains(t, table(runs, three), "Of `fuzz` these have not come to 10 minutes for each target yet: `y.FuzzNew` 0.")
	runs = append(runs, Run{Proof: "fuzz", Part: "x.FuzzA", Commit: "b", From: 10, Count: 10, Result: failed, Date: at(9)})
	s = standing(runs, fuzz, three)
	require.Equal(t, failed, s.Last.Result, "one target that fails is a failure")
}

func TestMistakesOfTheCommandLine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"nothing":            {nil, "what is to be done?"},
		"no such command":    {[]string{"prove"}, `no command "prove"`},
		"no proof":           {[]string{"run", "-count", "3"}, "which proof?"},
		"no such proof":      {[]string{"run", "kills"}, `no proof "kills": want one of power-cuts, sqlite-kills`},
		"nothing to run":     {[]string{"run", "sqlite-kills", "-count", "0"}, "-count is 0: want 1 or more"},
		"too much":           {[]string{"run", "sqlite-kills", "100"}, "is too much"},
		"not of targets":     {[]string{"run", "sqlite-kills", "-only", "Fuzz"}, "sqlite-kills has one target"},
		"no pattern":         {[]string{"run", "fuzz", "-only", "("}, "no regular expression"},
		"no target":          {[]string{"run", "fuzz", "-only", "^Nothing$"}, "fuzz targets matches ^Nothing$"},
		"a flag that is not": {[]string{"run", "sqlite-kills", "-seed", "1"}, "not defined: -seed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.ErrorContains(t, run(t.Context(), c.args, &bytes.Buffer{}), c.want)
		})
	}
}

// TestRuns runs a proof of a module of its own: three numbers at a time, of which
// the eighth fails until it is mended.
func TestRuns(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	git := func(args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "git", append([]string{"-c", "user.name=x", "-c", "user.email=x@example.com"}, args...)...)
		cmd.Dir = root
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	write("go.work", "go 1.26.0\n\nuse ./m\n")
	write("m/go.mod", "module example.com/m\n\ngo 1.26.0\n")
	source := func(bad int) {
		write("m/m_test.go", `package m

import (
	"flag"
	"testing"
)

var n = flag.Int("times", 1, "")
var from = flag.Int("from", 0, "")

func TestN(t *testing.T) {
	for i := *from; i < *from+*n; i++ {
		if i == `+strconv.Itoa(bad)+` {
			t.Fatal("number", i)
		}
	}
	t.Logf("%d from %d", *n, *from)
}
`)
	}
	source(8)
	write(tableFile, "# Before\n"+tableBegins+tableEnds+"# After\n")
	git("init", "-q")
	git("add", "-A")
	git("commit", "-qm", "one")

	p := proofs[0]
	p.Dir, p.Package, p.Tests, p.Flag, p.Chunk, p.Args = "m", ".", "^TestN$", "-times", 3, nil
	var out bytes.Buffer
	r := runner{root: root, out: &out}
	next := func(s Standing) int { return s.Next }
	require.NoError(t, r.prove(t.Context(), p, 5, next))
	require.ErrorContains(t, r.prove(t.Context(), p, 9, next), "number 8")
	runs, err := readLedger(root)
	require.NoError(t, err)
	var done [][2]int
	for _, x := range runs {
		done = append(done, [2]int{x.From, x.Count})
	}
	require.Equal(t, [][2]int{{0, 3}, {3, 2}, {5, 3}, {8, 3}}, done)
	require.Equal(t, "3 from 5", runs[2].Said)
	require.Equal(t, failed, runs[3].Result)
	require.False(t, runs[3].Changed, "what the runner writes is no change")
	require.Contains(t, out.String(), "$ go test -C m -run '^TestN$' . -times 3 -from 5 -v")
	text, err := os.ReadFile(filepath.Join(root, tableFile))
	require.NoError(t, err)
	require.Equal(t, "# Before\n"+tableBegins+table(runs, nil)+tableEnds+"# After\n", string(text))
	require.Contains(t, string(text), "**failed**: 3 from 8")

	source(-1)
	require.NoError(t, r.prove(t.Context(), p, 3, next))
	runs, err = readLedger(root)
	require.NoError(t, err)
	require.Equal(t, 8, runs[4].From)
	require.True(t, runs[4].Changed)
	require.Equal(t, runs[0].Commit, runs[4].Commit)
	git("add", "-A")
	git("commit", "-qm", "two")
	require.NoError(t, r.prove(t.Context(), p, 1, func(Standing) int { return 2 }))
	runs, err = readLedger(root)
	require.NoError(t, err)
	require.NotEqual(t, runs[0].Commit, runs[5].Commit)
	require.Equal(t, 1, stand(runs, p.Name, "").OnCommit)
	require.Equal(t, 11, stand(runs, p.Name, "").Next)

	p.Tests = "^TestNothing$"
	require.ErrorContains(t, r.prove(t.Context(), p, 1, next), "is not counted")
	again, err := readLedger(root)
	require.NoError(t, err)
	require.Equal(t, runs, again)
}

// TestTwoRunners has several of them note what they ran at once.
func TestTwoRunners(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(root, filepath.Dir(tableFile)), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(root, tableFile), []byte("# Before\n"+tableBegins+tableEnds+"# After\n"), 0o600))
	const runners, times = 8, 6
	var all sync.WaitGroup
	for n := range runners {
		all.Go(func() {
			for i := range times {
				r := Run{Proof: proofs[n].Name, Commit: "a", From: i, Count: 1, Result: passed, Said: strings.Repeat("said ", 2000)}
				if err := errors.Join(note(root, r), rewrite(root)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	runs, err := readLedger(root)
	require.NoError(t, err, "no line is torn apart by another")
	require.Len(t, runs, runners*times)
	text, err := os.ReadFile(filepath.Join(root, tableFile))
	require.NoError(t, err)
	require.Equal(t, "# Before\n"+tableBegins+table(runs, nil)+tableEnds+"# After\n", string(text), "the table is that of the whole ledger")
	files, err := os.ReadDir(filepath.Join(root, filepath.Dir(tableFile)))
	require.NoError(t, err)
	require.Len(t, files, 2, "nothing stays beside the ledger and the table")

	t.Run("a line that comes while the table is written is in it", func(t *testing.T) {
		r := Run{Proof: proofs[0].Name, Commit: "late", From: times, Count: 1, Result: passed}
		require.NoError(t, rewriteBy(root, func(path string, text []byte) error {
			if len(runs) == runners*times {
				require.NoError(t, note(root, r))
				runs = append(runs, r)
			}
			return replace(path, text)
		}))
		text, err := os.ReadFile(filepath.Join(root, tableFile))
		require.NoError(t, err)
		require.Contains(t, string(text), "1 on late")
	})
	t.Run("a line that is being written is not read, and one that is broken is told", func(t *testing.T) {
		ledger := filepath.Join(root, ledgerFile)
		whole, err := os.ReadFile(ledger)
		require.NoError(t, err)
		for cut := range 3 { // the last line's end, the object's, and what stands before
			require.NoError(t, os.WriteFile(ledger, whole[:len(whole)-cut], 0o600))
			found, err := readLedger(root)
			require.NoError(t, err)
			require.Len(t, found, len(runs)-cut/2)
		}
		require.NoError(t, note(root, runs[0])) // behind half a line
		_, err = readLedger(root)
		require.ErrorContains(t, err, ledgerFile+":49:")
		require.ErrorContains(t, err, "mend or delete it")
	})
	t.Run("what cannot be put in its place does not stay", func(t *testing.T) {
		dir := t.TempDir()
		require.NoError(t, os.Mkdir(filepath.Join(dir, "taken"), 0o755))
		require.Error(t, replace(filepath.Join(dir, "taken"), []byte("x")))
		files, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Len(t, files, 1)
	})
	t.Run("what a killed runner leaves is ignored by git", func(t *testing.T) {
		root, err := findRoot()
		require.NoError(t, err)
		cmd := exec.CommandContext(t.Context(), "git", "check-ignore", "-q", filepath.Join(filepath.Dir(tableFile), "."+filepath.Base(tableFile)+".123"))
		cmd.Dir = root
		require.NoError(t, cmd.Run())
	})
}

// TestAlone holds what runs outside the workspace against the workspace.
func TestAlone(t *testing.T) {
	t.Parallel()
	root, err := findRoot()
	require.NoError(t, err)
	work, err := os.ReadFile(filepath.Join(root, "go.work"))
	require.NoError(t, err)
	for _, p := range proofs {
		if p.Dir != "" && p.Dir != "." {
			require.NotEqual(t, strings.Contains(string(work), "\t./"+p.Dir+"\n"), p.Alone, p.Name)
		}
	}
}
