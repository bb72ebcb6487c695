package dispatch_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/dispatch"
)

// What cannot be carried out is refused before it is in any inbox, whoever leads.
func TestCommandsThatAreRefusedAtOnce(t *testing.T) {
	t.Parallel()
	store := memory.New(memory.Config{})
	e, err := dispatch.New(store, smallPolicy(), dispatch.Config{Directory: smallStaff()})
	require.NoError(t, err)
	id, long := inquiry.DeriveID("somebody's"), strings.Repeat("x", dispatch.MaxText+100)
	for name, tt := range map[string]struct {
		command inquiry.Command
		problem string
	}{
		"nothing":              {nil, "no command"},
		"a reply without text": {inquiry.Reply{Inquiry: id, Owner: "anna"}, "the reply has no text"},
		"a reply too long":     {inquiry.Reply{Inquiry: id, Owner: "anna", Text: long}, "the inquiry.Reply has a text of more than 1048576 bytes"},
		"a reason too long":    {inquiry.Decline{Inquiry: id, Owner: "anna", Reason: long}, "the inquiry.Decline has a text of more than 1048576 bytes"},
		"a name too long":      {inquiry.Roster{Set: []inquiry.Owner{{ID: "anna", Name: long}}}, "the inquiry.Roster has a text of more than 1048576 bytes"},
		// As JSON it would be as good as the value, without what the Engine adds and checks.
		"a pointer": {&inquiry.Reply{Inquiry: id, Owner: "anna"}, "the command is a *inquiry.Reply: hand over the value"},
		"no value":  {(*inquiry.Accept)(nil), "the command is a *inquiry.Accept: hand over the value"},
	} {
		err := e.Do(t.Context(), "", tt.command)
		require.ErrorContains(t, err, tt.problem, name)
		require.ErrorIs(t, err, inquiry.Invalid, name)
		_, err = e.PrepareCommand("", "", tt.command)
		require.ErrorContains(t, err, tt.problem, name)
		_, err = e.DoBatch(t.Context(), []dispatch.Action{{Command: tt.command}})
		require.ErrorContains(t, err, "action 0: inquiry: refused: invalid: "+tt.problem, name)
	}
	waiting, err := store.Pending(t.Context(), e.Pool(), 9)
	require.NoError(t, err)
	require.Empty(t, waiting)
}

// What was accepted with a message is no text of the split that moves it.
func TestASplitMovesWhateverWasAccepted(t *testing.T) {
	t.Parallel()
	inHouse(t, nil, func(h *house) {
		id := h.submit("kim")
		m := h.message("kim")
		m.Author.Name = strings.Repeat("x", dispatch.MaxText+100)
		r, err := h.Submit(h.ctx, m)
		require.NoError(t, err)
		require.Equal(t, id, r.Inquiry)
		split := inquiry.Split{Inquiry: id, Owner: "head", Messages: []inquiry.ID{r.Message}}
		_, err = h.Split(h.ctx, "", split)
		require.NoError(t, err)
		split.Reason = m.Author.Name
		_, err = h.Split(h.ctx, "", split)
		require.ErrorContains(t, err, "the inquiry.Split has a text of more than 1048576 bytes")
		require.ErrorContains(t, h.DoAs(h.ctx, m.Author.Name, "", inquiry.Release{Inquiry: id, Owner: "anna"}), "the actor has 1048676 bytes")
	})
}
