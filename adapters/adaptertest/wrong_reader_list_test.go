package adaptertest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

var wrongReaders = []wrongStore{
	{name: "lists all inputs for a limit of 0", by: []string{"A1 an input that was put is pending"}, lie: func(l *liar) {
		l.pending = func(ctx context.Context, pool string, limit int) ([]inquiry.Input, error) {
			if limit == 0 {
				limit = 1000
			}
			return l.Store.Pending(ctx, pool, limit)
		}
	}},
	{name: "knows no empty pool", by: []string{"H7 pools with names alike"}, lie: func(l *liar) {
		l.pending = func(ctx context.Context, pool string, limit int) ([]inquiry.Input, error) {
			if pool == "" {
				pool = "acme"
			}
			return l.Store.Pending(ctx, pool, limit)
		}
	}},
	{name: "lets an older version give back", by: []string{"H8 an older version may not lead"}, lie: func(l *liar) {
		l.lead = func(ctx context.Context, c adapters.Claim) (adapters.Term, error) {
			if c.For == 0 {
				c.Format = 1 << 20
			}
			return l.Store.Lead(ctx, c)
		}
	}},
	// It checks.
	{name: "finds damage where there is none", by: []string{"H1 a check finds nothing wrong"}, lie: func(l *liar) {
		l.check = func(ctx context.Context, pool string, damaged func(*adapters.DamageError)) (adapters.Checked, error) {
			damaged(&adapters.DamageError{Pool: pool, Kind: "event", Key: "1", Detail: "made up"})
			return l.Store.(adapters.Checker).Check(ctx, pool, damaged)
		}
	}},
	{name: "does not read the journal's last event in a check", by: []string{"H1 a check finds nothing wrong"}, lie: func(l *liar) {
		l.check = func(ctx context.Context, pool string, damaged func(*adapters.DamageError)) (adapters.Checked, error) {
			c, err := l.Store.(adapters.Checker).Check(ctx, pool, damaged)
			c.Head = max(c.Head, 1) - 1
			return c, err
		}
	}},
	{name: "tells another hash in a check", by: []string{"H1 a check finds nothing wrong"}, lie: func(l *liar) {
		l.check = func(ctx context.Context, pool string, damaged func(*adapters.DamageError)) (adapters.Checked, error) {
			c, err := l.Store.(adapters.Checker).Check(ctx, pool, damaged)
			c.Hash[0]++
			return c, err
		}
	}},

	// Its leadership is wrong.
	{name: "lets two lead", by: []string{"H4 a claim is refused while", "H4 of concurrent claims"}, lie: func(l *liar) {
		l.lead = func(ctx context.Context, c adapters.Claim) (adapters.Term, error) {
			term, err := l.Store.Lead(ctx, c)
			if err == nil && c.For > 0 {
				term.Granted = true
			}
			return term, err
		}
	}},
	{name: "begins a new term with each renewal", by: []string{"H4 a term is renewed"}, lie: func(l *liar) {
		l.lead = func(ctx context.Context, c adapters.Claim) (adapters.Term, error) {
			if c.For > 0 {
				c.Epoch = 0
			}
			return l.Store.Lead(ctx, c)
		}
	}},
	{name: "renews a term by word only", by: []string{"H4 a term is renewed"}, lie: func(l *liar) {
		l.lead = func(ctx context.Context, c adapters.Claim) (adapters.Term, error) {
			term := leaderOf(l.Store, c.Pool)
			if c.For > 0 && c.Epoch != 0 && c.Epoch == term.Epoch && c.Node == term.Node && term.Until.After(term.Now) {
				term.Granted, term.Until = true, term.Now.Add(c.For)
				return term, ctx.Err()
			}
			return l.Store.Lead(ctx, c)
		}
	}},
	{name: "has a restarted node wait for its own term", by: []string{"H4 a restarted node"}, lie: func(l *liar) {
		l.lead = func(ctx context.Context, c adapters.Claim) (adapters.Term, error) {
			if term := leaderOf(l.Store, c.Pool); c.For > 0 && c.Epoch == 0 && term.Node == c.Node && term.Until.After(term.Now) {
				return term, nil
			}
			return l.Store.Lead(ctx, c)
		}
	}},
	{name: "lets a replaced process of the same node go on leading", by: []string{"H4 a restarted node"}, lie: func(l *liar) {
		l.lead = func(ctx context.Context, c adapters.Claim) (adapters.Term, error) {
			if term := leaderOf(l.Store, c.Pool); c.Epoch != 0 && term.Node == c.Node {
				c.Epoch = term.Epoch
			}
			return l.Store.Lead(ctx, c)
		}
	}},
	{name: "does not take back what is given back", by: []string{"H4 a term that is given back"}, lie: func(l *liar) {
		l.lead = func(ctx context.Context, c adapters.Claim) (adapters.Term, error) {
			if c.For == 0 {
				c.Node = "spy"
			}
			return l.Store.Lead(ctx, c)
		}
	}},
	{name: "lets anybody give back", by: []string{"H4 only who leads"}, lie: func(l *liar) {
		l.lead = func(ctx context.Context, c adapters.Claim) (adapters.Term, error) {
			if term := leaderOf(l.Store, c.Pool); c.For == 0 {
				c.Node, c.Epoch = term.Node, 0
			}
			return l.Store.Lead(ctx, c)
		}
	}},
	{name: "lets an older version lead", by: []string{"H8 an older version"}, lie: func(l *liar) {
		l.lead = func(ctx context.Context, c adapters.Claim) (adapters.Term, error) {
			c.Format = 1 << 10
			return l.Store.Lead(ctx, c)
		}
	}},
	{name: "begins with epoch 0", by: []string{"H4 the first claim"}, lie: func(l *liar) {
		l.lead = func(ctx context.Context, c adapters.Claim) (adapters.Term, error) {
			if c.Epoch > 0 {
				c.Epoch++
			}
			term, err := l.Store.Lead(ctx, c)
			if err == nil {
				term.Epoch--
			}
			return term, err
		}
		l.append = func(ctx context.Context, c adapters.Commit) error {
			c.Epoch++
			return l.Store.Append(ctx, c)
		}
	}},

	// It mixes pools.
	{name: "has one pool for all", by: []string{"H7 no method sees", "H7 each pool has"}, lie: func(l *liar) { renamePools(l, func(string) string { return "all" }) }},
	{name: "does not tell pools by case", by: []string{"H7 pools with names alike"}, lie: func(l *liar) { renamePools(l, strings.ToLower) }},
	{name: "finds in all pools", by: []string{"H7 no method sees"}, lie: func(l *liar) {
		l.find = func(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
			list, err := l.Store.Find(ctx, q)
			for _, other := range []string{"brand-one", "brand-two"} {
				if other != q.Pool {
					q.Pool = other
					more, _ := l.Store.Find(ctx, q)
					list = append(list, more...)
				}
			}
			return list, err
		}
	}},
	{name: "knows outcomes of all pools", by: []string{"H7 no method sees", "H7 each pool has"}, lie: func(l *liar) {
		l.outcomes = func(ctx context.Context, pool string, in []inquiry.ID) ([]inquiry.Outcome, error) {
			list, err := l.Store.Outcomes(ctx, pool, in...)
			if err == nil && len(list) == 0 {
				return l.Store.Outcomes(ctx, "brand-one", in...)
			}
			return list, err
		}
	}},
	{name: "knows messages by their id alone", by: []string{"H7 no method sees"}, lie: func(l *liar) {
		l.messages = func(ctx context.Context, pool string, id inquiry.ID) ([]inquiry.Message, error) {
			list, err := l.Store.Messages(ctx, pool, id)
			if err == nil && len(list) == 0 {
				return l.Store.Messages(ctx, "brand-one", id)
			}
			return list, err
		}
	}},
	{name: "knows where messages of all pools are", by: []string{"H7 no method sees", "A6 where messages are is told"}, lie: func(l *liar) {
		l.refs = func(ctx context.Context, pool string, messages []inquiry.ID) ([]adapters.MessageRef, error) {
			list, err := l.Store.MessageRefs(ctx, pool, messages...)
			if err == nil && len(list) == 0 {
				return l.Store.MessageRefs(ctx, "brand-one", messages...)
			}
			return list, err
		}
	}},
	{name: "settles effects of all pools", by: []string{"H7 no commit changes"}, lie: func(l *liar) {
		var mu sync.Mutex
		settled := map[inquiry.ID]bool{}
		l.append = func(ctx context.Context, c adapters.Commit) error {
			err := l.Store.Append(ctx, c)
			if err == nil {
				mu.Lock()
				defer mu.Unlock()
				for _, id := range c.Settled {
					settled[id] = true
				}
			}
			return err
		}
		l.recover = func(ctx context.Context, pool string) (adapters.Recovery, error) {
			mu.Lock()
			defer mu.Unlock()
			r, err := l.Store.Recover(ctx, pool)
			r.Effects = slices.DeleteFunc(r.Effects, func(e inquiry.Effect) bool { return settled[e.ID] })
			return r, err
		}
	}},

	// It keeps what is over, or the wrong form.
	{name: "does not delete marks", by: []string{"H3 marks are set"}, lie: func(l *liar) {
		l.append = func(ctx context.Context, c adapters.Commit) error {
			c.Marks = slices.DeleteFunc(slices.Clone(c.Marks), func(m inquiry.Mark) bool { return m.Value == nil })
			return l.Store.Append(ctx, c)
		}
	}},
	{name: "deletes marks whose value is empty", by: []string{"H3 marks are set"}, lie: func(l *liar) {
		l.append = func(ctx context.Context, c adapters.Commit) error {
			c.Marks = mapped(c.Marks, func(m *inquiry.Mark) { m.Value = bytes.Clone(slices.Clip(m.Value)) })
			for i := range c.Marks {
				if len(c.Marks[i].Value) == 0 {
					c.Marks[i].Value = nil
				}
			}
			return l.Store.Append(ctx, c)
		}
	}},
	{name: "does not settle effects", by: []string{"H5 effects stay"}, lie: func(l *liar) {
		l.append = func(ctx context.Context, c adapters.Commit) error {
			c.Settled = nil
			return l.Store.Append(ctx, c)
		}
	}},
	{name: "recovers closed inquiries", by: []string{"A2 a closed inquiry"}, lie: func(l *liar) {
		l.recover = func(ctx context.Context, pool string) (adapters.Recovery, error) {
			r, err := l.Store.Recover(ctx, pool)
			if err != nil {
				return r, err
			}
			list, _ := l.Store.Find(ctx, inquiry.Query{Pool: pool, States: []inquiry.State{inquiry.StateClosed}})
			for _, q := range list {
				r.Rows = append(r.Rows, q.Row)
			}
			slices.SortFunc(r.Rows, func(a, b inquiry.Row) int { return a.ID.Compare(b.ID) })
			return r, err
		}
	}},
	{name: "does not recover resolved inquiries", by: []string{"A2 every inquiry that is not closed"}, lie: func(l *liar) {
		l.recover = func(ctx context.Context, pool string) (adapters.Recovery, error) {
			r, err := l.Store.Recover(ctx, pool)
			r.Rows = slices.DeleteFunc(r.Rows, func(r inquiry.Row) bool { return r.State == inquiry.StateResolved })
			return r, err
		}
	}},
	{name: "does not find closed inquiries", by: []string{"A2 a closed inquiry"}, lie: func(l *liar) {
		l.find = func(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
			list, err := l.Store.Find(ctx, q)
			return slices.DeleteFunc(list, func(q inquiry.Inquiry) bool { return q.State == inquiry.StateClosed }), err
		}
	}},
	{name: "lets an older revision overwrite a newer one", by: []string{"A6 an older revision"}, lie: func(l *liar) {
		var mu sync.Mutex
		last := map[inquiry.ID]inquiry.Message{}
		l.append = func(ctx context.Context, c adapters.Commit) error {
			err := l.Store.Append(ctx, c)
			if err == nil {
				mu.Lock()
				defer mu.Unlock()
				for _, m := range c.Messages {
					last[m.ID] = m
				}
			}
			return err
		}
		l.messages = func(ctx context.Context, pool string, id inquiry.ID) ([]inquiry.Message, error) {
			mu.Lock()
			defer mu.Unlock()
			list, err := l.Store.Messages(ctx, pool, id)
			return mapped(list, func(m *inquiry.Message) { *m = last[m.ID] }), err
		}
	}},
	{name: "ignores edits", by: []string{"A6 an edit takes the place"}, lie: func(l *liar) {
		l.append = func(ctx context.Context, c adapters.Commit) error {
			c.Messages = slices.DeleteFunc(slices.Clone(c.Messages), func(m inquiry.Message) bool {
				known, _ := l.Store.Messages(ctx, c.Pool, m.Inquiry)
				return slices.ContainsFunc(known, func(k inquiry.Message) bool { return k.ID == m.ID })
			})
			return l.Store.Append(ctx, c)
		}
	}},
	{name: "shares memory with its callers", by: []string{"H3 what is stored does not change"}, lie: func(l *liar) {
		var mu sync.Mutex
		given := map[inquiry.ID]inquiry.Inquiry{}
		l.find = func(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
			mu.Lock()
			defer mu.Unlock()
			list, err := l.Store.Find(ctx, q)
			for i, v := range list {
				if known, ok := given[v.ID]; ok && known.Version == v.Version {
					list[i] = known
				}
				given[v.ID] = list[i]
			}
			return list, err
		}
	}},

	// It is not exact.
	{name: "drops the nanoseconds of events", by: []string{"H3 an event comes back"}, lie: func(l *liar) {
		l.append = func(ctx context.Context, c adapters.Commit) error {
			c.Events = mapped(c.Events, func(e *inquiry.Event) { micro(&e.At); micro(&e.RecordedAt) })
			return l.Store.Append(ctx, c)
		}
	}},
	{name: "drops the nanoseconds of rows", by: []string{"H3 rows and details come back"}, lie: func(l *liar) {
		l.append = func(ctx context.Context, c adapters.Commit) error {
			c.Changed = mapped(c.Changed, func(r *inquiry.Row) { micro(&r.OpenedAt); micro(&r.Due) })
			return l.Store.Append(ctx, c)
		}
	}},
	{name: "drops the nanoseconds of inputs", by: []string{"A1 an input comes back"}, lie: func(l *liar) {
		l.put = func(ctx context.Context, pool string, in []inquiry.Input) error {
			return l.Store.Put(ctx, pool, mapped(in, func(in *inquiry.Input) { micro(&in.At) })...)
		}
	}},
	{name: "gives instants in the machine's zone", by: []string{"H3 an event comes back"}, lie: func(l *liar) {
		zone := time.FixedZone("somewhere", 3600)
		l.append = func(ctx context.Context, c adapters.Commit) error {
			c.Events = mapped(c.Events, func(e *inquiry.Event) { e.At = e.At.In(zone) })
			return l.Store.Append(ctx, c)
		}
	}},
	{name: "keeps inputs as the journal does, without text", by: []string{"A1 an input comes back"}, lie: func(l *liar) {
		l.put = func(ctx context.Context, pool string, in []inquiry.Input) error {
			return l.Store.Put(ctx, pool, mapped(in, func(in *inquiry.Input) { in.Do = inquiry.Journaled(in.Do) })...)
		}
	}},
	{name: "garbles text", by: []string{"A6 messages come in the order"}, lie: func(l *liar) {
		l.append = func(ctx context.Context, c adapters.Commit) error {
			c.Messages = mapped(c.Messages, func(m *inquiry.Message) { m.Text = strings.ReplaceAll(m.Text, "e\u0301", "é") })
			return l.Store.Append(ctx, c)
		}
	}},
	{name: "sorts the keys of decision records", by: []string{"H3 an event comes back"}, lie: func(l *liar) {
		l.append = func(ctx context.Context, c adapters.Commit) error {
			c.Events = mapped(c.Events, func(e *inquiry.Event) {
				if e.Decision != nil {
					e.Decision = []byte(`{"a":{"score":9007199254740993,"who":"Zoë"},"z":[3,1,2]}`)
				}
			})
			return l.Store.Append(ctx, c)
		}
	}},

	// It finds wrongly.
	{name: "does not order by id what is due at the same instant", by: []string{"A2 Find by due instants", "A2 Find in pages lists what a scan"}, lie: func(l *liar) {
		l.find = func(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
			list, err := l.Store.Find(ctx, q)
			if q.Sort == inquiry.ByDue {
				slices.SortFunc(list, func(a, b inquiry.Inquiry) int { return cmp.Or(a.Due.Compare(b.Due), b.ID.Compare(a.ID)) })
			}
			return list, err
		}
	}},
	{name: "lists what is not due behind what is", by: []string{"A2 Find by due instants"}, lie: func(l *liar) {
		l.find = func(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
			list, err := l.Store.Find(ctx, q)
			if q.Sort != inquiry.ByDue || err != nil {
				return list, err
			}
			q.Sort, q.AfterDue = inquiry.ByID, time.Time{}
			all, err := l.Store.Find(ctx, q)
			for _, in := range all {
				if in.Due.IsZero() {
					list = append(list, in)
				}
			}
			return list, err
		}
	}},
	{name: "goes on behind a due instant and forgets who else is due at it", by: []string{"A2 Find by due instants", "A2 Find in pages lists what a scan"}, lie: func(l *liar) {
		l.find = func(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
			if q.Sort == inquiry.ByDue && !q.AfterDue.IsZero() {
				q.AfterDue, q.After = q.AfterDue.Add(1), inquiry.ID{}
			}
			return l.Store.Find(ctx, q)
		}
	}},
	{name: "sorts due instants by their microseconds", by: []string{"A2 Find by due instants"}, lie: func(l *liar) {
		l.find = func(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
			list, err := l.Store.Find(ctx, q)
			if q.Sort == inquiry.ByDue {
				slices.SortFunc(list, func(a, b inquiry.Inquiry) int {
					micro(&a.Due)
					micro(&b.Due)
					return q.Compare(&a, &b)
				})
			}
			return list, err
		}
	}},
	{name: "forgets about strandedness when it sorts by due instants", by: []string{"A2 Find in pages lists what a scan"}, lie: func(l *liar) {
		l.find = func(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
			q.Stranded = q.Stranded && q.Sort != inquiry.ByDue
			return l.Store.Find(ctx, q)
		}
	}},
	{name: "pages by counting what it has listed", by: []string{"A2 Find in pages lists once"}, lie: func(l *liar) {
		var mu sync.Mutex
		listed := map[inquiry.ID]int{}
		l.find = func(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
			mu.Lock()
			defer mu.Unlock()
			limit, skip := q.Limit, listed[q.After]
			q.After, q.AfterDue, q.Limit = inquiry.ID{}, time.Time{}, 1<<20
			list, err := l.Store.Find(ctx, q)
			list = list[min(skip, len(list)):]
			if limit > 0 {
				list = list[:min(limit, len(list))]
			}
			if len(list) > 0 {
				listed[list[len(list)-1].ID] = skip + len(list)
			}
			return list, err
		}
	}},
	{name: "takes any order for that of ids", by: []string{"A2 Find refuses an order"}, lie: func(l *liar) {
		l.find = func(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
			if q.Validate() != nil {
				q.Sort, q.AfterDue = inquiry.ByID, time.Time{}
			}
			return l.Store.Find(ctx, q)
		}
	}},
	wrongFind("pages from the id itself", "A2 Find lists everything in the order", func(q *inquiry.Query) {
		if !q.After.IsZero() && q.After[15] > 0 {
			q.After[15]--
		}
	}),
	wrongFind("ignores limits", "A2 Find lists everything in the order", func(q *inquiry.Query) { q.Limit = 1 << 20 }),
	wrongFind("lists no more than a hundred", "A2 Find lists a thousand", func(q *inquiry.Query) {
		if q.Limit == 0 {
			q.Limit = 100
		}
	}),
	wrongFind("ignores ids but one", "A2 Find by ids", func(q *inquiry.Query) { q.IDs = q.IDs[:min(1, len(q.IDs))] }),
	wrongFind("ignores states but one", "A2 Find by states", func(q *inquiry.Query) { q.States = q.States[:min(1, len(q.States))] }),
	wrongFind("ignores departments", "A2 Find by department", func(q *inquiry.Query) { q.Department = "" }),
	wrongFind("ignores labels", "A2 Find by department", func(q *inquiry.Query) { q.Label = "" }),
	wrongFind("ignores strandedness", "A2 Find by department", func(q *inquiry.Query) { q.Stranded = false }),
	wrongFind("includes what is due at the instant", "A2 Find by due", func(q *inquiry.Query) {
		if !q.DueBefore.IsZero() {
			q.DueBefore = q.DueBefore.Add(1)
		}
	}),
	wrongFind("compares due instants by the second", "A2 Find by due", func(q *inquiry.Query) { q.DueBefore = q.DueBefore.Truncate(time.Second) }),
	wrongFind("ignores all but the owner", "A2 Find with several", func(q *inquiry.Query) {
		if q.Owner != "" {
			*q = inquiry.Query{Pool: q.Pool, Owner: q.Owner, Limit: q.Limit, After: q.After}
		}
	}),
	{name: "finds by owner what is owned only", by: []string{"A2 Find by owner"}, lie: func(l *liar) {
		l.find = func(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
			list, err := l.Store.Find(ctx, q)
			return slices.DeleteFunc(list, func(v inquiry.Inquiry) bool { return q.Owner != "" && v.Owner != q.Owner }), err
		}
	}},
	{name: "finds by owner what was theirs once", by: []string{"A2 Find by owner"}, lie: func(l *liar) {
		l.find = func(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
			owner := q.Owner
			q.Owner = ""
			list, err := l.Store.Find(ctx, q)
			return slices.DeleteFunc(list, func(v inquiry.Inquiry) bool {
				_, offered := v.Offer(owner)
				return owner != "" && v.Owner != owner && v.LastOwner != owner && !offered
			}), err
		}
	}},
	{name: "finds in the order of opening", by: []string{"A2 Find lists everything in the order"}, lie: func(l *liar) {
		l.find = func(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
			list, err := l.Store.Find(ctx, q)
			slices.SortFunc(list, func(a, b inquiry.Inquiry) int { return a.OpenedAt.Compare(b.OpenedAt) })
			return list, err
		}
	}},

	// It does not end.
	{name: "ignores contexts", by: []string{"H4 every method returns at once", "H1 a journal cut off"}, lie: func(l *liar) {
		l.put = func(ctx context.Context, pool string, in []inquiry.Input) error {
			return l.Store.Put(context.WithoutCancel(ctx), pool, in...)
		}
		l.recover = func(ctx context.Context, pool string) (adapters.Recovery, error) {
			return l.Store.Recover(context.WithoutCancel(ctx), pool)
		}
		l.journal = func(ctx context.Context, pool string, after uint64) iter.Seq2[inquiry.Event, error] {
			return func(yield func(inquiry.Event, error) bool) {
				for e, err := range l.Store.Journal(context.WithoutCancel(ctx), pool, after) {
					if ctx.Err() != nil && e.Seq%4 == 0 { // and loses the rest
						return
					}
					if !yield(e, err) {
						return
					}
				}
			}
		}
	}},
	{name: "hangs when the context has ended", by: []string{"H4 every method returns at once"}, lie: func(l *liar) {
		l.pending = func(ctx context.Context, pool string, limit int) ([]inquiry.Input, error) {
			if ctx.Err() != nil {
				time.Sleep(2 * trialTimeout / 10)
			}
			return l.Store.Pending(ctx, pool, limit)
		}
	}},
	{name: "locks the journal while it is read", by: []string{"H1 a reader of the journal may stop early"}, lie: func(l *liar) {
		var mu sync.RWMutex
		l.append = func(ctx context.Context, c adapters.Commit) error {
			mu.Lock()
			defer mu.Unlock()
			return l.Store.Append(ctx, c)
		}
		l.journal = func(ctx context.Context, pool string, after uint64) iter.Seq2[inquiry.Event, error] {
			return func(yield func(inquiry.Event, error) bool) {
				mu.RLock()
				defer mu.RUnlock()
				l.Store.Journal(ctx, pool, after)(yield)
			}
		}
	}},
	{name: "does not let go of a journal that is not read to its end", by: []string{"H1 a reader of the journal may stop early"}, lie: func(l *liar) {
		connections := make(chan struct{}, 10)
		l.journal = func(ctx context.Context, pool string, after uint64) iter.Seq2[inquiry.Event, error] {
			return func(yield func(inquiry.Event, error) bool) {
				select {
				case connections <- struct{}{}:
				case <-ctx.Done():
					yield(inquiry.Event{}, ctx.Err())
					return
				}
				for e, err := range l.Store.Journal(ctx, pool, after) {
					if !yield(e, err) {
						return
					}
				}
				<-connections
			}
		}
	}},
	{name: "cannot be closed twice", by: []string{"A1 closing twice"}, lie: func(l *liar) {
		var once sync.Once
		l.close = func() error {
			err := errors.New("closed already")
			once.Do(func() { err = l.Store.Close() })
			return err
		}
	}},
	{name: "works on when it is closed", by: []string{"A1 closing twice", "A1 closing beside"}, lie: func(l *liar) {
		l.close = func() error { return nil }
	}},
	{name: "panics at what it does not know", by: []string{"A2 Find by ids"}, lie: func(l *liar) {
		l.find = func(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
			list, err := l.Store.Find(ctx, q)
			if len(q.IDs) > 0 && len(list) == 0 {
				panic("no such inquiry")
			}
			return list, err
		}
	}},
}
