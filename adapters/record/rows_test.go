package record_test

import (
	"context"
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
					id := inquiry.DeriveID(fmt.Sprint(from), fmt.Sprint(i)).String()
					text := `{"id":"` + id + `"}`
					if err := add(record.Row{ID: id, Text: text, Sum: record.Sum("inquiry", "p", id, text)}); err != nil {
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
