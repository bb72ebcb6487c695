package dispatch_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/core"
	"github.com/answerable-go/answerable/internal/typical"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/sla"
)

const benchPool = "bench"

// BenchmarkEngine is an inquiry from its message to the end: submitted, assigned
// and resolved, on the memory store. An op is one inquiry, thus two inputs.
//
//   - core: the same Steps in the bare core, with inputs that are made beforehand
//     and nothing kept of what comes of them
//   - batch: Engine.SubmitBatch and Engine.DoBatch, so many at once
//   - single: Engine.Submit and Engine.Do, by so many callers at the same time
func BenchmarkEngine(b *testing.B) {
	b.Run("core", benchCore)
	for _, size := range []int{64, 512} {
		b.Run(fmt.Sprint("batch=", size), func(b *testing.B) { benchBatch(b, size) })
	}
	for _, callers := range []int{1, 64, 512} {
		b.Run(fmt.Sprint("single=", callers), func(b *testing.B) { benchSingle(b, callers) })
	}
}

func perSecond(b *testing.B) {
	b.Helper()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "inquiries/s")
}

func benchEngine(b *testing.B) (*dispatch.Engine, context.Context) {
	b.Helper()
	e, err := dispatch.New(memory.New(memory.Config{}), typical.Policy(sla.Calendar{}), dispatch.Config{Pool: benchPool, Directory: typical.Staff()})
	require.NoError(b, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	<-e.Ready()
	b.Cleanup(func() {
		cancel()
		require.NoError(b, <-ended)
	})
	return e, ctx
}

func benchBatch(b *testing.B, size int) {
	e, ctx := benchEngine(b)
	ms, actions := make([]inquiry.Message, 0, size), make([]dispatch.Action, 0, size)
	b.ReportAllocs()
	b.ResetTimer()
	for done := 0; done < b.N; done += len(ms) {
		ms, actions = ms[:0], actions[:0]
		for i := range min(size, b.N-done) {
			ms = append(ms, typical.Message(int64(done+i)))
		}
		receipts, err := e.SubmitBatch(ctx, ms)
		if err != nil {
			b.Fatal(err)
		}
		for i, r := range receipts {
			actions = append(actions, dispatch.Action{Key: strconv.Itoa(done + i), Command: inquiry.Resolve{Inquiry: r.Inquiry, Owner: typical.Sink}})
		}
		if _, err := e.DoBatch(ctx, actions); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	perSecond(b)
}

func benchSingle(b *testing.B, callers int) {
	e, ctx := benchEngine(b)
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ReportAllocs()
	b.ResetTimer()
	for range callers {
		wg.Go(func() {
			for {
				n := next.Add(1)
				if n > int64(b.N) {
					return
				}
				r, err := e.Submit(ctx, typical.Message(n))
				if err == nil {
					err = e.Do(ctx, strconv.FormatInt(n, 10), inquiry.Resolve{Inquiry: r.Inquiry, Owner: typical.Sink})
				}
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	perSecond(b)
}

// benchCore steps what the Engine's batches would, 512 inputs between two seals.
func benchCore(b *testing.B) {
	const size = 512
	e, err := dispatch.New(memory.New(memory.Config{}), typical.Policy(sla.Calendar{}), dispatch.Config{Pool: benchPool})
	require.NoError(b, err)
	compiled, err := routing.Compile(typical.Policy(sla.Calendar{}))
	require.NoError(b, err)
	c := core.New(benchPool)
	var batch inquiry.Batch
	step := func(in *inquiry.Input) inquiry.Outcome {
		for !c.Wake().IsZero() && !c.Wake().After(in.At) {
			if _, err := c.Step(in.At, nil, &batch); err != nil {
				b.Fatal(err)
			}
		}
		r, err := c.Step(in.At, in, &batch)
		if err != nil || r.Outcome.Refused != "" {
			b.Fatal(err, r.Outcome)
		}
		return r.Outcome
	}
	command := func(key string, cmd inquiry.Command) *inquiry.Input {
		in, err := e.PrepareCommand(key, "", cmd)
		require.NoError(b, err)
		return &in
	}
	seal := func() {
		c.Seal(&batch)
		batch = inquiry.Batch{}
	}
	step(command("policy", inquiry.Adopt{Version: "v1", Policy: compiled.JSON()}))
	step(command("roster", inquiry.Roster{Set: typical.Staff(), Complete: true}))
	seal()
	inputs, resolves := make([]inquiry.Input, 0, size), make([]*inquiry.Input, 0, size)
	b.ReportAllocs()
	b.ResetTimer()
	for done := 0; done < b.N; done += len(inputs) {
		b.StopTimer()
		inputs, resolves = inputs[:0], resolves[:0]
		for i := range min(size, b.N-done) {
			in, err := e.Prepare(context.Background(), typical.Message(int64(done+i)))
			require.NoError(b, err)
			inputs = append(inputs, in)
			cmd := in.Do.(inquiry.Receive) // Prepare makes nothing else
			resolves = append(resolves, command(strconv.Itoa(done+i), inquiry.Resolve{Inquiry: cmd.New, Owner: typical.Sink}))
		}
		b.StartTimer()
		for i := range inputs {
			step(&inputs[i])
		}
		seal()
		for _, in := range resolves {
			step(in)
		}
		seal()
	}
	b.StopTimer()
	perSecond(b)
}
