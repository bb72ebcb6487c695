package verify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/core"
)

// Replay steps a new engine through the inputs that a pool's journal has, and
// time at the instants at which it brought something about, and expects the very
// same journal. What differs first is the one finding. The error is that of
// reading the journal.
func Replay(pool string, events iter.Seq2[inquiry.Event, error]) (*Report, error) {
	r := &replayer{report: Report{Pool: pool}, core: core.New(pool)}
	for e, err := range events {
		if err != nil {
			return &r.report, fmt.Errorf("verify: %w", err)
		}
		if r.report.Events++; !r.event(&e) {
			break
		}
	}
	if r.report.Sound() && len(r.ahead) > 0 {
		// The journal ends within a step, or was read while one was being committed.
		r.find(r.core.Head(), "the journal ends within a step: %s should follow", r.ahead[0].Kind)
	}
	return &r.report, nil
}

type replayer struct {
	report Report
	core   *core.Core
	ahead  []inquiry.Event // of the step under way, not yet seen in the journal
}

func (r *replayer) find(seq uint64, format string, args ...any) bool {
	r.report.Findings = append(r.report.Findings, Finding{Rule: Replayed, Seq: seq, Detail: fmt.Sprintf(format, args...)})
	return false
}

func (r *replayer) event(e *inquiry.Event) bool {
	if e.Kind == inquiry.Opened {
		r.report.Inquiries++
	}
	if len(r.ahead) == 0 {
		if ok := r.step(e); !ok {
			return false
		}
	}
	again := &r.ahead[0]
	want, err := json.Marshal(e)
	if err != nil {
		return r.find(e.Seq, "it cannot be written: %v", err)
	}
	got, err := json.Marshal(again)
	if err != nil {
		return r.find(e.Seq, "it cannot be written: %v", err)
	}
	if !bytes.Equal(want, got) {
		r.report.Findings = append(r.report.Findings, Finding{
			Rule: Replayed, Seq: e.Seq, Inquiry: e.Inquiry, Owner: e.Owner, Detail: fmt.Sprintf("it is %s, replayed it is %s", want, got),
		})
		return false
	}
	r.ahead = r.ahead[1:]
	return true
}

// step takes the step that an event begins.
func (r *replayer) step(e *inquiry.Event) bool {
	r.report.Steps++
	var b inquiry.Batch
	var err error
	if in, ok := e.Input(); ok {
		_, err = r.core.Step(e.RecordedAt, &in, &b)
	} else if !e.Cause.IsZero() {
		return r.find(e.Seq, "%s came of input %s and begins its step without the input's command", e.Kind, e.Cause)
	} else {
		_, err = r.core.Step(e.RecordedAt, nil, &b)
	}
	if err != nil {
		return r.find(e.Seq, "%v", err)
	}
	r.core.Seal(&b)
	if len(b.Events) == 0 {
		return r.find(e.Seq, "%s does not happen again", e.Kind)
	}
	r.ahead = b.Events
	return true
}
