package adaptertest

import (
	"fmt"
	"slices"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

func retainCases() []storeCase {
	return []storeCase{
		{name: "H6 what was closed long enough ago is let go of, and nothing else", run: retainInquiries},
		{name: "H6 texts are let go of before their inquiries are, and what is left says what happened", run: retainTexts},
		{name: "A6 an input whose inquiry is gone is passed over when it is put again", run: retainOutcomes},
		{name: "H5 an inquiry stays while an effect about it is not settled", run: retainBusy},
		{name: "H4 letting go is for whoever leads, and what was let go of stands among the marks", run: retainFenced},
		{name: "H1 letting go goes portion by portion, and leaves the journal and its chain as they are", run: retainPortions},
		{name: "H7 letting go in one pool changes no other", run: retainPools},
		{name: "H6 what went as a whole stays gone, though its texts are let go of at the same time", run: retainTogether},
	}
}

// retain lets go, if the store can.
func (d *desk) retain(r adapters.Retention) adapters.Retained {
	r.Pool, r.Epoch = d.pool, d.epoch
	kept, err := adapters.Retain(d.ctx, d.s, r)
	d.ok(err, "Retain %+v", r)
	return kept
}

// keepsAll reports whether a store is no Retainer, of which these cases say
// nothing.
func (d *desk) keepsAll() bool {
	_, ok := d.s.(adapters.Retainer)
	if !ok {
		d.Logf("the store is no adapters.Retainer: it keeps everything")
	}
	return !ok
}

// closedAt is the n-th inquiry, closed at the n-th instant.
func closedAt(pool string, n int) inquiry.Row {
	r := row(pool, n, 9)
	r.State, r.ChangedAt = inquiry.StateClosed, at(n)
	return r
}

// history writes n closed inquiries with all that belongs to them, and one live
// one in between.
func history(d *desk, n int) {
	for i := range n {
		b := inquiry.Batch{
			Events: events(d.pool, d.head, 1), Changed: []inquiry.Row{closedAt(d.pool, i)}, Details: []inquiry.Details{details(i)},
			Messages: []inquiry.Message{message(d.pool, i, i, 1)}, Outcomes: []inquiry.Outcome{outcome(i, d.head+1)},
		}
		b.Events[0].RecordedAt = at(i)
		if i == n/2 {
			b.Changed[0].State, b.Changed[0].Owner = inquiry.StateAssigned, "mia"
		}
		d.append(b)
	}
}

func retainInquiries(d *desk) {
	if d.keepsAll() {
		return
	}
	const n, live, from = 12, 6, 9
	history(d, n)
	nanosecond := closedAt(d.pool, 100) // closed within the same second
	nanosecond.ChangedAt = at(from).Add(-1)
	exactly := closedAt(d.pool, 101)
	exactly.ChangedAt = at(from)
	whole := closedAt(d.pool, 102)
	whole.ChangedAt = at(from).Truncate(time.Second)
	d.rows(nanosecond, exactly, whole)
	before := d.recover()

	kept := d.retain(adapters.Retention{Inquiries: at(from)})
	d.same(kept, adapters.Retained{Inquiries: from - 1 + 2}, "what was let go of")
	want := []inquiry.ID{exactly.ID}
	for _, i := range []int{live, 9, 10, 11} {
		want = append(want, id("inquiry", i))
	}
	for name, q := range map[string]inquiry.Query{
		"everything": {}, "by ids": {IDs: append(ids("inquiry", 0, n), nanosecond.ID, exactly.ID, whole.ID)},
		"by label": {Label: "billing"}, "by department": {Department: "press"}, "by due instants": {Sort: inquiry.ByDue},
	} {
		list := want
		if name == "by label" {
			list = want[1:] // rows of a higher version have no details
		}
		got := idsOf(d.find(q))
		d.same(sorted(got), sorted(list), "ids that are found, %s", name)
	}
	var refs []adapters.MessageRef
	for i := range n {
		there := i == live || i >= from
		if there {
			m := message(d.pool, i, i, 1)
			refs = append(refs, m.Ref())
		}
		if got := len(d.messages(id("inquiry", i))); (got == 1) != there || got > 1 {
			d.Errorf("inquiry %d has %d messages; it is there: %t", i, got, there)
		}
	}
	d.same(d.refs(ids("message", 0, n)...), tidyRefs(refs), "MessageRefs of what is gone and of what is there")
	d.same(len(d.outcomes(ids("input", 0, n)...)), n, "how many outcomes are known")
	after := d.recover()
	before.Marks, after.Marks = nil, nil
	d.same(tidy(after), tidy(before), "what is recovered, but for the mark")

	// What comes later lives as ever, also under an id that is gone.
	again := row(d.pool, 0, 1)
	d.append(inquiry.Batch{Events: events(d.pool, d.head, 1), Changed: []inquiry.Row{again}, Details: []inquiry.Details{details(0)}, Messages: []inquiry.Message{message(d.pool, 0, 0, 1)}})
	d.same(d.find(inquiry.Query{IDs: ids("inquiry", 0, 1)}), []inquiry.Inquiry{{Row: again, Details: details(0)}}, "an inquiry under an id that was gone")
	d.same(len(d.messages(again.ID)), 1, "how many messages it has")
	d.same(d.refs(id("message", 0)), []adapters.MessageRef{{ID: id("message", 0), Inquiry: again.ID, Revision: 1}}, "MessageRefs of its message")
}

func retainTexts(d *desk) {
	if d.keepsAll() {
		return
	}
	const n, live = 8, 4
	history(d, n)
	bare := closedAt(d.pool, 100) // without details and messages
	bare.ChangedAt = at(1)
	d.rows(bare)
	refs := d.refs(ids("message", 0, n)...)
	d.same(len(refs), n, "how many messages are known")
	d.retain(adapters.Retention{Texts: at(0)}) // of nothing: the mark alone
	before := d.checked()
	d.same(d.retain(adapters.Retention{Texts: at(6)}), adapters.Retained{Texts: 6}, "what was let go of")
	d.same(d.retain(adapters.Retention{Texts: at(6)}), adapters.Retained{}, "what was let go of when it is asked again")
	for i := range n {
		m, t := message(d.pool, i, i, 1), details(i)
		if i < 6 && i != live {
			m, t = m.Erase(), t.Erase()
		}
		d.same(d.messages(id("inquiry", i)), []inquiry.Message{m}, "Messages of inquiry %d", i)
		found := d.find(inquiry.Query{IDs: ids("inquiry", i, i+1)})
		d.same(len(found), 1, "how often inquiry %d is found", i)
		d.same(found[0].Details, t, "details of inquiry %d", i)
	}
	d.same(d.find(inquiry.Query{IDs: []inquiry.ID{bare.ID}}), []inquiry.Inquiry{{Row: bare}}, "the inquiry that has no details")
	d.same(d.checked(), before, "what Check finds of records, before and behind")
	d.same(d.refs(ids("message", 0, n)...), refs, "MessageRefs once texts were let go of")
	d.same(len(d.find(inquiry.Query{Label: "billing"})), n, "how many are found by their label")
	d.same(d.retain(adapters.Retention{Texts: at(8), Inquiries: at(2)}), adapters.Retained{Texts: 2, Inquiries: 3}, "what was let go of, texts and inquiries")
	d.same(len(d.find(inquiry.Query{})), n-2, "how many are found")
}

func retainOutcomes(d *desk) {
	if d.keepsAll() {
		return
	}
	const n = 8
	history(d, n)
	d.retain(adapters.Retention{Inquiries: at(n)})
	var want []inquiry.Outcome
	for i := range n {
		want = append(want, outcome(i, uint64(i)+1))
	}
	slices.SortFunc(want, func(a, b inquiry.Outcome) int { return a.Input.Compare(b.Input) })
	d.same(d.outcomes(ids("input", 0, n)...), want, "outcomes with the inquiries gone")
	d.put(inputs(d.pool, 0, n+1)...)
	d.same(d.pending(10), inputs(d.pool, n, n+1), "what is put again, beside a new one")
}

func retainBusy(d *desk) {
	if d.keepsAll() {
		return
	}
	history(d, 4)
	e := effect(d.pool, 1, 1) // about inquiry 1
	d.append(inquiry.Batch{Effects: []inquiry.Effect{e}})
	d.same(d.retain(adapters.Retention{Inquiries: at(9), Texts: at(9), Limit: 1}).Inquiries, 1, "how many were let go of, the limit")
	d.retain(adapters.Retention{Inquiries: at(9), Texts: at(9)})
	d.same(idsOf(d.find(inquiry.Query{States: []inquiry.State{inquiry.StateClosed}})), ids("inquiry", 1, 2), "closed inquiries beside an effect about one")
	d.same(d.messages(e.Inquiry), []inquiry.Message{message(d.pool, 1, 1, 1)}, "its messages")
	d.append(inquiry.Batch{Settled: []inquiry.ID{e.ID}})
	d.same(d.retain(adapters.Retention{Inquiries: at(9)}), adapters.Retained{Inquiries: 1}, "what is let go of once it is settled")
}

func retainFenced(d *desk) {
	if d.keepsAll() {
		return
	}
	r := adapters.Retention{Pool: d.pool, Epoch: 1, Inquiries: at(9)}
	_, err := adapters.Retain(d.ctx, d.s, r)
	d.is(err, adapters.ErrStale, "Retain in a pool that nobody has led")
	history(d, 4)
	beside := []inquiry.Mark{{Key: "a", Value: []byte("before it")}, {Key: "z", Value: []byte("behind it")}}
	d.append(inquiry.Batch{Marks: beside})
	before := d.view(4)
	for _, epoch := range []uint64{0, d.epoch - 1, d.epoch + 1} {
		r.Epoch = epoch
		_, err := adapters.Retain(d.ctx, d.s, r)
		d.is(err, adapters.ErrStale, "Retain in epoch %d of %d", epoch, d.epoch)
	}
	d.term(claim(d.pool, node, d.epoch, 0), false, d.epoch, node)
	r.Epoch = d.epoch
	_, err = adapters.Retain(d.ctx, d.s, r)
	d.is(err, adapters.ErrStale, "Retain behind the end of the term")
	d.sameView(d.view(4), before, "behind those who may not let go")

	d.epoch = 0
	d.lead()
	gone := func() adapters.Gone {
		value, _ := mark(d.recover(), adapters.RetainedKey)
		g, err := adapters.ReadGone(value)
		d.ok(err, "the mark %q", value)
		return g
	}
	d.same(gone(), adapters.Gone{}, "what was let go of before anything was")
	d.retain(adapters.Retention{Inquiries: at(3), Texts: at(5).In(time.FixedZone("", 3600))})
	d.retain(adapters.Retention{Inquiries: at(2)})
	d.same(gone(), adapters.Gone{Texts: at(5), Inquiries: at(3)}, "the latest instants, by the mark")
	d.same(slices.DeleteFunc(d.recover().Marks, func(m inquiry.Mark) bool { return m.Key == adapters.RetainedKey }), beside, "the other marks")
}

func retainPortions(d *desk) {
	if d.keepsAll() {
		return
	}
	const n, limit = 25, 7
	history(d, n)
	journal := d.journal(0)
	first := d.checked()
	for _, what := range []struct {
		of   string
		r    adapters.Retention
		gone func(adapters.Retained) int
	}{
		{"texts", adapters.Retention{Texts: at(n), Limit: limit}, func(kept adapters.Retained) int { return kept.Texts }},
		{"inquiries", adapters.Retention{Inquiries: at(n), Limit: limit}, func(kept adapters.Retained) int { return kept.Inquiries }},
	} {
		gone := 0
		for calls := 0; ; calls++ {
			kept := d.retain(what.r)
			gone += what.gone(kept)
			if what.gone(kept) > limit || calls > 3*n {
				d.Fatalf("call %d with limit %d lets go of %+v, %d in all", calls, limit, kept, gone)
			}
			if full := what.gone(kept) == limit; full && !kept.More {
				d.Errorf("call %d let go of as many %s as it might, and says that there is no more", calls, what.of)
			}
			if kept == (adapters.Retained{}) {
				break
			}
		}
		d.same(gone, n-1, "how many %s were let go of", what.of)
	}
	d.same(d.journal(0), journal, "the journal")
	last := d.checked()
	d.same([]any{last.Head, last.Hash}, []any{first.Head, first.Hash}, "head and hash of the chain")
	d.same(len(d.outcomes(ids("input", 0, n)...)), n, "how many outcomes are known")
	if d.restart != nil {
		before := d.view(n)
		d.s = d.restart(d.s)
		d.sameView(d.view(n), before, "behind a restart")
	}
}

func retainPools(d *desk) {
	if d.keepsAll() {
		return
	}
	one, two := d.in("brand-one"), d.in("brand-two")
	two.lead()
	two.epoch = 0 // restarted: the pools' terms have different epochs
	history(one, 6)
	history(two, 6)
	_, err := adapters.Retain(d.ctx, d.s, adapters.Retention{Pool: two.pool, Epoch: one.epoch, Inquiries: at(9)})
	d.is(err, adapters.ErrStale, "Retain in epoch %d of %s, that of %s", one.epoch, two.pool, one.pool)
	e := effect(two.pool, 1, 1) // about an inquiry whose id both have
	offered := row(two.pool, 2, 10)
	offered.State, offered.Offers = inquiry.StateOffered, []inquiry.Offer{{Owner: "tom", At: at(1), Expires: at(9)}}
	two.append(inquiry.Batch{Events: events(two.pool, two.head, 1), Changed: []inquiry.Row{offered}, Effects: []inquiry.Effect{e}})
	before, labelled := two.view(6), two.find(inquiry.Query{Label: "billing"})
	d.same(one.retain(adapters.Retention{Texts: at(9)}), adapters.Retained{Texts: 5}, "texts that were let go of beside another pool's effect")
	d.same(one.retain(adapters.Retention{Inquiries: at(9)}), adapters.Retained{Inquiries: 5}, "inquiries that were let go of beside another pool's effect")
	d.sameView(two.view(6), before, fmt.Sprintf("of %s behind letting go in %s", two.pool, one.pool))
	d.same(two.find(inquiry.Query{Label: "billing"}), labelled, "inquiries by label in %s behind letting go in %s", two.pool, one.pool)
	d.same(idsOf(two.find(inquiry.Query{Owner: "tom"})), ids("inquiry", 2, 3), "inquiries that are offered in %s behind letting go in %s", two.pool, one.pool)
	d.same(len(one.find(inquiry.Query{})), 1, "how many inquiries there are where they were let go of")
	if slices.ContainsFunc(two.recover().Marks, func(m inquiry.Mark) bool { return m.Key == adapters.RetainedKey }) {
		d.Errorf("the other pool has a mark that says something was let go of")
	}
	two.append(inquiry.Batch{Settled: []inquiry.ID{e.ID}})
	d.same(two.retain(adapters.Retention{Texts: at(9)}), adapters.Retained{Texts: 4}, "texts that are let go of in %s, of which nothing was yet", two.pool)
}

// retainTogether has one let go of inquiries while another lets go of their texts, and
// may have read what it is to blank.
func retainTogether(d *desk) {
	if d.keepsAll() {
		return
	}
	const rounds, n = 6, 25
	d.lead()
	for round := range rounds {
		b := inquiry.Batch{Events: events(d.pool, d.head, 1)}
		from := n * round
		for i := from; i < from+n; i++ {
			b.Changed, b.Details = append(b.Changed, closedAt(d.pool, i)), append(b.Details, details(i))
			b.Messages = append(b.Messages, message(d.pool, i, i, 1))
		}
		d.append(b)
		d.all(2, func(i int) {
			r := adapters.Retention{Pool: d.pool, Epoch: d.epoch, Texts: at(from + n)}
			if i == 0 {
				r.Texts, r.Inquiries = time.Time{}, at(from+n)
			}
			if _, err := adapters.Retain(d.ctx, d.s, r); err != nil {
				d.Errorf("Retain %+v beside another: %v", r, err)
			}
		})
		d.same(len(d.find(inquiry.Query{})), 0, "how many inquiries are found that were let go of")
		d.same(d.refs(ids("message", from, from+n)...), []adapters.MessageRef{}, "MessageRefs of what was let go of")
		for i := from; i < from+n; i++ {
			d.same(len(d.messages(id("inquiry", i))), 0, "how many messages inquiry %d has, which was let go of", i)
		}
	}
}
