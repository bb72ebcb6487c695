package verify_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/verify"
)

// The comment beside a rule and what the rule says of itself are the same words,
// and end in the numbers of guarantees.
func TestRulesSayWhatTheyPromise(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "rule.go", nil, parser.ParseComments)
	require.NoError(t, err)
	said := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && len(v.Values) == 1 {
			name, text, _ := strings.Cut(strings.TrimSpace(v.Doc.Text()), ": ")
			require.Equal(t, v.Names[0].Name, name)
			said[strings.Trim(v.Values[0].(*ast.BasicLit).Value, `"`)] = strings.TrimSuffix(strings.Join(strings.Fields(text), " "), ".")
		}
		return true
	})
	require.Len(t, verify.Rules(), len(said))
	numbers := regexp.MustCompile(`^[A-H]\d+( to [A-H]\d+)?$`)
	for _, rule := range verify.Rules() {
		require.Equal(t, said[string(rule)], rule.Promise(), rule)
		require.NotEmpty(t, rule.Guarantees(), rule)
		for _, g := range rule.Guarantees() {
			require.Regexp(t, numbers, g, rule)
		}
	}
	require.Empty(t, verify.Rule("unheard of").Promise())
	require.Empty(t, verify.Rule("unheard of").Guarantees())
}

// A report keeps so many findings and counts the others.
func TestReportIsBounded(t *testing.T) {
	t.Parallel()
	v := verify.New("pool")
	for range verify.MaxFindings {
		v.Event(&inquiry.Event{})
	}
	r := v.Report()
	require.Len(t, r.Findings, verify.MaxFindings)
	require.Positive(t, r.More)
	require.False(t, r.Sound())
	broken := uint64(0)
	for _, c := range r.Checks {
		broken += c.Broken
	}
	require.Equal(t, uint64(verify.MaxFindings)+r.More, broken)
}

func ExampleJournal() {
	seen := func(yield func(inquiry.Event, error) bool) { // a journal of two events, of which one is missing
		at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		seen := inquiry.Event{Format: 1, Pool: "default", Seq: 1, At: at, RecordedAt: at, Kind: inquiry.HeartbeatSeen, Cause: inquiry.InputID("default", "1")}
		seen.Do = inquiry.Heartbeat{Owners: []inquiry.OwnerID{"anna"}}
		later := seen
		later.Seq, later.Cause = 3, inquiry.InputID("default", "2")
		_ = yield(seen, nil) && yield(later, nil)
	}
	r, err := verify.Journal("default", seen, verify.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range r.Findings {
		fmt.Println(f)
	}
	// Output:
	// event 1: presence: nobody of whom it tells is on the roster
	// event 3: sequence: it follows event 1
	// event 3: presence: nobody of whom it tells is on the roster
}
