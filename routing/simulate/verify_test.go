package simulate

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/virtual"
	"github.com/answerable-go/answerable/routing/verify"
)

// verified holds the first replication of a simulation against the rules of
// package verify, up to the step in which so many events have happened.
type verified struct {
	*verify.Verifier
	events int
}

const verifiedEvents = 3000

func (v *verified) listen(replication int) virtual.Listener {
	if replication > 0 {
		return func(time.Time, *inquiry.Input, *inquiry.Batch) {}
	}
	v.Verifier = verify.New(pool)
	return func(_ time.Time, _ *inquiry.Input, b *inquiry.Batch) {
		if v.events >= verifiedEvents {
			return
		}
		for i := range b.Events {
			e := b.Events[i]
			v.Event(&e)
		}
		v.events += len(b.Events)
	}
}

func (v *verified) sound(t *testing.T) {
	t.Helper()
	r := v.Report()
	for _, f := range r.Findings[:min(5, len(r.Findings))] {
		t.Error(f)
	}
	require.Positive(t, r.Events)
	require.Positive(t, r.Inquiries)
}

// No false alarm: the scenarios of the example pass every rule.
func TestVerifierFindsNothingInScenarios(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../examples/simulate/scenarios/*.json")
	require.NoError(t, err)
	if len(files) == 0 {
		t.Skip("the example, a module of its own, is not here")
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			raw, err := os.ReadFile(name)
			require.NoError(t, err)
			s, err := Parse(raw)
			require.NoError(t, err)
			s.Replications = 1
			v := &verified{}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			_, err = Run(ctx, s, Options{listen: v.listen, Progress: func(Progress) {
				if v.events >= verifiedEvents {
					cancel()
				}
			}})
			if ctx.Err() == nil {
				require.NoError(t, err)
			}
			v.sound(t)
			require.Positive(t, v.events)
		})
	}
}
