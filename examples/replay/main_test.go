package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/routing/replay"
)

// output runs the program.
func output(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, &out, &errs)
	return code, out.String(), errs.String()
}

// sample are the flags of the sample's log, and more.
func sample(more ...string) []string {
	return append([]string{"-log", "sample/tickets.csv", "-map", "sample/tickets-map.json"}, more...)
}

func bySkill(more ...string) []string {
	return append(sample("-policy", "sample/by-skill.yaml", "-roster", "sample/roster.yaml"), more...)
}

// file writes a file for a test.
func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

var update = flag.Bool("update", false, "write what the commands of the README print into it")

// words are a text without what another decision of the core may change: every
// number, and what depends on it.
func words(text string) string {
	text = regexp.MustCompile(`\bpoints\b|\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b|[-+=]?\b[0-9][0-9.,:hmsd-]*( %)?|[-+=>]`).ReplaceAllString(text, "")
	return strings.Join(strings.Fields(text), " ")
}

// The commands of the README print what it says, but for the numbers and the courses of
// single tickets. They are run where the README says; -update writes those of today.
func TestREADME(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	page, err := filepath.Abs("README.md")
	require.NoError(t, err)
	t.Chdir(filepath.Join("..", ".."))
	blocks := regexp.MustCompile("(?s)```console\n\\$ go run ./examples/replay ([^\n]*)\n(.*?)```\n").FindAllStringSubmatch(string(readme), -1)
	require.Len(t, blocks, 4)
	for _, block := range blocks {
		_, stdout, stderr := output(t, strings.Fields(block[1])...)
		if *update {
			begin := "$ go run ./examples/replay " + block[1] + "\n"
			readme = bytes.Replace(readme, []byte(begin+block[2]+"```"), []byte(begin+stdout+stderr+"```"), 1)
			require.NoError(t, os.WriteFile(page, readme, 0o600))
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
	if t.Kind() != reflect.Struct {
		return
	}
	for f := range t.Fields() {
		if key, _, _ := strings.Cut(f.Tag.Get("json"), ","); key != "" && key != "-" {
			into[key] = true
		}
		names(f.Type, into)
	}
}

func TestREADMENamesEveryKeyAndFlag(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	all := map[string]bool{}
	names(reflect.TypeFor[replay.Mapping](), all)
	require.Greater(t, len(all), 30)
	for key := range all {
		named := strings.Contains(string(readme), "`"+key+"`") || strings.Contains(string(readme), `"`+key+`"`)
		require.True(t, named, "the README has no %q", key)
	}
	code, _, help := output(t, "-h")
	require.Equal(t, fine, code)
	flags := regexp.MustCompile(`(?m)^  (-[a-z-]+)`).FindAllStringSubmatch(help, -1)
	require.Greater(t, len(flags), 20)
	for _, f := range flags {
		require.Contains(t, string(readme), f[1])
	}
}

func TestRun(t *testing.T) {
	t.Parallel()

	t.Run("the report as JSON is the same twice", func(t *testing.T) {
		t.Parallel()
		code, one, stderr := output(t, bySkill("-json")...)
		require.Equal(t, fine, code, stderr)
		var r replay.Report
		require.NoError(t, json.Unmarshal([]byte(one), &r))
		require.Equal(t, 48, r.Inquiries)
		require.Equal(t, "by-skill", r.Policy)
		require.Greater(t, r.Was.Groups.HandedOff, r.Would.Groups.HandedOff)
		_, two, _ := output(t, bySkill("-json")...)
		require.Equal(t, one, two)
	})

	t.Run("the changes as CSV", func(t *testing.T) {
		t.Parallel()
		code, stdout, stderr := output(t, bySkill("-csv")...)
		require.Equal(t, fine, code, stderr)
		rows, err := csv.NewReader(strings.NewReader(stdout)).ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, 49)
		require.Equal(t, "fay > bea", rows[2][2])
	})

	t.Run("a case that is named like a formula is none in a spreadsheet", func(t *testing.T) {
		t.Parallel()
		log, err := os.ReadFile("sample/tickets.csv")
		require.NoError(t, err)
		path := file(t, "tickets.csv", strings.ReplaceAll(string(log), "T-1001", "=1+1"))
		code, stdout, stderr := output(t, "-log", path, "-map", "sample/tickets-map.json", "-policy", "sample/by-skill.yaml", "-roster", "sample/roster.yaml", "-csv")
		require.Equal(t, fine, code, stderr)
		require.Contains(t, stdout, "\n'=1+1,")
		require.NotContains(t, stdout, "\n=1+1,")
	})

	t.Run("a .gz is unpacked", func(t *testing.T) {
		t.Parallel()
		plain, err := os.ReadFile("sample/tickets.csv")
		require.NoError(t, err)
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		_, err = w.Write(plain)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		path := file(t, "tickets.csv.gz", packed.String())
		_, want, _ := output(t, sample()...)
		code, got, stderr := output(t, "-log", path, "-map", "sample/tickets-map.json")
		require.Equal(t, fine, code, stderr)
		require.Equal(t, want, got)

		path = file(t, "tickets.csv.gz", packed.String()[:packed.Len()/2])
		code, stdout, stderr := output(t, "-log", path, "-map", "sample/tickets-map.json")
		require.Equal(t, bad, code)
		require.Empty(t, stdout)
		require.Contains(t, stderr, "unexpected EOF")
	})

	t.Run("a limit that is exceeded is exit code 1", func(t *testing.T) {
		t.Parallel()
		code, _, stderr := output(t, bySkill("-max-new-breaches", "0", "-max-stranded", "0")...)
		require.Equal(t, fine, code, stderr)
		slow := file(t, "roster.yaml", "roster:\n  - {id: fay, departments: [front desk], capacity: 10, shift: office, skills: [{name: parcels, level: 4}, {name: billing, level: 2}, {name: tech, level: 2}]}\n")
		code, stdout, stderr := output(t, sample("-policy", "sample/by-skill.yaml", "-roster", slow, "-max-new-breaches", "0")...)
		require.Equal(t, worse, code)
		require.NotEmpty(t, stdout, "the report is printed all the same")
		require.Contains(t, stderr, "-max-new-breaches allows 0")
		none := file(t, "roster.yaml", "roster:\n  - {id: fay, capacity: 10}\n")
		code, _, stderr = output(t, sample("-policy", "sample/by-skill.yaml", "-roster", none, "-max-stranded", "3")...)
		require.Equal(t, worse, code)
		require.Contains(t, stderr, "48 inquiries are stranded, -max-stranded allows 3")
	})

	t.Run("every limit that is exceeded is told", func(t *testing.T) {
		t.Parallel()
		none := file(t, "roster.yaml", "roster:\n  - {id: fay, capacity: 10}\n")
		code, _, stderr := output(t, sample("-policy", "sample/by-skill.yaml", "-roster", none, "-max-stranded", "3", "-max-new-breaches", "0")...)
		require.Equal(t, worse, code)
		require.Contains(t, stderr, "-max-stranded allows 3")
		require.Contains(t, stderr, "-max-new-breaches allows 0")
	})

	t.Run("interrupted", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		var out, errs bytes.Buffer
		require.Equal(t, interrupted, run(ctx, bySkill(), &out, &errs))
		require.Empty(t, out.String())
	})

	t.Run("what happened, as JSON", func(t *testing.T) {
		t.Parallel()
		code, stdout, stderr := output(t, sample("-json")...)
		require.Equal(t, fine, code, stderr)
		require.Contains(t, stdout, `"handed_off":21`)
	})
}

func TestBadInput(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"nothing":                {nil, "-log or -journal is needed"},
		"an unknown flag":        {[]string{"-policies", "x"}, "flag provided but not defined"},
		"an argument":            {sample("more"), `unexpected argument "more"`},
		"no mapping":             {[]string{"-log", "x"}, "-log needs -map"},
		"both":                   {sample("-journal", "x"), "want one of them"},
		"a mapping too many":     {[]string{"-journal", "x", "-map", "y"}, "a journal needs neither"},
		"learning nothing":       {sample("-shifts"), "go with -infer"},
		"promising nothing":      {sample("-infer", "topic:"), "-infer needs -policy"},
		"two outputs":            {bySkill("-json", "-csv"), "want one of them"},
		"no such file":           {[]string{"-log", "none.csv", "-map", "sample/tickets-map.json"}, "none.csv"},
		"no such mapping":        {[]string{"-log", "sample/tickets.csv", "-map", "none.json"}, "none.json"},
		"no such policy":         {sample("-policy", "none.yaml"), "none.yaml"},
		"no such cases":          {sample("-cases", "none.csv"), "none.csv"},
		"cases too many":         {sample("-cases", "sample/tickets.csv"), "the mapping has no columns for a file of cases"},
		"a bad mapping":          {[]string{"-log", "sample/tickets.csv", "-map", "sample/by-skill.yaml"}, "by-skill.yaml:1:1: no JSON"},
		"a policy with a fault":  {sample("-policy", "sample/tickets-map.json"), "tickets-map.json:"},
		"nobody":                 {sample("-policy", "sample/promises.yaml"), "nobody is on the roster"},
		"no date":                {sample("-policy", "sample/promises.yaml", "-infer", "topic:", "-learn-until", "May"), `-learn-until is "May"`},
		"nothing to learn from":  {sample("-policy", "sample/promises.yaml", "-infer", "topic:", "-learn-until", "2020-01-01"), "leaves 0 cases to learn from"},
		"nothing learned":        {sample("-policy", "sample/promises.yaml", "-infer", "colour:"), "nothing was inferred"},
		"fewer than no breaches": {bySkill("-max-new-breaches", "-1"), "want a whole number from 0 on"},
		"a limit of nothing":     {sample("-max-stranded", "0"), "are of what would have been"},
		"changes of nothing":     {sample("-csv"), "are of what would have been"},
		"how, of nothing":        {sample("-able", "x", "-drain", "-3h"), "-able and -drain are of what would have been"},
		"less than no changes":   {bySkill("-changes", "-1"), "-changes is -1: want 0 or more"},
		"an unknown handling":    {bySkill("-handling", "x"), `handling is "x"`},
		"no journal":             {[]string{"-journal", "sample/tickets.csv"}, "sample/tickets.csv:1: "},
		"no gzip file":           {[]string{"-log", file(t, "x.gz", "x"), "-map", "sample/tickets-map.json"}, "is it a gzip file?"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := output(t, c.args...)
			require.Equal(t, bad, code)
			require.Empty(t, stdout, "nothing half done")
			require.Contains(t, stderr, c.want)
		})
	}
}

// A real log, where there is one: in the folder that ANSWERABLE_DATA names.
func TestIncidents(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("ANSWERABLE_DATA")
	if dir == "" {
		t.Skip("ANSWERABLE_DATA is not set")
	}
	args := []string{"-log", filepath.Join(dir, "incidents_2016_events.jsonl.gz"), "-cases", filepath.Join(dir, "incidents_2016_cases.jsonl.gz"), "-map", "incidents-map.json"}
	code, stdout, stderr := output(t, args...)
	require.Equal(t, fine, code, stderr)
	require.Contains(t, stdout, "24918 cases in 166630 rows")
	require.Contains(t, stdout, "38.4 % were handed from one group to another (9575")
	require.Contains(t, stdout, "10.6 % came back to a group that had them before (2629)")
	code, stdout, stderr = output(t, append(args, "-policy", "incidents.yaml", "-infer", "topic:,category:", "-learn-until", "2016-05-01")...)
	require.Equal(t, fine, code, stderr)
	t.Log(stdout)
}
