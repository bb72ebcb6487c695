package jsonl_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/adaptertest"
	"github.com/answerable-go/answerable/adapters/jsonl"
	"github.com/answerable-go/answerable/inquiry"
)

var nine = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// source replays lines.
func source(cfg jsonl.Config, lines ...string) *jsonl.Source {
	return jsonl.NewFS(fstest.MapFS{"in.jsonl": {Data: []byte(strings.Join(lines, "\n"))}}, "in.jsonl", cfg)
}

// received is what a source hands over behind a cursor.
type received struct {
	messages []inquiry.Message
	cursors  []string
}

func (r received) ids() []string {
	ids := []string{}
	for _, m := range r.messages {
		ids = append(ids, m.External)
	}
	return ids
}

func receive(t *testing.T, s *jsonl.Source, after string) (r received, err error) {
	t.Helper()
	err = s.Receive(t.Context(), after, func(_ context.Context, m inquiry.Message, cursor string) error {
		r.messages, r.cursors = append(r.messages, m), append(r.cursors, cursor)
		return nil
	})
	return r, err
}

func all(t *testing.T, s *jsonl.Source) received {
	t.Helper()
	r, err := receive(t, s, "")
	require.NoError(t, err)
	return r
}

func TestSourceKeepsTheContract(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]jsonl.Config{"in the file's order": {}, "sorted": {Sort: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			replies := map[adapters.Source]*bytes.Buffer{}
			open := func(path string) adapters.Source {
				var posted bytes.Buffer
				cfg := cfg
				cfg.Replies = &posted
				s := jsonl.New(path, cfg)
				replies[s] = &posted
				return s
			}
			paths := map[adapters.Source]string{}
			adaptertest.TestSource(t, adaptertest.SourceHarness{
				New: func(t *testing.T, messages []inquiry.Message) adapters.Source {
					path := filepath.Join(t.TempDir(), "in.jsonl")
					var lines bytes.Buffer
					for _, m := range messages {
						require.NoError(t, json.NewEncoder(&lines).Encode(m))
					}
					require.NoError(t, os.WriteFile(path, lines.Bytes(), 0o600))
					s := open(path)
					paths[s] = path
					return s
				},
				Restart: func(_ *testing.T, s adapters.Source) adapters.Source {
					again := open(paths[s])
					paths[again] = paths[s]
					return again
				},
				Add: func(t *testing.T, s adapters.Source, m inquiry.Message) {
					file, err := os.OpenFile(paths[s], os.O_APPEND|os.O_WRONLY, 0)
					require.NoError(t, err)
					require.NoError(t, json.NewEncoder(file).Encode(m))
					require.NoError(t, file.Close())
				},
				Posted: func(_ *testing.T, s adapters.Source) []string {
					var texts []string
					for line := range strings.Lines(replies[s].String()) {
						var out inquiry.Outbound
						require.NoError(t, json.Unmarshal([]byte(line), &out))
						texts = append(texts, out.Text)
					}
					return texts
				},
			})
		})
	}
}

func TestMessageRows(t *testing.T) {
	t.Parallel()
	tests := []struct {
		behaviour, line string
		want            inquiry.Message
	}{
		{
			"every field",
			`{"id":"m1","revision":2,"direction":"inbound","channel":"email","account":"help","conversation":"c1","in_reply_to":"m0",` +
				`"author":{"id":"zoe","name":"Zoë","handle":"@zoe","reach":12,"audiences":["customer"],"identities":[{"channel":"x","id":"z"}],"reply_channel":"phone"},` +
				`"subject":"Order","text":"Where?","language":"en","at":"2026-03-02T09:00:00Z"}`,
			inquiry.Message{
				External: "m1", Revision: 2, Direction: inquiry.FromCustomer, Channel: "email", Account: "help", Conversation: "c1", InReplyTo: "m0",
				Author: inquiry.Author{
					External: "zoe", Name: "Zoë", Handle: "@zoe", Reach: 12, Audiences: []inquiry.Audience{inquiry.Customer},
					Identities: []inquiry.Identity{{Channel: "x", External: "z"}}, ReplyChannel: "phone",
				},
				Subject: "Order", Text: "Where?", Language: "en", At: nine,
			},
		},
		{
			"other names, author and ids as they come",
			`{"id":17,"platform":"x","brand":"acme","author":0,"text":"Hi","created_at":"2026-03-02T10:00:00.5+01:00","conversation":9,"in_reply_to":-1}`,
			inquiry.Message{
				External: "17", Channel: "x", Account: "acme", Conversation: "9", InReplyTo: "-1",
				Author: inquiry.Author{External: "0"}, Text: "Hi", At: nine.Add(time.Second / 2),
			},
		},
		{
			"defaults of the configuration, and a time without a zone",
			`{"id":"m","text":"Hi","at":"2026-03-02T09:00:00","labels":{"a":1},"foo":[]}`,
			inquiry.Message{External: "m", Channel: "chat", Account: "us", Text: "Hi", At: nine},
		},
		{
			"no time: the line's place from the start",
			`{"id":"m","subject":"Hi","author":null,"turns":null}`,
			inquiry.Message{External: "m", Channel: "chat", Account: "us", Subject: "Hi", At: nine.Add(-time.Hour)},
		},
		{
			"entities", `{"id":"m","text":"A &amp; B &lt;3","subject":"&quot;","author":{"id":"a","name":"O&#39;Hara"}}`,
			inquiry.Message{
				External: "m", Channel: "chat", Account: "us", Text: "A & B <3", Subject: `"`,
				Author: inquiry.Author{External: "a", Name: "O'Hara"}, At: nine.Add(-time.Hour),
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.behaviour, func(t *testing.T) {
			t.Parallel()
			s := source(jsonl.Config{Channel: "chat", Account: "us", Start: nine.Add(-time.Hour).In(time.FixedZone("", 3600)), UnescapeHTML: true}, tt.line)
			r := all(t, s)
			require.Equal(t, []inquiry.Message{tt.want}, r.messages)
			require.Equal(t, []string{"1:1"}, r.cursors)
		})
	}
	plain := all(t, source(jsonl.Config{Channel: "chat", Start: nine}, `{"id":"m","text":"A &amp; B"}`))
	require.Equal(t, "A &amp; B", plain.messages[0].Text, "entities stay unless asked")
}

const conversation = `{"id":"c1","platform":"chat","brand":"acme","created_at":"2026-03-02T09:00:00Z","text":"Hello?","language":"en","turns":[` +
	`{"id":"t2","direction":"outbound","author":"mia","created_at":"2026-03-02T09:01:00Z","text":"Yes?"},` +
	`{"direction":"outbound","text":"Hi"},` +
	`{"direction":"inbound","author":"zoe","text":"Where?","created_at":"2026-03-02T09:05:00Z","in_reply_to":"t2","language":"de"},` +
	`{"text":"?"}],"labels":{}}`

func TestConversationRows(t *testing.T) {
	t.Parallel()
	turn := func(id, author, text string, minute int, outbound bool) inquiry.Message {
		m := inquiry.Message{
			External: id, Direction: inquiry.FromCustomer, Channel: "chat", Account: "acme", Conversation: "c1",
			Author: inquiry.Author{External: author}, Text: text, Language: "en", At: nine.Add(time.Duration(minute) * time.Minute),
		}
		if outbound {
			m.Direction = inquiry.FromUs
		}
		return m
	}
	want := []inquiry.Message{
		turn("c1/1", "c1#customer", "Hello?", 0, false),
		turn("t2", "mia", "Yes?", 1, true),
		turn("c1/3", "acme", "Hi", 2, true),
		turn("c1/4", "zoe", "Where?", 5, false),
		turn("c1/5", "c1#customer", "?", 6, false),
	}
	want[3].InReplyTo, want[3].Language = "t2", "de"

	both := all(t, source(jsonl.Config{Outbound: true}, conversation))
	require.Equal(t, want, both.messages)
	require.Equal(t, []string{"1:1", "1:2", "1:3", "1:4", "1:5"}, both.cursors)

	inbound := all(t, source(jsonl.Config{}, conversation))
	require.Equal(t, []inquiry.Message{want[0], want[3], want[4]}, inbound.messages)
	require.Equal(t, []string{"1:1", "1:4", "1:5"}, inbound.cursors)
}

func TestConversationRowsWithoutTimesOrBrand(t *testing.T) {
	t.Parallel()
	s := source(
		jsonl.Config{Channel: "chat", Start: nine, Spacing: time.Second, Outbound: true}, "",
		`{"id":"c","author":{"id":"zoe"},"turns":[{"text":"a"},{"direction":"outbound","text":"b"}]}`, `{"id":"d","turns":[]}`,
	)
	r := all(t, s)
	require.Equal(t, []string{"c/1", "c/2"}, r.ids())
	require.Equal(t, "zoe", r.messages[0].Author.External)
	require.Equal(t, "c#us", r.messages[1].Author.External)
	require.Equal(t, nine.Add(time.Second), r.messages[0].At, "the second line")
	require.Equal(t, nine.Add(2*time.Second), r.messages[1].At)
}

func TestOutboundMessageRowsAreLeftOut(t *testing.T) {
	t.Parallel()
	line := `{"id":"m","channel":"chat","direction":"outbound","text":"x","at":"2026-03-02T09:00:00Z"}`
	require.Empty(t, all(t, source(jsonl.Config{}, line)).messages)
	require.Len(t, all(t, source(jsonl.Config{Outbound: true}, line)).messages, 1)
}

func message(id string, minute int) string {
	return fmt.Sprintf(`{"id":%q,"channel":"chat","text":"x","at":%q}`, id, nine.Add(time.Duration(minute)*time.Minute).Format(time.RFC3339))
}

func TestFileFormsAreTolerated(t *testing.T) {
	t.Parallel()
	want := []string{"a", "b"}
	a, b := message("a", 0), message("b", 1)
	for name, text := range map[string]string{
		"a final newline":      a + "\n" + b + "\n",
		"no final newline":     a + "\n" + b,
		"blank lines":          "\n\n" + a + "\n  \t\n\n" + b + "\n\n",
		"CR LF":                a + "\r\n" + b + "\r\n",
		"a byte order mark":    "\ufeff" + a + "\n" + b,
		"space around objects": "  " + a + "  \n\t" + b + " ",
	} {
		require.Equal(t, want, all(t, source(jsonl.Config{}, text)).ids(), name)

		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		_, _ = w.Write([]byte(text))
		require.NoError(t, w.Close())
		s := jsonl.NewFS(fstest.MapFS{"in.jsonl.GZ": {Data: packed.Bytes()}}, "in.jsonl.GZ", jsonl.Config{})
		require.Equal(t, want, all(t, s).ids(), "%s, packed", name)
	}
	require.Empty(t, all(t, source(jsonl.Config{})).messages, "an empty file")
	require.Empty(t, all(t, jsonl.NewFS(fstest.MapFS{"e.gz": {}}, "e.gz", jsonl.Config{})).messages, "an empty packed file")
}

func TestBadLinesAreNamed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ line, want string }{
		{`{"id":"a"`, `in.jsonl:2:9: the object does not end`},
		{"{\"id\":\"a\" \t ", `in.jsonl:2:9: the object does not end`},
		{"\xef\xbb\xbf" + `{"id":"a"}`, `in.jsonl:2:1: it is not JSON`}, // a byte order mark is that of the file
		{`{"id":"a",}`, `in.jsonl:2:11: it is not JSON`},
		{`{"id":"a"} {`, `in.jsonl:2:11: something follows the object`},
		{`[1]`, `it is an array: want an object for each line`},
		{`"a"`, `it is a string: want an object for each line`},
		{"{\"id\":\"\xff\"}", `it is not UTF-8`},
		{`null`, `field id: it is missing`},
		{`{"text":"x"}`, `in.jsonl:2: field id: it is missing`},
		{`{"id":"","text":"x"}`, `field id: it is missing`},
		{`{"id":{},"text":"x"}`, `field id: want a string or a number`},
		{`{"id":"a","text":"x"}`, `field channel: it is missing: name a channel or platform in the row, or set Config.Channel`},
		{`{"id":"a","channel":"c","text":"x"}`, `field at: it is missing, as is created_at: give the row a time, or set Config.Start`},
		{`{"id":"a","channel":"c","at":"2026-03-02T09:00:00Z"}`, `field text: it is missing`},
		{`{"id":"a","channel":"c","text":"x","created_at":"yesterday"}`, `field created_at: "yesterday" is no time: want RFC 3339`},
		{`{"id":"a","channel":"c","text":"x","at":"0001-01-01T00:00:00Z"}`, `field at: `},
		{`{"id":"a","channel":"c","text":"x","at":"9999-12-31T23:59:59-05:00"}`, `field at: "9999-12-31T23:59:59-05:00" is no time: want a year from 1 to 9999`},
		{`{"id":"a","channel":"c","text":"x","at":"0001-01-01T00:00:00+05:00"}`, `field at: `},
		{`{"id":"a","channel":"c","turns":[{"text":"x","at":"9999-12-31T23:59:30Z"},{"text":"y"}]}`, `field turns[1].at: it is missing, and`},
		{`{"id":"a","channel":"c","text":5,"at":"2026-03-02T09:00:00Z"}`, `field text: it is a number: want a string`},
		{`{"id":"a","channel":5}`, `field channel: it is a number: want a string`},
		{`{"id":"a","revision":"x"}`, `field revision: it is a string: want a whole number`},
		{`{"id":"a","revision":-1,"channel":"c","text":"x","at":"2026-03-02T09:00:00Z"}`, `field revision: it is -1: want 0 or more`},
		{`{"id":"a","direction":"up","channel":"c","text":"x","at":"2026-03-02T09:00:00Z"}`, `field direction: it is "up": want "inbound" or "outbound"`},
		{`{"id":"a","in_reply_to":{},"channel":"c","text":"x","at":"2026-03-02T09:00:00Z"}`, `field in_reply_to: want a string or a number`},
		{`{"id":"a","author":[],"channel":"c","text":"x","at":"2026-03-02T09:00:00Z"}`, `field author: want a string or a number`},
		{`{"id":"a","author":{"reach":"x"},"channel":"c","text":"x","at":"2026-03-02T09:00:00Z"}`, `field author.reach: it is a string`},
		{`{"id":"a","turns":{}}`, `field turns: it is an object: want a list of turns`},
		{`{"id":"a","turns":[{"text":5}]}`, `: it is a number: want a string`},
		{`{"id":"a","channel":"c","turns":[{"text":"x"}]}`, `field turns[0].at: it is missing`},
		{`{"id":"a","channel":"c","text":"x","turns":[]}`, `in.jsonl:2: field at: it is missing`},
		{`{"id":"a","channel":"c","text":"x","created_at":"2026-03-02T09:00:00Z","turns":[{"text":"x"},{"at":"?"}]}`, `field turns[1].at: "?" is no time`},
		{`{"id":"a","channel":"c","created_at":"2026-03-02T09:00:00Z","turns":[{"direction":"?"}]}`, `field turns[0].direction: `},
		{`{"id":"a","channel":"c","created_at":"2026-03-02T09:00:00Z","turns":[{"id":[]}]}`, `field turns[0].id: `},
		{`{"id":"a","text":"` + strings.Repeat("x", 400) + `"}`, `the line is too long: more than 300 bytes: raise Config.MaxLine`},
	} {
		r, err := receive(t, source(jsonl.Config{MaxLine: 300}, message("a", 0), tt.line, message("b", 1)), "")
		require.ErrorContains(t, err, tt.want, tt.line)
		require.ErrorContains(t, err, "jsonl: in.jsonl:2", tt.line)
		require.Equal(t, []string{"a"}, r.ids(), "what stands before is handed over")

		var told []*jsonl.LineError
		cfg := jsonl.Config{MaxLine: 300, SkipBad: true, OnBad: func(e *jsonl.LineError) { told = append(told, e) }}
		require.Equal(t, []string{"a", "b"}, all(t, source(cfg, message("a", 0), tt.line, message("b", 1))).ids(), tt.line)
		require.Len(t, told, 1, tt.line)
		require.Equal(t, err.Error(), told[0].Error())

		n, err := source(cfg, message("a", 0), tt.line, message("b", 1)).Count(t.Context())
		require.NoError(t, err)
		require.Equal(t, 2, n)
		require.Len(t, told, 1, "Count does not tell")
	}
}

func TestLongestLine(t *testing.T) {
	t.Parallel()
	for _, line := range []string{message("a", 0), message("a", 0) + "\r\n"} {
		require.Len(t, all(t, source(jsonl.Config{MaxLine: len(message("a", 0))}, line)).messages, 1)
		_, err := receive(t, source(jsonl.Config{MaxLine: len(message("a", 0)) - 1}, line), "")
		require.ErrorContains(t, err, "the line is too long")
	}
	long := strings.Repeat("a line that no reader's buffer holds. ", 10_000)
	got := all(t, source(jsonl.Config{}, message("a", 0), strings.Replace(message("b", 1), `"x"`, `"`+long+`"`, 1), message("c", 2)))
	require.Equal(t, []string{"a", "b", "c"}, got.ids())
	require.Equal(t, long, got.messages[1].Text)
}

func TestAFileThatCannotBeReadOn(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is gone")
	s := jsonl.NewFS(failing{message("a", 0) + "\n" + message("b", 1) + "\n{", broken}, "in.jsonl", jsonl.Config{})
	r, err := receive(t, s, "")
	require.ErrorIs(t, err, broken)
	require.ErrorContains(t, err, "jsonl: in.jsonl:3: ")
	require.Equal(t, []string{"a", "b"}, r.ids())
}

// failing is a file that fails behind a text.
type failing struct {
	text string
	err  error
}

func (f failing) Open(name string) (fs.File, error) {
	file, err := fstest.MapFS{name: {}}.Open(name)
	return readAs{file, io.MultiReader(strings.NewReader(f.text), iotest.ErrReader(f.err))}, err
}

type readAs struct {
	fs.File
	r io.Reader
}

func (f readAs) Read(p []byte) (int, error) { return f.r.Read(p) }

func TestStrictKnowsEveryField(t *testing.T) {
	t.Parallel()
	good := strings.Replace(message("a", 0), "{", `{"labels":{"x":1},"pool":"p",`, 1)
	require.Len(t, all(t, source(jsonl.Config{Strict: true}, good)).messages, 1)
	_, err := receive(t, source(jsonl.Config{Strict: true}, strings.Replace(good, "{", `{"chanel":"x",`, 1)), "")
	require.ErrorContains(t, err, "field chanel: it is not known")

	author := strings.Replace(good, "{", `{"author":{"id":"zoe","handle":"@zoe","nickname":"Zoë"},`, 1)
	_, err = receive(t, source(jsonl.Config{Strict: true}, author), "")
	require.ErrorContains(t, err, "field author.nickname: it is not known")
	require.Len(t, all(t, source(jsonl.Config{}, author)).messages, 1)
}

func TestCursorsResume(t *testing.T) {
	t.Parallel()
	lines := []string{message("a", 9), conversation, "", `{"id":"bad"}`, strings.Repeat("long", 200), message("b", 1)}
	for _, sorted := range []bool{false, true} {
		for _, outbound := range []bool{false, true} {
			var bad int
			cfg := jsonl.Config{Sort: sorted, Outbound: outbound, MaxLine: len(conversation), SkipBad: true, OnBad: func(*jsonl.LineError) { bad++ }}
			s := source(cfg, lines...)
			whole := all(t, s)
			for i, cursor := range whole.cursors {
				rest, err := receive(t, s, cursor)
				require.NoError(t, err)
				require.Equal(t, whole.ids()[i+1:], rest.ids(), "behind %s", cursor)
				require.Equal(t, whole.cursors[i+1:], append([]string{}, rest.cursors...))
			}
			bad = 0
			_, err := receive(t, s, whole.cursors[len(whole.cursors)-1])
			require.NoError(t, err)
			if !sorted {
				require.Zero(t, bad, "a bad line before the cursor was told already")
			}
		}
	}
}

func TestForeignCursorsAreRefused(t *testing.T) {
	t.Parallel()
	for _, cursor := range []string{"17", "x", "1:", ":1", "0:1", "1:0", "-1:2", "1:2:3", " "} {
		_, err := receive(t, source(jsonl.Config{}, message("a", 0)), cursor)
		require.ErrorContains(t, err, fmt.Sprintf("%q is no cursor: want line and turn", cursor))
	}
	for _, cursor := range []string{"1:1", "x", "0", "-1"} {
		_, err := receive(t, source(jsonl.Config{Sort: true}, message("a", 0)), cursor)
		require.ErrorContains(t, err, fmt.Sprintf("%q is no cursor of a sorted file", cursor))
	}
	_, err := receive(t, source(jsonl.Config{Sort: true}, message("a", 0)), "2")
	require.ErrorContains(t, err, "there are 1 messages: is it the same file?")
}

func TestSortIsByTimeThenPlace(t *testing.T) {
	t.Parallel()
	lines := []string{message("late", 9), message("x", 3), message("early", -5), message("y", 3), conversation}
	r := all(t, source(jsonl.Config{Sort: true}, lines...))
	require.Equal(t, []string{"early", "c1/1", "x", "y", "c1/4", "c1/5", "late"}, r.ids())
	require.Equal(t, []string{"1", "2", "3", "4", "5", "6", "7"}, r.cursors)

	_, err := receive(t, source(jsonl.Config{Sort: true, MaxRows: 6}, lines...), "")
	require.ErrorContains(t, err, "more than 6 messages to sort: raise Config.MaxRows")
	require.Len(t, all(t, source(jsonl.Config{Sort: true, MaxRows: 7}, lines...)).messages, 7)
}

func TestPaceComesBeforeEachMessage(t *testing.T) {
	t.Parallel()
	var log []string
	errStop := errors.New("stop")
	cfg := jsonl.Config{Pace: func(_ context.Context, at time.Time) error {
		if at.Equal(nine.Add(2 * time.Minute)) {
			return errStop
		}
		log = append(log, at.Format("15:04"))
		return nil
	}}
	s := source(cfg, message("a", 0), message("b", 1), message("c", 2), message("d", 3))
	err := s.Receive(t.Context(), "1:1", func(_ context.Context, m inquiry.Message, _ string) error {
		log = append(log, m.External)
		return nil
	})
	require.ErrorIs(t, err, errStop)
	require.Equal(t, []string{"09:01", "b"}, log, "what lies before the cursor is not waited for")
}

func TestProgressReachesTheEnd(t *testing.T) {
	t.Parallel()
	lines := []string{message("a", 3), "", conversation, message("b", 1), ""}
	for _, cfg := range []jsonl.Config{{}, {Sort: true}} {
		var done []int64
		var total int64
		cfg.Progress = func(d, n int64) { done, total = append(done, d), n }
		s := source(cfg, lines...)
		r := all(t, s)
		require.EqualValues(t, len(strings.Join(lines, "\n")), total)
		require.IsNonDecreasing(t, done)
		require.Equal(t, total, done[len(done)-1])

		n, err := s.Count(t.Context())
		require.NoError(t, err)
		require.Equal(t, len(r.messages), n)
	}

	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write([]byte(strings.Join(lines, "\n")))
	require.NoError(t, w.Close())
	for mode, size := range map[fs.FileMode]int{0: packed.Len(), fs.ModeNamedPipe: 0} {
		var done, total int64
		cfg := jsonl.Config{Progress: func(d, n int64) { done, total = d, n }}
		all(t, jsonl.NewFS(fstest.MapFS{"in.gz": {Data: packed.Bytes(), Mode: mode}}, "in.gz", cfg))
		require.EqualValues(t, packed.Len(), done, "of the file as it lies")
		require.EqualValues(t, size, total, "0 where it is not known")
	}
}

func TestProgressComesBehindALinesMessages(t *testing.T) {
	t.Parallel()
	const (
		backwards = `{"id":"b","channel":"c","turns":[{"text":"2","at":"2026-03-02T09:07:00Z"},{"text":"1","at":"2026-03-02T09:06:00Z"}]}`
		atOnce    = `{"id":"e","channel":"c","turns":[{"text":"1","at":"2026-03-02T09:08:00Z"},{"text":"2","at":"2026-03-02T09:08:00Z"}]}`
	)
	for _, cfg := range []jsonl.Config{{}, {Sort: true}} {
		var n int
		at := map[int]bool{}
		cfg.Progress = func(int64, int64) { at[n] = true }
		err := source(cfg, conversation, backwards, atOnce, message("z", 9)).Receive(t.Context(), "", func(context.Context, inquiry.Message, string) error {
			n++
			return nil
		})
		require.NoError(t, err)
		require.Equal(t, map[int]bool{3: true, 5: true, 7: true, 8: true}, at)
	}
}

func TestUnreadableFiles(t *testing.T) {
	t.Parallel()
	_, err := receive(t, jsonl.New(filepath.Join(t.TempDir(), "none.jsonl"), jsonl.Config{}), "")
	require.ErrorIs(t, err, os.ErrNotExist)

	_, err = receive(t, jsonl.NewFS(fstest.MapFS{"x.gz": {Data: []byte(message("a", 0))}}, "x.gz", jsonl.Config{}), "")
	require.ErrorContains(t, err, "is it a gzip file?")

	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write([]byte(message("a", 0) + "\n" + message("b", 0)))
	require.NoError(t, w.Close())
	cut := jsonl.NewFS(fstest.MapFS{"x.gz": {Data: packed.Bytes()[:packed.Len()-12]}}, "x.gz", jsonl.Config{SkipBad: true})
	_, err = receive(t, cut, "")
	require.ErrorContains(t, err, "jsonl: x.gz:", "a file that is cut off is no bad line")

	for _, broken := range []string{"", message("a", 0) + "\n", message("a", 0) + "\n{"} {
		disk := &disk{text: strings.NewReader(broken), err: errors.New("bad block")}
		r, err := receive(t, jsonl.NewFS(disk, "in.jsonl", jsonl.Config{SkipBad: true}), "")
		require.ErrorIs(t, err, disk.err, "behind %q", broken)
		require.Len(t, r.messages, strings.Count(broken, "\n"))
		require.True(t, disk.closed)
	}
}

// disk is a file system of one file, which cannot be read to its end.
type disk struct {
	text   *strings.Reader
	err    error
	closed bool
}

func (d *disk) Open(string) (fs.File, error) { return d, nil }
func (d *disk) Stat() (fs.FileInfo, error)   { return nil, d.err }
func (d *disk) Close() error {
	d.closed = true
	return nil
}

func (d *disk) Read(p []byte) (int, error) {
	if n, err := d.text.Read(p); err == nil {
		return n, nil
	}
	return 0, d.err
}

// writer fails after n bytes.
type writer struct{ n int }

func (w writer) Write(p []byte) (int, error) { return min(w.n, len(p)), errors.New("disk full") }

func TestReplies(t *testing.T) {
	t.Parallel()
	out := inquiry.Outbound{Pool: "acme", Reply: inquiry.DeriveID("reply"), Text: "Hello"}
	_, err := source(jsonl.Config{}).Reply(t.Context(), out)
	require.ErrorIs(t, err, adapters.ErrNotSent)

	_, err = source(jsonl.Config{Replies: writer{0}}).Reply(t.Context(), out)
	require.ErrorIs(t, err, adapters.ErrNotSent, "nothing was written")

	_, err = source(jsonl.Config{Replies: writer{5}}).Reply(t.Context(), out)
	require.ErrorContains(t, err, "in part")
	require.NotErrorIs(t, err, adapters.ErrNotSent)

	var posted bytes.Buffer
	id, err := source(jsonl.Config{Replies: &posted}).Reply(t.Context(), out)
	require.NoError(t, err)
	require.Equal(t, out.Reply.String(), id)
	var back inquiry.Outbound
	require.NoError(t, json.Unmarshal(posted.Bytes(), &back))
	require.Equal(t, out, back)
}

// Real files, where there are any: the folder that ANSWERABLE_DATA names.
func TestRealFiles(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("ANSWERABLE_DATA")
	if dir == "" {
		t.Skip("ANSWERABLE_DATA is not set")
	}
	for name, want := range map[string]int{"conversations_2020.jsonl.gz": 525, "airline_dialogs.jsonl": 252, "banking_intents.jsonl.gz": 10_003} {
		for _, sorted := range []bool{false, true} {
			r := all(t, jsonl.New(filepath.Join(dir, name), jsonl.Config{Start: nine, Outbound: true, Sort: sorted, UnescapeHTML: true, Strict: true}))
			ids := map[string]bool{}
			for _, m := range r.messages {
				ids[m.External] = true
			}
			require.GreaterOrEqual(t, len(r.messages), want, name)
			t.Logf("%s: %d messages, %d of them again", name, len(r.messages), len(r.messages)-len(ids))
		}
	}
}

func FuzzLines(f *testing.F) {
	for _, s := range []string{
		"", "{}", conversation, message("a", 0), `{"id":1,"turns":[{}]}`, `{"id":"a","author":{"id":"x"},"text":"&lt;","at":"2026-03-02T09:00:00"}`,
		"\ufeff\r\n\xff", `{"id":"a"}{`, `[`, `{"turns":[{"id":{}}]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		fs := fstest.MapFS{"in.jsonl": {Data: data}}
		for _, cfg := range []jsonl.Config{{SkipBad: true}, {SkipBad: true, Sort: true, Outbound: true, UnescapeHTML: true, Start: nine, Channel: "chat"}} {
			bad := 0
			cfg.OnBad = func(e *jsonl.LineError) { bad++ }
			cfg.MaxLine = 1000
			s := jsonl.NewFS(fs, "in.jsonl", cfg)
			whole, err := receive(t, s, "")
			require.NoError(t, err)
			for i, m := range whole.messages {
				require.NotEmpty(t, m.External)
				require.NotEmpty(t, m.Channel)
				require.False(t, m.At.IsZero())
				require.NotEmpty(t, whole.cursors[i])
			}
			if n := len(whole.cursors); n > 0 {
				rest, err := receive(t, s, whole.cursors[n/2])
				require.NoError(t, err)
				require.Equal(t, whole.ids()[n/2+1:], rest.ids())
			}
		}
	})
}

func Example() {
	file := fstest.MapFS{"inquiries.jsonl": {Data: []byte(
		`{"id":"m1","channel":"email","author":"zoe@example.org","text":"Where is my order?","at":"2026-03-02T09:00:00Z"}
{"id":"c1","platform":"chat","brand":"acme","created_at":"2026-03-02T08:00:00Z","turns":[{"direction":"inbound","text":"Hello?"},{"direction":"outbound","text":"Yes?"}]}
`)}}
	source := jsonl.NewFS(file, "inquiries.jsonl", jsonl.Config{Sort: true})
	err := source.Receive(context.Background(), "", func(_ context.Context, m inquiry.Message, cursor string) error {
		fmt.Println(cursor, m.At.Format(time.TimeOnly), m.Channel, m.External, m.Text)
		return nil
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// 1 08:00:00 chat c1/1 Hello?
	// 2 09:00:00 email m1 Where is my order?
}
