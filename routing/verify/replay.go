package verify

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/core"
)

// replayer steps a new engine through the inputs that a pool's journal has, and
// time at the instants at which it brought something about, and expects the very
// same journal. What differs first is the one finding: the rest follows from it.
type replayer struct {
	report Report
	core   *core.Core
	ahead  []inquiry.Event // of the step under way, not yet seen in the journal
	// sealed, if set, sees what each step brought about.
	sealed func(*inquiry.Batch)
}

func newReplayer(pool string) *replayer {
	return &replayer{report: newReport(pool), core: core.New(pool)}
}

func (r *replayer) find(seq uint64, format string, args ...any) bool {
	r.report.add(Finding{Rule: Replayed, Seq: seq, Found: fmt.Sprintf(format, args...)})
	return false
}

// event is the next of the journal; false once it differs.
func (r *replayer) event(e *inquiry.Event) bool {
	r.report.Events++
	r.report.tried(Replayed)
	if e.Kind == inquiry.Opened {
		r.report.Inquiries++
	}
	if len(r.ahead) == 0 {
		if ok := r.step(e); !ok {
			return false
		}
	}
	want, err := json.Marshal(e)
	if err != nil {
		return r.find(e.Seq, "it cannot be written: %v", err)
	}
	again := r.ahead[0]
	asEarlier(e, &again)
	got, err := json.Marshal(&again)
	if err != nil {
		return r.find(e.Seq, "replayed it cannot be written: %v", err)
	}
	if !bytes.Equal(want, got) {
		r.report.add(Finding{
			Rule: Replayed, Seq: e.Seq, Inquiry: e.Inquiry, Owner: e.Owner, Found: fmt.Sprintf("it is %s, replayed it is %s", want, got),
		})
		return false
	}
	r.ahead = r.ahead[1:]
	return true
}

// asEarlier has an event be as earlier versions journaled it: an edit that called a
// customer's message ours was journaled as ours.
func asEarlier(was, again *inquiry.Event) {
	in, ok := was.Do.(inquiry.Receive)
	if !ok || was.Kind != inquiry.MessageEdited || in.Message.Direction != inquiry.FromUs {
		return
	}
	if edit, ok := again.Do.(inquiry.Receive); ok {
		edit.Message.Direction = inquiry.FromUs
		again.Do = edit
	}
}

// end holds the end of the journal.
func (r *replayer) end() {
	if r.report.Sound() && len(r.ahead) > 0 {
		// The journal ends within a step, or was read while one was being committed.
		r.find(r.core.Head(), "the journal ends within a step: %s should follow", r.ahead[0].Kind)
	}
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
	if r.sealed != nil {
		r.sealed(&b)
	}
	return true
}
