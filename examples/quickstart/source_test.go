package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func write(t *testing.T, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "in.jsonl")
	require.NoError(t, os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	return path
}

func read(t *testing.T, path string) (*script, error) {
	t.Helper()
	span, err := parseSpan("08:30-17:30", storyDay())
	require.NoError(t, err)
	return readScript(context.Background(), path, span, nil, nil)
}

func TestALongFileIsSqueezedIntoOneDayInItsOrder(t *testing.T) {
	t.Parallel()
	s, err := read(t, write(t,
		`{"id":"c","channel":"email","at":"2019-05-02T10:00:00Z","author":"u3","text":"third"}`,
		`{"id":"a","channel":"email","at":"2017-01-01T10:00:00Z","author":"u1","text":"first"}`,
		`{"id":"b","platform":"somewhere","created_at":"2019-05-01T10:00:00Z","text":"R&amp;D?","turns":[{"direction":"outbound","text":"Hi","created_at":"2019-05-01T10:05:00Z"},{"direction":"inbound","text":"last","created_at":"2020-05-01T10:00:00Z"}]}`,
	))
	require.NoError(t, err)
	require.True(t, s.retimed)
	var got []string
	for _, m := range s.messages {
		got = append(got, m.Text+" "+m.At.In(berlin()).Format("15:04"))
	}
	require.Equal(t, []string{"first 08:30", "R&D? 10:45", "third 13:00", "last 15:15"}, got)
	require.Equal(t, "somewhere", s.messages[1].Channel)
}

func TestAShortFileKeepsItsTimes(t *testing.T) {
	t.Parallel()
	s, err := read(t, write(t,
		`{"id":"a","channel":"email","at":"2026-03-10T10:00:00Z","author":"u1","text":"first"}`,
		`{"id":"b","channel":"email","at":"2026-03-11T21:00:00Z","author":"u1","text":"second"}`,
	))
	require.NoError(t, err)
	require.False(t, s.retimed)
	require.Equal(t, 35*time.Hour, s.end().Sub(s.begin()))
}

func TestRowsWithoutTimesBeginInTheMorning(t *testing.T) {
	t.Parallel()
	s, err := read(t, write(t, `{"id":1,"text":"one"}`, `{"id":2,"text":"two"}`))
	require.NoError(t, err)
	require.Equal(t, "08:30", s.begin().In(berlin()).Format("15:04"))
	require.Equal(t, "chat", s.messages[0].Channel)
}

// Every wrong input is refused before anything begins, with its file and line.
func TestBadInputIsNamed(t *testing.T) {
	t.Parallel()
	good := `{"id":"a","channel":"email","at":"2026-03-10T10:00:00Z","author":"u1","text":"first"}`
	for _, c := range []struct {
		name  string
		lines []string
		want  []string
	}{
		{"not JSON", []string{good, `{"id":x}`}, []string{"in.jsonl:2", "not JSON"}},
		{"no id", []string{good, good, `{"text":"x"}`}, []string{"in.jsonl:3", "field id", "missing"}},
		{"bad time", []string{`{"id":"a","at":"yesterday","text":"x"}`}, []string{"in.jsonl:1", "field at", "RFC 3339"}},
		{"nothing in it", []string{""}, []string{"no messages", "README"}},
	} {
		_, err := read(t, write(t, c.lines...))
		require.Error(t, err, c.name)
		for _, w := range c.want {
			require.ErrorContains(t, err, w, c.name)
		}
	}
	_, err := read(t, filepath.Join(t.TempDir(), "nowhere.jsonl"))
	require.ErrorContains(t, err, "nowhere.jsonl")
}

func TestSpan(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "8-17", "17:30-08:30", "08:30", "08:30-24:30", "x-y"} {
		_, err := parseSpan(bad, storyDay())
		require.ErrorContains(t, err, fmt.Sprintf("-span %q", bad), bad)
	}
}
