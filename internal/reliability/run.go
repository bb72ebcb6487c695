package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// target is what one command runs: the package of a proof, or one fuzz target.
type target struct {
	name     string // of the fuzz target
	dir, pkg string
}

func (t target) part() string {
	if t.name == "" {
		return ""
	}
	return filepath.ToSlash(filepath.Join(t.dir, t.pkg)) + "." + t.name
}

// command is what runs count of a proof, beginning with number from. Its -C is
// below the root.
func command(p Proof, t target, from, count int) []string {
	args := []string{"go", "test"}
	if t.dir != "." {
		args = append(args, "-C", t.dir)
	}
	if p.Fuzz {
		return append(args, "-run", "^$", "-fuzz", "^"+t.name+"$", "-fuzztime", strconv.Itoa(count)+"m", t.pkg)
	}
	args = append(args, "-run", p.Tests, t.pkg, p.Flag, strconv.Itoa(count), cmp.Or(p.From, "-from"), strconv.Itoa(p.First+from))
	return append(append(args, p.Args...), "-v", "-timeout", p.Limit.String())
}

// env is what is set for a proof's command.
func (p Proof) env() []string {
	if p.Alone {
		return []string{"GOWORK=off"}
	}
	return nil
}

// shell is a proof's command as a shell takes it.
func shell(p Proof, args []string) string {
	out := p.env()
	for _, a := range args {
		if strings.ContainsAny(a, "^$|()' ") {
			a = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
		out = append(out, a)
	}
	return strings.Join(out, " ")
}

var fuzzTarget = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(\w+ \*testing\.F\)`)

// fuzzTargets are those of every module of the tree.
func fuzzTargets(root string) ([]target, error) {
	var found []target
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".")) && path != root:
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range fuzzTarget.FindAllSubmatch(text, -1) {
			t, err := moduleOf(root, filepath.Dir(path))
			if err != nil {
				return err
			}
			t.name = string(m[1])
			found = append(found, t)
		}
		return nil
	})
	return found, err
}

// fuzzParts are the fuzz targets as the ledger names them, in order.
func fuzzParts(root string) ([]string, error) {
	targets, err := fuzzTargets(root)
	parts := make([]string, len(targets))
	for i, t := range targets {
		parts[i] = t.part()
	}
	slices.Sort(parts)
	return parts, err
}

// moduleOf is the module of a directory and the package's path in it.
func moduleOf(root, dir string) (target, error) {
	module := dir
	for module != root {
		if _, err := os.Stat(filepath.Join(module, "go.mod")); err == nil {
			break
		}
		module = filepath.Dir(module)
	}
	in, err := filepath.Rel(root, module)
	if err != nil {
		return target{}, err
	}
	pkg, err := filepath.Rel(module, dir)
	if err != nil {
		return target{}, err
	}
	if pkg != "." {
		pkg = "./" + filepath.ToSlash(pkg)
	}
	return target{dir: filepath.ToSlash(in), pkg: pkg}, nil
}

// runner runs proofs and keeps the ledger.
type runner struct {
	root string
	out  io.Writer
	only *regexp.Regexp // of the fuzz targets; nil: all
}

// prove runs count more of a proof in chunks, of fuzz targets those that match. It
// stops at the first that fails.
func (r runner) prove(ctx context.Context, p Proof, count int, from func(Standing) int) error {
	targets := []target{{dir: p.Dir, pkg: p.Package}}
	if p.Fuzz {
		var err error
		if targets, err = fuzzTargets(r.root); err != nil {
			return err
		}
		all := len(targets)
		if targets = slices.DeleteFunc(targets, func(t target) bool { return r.only != nil && !r.only.MatchString(t.part()) }); len(targets) == 0 {
			return fmt.Errorf("none of %d fuzz targets matches %s", all, r.only)
		}
	}
	for _, t := range targets {
		runs, err := readLedger(r.root)
		if err != nil {
			return err
		}
		next := from(stand(runs, p.Name, t.part()))
		for left := count; left > 0; left -= p.Chunk {
			n := min(left, p.Chunk)
			if err := r.chunk(ctx, p, t, next, n); err != nil {
				return err
			}
			next += n
		}
	}
	return nil
}

// chunk runs one command, notes what came of it, and writes the table anew.
func (r runner) chunk(ctx context.Context, p Proof, t target, from, count int) error {
	args := command(p, t, from, count)
	fmt.Fprintf(r.out, "$ %s\n", shell(p, args))
	run := Run{
		Proof: p.Name, Part: t.part(), From: from, Count: count, Result: passed,
		Go: runtime.Version(), Machine: runtime.GOOS + "/" + runtime.GOARCH,
	}
	var err error
	if run.Commit, run.Changed, err = commit(ctx, r.root); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir, cmd.Env = r.root, append(os.Environ(), p.env()...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // so that go test cleans up
	cmd.WaitDelay = time.Minute
	began := time.Now()
	said, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return fmt.Errorf("stopped; nothing of this part is noted: %w", context.Cause(ctx))
	}
	run.Seconds, run.Date = float64(time.Since(began).Milliseconds())/1000, time.Now().UTC().Truncate(time.Second)
	verdict := judge(said, err)
	if verdict.skipped {
		return fmt.Errorf("%s proves nothing here and is not counted:\n%s", p.Name, verdict.said)
	}
	run.Said = strings.ReplaceAll(verdict.said, r.root+"/", "")
	if verdict.failed {
		run.Result = failed
	}
	if err := note(r.root, run); err != nil {
		return err
	}
	if err := rewrite(r.root); err != nil {
		return err
	}
	if verdict.failed {
		return fmt.Errorf("%s failed: %d from %d, noted in %s:\n%s", p.Name, count, from, ledgerFile, said)
	}
	fmt.Fprintf(r.out, "%s in %s: %s\n", run.Result, time.Since(began).Round(time.Second), run.Said)
	return nil
}

type verdict struct {
	failed, skipped bool
	said            string
}

var (
	logLine  = regexp.MustCompile(`(?m)^ +\w+_test\.go:\d+: (.*)$`)
	okLine   = regexp.MustCompile(`(?m)^ok\s`)
	execLine = regexp.MustCompile(`(?m)^fuzz: elapsed: .*$`)
)

// judge is what a test's output says. That nothing ran is no success.
func judge(said []byte, err error) verdict {
	var v verdict
	if lines := logLine.FindAllSubmatch(said, -1); len(lines) > 0 {
		v.said = string(lines[len(lines)-1][1])
	} else if lines := execLine.FindAll(said, -1); len(lines) > 0 {
		v.said = string(lines[len(lines)-1])
	}
	switch {
	case err != nil:
		// Before Go 1.27 the end of a fuzzer's time can be reported as a failure; a real
		// one names its input.
		v.failed = !bytes.Contains(said, []byte("\n    context deadline exceeded\n")) || bytes.Contains(said, []byte("Failing input"))
		if v.failed {
			v.said = cause(said)
		}
	case !okLine.Match(said), bytes.Contains(said, []byte("no tests to run")), bytes.Contains(said, []byte("--- SKIP")):
		v.skipped, v.said = true, string(said)
	}
	return v
}

// cause is where a failure begins to be told, in at most so many bytes.
func cause(said []byte) string {
	const most = 2000
	if i := bytes.Index(said, []byte("Error Trace:")); i >= 0 {
		said = said[i:]
	} else if len(said) > most {
		said = said[len(said)-most:]
	}
	return strings.ToValidUTF8(string(said[:min(len(said), most)]), "")
}

// commit is the last commit that changed more than what the runner writes, and
// whether there is anything else that is not committed.
func commit(ctx context.Context, root string) (hash string, changed bool, err error) {
	git := func(args ...string) (string, error) {
		cmd := exec.CommandContext(ctx, "git", args...)
		cmd.Dir = root
		out, err := cmd.Output()
		if err != nil {
			return "", fmt.Errorf("git %s: %w: a run is noted with the commit that it proves, so run it in a checkout", args[0], err)
		}
		return strings.TrimSpace(string(out)), nil
	}
	others := []string{"--", ".", ":!" + ledgerFile, ":!" + tableFile}
	if hash, err = git(append([]string{"log", "-1", "--format=%h"}, others...)...); err != nil {
		return "", false, err
	}
	status, err := git(append([]string{"status", "--porcelain"}, others...)...)
	return hash, status != "", err
}
