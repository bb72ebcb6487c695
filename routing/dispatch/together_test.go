package dispatch_test

import (
	"bytes"
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/sla"
)

// Policy and roster at the beginning of a leadership.
func TestPolicyAndRosterTogether(t *testing.T) {
	t.Parallel()
	hours := func(names ...string) routing.Policy {
		p := smallPolicy()
		for _, name := range names {
			p.Calendars = append(p.Calendars, sla.Calendar{Name: name, Zone: "Europe/Berlin", Hours: sla.Weekdays(sla.At(9, 0), sla.At(17, 0))})
		}
		return p
	}
	shift := func(calendar string) adapters.Owners {
		staff := smallStaff()
		staff[0].Shift = calendar
		return staff
	}
	for name, c := range map[string]struct {
		before, after routing.Policy
		then, now     adapters.Owners
	}{
		"B2 a calendar that shifts begin to use":            {hours(), hours("office"), shift(""), shift("office")},
		"B2 a calendar that no shift uses any more":         {hours("office"), hours(), shift("office"), shift("")},
		"B2 a calendar that is renamed, and the shift, too": {hours("office"), hours("bureau"), shift("office"), shift("bureau")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				h := &house{t: t, ctx: t.Context(), store: memory.New(memory.Config{}), policy: c.before, told: &recorder{}}
				h.cfg = dispatch.Config{Directory: c.then, Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))}
				h.start()
				h.submit("kim")
				h.stop()
				h.policy, h.cfg.Directory = c.after, c.now
				h.policy.Version = "changed"
				h.start()
				require.Equal(t, "changed", h.row(h.submit("lou")).Policy)
				mark := func(key string) string {
					rec, err := h.store.Recover(h.ctx, "default")
					require.NoError(t, err)
					for _, m := range rec.Marks {
						if m.Key == key {
							return string(m.Value)
						}
					}
					return ""
				}
				require.NotContains(t, mark("policy"), "+calendars")
				if to := c.now[0].Shift; to == "" {
					require.NotContains(t, mark("owner/"+string(c.now[0].ID)), "shift")
				} else {
					require.Contains(t, mark("owner/"+string(c.now[0].ID)), to)
				}
				require.Empty(t, log.String())
				h.stop()
			})
		})
	}

	t.Run("B2 what is wrong with a later policy or roster leaves those of before, and is logged", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			var log bytes.Buffer
			h := &house{t: t, ctx: t.Context(), store: memory.New(memory.Config{}), policy: hours("office"), told: &recorder{}}
			h.policy.Version = "before"
			h.cfg = dispatch.Config{Directory: shift("office"), Logger: slog.New(slog.NewTextHandler(&log, nil))}
			h.start()
			h.submit("kim")
			h.stop()
			h.policy, h.cfg.Directory = hours(), shift("offce")
			h.start()
			require.Contains(t, h.row(h.submit("lou")).Policy, "+calendars", "all but its calendars")
			require.Contains(t, log.String(), "the roster was refused, it stays as it was")
			require.Contains(t, log.String(), "offce")
			require.Contains(t, log.String(), "the policy was refused, the one in force stays")
			h.stop()
		})
	})

	t.Run("A4 a first roster that is refused ends Run, with what is wrong", func(t *testing.T) {
		t.Parallel()
		e, err := dispatch.New(memory.New(memory.Config{}), hours("office"), dispatch.Config{Directory: shift("offce")})
		require.NoError(t, err)
		err = e.Run(t.Context())
		require.ErrorIs(t, err, inquiry.Invalid)
		require.ErrorContains(t, err, `there is no calendar "offce" for the shift`)
	})

	t.Run("A3 a sink that is not on the roster is an error of the log, when it comes about", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			var log bytes.Buffer
			h := &house{t: t, ctx: t.Context(), store: memory.New(memory.Config{}), policy: smallPolicy(), told: &recorder{}}
			sink := h.policy.Sink
			h.policy.Sink = "haed"
			h.cfg = dispatch.Config{Directory: smallStaff(), Logger: slog.New(slog.NewTextHandler(&log, nil))}
			const words = "the policy's sink is not on the roster"
			h.start()
			require.Contains(t, log.String(), words)
			require.Contains(t, log.String(), "sink=haed")
			log.Reset()
			h.policy.Sink = sink
			require.NoError(t, h.Adopt(h.ctx, h.policy))
			h.pass(time.Second)
			require.NotContains(t, log.String(), words)
			require.NoError(t, h.Do(context.Background(), "", inquiry.Roster{Remove: []inquiry.OwnerID{sink}}))
			h.pass(time.Second)
			require.Contains(t, log.String(), words)
			h.stop()
		})
	})
}
