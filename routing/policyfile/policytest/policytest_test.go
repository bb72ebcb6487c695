package policytest_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/routing/policyfile"
	"github.com/answerable-go/answerable/routing/policyfile/policytest"
)

// policytest finds the host's own flag.
var _ = flag.Bool("update", false, "write the decisions anew")

func TestShop(t *testing.T) {
	t.Parallel()
	policytest.Run(t, policytest.Config{}, "testdata/shop_test.yaml")
}

// copied is the shop in a directory of its own, with some text of one of its
// files changed.
func copied(t *testing.T, file, from, to string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"shop.yaml", "shop_test.yaml", "shop_test.golden.yaml"} {
		text, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(t, err)
		if name == file {
			require.Contains(t, string(text), from)
			text = []byte(strings.Replace(string(text), from, to, 1))
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	return filepath.Join(dir, "shop_test.yaml")
}

// What is wrong with a changed shop, as the tests of a host would say it.
func TestWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, from, to, want string }{
		{
			"a policy that decides otherwise", "shop.yaml", "{name: press, level: 4}", "{name: press, level: 1}",
			"3:5 owner: want anna, got ben (the only one who passes every gate)",
		},
		{"a target that changes a deadline", "shop.yaml", "within: 1h,", "within: 2h,", "3:5 deadline first_response: want 2026-03-03T09:30:00+01:00, got 2026-03-03T10:30:00+01:00"},
		{"what only the reviewed decisions say", "shop.yaml", "within: 16h", "within: 15h", "13:5 reviewed deadline resolve: want 2026-03-04T10:00:00+01:00, got 2026-03-03T17:00:00+01:00"},
		{"a reason of which only a part was reviewed", "shop_test.golden.yaml", "who passes every gate", "", "3:5 reviewed because: want the only one, got the only one who passes every gate"},
		{"an owner who is not there", "shop_test.yaml", "previous: ben", "previous: bent", `24:5 previous: "bent" is not on the roster; did you mean "ben"?`},
		{"a new test", "shop_test.yaml", "name: spam waits for review", "name: spam waits", "has no decision of that name; write it with -update and review it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, err := policyfile.LoadSuite(copied(t, c.file, c.from, c.to))
			require.NoError(t, err)
			results := s.Run()
			if err := s.Compare(results); err != nil {
				require.ErrorContains(t, err, "there is no such test")
			}
			var wrong []string
			for _, r := range results {
				for _, w := range r.Wrong {
					wrong = append(wrong, strings.TrimPrefix(r.Place.String(), r.File+":")+" "+w)
				}
			}
			require.Contains(t, strings.Join(wrong, "\n"), c.want)
		})
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, from, to, want string }{
		{"a misspelt key", "shop_test.yaml", "previous:", "previus:", `shop_test.yaml:27:5: there is no key "previus" in tests[3]; did you mean "previous"?`},
		{"a policy with a fault", "shop.yaml", "sink: head", "sink: 7", `shop.yaml:2:7: sink is 7 and has to be a text; put quotes around it: "7"`},
		{"two tests of a name", "shop_test.yaml", "spam waits for review", "a refund goes to whoever has room", `shop_test.yaml:34:11: tests[2] has the same name; give each its own`},
		{"no policy", "shop_test.yaml", "[shop.yaml]", "[]", `shop_test.yaml:1:1: no policy file is named; name at least one, relative to this file`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := policyfile.LoadSuite(copied(t, c.file, c.from, c.to))
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	s, err := policyfile.LoadSuite(copied(t, "shop.yaml", "within: 16h", "within: 15h"))
	require.NoError(t, err)
	require.NoError(t, s.Update(s.Run()))
	results := s.Run()
	require.NoError(t, s.Compare(results))
	for _, r := range results {
		require.Empty(t, r.Wrong, r.Name)
	}
	text, err := os.ReadFile(s.Golden())
	require.NoError(t, err)
	require.Contains(t, string(text), "resolve: \"2026-03-03T17:00:00+01:00\"")
}
