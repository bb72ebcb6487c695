package screening

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// Pipeline returns a stage that runs several stages in order, each with the
// facts of those before it.
//
// A stage that fails or panics is skipped: the others go on with the facts as
// they were before it. So the returned facts are good even if there is an
// error; the error joins a [*StageError] for each stage that failed. Labels
// come back sorted, and neither labels nor audiences are repeated.
func Pipeline(stages ...adapters.Screener) adapters.Screener {
	return pipeline(slices.Clone(stages))
}

// StageError says which stage of a [Pipeline] failed.
type StageError struct {
	Index int    // of the stage, from 0
	Stage string // the stage's Go type
	Err   error
}

// Error implements error.
func (e *StageError) Error() string {
	return fmt.Sprintf("screening: stage %d (%s): %v", e.Index, e.Stage, e.Err)
}

// Unwrap returns what the stage returned, or panicked with if that was an
// error.
func (e *StageError) Unwrap() error { return e.Err }

type pipeline []adapters.Screener

func (p pipeline) Screen(ctx context.Context, m inquiry.Message, known inquiry.Facts) (inquiry.Facts, error) {
	var errs []error
	facts := known
	for i, stage := range p {
		next, err := runStage(ctx, stage, m, own(facts))
		if err != nil {
			errs = append(errs, &StageError{Index: i, Stage: fmt.Sprintf("%T", stage), Err: err})
			continue
		}
		facts = next
	}
	return withoutRepeats(facts), errors.Join(errs...)
}

// runStage runs a stage and turns a panic into an error.
func runStage(ctx context.Context, s adapters.Screener, m inquiry.Message, known inquiry.Facts) (facts inquiry.Facts, err error) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case error:
			err = fmt.Errorf("panicked: %w", v)
		default:
			err = fmt.Errorf("panicked: %v", v)
		}
	}()
	if s == nil {
		return known, errors.New("there is no stage: it is nil")
	}
	return s.Screen(ctx, m, known)
}

// withoutRepeats sorts labels and removes repetitions.
func withoutRepeats(f inquiry.Facts) inquiry.Facts {
	f = own(f)
	f.AddLabels()
	audiences := f.Audiences
	f.Audiences = nil
	f.AddAudiences(audiences...)
	return f
}
