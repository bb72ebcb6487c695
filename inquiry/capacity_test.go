package inquiry

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestCapacity(t *testing.T) {
	t.Parallel()

	t.Run("C9 a wait has the cost that its event says, until it ends", func(t *testing.T) {
		three := 3
		r := rowIn(StateAssigned)
		apply := func(kind EventKind, data Data, do Command) {
			e := suiting(&r, kind)
			if data != nil {
				e.Data = data
			}
			if do != nil {
				e.Do = do
			}
			require.NoError(t, Apply(&r, &e))
		}
		apply(AwaitingCustomer, Awaiting{Until: noon, Cost: &three}, nil)
		require.True(t, r.Rests())
		require.Equal(t, 3, r.Takes())
		require.Equal(t, 10, r.Cost)
		apply(AwaitEnded, nil, nil)
		require.Equal(t, 10, r.Takes())
		apply(AwaitingCustomer, Awaiting{Until: noon}, nil)
		require.False(t, r.Rests())
		require.Equal(t, 10, r.Takes(), "as much as ever")
	})

	t.Run("C8 each owner has one wrap-up of an inquiry, and others have theirs", func(t *testing.T) {
		r := rowIn(StateAssigned)
		for i, owner := range []OwnerID{"anna", "ben", "anna"} {
			e := suiting(&r, Assigned)
			e.Owner, e.Data = owner, Offering{Cost: 10 + i}
			if r.Owner != owner {
				require.NoError(t, Apply(&r, &e))
			}
			e = suiting(&r, Released)
			e.Owner, e.Data = owner, Ending{WrapUp: noon.Add(time.Duration(i))}
			require.NoError(t, Apply(&r, &e))
		}
		require.Equal(t, []WrapUp{{"ben", noon.Add(1), 11}, {"anna", noon.Add(2), 12}}, r.WrapUps)
		for left, owner := range []OwnerID{"anna", "ben"} {
			e := eventOf(WrapUpEnded)
			e.Version, e.Owner = r.Version+1, owner
			joined(&r, &e)
			require.NoError(t, Apply(&r, &e))
			require.Len(t, r.WrapUps, 1-left)
		}
		require.Nil(t, r.WrapUps, "as it is read back")
	})

	t.Run("an owner's caps name each channel once, and allow something", func(t *testing.T) {
		o := Owner{ID: "anna", Caps: []Cap{{Channel: "chat", Max: 3}, {Channel: "phone", Max: 1, Alone: true}}}
		require.NoError(t, o.Validate())
		o.Caps = append(o.Caps, Cap{Max: 1}, Cap{Channel: "chat", Max: 2}, Cap{Channel: "post"}, Cap{Channel: "email", Max: -1})
		require.Equal(t, []string{
			"owner anna: a cap names no channel",
			"owner anna: channel chat is capped twice: keep one",
			"owner anna: the cap of channel post is 0: want 1 or more, or no cap",
			"owner anna: the cap of channel email is -1: want 1 or more, or no cap",
		}, strings.Split(o.Validate().Error(), "\n"))
	})
}
