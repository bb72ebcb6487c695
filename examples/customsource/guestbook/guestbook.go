// Package guestbook is a source adapter written from nothing: a platform that
// lists its posts as JSON at an address.
package guestbook

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// Source asks URL?after=ID, at intervals, for posts behind the last one.
type Source struct {
	URL   string
	Every time.Duration
}

var _ adapters.Source = Source{}

type post struct {
	ID   string    `json:"id"`
	Who  string    `json:"who"`
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

// Receive hands over post after post. The id of a post is the cursor behind it.
func (s Source) Receive(ctx context.Context, after string, deliver adapters.Deliver) error {
	for {
		posts, err := s.behind(ctx, after)
		if err != nil {
			return err
		}
		for _, p := range posts {
			m := inquiry.Message{
				External: p.ID, Channel: "guestbook", Text: p.Text, At: p.At,
				Author: inquiry.Author{External: p.Who, Name: p.Who},
			}
			if err := deliver(ctx, m, p.ID); err != nil {
				return err // not accepted: it will be asked for again
			}
			after = p.ID
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(s.Every):
		}
	}
}

func (s Source) behind(ctx context.Context, after string) (posts []post, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"?after="+url.QueryEscape(after), nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close() //nolint:errcheck // it was only read from
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("guestbook: %s: %s", s.URL, resp.Status)
	}
	return posts, json.NewDecoder(http.MaxBytesReader(nil, resp.Body, 1<<20)).Decode(&posts)
}
