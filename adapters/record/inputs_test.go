package record_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters/record"
	"github.com/answerable-go/answerable/inquiry"
)

func TestInputs(t *testing.T) {
	t.Parallel()
	of := func(pool string) inquiry.Input {
		return inquiry.Input{ID: inquiry.DeriveID(pool), Do: inquiry.Receive{Message: inquiry.Message{Pool: pool}}}
	}
	accept := inquiry.Input{ID: inquiry.DeriveID("accept"), Do: inquiry.Accept{Owner: "mia"}}
	t.Run("H7 a message is of the pool that it was prepared for, and of no other", func(t *testing.T) {
		t.Parallel()
		require.NoError(t, record.OfPool("one", []inquiry.Input{accept, of("one")}))
		require.NoError(t, record.OfPool("", []inquiry.Input{accept, of("")}))
		for _, other := range []string{"two", ""} { // by whom it was prepared, if by anybody
			inputs := []inquiry.Input{of("one"), of(other)}
			require.ErrorContains(t, record.OfPool("one", inputs), inputs[1].ID.String())
			_, err := record.Inputs("one", inputs)
			require.Equal(t, record.OfPool("one", inputs), err)
		}
	})
	t.Run("A1 each is a text, or an error that names it", func(t *testing.T) {
		t.Parallel()
		texts, err := record.Inputs("one", []inquiry.Input{accept, of("one")})
		require.NoError(t, err)
		require.Len(t, texts, 2)
		require.Contains(t, texts[0], accept.ID.String())
		late := of("one")
		late.At = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)
		_, err = record.Inputs("one", []inquiry.Input{accept, late})
		require.ErrorContains(t, err, "input "+late.ID.String()+": ")
	})
}
