package record_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/record"
	"github.com/answerable-go/answerable/inquiry"
)

func TestEachPage(t *testing.T) {
	t.Parallel()
	const pages, each = 50, 3
	// read hands over the rows of all pages.
	read := func(ctx context.Context, readers int, open func(n int) error) (rows int, err error) {
		page := 0
		next := func(context.Context, int) (record.Page, error) {
			if page == pages {
				return nil, nil
			}
			page++
			from := page
			return func(_ context.Context, add func(record.Row) error) error {
				for i := range each {
					if err := add(stored(each*from + i)); err != nil {
						return err
					}
				}
				return nil
			}, nil
		}
		err = record.EachPage(ctx, "p", readers, next, func(*inquiry.Row, []adapters.MessageRef) error {
			rows++
			return open(rows)
		})
		return rows, err
	}
	for _, readers := range []int{1, 4} {
		t.Run(fmt.Sprintf("A2 whoever gives up half way is told so, and never that it was all, with %d readers", readers), func(t *testing.T) {
			t.Parallel()
			for range 100 {
				ctx, cancel := context.WithCancel(t.Context())
				rows, err := read(ctx, readers, func(n int) error {
					if n == 10 {
						cancel()
					}
					return nil
				})
				if err == nil {
					require.Equal(t, pages*each, rows)
				} else {
					require.ErrorIs(t, err, context.Canceled)
				}
			}
			rows, err := read(t.Context(), readers, func(int) error { return nil })
			require.NoError(t, err)
			require.Equal(t, pages*each, rows)
		})
	}
}

// stored is the n-th row as a store has it, with one message.
func stored(n int) record.Row {
	id := inquiry.DeriveID(fmt.Sprint(n))
	text := `{"id":"` + id.String() + `"}`
	return record.Row{
		ID: id.String(), Text: text, Sum: record.Sum("inquiry", "p", id.String(), text), Messages: []adapters.MessageRef{{ID: inquiry.DeriveID("m"), Inquiry: id}},
	}
}

func TestEachRow(t *testing.T) {
	t.Parallel()
	const n = 3000 // more than are under way at once
	broken := errors.New("broken")
	// read hands over n rows, the damaged one among them, if there is one, and then ends with an error.
	read := func(damaged int, end error, open func(n int) error) (rows int, err error) {
		reading := false
		err = record.EachRow(context.Background(), "p", func(_ context.Context, add func(record.Row) error) error {
			reading = true
			defer func() { reading = false }()
			for i := range n {
				r := stored(i)
				if i == damaged {
					r.Sum++
				}
				if err := add(r); err != nil {
					return err
				}
			}
			return end
		}, func(r *inquiry.Row, messages []adapters.MessageRef) error {
			want := inquiry.DeriveID(fmt.Sprint(rows))
			if r.ID != want || len(messages) != 1 || messages[0].Inquiry != want {
				t.Errorf("row %d is %s, with %v", rows, r.ID, messages)
			}
			rows++
			return open(rows)
		})
		if reading {
			t.Error("the store is still being read")
		}
		return rows, err
	}
	goOn := func(int) error { return nil }
	t.Run("A2 all rows come, in order", func(t *testing.T) {
		t.Parallel()
		rows, err := read(-1, nil, goOn)
		require.NoError(t, err)
		require.Equal(t, n, rows)
	})
	t.Run("H1 one that is not as it was written ends it", func(t *testing.T) {
		t.Parallel()
		for _, damaged := range []int{0, 255, 256, n - 1} {
			rows, err := read(damaged, nil, goOn)
			require.ErrorIs(t, err, adapters.ErrDamaged)
			require.LessOrEqual(t, rows, damaged)
		}
	})
	t.Run("A2 a store that fails behind the last of them is not taken for the end", func(t *testing.T) {
		t.Parallel()
		_, err := read(-1, broken, goOn)
		require.ErrorIs(t, err, broken)
	})
	t.Run("A2 whoever is handed them may give up at any of them", func(t *testing.T) {
		t.Parallel()
		for _, last := range []int{1, 256, 257, n} {
			rows, err := read(-1, nil, func(i int) error {
				if i == last {
					return broken
				}
				return nil
			})
			require.ErrorIs(t, err, broken)
			require.Equal(t, last, rows)
		}
	})
}
