package icalendar_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters/icalendar"
)

// feed returns a feed of a server on this machine.
func feed(t testing.TB, h http.HandlerFunc, c icalendar.FeedConfig) *icalendar.Feed {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	f, err := icalendar.NewFeed(server.URL+"/secret-token/days.ics", c)
	require.NoError(t, err)
	return f
}

var here = icalendar.FeedConfig{AllowPrivate: true}

// answering is a transport that reaches nobody.
type answering func(*http.Request) *http.Response

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) { return a(r), nil }

type closer func()

func (c closer) Close() error {
	c()
	return nil
}

func TestFeed(t *testing.T) {
	t.Parallel()
	t.Run("before the first fetch there is an error, and no empty answer", func(t *testing.T) {
		t.Parallel()
		f := feed(t, http.NotFound, here)
		_, err := f.Holidays(date(t, "2026-01-01"), date(t, "2026-12-31"))
		require.ErrorIs(t, err, icalendar.ErrNotFetched)
		require.Zero(t, f.Fetched())
	})
	t.Run("what has not changed is not sent again", func(t *testing.T) {
		t.Parallel()
		var version atomic.Int32
		var sent atomic.Int32
		version.Store(1)
		f := feed(t, func(w http.ResponseWriter, r *http.Request) {
			etag := fmt.Sprintf(`"%d"`, version.Load())
			w.Header().Set("ETag", etag)
			w.Header().Set("Last-Modified", "Mon, 01 Jun 2026 08:00:00 GMT")
			if r.Header.Get("If-None-Match") == etag {
				if r.Header.Get("If-Modified-Since") != "Mon, 01 Jun 2026 08:00:00 GMT" {
					w.WriteHeader(http.StatusTeapot)
					return
				}
				w.WriteHeader(http.StatusNotModified)
				return
			}
			sent.Add(1)
			_, _ = fmt.Fprint(w, file(fmt.Sprintf("DTSTART:2026050%d\nSUMMARY:v%d", version.Load(), version.Load())))
		}, here)
		changed, err := f.Refresh(t.Context())
		require.NoError(t, err)
		require.True(t, changed)
		first := f.Fetched()
		require.False(t, first.IsZero())
		changed, err = f.Refresh(t.Context())
		require.NoError(t, err)
		require.False(t, changed)
		require.True(t, f.Fetched().After(first))
		require.Equal(t, int32(1), sent.Load())
		require.Equal(t, []string{"2026-05-01 v1"}, list(t, f, "2026-01-01", "2026-12-31"))

		version.Store(2)
		changed, err = f.Refresh(t.Context())
		require.NoError(t, err)
		require.True(t, changed)
		require.Equal(t, []string{"2026-05-02 v2"}, list(t, f, "2026-01-01", "2026-12-31"))
	})
	t.Run("the same content sent again is no change", func(t *testing.T) {
		t.Parallel()
		text := file("DTSTART:20260501")
		f := feed(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, text) }, here)
		var changes []bool
		for i := range 3 {
			if i == 2 {
				text = file("DTSTART:20260502")
			}
			changed, err := f.Refresh(t.Context())
			require.NoError(t, err)
			changes = append(changes, changed)
		}
		require.Equal(t, []bool{true, false, true}, changes)
	})
	t.Run("after a failure the last good content stays, whatever failed", func(t *testing.T) {
		t.Parallel()
		var answer atomic.Value
		answer.Store(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, file("DTSTART:20260501")) }))
		c := here
		c.MaxBytes, c.Timeout = 1000, 300*time.Millisecond
		f := feed(t, func(w http.ResponseWriter, r *http.Request) { answer.Load().(http.HandlerFunc)(w, r) }, c)
		_, err := f.Refresh(t.Context())
		require.NoError(t, err)
		var asked atomic.Int64
		for problem, h := range map[string]http.HandlerFunc{
			"the server answered 500 Internal Server Error": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
			"the server answered 404 Not Found":             http.NotFound,
			"line 1: \"<html>\" begins with no name":        func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "<html>") },
			"more than 1000 bytes":                          func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, strings.Repeat("x", 5000)) },
			"unexpected EOF": func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "900")
				_, _ = fmt.Fprint(w, file("DTSTART:20260502"))
			},
			"context deadline exceeded": func(_ http.ResponseWriter, r *http.Request) {
				select {
				case <-r.Context().Done():
				case <-time.After(5 * time.Second):
				}
			},
			"redirects more than five times": func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				http.Redirect(w, r, "/again", http.StatusFound)
			},
			`redirects to the scheme "ftp"`: func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "ftp://example.com/", http.StatusFound)
			},
			"line 2: the event has 0 DTSTART": func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, file("SUMMARY:x")) },
		} {
			answer.Store(h)
			changed, err := f.Refresh(t.Context())
			require.ErrorContains(t, err, problem)
			require.ErrorContains(t, err, "feed of 127.0.0.1:")
			require.NotContains(t, err.Error(), "secret-token")
			require.False(t, changed)
			require.Equal(t, []string{"2026-05-01"}, list(t, f, "2026-01-01", "2026-12-31"), problem)
		}
		require.EqualValues(t, 6, asked.Load(), "once, and five times more")
	})
	t.Run("a private address is refused when the connection is made", func(t *testing.T) {
		t.Parallel()
		called := false
		f := feed(t, func(http.ResponseWriter, *http.Request) { called = true }, icalendar.FeedConfig{})
		_, err := f.Refresh(t.Context())
		require.ErrorIs(t, err, icalendar.ErrPrivateAddress)
		require.False(t, called)
		f, err = icalendar.NewFeed("http://localhost:1/", icalendar.FeedConfig{})
		require.NoError(t, err)
		_, err = f.Refresh(t.Context())
		require.ErrorIs(t, err, icalendar.ErrPrivateAddress)
	})
	t.Run("from https it does not go to http", func(t *testing.T) {
		t.Parallel()
		client := icalendar.NewClient(true)
		last, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://example.com/", nil)
		require.NoError(t, err)
		next, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://example.com/", nil)
		require.NoError(t, err)
		require.ErrorContains(t, client.CheckRedirect(next, []*http.Request{last}), "from https to http")
		require.NoError(t, client.CheckRedirect(last, []*http.Request{next}))
	})
	t.Run("a client of one's own does as it likes", func(t *testing.T) {
		t.Parallel()
		f := feed(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, file("DTSTART:20260501")) }, icalendar.FeedConfig{Client: http.DefaultClient})
		_, err := f.Refresh(t.Context())
		require.NoError(t, err)
	})
	t.Run("what is not read to its end is closed, and a tag that is too long is not sent back", func(t *testing.T) {
		t.Parallel()
		var asked []string
		text, closed := file("DTSTART:20260501"), 0
		client := &http.Client{Transport: answering(func(r *http.Request) *http.Response {
			asked = append(asked, r.Header.Get("If-None-Match"))
			body := struct {
				io.Reader
				closer
			}{strings.NewReader(text), func() { closed++ }}
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Etag": {strings.Repeat("e", 1025)}}, Body: body, Request: r}
		})}
		f, err := icalendar.NewFeed("https://example.com/days.ics", icalendar.FeedConfig{Client: client, Config: icalendar.Config{MaxBytes: 1000}})
		require.NoError(t, err)
		_, err = f.Refresh(t.Context())
		require.NoError(t, err)
		text = strings.Repeat(text, 1000)
		_, err = f.Refresh(t.Context())
		require.ErrorContains(t, err, "the file has more than 1000 bytes")
		require.Equal(t, []string{"", ""}, asked)
		require.Equal(t, 2, closed)
	})
	t.Run("it may be used from everywhere at once", func(t *testing.T) {
		t.Parallel()
		f := feed(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, file("DTSTART:20260501")) }, here)
		_, err := f.Refresh(t.Context())
		require.NoError(t, err)
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				_, err := f.Refresh(context.Background())
				if _, err2 := f.Holidays(date(t, "2026-01-01"), date(t, "2026-12-31")); err != nil || err2 != nil {
					t.Error(err, err2)
				}
			})
		}
		group.Wait()
	})
	t.Run("a caller who waits for another's fetch may leave", func(t *testing.T) {
		t.Parallel()
		entered, leave := make(chan struct{}), make(chan struct{})
		f := feed(t, func(w http.ResponseWriter, _ *http.Request) {
			close(entered)
			<-leave
			_, _ = fmt.Fprint(w, file("DTSTART:20260501"))
		}, here)
		done := make(chan error)
		go func() {
			_, err := f.Refresh(context.Background())
			done <- err
		}()
		<-entered
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := f.Refresh(ctx)
		require.ErrorIs(t, err, context.Canceled)
		close(leave)
		require.NoError(t, <-done)
	})
}

func TestNewFeed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ address, problem string }{
		{"file:///etc/passwd", "must begin with https:// or http://"},
		{"https://", "and a host"},
		{"webcal://example.com/secret.ics", "the feed's scheme is webcal; write https in its place"},
		{"http://exa mple.com/secret", "is no URL"},
		{"", "must begin with"},
	} {
		f, err := icalendar.NewFeed(tt.address, icalendar.FeedConfig{})
		require.Nil(t, f)
		require.ErrorContains(t, err, tt.problem)
		require.NotContains(t, err.Error(), "secret")
	}
	_, err := icalendar.NewFeed("ftp://x", icalendar.FeedConfig{Timeout: -1, Config: icalendar.Config{MaxEvents: -1}})
	require.Len(t, strings.Split(err.Error(), "\n"), 3)
}

func TestPublicAddresses(t *testing.T) {
	t.Parallel()
	for _, a := range []string{
		"127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "0.1.2.3", "224.0.0.1", "255.255.255.255",
		"198.18.0.1", "240.0.0.1", "::", "::1", "fe80::1", "fe80::1%eth0", "fd00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
		"2002:7f00:1::", "2001:0:1::1", "2001:db8::1", "fec0::1", "::7f00:1", "::ffff:100.64.0.1", "64:ff9b:1::a00:1",
	} {
		require.False(t, icalendar.Public(netip.MustParseAddr(a)), a)
	}
	for _, a := range []string{"8.8.8.8", "93.184.215.14", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8"} {
		require.True(t, icalendar.Public(netip.MustParseAddr(a)), a)
	}
	require.False(t, icalendar.Public(netip.Addr{}))
}
