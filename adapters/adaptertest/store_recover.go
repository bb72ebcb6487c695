package adaptertest

import (
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

func recoverCases() []storeCase {
	return []storeCase{
		{name: "A2 recovery of an empty pool is empty", run: recoverEmpty},
		{name: "A2 every inquiry that is not closed is recovered, in the order of ids", run: recoverRows},
		{name: "A2 a closed inquiry is found and not recovered", run: closedNotRecovered},
		{name: "H4 recovery is read at one head while appends go on", run: recoverOneHead},
		{name: "H1 every read sees the appends that have returned", run: readYourWrites},
		{name: "H3 marks are set, replaced and deleted, and come in the order of keys", run: marks},
		{name: "H5 effects stay until they are settled, in the order of events", run: effects},
	}
}

func recoverEmpty(d *desk) {
	d.same(d.view(2), view{}.of(2), "a pool in which nothing has happened")
	d.lead()
	d.same(d.view(2), view{}.of(2), "a pool that was only led")
}

func recoverRows(d *desk) {
	const n = 40
	var want []inquiry.Row
	var batch []inquiry.Row
	states := []inquiry.State{
		inquiry.StateReceived, inquiry.StateScreenedOut, inquiry.StateQueued, inquiry.StateOffered,
		inquiry.StateAssigned, inquiry.StatePending, inquiry.StateResolved, inquiry.StateClosed,
	}
	for i := range n {
		r := row(d.pool, i, 1)
		r.State = states[i%len(states)]
		batch = append(batch, r)
		if r.State != inquiry.StateClosed {
			want = append(want, r)
		}
		if len(batch) == 7 {
			d.rows(batch...)
			batch = nil
		}
	}
	d.rows(batch...)
	slices.SortFunc(want, func(a, b inquiry.Row) int { return a.ID.Compare(b.ID) })
	d.same(d.recover().Rows, want, "rows of Recover")
	d.same(len(d.find(inquiry.Query{})), n, "how many inquiries Find lists, closed ones included")

	// The newest version is what counts, and the last one decides.
	changed := want[3]
	changed.Version, changed.Department, changed.Clocks, changed.Facts = 2, "sales", nil, nil
	d.rows(changed)
	want[3] = changed
	d.same(d.recover().Rows, want, "rows of Recover after a change")
	d.same(d.find(inquiry.Query{IDs: []inquiry.ID{changed.ID}})[0].Row, changed, "row of Find after a change")
}

func closedNotRecovered(d *desk) {
	d.append(full(d.pool, 1, 0))
	closed := row(d.pool, 1, 2)
	closed.State = inquiry.StateClosed
	d.append(inquiry.Batch{Events: events(d.pool, d.head, 1), Changed: []inquiry.Row{closed}})
	r := d.recover()
	d.same(sortedRows(r.Rows), []inquiry.ID{id("inquiry", 2)}, "rows of Recover")
	d.same(r.Messages, []adapters.MessageRef{{ID: id("message", 2), Inquiry: id("inquiry", 2), Revision: 1}}, "messages of Recover")
	d.same(d.find(inquiry.Query{IDs: []inquiry.ID{closed.ID}}), []inquiry.Inquiry{{Row: closed, Details: details(1)}}, "Find of the closed inquiry")
	d.same(d.messages(closed.ID), []inquiry.Message{message(d.pool, 1, 1, 1)}, "Messages of the closed inquiry")

	reopened := row(d.pool, 1, 3)
	d.append(inquiry.Batch{Events: events(d.pool, d.head, 1), Changed: []inquiry.Row{reopened}})
	d.same(len(d.recover().Rows), 2, "how many rows are recovered after a closed one came back")
}

// recoverOneHead has each commit leave its head in every part that recovery reads.
func recoverOneHead(d *desk) {
	const n, enough = 250, 60
	d.lead()
	var ended atomic.Bool
	var reads atomic.Int64
	d.all(4, func(i int) {
		if i == 0 {
			defer ended.Store(true)
			for head := uint64(0); head < n || head < 20*n && reads.Load() < enough && !d.hasFailed(); head++ {
				c := d.commit(inquiry.Batch{
					Events:   events(d.pool, head, 1),
					Changed:  []inquiry.Row{row(d.pool, 1, head+1)},
					Messages: []inquiry.Message{message(d.pool, 1, 1, int(head)+1)},
					Effects:  []inquiry.Effect{effect(d.pool, int(head)+1, head+1)},
					Settled:  []inquiry.ID{id("effect", int(head))},
					Marks:    []inquiry.Mark{{Key: "n", Value: fmt.Append(nil, head+1)}},
				})
				c.Head = head
				if err := d.s.Append(d.ctx, c); err != nil {
					d.Errorf("Append beside readers: %v", err)
					return
				}
			}
			return
		}
		for last := false; !last && !d.hasFailed(); {
			last = ended.Load()
			var r adapters.Recovery
			var err error
			if i%2 == 0 {
				r, err = gather(d.ctx, d)
			} else {
				r, err = d.s.Recover(d.ctx, d.pool)
			}
			if err != nil {
				d.Errorf("Recover beside a writer: %v", err)
				return
			}
			if r.Head == 0 {
				continue
			}
			reads.Add(1)
			n, _ := mark(r, "n")
			if string(n) != fmt.Sprint(r.Head) {
				d.Errorf("Recover at head %d: the mark is of head %s", r.Head, n)
			}
			if len(r.Rows) != 1 || r.Rows[0].Version != r.Head {
				d.Errorf("Recover at head %d: rows %s", r.Head, encode(r.Rows))
			}
			if len(r.Messages) != 1 || r.Messages[0].Revision != int(r.Head) {
				d.Errorf("Recover at head %d: messages %s", r.Head, encode(r.Messages))
			}
			if len(r.Effects) != 1 || r.Effects[0].Seq != r.Head {
				d.Errorf("Recover at head %d: effects %s", r.Head, encode(r.Effects))
			}
			if want := at(int(r.Head) + 1); !r.RecordedAt.Equal(want) {
				d.Errorf("Recover at head %d: record time %v, want %v", r.Head, r.RecordedAt, want)
			}
		}
	})
}

func readYourWrites(d *desk) {
	for i := range 40 {
		version := uint64(i) + 1
		in := input(d.pool, i)
		d.put(in)
		d.same(d.pending(10), []inquiry.Input{in}, "Pending after Put %d", i)
		r := row(d.pool, 1, version)
		r.Owner = inquiry.OwnerID(fmt.Sprintf("owner-%d", i))
		m := message(d.pool, 1, 1, i+1)
		o := outcome(i, version)
		b := inquiry.Batch{
			Events: events(d.pool, d.head, 1), Changed: []inquiry.Row{r}, Messages: []inquiry.Message{m},
			Outcomes: []inquiry.Outcome{o}, Done: []inquiry.ID{in.ID},
		}
		d.append(b)
		d.all(3, func(int) { // from other goroutines, thus maybe other connections
			ok := func(err error, what string) {
				if err != nil {
					d.Errorf("%s: %v", what, err)
				}
			}
			found, err := d.s.Find(d.ctx, inquiry.Query{Pool: d.pool, Owner: r.Owner})
			ok(err, "Find")
			if len(found) != 1 || found[0].Version != version {
				d.Errorf("Find by the owner that the last append set: %s, want version %d", encode(idsOf(found)), version)
			}
			list, err := d.s.Messages(d.ctx, d.pool, r.ID)
			ok(err, "Messages")
			d.same(list, b.Messages, "Messages after append %d", i)
			refs, err := d.s.MessageRefs(d.ctx, d.pool, m.ID)
			ok(err, "MessageRefs")
			d.same(refs, []adapters.MessageRef{m.Ref()}, "MessageRefs after append %d", i)
			known, err := d.s.Outcomes(d.ctx, d.pool, in.ID)
			ok(err, "Outcomes")
			d.same(known, b.Outcomes, "Outcomes after append %d", i)
			rec, err := d.s.Recover(d.ctx, d.pool)
			ok(err, "Recover")
			if rec.Head != d.head {
				d.Errorf("Recover is at head %d after Append to %d has returned", rec.Head, d.head)
			}
			waiting, err := d.s.Pending(d.ctx, d.pool, 10)
			ok(err, "Pending")
			d.same(len(waiting), 0, "how many inputs are pending after append %d", i)
			seen := uint64(0)
			for e, err := range d.s.Journal(d.ctx, d.pool, d.head-1) {
				ok(err, "Journal")
				seen = e.Seq
			}
			if seen != d.head {
				d.Errorf("Journal ends at position %d after Append to %d has returned", seen, d.head)
			}
		})
	}
}

func marks(d *desk) {
	set := func(marks ...inquiry.Mark) { d.append(inquiry.Batch{Marks: marks}) }
	set(inquiry.Mark{Key: "b", Value: []byte("1")}, inquiry.Mark{Key: "a/ü", Value: []byte{0, 255}}, inquiry.Mark{Key: "a", Value: []byte("x")},
		inquiry.Mark{Key: "B", Value: []byte("upper")}, inquiry.Mark{Key: text, Value: []byte(text)})
	set(inquiry.Mark{Key: "b", Value: []byte("2")}, inquiry.Mark{Key: "c", Value: []byte{}}, inquiry.Mark{Key: "none"})
	set(inquiry.Mark{Key: "a"})
	want := []inquiry.Mark{
		{Key: "B", Value: []byte("upper")},
		{Key: text, Value: []byte(text)},
		{Key: "a/ü", Value: []byte{0, 255}},
		{Key: "b", Value: []byte("2")},
		{Key: "c", Value: []byte{}},
	}
	d.same(d.recover().Marks, want, "marks, by the bytes of their keys; an empty value is a value, a nil one deletes")
	set(inquiry.Mark{Key: "b"}, inquiry.Mark{Key: "B"}, inquiry.Mark{Key: text}, inquiry.Mark{Key: "a/ü"})
	set(inquiry.Mark{Key: "c"}, inquiry.Mark{Key: "a", Value: []byte("back")})
	d.same(d.recover().Marks, []inquiry.Mark{{Key: "a", Value: []byte("back")}}, "marks after all but one were deleted")
}

func effects(d *desk) {
	add := func(settled []inquiry.ID, effects ...inquiry.Effect) {
		d.append(inquiry.Batch{Events: events(d.pool, d.head, 2), Effects: effects, Settled: settled})
	}
	order := func() []inquiry.ID {
		list := []inquiry.ID{}
		for _, e := range d.recover().Effects {
			list = append(list, e.ID)
		}
		return list
	}
	want := func(numbers ...int) []inquiry.ID {
		list := []inquiry.ID{}
		for _, n := range numbers {
			list = append(list, id("effect", n))
		}
		return list
	}
	add(nil, effect(d.pool, 3, 2), effect(d.pool, 1, 1), effect(d.pool, 2, 2), effect(d.pool, 4, 1))
	d.same(order(), want(1, 4, 3, 2), "effects in the order of Seq and then as appended")
	add(want(4, 99), effect(d.pool, 0, 3), effect(d.pool, 5, 4))
	d.same(order(), want(1, 3, 2, 0, 5), "effects after one was settled")
	add(want(1, 2, 3))
	add(want(0))
	d.same(d.recover().Effects, []inquiry.Effect{effect(d.pool, 5, 4)}, "the effect that is left, whole")
	add(want(5))
	d.same(order(), want(), "effects after all were settled")
}
