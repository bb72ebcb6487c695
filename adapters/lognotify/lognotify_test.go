package lognotify_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/adaptertest"
	"github.com/answerable-go/answerable/adapters/lognotify"
	"github.com/answerable-go/answerable/inquiry"
)

// log is a buffer that many goroutines may write to.
type log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *log) records(t *testing.T) (records []map[string]any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for lines := bufio.NewScanner(bytes.NewReader(l.buf.Bytes())); lines.Scan(); {
		var r map[string]any
		require.NoError(t, json.Unmarshal(lines.Bytes(), &r))
		records = append(records, r)
	}
	return records
}

func TestNotifierKeepsTheContract(t *testing.T) {
	t.Parallel()
	adaptertest.TestNotifier(t, adaptertest.NotifierHarness{
		New: func(t *testing.T) (adapters.Notifier, func() []adaptertest.Notice) {
			l := &log{}
			text := func(r map[string]any, key string) string { s, _ := r[key].(string); return s }
			return lognotify.New(slog.New(slog.NewJSONHandler(l, nil))), func() (list []adaptertest.Notice) {
				for _, r := range l.records(t) {
					list = append(list, adaptertest.Notice{
						Key: text(r, "effect_id"), Topic: inquiry.Topic(text(r, "topic")), Owner: inquiry.OwnerID(text(r, "owner_id")),
					})
				}
				return list
			}
		},
	})
}

func TestWhatIsLogged(t *testing.T) {
	t.Parallel()
	l := &log{}
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	e := inquiry.Effect{
		ID: inquiry.DeriveID("effect"), Pool: "acme", Topic: inquiry.TellEscalation, Inquiry: inquiry.DeriveID("inquiry"), Owner: "mia",
		Seq: 7, At: at, Until: at.Add(time.Hour), Reason: "breached", Clock: "resolve", Level: 2, Reply: inquiry.DeriveID("reply"),
	}
	require.NoError(t, lognotify.New(slog.New(slog.NewJSONHandler(l, nil))).Notify(t.Context(), e))
	record := l.records(t)[0]
	delete(record, slog.TimeKey)
	require.Equal(t, map[string]any{
		"level": "INFO", "msg": "notification", "topic": "escalation", "effect_id": e.ID.String(), "pool": "acme", "seq": 7.0,
		"inquiry_id": e.Inquiry.String(), "owner_id": "mia", "reply_id": e.Reply.String(),
		"at": "2026-03-02T09:00:00Z", "until": "2026-03-02T10:00:00Z", "reason": "breached", "clock": "resolve", "escalation_level": 2.0,
	}, record)
}

func TestNothingIsLoggedWithoutALogger(t *testing.T) {
	t.Parallel()
	require.NoError(t, lognotify.New(nil).Notify(t.Context(), inquiry.Effect{}))
	require.NoError(t, new(lognotify.Notifier).Notify(t.Context(), inquiry.Effect{}))

	l := &log{}
	quiet := slog.New(slog.NewJSONHandler(l, &slog.HandlerOptions{Level: slog.LevelWarn}))
	require.NoError(t, lognotify.New(quiet).Notify(t.Context(), inquiry.Effect{}))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, lognotify.New(slog.New(slog.NewJSONHandler(l, nil))).Notify(ctx, inquiry.Effect{}), context.Canceled)
	require.Empty(t, l.records(t))
}

func ExampleNew() {
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
	n := lognotify.New(logger)
	_ = n.Notify(context.Background(), inquiry.Effect{
		ID: inquiry.DeriveID("effect", "1"), Pool: "acme", Topic: inquiry.TellOffer, Owner: "mia", Seq: 12,
	})
	// Output:
	// level=INFO msg=notification topic=offer effect_id=2ebbb686-1424-8920-82a9-16c0885a3ea3 pool=acme seq=12 owner_id=mia
}
