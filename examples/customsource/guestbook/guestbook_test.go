package guestbook_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/adaptertest"
	"github.com/answerable-go/answerable/examples/customsource/guestbook"
	"github.com/answerable-go/answerable/inquiry"
)

func TestSource(t *testing.T) {
	adaptertest.TestSource(t, adaptertest.SourceHarness{
		New: func(t *testing.T, messages []inquiry.Message) adapters.Source {
			return guestbook.Source{URL: serve(t, messages), Every: 10 * time.Millisecond}
		},
	})
}

// serve is the platform: it lists the posts behind an id.
func serve(t *testing.T, messages []inquiry.Message) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		after, _ := strconv.Atoi(r.URL.Query().Get("after"))
		posts := []map[string]any{}
		for _, m := range messages {
			if id, _ := strconv.Atoi(m.External); id > after {
				posts = append(posts, map[string]any{"id": m.External, "who": m.Author.External, "text": m.Text, "at": m.At})
			}
		}
		_ = json.NewEncoder(w).Encode(posts)
	}))
	t.Cleanup(s.Close)
	return s.URL
}
