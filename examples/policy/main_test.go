package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/routing/policyfile/policytest"
)

var _ = flag.Bool("update", false, "write the golden decisions anew")

// spring is when the program is run in these tests.
var spring = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func called(args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = run(args, spring, &out, &err)
	return code, out.String(), err.String()
}

// This is all that a host needs to have its policy tested by go test.
func TestAirline(t *testing.T) {
	t.Parallel()
	policytest.Run(t, policytest.Config{}, "airline_test.yaml")
}

var airline = []string{"airline.yaml", "airline-roster.yaml"}

// Exit codes are what continuous integration looks at.
func TestExitCodes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name         string
		args         []string
		code         int
		stdout, errs string
	}{
		{"nothing", nil, 2, "", "Start here"},
		{"help", []string{"-h"}, 0, "Start here", ""},
		{"no such command", []string{"chekc"}, 2, "", `there is no command "chekc"`},
		{"a command's help", []string{"lint", "-h"}, 0, "", "let notices fail, too"},
		{"no file", []string{"check"}, 2, "", "no file is named; policy check -h shows an example"},
		{"no such flag", []string{"lint", "-x", "airline.yaml"}, 2, "", "-x"},
		{"a file that is not there", []string{"check", "none.yaml"}, 1, "", "none.yaml"},
		{"a sound policy", append([]string{"check"}, airline...), 0, "fine: version tern-2026-03, 14 rules, 11 owners", ""},
		{"a draft", []string{"check", "draft.yaml"}, 1, "", "draft.yaml:3:1: there is no key \"calenders\"; did you mean \"calendars\"?"},
		{"a clean lint", append([]string{"lint", "-strict"}, airline...), 0, "0 warnings, 0 notices", ""},
		{"a policy without its roster", []string{"lint", "airline.yaml"}, 1, "duty.manager is the sink, where every ladder ends, and not on the roster", "note: there is nobody on the roster; name its file, too"},
		{"a date that is none", append([]string{"lint", "-from", "tomorrow"}, airline...), 2, "", "-from: date"},
		{"tests", []string{"test", "-v", "airline_test.yaml"}, 0, "10 tests, 0 failed", ""},
		{"tests that are no table", []string{"test", "airline.yaml"}, 1, "0 tests, 0 failed, 1 file with faults\n", "tests is missing"},
		{"an explanation", append([]string{"explain", "-label", "refund", "-why", "vera"}, airline...), 0, "Why not Vera Lopes (vera)", ""},
		{"somebody who is not there", append([]string{"explain", "-online", "vear"}, airline...), 2, "", `online: "vear" is not on the roster; did you mean "vera"?`},
		{"two owners at once", append([]string{"explain", "-online", "vera,nuno"}, airline...), 2, "", "want one owner; give -online once for each"},
		{"a time that is none", append([]string{"explain", "-at", "yesterday"}, airline...), 2, "", "want a date, a time and the zone's offset"},
		{"a label that no rule looks at", append([]string{"explain", "-label", "canceled"}, airline...), 0, "rule default", `note: no rule looks at the label "canceled"; did you mean "cancelled"?`},
		{"a picture", []string{"draw", "airline.yaml"}, 0, "flowchart TD", ""},
		{"a picture of another kind", []string{"draw", "-format", "png", "airline.yaml"}, 2, "", `-format is "png"; want mermaid or dot`},
		{"the schema", []string{"schema"}, 0, `"roster"`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := called(c.args...)
			require.Equal(t, c.code, code, stderr)
			require.Contains(t, stdout, c.stdout)
			require.Contains(t, stderr, c.errs)
		})
	}
}

func TestFindingsAsJSON(t *testing.T) {
	t.Parallel()
	code, stdout, _ := called("lint", "-json", "airline.yaml")
	require.Equal(t, found, code)
	for line := range strings.Lines(stdout) {
		var f struct {
			File, Check, Severity, Path, Problem, Mend string
			Line, Column                               int
		}
		dec := json.NewDecoder(strings.NewReader(line))
		dec.DisallowUnknownFields()
		require.NoError(t, dec.Decode(&f))
		require.Equal(t, "airline.yaml", f.File)
		require.Positive(t, f.Line)
	}
}

func TestAFailedTestIsTold(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range append([]string{"airline_test.yaml"}, airline...) {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		changed := strings.Replace(string(text), "{name: press, level: 5}", "{name: press, level: 3}", 1)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(changed), 0o600))
	}
	code, stdout, _ := called("test", filepath.Join(dir, "airline_test.yaml"))
	require.Equal(t, found, code)
	require.Contains(t, stdout, "airline_test.yaml:13:5: FAIL a journalist is answered by the press office within two office hours\n    owner: want vera, got nobody")
}

// What the README shows is what the program prints where the README says it is run.
func TestREADME(t *testing.T) {
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	t.Chdir(filepath.Join("..", ".."))
	shown := 0
	for _, block := range strings.Split(string(text), "```console\n")[1:] {
		block, _, _ = strings.Cut(block, "```")
		command, want, _ := strings.Cut(block, "\n")
		args := strings.Fields(strings.TrimPrefix(command, "$ go run ./examples/policy "))
		_, stdout, stderr := called(args...)
		require.Equal(t, want, strings.ReplaceAll(stdout+stderr, "\n\n\n", "\n\n"), command)
		shown++
	}
	require.GreaterOrEqual(t, shown, 4)
}
