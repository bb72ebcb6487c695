package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/sla"
)

// output runs the program.
func output(stdin string, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(args, strings.NewReader(stdin), &out, &errs)
	return code, out.String(), errs.String()
}

// ask answers one question with a calendar file.
func ask(t *testing.T, calendar, start, target string, more ...string) (code int, stdout, stderr string) {
	t.Helper()
	return output("", append([]string{"-calendar", calendar, "-start", start, "-target", target}, more...)...)
}

// file writes a file for a test.
func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// The commands of the README print what it says. They are run in this folder.
func TestREADME(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	const folder = "examples/deadline/"
	blocks := regexp.MustCompile("(?s)```console\n\\$ go run ./examples/deadline ([^\n]*)\n(.*?)```\n").FindAllStringSubmatch(string(readme), -1)
	require.Len(t, blocks, 2)
	for _, block := range blocks {
		var args []string
		for _, word := range regexp.MustCompile(`"([^"]*)"|(\S+)`).FindAllStringSubmatch(block[1], -1) {
			args = append(args, strings.TrimPrefix(word[1]+word[2], folder))
		}
		_, stdout, stderr := output("", args...)
		require.Equal(t, strings.ReplaceAll(block[2], folder, ""), stdout+stderr)
	}
}

func TestREADMENamesEveryField(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	var names []string
	var collect func(s *shape)
	collect = func(s *shape) {
		for key, inner := range s.keys {
			names = append(names, key)
			collect(inner)
		}
		if s.items != nil {
			collect(s.items)
		}
	}
	collect(calendarShape)
	collect(questionShape)
	for _, v := range []any{answer{}, refusal{}, sla.Segment{Paused: 1, Weeks: 1, Why: "x"}} {
		text, err := json.Marshal(v)
		require.NoError(t, err)
		var object map[string]any
		require.NoError(t, json.Unmarshal(text, &object))
		for key := range object {
			names = append(names, key)
		}
	}
	for _, name := range names {
		require.Regexp(t, "[`{\" ]"+name+"[`\",]", string(readme))
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := output("", "-h")
	require.Zero(t, code)
	require.Empty(t, stdout)
	for _, want := range []string{"examples/deadline/support-hours.json", "2026-05-22 16:30", "-pause", "-in"} {
		require.Contains(t, stderr, want)
	}
	for args, want := range map[string]string{
		"":                                 "-calendar, -start and -target are needed, or -in",
		"-calendar c.json -start x":        "-calendar, -start and -target are needed, or -in",
		"-nonsense":                        "not defined: -nonsense",
		"-in - -target 4h":                 "-in brings its own questions",
		"-in - more":                       `unexpected argument "more"`,
		"-calendar c -start x -target 4":   `-target: target "4": not a duration; write hours, minutes and seconds such as 4h, 90m or 1h30m`,
		"-calendar c -start x -target -4h": `-target: target "-4h" is not above 0`,
		"-calendar support-hours.json -target 4h -start today":                                                                    `-start: time "today": not a time; write 2026-05-22T16:30:00+02:00, or 2026-05-22 16:30 by the calendar's clocks`,
		"-calendar support-hours.json -target 4h -start 2026-05-22T16:30 -pause now":                                              `-pause: pause "now": not an interval; write its two times with a / between them`,
		"-calendar support-hours.json -target 4h -start 2026-05-22T16:30 -pause 2026-05-22T16:40/":                                `-pause: time "": not a time`,
		"-calendar support-hours.json -target 4h -start 2026-05-22T16:30 -pause 2026-05-22T16:40/2026-05-22T16:39":                `ends before it begins; exchange its times`,
		"-calendar support-hours.json -target 4h -start 2026-02-30T16:30":                                                         `-start: time "2026-02-30T16:30": not a time`,
		"-calendar support-hours.json -target 4h -start 2026-05-22T16:30 -pause 2026-10-25T02:30/2026-10-25T04:00:00+01:00":       `comes twice in Europe/Berlin`,
		"-calendar support-hours.json -target 4h -start 2026-05-22T16:30 -pause 2026-03-29T01:30:00+01:00/2026-03-29T02:30 -json": `does not exist in Europe/Berlin`,
	} {
		code, stdout, stderr := output("", strings.Fields(args)...)
		require.Equal(t, 2, code, args)
		require.Contains(t, stderr, want, args)
		require.Empty(t, stdout, args)
	}
}

func TestOneQuestion(t *testing.T) {
	t.Parallel()
	due := func(t *testing.T, calendar, start, target string, more ...string) answer {
		t.Helper()
		code, stdout, stderr := ask(t, calendar, start, target, append(more, "-json")...)
		require.Zero(t, code, stderr)
		require.Empty(t, stderr)
		var a answer
		d := json.NewDecoder(strings.NewReader(stdout))
		d.DisallowUnknownFields()
		require.NoError(t, d.Decode(&a))
		require.False(t, d.More(), "one object, nothing else")
		return a
	}
	t.Run("G2 exact to the nanosecond", func(t *testing.T) {
		t.Parallel()
		a := due(t, "support-hours.json", "2026-05-22T16:30:00.000000001+02:00", "1h0m0.000000001s")
		require.Equal(t, "2026-05-26T09:30:00.000000002+02:00", a.Due)
		require.Equal(t, "2026-05-26T07:30:00.000000002Z", a.DueUTC)
		require.Equal(t, "1h0m0.000000001s", a.Used.String())
	})
	t.Run("G2 pauses in any order, and overlapping ones", func(t *testing.T) {
		t.Parallel()
		a := due(t, "support-hours.json", "2026-05-20 10:00", "1h",
			"-pause", "2026-05-20 10:30/2026-05-20 10:50", "-pause", "2026-05-20 10:20/2026-05-20 10:40", "-pause", "2026-05-20 08:00/2026-05-20T08:05:00Z")
		require.Equal(t, "2026-05-20T11:35:00+02:00", a.Due)
		require.Equal(t, "due Wed 2026-05-20 11:35 Europe/Berlin: 60 min of support hours; paused 35 min", a.Explanation)
	})
	t.Run("G3 used up exactly at closing time is due at closing time", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, "2026-05-22T17:00:00+02:00", due(t, "support-hours.json", "2026-05-22 16:30", "30m").Due)
	})
	t.Run("exceptions with hours", func(t *testing.T) {
		t.Parallel()
		a := due(t, "support-hours.json", "2026-12-23 16:00", "5h")
		require.Equal(t, "2026-12-28T10:00:00+01:00", a.Due)
		require.Contains(t, a.Explanation, "Thu is Christmas Eve; closed Thu 12:00 - Mon 09:00; Fri is Christmas Day; Sat is Boxing Day")
	})
	t.Run("G5 times in hours that are skipped or repeated are refused with what to write", func(t *testing.T) {
		t.Parallel()
		code, _, stderr := ask(t, "support-hours.json", "2026-03-29 02:30", "4h")
		require.Equal(t, 2, code)
		require.Equal(t, "deadline: -start: time \"2026-03-29 02:30\" does not exist in Europe/Berlin, because the clocks skip it; write a time with its offset, such as 2026-03-29T03:30:00+02:00\n", stderr)
		code, _, stderr = ask(t, "support-hours.json", "2026-10-25T02:30", "4h")
		require.Equal(t, 2, code)
		require.Equal(t, "deadline: -start: time \"2026-10-25T02:30\" comes twice in Europe/Berlin, because the clocks go back; write 2026-10-25T02:30:00+02:00 for the first or 2026-10-25T02:30:00+01:00 for the second\n", stderr)
		for start, want := range map[string]string{
			"2026-03-29 01:59:59": "2026-03-29T01:59:59+01:00", "2026-03-29 03:00": "2026-03-29T03:00:00+02:00",
			"2026-10-25 01:59": "2026-10-25T01:59:00+02:00", "2026-10-25 03:00": "2026-10-25T03:00:00+01:00",
			"2026-10-25T02:30:00+01:00": "2026-10-25T02:30:00+01:00",
		} {
			require.Equal(t, want, due(t, "support-hours.json", start, "1h").Segments[0].From.Format(time.RFC3339))
		}
	})
	t.Run("G6 a deadline beyond the horizon is told as what it is", func(t *testing.T) {
		t.Parallel()
		code, stdout, stderr := ask(t, "support-hours.json", "2026-05-22T14:30:00Z", "50000h")
		require.Equal(t, 1, code)
		require.Empty(t, stdout)
		require.Equal(t, "deadline: there is no deadline: calendar \"support-hours\" from 2026-05-22T14:30:00Z has less than 50000h of open time within 10 years; shorten the target or lengthen the hours\n", stderr)
	})
	t.Run("G6 so is one in a year that no time can be written of", func(t *testing.T) {
		t.Parallel()
		const told = "there is no deadline: it is after the year 9999, beyond which RFC 3339 has no times; begin earlier"
		for _, more := range [][]string{nil, {"-json"}} {
			code, stdout, stderr := ask(t, "support-hours.json", "9999-12-31 16:30", "1h", more...)
			require.Equal(t, 1, code)
			require.Empty(t, stdout)
			require.Equal(t, "deadline: "+told+"\n", stderr)
		}
		code, stdout, _ := output(`{"id":"q","calendar":{"name":"c","always":true},"start":"9999-12-31 23:30","target":"1h"}`, "-in", "-")
		require.Equal(t, 1, code)
		require.Contains(t, stdout, told)
	})
	t.Run("G6 a calendar that never opens is told as what it is", func(t *testing.T) {
		t.Parallel()
		path := file(t, "c.json", `{"name":"x"}`)
		code, _, stderr := ask(t, path, "2026-05-22 16:30", "1h")
		require.Equal(t, 1, code)
		require.Equal(t, "deadline: "+path+`: calendar "x": the calendar never opens: list hours, or set always for around the clock`+"\n", stderr)
	})
}

func TestCalendarFilesAreReadStrictly(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                 "1:1: no JSON: it ends too early",
		"{\n\"name\": \"x\",\n":            "3:1: no JSON: it ends too early",
		`{"naem": "x"}`:                    `1:2: unknown key "naem", did you mean "name"? (there are always, exceptions, hours, name, zone)`,
		`{"name": "x",}`:                   "1:14: no JSON: a key in quotes is missing here",
		`{"Name": "x"}`:                    `1:2: unknown key "Name", did you mean "name"?`,
		`{"something": "x"}`:               `1:2: unknown key "something" (there are`,
		`{"name": "x", "name": "y"}`:       `1:15: key "name" is given twice; keep one of them`,
		`{"name": null}`:                   `1:10: name is null; write a text "...", or leave the key out`,
		`{"name": 5}`:                      `1:10: name is 5; write a text "..."`,
		`{"name": {}}`:                     `1:10: name is an object; write a text "..."`,
		`{"name": yes}`:                    `1:10: no JSON: "yes" is no value; name is to be a text "..."`,
		`{"name" "x"}`:                     `1:9: no JSON: a colon is missing before this place`,
		`{"name": "x" "zone": "y"}`:        `1:14: no JSON: a comma or } is missing before this place`,
		`{"name": "\x"}`:                   `1:10: no JSON`,
		`{"always": "true"}`:               `1:12: always is a text; write true or false`,
		`{"always": true} x`:               `1:18: there is more after the end of the object; remove it`,
		`[]`:                               `1:1: the value is a list; write an object {...}`,
		`{"hours": [,]}`:                   `1:12: there is no value; write an object {...}`,
		`{"hours": [{"day":"monday"} {}]}`: `1:12: key "open" is missing; it is required here`,
		"{\"name\": \"Ää\",\n\"zone\": \"ü\", \"hours\": [{\"day\": \"Monday\"}]}":          `2:32: there is no weekday "Monday", did you mean "monday"?; write a lower-case English name`,
		`{"hours": [{"day":"monday","open":"9:00","close":"17:00"}]}`:                       `1:35: time of day "9:00": not a time; write HH:MM`,
		`{"always": true, "exceptions": [{"date": "2026-02-30"}]}`:                          `1:42: date "2026-02-30": not a day`,
		`{"always": true, "exceptions": [{"name": "x"}]}`:                                   `1:33: key "date" is missing`,
		`{"always": true, "exceptions": [{"date": "2026-02-03", "hours": [{"opne":"x"}]}]}`: `1:67: unknown key "opne", did you mean "open"?`,
		`{"always": true, "zone": "Europe/Atlantis"}`:                                       `calendar "": zone: unknown time zone Europe/Atlantis`,
		`{"always": true, "exceptions": [{"date":"2026-02-03"},{"date":"2026-02-03"}]}`:     `the date is listed already`,
		`{"name": "` + strings.Repeat("x", 1<<20) + `"}`:                                    ` is longer than 1048576 bytes: is it a calendar?`,
	} {
		path := file(t, "calendar.json", text)
		code, stdout, stderr := ask(t, path, "2026-05-22 16:30", "1h")
		require.Equal(t, 1, code, text)
		require.Empty(t, stdout, text)
		require.Contains(t, stderr, path)
		require.Contains(t, stderr, want, text)
	}
	code, _, stderr := ask(t, file(t, "c.json", "\ufeff{\"name\": \"\\u00e4 \\\"x\\\"\", \"always\": true, \"hours\": []}\n"), "2026-05-22 16:30", "1h")
	require.Zero(t, code, stderr)
	code, _, stderr = ask(t, "nowhere.json", "2026-05-22 16:30", "1h")
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "nowhere.json")
}
