package desk_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/reliability/desk"
	"github.com/answerable-go/answerable/routing/dispatch"
)

// What the proofs look for is found when it is there.
func TestHolds(t *testing.T) {
	t.Parallel()
	store := memory.New(memory.Config{})
	acknowledged := map[string]inquiry.ID{}
	for _, name := range []string{"a", "b", "c"} {
		external, in, err := desk.GoesOn(t.Context(), store, name)
		require.NoError(t, err)
		acknowledged[external] = in
	}
	d, err := desk.Open(store, dispatch.Config{})
	require.NoError(t, err)
	_, err = d.Submit(t.Context(), desk.Message("inbox", 0)) // not at work: it is put into the inbox
	require.True(t, inquiry.IsPending(err))
	acknowledged["inbox/0"] = inquiry.ID{}
	require.NoError(t, desk.Holds(t.Context(), store, acknowledged))

	acknowledged["a/1"] = inquiry.ID{}
	require.ErrorContains(t, desk.Holds(t.Context(), store, acknowledged), "of 5 messages that were acknowledged 1 are not as they were: a/1 is in 0 inputs and in no inquiry")
	delete(acknowledged, "a/1")
	acknowledged["a/0"] = acknowledged["b/0"]
	require.ErrorContains(t, desk.Holds(t.Context(), store, acknowledged), "a/0 is in")
}
