package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestFlags(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]struct {
		code int
		told string
	}{
		"-speed -1":          {2, "-speed is -1"},
		"-speed 1e9":         {2, "-speed is 1e+09"},
		"-speed nan":         {2, "-speed is NaN"},
		"messages.jsonl":     {2, "behind -in"},
		"-span 9":            {2, `-span "9"`},
		"-nonsense":          {2, "not defined: -nonsense"},
		"-in /nowhere.jsonl": {1, "/nowhere.jsonl"},
		"-db /nowhere/x.db":  {1, "/nowhere"},
	} {
		var out, errs bytes.Buffer
		require.Equal(t, want.code, run(context.Background(), strings.Fields(args), &out, &errs), args)
		require.Contains(t, errs.String(), want.told, args)
		require.Empty(t, out.String(), args)
	}
	var out, errs bytes.Buffer
	require.Zero(t, run(context.Background(), []string{"-h"}, &out, &errs))
	require.Contains(t, errs.String(), "-speed")
}

// summaryOf runs the program and reads its summary.
func summaryOf(t *testing.T, args ...string) summary {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(t.Context(), append(args, "-json"), &out, &errs)
	require.Zero(t, code, errs.String())
	var s summary
	d := json.NewDecoder(&out)
	d.DisallowUnknownFields()
	require.NoError(t, d.Decode(&s))
	_, err := d.Token()
	require.Error(t, err, "one object, nothing else")
	return s
}

// A small day: numbers add up, nothing is lost, nobody is forgotten, and running
// it again on the same database changes nothing.
func TestNumbersAddUpAndARepetitionChangesNothing(t *testing.T) {
	t.Parallel()
	var lines []string
	at := time.Date(2026, time.March, 10, 9, 0, 0, 0, time.UTC)
	texts := []string{"where is my order? the parcel", "the motor beeps", "I want a refund", "thanks!", "guest post, crypto and pills", "subpoena", "Licencia de patente"}
	for i, text := range texts {
		lines = append(lines, fmt.Sprintf(`{"id":"m%d","channel":"email","account":"support","at":%q,"author":"u%d@example.org","text":%q,"language":"en"}`, i, at.Format(time.RFC3339), i, text))
		at = at.Add(3 * time.Minute)
	}
	lines = append(lines,
		fmt.Sprintf(`{"id":"m7","channel":"email","account":"support","at":%q,"author":"u1@example.org","text":"still beeping"}`, at.Format(time.RFC3339)),
		fmt.Sprintf(`{"id":"m2","revision":2,"channel":"email","account":"support","at":%q,"author":"u2@example.org","text":"I want a refund of 20"}`, at.Add(time.Minute).Format(time.RFC3339)),
	)
	path, db := write(t, lines...), filepath.Join(t.TempDir(), "day.db")

	s := summaryOf(t, "-in", path, "-db", db, "-speed", "4000")
	require.Equal(t, 9, s.Received)
	require.Equal(t, s.Accepted, s.Received)
	require.Zero(t, s.Lost)
	require.Zero(t, s.Violations)
	require.Equal(t, 7, s.Inquiries)
	require.Equal(t, 1, s.FollowUps)
	require.Equal(t, 1, s.Edits)
	require.Equal(t, 2, s.ScreenedOut)
	require.Equal(t, 2, s.Stranded)
	require.Equal(t, s.Inquiries, s.ScreenedOut+s.Assigned)
	require.Equal(t, s.Received, s.Inquiries+s.FollowUps+s.Edits+s.OurPosts+s.Repeated)

	again := summaryOf(t, "-in", path, "-db", db, "-speed", "4000")
	require.Equal(t, s.Received, again.Received)
	require.Equal(t, s.Inquiries, again.Inquiries)
	require.Equal(t, s.FollowUps, again.FollowUps)
	require.GreaterOrEqual(t, again.Resolved, s.Resolved)
}

// Another file under the same name is not the one that the database knows.
func TestADatabaseOfALongerFileIsRefused(t *testing.T) {
	t.Parallel()
	row := func(id string, minute int) string {
		return fmt.Sprintf(`{"id":%q,"channel":"email","at":"2026-03-10T09:%02d:00Z","author":"u@example.org","text":"the motor beeps"}`, id, minute)
	}
	db := filepath.Join(t.TempDir(), "day.db")
	summaryOf(t, "-in", write(t, row("a", 0), row("b", 1)), "-db", db, "-speed", "5000")
	var out, errs bytes.Buffer
	require.NotZero(t, run(t.Context(), []string{"-in", write(t, row("a", 0)), "-db", db, "-speed", "5000"}, &out, &errs))
	require.Contains(t, errs.String(), "is it the same file?")
}

func TestTheStoryIsTold(t *testing.T) {
	t.Parallel()
	path := write(t,
		`{"id":"a","channel":"email","at":"2026-03-10T09:00:00Z","author":{"id":"u@example.org","name":"Ulla"},"text":"the motor beeps"}`,
		`{"id":"b","channel":"chat","at":"2026-03-10T09:02:00Z","author":"v","text":"my charger is bulging"}`,
	)
	var out, errs bytes.Buffer
	require.Zero(t, run(t.Context(), []string{"-in", path, "-db", filepath.Join(t.TempDir(), "day.db"), "-speed", "4000"}, &out, &errs), errs.String())
	for _, want := range []string{"What came in", "2 messages (chat 1, email 1)", "Who got what", "How the deadlines stood", "One decision in full", "Why not", "no violation", "sqlite3"} {
		require.Contains(t, out.String(), want)
	}
	require.NotContains(t, out.String(), "\x1b", "no terminal, no bar")
}
