package policyfile

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/routing"
)

// The pictures of the shop, as they were looked at.
func TestDraw(t *testing.T) {
	t.Parallel()
	f, err := Load("policytest/testdata/shop.yaml")
	require.NoError(t, err)
	f.Policy.Rules[0].Continue = true
	f.Policy.Rules[1].Rules = []routing.Rule{{Name: `a "b" <c>;`, Match: routing.Match{Languages: []string{"", "de"}, MinReach: 10}}}
	for name, text := range map[string]string{"testdata/shop.mmd": Mermaid(f.Policy), "testdata/shop.dot": DOT(f.Policy)} {
		if *update {
			require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
		}
		want, err := os.ReadFile(name)
		require.NoError(t, err)
		require.Equal(t, string(want), text)
	}
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
