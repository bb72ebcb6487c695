package icalendar

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/answerable-go/answerable/sla"
)

// ErrNotFetched says that a feed has no content yet: [Feed.Refresh] has not succeeded once.
var ErrNotFetched = errors.New("icalendar: the feed has not been fetched yet")

// ErrPrivateAddress says that a feed's host, or one that it redirects to, has an address that is not public.
var ErrPrivateAddress = errors.New("the address is not public; set AllowPrivate if it is meant to be reached")

// FeedConfig says how a feed is fetched and read. Its zero value is a good
// default.
type FeedConfig struct {
	Config
	// Client fetches the feed. Nil means a client without a proxy that follows
	// at most five redirects, none of them from https to http, and reaches
	// public addresses only: the address is checked when the connection is
	// made, so that the name cannot change in between. Your own client is used
	// without any of these checks.
	Client *http.Client
	// AllowPrivate lets the default client reach private, loopback and other
	// addresses that are not public.
	AllowPrivate bool
	// Timeout bounds one fetch, including its content; zero means 30 seconds.
	Timeout time.Duration
}

// Feed is an iCalendar file on the web. It fetches nothing by itself: call
// Refresh once before the first use, and then as often as is appropriate. Its
// methods are safe for concurrent use.
type Feed struct {
	url     string
	host    string
	config  FeedConfig
	client  *http.Client
	busy    chan struct{} // holds one element while a fetch is under way
	content atomic.Pointer[content]
}

// content is the result of the last successful fetch.
type content struct {
	calendar       *Calendar
	sum            [sha256.Size]byte // of the text
	etag, modified string
	at             time.Time
}

var _ sla.Holidays = (*Feed)(nil)

// NewFeed returns a feed with an http or https address. It fetches nothing. All
// problems are reported at once.
func NewFeed(address string, c FeedConfig) (*Feed, error) {
	var problems []error
	u, err := url.Parse(address)
	switch {
	case err != nil:
		// The error of url.Parse repeats the address, which may be a secret.
		problems = append(problems, errors.New("icalendar: the feed's address is no URL; write it like https://example.com/days.ics"))
	case u.Scheme == "webcal":
		problems = append(problems, errors.New("icalendar: the feed's scheme is webcal; write https in its place"))
	case u.Scheme != "https" && u.Scheme != "http" || u.Host == "":
		problems = append(problems, errors.New("icalendar: the feed's address must begin with https:// or http:// and a host"))
	}
	if c.Timeout < 0 {
		problems = append(problems, fmt.Errorf("icalendar: config: Timeout is %s; it must be above 0, or 0 for 30s", c.Timeout))
	}
	if c.Config, err = c.check(); err != nil {
		problems = append(problems, err)
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	if c.Timeout == 0 {
		c.Timeout = 30 * time.Second
	}
	f := &Feed{url: address, host: u.Host, config: c, client: c.Client, busy: make(chan struct{}, 1)}
	if f.client == nil {
		f.client = newClient(c.AllowPrivate)
	}
	return f, nil
}

// Holidays implements [sla.Holidays] with the content of the last successful
// Refresh, see [Calendar.Holidays]. Before the first one it returns
// ErrNotFetched: an empty answer would make every day a working day.
func (f *Feed) Holidays(from, until sla.Date) ([]sla.Exception, error) {
	c := f.content.Load()
	if c == nil {
		return nil, ErrNotFetched
	}
	return c.calendar.Holidays(from, until)
}

// Fetched returns when the content was last known to be up to date, by this
// machine's clock; zero if it never was.
func (f *Feed) Fetched() time.Time {
	if c := f.content.Load(); c != nil {
		return c.at
	}
	return time.Time{}
}

// Refresh fetches the feed, and reports whether its content has changed. If the
// server supports it (ETag, Last-Modified), unchanged content is not sent
// again.
//
// If it returns an error, of the network, the server or the content, the last
// good content stays in use. Errors name the host but not the whole address,
// which often contains a secret. Concurrent calls wait for each other.
func (f *Feed) Refresh(ctx context.Context) (changed bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, f.config.Timeout)
	defer cancel()
	select {
	case f.busy <- struct{}{}:
		defer func() { <-f.busy }()
	case <-ctx.Done():
		return false, f.failed(ctx.Err())
	}

	before := f.content.Load()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.url, nil)
	if err != nil {
		return false, f.failed(err)
	}
	req.Header.Set("Accept", "text/calendar, */*;q=0.1")
	if before != nil && before.etag != "" {
		req.Header.Set("If-None-Match", before.etag)
	}
	if before != nil && before.modified != "" {
		req.Header.Set("If-Modified-Since", before.modified)
	}
	resp, err := f.client.Do(req)
	if err != nil {
		return false, f.failed(err)
	}
	defer func() { _ = resp.Body.Close() }() // an error here does not affect what was read

	switch {
	case resp.StatusCode == http.StatusNotModified && before != nil:
		again := *before
		again.at = time.Now()
		f.content.Store(&again)
		return false, nil
	case resp.StatusCode != http.StatusOK:
		_, _ = io.CopyN(io.Discard, resp.Body, 4096) // so that the connection can be reused
		return false, f.failed(fmt.Errorf("the server answered %d %s", resp.StatusCode, http.StatusText(resp.StatusCode)))
	}
	hash := sha256.New()
	calendar, err := Read(io.TeeReader(resp.Body, hash), f.config.Config)
	if err != nil {
		return false, f.failed(err)
	}
	now := &content{
		calendar: calendar,
		etag:     short(resp.Header.Get("ETag")), modified: short(resp.Header.Get("Last-Modified")),
		at: time.Now(),
	}
	hash.Sum(now.sum[:0])
	f.content.Store(now)
	return before == nil || now.sum != before.sum, nil
}

// failed adds the host to an error and removes the address.
func (f *Feed) failed(err error) error {
	if address, ok := errors.AsType[*url.Error](err); ok {
		err = address.Err
	}
	return fmt.Errorf("icalendar: feed of %s: %w", f.host, err)
}

// short drops a header that is too long to be sent back.
func short(header string) string {
	if len(header) > 1024 {
		return ""
	}
	return header
}

// newClient returns the default client.
func newClient(allowPrivate bool) *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	if !allowPrivate {
		dialer.Control = refusePrivate
	}
	return &http.Client{
		Transport: &http.Transport{
			DialContext:            dialer.DialContext,
			TLSHandshakeTimeout:    10 * time.Second,
			ResponseHeaderTimeout:  20 * time.Second,
			IdleConnTimeout:        30 * time.Second,
			MaxIdleConns:           1,
			MaxResponseHeaderBytes: 64 << 10,
			ForceAttemptHTTP2:      true,
		},
		CheckRedirect: func(req *http.Request, via []*http.Request) error {
			last := via[len(via)-1].URL.Scheme
			switch {
			case len(via) > 5:
				return errors.New("it redirects more than five times")
			case req.URL.Scheme != "https" && req.URL.Scheme != "http":
				return fmt.Errorf("it redirects to the scheme %q; only https and http are followed", clip(req.URL.Scheme))
			case last == "https" && req.URL.Scheme == "http":
				return errors.New("it redirects from https to http")
			}
			return nil
		},
	}
}

// notPublic are networks that are not public and that netip has no method for.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"), // shared by providers
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"),
	// These contain an IPv4 address, which may be a private one.
	netip.MustParsePrefix("::/96"),
	netip.MustParsePrefix("64:ff9b::/96"),
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("2001::/32"),
	netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("fec0::/10"),
}

// refusePrivate is called with the address that a name was resolved to, right before the connection is made.
func refusePrivate(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("address %q: %w", address, err)
	}
	if !public(ap.Addr()) {
		return fmt.Errorf("%s: %w", ap.Addr(), ErrPrivateAddress)
	}
	return nil
}

// public reports whether an address belongs to the public internet.
func public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() { // loopback and link-local addresses are not global
		return false
	}
	for _, p := range notPublic {
		if p.Contains(a) {
			return false
		}
	}
	return true
}
