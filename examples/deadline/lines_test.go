package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/sla"
)

const always = `{"name":"","always":true}`

// line is a question around the clock.
func line(id string) string {
	return fmt.Sprintf(`{"id":%q,"calendar":%s,"start":"2026-05-22T14:30:00Z","target":"1h"}`, id, always)
}

func TestLines(t *testing.T) {
	t.Parallel()
	t.Run("in order, blank lines skipped, one bad line answered as that", func(t *testing.T) {
		t.Parallel()
		in := "\ufeff" + line("a") + "\n\n  \r\n" + line("<b> & \u2028") + "\r\n{\"id\":\"c\",\"strt\":1}\nnonsense\n" + line("d")
		code, stdout, stderr := output(in, "-in", "-")
		require.Equal(t, 1, code)
		require.Equal(t, "deadline: stdin: 2 of 5 questions have no answer; see their errors\n", stderr)
		lines := strings.Split(strings.TrimSuffix(stdout, "\n"), "\n")
		require.Len(t, lines, 5)
		require.True(t, strings.HasPrefix(lines[0], `{"id":"a","due":"2026-05-22T15:30:00Z","due_utc":"2026-05-22T15:30:00Z","used":"1h","explanation":"due Fri 2026-05-22 15:30 UTC: 60 min around the clock","segments":[{`), lines[0])
		require.True(t, strings.HasPrefix(lines[1], `{"id":"<b> & \u2028",`), lines[1])
		require.Equal(t, `{"id":"c","error":"stdin:5:11: unknown key \"strt\", did you mean \"start\"? (there are calendar, id, pauses, start, target)"}`, lines[2])
		require.Equal(t, `{"id":"","error":"stdin:6:1: no JSON: \"nonsense\" is no value; the value is to be an object {...}"}`, lines[3])
		require.Contains(t, lines[4], `{"id":"d","due"`)
	})
	t.Run("all answered is exit code 0", func(t *testing.T) {
		t.Parallel()
		for _, in := range []string{"", "\n\n", line("a"), line("a") + "\n"} {
			code, stdout, stderr := output(in, "-in", "-", "-json")
			require.Zero(t, code, stderr)
			require.Equal(t, strings.Count(in, "{\"id\""), strings.Count(stdout, "\n"))
		}
	})
	for name, tt := range map[string]struct{ question, want string }{
		"a missing key":                   {`{"id":"a","start":"2026-05-22 14:30","target":"1h"}`, `:1:1: key "calendar" is missing`},
		"a calendar that is none":         {`{"id":"a","calendar":"support"}`, `:1:22: calendar is a text; write an object {...}`},
		"a fault inside a calendar":       {`{"id":"a","calendar":{"naem":"x"},"start":"","target":"1h"}`, `:1:23: calendar: unknown key "naem"`},
		"brackets that do not fit":        {`{"id":"a","calendar":{"name":"x"],"start":"","target":"1h"}`, `:1:33: calendar: no JSON: a comma or } is missing`},
		"a calendar without an end":       {`{"id":"a","calendar":{"name":"x`, `:1:32: no JSON: it ends too early`},
		"several faults in one line":      {`{"id":"a","calendar":{"zone":"x/y"},"start":"","target":"1h"}`, `time/tzdata where the system has no zone database; calendar \"\": the calendar never opens`},
		"a start that is none":            {`{"id":"a","calendar":` + always + `,"start":"","target":"1h"}`, `:1: start: time "": not a time`},
		"a target that is none":           {`{"id":"a","calendar":` + always + `,"start":"","target":"1d"}`, `:1:68: target "1d": not a duration`},
		"a pause that is none":            {`{"id":"a","calendar":` + always + `,"start":"2026-05-22 14:30","target":"1h","pauses":[{"from":"x","until":"y"}]}`, `:1: pauses[0]: from: time "x"`},
		"a pause without an end":          {`{"id":"a","calendar":` + always + `,"start":"2026-05-22 14:30","target":"1h","pauses":[{"from":"x"}]}`, `:1:99: key "until" is missing`},
		"a pause that ends too early":     {`{"id":"a","calendar":` + always + `,"start":"2026-05-22 14:30","target":"1h","pauses":[{"from":"2026-05-22 14:30","until":"2026-05-22 14:29"}]}`, `pauses[0] ends at 2026-05-22 14:29, before it begins at 2026-05-22 14:30; exchange them`},
		"G6 beyond the horizon":           {`{"id":"a","calendar":` + always + `,"start":"2026-05-22 14:30","target":"90000h"}`, `there is no deadline: the calendar from 2026-05-22T14:30:00Z has less than 90000h`},
		"a deadline that JSON cannot say": {`{"id":"a","calendar":` + always + `,"start":"9999-12-31 23:30","target":"1h"}`, `:1: there is no deadline: it is after the year 9999`},
		"an id that is no text":           {`{"id":7}`, `:1:7: id is 7; write a text`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stdout, _ := output(tt.question+"\n"+line("next"), "-in", "-")
			require.Equal(t, 1, code)
			var r refusal
			bad, next, _ := strings.Cut(stdout, "\n")
			require.NoError(t, json.Unmarshal([]byte(bad), &r), bad)
			require.Contains(t, r.Error, strings.ReplaceAll(tt.want, `\"`, `"`))
			require.NotContains(t, r.Error, "\n")
			if strings.Contains(tt.question, `"id":"a","`) && !strings.Contains(name, "without an end") {
				require.Equal(t, "a", r.ID)
			}
			require.Contains(t, next, `{"id":"next","due"`)
		})
	}
	t.Run("a line beyond the limit is refused, and the next one read", func(t *testing.T) {
		t.Parallel()
		padding := func(n int) string { return line("a") + strings.Repeat(" ", n-len(line("a"))) }
		code, stdout, _ := output(padding(maxLine)+"\n"+padding(maxLine+1)+"\n"+padding(3*maxLine)+"\n"+line("b"), "-in", "-")
		require.Equal(t, 1, code)
		lines := strings.Split(stdout, "\n")
		require.Contains(t, lines[0], `{"id":"a","due"`)
		require.Equal(t, `{"id":"","error":"stdin:2: the line is longer than 1048576 bytes"}`, lines[1])
		require.Equal(t, `{"id":"","error":"stdin:3: the line is longer than 1048576 bytes"}`, lines[2])
		require.Contains(t, lines[3], `{"id":"b","due"`)
	})
	t.Run("an answer comes before the next question is asked", func(t *testing.T) {
		t.Parallel()
		questions, ask := io.Pipe()
		tell, answers := io.Pipe()
		done := make(chan error, 1)
		go func() {
			_, _, err := answerLines("x", questions, answers)
			done <- errors.Join(err, answers.Close())
		}()
		reader := bufio.NewReader(tell)
		for _, id := range []string{"a", "b", "c"} {
			_, err := io.WriteString(ask, line(id)+"\n")
			require.NoError(t, err)
			got, err := reader.ReadString('\n')
			require.NoError(t, err)
			require.Contains(t, got, `{"id":"`+id+`"`)
		}
		require.NoError(t, ask.Close())
		require.NoError(t, <-done)
	})
	t.Run("errors of reading and writing end it", func(t *testing.T) {
		t.Parallel()
		broken := errors.New("broken")
		var out strings.Builder
		questions, _, err := answerLines("x", io.MultiReader(strings.NewReader(line("a")+"\n"), iotest.ErrReader(broken)), &out)
		require.ErrorIs(t, err, broken)
		require.Equal(t, 1, questions)
		require.Contains(t, out.String(), `{"id":"a"`, "what was answered is told")
		_, w := io.Pipe()
		require.NoError(t, w.CloseWithError(broken))
		_, _, err = answerLines("x", strings.NewReader(strings.Repeat(line("a")+"\n", 1000)), w)
		require.Error(t, err)

		code, _, stderr := output("", "-in", "nowhere.jsonl")
		require.Equal(t, 1, code)
		require.Contains(t, stderr, "nowhere.jsonl")
	})
	t.Run("the cache is bounded", func(t *testing.T) {
		t.Parallel()
		a := &answerer{calendars: map[string]calendar{}}
		for i := range 3 * maxCached {
			require.NoError(t, a.compiled(fmt.Appendf(nil, `{"name":"%d","always":true}`, i)).err)
			require.LessOrEqual(t, len(a.calendars), maxCached)
		}
		before := len(a.calendars)
		require.NoError(t, a.compiled([]byte(`{"name":"`+strings.Repeat("x", maxCachedBytes)+`","always":true}`)).err)
		require.Len(t, a.calendars, before)
	})
}

// What is read strictly is read as encoding/json reads it.
func FuzzRead(f *testing.F) {
	f.Add([]byte(line("a")))
	f.Add([]byte(`{"id":"\u00e4\ud83d\ude00","calendar":{"hours":[{"day":"monday","open":"09:00","close":"17:00"}]},"pauses":[{"from":"a","until":"b"}],"start":"","target":"1h"}`))
	f.Add([]byte(`{"id":"a","calendar":{"name":"}"},"start":"","target":"1h"} `))
	f.Add([]byte(`{"id": tru`))
	f.Fuzz(func(t *testing.T, data []byte) {
		q, err := readQuestion(data)
		var fault *faultError
		if err != nil {
			require.ErrorAs(t, err, &fault)
			require.True(t, 0 <= fault.offset && fault.offset <= len(data))
			l, c := place(data, fault.offset)
			require.True(t, l >= 1 && c >= 1)
			return
		}
		c := compile(q.calendar)
		if c.err != nil {
			return
		}
		var want struct {
			ID, Start, Target string
			Calendar          sla.Calendar
			Pauses            []struct{ From, Until, Why string }
		}
		require.NoError(t, json.Unmarshal(data, &want))
		require.Equal(t, want.ID, q.id)
		require.Equal(t, want.Start, q.start)
		require.Equal(t, want.Target, q.target)
		require.Len(t, q.pauses, len(want.Pauses))
		if e, err := q.explain(c); err == nil {
			within, err := time.ParseDuration(q.target)
			require.NoError(t, err)
			require.Equal(t, within, newAnswer("", e).Used.Std())
		}
	})
}

func BenchmarkLines(b *testing.B) {
	question := `{"id":"a","calendar":{"name":"support","zone":"Europe/Berlin","hours":[{"day":"friday","open":"09:00","close":"17:00"},` +
		`{"day":"monday","open":"09:00","close":"17:00"}]},"start":"2026-05-22 16:30","target":"4h","pauses":[{"from":"2026-05-22 16:40","until":"2026-05-22 16:50"}]}` + "\n"
	in := strings.Repeat(question, 1000)
	b.SetBytes(int64(len(question)))
	for n := b.N; n > 0; n -= 1000 {
		_, failed, err := answerLines("x", strings.NewReader(in), io.Discard)
		require.NoError(b, err)
		require.Zero(b, failed)
	}
}
