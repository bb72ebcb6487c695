package adapters_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// overwriting hands over three inquiries in the same memory, as it may.
type overwriting struct{ err error }

func (o overwriting) Restore(
	_ context.Context, pool string, begin func(adapters.Recovery) error, open func(*inquiry.Row, []adapters.MessageRef) error,
) error {
	if err := begin(adapters.Recovery{Head: 7}); err != nil {
		return err
	}
	row, messages := inquiry.Row{Pool: pool, Persons: make([]inquiry.ID, 1)}, make([]adapters.MessageRef, 1)
	for n := range byte(3) {
		row.ID, row.Persons[0] = inquiry.ID{n}, inquiry.ID{10 + n}
		messages[0] = adapters.MessageRef{ID: inquiry.ID{20 + n}, Inquiry: row.ID}
		if err := open(&row, messages); err != nil {
			return err
		}
	}
	row, messages[0] = inquiry.Row{}, adapters.MessageRef{}
	return o.err
}

func TestGather(t *testing.T) {
	t.Parallel()
	r, err := adapters.Gather(t.Context(), overwriting{}, "p")
	require.NoError(t, err)
	require.EqualValues(t, 7, r.Head)
	require.Len(t, r.Rows, 3)
	for n := range byte(3) {
		require.Equal(t, inquiry.Row{Pool: "p", ID: inquiry.ID{n}, Persons: []inquiry.ID{{10 + n}}}, r.Rows[n])
		require.Equal(t, adapters.MessageRef{ID: inquiry.ID{20 + n}, Inquiry: inquiry.ID{n}}, r.Messages[n])
	}

	broken := errors.New("broken")
	r, err = adapters.Gather(t.Context(), overwriting{broken}, "p")
	require.ErrorIs(t, err, broken)
	require.Zero(t, r, "what was handed over before does not count")
}

func TestDamageError(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]*adapters.DamageError{
		`adapters: what the store holds is damaged: pool "p", mark retained: it is gone`: {Pool: "p", Kind: "mark", Key: "retained", Detail: "it is gone"},
		`adapters: what the store holds is damaged: no file of a store`:                  {Detail: "no file of a store"},
	} {
		require.EqualError(t, e, want)
		require.ErrorIs(t, e, adapters.ErrDamaged)
	}
}

func TestRetention(t *testing.T) {
	t.Parallel()
	for limit, most := range map[int]int{-1: 1000, 0: 1000, 1: 1, 5000: 5000} {
		require.Equal(t, most, (&adapters.Retention{Limit: limit}).Most(), limit)
	}
	_, err := adapters.ReadGone([]byte("{"))
	require.ErrorContains(t, err, "mark retained")
}
