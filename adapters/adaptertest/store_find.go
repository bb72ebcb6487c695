package adaptertest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/answerable-go/answerable/inquiry"
)

func findCases() []storeCase {
	return []storeCase{
		{name: "A2 Find lists everything in the order of ids and pages without a gap", run: findPages},
		{name: "A2 Find lists a thousand if the query has no limit", run: findDefaultLimit},
		{name: "A2 Find by ids", run: findIDs},
		{name: "A2 Find by states", run: findStates},
		{name: "A2 Find by owner sees what is owned and what is offered, and nothing that was", run: findOwner},
		{name: "A2 Find by department, label and strandedness", run: findPlain},
		{name: "A2 Find by due instant is exact to the nanosecond", run: findDue},
		{name: "A2 Find with several conditions wants all of them", run: findAll},
		{name: "A2 Find by due instants lists the earliest first, then by id, and nothing that is not due", run: findByDue},
		{name: "A2 Find in pages lists what a scan of everything lists, whatever is asked for and in which order", run: findLikeScan},
		{name: "A2 Find in pages lists once what stays as it was while others come, move and go", run: findPagesBeside},
		{name: "A2 Find refuses an order that there is not", run: findNoOrder},
		{name: "A2 Find beside appends lists each inquiry once", run: findBeside},
		{name: "H3 rows and details come back as they were written", run: rowFaithful},
	}
}

func findPages(d *desk) {
	const n = 120
	var want []inquiry.ID
	for i := range n / 4 {
		var rows []inquiry.Row
		for k := range 4 {
			r := row(d.pool, 4*i+k, 1)
			if k == 3 { // ids at both ends of the order
				r.ID = inOrder(uint32(i) * 0x08888888)
			}
			rows = append(rows, r)
			want = append(want, r.ID)
		}
		d.rows(rows...)
	}
	want = sorted(want)
	d.same(idsOf(d.find(inquiry.Query{})), want, "ids that Find lists")
	for _, page := range []int{1, 7, 40, n, n + 1} {
		var got []inquiry.ID
		var after inquiry.ID
		for {
			list := d.find(inquiry.Query{Limit: page, After: after})
			if len(list) == 0 {
				break
			}
			if len(list) > page || len(got) > n {
				d.Fatalf("Find with limit %d after %s lists %d inquiries, %d in all", page, after, len(list), len(got)+len(list))
			}
			got = append(got, idsOf(list)...)
			after = list[len(list)-1].ID
		}
		d.same(got, want, "ids in pages of %d", page)
	}
	between := want[50]
	between[15]++ // an id that nothing has
	d.same(idsOf(d.find(inquiry.Query{After: between, Limit: 5})), want[51:56], "ids after one that is not there")
}

func findDefaultLimit(d *desk) {
	var rows []inquiry.Row
	for i := range 1005 {
		r := inquiry.Row{Pool: d.pool, ID: inOrder(uint32(i) + 1), Version: 1, State: inquiry.StateQueued, Channel: "email", OpenedAt: at(i), ChangedAt: at(i)}
		rows = append(rows, r)
	}
	slices.Reverse(rows)
	d.rows(rows...)
	list := d.find(inquiry.Query{})
	if len(list) != 1000 || list[0].ID != inOrder(1) || list[999].ID != inOrder(1000) {
		d.Fatalf("Find without a limit lists %d of 1,005 inquiries, want the first 1,000", len(list))
	}
	d.same(len(d.find(inquiry.Query{After: list[999].ID})), 5, "how many inquiries are behind the first thousand")
	d.same(idsOf(d.find(inquiry.Query{Limit: -1})), idsOf(list), "ids with a limit below 0")
	d.same(len(d.find(inquiry.Query{Limit: -1, Sort: inquiry.ByDue})), 0, "how many inquiries are due, with a limit below 0")
	d.same(len(d.find(inquiry.Query{Limit: 2000})), 1005, "how many inquiries Find lists with limit 2,000")
	d.same(len(d.find(inquiry.Query{Limit: math.MaxInt})), 1005, "how many inquiries Find lists with the greatest limit")
}

func findIDs(d *desk) {
	d.rows(row(d.pool, 1, 1), row(d.pool, 2, 1), row(d.pool, 3, 1), row(d.pool, 4, 1))
	all := sorted(ids("inquiry", 1, 5))
	d.same(idsOf(d.find(inquiry.Query{IDs: ids("inquiry", 2, 3)})), ids("inquiry", 2, 3), "ids by one id")
	d.same(idsOf(d.find(inquiry.Query{IDs: append(ids("inquiry", 2, 5), ids("inquiry", 2, 9)...)})), sorted(ids("inquiry", 2, 5)),
		"ids by several ids, some of them twice, some of them unknown")
	back := []inquiry.ID{all[3], all[0]}
	d.same(idsOf(d.find(inquiry.Query{IDs: back})), []inquiry.ID{all[0], all[3]}, "ids by ids out of order")
	d.same(back, []inquiry.ID{all[3], all[0]}, "the caller's own list of ids")
	d.same(len(d.find(inquiry.Query{IDs: ids("inquiry", 77, 79)})), 0, "how many inquiries have unknown ids")
	d.same(idsOf(d.find(inquiry.Query{IDs: all, After: all[1], Limit: 1})), all[2:3], "ids by ids, after one of them")
	d.same(len(d.find(inquiry.Query{IDs: ids("inquiry", 0, 5000)})), 4, "how many of 5,000 ids there are") // more than a statement has parameters
}

func findStates(d *desk) {
	want := map[inquiry.State][]inquiry.ID{}
	n := 0
	for _, s := range []inquiry.State{
		inquiry.StateReceived, inquiry.StateScreenedOut, inquiry.StateQueued, inquiry.StateOffered,
		inquiry.StateAssigned, inquiry.StatePending, inquiry.StateResolved, inquiry.StateClosed,
	} {
		for range 3 {
			r := row(d.pool, n, 1)
			r.State = s
			d.rows(r)
			want[s] = append(want[s], r.ID)
			n++
		}
	}
	for s, list := range want {
		d.same(idsOf(d.find(inquiry.Query{States: []inquiry.State{s}})), sorted(list), "ids in state %s", s)
	}
	d.same(idsOf(d.find(inquiry.Query{States: []inquiry.State{inquiry.StateClosed, inquiry.StateQueued, inquiry.StateQueued}})),
		sorted(append(want[inquiry.StateClosed], want[inquiry.StateQueued]...)), "ids in two states")
	d.same(len(d.find(inquiry.Query{States: []inquiry.State{"no_such_state"}})), 0, "how many inquiries are in an unknown state")
}

func findOwner(d *desk) {
	owned := row(d.pool, 1, 1)
	owned.State, owned.Owner = inquiry.StateAssigned, "mia"
	offered := row(d.pool, 2, 1)
	offered.State, offered.Offers = inquiry.StateOffered, []inquiry.Offer{{Owner: "tom", At: at(1), Expires: at(9)}, {Owner: "mia", At: at(1), Expires: at(9)}}
	other := row(d.pool, 3, 1) // LastOwner is mia, who has it no more
	other.State, other.Owner = inquiry.StateAssigned, "Mia"
	wide := row(d.pool, 4, 1)
	wide.State, wide.Owner = inquiry.StateAssigned, "mi%"
	both := row(d.pool, 5, 1) // as what is handed back to whoever has it may be
	both.State, both.Owner, both.Offers = inquiry.StateAssigned, "zoe", []inquiry.Offer{{Owner: "zoe", At: at(1), Expires: at(9)}}
	odd := row(d.pool, 6, 1)
	odd.State, odd.Owner = inquiry.StateAssigned, "mia\x00"
	d.rows(owned, offered, other, wide, both, odd)
	by := func(who inquiry.OwnerID, numbers ...int) {
		want := []inquiry.ID{}
		for _, n := range numbers {
			want = append(want, id("inquiry", n))
		}
		d.same(idsOf(d.find(inquiry.Query{Owner: who})), sorted(want), "ids owned by or offered to %q", who)
	}
	by("mia", 1, 2)
	by("tom", 2)
	by("Mia", 3)
	by("mi%", 4)
	by("zoe", 5)
	by("mia\x00", 6)
	by("mia\uFFFD")
	by("mia\xff")
	by("nobody")

	// mia accepts one and the other goes over to tom.
	offered.Version, offered.State, offered.Offers, offered.Owner = 2, inquiry.StateAssigned, nil, "mia"
	owned.Version, owned.State, owned.Owner = 2, inquiry.StateOffered, ""
	owned.Offers = []inquiry.Offer{{Owner: "tom", At: at(2), Expires: at(9)}}
	d.rows(owned, offered)
	by("mia", 2)
	by("tom", 1)
	owned.Version, owned.State, owned.Offers = 3, inquiry.StateQueued, nil
	d.rows(owned)
	by("tom")
	closed := offered
	closed.Version, closed.State = 3, inquiry.StateClosed
	d.rows(closed)
	by("mia", 2) // closed, and the row still says whose it was
	closed.Version, closed.Owner = 4, ""
	d.rows(closed)
	by("mia")
}

func findPlain(d *desk) {
	var batch inquiry.Batch
	for i, dept := range []string{"press", "Press", "presse", "", "press", "press\x00", "press\uFFFD"} {
		r := row(d.pool, i, 1)
		r.Department, r.Stranded = dept, i == 2 || i == 4
		t := details(i)
		t.Labels = [][]string{{"billing", "urgent"}, {"bill"}, {"Billing"}, nil, {`say "hi", 100% [ok]`, "billing"}, {"\x00", "billing\x00"}, {"billing\uFFFD"}}[i]
		batch.Changed, batch.Details = append(batch.Changed, r), append(batch.Details, t)
	}
	batch.Events = events(d.pool, 0, 1)
	d.append(batch)
	is := func(q inquiry.Query, numbers ...int) {
		want := []inquiry.ID{}
		for _, n := range numbers {
			want = append(want, id("inquiry", n))
		}
		d.same(idsOf(d.find(q)), sorted(want), "ids by department %q, label %q, stranded %t", q.Department, q.Label, q.Stranded)
	}
	is(inquiry.Query{Department: "press"}, 0, 4)
	is(inquiry.Query{Department: "Press"}, 1)
	is(inquiry.Query{Department: "pres%"})
	is(inquiry.Query{Label: "billing"}, 0, 4)
	is(inquiry.Query{Label: "bill"}, 1)
	is(inquiry.Query{Label: `say "hi", 100% [ok]`}, 4)
	is(inquiry.Query{Label: "urgent,billing"})
	// Columns may hold what these have alike.
	is(inquiry.Query{Department: "press\x00", Limit: 1}, 5)
	is(inquiry.Query{Department: "press\uFFFD", Limit: 1}, 6)
	is(inquiry.Query{Label: "billing\x00", Sort: inquiry.ByDue, Limit: 1}, 5)
	is(inquiry.Query{Label: "billing\uFFFD", Sort: inquiry.ByDue, Limit: 1}, 6)
	is(inquiry.Query{Stranded: true}, 2, 4)
	is(inquiry.Query{Stranded: true, Department: "press"}, 4)

	r := row(d.pool, 4, 2)
	r.Department, r.Stranded = "sales", false
	t, odd := details(4), details(5)
	t.Labels, odd.Labels = []string{"sorted"}, nil
	d.append(inquiry.Batch{Events: events(d.pool, 1, 1), Changed: []inquiry.Row{r}, Details: []inquiry.Details{t, odd}})
	is(inquiry.Query{Stranded: true}, 2)
	is(inquiry.Query{Department: "press"}, 0)
	is(inquiry.Query{Department: "sales"}, 4)
	is(inquiry.Query{Label: "billing"}, 0)
	is(inquiry.Query{Label: "sorted"}, 4)
	is(inquiry.Query{Label: "billing\x00"})
}

func findDue(d *desk) {
	noon := time.Date(2026, 10, 25, 12, 0, 0, 0, time.UTC)
	// As text these are not in the order of time.
	dues := []time.Time{noon.Add(-1), noon, noon.Add(1), noon.Add(100 * time.Millisecond), noon.Add(time.Second), {}, noon.AddDate(80, 0, 0), noon.AddDate(-60, 0, 0)}
	for i, due := range dues {
		r := row(d.pool, i, 1)
		r.Due = due
		d.rows(r)
	}
	for _, before := range append(dues, noon.Add(2), noon.Add(time.Millisecond), noon.Add(time.Hour)) {
		if before.IsZero() {
			continue
		}
		want := []inquiry.ID{}
		for i, due := range dues {
			if !due.IsZero() && due.Before(before) {
				want = append(want, id("inquiry", i))
			}
		}
		what := fmt.Sprintf("ids due before %s", before.Format(time.RFC3339Nano))
		d.same(idsOf(d.find(inquiry.Query{DueBefore: before})), sorted(want), "%s", what)
		d.same(idsOf(d.find(inquiry.Query{DueBefore: before.In(time.FixedZone("", 5*3600))})), sorted(want), "%s, given in another zone", what)
	}
}

func findAll(d *desk) {
	var batch inquiry.Batch
	type flags struct{ owner, dept, label, stranded, state, due bool }
	var all []flags
	for i := range 64 {
		f := flags{i&1 > 0, i&2 > 0, i&4 > 0, i&8 > 0, i&16 > 0, i&32 > 0}
		all = append(all, f)
		r, t := row(d.pool, i, 1), details(i)
		r.Owner, r.Department, t.Labels, r.Stranded, r.State, r.Due = "", "sales", nil, f.stranded, inquiry.StateQueued, at(900)
		if f.owner {
			r.Owner = "mia"
		}
		if f.dept {
			r.Department = "press"
		}
		if f.label {
			t.Labels = []string{"billing"}
		}
		if f.state {
			r.State = inquiry.StatePending
		}
		if f.due {
			r.Due = at(10)
		}
		batch.Changed, batch.Details = append(batch.Changed, r), append(batch.Details, t)
	}
	batch.Events = events(d.pool, 0, 1)
	d.append(batch)
	for mask, f := range all {
		var q inquiry.Query
		if f.owner {
			q.Owner = "mia"
		}
		if f.dept {
			q.Department = "press"
		}
		if f.label {
			q.Label = "billing"
		}
		q.Stranded = f.stranded
		if f.state {
			q.States = []inquiry.State{inquiry.StatePending}
		}
		if f.due {
			q.DueBefore = at(100)
		}
		var want []inquiry.ID
		for i := range all {
			if i&mask == mask {
				want = append(want, id("inquiry", i))
			}
		}
		want = sorted(want)
		d.same(idsOf(d.find(q)), want, "ids by %+v", q)
		q.Limit, q.After = 3, want[0]
		d.same(some(idsOf(d.find(q))), some(want[1:min(4, len(want))]), "ids by %+v", q)
	}
}

func findBeside(d *desk) {
	d.lead()
	const n = 150
	d.all(3, func(i int) {
		if i == 0 {
			for k := range n {
				r := row(d.pool, k, 1)
				c := d.commit(inquiry.Batch{Events: events(d.pool, uint64(k), 1), Changed: []inquiry.Row{r}, Details: []inquiry.Details{details(k)}})
				c.Head = uint64(k)
				if err := d.s.Append(d.ctx, c); err != nil {
					d.Errorf("Append beside Find: %v", err)
					return
				}
			}
			return
		}
		for seen := 0; seen < n && d.ctx.Err() == nil && !d.hasFailed(); {
			list, err := d.s.Find(d.ctx, inquiry.Query{Pool: d.pool})
			if err != nil {
				d.Errorf("Find beside appends: %v", err)
				return
			}
			for k := 1; k < len(list); k++ {
				if list[k-1].ID.Compare(list[k].ID) >= 0 {
					d.Errorf("Find beside appends lists %s before %s", list[k-1].ID, list[k].ID)
				}
			}
			if len(list) < seen {
				d.Errorf("Find lists %d inquiries after it has listed %d", len(list), seen)
			}
			for _, q := range list {
				if q.Details.ID != q.ID {
					d.Errorf("Find beside appends lists %s without its details", q.ID)
				}
			}
			seen = len(list)
		}
	})
}

func rowFaithful(d *desk) {
	whole := wholeRow(d.pool, 1, 1<<40)
	long := time.Date(2199, 12, 31, 23, 59, 59, 999999999, time.UTC)
	past := time.Date(1969, 12, 31, 23, 59, 59, 999999999, time.UTC)
	edges := inquiry.Row{Pool: d.pool, ID: id("inquiry", 2), Version: 1, State: inquiry.StateQueued, Channel: text, Owner: inquiry.OwnerID(text), OpenedAt: past, ChangedAt: long, Due: long, Priority: -5}
	edges.Department = text
	bare := inquiry.Row{Pool: d.pool, ID: id("inquiry", 3)}
	d.append(inquiry.Batch{
		Events: events(d.pool, 0, 1), Changed: []inquiry.Row{whole, edges, bare},
		Details: []inquiry.Details{details(1), {ID: edges.ID, Labels: []string{text, ""}, Subject: "", Reach: -1}, {ID: bare.ID}},
	})
	want := map[inquiry.ID]inquiry.Inquiry{
		whole.ID: {Row: whole, Details: details(1)},
		edges.ID: {Row: edges, Details: inquiry.Details{ID: edges.ID, Labels: []string{text, ""}, Reach: -1}},
		bare.ID:  {Row: bare, Details: inquiry.Details{ID: bare.ID}},
	}
	list := d.find(inquiry.Query{})
	d.same(len(list), 3, "how many inquiries Find lists")
	for _, got := range list {
		d.same(got, want[got.ID], "inquiry %s of Find", got.ID)
	}
	for _, got := range d.recover().Rows {
		d.same(got, want[got.ID].Row, "row %s of Recover", got.ID)
	}
	d.same(idsOf(d.find(inquiry.Query{Owner: inquiry.OwnerID(text), Department: text, Label: text})), []inquiry.ID{edges.ID}, "ids by odd text")
}

func findByDue(d *desk) {
	noon := time.Date(2026, 10, 25, 12, 0, 0, 0, time.UTC)
	var rows []inquiry.Row
	// As text or in microseconds some of these are in another order, or the same.
	for i, due := range []time.Time{
		noon.Add(time.Second), noon, noon.Add(1), noon.Add(100 * time.Millisecond), noon.Add(2),
		{},
		noon.AddDate(80, 0, 0),
		noon.AddDate(-60, 0, 0), noon, noon.Add(1), noon,
		{},
	} {
		r := row(d.pool, i, 1)
		r.Due = due
		rows = append(rows, r)
	}
	d.rows(rows...)
	rows = slices.DeleteFunc(rows, func(r inquiry.Row) bool { return r.Due.IsZero() })
	slices.SortFunc(rows, func(a, b inquiry.Row) int {
		if c := a.Due.Compare(b.Due); c != 0 {
			return c
		}
		return a.ID.Compare(b.ID)
	})
	want := make([]inquiry.ID, len(rows))
	for i := range rows {
		want[i] = rows[i].ID
	}
	d.same(idsOf(d.find(inquiry.Query{Sort: inquiry.ByDue})), want, "ids by due instants")
	d.same(idsOf(d.find(inquiry.Query{Sort: inquiry.ByDue, Limit: 3})), want[:3], "the three that are due first")
	for i, r := range rows {
		q := inquiry.Query{Sort: inquiry.ByDue, AfterDue: r.Due.In(time.FixedZone("", 3600)), After: r.ID}
		d.same(some(idsOf(d.find(q))), some(want[i+1:]), "ids by due instants, behind %s and %s", r.Due.Format(time.RFC3339Nano), r.ID)
	}
	q := inquiry.Query{Sort: inquiry.ByDue, AfterDue: noon, DueBefore: noon.Add(2)}
	d.same(idsOf(d.find(q)), want[1:6], "ids due from an instant on and before another")
}

// findLikeScan asks for random pages of a few hundred inquiries, one after the
// other, and holds them against a scan.
func findLikeScan(d *desk) {
	const n, queries = 240, 250
	seed := d.seed
	if seed == 0 {
		seed = rand.Uint64()
	}
	d.Logf("seed %d (StoreHarness.Seed repeats it)", seed)
	w := &walk{desk: d, rnd: rand.New(rand.NewPCG(seed, 1)), m: &model{name: d.pool}}
	w.fill(n)
	for range queries {
		q := w.query(n)
		q.After, q.AfterDue, q.Limit = inquiry.ID{}, time.Time{}, 0
		want := idsOf(w.m.find(q))
		got := []inquiry.ID{}
		cursor, pages := "", 0
		for {
			next := q
			next.Pool, next.Limit = d.pool, 1+w.rnd.IntN(1+len(want))
			d.ok(next.Resume(cursor), "Resume")
			page := d.find(next)
			if pages++; len(page) > next.Limit || pages > len(want)+1 {
				d.Fatalf("seed %d: Find %+v lists %d inquiries, on page %d", seed, next, len(page), pages)
			}
			if got = append(got, idsOf(page)...); len(page) == 0 {
				break
			}
			cursor = next.Cursor(&page[len(page)-1])
		}
		d.same(got, want, "seed %d: ids in %d pages of Find %+v", seed, pages, q)
		if d.hasFailed() {
			d.Fatalf("gives up at the first difference")
		}
	}
}

// fill has the store and the model hold n inquiries of all sorts.
func (w *walk) fill(n int) {
	states := []inquiry.State{inquiry.StateQueued, inquiry.StateOffered, inquiry.StateAssigned, inquiry.StateResolved, inquiry.StateClosed}
	for i := 0; i < n; i += 20 {
		b := inquiry.Batch{Events: events(w.pool, w.head, 1)}
		for k := i; k < i+20; k++ {
			r, t := row(w.pool, k, 1), details(k)
			r.State = states[w.rnd.IntN(len(states))]
			switch {
			case r.State == inquiry.StateOffered:
				for _, owner := range []inquiry.OwnerID{"mia", "tom"}[w.rnd.IntN(2):] {
					r.Offers = append(r.Offers, inquiry.Offer{Owner: owner, At: at(k), Expires: at(k + 9)})
				}
			case w.one(80):
				r.Owner = w.owner()
			}
			r.Stranded, r.Department = w.one(20), []string{"press", "sales", ""}[w.rnd.IntN(3)]
			if r.Due = at(w.rnd.IntN(10)); w.one(20) {
				r.Due = time.Time{}
			}
			t.Labels = []string{"billing", "urgent"}[:w.rnd.IntN(3)]
			b.Changed, b.Details = append(b.Changed, r), append(b.Details, t)
		}
		w.keep(b)
	}
}

func (w *walk) keep(b inquiry.Batch) {
	w.desk.append(b)
	w.m.append(b)
}

func findPagesBeside(d *desk) {
	const n = 60
	due := func(i int) inquiry.Row {
		r := row(d.pool, i, 1)
		r.Due = at(100 + i%7)
		return r
	}
	var rows []inquiry.Row
	for i := range n {
		rows = append(rows, due(i))
	}
	d.rows(rows...)
	for _, sort := range []inquiry.Sort{inquiry.ByID, inquiry.ByDue} {
		seen := map[inquiry.ID]int{}
		q := inquiry.Query{Pool: d.pool, Sort: sort, Limit: 7, States: []inquiry.State{inquiry.StateQueued}}
		for page := 0; page <= n; page++ {
			found := d.find(q)
			if len(found) == 0 {
				break
			}
			for _, in := range found {
				seen[in.ID]++
			}
			last := found[len(found)-1]
			d.ok(q.Resume(q.Cursor(&last)), "Resume")
			// What was listed last goes, one of the first ten moves, and one comes.
			gone, moved, fresh := last.Row, due(page%10), due(1000+page)
			gone.Version, gone.State = gone.Version+1, inquiry.StateClosed
			moved.Version, moved.Due = uint64(page)+9, at(300-page)
			if last.ID != moved.ID {
				d.rows(gone, moved, fresh)
			}
		}
		for i := 10; i < n; i++ {
			if r := due(i); seen[r.ID] != 1 {
				d.Errorf("sorted %q, inquiry %d was listed %d times, and it stayed as it was until then", sort, i, seen[r.ID])
			}
		}
		for i := 10; i < n; i++ { // as they were, for the next order
			r := due(i)
			r.Version = 1 << 20
			rows[i] = r
		}
		d.rows(rows[10:]...)
	}
}

func findNoOrder(d *desk) {
	d.rows(row(d.pool, 1, 1))
	for _, q := range []inquiry.Query{{Sort: "age"}, {AfterDue: at(1)}} {
		q.Pool = d.pool
		want := q.Validate()
		if _, err := d.s.Find(d.ctx, q); err == nil || !strings.Contains(err.Error(), want.Error()) {
			d.Errorf("Find %+v: error is %v, want %q", q, err, want)
		}
	}
}
