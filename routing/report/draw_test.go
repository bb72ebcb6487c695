package report

import (
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/routing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden holds a text against a file, or writes the file.
func golden(t *testing.T, name, text string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	}
	want, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, string(want), text)
}

// shop is a policy with something of everything that is drawn.
func shop(t *testing.T) routing.Policy {
	t.Helper()
	raw, err := os.ReadFile("testdata/shop.json")
	require.NoError(t, err)
	var p routing.Policy
	require.NoError(t, json.Unmarshal(raw, &p))
	p.Rules[0].Continue = true
	p.Rules[1].Rules = []routing.Rule{{Name: `a "b" <c>;`, Match: routing.Match{Languages: []string{"", "de"}, MinReach: 10}}}
	return p
}

// The pictures of the shop, as they were looked at.
func TestDraw(t *testing.T) {
	t.Parallel()
	golden(t, "testdata/shop.mmd", Mermaid(shop(t)))
	golden(t, "testdata/shop.dot", DOT(shop(t)))
}

// Whatever a policy calls things stays within its label.
func TestDrawEscapes(t *testing.T) {
	t.Parallel()
	p := routing.Policy{Rules: []routing.Rule{{Name: "\"];\n  n0 --> n9[\"x", Match: routing.Match{Labels: []string{"<script>", "`", "\\"}}}}}
	plain := routing.Policy{Rules: []routing.Rule{{Name: "x", Match: routing.Match{Labels: []string{"y", "z"}}}}}
	require.Equal(t, strings.Count(Mermaid(plain), "\n"), strings.Count(Mermaid(p), "\n"))
	require.Equal(t, strings.Count(DOT(plain), "\n"), strings.Count(DOT(p), "\n"))
	require.NotContains(t, Mermaid(p), "<script>")
	require.Contains(t, DOT(p), `\"];`)
}
