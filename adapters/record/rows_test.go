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

func TestEachPageThatFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	const pages, each = 5, 300 // more than rows go from hand to hand elsewhere
	for name, tt := range map[string]struct{ next, page error }{
		"A2 all pages come, however long they are":       {},
		"A2 that there are more may not be to find out":  {next: broken},
		"A2 a page that fails is not taken for a page":   {page: broken},
		"A2 both may fail, and the first of them counts": {next: broken, page: broken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at, rows := 0, 0
			next := func(context.Context, int) (record.Page, error) {
				switch {
				case at == pages && tt.next != nil: // whatever comes beside an error is no page
					return func(context.Context, func(record.Row) error) error { return nil }, tt.next
				case at == pages:
					return nil, nil
				}
				from := each * at
				at++
				last := at == pages
				return func(_ context.Context, add func(record.Row) error) error {
					for i := range each {
						if err := add(stored(from + i)); err != nil {
							return err
						}
					}
					if last {
						return tt.page
					}
					return nil
				}, nil
			}
			err := record.EachPage(t.Context(), "p", 3, next, func(r *inquiry.Row, _ []adapters.MessageRef) error {
				require.Equal(t, inquiry.DeriveID(fmt.Sprint(rows)), r.ID)
				rows++
				return nil
			})
			if tt.next == nil && tt.page == nil {
				require.NoError(t, err)
				require.Equal(t, pages*each, rows)
				return
			}
			require.ErrorIs(t, err, broken)
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
	t.Run("H1 nor can one be read that says nothing", func(t *testing.T) {
		t.Parallel()
		err := record.EachRow(t.Context(), "p", func(_ context.Context, add func(record.Row) error) error {
			return add(record.Row{ID: "1", Text: "[]", Sum: record.Sum("inquiry", "p", "1", "[]")})
		}, func(*inquiry.Row, []adapters.MessageRef) error { return nil })
		require.ErrorIs(t, err, adapters.ErrDamaged)
		require.ErrorContains(t, err, "it cannot be read")
	})
	t.Run("A2 whoever gives up half way is told so, and never that it was all", func(t *testing.T) {
		t.Parallel()
		for range 50 {
			ctx, cancel := context.WithCancel(t.Context())
			rows := 0
			err := record.EachRow(ctx, "p", func(_ context.Context, add func(record.Row) error) error {
				for i := range n {
					if err := add(stored(i)); err != nil {
						return err
					}
				}
				return nil
			}, func(r *inquiry.Row, _ []adapters.MessageRef) error {
				if r.ID != inquiry.DeriveID(fmt.Sprint(rows)) {
					t.Errorf("row %d is %s", rows, r.ID)
				}
				if rows++; rows == 10 {
					cancel()
				}
				return nil
			})
			if err == nil {
				require.Equal(t, n, rows)
			} else {
				require.ErrorIs(t, err, context.Canceled)
			}
			cancel()
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
