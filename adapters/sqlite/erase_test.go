package sqlite_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/seal"
	"github.com/answerable-go/answerable/adapters/sqlite"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/core"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/sla"
)

// shop is an Engine on a sealed SQLite file, with its keys in a directory.
type shop struct {
	t     *testing.T
	path  string // of the database
	keys  adapters.Keyring
	raw   *sqlite.Store
	store adapters.Store
	*dispatch.Engine
	stop func()

	mu   sync.Mutex
	sent []inquiry.Outbound
}

func newShop(t *testing.T, path string, keys adapters.Keyring) *shop {
	t.Helper()
	s := &shop{t: t, path: path, keys: keys}
	var err error
	s.raw, err = sqlite.Open(t.Context(), path, sqlite.Config{})
	require.NoError(t, err)
	s.store = s.raw
	if keys != nil {
		s.store, err = seal.New(s.raw, keys, seal.Config{})
		require.NoError(t, err)
	}
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	s.start(false)
	return s
}

// start makes another Engine and, if wanted, runs it.
func (s *shop) start(run bool) {
	s.t.Helper()
	e, err := dispatch.New(s.store, routing.Policy{
		Version: "v1", Sink: "head",
		Default: routing.Settings{
			Targets: []sla.Target{sla.Within(sla.Resolve, 8*time.Hour, "")}, Assignment: inquiry.Directly,
		},
		Accounts: []routing.Account{{Name: "@acme", SignOff: "^{initials}"}},
		Presence: routing.Presence{LapseAfter: -1},
	}, dispatch.Config{
		Node: "node", PseudonymKey: []byte("a key of the house"), NotifyAttempts: 1,
		Directory: adapters.Owners{{ID: "anna", Name: "Anna Berg", Capacity: 1000}, {ID: "head", Capacity: 100}},
		Sources:   []dispatch.Source{{Name: "api", Replier: s}},
	})
	require.NoError(s.t, err)
	s.Engine, s.stop = e, func() {}
	if !run {
		return
	}
	ctx, cancel := context.WithCancel(s.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	s.stop = sync.OnceFunc(func() {
		cancel()
		require.NoError(s.t, <-ended)
	})
	s.t.Cleanup(s.stop)
	<-e.Ready()
	require.NoError(s.t, e.Do(s.t.Context(), "", inquiry.SetPresence{Owner: "anna", Presence: inquiry.Online}))
}

func (s *shop) Reply(_ context.Context, out inquiry.Outbound) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = append(s.sent, out)
	return fmt.Sprint("post-", len(s.sent)), nil
}

func (s *shop) posted() []inquiry.Outbound {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]inquiry.Outbound(nil), s.sent...)
}

func (s *shop) Close() error {
	s.stop()
	return s.store.Close()
}

// settled waits until a reply has ended in a state.
func (s *shop) settled(reply inquiry.ID, kind inquiry.EventKind) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	for e, err := range s.Watch(ctx, 0) {
		require.NoError(s.t, err)
		if change, ok := e.Data.(inquiry.ReplyChange); ok && e.Kind == kind && change.Reply == reply {
			return
		}
	}
	s.t.Fatalf("reply %s has not become %s", reply, kind)
}

// canaries are words that stand nowhere else: one a personal field, and with
// what JSON escapes.
type canaries struct {
	who    string
	words  []string
	thread string
}

func (c *canaries) word(field string) string {
	w := "Kanarienvögel<" + c.who + "/" + field + ">" + inquiry.NewID().String()
	c.words = append(c.words, w)
	return w
}

func (c *canaries) author() inquiry.Author {
	return inquiry.Author{
		External: c.word("author"), Name: c.word("name"), Handle: c.word("handle"),
		Identities: []inquiry.Identity{{Channel: "mastodon", External: c.word("identity")}},
	}
}

func (c *canaries) message(a inquiry.Author) inquiry.Message {
	if c.thread == "" {
		c.thread = c.word("conversation")
	}
	return inquiry.Message{
		External: c.word("message"), Channel: "mail", Account: "@acme", Conversation: c.thread, InReplyTo: c.word("in-reply-to"),
		Author: a, Subject: c.word("subject"), Text: c.word("text"),
	}
}

// disguises are the ways in which a word may lie in a file.
func disguises(word []byte) [][]byte {
	list := [][]byte{word, []byte(hex.EncodeToString(word)), []byte(strings.ToUpper(hex.EncodeToString(word)))}
	for _, escaped := range []bool{true, false} {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(escaped)
		if e.Encode(string(word)) == nil {
			list = append(list, bytes.Trim(b.Bytes(), "\"\n"))
		}
	}
	for shift := range 3 { // as a part of something longer
		whole := base64.StdEncoding.EncodeToString(append(make([]byte, shift), word...))
		from := (shift*8 + 5) / 6
		list = append(list, []byte(whole[from:len(whole)-len(whole)%4-4]))
	}
	return list
}

// grep lists the words that are in files.
func grep(t *testing.T, words [][]byte, files ...string) (found []string) {
	t.Helper()
	for _, name := range files {
		data, err := os.ReadFile(name)
		if os.IsNotExist(err) {
			continue // no log beside a closed file
		}
		require.NoError(t, err)
		for _, w := range words {
			for _, d := range disguises(w) {
				if bytes.Contains(data, d) {
					found = append(found, fmt.Sprintf("%s: %q", filepath.Base(name), d))
				}
			}
		}
	}
	return found
}

func dbFiles(path string) []string { return []string{path, path + "-wal", path + "-shm"} }

// backup copies a database as it lies there.
func backup(t *testing.T, path, to string) string {
	t.Helper()
	require.NoError(t, os.Mkdir(to, 0o700))
	for _, name := range dbFiles(path) {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(to, filepath.Base(name)), data, 0o600))
	}
	return filepath.Join(to, filepath.Base(path))
}

// customer is somebody whose words are looked for.
type customer struct {
	canaries
	inquiry.Author
	inquiry inquiry.ID
	late    inquiry.ID // a reply that has not left
}

// served has a customer write, edit, be answered, and be about to be answered.
func (s *shop) served(who string) *customer {
	s.t.Helper()
	c := &customer{canaries: canaries{who: who}}
	c.Author = c.author()
	ctx := s.t.Context()
	first := c.message(c.Author)
	r, err := s.Submit(ctx, first)
	require.NoError(s.t, err)
	c.inquiry = r.Inquiry
	first.Revision, first.Text = 2, c.word("edit")
	_, err = s.Submit(ctx, first)
	require.NoError(s.t, err)
	reply, err := s.SendReply(ctx, "", inquiry.Reply{Inquiry: c.inquiry, Owner: "anna", Text: c.word("reply"), Seen: 1, Anyway: true})
	require.NoError(s.t, err)
	s.settled(reply, inquiry.ReplySent)
	_, err = s.SendReply(ctx, "", inquiry.Reply{Inquiry: c.inquiry, Owner: "anna", Text: c.word("draft"), Draft: true})
	require.NoError(s.t, err)
	return c
}

// waits puts more of it into the inbox, while nothing runs.
func (s *shop) waits(c *customer) {
	s.t.Helper()
	_, err := s.Submit(s.t.Context(), c.message(c.Author))
	require.True(s.t, inquiry.IsPending(err), "%v", err)
	c.late, err = s.SendReply(s.t.Context(), "", inquiry.Reply{Inquiry: c.inquiry, Owner: "anna", Text: c.word("late"), Seen: 1, Anyway: true})
	require.True(s.t, inquiry.IsPending(err), "%v", err)
}

// words are all of a customer's, and the salts of what the store has of them.
func (s *shop) words(c *customer) (list [][]byte) {
	for _, w := range c.canaries.words {
		list = append(list, []byte(w))
	}
	ms, err := s.Messages(s.t.Context(), c.inquiry)
	require.NoError(s.t, err)
	for _, m := range ms {
		require.NotEmpty(s.t, m.Salt)
		list = append(list, m.Salt)
	}
	return list
}

func (s *shop) texts(id inquiry.ID) (texts string, erased int) {
	ms, err := s.Messages(s.t.Context(), id)
	require.NoError(s.t, err)
	for _, m := range ms {
		if m.Erased() {
			erased++
		}
	}
	raw, err := json.Marshal(ms)
	require.NoError(s.t, err)
	found, err := s.Inquiry(s.t.Context(), id)
	require.NoError(s.t, err)
	more, err := json.Marshal(found)
	require.NoError(s.t, err)
	return string(raw) + string(more), erased
}

// replayed steps a new core through the journal: each event has to happen again.
func (s *shop) replayed() {
	s.t.Helper()
	var journal []inquiry.Event
	for e, err := range s.Journal(s.t.Context(), 0) {
		require.NoError(s.t, err)
		journal = append(journal, e)
	}
	c := core.New(s.Pool())
	for i := 0; i < len(journal); {
		var in *inquiry.Input
		if found, ok := journal[i].Input(); ok {
			in = &found
		}
		var b inquiry.Batch
		_, err := c.Step(journal[i].RecordedAt, in, &b)
		require.NoError(s.t, err)
		require.NotEmpty(s.t, b.Events, "event %d does not happen again", journal[i].Seq)
		for _, again := range b.Events {
			want, err := json.Marshal(journal[i])
			require.NoError(s.t, err)
			got, err := json.Marshal(again)
			require.NoError(s.t, err)
			require.Equal(s.t, string(want), string(got))
			i++
		}
		c.Seal(&b)
	}
	require.NotEmpty(s.t, journal)
}

func TestErase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, keyPath := filepath.Join(dir, "shop.db"), filepath.Join(dir, "keys")
	keys, err := seal.OpenDir(keyPath)
	require.NoError(t, err)
	s := newShop(t, path, keys)
	s.start(true)
	gone, stays := s.served("gone"), s.served("stays")
	s.stop()
	s.waits(gone)
	s.waits(stays)
	words, others := s.words(gone), s.words(stays)

	var copied string
	t.Run("H6 what is sealed lies nowhere readable, even before anybody is erased", func(t *testing.T) {
		require.Empty(t, grep(t, append(words, others...), dbFiles(path)...))
		text, erased := s.texts(gone.inquiry)
		require.Zero(t, erased)
		require.Contains(t, text, "gone/reply")
		copied = backup(t, path, filepath.Join(dir, "backup"))
	})
	var key []byte
	t.Run("H6 a person is erased by an identity each, once and again", func(t *testing.T) {
		persons := gone.Persons([]byte("a key of the house"), s.Pool(), "mail")
		key, err = keys.Known(t.Context(), s.Pool(), persons[0])
		require.NoError(t, err)
		for range 2 {
			require.NoError(t, s.Erase(t.Context(), "mail", gone.Author))
		}
		for _, p := range persons {
			_, err := keys.Known(t.Context(), s.Pool(), p)
			require.ErrorIs(t, err, adapters.ErrForgotten)
		}
	})
	t.Run("H6 nothing of them is readable, and others' texts are", func(t *testing.T) {
		text, erased := s.texts(gone.inquiry)
		require.Equal(t, 3, erased, "message, reply and draft")
		require.NotContains(t, text, "Kanarienv")
		found, err := s.Inquiry(t.Context(), gone.inquiry)
		require.NoError(t, err)
		require.True(t, found.Details.Erased())
		text, erased = s.texts(stays.inquiry)
		require.Zero(t, erased)
		for _, field := range []string{"edit", "reply", "draft", "subject", "name", "handle", "author", "identity", "in-reply-to", "conversation"} {
			require.Contains(t, text, "stays/"+field)
		}
	})
	t.Run("H6 nor is it in a backup from before, which has no key either", func(t *testing.T) {
		require.Empty(t, grep(t, append(words, key), dbFiles(copied)...))
		old := newShop(t, copied, keys)
		text, erased := old.texts(gone.inquiry)
		require.Equal(t, 3, erased)
		require.NotContains(t, text, "Kanarienv")
		text, _ = old.texts(stays.inquiry)
		require.Contains(t, text, "stays/reply")
		require.NoError(t, old.Close())
		require.Empty(t, grep(t, append(words, key), dbFiles(copied)...))
		require.NoError(t, filepath.WalkDir(keyPath, func(name string, f os.DirEntry, err error) error {
			if err == nil && !f.IsDir() {
				require.Empty(t, grep(t, [][]byte{key}, name))
			}
			return err
		}))
	})
	s.start(true)
	t.Run("H6 what still waited is decided without its text, and a reply that was erased fails and is not posted", func(t *testing.T) {
		s.settled(gone.late, inquiry.ReplyFailed)
		s.settled(stays.late, inquiry.ReplySent)
		var posted []string
		for _, out := range s.posted() {
			require.NotEmpty(t, strings.TrimSuffix(out.Text, "^AB"))
			require.NotEmpty(t, out.To.External)
			posted = append(posted, out.Text)
		}
		require.Len(t, posted, 3, "two from before, and the one that was not erased")
		found, err := s.Inquiry(t.Context(), gone.inquiry)
		require.NoError(t, err)
		require.Equal(t, 2, found.Inbound, "what waited led to the inquiry that it belongs to")
	})
	t.Run("H6 they write again and are served, and what was erased stays so", func(t *testing.T) {
		again := canaries{who: "again", thread: gone.thread}
		m := again.message(gone.Author)
		r, err := s.Submit(t.Context(), m)
		require.NoError(t, err)
		require.Equal(t, gone.inquiry, r.Inquiry)
		reply, err := s.SendReply(t.Context(), "", inquiry.Reply{Inquiry: r.Inquiry, Owner: "anna", Text: again.word("reply"), Seen: 3})
		require.NoError(t, err)
		s.settled(reply, inquiry.ReplySent)
		text, erased := s.texts(gone.inquiry)
		require.Equal(t, 5, erased, "message, reply and draft, and what waited")
		require.NotContains(t, text, "gone/text")
		require.Contains(t, text, "again/text")
		require.Contains(t, text, "again/reply")
		require.Empty(t, grep(t, [][]byte{[]byte(m.Text), []byte(m.External)}, dbFiles(path)...))
	})
	t.Run("H6 the chain verifies, every record is as it was written, and everything has its place", func(t *testing.T) {
		checked, damage, err := s.Check(t.Context())
		require.NoError(t, err)
		require.Empty(t, damage)
		require.NotZero(t, checked.Head)
		found, err := s.Sweep(t.Context())
		require.NoError(t, err)
		require.Empty(t, found)
	})
	t.Run("H6 replay reproduces every decision, byte for byte", func(t *testing.T) {
		s.stop()
		s.replayed()
	})
	t.Run("H6 nor is it there once the log is written back and the file closed", func(t *testing.T) {
		require.Empty(t, grep(t, append(words, key), dbFiles(path)...))
		require.NoError(t, s.Close())
		require.Empty(t, grep(t, append(words, key), dbFiles(path)...))
	})
	t.Run("H6 the search finds all of it where nothing is sealed", func(t *testing.T) {
		open := newShop(t, filepath.Join(dir, "open.db"), nil)
		open.start(true)
		c := open.served("open")
		open.stop()
		open.waits(c)
		require.ErrorContains(t, open.Erase(t.Context(), "mail", c.Author), "seal.New")
		for _, w := range open.words(c) {
			require.NotEmpty(t, grep(t, [][]byte{w}, dbFiles(open.path)...), "%q", w)
		}
	})
}
