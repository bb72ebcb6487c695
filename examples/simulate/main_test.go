package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/routing/simulate"
)

// output runs the program.
func output(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(context.Background(), args, &out, &errs)
	return code, out.String(), errs.String()
}

// file writes a file for a test.
func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "scenario.json")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

const small = `{
  "for": "8h", "replications": 3,
  "classes": [{"name": "calls", "arrivals": {"per_hour": 30}, "handling": {"mean": "5m"}}],
  "groups": [{"name": "desk", "count": 3}]
}`

var update = flag.Bool("update", false, "write what the commands of the README print into it")

// words are a text without what another decision of the core may change: every
// number, and what depends on it.
func words(text string) string {
	text = regexp.MustCompile(`\b(clear|points|no change)\b|[-+±]?\b[0-9][0-9.,hms]*( %)?|[-+±#%]`).ReplaceAllString(text, "")
	return strings.Join(strings.Fields(text), " ")
}

// The commands of the README print what it says, but for the numbers. They are run
// in this folder; -update writes the numbers of today.
func TestREADME(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	const folder = "examples/simulate/"
	blocks := regexp.MustCompile("(?s)```console\n\\$ go run ./examples/simulate ([^\n]*)\n(.*?)```\n").FindAllStringSubmatch(string(readme), -1)
	require.Len(t, blocks, 2)
	for _, block := range blocks {
		_, stdout, stderr := output(t, strings.Fields(strings.ReplaceAll(block[1], folder, ""))...)
		if *update {
			readme = bytes.Replace(readme, []byte(block[2]+"```"), []byte(stdout+stderr+"```"), 1)
			require.NoError(t, os.WriteFile("README.md", readme, 0o600))
			continue
		}
		require.Equal(t, words(block[2]), words(stdout+stderr))
	}
}

// names are the keys of a struct's own fields, and of those of its fields' structs.
func names(t reflect.Type, into map[string]bool) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t.PkgPath() != reflect.TypeFor[simulate.Scenario]().PkgPath() {
		return
	}
	for f := range t.Fields() {
		if key, _, _ := strings.Cut(f.Tag.Get("json"), ","); key != "" && key != "-" {
			into[key] = true
		}
		if f.Type != t {
			names(f.Type, into)
		}
	}
}

func TestREADMENamesEveryField(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	all := map[string]bool{}
	names(reflect.TypeFor[simulate.Scenario](), all)
	require.Greater(t, len(all), 50)
	for key := range all {
		named := strings.Contains(string(readme), "`"+key+"`") || strings.Contains(string(readme), `"`+key+`"`)
		require.True(t, named, "the README has no %q", key)
	}
}

// Every scenario is run once, briefly.
func TestScenarios(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("scenarios/*.[jy]*")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 19)
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := output(t, "-scenario", f, "-replications", "1", "-json")
			require.Equal(t, done, code, stderr)
			var r simulate.Report
			require.NoError(t, json.Unmarshal([]byte(stdout), &r))
			require.Equal(t, 1, r.Done)
			require.Greater(t, r.Total.Served.Mean, 500.0)
			require.Zero(t, r.Total.Stranded.Mean, "somebody can have everything")
			for _, c := range r.Classes {
				require.NotZero(t, c.Offered.Mean, c.Class)
			}
		})
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	path := file(t, small)

	t.Run("a summary for people", func(t *testing.T) {
		t.Parallel()
		code, stdout, stderr := output(t, "-scenario", path)
		require.Equal(t, done, code)
		require.Empty(t, stderr, "no progress where there is no terminal")
		for _, want := range []string{"3 replications", "calls", "desk", "Mon 07:00", "in time"} {
			require.Contains(t, stdout, want)
		}
	})

	t.Run("the same twice, whoever works", func(t *testing.T) {
		t.Parallel()
		_, one, _ := output(t, "-scenario", path, "-json", "-workers", "1", "-journal")
		_, two, _ := output(t, "-scenario", path, "-json", "-workers", "3", "-journal")
		require.Equal(t, one, two)
		require.Contains(t, one, `"journals"`)
		_, three, _ := output(t, "-scenario", path, "-json", "-seed", "2")
		require.NotEqual(t, one, three)
	})

	t.Run("two scenarios against each other", func(t *testing.T) {
		t.Parallel()
		more := file(t, strings.Replace(small, `"count": 3`, `"count": 4`, 1))
		code, stdout, stderr := output(t, "-scenario", path, "-compare", more)
		require.Equal(t, done, code, stderr)
		require.Contains(t, stdout, "no change", "the same were offered")
		require.Contains(t, stdout, "clearly better")
		code, stdout, _ = output(t, "-scenario", path, "-compare", more, "-json")
		require.Equal(t, done, code)
		require.Contains(t, stdout, `"change"`)
	})

	t.Run("pages for people, and tables for spreadsheets", func(t *testing.T) {
		t.Parallel()
		html, table := filepath.Join(t.TempDir(), "a.html"), filepath.Join(t.TempDir(), "a.csv")
		code, stdout, stderr := output(t, "-scenario", path, "-html", html, "-csv", table, "-examples", "2")
		require.Equal(t, done, code, stderr)
		require.Contains(t, stdout, "in time", "the summary is there nevertheless")
		page, err := os.ReadFile(html)
		require.NoError(t, err)
		require.Contains(t, string(page), "</html>")
		require.Equal(t, 2, strings.Count(string(page), `<article class="card">`))
		rows, err := os.ReadFile(table)
		require.NoError(t, err)
		require.Contains(t, string(rows), "section,table,row,column,unit,value,plus_minus,replications")
		_, with, _ := output(t, "-scenario", path, "-json", "-html", html)
		require.Contains(t, with, `"pick": "typical"`, "a page has examples unless it is asked for none")
		_, without, _ := output(t, "-scenario", path, "-json", "-html", html, "-examples", "0")
		require.NotContains(t, without, `"pick"`)
	})

	t.Run("limits for a build", func(t *testing.T) {
		t.Parallel()
		code, _, stderr := output(t, "-scenario", path, "-want", "service_level >= 0.01", "-want", "calls: wait_90 <= 36000")
		require.Equal(t, done, code, stderr)
		code, stdout, stderr := output(t, "-scenario", path, "-want", "service_level >= 1.01")
		require.Equal(t, missed, code)
		require.Contains(t, stderr, `limit "service_level >= 1.01" is not kept`)
		require.Contains(t, stdout, "calls", "the report is there nevertheless")
		code, _, stderr = output(t, "-scenario", path, "-want", "service_level >= 1.01", "-want", "calls: service_level >= 1.02")
		require.Equal(t, missed, code)
		require.Contains(t, stderr, ">= 1.01", "every limit that is not kept is told")
		require.Contains(t, stderr, ">= 1.02")
		code, stdout, stderr = output(t, "-scenario", path, "-want", "mail: wait_90 <= 300")
		require.Equal(t, misused, code, "a build must not take a slip of the pen for a policy that got worse")
		require.Contains(t, stderr, `there is no class "mail"; there are "calls"`)
		require.Empty(t, stdout, "told before the work is done")
	})

	t.Run("a file that cannot be written is told before the work is done, and nothing is half done", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		html, old := filepath.Join(dir, "a.html"), filepath.Join(dir, "b.html")
		require.NoError(t, os.WriteFile(old, []byte("of last month"), 0o600))
		for _, page := range []string{html, old} {
			code, stdout, stderr := output(t, "-scenario", path, "-html", page, "-csv", dir)
			require.Equal(t, failed, code)
			require.Empty(t, stdout)
			require.Contains(t, stderr, dir)
		}
		require.NoFileExists(t, html)
		kept, err := os.ReadFile(old)
		require.NoError(t, err)
		require.Equal(t, "of last month", string(kept))
	})

	t.Run("interrupted, it reports on what was done", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		defer cancel()
		var out, errs bytes.Buffer
		code := run(ctx, []string{"-scenario", path, "-replications", "10000"}, &out, &errs)
		require.Equal(t, interrupted, code)
		require.Contains(t, out.String(), "INTERRUPTED")
		require.Contains(t, errs.String(), "the report is of what was done by then")
	})

	t.Run("all faults of a file, with line and column", func(t *testing.T) {
		t.Parallel()
		bad := file(t, strings.Replace(strings.Replace(small, "per_hour", "per_huor", 1), "replications", "replicatons", 1))
		code, stdout, stderr := output(t, "-scenario", bad)
		require.Equal(t, failed, code)
		require.Empty(t, stdout)
		require.Contains(t, stderr, bad+`:2:16: replicatons: unknown key "replicatons", did you mean "replications"?`)
		require.Contains(t, stderr, bad+`:3:46: classes[0].arrivals.per_huor: unknown key`)
	})

	for _, c := range []struct {
		name, want string
		code       int
		args       []string
	}{
		{"help", "Write your own", done, []string{"-h"}},
		{"no scenario", "-scenario is needed", misused, nil},
		{"an unknown flag", "not defined", misused, []string{"-scenari", path}},
		{"an argument", "unexpected argument", misused, []string{"-scenario", path, "more"}},
		{"no file", "no such file", failed, []string{"-scenario", "missing.json"}},
		{"no other file", "no such file", failed, []string{"-scenario", path, "-compare", "missing.json"}},
		{"no folder for the page", "no such file", failed, []string{"-scenario", path, "-html", "missing/a.html"}},
		{"no folder for the table", "no such file", failed, []string{"-scenario", path, "-csv", "missing/a.csv"}},
		{"fewer examples than none", "want 0 or more", misused, []string{"-scenario", path, "-examples", "-1"}},
		{"no workers", "want 1 or more", misused, []string{"-scenario", path, "-workers", "0"}},
		{"no replications", "want 1 to", misused, []string{"-scenario", path, "-replications", "0"}},
		{"no seed", "-seed is 0", misused, []string{"-scenario", path, "-seed", "0"}},
		{"too many replications", "want 1 to", misused, []string{"-scenario", path, "-replications", "99999"}},
		{"a limit without a comparison", "want a measure", misused, []string{"-scenario", path, "-want", "service_level"}},
		{"a limit of nothing", "there is no measure", misused, []string{"-scenario", path, "-want", "luck >= 1"}},
		{"a limit of no number", "is no number", misused, []string{"-scenario", path, "-want", "served >= many"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			code, _, stderr := output(t, c.args...)
			require.Equal(t, c.code, code)
			require.Contains(t, stderr, c.want)
		})
	}
}

// A manager's own policy meets traffic that is made up: by a flag, or named by the
// scenario.
func TestPolicyFile(t *testing.T) {
	t.Parallel()
	const text = "for: 6h\nstart: 2026-03-02T08:00:00Z\nreplications: 1\n" +
		"classes: [{name: mail, kind: question, audiences: [customer], language: en, channel: email, arrivals: {per_hour: 12}, handling: {mean: 5m}}]\n"
	dir := t.TempDir()
	write := func(name, text string) string {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
		return filepath.Join(dir, name)
	}
	for _, name := range []string{"airline.yaml", "airline-roster.yaml"} {
		data, err := os.ReadFile(filepath.Join("..", "policy", name))
		require.NoError(t, err)
		write(name, string(data))
	}
	flagged := write("flagged.yaml", text+"groups: [{name: desk, count: 2}]\n")
	named := write("named.yaml", "policy: [airline.yaml, airline-roster.yaml]\n"+text)
	code, own, stderr := output(t, "-scenario", flagged, "-json")
	require.Equal(t, done, code, stderr)
	code, by, stderr := output(t, "-scenario", flagged, "-policy", filepath.Join(dir, "airline.yaml"), "-policy", filepath.Join(dir, "airline-roster.yaml"), "-json")
	require.Equal(t, done, code, stderr)
	code, same, stderr := output(t, "-scenario", named, "-json")
	require.Equal(t, done, code, stderr)
	require.Equal(t, by, same)
	require.NotEqual(t, own, by)
	require.Contains(t, by, `"rosa"`)

	code, _, stderr = output(t, "-scenario", write("wrong.yaml", text+"group: []\n"))
	require.Equal(t, failed, code)
	require.Contains(t, stderr, "wrong.yaml:5:1: there is no key \"group\"; did you mean \"groups\"?")
}

func TestWords(t *testing.T) {
	t.Parallel()
	require.Equal(t, "1,234,567", thousands(1234567))
	require.Equal(t, "999", thousands(999))
	text := barText(simulate.Progress{Share: 0.5, Done: 2, Inquiries: 1500}, 10*time.Second)
	require.Contains(t, text, strings.Repeat("#", 15)+strings.Repeat(".", 15))
	require.Contains(t, text, "10s left")
}
