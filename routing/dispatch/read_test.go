package dispatch_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/sla"
)

func TestPage(t *testing.T) {
	t.Parallel()
	inHouse(t, func(h *house) {
		h.store = curt{h.store}
		h.policy.Default.Targets = []sla.Target{sla.Within(sla.Resolve, 8*time.Hour, "")}
	}, func(h *house) {
		const n = 7
		var want []inquiry.ID
		for i := range n {
			want = append(want, h.submit(fmt.Sprint("author ", i)))
			h.pass(time.Minute)
		}
		q := inquiry.Query{States: []inquiry.State{inquiry.StateQueued}, Sort: inquiry.ByDue, Limit: 3}
		t.Run("A2 pages follow each other to the end, and the last one says that it is", func(t *testing.T) {
			for _, size := range []int{1, 3, n - 1, n, n + 1, math.MaxInt, 0, -1} {
				var got []inquiry.ID
				for cursor, pages := "", 0; ; pages++ {
					q.Limit = size
					page, err := h.Page(h.ctx, q, cursor)
					require.NoError(t, err)
					require.NotEmpty(t, page.Inquiries)
					for i := range page.Inquiries {
						got = append(got, page.Inquiries[i].ID)
					}
					if cursor = page.Next; cursor == "" {
						break
					}
					require.Len(t, page.Inquiries, size)
					require.Less(t, pages, n)
				}
				require.Equal(t, want, got, "pages of %d", size)
			}
		})
		t.Run("A2 an empty page is the last one", func(t *testing.T) {
			page, err := h.Page(h.ctx, inquiry.Query{Department: "nobody's"}, "")
			require.NoError(t, err)
			require.Empty(t, page.Inquiries)
			require.Empty(t, page.Next)
		})
		t.Run("A2 a cursor of another query is refused", func(t *testing.T) {
			q.Limit = 3
			page, err := h.Page(h.ctx, q, "")
			require.NoError(t, err)
			other := q
			other.Department = "press"
			_, err = h.Page(h.ctx, other, page.Next)
			_, ok := errors.AsType[*inquiry.CursorError](err)
			require.True(t, ok, err)
			_, err = h.Page(h.ctx, inquiry.Query{Sort: "age"}, "")
			require.ErrorContains(t, err, "Sort is \"age\"")
		})
		t.Run("A2 a query for a state that there is not is refused", func(t *testing.T) {
			for _, s := range []inquiry.State{
				inquiry.StateReceived, inquiry.StateScreenedOut, inquiry.StateQueued, inquiry.StateOffered, inquiry.StateAssigned,
				inquiry.StatePending, inquiry.StateMerged, inquiry.StateResolved, inquiry.StateClosed,
			} {
				_, err := h.Find(h.ctx, inquiry.Query{States: []inquiry.State{s}})
				require.NoError(t, err)
			}
			for _, s := range []inquiry.State{"", "waiting"} {
				_, err := h.Page(h.ctx, inquiry.Query{States: []inquiry.State{inquiry.StateQueued, s}}, "")
				require.ErrorIs(t, err, inquiry.Invalid)
				require.ErrorContains(t, err, fmt.Sprintf("States[1] is %q, which is no state", s))
			}
		})
	})
}

// curt is a store that lists one inquiry to whoever does not say how many.
type curt struct{ adapters.Store }

func (s curt) Find(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
	q.Limit = max(1, q.Limit)
	return s.Store.Find(ctx, q)
}

// Whoever found an inquiry may be known only by a later message, of which the details
// that a store keeps say nothing.
func TestFoundByIsWhatTheRowSays(t *testing.T) {
	t.Parallel()
	inHouse(t, nil, func(h *house) {
		m := h.message("kim")
		m.Conversation = "one"
		r, err := h.Submit(h.ctx, m)
		require.NoError(t, err)
		m.External, m.FoundBy = m.External+" again", "ben"
		again, err := h.Submit(h.ctx, m)
		require.NoError(t, err)
		require.Equal(t, r.Inquiry, again.Inquiry)
		require.Equal(t, inquiry.OwnerID("ben"), h.row(r.Inquiry).Details.FoundBy)
	})
}

func TestWorklist(t *testing.T) {
	t.Run("all that an owner has in hand is listed, however much that is", func(t *testing.T) {
		inHouse(t, func(h *house) { h.store = curt{h.store} }, func(h *house) {
			h.assigned("kim")
			h.assigned("lou")
			list, err := h.Worklist(h.ctx, "anna")
			require.NoError(t, err)
			require.Len(t, list, 2)
		})
	})
	t.Run("a worklist is of somebody", func(t *testing.T) {
		inHouse(t, nil, func(h *house) {
			h.assigned("kim")
			list, err := h.Worklist(h.ctx, "")
			require.ErrorIs(t, err, inquiry.UnknownOwner)
			require.Empty(t, list, "and not what everybody has")
		})
	})
	t.Run("what an owner has in hand is listed by its deadline, also what waits for its customer", func(t *testing.T) {
		inHouse(t, nil, func(h *house) {
			late, waits := h.assigned("kim"), h.assigned("lou")
			h.must(inquiry.Acknowledge{Inquiry: late, Owner: "anna"})
			h.must(inquiry.Await{Inquiry: waits, Owner: "anna", Until: h.Now().Add(time.Hour)})
			list, err := h.Worklist(h.ctx, "anna")
			require.NoError(t, err)
			require.Len(t, list, 2)
			require.Equal(t, waits, list[0].ID)
			require.True(t, list[0].Due.Before(list[1].Due))
		})
	})
	t.Run("of equal deadlines, and of none, what has the higher priority comes first", func(t *testing.T) {
		inHouse(t, func(h *house) {
			h.policy.Default.Targets = []sla.Target{sla.Within(sla.Resolve, 8*time.Hour, "")}
		}, func(h *house) {
			first, second := h.assigned("kim"), h.assigned("lou")
			h.must(inquiry.Prioritise{Inquiry: second, Priority: 5})
			inOrder := func(due bool) {
				list, err := h.Worklist(h.ctx, "anna")
				require.NoError(t, err)
				require.Equal(t, []inquiry.ID{second, first}, []inquiry.ID{list[0].ID, list[1].ID})
				require.Equal(t, []bool{due, due}, []bool{!list[0].Due.IsZero(), !list[1].Due.IsZero()})
				require.Equal(t, list[0].Due, list[1].Due)
			}
			inOrder(true)
			for _, id := range []inquiry.ID{first, second} {
				h.must(inquiry.Await{Inquiry: id, Owner: "anna", Until: h.Now().Add(time.Hour)})
			}
			inOrder(false)
		})
	})
}

func TestWatchEndsWithItsContext(t *testing.T) {
	t.Parallel()
	inHouse(t, nil, func(h *house) {
		h.assigned("kim")
		ctx, cancel := context.WithCancel(h.ctx)
		defer cancel()
		seen := 0
		for _, err := range h.Watch(ctx, 0) {
			require.NoError(t, err)
			seen++
			cancel()
		}
		require.Equal(t, 1, seen, "though there is more")
	})
}

func TestAnswersAsJSON(t *testing.T) {
	t.Parallel()
	id := inquiry.DeriveID("one")
	for _, c := range []struct {
		v    any
		want string
	}{
		{dispatch.Receipt{Message: id}, `{"message":"` + id.String() + `"}`},
		{dispatch.Receipt{Inquiry: id, Message: id}, `{"inquiry":"` + id.String() + `","message":"` + id.String() + `"}`},
		{dispatch.Page{Inquiries: []inquiry.Inquiry{}}, `{"inquiries":[]}`},
		{dispatch.Page{Inquiries: []inquiry.Inquiry{}, Next: "c"}, `{"inquiries":[],"next":"c"}`},
	} {
		got, err := json.Marshal(c.v)
		require.NoError(t, err)
		require.JSONEq(t, c.want, string(got))
	}
}
