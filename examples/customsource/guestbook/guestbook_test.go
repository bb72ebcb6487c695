package guestbook_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/adaptertest"
	"github.com/answerable-go/answerable/examples/customsource/guestbook"
	"github.com/answerable-go/answerable/inquiry"
)

func TestSource(t *testing.T) {
	books := map[adapters.Source]*book{}
	adaptertest.TestSource(t, adaptertest.SourceHarness{
		New: func(t *testing.T, messages []inquiry.Message) adapters.Source {
			b := &book{messages: messages}
			s := guestbook.Source{URL: b.serve(t), Every: 10 * time.Millisecond}
			books[s] = b
			return s
		},
		Add: func(_ *testing.T, s adapters.Source, m inquiry.Message) { books[s].write(m) },
	})
}

// book is the platform.
type book struct {
	mu       sync.Mutex
	messages []inquiry.Message
}

func (b *book) write(m inquiry.Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.messages = append(b.messages, m)
}

// serve lists the posts behind an id.
func (b *book) serve(t *testing.T) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		after, _ := strconv.Atoi(r.URL.Query().Get("after"))
		posts := []map[string]any{}
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, m := range b.messages {
			if id, _ := strconv.Atoi(m.External); id > after {
				posts = append(posts, map[string]any{"id": m.External, "who": m.Author.External, "text": m.Text, "at": m.At})
			}
		}
		_ = json.NewEncoder(w).Encode(posts)
	}))
	t.Cleanup(s.Close)
	return s.URL
}
