package adaptertest

import (
	"context"
	"flag"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// recorder hears what a case finds about a wrong adapter, so that the test
// which runs it does not fail.
type recorder struct {
	ctx      context.Context
	mu       sync.Mutex
	findings []string
}

func (r *recorder) Helper()                  {}
func (r *recorder) Logf(string, ...any)      {}
func (r *recorder) Context() context.Context { return r.ctx }
func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.findings = append(r.findings, fmt.Sprintf(format, args...))
}

// thorough has wrong adapters run through the cases that need not catch them,
// too, to tell which do; that takes minutes.
var thorough = flag.Bool("thorough", false, "run wrong adapters through every case")

// trialTimeout is how long a case may take on a wrong adapter.
const trialTimeout = 8 * time.Second

// caught runs cases by name and demands that those which by names, by a part
// of the name each, find something. run runs the case with a number.
func caught(t *testing.T, names, by []string, run func(r reporter, i int)) {
	t.Helper()
	if len(by) == 0 {
		t.Fatal("name a case that has to catch it")
	}
	must := make([]bool, len(names))
	for _, part := range by {
		found := false
		for i, name := range names {
			if strings.Contains(name, part) {
				must[i], found = true, true
			}
		}
		if !found {
			t.Errorf("no case has %q in its name", part)
		}
	}
	var list []string
	for i, name := range names {
		if !must[i] && !*thorough {
			continue
		}
		r := &recorder{ctx: t.Context()}
		run(r, i)
		r.mu.Lock()
		findings := r.findings
		r.mu.Unlock()
		switch {
		case len(findings) > 0:
			list = append(list, name+"\n\t\t"+firstLine(findings[0]))
		case must[i]:
			t.Errorf("not caught by %q", name)
		}
	}
	if len(list) == 0 {
		t.Error("no case has caught it")
	}
	t.Logf("caught by %d cases:\n\t%s", len(list), strings.Join(list, "\n\t"))
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	if len(s) > 160 {
		s = s[:160] + "..."
	}
	return s
}

// TestTrial tests what runs the cases.
func TestTrial(t *testing.T) {
	t.Parallel()
	var hung chan struct{} // of the case at hand
	for name, c := range map[string]struct {
		run  func(tr *trial)
		want string // part of the only finding, empty for none
	}{
		"nothing to find":       {func(*trial) {}, ""},
		"a finding":             {func(tr *trial) { tr.Errorf("found %d", 7) }, "found 7"},
		"a fatal finding":       {func(tr *trial) { tr.Fatalf("enough"); tr.Errorf("more") }, "enough"},
		"a panic":               {func(*trial) { panic("no way") }, "no way"},
		"a panic beside":        {func(tr *trial) { tr.all(2, func(i int) { _ = []int{1}[i] }) }, "out of range"},
		"what hangs in a call":  {func(tr *trial) { tr.soon("sleeping", func() { <-hung }) }, "sleeping: has not returned"},
		"what hangs altogether": {func(tr *trial) { <-hung; tr.Errorf("too late to be heard") }, "it hangs"},
		"a difference":          {func(tr *trial) { tr.same([]int{1, 2}, []int{1, 3}, "list %d", 1) }, "list 1: differs at byte 3"},
		"cleanups run after a fatal finding": {func(tr *trial) {
			tr.Cleanup(func() { tr.Errorf("cleaned up") })
			tr.Cleanup(func() { panic("while cleaning up") })
			defer func() { tr.failed = false }()
		}, "while cleaning up|cleaned up"},
	} {
		t.Run(name, func(t *testing.T) {
			var r *recorder
			synctest.Test(t, func(t *testing.T) {
				r = &recorder{ctx: t.Context()}
				hung = make(chan struct{})
				try(r, time.Minute, c.run)
				close(hung)
			})
			var want []string
			if c.want != "" {
				want = strings.Split(c.want, "|")
			}
			if len(r.findings) != len(want) {
				t.Fatalf("findings: %q, want %q", r.findings, want)
			}
			for i := range want {
				if !strings.Contains(r.findings[i], want[i]) {
					t.Errorf("finding %d: %q, want %q in it", i, r.findings[i], want[i])
				}
			}
		})
	}
}
