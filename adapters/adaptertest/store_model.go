package adaptertest

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

func modelCases() []storeCase {
	return []storeCase{{name: "H4 the store behaves as a simple model does, whatever the order of operations", run: againstModel}}
}

// model is a pool as the contract describes it, in the plainest form there is.
// Everything is a list that is searched from its beginning.
type model struct {
	name     string
	epoch    uint64
	node     string
	leads    bool
	format   int
	events   []inquiry.Event
	inbox    []inquiry.Input
	outcomes []inquiry.Outcome
	rows     []inquiry.Inquiry
	messages []inquiry.Message
	effects  []inquiry.Effect
	marks    []inquiry.Mark
}

// place is the index of the element with a key, or -1.
func place[T any, K comparable](list []T, key func(T) K, k K) int {
	return slices.IndexFunc(list, func(v T) bool { return key(v) == k })
}

func inputID(in inquiry.Input) inquiry.ID    { return in.ID }
func outcomeID(o inquiry.Outcome) inquiry.ID { return o.Input }
func inquiryID(q inquiry.Inquiry) inquiry.ID { return q.ID }
func messageID(m inquiry.Message) inquiry.ID { return m.ID }
func effectID(e inquiry.Effect) inquiry.ID   { return e.ID }
func markKey(m inquiry.Mark) string          { return m.Key }
func (m *model) head() uint64                { return uint64(len(m.events)) }
func (m *model) fits(c adapters.Commit) bool {
	return m.leads && c.Epoch == m.epoch && c.Head == m.head()
}
func drop[T any](list []T, i int) []T { return slices.Delete(slices.Clone(list), i, i+1) }
func (m *model) known(in inquiry.Input) (is bool) {
	return place(m.inbox, inputID, in.ID) >= 0 || place(m.outcomes, outcomeID, in.ID) >= 0
}

func (m *model) put(list []inquiry.Input) {
	for _, in := range list {
		if !m.known(in) {
			m.inbox = append(m.inbox, in)
		}
	}
}

// lead is what a claim must come to: whether it is granted, or ErrFormat.
func (m *model) lead(c adapters.Claim) (granted bool, err error) {
	if c.Format < m.format {
		return false, adapters.ErrFormat
	}
	theirs := m.node == c.Node && m.epoch > 0
	switch {
	case c.For == 0:
		if theirs && (c.Epoch == 0 || c.Epoch == m.epoch) {
			m.leads = false
		}
		return false, nil
	case theirs && m.leads && c.Epoch == m.epoch:
	case !m.leads || theirs && c.Epoch == 0:
		m.epoch, m.node, m.leads = m.epoch+1, c.Node, true
	default:
		return false, nil
	}
	m.format = c.Format
	return true, nil
}

func (m *model) append(b inquiry.Batch) {
	m.events = append(m.events, b.Events...)
	for _, r := range b.Changed {
		if i := place(m.rows, inquiryID, r.ID); i >= 0 {
			m.rows[i].Row = r
		} else {
			m.rows = append(m.rows, inquiry.Inquiry{Row: r})
		}
	}
	for _, t := range b.Details {
		m.rows[place(m.rows, inquiryID, t.ID)].Details = t
	}
	for _, msg := range b.Messages {
		if i := place(m.messages, messageID, msg.ID); i < 0 {
			m.messages = append(m.messages, msg)
		} else if msg.Revision >= m.messages[i].Revision {
			m.messages[i] = msg
		}
	}
	m.outcomes = append(m.outcomes, b.Outcomes...)
	for _, id := range b.Done {
		if i := place(m.inbox, inputID, id); i >= 0 {
			m.inbox = drop(m.inbox, i)
		}
	}
	m.effects = append(m.effects, b.Effects...)
	for _, id := range b.Settled {
		if i := place(m.effects, effectID, id); i >= 0 {
			m.effects = drop(m.effects, i)
		}
	}
	for _, k := range b.Marks {
		if i := place(m.marks, markKey, k.Key); i >= 0 {
			m.marks = drop(m.marks, i)
		}
		if k.Value != nil {
			m.marks = append(m.marks, k)
		}
	}
}

func (m *model) find(q inquiry.Query) []inquiry.Inquiry {
	var list []inquiry.Inquiry
	for _, v := range m.rows {
		owned := v.Owner == q.Owner || slices.ContainsFunc(v.Offers, func(o inquiry.Offer) bool { return o.Owner == q.Owner })
		if (q.IDs == nil || slices.Contains(q.IDs, v.ID)) &&
			(q.States == nil || slices.Contains(q.States, v.State)) &&
			(q.Owner == "" || owned) &&
			(q.Department == "" || q.Department == v.Department) &&
			(q.Label == "" || slices.Contains(v.Details.Labels, q.Label)) &&
			(!q.Stranded || v.Stranded) &&
			(q.DueBefore.IsZero() || !v.Due.IsZero() && v.Due.Before(q.DueBefore)) &&
			(q.Sort == inquiry.ByID && v.ID.Compare(q.After) > 0 ||
				q.Sort == inquiry.ByDue && !v.Due.IsZero() && (v.Due.After(q.AfterDue) || v.Due.Equal(q.AfterDue) && v.ID.Compare(q.After) > 0)) {
			list = append(list, v)
		}
	}
	slices.SortFunc(list, func(a, b inquiry.Inquiry) int {
		if q.Sort == inquiry.ByDue && !a.Due.Equal(b.Due) {
			return a.Due.Compare(b.Due)
		}
		return a.ID.Compare(b.ID)
	})
	if q.Limit > 0 {
		list = list[:min(q.Limit, len(list))]
	}
	return list
}

// view is what a store with this content must show.
func (m *model) view(n int) view {
	v := view{Journal: m.events, Found: m.find(inquiry.Query{}), Pending: m.inbox, Outcomes: slices.Clone(m.outcomes)}
	slices.SortFunc(v.Outcomes, func(a, b inquiry.Outcome) int { return a.Input.Compare(b.Input) })
	v.Recovery.Head = m.head()
	if len(m.events) > 0 {
		v.Recovery.RecordedAt = m.events[len(m.events)-1].RecordedAt
	}
	for _, q := range v.Found {
		if q.State != inquiry.StateClosed {
			v.Recovery.Rows = append(v.Recovery.Rows, q.Row)
		}
	}
	v.Messages = make([][]inquiry.Message, n)
	for _, msg := range m.messages {
		for i := range n {
			if msg.Inquiry == id("inquiry", i) {
				v.Messages[i] = append(v.Messages[i], msg)
			}
		}
		if slices.Contains(ids("message", 0, n), msg.ID) {
			v.Refs = append(v.Refs, msg.Ref())
		}
		if msg.Direction == inquiry.FromUs {
			continue
		}
		if row := m.rows[place(m.rows, inquiryID, msg.Inquiry)]; row.State != inquiry.StateClosed {
			v.Recovery.Messages = append(v.Recovery.Messages, msg.Ref())
		}
	}
	v.Refs = tidyRefs(v.Refs)
	v.Recovery.Marks = slices.Clone(m.marks)
	slices.SortFunc(v.Recovery.Marks, func(a, b inquiry.Mark) int { return cmp.Compare(a.Key, b.Key) })
	v.Recovery.Effects = slices.Clone(m.effects)
	slices.SortStableFunc(v.Recovery.Effects, func(a, b inquiry.Effect) int { return cmp.Compare(a.Seq, b.Seq) })
	v.Recovery = tidy(v.Recovery)
	return v.normal()
}

// How much the random operations have to do with.
const (
	modelSteps     = 400
	modelInquiries = 9
	modelInputs    = 40
)

func againstModel(d *desk) {
	seed := d.seed
	if seed == 0 {
		seed = rand.Uint64()
	}
	d.Logf("seed %d (StoreHarness.Seed repeats it)", seed)
	w := &walk{desk: d, rnd: rand.New(rand.NewPCG(seed, 0))}
	for _, name := range []string{"brand-one", "brand-two"} {
		w.models = append(w.models, &model{name: name})
	}
	for step := range modelSteps {
		w.m = w.models[w.rnd.IntN(len(w.models))]
		w.doing = fmt.Sprintf("seed %d, step %d", seed, step)
		w.step()
		if step%8 == 7 || step == modelSteps-1 || d.hasFailed() {
			for _, m := range w.models {
				d.sameView(d.in(m.name).view(modelInputs), m.view(modelInputs), fmt.Sprintf("of %s after %s", m.name, w.doing))
			}
		}
		if d.hasFailed() {
			d.Fatalf("%s: gives up at the first difference", w.doing)
		}
	}
}

// walk is a sequence of random operations on a store and its models.
type walk struct {
	*desk
	rnd     *rand.Rand
	models  []*model
	m       *model // of the pool at hand
	doing   string
	effects int // how many were made
}

func (w *walk) one(percent int) bool { return w.rnd.IntN(100) < percent }

func (w *walk) step() {
	switch p := w.rnd.IntN(100); {
	case p < 12:
		w.lead()
	case p < 30:
		var list []inquiry.Input
		for range w.rnd.IntN(4) {
			list = append(list, input(w.m.name, w.rnd.IntN(modelInputs)))
		}
		w.doing += fmt.Sprintf(", Put %d", len(list))
		w.ok(w.s.Put(w.ctx, w.m.name, list...), "%s", w.doing)
		w.m.put(list)
	case p < 75:
		w.append()
	case p < 95:
		w.read()
	case p < 97 && w.restart != nil:
		w.doing += ", restart"
		w.reopen()
	}
}

func (w *walk) lead() {
	c := claim(w.m.name, []string{"node-a", "node-b"}[w.rnd.IntN(2)], 0, 24*time.Hour)
	if w.one(50) {
		c.Epoch = w.m.epoch
	}
	// After giving back it is left open whether the same epoch goes on.
	if w.one(25) {
		c.For = 0
	} else if !w.m.leads {
		c.Epoch = 0
	}
	if w.one(3) {
		c.Format = w.m.format + 1
	} else if w.one(90) {
		c.Format = max(c.Format, w.m.format)
	}
	w.doing += fmt.Sprintf(", Lead %+v", c)
	granted, wantErr := w.m.lead(c)
	term, err := w.s.Lead(w.ctx, c)
	switch {
	case wantErr != nil:
		w.is(err, wantErr, "%s", w.doing)
	case err != nil:
		w.Errorf("%s: %v", w.doing, err)
	case term.Granted != granted || term.Epoch != w.m.epoch || w.m.epoch > 0 && term.Node != w.m.node:
		w.Errorf("%s: got %+v, want granted %t, epoch %d, node %q", w.doing, term, granted, w.m.epoch, w.m.node)
	}
}

func (w *walk) append() {
	c := adapters.Commit{Pool: w.m.name, Epoch: w.m.epoch, Head: w.m.head()}
	switch w.rnd.IntN(12) {
	case 0:
		c.Epoch = uint64(w.rnd.IntN(int(w.m.epoch) + 2))
	case 1:
		c.Head = uint64(w.rnd.IntN(int(w.m.head()) + 3))
	}
	c.Batch = w.batch(c.Head)
	w.doing += fmt.Sprintf(", Append of %d events, %d rows, %d messages, %d marks at head %d in epoch %d (head %d, epoch %d, led %t)",
		len(c.Events), len(c.Changed), len(c.Messages), len(c.Marks), c.Head, c.Epoch, w.m.head(), w.m.epoch, w.m.leads)
	if !w.m.fits(c) {
		w.is(w.s.Append(w.ctx, c), adapters.ErrStale, "%s", w.doing)
		return
	}
	for try := 0; ; try++ {
		err := w.s.Append(w.ctx, c)
		switch {
		case err == nil:
			w.m.append(c.Batch)
		case errors.Is(err, adapters.ErrUnavailable) && try < 20:
			// Nothing was kept: a second try must find the same head.
			continue
		case errors.Is(err, adapters.ErrUnknown) && len(c.Events) > 0:
			if w.in(w.m.name).recover().Head == c.Head && try < 20 {
				continue
			}
			w.m.append(c.Batch)
		default:
			w.Errorf("%s: %v", w.doing, err)
		}
		return
	}
}

func (w *walk) batch(head uint64) inquiry.Batch {
	b := inquiry.Batch{Events: events(w.m.name, head, w.rnd.IntN(5))}
	states := []inquiry.State{inquiry.StateQueued, inquiry.StateOffered, inquiry.StateAssigned, inquiry.StateResolved, inquiry.StateClosed}
	for _, n := range w.rnd.Perm(modelInquiries)[:w.rnd.IntN(4)] {
		r := row(w.m.name, n, 1)
		i := place(w.m.rows, inquiryID, r.ID)
		if i >= 0 {
			r.Version = w.m.rows[i].Version + 1
		}
		r.State = states[w.rnd.IntN(len(states))]
		switch r.State {
		case inquiry.StateOffered:
			r.Offers = []inquiry.Offer{{Owner: w.owner(), At: at(n), Expires: at(n + 9)}}
		case inquiry.StateAssigned, inquiry.StateResolved:
			r.Owner = w.owner()
		}
		r.Stranded = w.one(20)
		r.Department = []string{"press", "sales"}[w.rnd.IntN(2)]
		r.Due = at(w.rnd.IntN(10))
		if w.one(20) {
			r.Due = time.Time{}
		}
		b.Changed = append(b.Changed, r)
		if i < 0 || w.one(10) {
			t := details(n)
			t.Labels = []string{"billing", "urgent"}[:w.rnd.IntN(3)]
			b.Details = append(b.Details, t)
		}
		// A message belongs to one inquiry for ever: here the one with its number modulo.
		k := n + modelInquiries*w.rnd.IntN(4)
		m := message(w.m.name, k, n, 1+w.rnd.IntN(4))
		if k%5 == 0 {
			m.Direction = inquiry.FromUs
		}
		if i := place(w.m.messages, messageID, m.ID); i < 0 || w.m.messages[i].Revision != m.Revision {
			b.Messages = append(b.Messages, m)
		}
	}
	for _, in := range w.m.inbox {
		if len(b.Done) < 3 && w.one(40) {
			b.Done = append(b.Done, in.ID)
			b.Outcomes = append(b.Outcomes, inquiry.Outcome{Input: in.ID, Seq: head + uint64(len(b.Events))})
		}
	}
	if in := input(w.m.name, w.rnd.IntN(modelInputs)); w.one(10) && !w.m.known(in) {
		b.Outcomes = append(b.Outcomes, inquiry.Outcome{Input: in.ID, Seq: head})
	}
	for range w.rnd.IntN(3) {
		w.effects++
		b.Effects = append(b.Effects, effect(w.m.name, w.effects, head+uint64(w.rnd.IntN(3))))
	}
	for _, e := range w.m.effects {
		if w.one(25) {
			b.Settled = append(b.Settled, e.ID)
		}
	}
	for _, n := range w.rnd.Perm(6)[:w.rnd.IntN(3)] {
		k := inquiry.Mark{Key: fmt.Sprintf("mark/%d", n)}
		if w.one(60) {
			k.Value = fmt.Append(nil, w.rnd.IntN(1000))
		}
		b.Marks = append(b.Marks, k)
	}
	return b
}

func (w *walk) owner() inquiry.OwnerID { return []inquiry.OwnerID{"mia", "tom"}[w.rnd.IntN(2)] }

func (w *walk) read() {
	p := w.in(w.m.name)
	switch w.rnd.IntN(4) {
	case 0:
		after := uint64(w.rnd.IntN(int(w.m.head()) + 2))
		w.same(some(p.journal(after)), some(w.m.events[min(after, w.m.head()):]), "%s: Journal after %d", w.doing, after)
	case 1:
		limit := 1 + w.rnd.IntN(5)
		w.same(some(p.pending(limit)), some(w.m.inbox[:min(limit, len(w.m.inbox))]), "%s: Pending, limit %d", w.doing, limit)
	default:
		q := w.query(modelInquiries)
		w.same(some(p.find(q)), some(w.m.find(q)), "%s: Find %+v", w.doing, q)
	}
}

// query is a random one.
func (w *walk) query(inquiries int) inquiry.Query {
	var q inquiry.Query
	if w.one(15) {
		for range 1 + w.rnd.IntN(4) {
			q.IDs = append(q.IDs, id("inquiry", w.rnd.IntN(inquiries+2)))
		}
	}
	if w.one(40) {
		states := []inquiry.State{inquiry.StateQueued, inquiry.StateAssigned, inquiry.StateOffered, inquiry.StateClosed}
		w.rnd.Shuffle(len(states), func(i, j int) { states[i], states[j] = states[j], states[i] })
		q.States = states[:1+w.rnd.IntN(4)]
	}
	if w.one(40) {
		q.Owner = w.owner()
	}
	if w.one(25) {
		q.Department = "press"
	}
	if w.one(20) {
		q.Label = "urgent"
	}
	q.Stranded = w.one(10)
	if w.one(25) {
		q.DueBefore = at(w.rnd.IntN(12))
	}
	if w.one(40) {
		q.Limit = 1 + w.rnd.IntN(4)
	}
	if w.one(50) {
		q.Sort = inquiry.ByDue
	}
	if w.one(30) {
		q.After = id("inquiry", w.rnd.IntN(inquiries+2))
		if q.Sort == inquiry.ByDue {
			q.AfterDue = at(w.rnd.IntN(10))
		}
	}
	return q
}
