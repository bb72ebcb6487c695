package policyfile_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/policyfile"
)

// What a message says in other words than the rules decides nothing.
func ExampleFile_Overlooked() {
	f, err := policyfile.Parse(policyfile.Source{Name: "shop.yaml", Data: []byte(shop)})
	if err != nil {
		panic(err)
	}
	for _, o := range f.Overlooked(policyfile.Message{Labels: []string{"refund", "refunds"}, Channel: "fax"}) {
		fmt.Println(o)
	}
	// Output:
	// no rule looks at the label "refunds"; did you mean "refund"?
	// no rule looks at the channel "fax"
}

func TestOverlooked(t *testing.T) {
	t.Parallel()
	f, err := policyfile.Parse(policyfile.Source{Name: "shop.yaml", Data: []byte(`sink: head
channels: [{name: email, cost: 10}]
default: {targets: [{kind: resolve, within: 8h}]}
rules:
  - name: outer
    match: {kinds: [complaint], audiences: [journalist]}
    rules:
      - name: inner
        match: {any_label: [a], no_label: [b], any_audience: [lawyer], channels: [chat], accounts: [brand]}
`)})
	require.NoError(t, err)
	require.Nil(t, f.Overlooked(policyfile.Message{}), "what is not known is not overlooked")
	for _, known := range []policyfile.Message{
		{Kind: inquiry.Complaint},
		{Labels: []string{"a", "b"}},
		{Audiences: []inquiry.Audience{"journalist", "lawyer"}},
		{Channel: "email"},
		{Channel: "chat"},
		{Account: "brand"},
	} {
		require.Nil(t, f.Overlooked(known))
	}
	require.Equal(t, []string{
		`no rule looks at the kind "praise"`, `no rule looks at the label "x"`, `no rule looks at the audience "jurnalist"; did you mean "journalist"?`,
		`no rule looks at the channel "chats"; did you mean "chat"?`, `no rule looks at the account "brad"; did you mean "brand"?`,
	}, f.Overlooked(policyfile.Message{Kind: "praise", Labels: []string{"x"}, Audiences: []inquiry.Audience{"jurnalist"}, Channel: "chats", Account: "brad"}))
}

func TestTryTellsAllThatIsWrong(t *testing.T) {
	t.Parallel()
	f, err := policyfile.Parse(policyfile.Source{Name: "shop.yaml", Data: []byte(shop)})
	require.NoError(t, err)
	_, _, err = f.Try(policyfile.Situation{
		Online: []inquiry.OwnerID{"ana"}, Load: map[inquiry.OwnerID]int{"x": 1, "anna": -1}, Previous: "y",
		After: -1, At: time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC),
	}, "hed")
	require.EqualError(t, err, `online: "ana" is not on the roster; did you mean "anna"?
load: anna holds -1: want 1 to 1000000
load: "x" is not on the roster
previous: "y" is not on the roster
why not: "hed" is not on the roster; did you mean "head"?
at is 0001-01-01T00:00:00Z: want a time from 1970 to 9000, such as 2026-03-02T09:30:00+01:00
after is -1ns: want 0 to 72h`)
}
