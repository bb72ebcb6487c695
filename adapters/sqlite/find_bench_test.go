package sqlite

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// BenchmarkPage reads the first page of 50 of what is live in a department, by due
// instants, of 100,000 inquiries; and does the same with a scan of them all, as
// whoever has no index must. ANSWERABLE_BENCH_INQUIRIES sets how many there are.
func BenchmarkPage(b *testing.B) {
	n := 100_000
	if v, err := strconv.Atoi(os.Getenv("ANSWERABLE_BENCH_INQUIRIES")); err == nil {
		n = v
	}
	s := opened(b, Config{})
	crowd(b, s, n)
	q := inquiry.Query{Pool: "support", Department: "department-4", States: []inquiry.State{inquiry.StateAssigned}, Sort: inquiry.ByDue, Limit: 50}
	b.Run("page", func(b *testing.B) {
		for b.Loop() {
			found, err := s.Find(b.Context(), q)
			require.NoError(b, err)
			require.Len(b, found, 50)
		}
	})
	b.Run("page behind half of them", func(b *testing.B) {
		q := q
		q.AfterDue = benchStart.Add(time.Duration(n/2) * time.Second)
		for b.Loop() {
			found, err := s.Find(b.Context(), q)
			require.NoError(b, err)
			require.Len(b, found, 50)
		}
	})
	b.Run("scan", func(b *testing.B) {
		for b.Loop() {
			rows := 0
			err := s.readers.QueryRowContext(b.Context(), `SELECT count(*) FROM (SELECT i.row, d.details FROM answerable_inquiries i NOT INDEXED
				LEFT JOIN answerable_details d ON d.pool = i.pool AND d.id = i.id
				WHERE i.pool = 'support' AND i.department = 'department-4' AND i.state = 'assigned' AND i.due IS NOT NULL ORDER BY i.due, i.id LIMIT 50)`).Scan(&rows)
			require.NoError(b, err)
			require.Equal(b, 50, rows)
		}
	})
}

// crowd writes n inquiries, of which one in four is live and due, of ten owners,
// twenty departments and ten labels.
func crowd(tb testing.TB, s *Store, n int) {
	tb.Helper()
	const portion = 1000
	term := led(tb, s, "support")
	for from := 0; from < n; from += portion {
		var b inquiry.Batch
		for i := from; i < from+portion; i++ {
			r := inquiry.Row{
				Pool: "support", ID: inquiry.NewID(), Version: 1, State: inquiry.StateClosed, Channel: "email", OpenedAt: benchStart,
				Owner: inquiry.OwnerID(fmt.Sprint("owner-", i%10)), Department: fmt.Sprint("department-", i%20),
			}
			if i%4 == 0 {
				r.State, r.Due = inquiry.StateAssigned, benchStart.Add(time.Duration(i*7919%n)*time.Second)
			}
			b.Changed = append(b.Changed, r)
			b.Details = append(b.Details, inquiry.Details{ID: r.ID, Labels: []string{fmt.Sprint("label-", i%10)}})
		}
		require.NoError(tb, s.Append(tb.Context(), adapters.Commit{Pool: "support", Epoch: term.Epoch, Batch: b}))
	}
}
