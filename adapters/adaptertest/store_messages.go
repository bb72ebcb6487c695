package adaptertest

import (
	"slices"
	"strings"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

func messageCases() []storeCase {
	return []storeCase{
		{name: "A6 messages come in the order in which they were stored, as they were written", run: messageOrder},
		{name: "A6 an edit takes the place of the earlier revision", run: messageEdit},
		{name: "A6 an older revision never takes the place of a newer one", run: messageOlder},
		{name: "A6 an edit may take a message to another inquiry, and make a reply of it", run: messageMoves},
		{name: "A6 recovery knows the customers' messages and no others", run: messageRefs},
		{name: "A6 it is known of every message where it is and in which revision, closed inquiries included", run: messageRefsOf},
		{name: "A6 where messages are is told of those that were asked for, and in their own pool", run: messageRefsAsked},
	}
}

func messageOrder(d *desk) {
	var want []inquiry.Message
	for _, n := range []int{5, 2, 8, 1} { // neither by id nor by time
		want = append(want, message(d.pool, n, 1, 1))
	}
	bare := inquiry.Message{Pool: d.pool, ID: id("message", 50), Inquiry: id("inquiry", 1), Direction: inquiry.FromUs}
	long := message(d.pool, 51, 1, 0)
	long.Text = strings.Repeat(text, 8000) // about a megabyte
	want = append(want, bare, long)
	d.append(inquiry.Batch{Events: events(d.pool, 0, 1), Changed: []inquiry.Row{row(d.pool, 1, 1)}, Messages: want[:3]})
	d.append(inquiry.Batch{Events: events(d.pool, 1, 1), Messages: []inquiry.Message{want[3], message(d.pool, 60, 2, 1), want[4]}})
	d.append(inquiry.Batch{Events: events(d.pool, 2, 1), Messages: want[5:]})
	got := d.messages(id("inquiry", 1))
	d.same(len(got), len(want), "how many messages the inquiry has")
	for i := range min(len(got), len(want)) {
		d.same(got[i], want[i], "message %d", i)
	}
	d.same(len(d.messages(id("inquiry", 99))), 0, "how many messages an unknown inquiry has")
}

func messageEdit(d *desk) {
	d.append(inquiry.Batch{Events: events(d.pool, 0, 1), Changed: []inquiry.Row{row(d.pool, 1, 1)}, Messages: []inquiry.Message{
		message(d.pool, 1, 1, 0), message(d.pool, 2, 1, 1), message(d.pool, 3, 1, 1),
	}})
	d.append(inquiry.Batch{Events: events(d.pool, 1, 1), Messages: []inquiry.Message{message(d.pool, 1, 1, 2), message(d.pool, 4, 1, 1)}})
	d.append(inquiry.Batch{Events: events(d.pool, 2, 1), Messages: []inquiry.Message{message(d.pool, 2, 1, 7)}})
	want := []inquiry.Message{
		message(d.pool, 1, 1, 2), message(d.pool, 2, 1, 7), message(d.pool, 3, 1, 1), message(d.pool, 4, 1, 1),
	}
	d.same(d.messages(id("inquiry", 1)), want, "Messages: the newest revisions in the order of the first")
	revisions := map[inquiry.ID]int{}
	for _, ref := range d.recover().Messages {
		revisions[ref.ID] = ref.Revision
	}
	for _, m := range want {
		if revisions[m.ID] != m.Revision {
			d.Errorf("Recover has revision %d of message %s, want %d", revisions[m.ID], m.External, m.Revision)
		}
	}
}

func messageOlder(d *desk) {
	d.append(inquiry.Batch{Events: events(d.pool, 0, 1), Changed: []inquiry.Row{row(d.pool, 1, 1)}, Messages: []inquiry.Message{message(d.pool, 1, 1, 5)}})
	for _, older := range []int{4, 1, 0} {
		d.append(inquiry.Batch{Events: events(d.pool, d.head, 1), Messages: []inquiry.Message{message(d.pool, 1, 1, older)}})
		d.same(d.messages(id("inquiry", 1)), []inquiry.Message{message(d.pool, 1, 1, 5)}, "Messages after revision %d came behind 5", older)
	}
	d.same(tidy(d.recover()).Messages, []adapters.MessageRef{{ID: id("message", 1), Inquiry: id("inquiry", 1), Revision: 5}}, "messages of Recover")

	// Nor does it within one commit, whether there is one from before or not.
	d.append(inquiry.Batch{Events: events(d.pool, d.head, 1), Messages: []inquiry.Message{
		message(d.pool, 1, 1, 7), message(d.pool, 1, 1, 6), message(d.pool, 2, 1, 3), message(d.pool, 2, 1, 2),
	}})
	d.same(d.messages(id("inquiry", 1)), []inquiry.Message{message(d.pool, 1, 1, 7), message(d.pool, 2, 1, 3)}, "Messages after an older revision came behind a newer one of the same commit")
}

func messageMoves(d *desk) {
	d.append(inquiry.Batch{Events: events(d.pool, 0, 1), Changed: []inquiry.Row{row(d.pool, 1, 1), row(d.pool, 2, 1)}})
	for revision, c := range []struct {
		in        int
		direction inquiry.Direction
	}{{1, inquiry.FromUs}, {2, inquiry.FromUs}, {1, inquiry.FromCustomer}, {2, inquiry.FromUs}, {1, inquiry.FromUs}} {
		m := message(d.pool, 1, c.in, revision)
		m.Direction = c.direction
		d.append(inquiry.Batch{Events: events(d.pool, d.head, 1), Messages: []inquiry.Message{m}})
		d.same(d.messages(id("inquiry", c.in)), []inquiry.Message{m}, "Messages of the inquiry to which revision %d belongs", revision)
		d.same(len(d.messages(id("inquiry", 3-c.in))), 0, "how many messages the other one has after revision %d", revision)
		refs := []adapters.MessageRef{} // a reply is none of the customer's
		if c.direction == inquiry.FromCustomer {
			refs = []adapters.MessageRef{{ID: m.ID, Inquiry: m.Inquiry, Revision: revision}}
		}
		d.same(tidy(d.recover()).Messages, refs, "messages of Recover after revision %d", revision)
		d.same(d.refs(m.ID), []adapters.MessageRef{m.Ref()}, "MessageRefs after revision %d, which is %s", revision, c.direction)
		d.checked()
	}
}

func messageRefs(d *desk) {
	unsaid := message(d.pool, 2, 1, 3) // an empty direction is the customer's
	unsaid.Direction = ""
	ours := message(d.pool, 3, 1, 1)
	ours.Direction = inquiry.FromUs
	closed := row(d.pool, 2, 1)
	closed.State = inquiry.StateClosed
	resolved := row(d.pool, 3, 1)
	resolved.State = inquiry.StateResolved
	d.append(inquiry.Batch{
		Events: events(d.pool, 0, 1), Changed: []inquiry.Row{row(d.pool, 1, 1), closed, resolved},
		Messages: []inquiry.Message{message(d.pool, 1, 1, 0), unsaid, ours, message(d.pool, 4, 2, 1), message(d.pool, 5, 3, 1)},
	})
	want := tidy(adapters.Recovery{Messages: []adapters.MessageRef{
		{ID: id("message", 1), Inquiry: id("inquiry", 1), Revision: 0},
		{ID: id("message", 2), Inquiry: id("inquiry", 1), Revision: 3},
		{ID: id("message", 5), Inquiry: id("inquiry", 3), Revision: 1},
	}}).Messages
	d.same(tidy(d.recover()).Messages, want, "messages of Recover: the customers', of inquiries that are not closed")
}

func messageRefsOf(d *desk) {
	ours := message(d.pool, 3, 1, 1)
	ours.Direction = inquiry.FromUs
	unsaid := message(d.pool, 2, 1, 3) // an empty direction is the customer's
	unsaid.Direction = ""
	closed := row(d.pool, 1, 2)
	closed.State = inquiry.StateClosed
	all := ids("message", 0, 9)
	d.append(inquiry.Batch{
		Events: events(d.pool, 0, 1), Changed: []inquiry.Row{row(d.pool, 1, 1), row(d.pool, 2, 1)},
		Messages: []inquiry.Message{message(d.pool, 1, 1, 0), unsaid, ours, message(d.pool, 4, 2, 1), message(d.pool, 5, 1, 1)},
	})
	want := func(when string, refs ...adapters.MessageRef) {
		d.Helper()
		d.same(d.refs(all...), tidyRefs(refs), "MessageRefs %s", when)
	}
	ref := func(n, in, revision int) adapters.MessageRef {
		return adapters.MessageRef{ID: id("message", n), Inquiry: id("inquiry", in), Revision: revision}
	}
	want("once they came", ref(1, 1, 0), ref(2, 1, 3), ref(3, 1, 1), ref(4, 2, 1), ref(5, 1, 1))

	d.append(inquiry.Batch{Events: events(d.pool, d.head, 1), Messages: []inquiry.Message{message(d.pool, 1, 1, 7), message(d.pool, 2, 1, 2)}})
	want("after an edit, and an older revision that came late", ref(1, 1, 7), ref(2, 1, 3), ref(3, 1, 1), ref(4, 2, 1), ref(5, 1, 1))

	split := message(d.pool, 5, 3, 1) // as it was, but of another inquiry
	d.append(inquiry.Batch{Events: events(d.pool, d.head, 1), Changed: []inquiry.Row{row(d.pool, 3, 1)}, Messages: []inquiry.Message{split}})
	last := []adapters.MessageRef{ref(1, 1, 7), ref(2, 1, 3), ref(3, 1, 1), ref(4, 2, 1), ref(5, 3, 1)}
	want("after one was split off", last...)

	d.append(inquiry.Batch{Events: events(d.pool, d.head, 1), Changed: []inquiry.Row{closed}})
	want("after their inquiry was closed", last...)
	if d.restart != nil {
		d.s = d.restart(d.s)
		want("after their inquiry was closed, and a restart", last...)
	}
}

func messageRefsAsked(d *desk) {
	one, two := d.in("brand-one"), d.in("brand-two")
	one.append(full(one.pool, 1, 0)) // messages 1 and 2
	d.same(len(one.refs()), 0, "how many messages it is told of where none is asked for")
	d.same(len(one.refs(id("message", 7), id("inquiry", 1), inquiry.ID{})), 0, "how many messages it is told of that there are not")
	want := []adapters.MessageRef{{ID: id("message", 2), Inquiry: id("inquiry", 2), Revision: 1}}
	d.same(one.refs(id("message", 7), id("message", 2)), want, "MessageRefs of one that there is and one that there is not")
	twice := one.refs(id("message", 2), id("message", 7), id("message", 2))
	d.same(slices.Compact(twice), want, "MessageRefs of one that is asked for twice")
	d.same(len(two.refs(ids("message", 0, 9)...)), 0, "how many messages of another pool it is told of")
	many := one.refs(slices.Concat(ids("message", 100, 5000), ids("message", 1, 3))...)
	d.same(len(many), 2, "how many messages it is told of among thousands that there are not")
}
