package inquiry_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
)

func TestQueryCursor(t *testing.T) {
	t.Parallel()
	due := time.Date(2026, 3, 2, 10, 0, 0, 123456789, time.UTC)
	last := &inquiry.Inquiry{Row: inquiry.Row{ID: inquiry.DeriveID("7"), Due: due}}
	asked := inquiry.Query{
		Pool: "support", States: []inquiry.State{inquiry.StateQueued, inquiry.StateAssigned}, IDs: []inquiry.ID{{1}, {2}},
		Owner: "mia", Department: "press", Label: "billing", Stranded: true, DueBefore: due.Add(time.Hour), Sort: inquiry.ByDue, Limit: 10,
	}
	cursor := asked.Cursor(last)
	t.Run("A2 a query goes on exactly where its page ended", func(t *testing.T) {
		t.Parallel()
		for name, change := range map[string]func(q *inquiry.Query){
			"as it was":          func(*inquiry.Query) {},
			"with another limit": func(q *inquiry.Query) { q.Limit = 99 },
			"with lists in another order": func(q *inquiry.Query) {
				q.States, q.IDs = []inquiry.State{"assigned", "queued"}, []inquiry.ID{{2}, {1}, {2}}
			},
			"with an instant of elsewhere": func(q *inquiry.Query) { q.DueBefore = q.DueBefore.In(time.FixedZone("", 3600)) },
			"that was at another page":     func(q *inquiry.Query) { q.After, q.AfterDue = inquiry.ID{9}, due.Add(9) },
		} {
			q := asked
			change(&q)
			require.NoError(t, q.Resume(cursor), name)
			require.Equal(t, last.ID, q.After, name)
			require.Equal(t, due, q.AfterDue, name)
		}
		byID := asked
		byID.Sort = inquiry.ByID
		require.NoError(t, byID.Resume(byID.Cursor(last)))
		require.Equal(t, last.ID, byID.After)
		require.Zero(t, byID.AfterDue)
		require.NoError(t, byID.Resume(""), "from the beginning")
		require.Zero(t, byID.After)
	})
	t.Run("A2 a cursor of another query is refused, and the query left as it was", func(t *testing.T) {
		t.Parallel()
		for name, change := range map[string]func(q *inquiry.Query){
			"pool":        func(q *inquiry.Query) { q.Pool = "press" },
			"a state":     func(q *inquiry.Query) { q.States = q.States[:1] },
			"an id":       func(q *inquiry.Query) { q.IDs = q.IDs[:1] },
			"owner":       func(q *inquiry.Query) { q.Owner = "tom" },
			"department":  func(q *inquiry.Query) { q.Department = "" },
			"label":       func(q *inquiry.Query) { q.Label = "bill" },
			"stranded":    func(q *inquiry.Query) { q.Stranded = false },
			"due before":  func(q *inquiry.Query) { q.DueBefore = q.DueBefore.Add(1) },
			"order":       func(q *inquiry.Query) { q.Sort = inquiry.ByID },
			"fields swap": func(q *inquiry.Query) { q.Department, q.Label = q.Label, q.Department },
		} {
			q := asked
			q.After = inquiry.ID{9}
			change(&q)
			before := q
			err := q.Resume(cursor)
			refused, ok := errors.AsType[*inquiry.CursorError](err)
			require.True(t, ok, name)
			require.Equal(t, cursor, refused.Cursor)
			require.ErrorContains(t, err, "belongs to another query")
			require.Equal(t, before, q, name)
		}
	})
	t.Run("A2 what is no cursor is refused with words", func(t *testing.T) {
		t.Parallel()
		raw, err := base64.RawURLEncoding.DecodeString(cursor)
		require.NoError(t, err)
		never := bytes.Clone(raw)
		never[25] = 0x7f
		newer := append([]byte{2}, raw[1:]...)
		for text, want := range map[string]string{
			"?":                      "it is none",
			cursor[:7] + "=":         "it is none",
			cursor[:9]:               "it is none, or was cut",
			cursor[:8]:               "it has 6 bytes",
			cursor + "AAAA":          "it has 40 bytes",
			inquiry.NewID().String(): "it ",
			base64.RawURLEncoding.EncodeToString(never): "no deadline is at its instant",
			base64.RawURLEncoding.EncodeToString(newer): "it has form 2, and this version of the library knows form 1",
		} {
			q := asked
			require.ErrorContains(t, q.Resume(text), want, text)
		}
	})
	t.Run("A2 an order that there is not is an error", func(t *testing.T) {
		t.Parallel()
		require.ErrorContains(t, (&inquiry.Query{Sort: "age"}).Validate(), `Sort is "age"`)
		require.ErrorContains(t, (&inquiry.Query{AfterDue: due}).Validate(), "set its Sort to ByDue")
		require.NoError(t, (&inquiry.Query{Sort: inquiry.ByDue, AfterDue: due}).Validate())
		require.NoError(t, (&inquiry.Query{}).Validate())
	})
}

func FuzzQueryResume(f *testing.F) {
	q := inquiry.Query{Pool: "support", Sort: inquiry.ByDue}
	f.Add(q.Cursor(&inquiry.Inquiry{Row: inquiry.Row{ID: inquiry.ID{1}, Due: time.Unix(1, 2)}}))
	f.Add("AQ")
	f.Fuzz(func(t *testing.T, cursor string) {
		q := q
		if q.Resume(cursor) != nil || cursor == "" {
			return
		}
		again := q.Cursor(&inquiry.Inquiry{Row: inquiry.Row{ID: q.After, Due: q.AfterDue}})
		other := q
		if err := other.Resume(again); err != nil || !other.AfterDue.Equal(q.AfterDue) || other.After != q.After {
			t.Fatalf("%q goes on behind %v, and that cursor, %q, elsewhere: %v", cursor, q, again, err)
		}
	})
}

func ExampleQuery_Resume() {
	first := inquiry.Query{Pool: "support", Department: "press", Sort: inquiry.ByDue, Limit: 50}
	// ... store.Find(ctx, first) ends with:
	last := inquiry.Inquiry{Row: inquiry.Row{ID: inquiry.DeriveID("last"), Due: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)}}
	cursor := first.Cursor(&last) // for the client

	next := inquiry.Query{Pool: "support", Department: "press", Sort: inquiry.ByDue, Limit: 50}
	fmt.Println(next.Resume(cursor), next.After == last.ID, next.AfterDue.Equal(last.Due))

	other := inquiry.Query{Pool: "support", Department: "sales", Sort: inquiry.ByDue, Limit: 50}
	_, refused := errors.AsType[*inquiry.CursorError](other.Resume(cursor))
	fmt.Println("another department:", refused)
	// Output:
	// <nil> true true
	// another department: true
}
