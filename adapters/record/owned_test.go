package record_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/record"
	"github.com/answerable-go/answerable/inquiry"
)

func TestOwned(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	t.Run("H1 all that an owner has is counted twice, and nothing less", func(t *testing.T) {
		t.Parallel()
		require.True(t, record.Recounts(&inquiry.Query{Owner: "mia", Limit: 5, States: []inquiry.State{inquiry.StateAssigned}}))
		for name, q := range map[string]inquiry.Query{
			"nobody's": {}, "by due instants": {Sort: inquiry.ByDue}, "the next page": {After: inquiry.DeriveID("1")}, "until an instant": {DueBefore: at},
			"by ids": {IDs: []inquiry.ID{inquiry.DeriveID("1")}}, "of a department": {Department: "press"}, "by a label": {Label: "billing"}, "stranded ones": {Stranded: true},
		} {
			if name != "nobody's" {
				q.Owner = "mia"
			}
			require.False(t, record.Recounts(&q), name)
		}
	})
	t.Run("H1 an owner who has more that is due than was found has lost some of it", func(t *testing.T) {
		t.Parallel()
		mine := inquiry.Inquiry{Row: inquiry.Row{Owner: "mia", Due: at}}
		found := []inquiry.Inquiry{mine, {Row: inquiry.Row{Owner: "mia"}}, {Row: inquiry.Row{Owner: "ben", Due: at}}, mine}
		q := inquiry.Query{Pool: "p", Owner: "mia"}
		require.NoError(t, record.LostOwned(&q, 9, found, 2))
		require.NoError(t, record.LostOwned(&q, 9, found, 1), "what is written in between is no loss")
		err := record.LostOwned(&q, 9, found, 3)
		require.ErrorIs(t, err, adapters.ErrDamaged)
		require.ErrorContains(t, err, `owner "mia" has 3 that are due, and an index leads to 2 of them`)
		require.ErrorIs(t, record.LostOwned(&q, 5, found, 3), adapters.ErrDamaged)
		require.NoError(t, record.LostOwned(&q, 4, found, 3), "as much as was asked for")
	})
}
