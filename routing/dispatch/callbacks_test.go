package dispatch_test

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/sla"
)

// misdeeds are what a host's code may do to its caller, each until ctx ends, until
// the test does, or at once.
type misdeed struct {
	name string
	do   func(ctx context.Context, h *house, over <-chan struct{}) error
}

var misdeeds = []misdeed{
	{"fails", func(context.Context, *house, <-chan struct{}) error { return errBroken }},
	{"panics", func(context.Context, *house, <-chan struct{}) error { panic("the host's own fault") }},
	{"panics with an error", func(context.Context, *house, <-chan struct{}) error { panic(errBroken) }},
	{"ends its goroutine", func(context.Context, *house, <-chan struct{}) error { // as testing's FailNow does
		runtime.Goexit()
		return nil
	}},
	{"blocks until its context ends", func(ctx context.Context, _ *house, _ <-chan struct{}) error {
		<-ctx.Done()
		return ctx.Err()
	}},
	{"blocks whatever its context says", func(_ context.Context, _ *house, over <-chan struct{}) error {
		<-over
		return nil
	}},
	{"waits for the Engine that waits for it", func(_ context.Context, h *house, _ <-chan struct{}) error {
		err := h.Engine.Do(context.Background(), "", inquiry.SetPresence{Owner: "ben", Presence: inquiry.Online})
		return errors.Join(errBroken, err)
	}},
	{"calls the Engine within its own time", func(ctx context.Context, h *house, _ <-chan struct{}) error {
		_, err := h.Submit(ctx, h.message("re-entered"))
		return errors.Join(errBroken, err)
	}},
}

// eachMisdeed runs a test for each. What still blocks behind it is let go.
func eachMisdeed(t *testing.T, says string, change func(*house, func(context.Context) error), test func(*house)) {
	t.Helper()
	for _, m := range misdeeds {
		t.Run(says+" that "+m.name, func(t *testing.T) {
			var over chan struct{} // of the test's own bubble
			inHouse(t, func(h *house) {
				over = make(chan struct{})
				change(h, func(ctx context.Context) error { return m.do(ctx, h, over) })
			}, func(h *house) {
				defer close(over)
				test(h)
				h.stops()
			})
		})
	}
}

// stops stops the Engine, which has to come about whatever the host's code does.
func (h *house) stops() {
	h.t.Helper()
	began := time.Now()
	h.stop()
	require.Less(h.t, time.Since(began), 30*time.Second, "the stop")
}

// work is an inquiry from its message to its end, in spite of everything.
func (h *house) work() inquiry.ID {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.ctx, time.Minute)
	defer cancel()
	r, err := h.Submit(ctx, h.message("kim"))
	require.NoError(h.t, err)
	require.NoError(h.t, h.Do(ctx, "", inquiry.Assign{Inquiry: r.Inquiry, Owner: "anna"}))
	h.sound()
	return r.Inquiry
}

func TestCallbacks(t *testing.T) {
	roster := func(h *house) { // a directory that fails leaves the roster as it is
		support := []inquiry.Skill{{Name: "support", Level: 3}}
		h.must(inquiry.Roster{Set: []inquiry.Owner{
			{ID: "anna", Capacity: 100, Skills: support}, {ID: "ben", Capacity: 100, Skills: support}, {ID: "head", Capacity: 100},
		}})
	}
	eachMisdeed(t, "A1 a pool works with a directory", func(h *house, misbehave func(context.Context) error) {
		h.cfg.Term = time.Second // shorter than a call of the directory may take
		h.cfg.Directory = adapters.DirectoryFunc(func(ctx context.Context) ([]inquiry.Owner, error) { return smallStaff(), cmpError(misbehave(ctx)) })
	}, func(h *house) {
		roster(h)
		h.work()
		h.pass(5 * time.Minute) // it is asked again meanwhile
		h.work()
	})
	eachMisdeed(t, "A1 no message is lost to a screening stage", func(h *house, misbehave func(context.Context) error) {
		var depth atomic.Int32
		h.cfg.Screeners = []adapters.Screener{
			adapters.ScreenerFunc(func(ctx context.Context, _ inquiry.Message, f inquiry.Facts) (inquiry.Facts, error) {
				if depth.Add(1) > 5 { // it has called itself
					return f, nil
				}
				f.Labels = append(f.Labels, "half done")
				return f, misbehave(ctx)
			}),
			adapters.ScreenerFunc(func(_ context.Context, _ inquiry.Message, f inquiry.Facts) (inquiry.Facts, error) {
				f.AddLabels("seen")
				return f, nil
			}),
		}
	}, func(h *house) {
		require.Equal(h.t, []string{"seen"}, h.row(h.work()).Details.Labels, "the other stages screen")
	})
	eachMisdeed(t, "A1 no message is lost to a scorer", func(h *house, misbehave func(context.Context) error) {
		var depth atomic.Int32
		h.cfg.Scorer = adapters.ScorerFunc(func(ctx context.Context, _ inquiry.Message, _ inquiry.Facts) ([]inquiry.Bonus, error) {
			if depth.Add(1) > 5 {
				return nil, nil
			}
			return []inquiry.Bonus{{Owner: "anna", Bonus: 7}}, cmpError(misbehave(ctx))
		})
	}, func(h *house) {
		require.Empty(h.t, h.row(h.work()).Bonuses)
	})
	eachMisdeed(t, "H5 a notifier", func(h *house, misbehave func(context.Context) error) {
		h.policy.Default.OfferFor = sla.Duration(time.Hour)
		h.cfg.Notifier = adapters.NotifierFunc(func(ctx context.Context, e inquiry.Effect) error {
			if e.Owner == "anna" {
				return cmpError(misbehave(ctx))
			}
			return h.told.Notify(ctx, e)
		})
	}, func(h *house) {
		h.online("anna")
		id := h.submit("kim")
		require.Equal(h.t, inquiry.OwnerID("anna"), h.row(id).Offers[0].Owner)
		h.must(inquiry.SetPresence{Owner: "ben", Presence: inquiry.Online})
		h.pass(5 * time.Minute)
		require.Contains(h.t, h.kinds(id), inquiry.Undelivered, "what cannot be delivered is visible")
		require.Equal(h.t, inquiry.OwnerID("ben"), h.row(id).Offers[0].Owner, "and goes to somebody else")
		require.Contains(h.t, h.told.topics("ben"), inquiry.TellOffer, "who is told")
		require.Contains(h.t, h.told.topics("head"), inquiry.TellUndelivered)
		h.sound()
	})
	t.Run("H5 a notification that was delivered and then timed out arrives again with the same id, and is settled", func(t *testing.T) {
		var arrived []inquiry.ID
		inHouse(t, func(h *house) {
			h.cfg.Notifier = adapters.NotifierFunc(func(ctx context.Context, e inquiry.Effect) error {
				arrived = append(arrived, e.ID)
				if len(arrived) > 1 {
					return nil
				}
				<-ctx.Done()
				return ctx.Err()
			})
		}, func(h *house) {
			h.online("anna")
			id := h.submit("kim")
			h.pass(time.Minute)
			require.Len(t, arrived, 2)
			require.Equal(t, arrived[0], arrived[1])
			require.NotContains(t, h.kinds(id), inquiry.Undelivered)
			rec, err := h.store.Recover(h.ctx, "default")
			require.NoError(t, err)
			require.Empty(t, rec.Effects)
		})
	})
	eachMisdeed(t, "F7 a replier", func(h *house, misbehave func(context.Context) error) {
		h.cfg.Sources = []dispatch.Source{{Name: "api", Replier: replierFunc(func(ctx context.Context, _ inquiry.Outbound) (string, error) {
			return "", cmpError(misbehave(ctx))
		})}}
	}, func(h *house) {
		id := h.work()
		h.must(inquiry.Reply{Inquiry: id, Owner: "anna", Text: "Gladly.", Seen: 1})
		h.pass(time.Minute)
		require.Equal(h.t, inquiry.ReplyIsUnknown, h.row(id).Replies[0].State, "its fate is unknown: it may have left")
		h.work()
	})
	eachMisdeed(t, "A1 a pool works with a source", func(h *house, misbehave func(context.Context) error) {
		good := &platform{}
		good.posts(h.message("lou"))
		h.cfg.Sources = []dispatch.Source{{Name: "mail", Source: good}, {Name: "bad", Source: adapters.SourceFunc(
			func(ctx context.Context, _ string, _ adapters.Deliver) error { return cmpError(misbehave(ctx)) })}}
	}, func(h *house) {
		h.work()
		h.pass(time.Minute)
		found, err := h.Find(h.ctx, inquiry.Query{})
		require.NoError(h.t, err)
		require.True(h.t, slices.ContainsFunc(found, func(x inquiry.Inquiry) bool { return x.Details.Author.External == "lou" }), "the other source delivers")
	})
	t.Run("A1 a stage is told that its caller's patience has ended, before its own time is up", func(t *testing.T) {
		inHouse(t, func(h *house) {
			h.cfg.Screeners = []adapters.Screener{adapters.ScreenerFunc(func(ctx context.Context, _ inquiry.Message, f inquiry.Facts) (inquiry.Facts, error) {
				<-ctx.Done()
				return f, ctx.Err()
			})}
		}, func(h *house) {
			ctx, cancel := context.WithTimeout(h.ctx, time.Second)
			defer cancel()
			began := time.Now()
			_, err := h.Submit(ctx, h.message("kim"))
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.Equal(t, time.Second, time.Since(began))
		})
	})
	for late, calls := range map[time.Duration]int32{999 * time.Millisecond: 1, 1001 * time.Millisecond: 2} {
		t.Run("H5 a call that returns "+late.String()+" behind its time is waited for if that is within a second", func(t *testing.T) {
			var told atomic.Int32
			inHouse(t, func(h *house) {
				h.cfg.NotifyTimeout = 10 * time.Second
				h.cfg.Notifier = adapters.NotifierFunc(func(context.Context, inquiry.Effect) error {
					if told.Add(1) == 1 {
						time.Sleep(h.cfg.NotifyTimeout + late)
					}
					return nil
				})
			}, func(h *house) {
				h.online("anna")
				h.submit("kim")
				h.pass(time.Minute)
				require.Equal(t, calls, told.Load())
			})
		})
	}
	for _, asked := range []bool{false, true} {
		t.Run("A1 a pool works with a log handler that panics"+map[bool]string{true: ", asked whether it is enabled"}[asked], func(t *testing.T) {
			var panics atomic.Int32
			inHouse(t, func(h *house) {
				h.cfg.Logger = slog.New(handlerFunc(func(call string) error {
					if asked == (call == "Enabled") {
						panics.Add(1)
						panic("the host's own fault")
					}
					return nil
				})).With("pool", "a").WithGroup("b")
			}, func(h *house) {
				h.work()
				require.Positive(t, panics.Load())
			})
		})
	}
}

// cmpError is the error of what may not succeed either.
func cmpError(err error) error {
	if err == nil {
		return errBroken
	}
	return err
}

type replierFunc func(context.Context, inquiry.Outbound) (string, error)

func (f replierFunc) Reply(ctx context.Context, out inquiry.Outbound) (string, error) {
	return f(ctx, out)
}

// handlerFunc is a log handler that is told which of its methods is called.
type handlerFunc func(call string) error

func (f handlerFunc) Enabled(context.Context, slog.Level) bool  { return f("Enabled") == nil }
func (f handlerFunc) Handle(context.Context, slog.Record) error { return f("Handle") }
func (f handlerFunc) WithAttrs([]slog.Attr) slog.Handler        { return f }
func (f handlerFunc) WithGroup(string) slog.Handler             { return f }
