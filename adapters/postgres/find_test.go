package postgres_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/postgres"
	"github.com/answerable-go/answerable/inquiry"
)

var benchStart = time.Date(2026, 3, 2, 9, 0, 0, 123456789, time.UTC)

// crowd writes n inquiries, of which one in four is live and due, of ten owners,
// twenty departments and ten labels.
func crowd(t testing.TB, s *postgres.Store, n int) {
	t.Helper()
	const portion = 2000
	epoch := lead(t, s, adapters.Claim{Node: "a", For: time.Hour}).Epoch
	for from := 0; from < n; from += portion {
		b := inquiry.Batch{Events: []inquiry.Event{event(uint64(from/portion)+1, "mia")}}
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
		require.NoError(t, s.Append(t.Context(), adapters.Commit{Pool: "support", Epoch: epoch, Head: uint64(from / portion), Batch: b}))
	}
}

// TestPlans holds the statements of queries against their indexes: none reads a
// table, and none sorts what it could have in order.
func TestPlans(t *testing.T) {
	t.Parallel()
	cfg := postgres.Config{Schema: schema(t)}
	s := open(t, cfg)
	crowd(t, s, 20_000)
	exec(t, s.Pool(), "ANALYZE "+cfg.Schema+".answerable_inquiries, "+cfg.Schema+".answerable_labels, "+cfg.Schema+".answerable_details")
	open := []inquiry.State{inquiry.StateAssigned, inquiry.StatePending}
	closed := []inquiry.State{inquiry.StateClosed}
	some := inquiry.NewID()
	for name, c := range map[string]struct {
		q     inquiry.Query
		index []string
	}{
		"by owner":                {inquiry.Query{Owner: "owner-1"}, []string{"_owner_live", "_owner_closed", "_owner_due", "answerable_offers"}},
		"by owner, a worklist":    {inquiry.Query{Owner: "owner-1", States: open}, []string{"_owner_live", "_owner_due", "answerable_offers"}},
		"by owner, live":          {inquiry.Query{Owner: "owner-1", States: open, After: some}, []string{"_owner_live", "answerable_offers"}},
		"by owner, closed":        {inquiry.Query{Owner: "owner-1", States: closed}, []string{"_owner_closed"}},
		"by states":               {inquiry.Query{States: open, After: some}, []string{"_state "}},
		"by department":           {inquiry.Query{Department: "department-3"}, []string{"_department_live", "_department_closed"}},
		"by department, live":     {inquiry.Query{States: open, Department: "department-4", After: some}, []string{"_department_live"}},
		"by label":                {inquiry.Query{Label: "label-3", After: some}, []string{"answerable_labels_pkey"}},
		"by strandedness":         {inquiry.Query{Stranded: true, Department: "department-4"}, []string{"_stranded"}},
		"everything, by page":     {inquiry.Query{After: some}, []string{"answerable_inquiries_pkey"}},
		"due":                     {inquiry.Query{DueBefore: benchStart.Add(time.Hour), Sort: inquiry.ByDue}, []string{"_due_id"}},
		"due, by state":           {inquiry.Query{States: open[:1], Sort: inquiry.ByDue, AfterDue: benchStart, After: some}, []string{"_due"}},
		"due, by rare state":      {inquiry.Query{States: open[1:], Sort: inquiry.ByDue}, []string{"_state_due"}},
		"due, by department":      {inquiry.Query{Department: "department-4", Sort: inquiry.ByDue, AfterDue: benchStart, After: some}, []string{"_department_due"}},
		"due, by owner":           {inquiry.Query{Owner: "owner-4", Sort: inquiry.ByDue}, []string{"_owner_due", "answerable_offers"}},
		"due, by label":           {inquiry.Query{Label: "label-4", Sort: inquiry.ByDue}, []string{"_due_id", "answerable_labels"}},
		"due, the next page":      {inquiry.Query{Sort: inquiry.ByDue, AfterDue: benchStart, After: some}, []string{"_due_id"}},
		"due before, by their id": {inquiry.Query{DueBefore: benchStart.Add(time.Minute)}, []string{"_due"}},
	} {
		// Whatever the host has its connections keep.
		for _, mode := range []string{"force_custom_plan", "force_generic_plan"} {
			t.Run(fmt.Sprintf("A2 a page goes by an index, in its order: %s, %s", name, mode), func(t *testing.T) {
				c.q.Pool, c.q.Limit = "support", 50
				query, settings, args := postgres.FindSQL(cfg.Schema, c.q)
				plan := explain(t, s, mode, settings, query, args)
				require.NotContains(t, plan, "Seq Scan on answerable_inquiries", plan)
				// Under an order by which a page ends early nothing may read on to the end.
				if c.q.Owner == "" && (c.q.Sort == inquiry.ByDue || c.q.DueBefore.IsZero()) {
					require.NotContains(t, plan, "Sort Key: i.", plan)
					require.NotContains(t, plan, "Bitmap", plan)
				}
				require.NotContains(t, plan, "Hash", plan)
				if slices.Equal(c.q.States, closed) {
					require.NotContains(t, plan, "_live", plan)
				} else if len(c.q.States) > 0 {
					require.NotContains(t, plan, "_closed", plan)
				}
				for _, index := range c.index {
					require.Contains(t, plan, index)
				}
			})
		}
	}
}

// TestPendingPlan has the inbox of one pool behind those of others.
func TestPendingPlan(t *testing.T) {
	t.Parallel()
	cfg := postgres.Config{Schema: schema(t)}
	s := open(t, cfg)
	for i := range 20 {
		var list []inquiry.Input
		for j := range 200 {
			in := input("a")
			in.ID = inquiry.DeriveID(strconv.Itoa(i), strconv.Itoa(j))
			list = append(list, in)
		}
		require.NoError(t, s.Put(t.Context(), "pool-"+strconv.Itoa(i), list...))
	}
	exec(t, s.Pool(), "VACUUM ANALYZE "+cfg.Schema+".answerable_inbox")
	query, settings := postgres.PendingSQL(cfg.Schema)
	for _, mode := range []string{"force_custom_plan", "force_generic_plan"} {
		for _, limit := range []int64{1, 64, 1000} {
			t.Run(fmt.Sprintf("H7 nobody waits for another pool's backlog: %d, %s", limit, mode), func(t *testing.T) {
				plan := explain(t, s, mode, settings, query, []any{"pool-7", limit})
				require.Contains(t, plan, "Index Scan using answerable_inbox_order", plan)
				require.Contains(t, plan, "Index Only Scan using answerable_inbox_pool_id_key", plan)
				require.NotContains(t, plan, "Seq Scan", plan)
				require.NotContains(t, plan, "Sort Key: answerable_inbox.id", plan)
			})
		}
	}
}

// TestListPlans holds what is given a list of ids to looking each of them up, as it is
// planned when there is little yet: a connection keeps that plan while tables grow.
func TestListPlans(t *testing.T) {
	t.Parallel()
	cfg := postgres.Config{Schema: schema(t)}
	s := open(t, cfg)
	epoch := lead(t, s, adapters.Claim{Node: "a", For: time.Hour}).Epoch
	b := inquiry.Batch{Events: []inquiry.Event{event(1, "mia")}}
	var ids []pgtype.UUID
	for range 200 {
		r := inquiry.Row{Pool: "support", ID: inquiry.NewID(), Version: 1, State: inquiry.StateQueued, OpenedAt: benchStart, Inbound: 1}
		ids = append(ids, pgtype.UUID{Bytes: r.ID, Valid: true})
		b.Changed = append(b.Changed, r)
		b.Details = append(b.Details, inquiry.Details{ID: r.ID, Labels: []string{"parcel"}})
		b.Messages = append(b.Messages, inquiry.Message{Pool: "support", ID: inquiry.NewID(), Inquiry: r.ID})
		b.Outcomes = append(b.Outcomes, inquiry.Outcome{Input: inquiry.NewID(), Seq: 1})
		b.Effects = append(b.Effects, inquiry.Effect{ID: inquiry.NewID(), Pool: "support", Seq: 1})
	}
	require.NoError(t, s.Append(t.Context(), adapters.Commit{Pool: "support", Epoch: epoch, Batch: b}))
	for index, queries := range postgres.ListSQL(cfg.Schema) {
		for i, query := range queries {
			for _, mode := range []string{"force_custom_plan", "force_generic_plan"} {
				t.Run(fmt.Sprintf("A6 each of a list is looked up by its id, also as it was planned for a table that is new: %s, %d, %s", index, i, mode), func(t *testing.T) {
					var list any = ids
					if index == "marks_pkey" {
						list = []string{"plan/1"}
					}
					plan := explain(t, s, mode, postgres.InOrder, query, []any{"support", list})
					require.Regexp(t, `Index Scan using answerable_`+index+` on .*\n +Index Cond: .* >= a(_1)?\.id\) AND \(\w+ <= a(_1)?\.id\)`, plan)
					require.Equal(t, strings.Count(query, "unnest("), strings.Count(plan, "TID Cond: (ctid = ANY"), plan)
					require.NotContains(t, plan, "Seq Scan", plan)
				})
			}
		}
	}
}

// TestRetentionPlans has what is over listed by its index, in whose order it goes, also
// as it was planned for a table that is new: all that was ever closed is in that table.
func TestRetentionPlans(t *testing.T) {
	t.Parallel()
	cfg := postgres.Config{Schema: schema(t)}
	s := open(t, cfg)
	for _, n := range []int{0, 20_000} {
		if n > 0 {
			crowd(t, s, n)
			exec(t, s.Pool(), "ANALYZE "+cfg.Schema+".answerable_inquiries")
		}
		for index, query := range postgres.OverSQL(cfg.Schema) {
			for _, mode := range []string{"force_custom_plan", "force_generic_plan"} {
				t.Run(fmt.Sprintf("H6 a portion of what is over is found by an index, in its order: %s, %s, of %d", index, mode, n), func(t *testing.T) {
					plan := explain(t, s, mode, postgres.InOrder, query, []any{"support", "2026-03-02T09", "2025", int64(100)})
					require.Regexp(t, `Index Scan using answerable_`+index+` on .*\n +Index Cond: .*pool = .*substring`, plan)
					require.NotContains(t, plan, "Seq Scan on answerable_inquiries", plan)
					require.NotContains(t, plan, "Sort Key", plan)
				})
			}
		}
	}
}

// TestRecoveryPlans has a pool recovered by indexes, which lead to nothing that is
// closed, also as it was planned for tables that are new.
func TestRecoveryPlans(t *testing.T) {
	t.Parallel()
	cfg := postgres.Config{Schema: schema(t)}
	s := open(t, cfg)
	for _, n := range []int{0, 20_000} {
		if n > 0 {
			crowd(t, s, n)
			exec(t, s.Pool(), "ANALYZE "+cfg.Schema+".answerable_inquiries, "+cfg.Schema+".answerable_messages")
		}
		for index, queries := range postgres.RecoverySQL(cfg.Schema) {
			for i, query := range queries {
				for _, mode := range []string{"force_custom_plan", "force_generic_plan"} {
					t.Run(fmt.Sprintf("A2 recovery goes by an index: %s, %d, %s, of %d", index, i, mode, n), func(t *testing.T) {
						_, query, cursor := strings.Cut(query, "CURSOR FOR")
						if !cursor {
							query = queries[i]
						}
						args := []any{"support", int64(1), int64(10)}[:strings.Count(query, "::bigint")+1]
						plan := explain(t, s, mode, postgres.InOrder, query, args)
						require.Regexp(t, "Index (Only )?Scan (using|on) answerable_"+index, plan)
						if index == "inquiries_state" { // of what stands before "closed", and of what stands behind it
							require.Equal(t, 2, strings.Count(plan, "using answerable_"+index+" on"), plan)
						}
						for _, table := range []string{"inquiries", "messages", "journal"} {
							require.NotContains(t, plan, "Seq Scan on answerable_"+table, plan)
						}
						if index != "outbox_pool_id_key" { // these are few, and put in order
							require.NotContains(t, plan, "Sort Key", plan)
						}
						require.NotContains(t, plan, "Hash", plan)
					})
				}
			}
		}
	}
}

// TestNoTableIsReadWhole does all that a store is for, but for checking, in tables that are
// new, for which the server would rather do without their indexes.
func TestNoTableIsReadWhole(t *testing.T) {
	t.Parallel()
	cfg := postgres.Config{Schema: schema(t), Quiet: true}
	s, err := postgres.Open(t.Context(), withSetting(dsn(t), "application_name", cfg.Schema), cfg)
	require.NoError(t, err)
	defer s.Close()
	p := pool(t)
	scans := func() map[string]int {
		rows, err := p.Query(t.Context(), "SELECT relname::text, seq_scan FROM pg_stat_user_tables WHERE schemaname = $1 AND relname NOT IN ('answerable_schema', 'answerable_compatibility')", cfg.Schema)
		require.NoError(t, err)
		found := map[string]int{}
		var table string
		var n int
		_, err = pgx.ForEachRow(rows, []any{&table, &n}, func() error { found[table] = n; return nil })
		require.NoError(t, err)
		return found
	}
	// What a connection has counted is there once it is closed.
	told := func() {
		s.Pool().Reset()
		require.Eventually(t, func() bool {
			return get[int](t, p, "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1", cfg.Schema) == 0
		}, time.Minute, 10*time.Millisecond)
	}
	told()
	before := scans()
	require.Len(t, before, 11)

	ctx := t.Context()
	epoch := lead(t, s, adapters.Claim{Node: "a", For: time.Hour}).Epoch
	id, in := inquiry.NewID(), input("a")
	require.NoError(t, s.Put(ctx, "support", in, input("b")))
	require.NoError(t, s.Append(ctx, adapters.Commit{Pool: "support", Epoch: epoch, Batch: inquiry.Batch{
		Events:   []inquiry.Event{event(1, "mia")},
		Changed:  []inquiry.Row{{Pool: "support", ID: id, Version: 1, State: inquiry.StateOffered, Offers: []inquiry.Offer{{Owner: "mia", At: benchStart, Expires: benchStart}}}},
		Details:  []inquiry.Details{{ID: id, Labels: []string{"billing"}}},
		Messages: []inquiry.Message{{Pool: "support", ID: inquiry.DeriveID("m"), Inquiry: id}},
		Outcomes: []inquiry.Outcome{{Input: in.ID, Seq: 1}}, Done: []inquiry.ID{in.ID},
		Effects: []inquiry.Effect{{ID: inquiry.DeriveID("e"), Pool: "support", Seq: 1}}, Settled: []inquiry.ID{inquiry.DeriveID("f")},
		Marks: []inquiry.Mark{{Key: "a", Value: []byte("a")}, {Key: "b"}},
	}}))
	for table := range before { // so the server knows how little there is
		exec(t, p, "ANALYZE "+cfg.Schema+"."+table)
	}
	require.Len(t, pending(t, s), 1)
	for _, err := range s.Journal(ctx, "support", 0) {
		require.NoError(t, err)
	}
	for _, q := range []inquiry.Query{{}, {IDs: []inquiry.ID{id}}, {Owner: "mia"}, {Label: "billing"}, {Sort: inquiry.ByDue}, {States: []inquiry.State{inquiry.StateOffered}}} {
		q.Pool = "support"
		_, err := s.Find(ctx, q)
		require.NoError(t, err)
	}
	_, err = s.Messages(ctx, "support", id)
	require.NoError(t, err)
	_, err = s.MessageRefs(ctx, "support", inquiry.DeriveID("m"))
	require.NoError(t, err)
	_, err = s.Outcomes(ctx, "support", in.ID)
	require.NoError(t, err)
	_, err = s.Recover(ctx, "support")
	require.NoError(t, err)
	_, err = s.Retain(ctx, adapters.Retention{Pool: "support", Epoch: epoch, Texts: benchStart.Add(time.Hour), Inquiries: benchStart})
	require.NoError(t, err)
	told()
	after := scans()
	for table := range before {
		want := before[table]
		if table == "answerable_marks" || table == "answerable_outbox" {
			want++ // which are counted without their indexes when a pool is recovered
		}
		require.Equal(t, want, after[table], "A6 how often %s was read as a whole", table)
	}
}

func explain(t testing.TB, s *postgres.Store, mode, settings, query string, args []any) string {
	t.Helper()
	var plan []string
	require.NoError(t, pgx.BeginFunc(t.Context(), s.Pool(), func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), "SELECT set_config('plan_cache_mode', $1::text, true), "+settings, mode); err != nil {
			return err
		}
		// What is given to EXPLAIN itself counts as known: only of what was prepared
		// there can be a plan that is not.
		if _, err := tx.Exec(t.Context(), "PREPARE explained AS "+query); err != nil {
			return err
		}
		given := make([]string, len(args))
		for i := range args {
			given[i] = "$" + strconv.Itoa(i+1)
		}
		rows, err := tx.Query(t.Context(), "EXPLAIN (COSTS OFF) EXECUTE explained ("+strings.Join(given, ", ")+")", append([]any{pgx.QueryExecModeSimpleProtocol}, args...)...)
		if err != nil {
			return err
		}
		if plan, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
			return err
		}
		_, err = tx.Exec(t.Context(), "DEALLOCATE explained")
		return err
	}))
	return strings.Join(plan, "\n")
}

// BenchmarkPage reads the first page of 50 of what is live in a department, by due
// instants, of 100,000 inquiries; and does the same with a scan of them all, as
// whoever has no index must. ANSWERABLE_BENCH_INQUIRIES sets how many there are.
func BenchmarkPage(b *testing.B) {
	n := 100_000
	if v, err := strconv.Atoi(os.Getenv("ANSWERABLE_BENCH_INQUIRIES")); err == nil {
		n = v
	}
	cfg := postgres.Config{Schema: schema(b)}
	s := open(b, cfg)
	crowd(b, s, n)
	exec(b, s.Pool(), "VACUUM ANALYZE "+cfg.Schema+".answerable_inquiries")
	q := inquiry.Query{Pool: "support", Department: "department-4", States: []inquiry.State{inquiry.StateAssigned}, Sort: inquiry.ByDue, Limit: 50}
	page := func(q inquiry.Query) func(b *testing.B) {
		return func(b *testing.B) {
			for b.Loop() {
				found, err := s.Find(b.Context(), q)
				require.NoError(b, err)
				require.Len(b, found, 50)
			}
		}
	}
	b.Run("page", page(q))
	behind := q
	behind.AfterDue = benchStart.Add(time.Duration(n/2) * time.Second)
	b.Run("page behind half of them", page(behind))
	b.Run("scan", func(b *testing.B) {
		query := strings.NewReplacer("~", cfg.Schema+".").Replace(`SELECT count(*) FROM (SELECT i.row, d.details FROM ~answerable_inquiries i
			LEFT JOIN ~answerable_details d ON d.pool = i.pool AND d.id = i.id
			WHERE i.pool || '' = 'support' AND i.department = 'department-4' AND i.state = 'assigned' AND i.due + interval '0' IS NOT NULL
			ORDER BY i.due, i.due_nanos, i.id LIMIT 50) p`)
		for b.Loop() {
			require.Equal(b, int64(50), get[int64](b, s.Pool(), query))
		}
	})
}
