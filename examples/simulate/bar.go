package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/answerable-go/answerable/routing/simulate"
)

// bar shows progress on a terminal; elsewhere it shows nothing.
type bar struct {
	w     io.Writer // nil: nothing is shown
	began time.Time
	shown time.Time
}

func newBar(w io.Writer, quiet bool) *bar {
	f, ok := w.(*os.File)
	if quiet || !ok {
		return &bar{}
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return &bar{}
	}
	return &bar{w: w, began: time.Now()}
}

// perShow is how often the bar is drawn anew at most.
const perShow = 100 * time.Millisecond

func (b *bar) show(p simulate.Progress) {
	now := time.Now()
	if b.w == nil || now.Sub(b.shown) < perShow {
		return
	}
	b.shown = now
	fmt.Fprintf(b.w, "\r%s", barText(p, now.Sub(b.began)))
}

// barText is the line: [#####.....]  52 %  10 of 20 replications, 341,022 inquiries, 12s left.
func barText(p simulate.Progress, took time.Duration) string {
	const width = 30
	full := int(p.Share * width)
	left := ""
	if p.Share > 0.02 {
		rest := time.Duration(float64(took) * (1 - p.Share) / p.Share)
		left = fmt.Sprintf(", %s left", rest.Round(time.Second))
	}
	return fmt.Sprintf("[%s%s] %3.0f %%  %d replications done, %s inquiries%s   ",
		strings.Repeat("#", full), strings.Repeat(".", width-full), 100*p.Share, p.Done, thousands(p.Inquiries), left)
}

func thousands(n uint64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// end takes the bar away.
func (b *bar) end() {
	if b.w != nil && !b.shown.IsZero() {
		fmt.Fprintf(b.w, "\r%s\r", strings.Repeat(" ", 100))
	}
}
