package adaptertest

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/inquiry"
)

type wrongStore struct {
	name     string
	lie      func(l *liar)
	loseLast bool
	by       []string // parts of the names of cases that must catch it
}

// wrongStores are all of them: wrong in what they write, and in the rest.
var wrongStores = slices.Concat(wrongWriters, wrongReaders)

var wrongWriters = []wrongStore{
	// It prepares commits.
	{name: "appends what was prepared, whatever it is given", by: []string{"H4 what is appended is the commit that is given"}, lie: func(l *liar) {
		l.prepare = func(c adapters.Commit) any { return c }
		l.append = func(ctx context.Context, c adapters.Commit) error {
			if ready, ok := c.Prepared.(adapters.Commit); ok {
				ready.Epoch = c.Epoch
				c = ready
			}
			return l.Store.Append(ctx, c)
		}
	}},
	{name: "appends what is only prepared", by: []string{"H4 a commit is prepared while others are appended"}, lie: func(l *liar) {
		l.prepare = func(c adapters.Commit) any { return l.Store.Append(context.Background(), c) == nil }
		l.append = func(ctx context.Context, c adapters.Commit) error {
			if c.Prepared == true {
				return nil
			}
			return l.Store.Append(ctx, c)
		}
	}},
	{name: "forgets the marks of what was prepared", by: []string{"H4 a commit that was prepared is kept whole"}, lie: func(l *liar) {
		l.prepare = func(adapters.Commit) any { return true }
		l.append = func(ctx context.Context, c adapters.Commit) error {
			if c.Prepared != nil {
				c.Marks = nil
			}
			return l.Store.Append(ctx, c)
		}
	}},
	{name: "says nothing of what is wrong with what was prepared", by: []string{"H4 a commit that makes no sense is refused"}, lie: func(l *liar) {
		l.prepare = func(adapters.Commit) any { return true }
		l.append = func(ctx context.Context, c adapters.Commit) error {
			err := l.Store.Append(ctx, c)
			if c.Prepared != nil && !errors.Is(err, adapters.ErrStale) && ctx.Err() == nil {
				return nil
			}
			return err
		}
	}},
	// It loses.
	{name: "loses the last batch at a restart", loseLast: true, by: []string{"A1 a commit survives a restart"}},
	{name: "returns success without committing, now and then", by: []string{"simple model", "H1 the journal is read in order"}, lie: func(l *liar) {
		drop := every(5)
		l.append = func(ctx context.Context, c adapters.Commit) error {
			if drop() {
				return nil
			}
			return l.Store.Append(ctx, c)
		}
	}},
	{name: "loses an outcome", by: []string{"A6 an outcome is kept", "H4 a commit is kept whole"}, lie: func(l *liar) {
		l.append = func(ctx context.Context, c adapters.Commit) error {
			if n := len(c.Outcomes); n > 1 {
				c.Outcomes = c.Outcomes[:n-1]
			}
			return l.Store.Append(ctx, c)
		}
	}},
	{name: "forgets effects after a few", by: []string{"H4 a commit is kept whole"}, lie: func(l *liar) {
		l.recover = func(ctx context.Context, pool string) (adapters.Recovery, error) {
			r, err := l.Store.Recover(ctx, pool)
			r.Effects = r.Effects[:min(1, len(r.Effects))]
			return r, err
		}
	}},
	{name: "forgets messages of customers in recovery", by: []string{"A6 recovery knows"}, lie: func(l *liar) {
		l.recover = func(ctx context.Context, pool string) (adapters.Recovery, error) {
			r, err := l.Store.Recover(ctx, pool)
			r.Messages = nil
			return r, err
		}
	}},
	{name: "forgets where messages are once their inquiry is closed", by: []string{"A6 it is known of every message"}, lie: func(l *liar) {
		l.refs = func(ctx context.Context, pool string, messages []inquiry.ID) ([]adapters.MessageRef, error) {
			list, err := l.Store.MessageRefs(ctx, pool, messages...)
			open, _ := l.Store.Recover(ctx, pool)
			return slices.DeleteFunc(list, func(m adapters.MessageRef) bool {
				return !slices.ContainsFunc(open.Rows, func(r inquiry.Row) bool { return r.ID == m.Inquiry })
			}), err
		}
	}},
	{name: "knows messages where they came in, and in their first revision", by: []string{"A6 it is known of every message"}, lie: func(l *liar) {
		var mu sync.Mutex
		first := map[inquiry.ID]adapters.MessageRef{}
		l.append = func(ctx context.Context, c adapters.Commit) error {
			mu.Lock()
			defer mu.Unlock()
			for _, m := range c.Messages {
				if _, known := first[m.ID]; !known {
					first[m.ID] = m.Ref()
				}
			}
			return l.Store.Append(ctx, c)
		}
		l.refs = func(ctx context.Context, pool string, messages []inquiry.ID) ([]adapters.MessageRef, error) {
			mu.Lock()
			defer mu.Unlock()
			list, err := l.Store.MessageRefs(ctx, pool, messages...)
			return mapped(list, func(m *adapters.MessageRef) { *m = first[m.ID] }), err
		}
	}},
	{name: "does not know where replies of ours are", by: []string{"A6 it is known of every message", "simple model"}, lie: func(l *liar) {
		losesRefs(l, func(ours, _ bool) bool { return ours })
	}},
	{name: "does not know where a message is that an edit has made ours", by: []string{"A6 an edit may take"}, lie: func(l *liar) {
		losesRefs(l, func(ours, customers bool) bool { return ours && customers })
	}},
	{name: "does not know where a message is that is asked for twice", by: []string{"A6 where messages are is told"}, lie: func(l *liar) {
		l.refs = func(ctx context.Context, pool string, messages []inquiry.ID) ([]adapters.MessageRef, error) {
			list, err := l.Store.MessageRefs(ctx, pool, messages...)
			return slices.DeleteFunc(list, func(m adapters.MessageRef) bool {
				again := messages[slices.Index(messages, m.ID)+1:]
				return slices.Contains(again, m.ID)
			}), err
		}
	}},
	{name: "knows where messages were before the last commit", by: []string{"H1 every read sees", "simple model"}, lie: func(l *liar) {
		type key struct {
			pool string
			id   inquiry.ID
		}
		var mu sync.Mutex
		before, now := map[key]adapters.MessageRef{}, map[key]adapters.MessageRef{}
		l.append = func(ctx context.Context, c adapters.Commit) error {
			mu.Lock()
			defer mu.Unlock()
			err := l.Store.Append(ctx, c)
			if err == nil {
				before = maps.Clone(now)
				for _, m := range c.Messages {
					now[key{c.Pool, m.ID}] = m.Ref()
				}
			}
			return err
		}
		l.refs = func(ctx context.Context, pool string, messages []inquiry.ID) (list []adapters.MessageRef, err error) {
			mu.Lock()
			defer mu.Unlock()
			for _, id := range messages {
				if m, ok := before[key{pool, id}]; ok {
					list = append(list, m)
				}
			}
			return list, ctx.Err()
		}
	}},
	{name: "hands over one inquiry less", by: []string{"A2 what is handed over"}, lie: func(l *liar) {
		l.restore = func(begin func(adapters.Recovery) error, open opened) (func(adapters.Recovery) error, opened) {
			n := 0
			return begin, func(r *inquiry.Row, m []adapters.MessageRef) error {
				if n++; n == 257 {
					return nil
				}
				return open(r, m)
			}
		}
	}},
	{name: "hands over the messages of another inquiry", by: []string{"A2 what is handed over"}, lie: func(l *liar) {
		l.restore = func(begin func(adapters.Recovery) error, open opened) (func(adapters.Recovery) error, opened) {
			var before []adapters.MessageRef
			return begin, func(r *inquiry.Row, m []adapters.MessageRef) error {
				m, before = before, m
				return open(r, m)
			}
		}
	}},
	{name: "hands inquiries over before it has begun", by: []string{"A2 what is handed over"}, lie: func(l *liar) {
		l.restore = func(begin func(adapters.Recovery) error, open opened) (func(adapters.Recovery) error, opened) {
			var all adapters.Recovery
			n := 0
			return func(r adapters.Recovery) error {
					all = r
					return nil
				}, func(r *inquiry.Row, m []adapters.MessageRef) error {
					err := open(r, m)
					if n++; n == 2 {
						err = begin(all)
					}
					return err
				}
		}
	}},
	{name: "goes on when it is told to end", by: []string{"A2 whoever takes"}, lie: func(l *liar) {
		l.restore = func(begin func(adapters.Recovery) error, open opened) (func(adapters.Recovery) error, opened) {
			var failed error
			return begin, func(r *inquiry.Row, m []adapters.MessageRef) error {
				if err := open(r, m); err != nil {
					failed = err
					return nil
				}
				return failed
			}
		}
	}},
	{name: "loses inputs that are put at once", by: []string{"A1 inputs put at once"}, lie: func(l *liar) {
		var mu sync.Mutex
		l.put = func(ctx context.Context, pool string, in []inquiry.Input) error {
			if !mu.TryLock() {
				return nil
			}
			defer mu.Unlock()
			time.Sleep(50 * time.Microsecond)
			return l.Store.Put(ctx, pool, in...)
		}
	}},
	{name: "takes inputs out once they were read", by: []string{"A1 an input stays pending"}, lie: func(l *liar) {
		read := map[inquiry.ID]bool{}
		var mu sync.Mutex
		l.pending = func(ctx context.Context, pool string, limit int) ([]inquiry.Input, error) {
			mu.Lock()
			defer mu.Unlock()
			list, err := l.Store.Pending(ctx, pool, 1<<20)
			list = slices.DeleteFunc(list, func(in inquiry.Input) bool { return read[in.ID] })
			list = list[:min(limit, len(list))]
			for _, in := range list {
				read[in.ID] = true
			}
			return list, err
		}
	}},

	// It keeps half.
	{name: "keeps half of the rows", by: []string{"H4 a commit is kept whole", "H4 a commit of a thousand"}, lie: func(l *liar) {
		l.append = func(ctx context.Context, c adapters.Commit) error {
			if n := len(c.Changed); n > 1 {
				c.Changed = c.Changed[:n/2]
			}
			return l.Store.Append(ctx, c)
		}
	}},
	{name: "keeps rows and marks of what it refuses", by: []string{"H4 an append from a stale head", "H4 a commit that is refused"}, lie: func(l *liar) {
		l.append = func(ctx context.Context, c adapters.Commit) error {
			err := l.Store.Append(ctx, c)
			if errors.Is(err, adapters.ErrStale) {
				part := inquiry.Batch{Changed: c.Changed, Marks: c.Marks}
				_ = l.Store.Append(ctx, adapters.Commit{Pool: c.Pool, Epoch: leaderOf(l.Store, c.Pool).Epoch, Head: headOf(l.Store, c.Pool), Batch: part})
			}
			return err
		}
	}},
	{name: "keeps the events first and the rest a little later", by: []string{"H4 recovery is read at one head"}, lie: func(l *liar) {
		l.append = func(ctx context.Context, c adapters.Commit) error {
			first, rest := c, c
			first.Batch = inquiry.Batch{Events: c.Events}
			if err := l.Store.Append(ctx, first); err != nil {
				return err
			}
			time.Sleep(2 * time.Millisecond)
			rest.Head += uint64(len(c.Events))
			rest.Events = nil
			return l.Store.Append(ctx, rest)
		}
	}},
	{name: "reads recovery in two steps", by: []string{"H4 recovery is read at one head"}, lie: func(l *liar) {
		l.recover = func(ctx context.Context, pool string) (adapters.Recovery, error) {
			r, err := l.Store.Recover(ctx, pool)
			if err != nil {
				return r, err
			}
			time.Sleep(time.Millisecond)
			later, err := l.Store.Recover(ctx, pool)
			r.Rows = later.Rows
			return r, err
		}
	}},
	{name: "takes what was prepared for another pool", by: []string{"H7 an input that was prepared for another pool is not taken"}, lie: func(l *liar) {
		l.put = func(ctx context.Context, pool string, in []inquiry.Input) error {
			in = slices.Clone(in)
			for i := range in {
				if r, ok := in[i].Do.(inquiry.Receive); ok {
					r.Message.Pool = pool
					in[i].Do = r
				}
			}
			return l.Store.Put(ctx, pool, in...)
		}
	}},
	{name: "keeps half of what is put when the context ends", by: []string{"A1 a put that its context cuts off"}, lie: func(l *liar) {
		l.put = func(ctx context.Context, pool string, in []inquiry.Input) error {
			if len(in) == 3 && ctx.Err() != nil {
				_ = l.Store.Put(context.WithoutCancel(ctx), pool, in[0])
			}
			return l.Store.Put(ctx, pool, in...)
		}
	}},

	// It says one thing and does another.
	{name: "commits and then says that it was unavailable", by: []string{"simple model", "H1 the journal is read in order"}, lie: func(l *liar) {
		fail := every(6)
		l.append = func(ctx context.Context, c adapters.Commit) error {
			err := l.Store.Append(ctx, c)
			if err == nil && fail() {
				return adapters.ErrUnavailable
			}
			return err
		}
	}},
	{name: "commits although the context has ended", by: []string{"H4 every method returns at once", "H4 an append that its context cuts off"}, lie: func(l *liar) {
		l.append = func(ctx context.Context, c adapters.Commit) error {
			return errors.Join(l.Store.Append(context.WithoutCancel(ctx), c), ctx.Err())
		}
	}},
	{name: "returns stale reads", by: []string{"H1 every read sees", "simple model"}, lie: func(l *liar) {
		// A replica that is one commit behind.
		replica := memory.New(memory.Config{})
		var mu sync.Mutex
		behind := map[string]func(){}
		l.put = func(ctx context.Context, pool string, in []inquiry.Input) error {
			return errors.Join(l.Store.Put(ctx, pool, in...), replica.Put(ctx, pool, in...))
		}
		l.lead = func(ctx context.Context, c adapters.Claim) (adapters.Term, error) {
			_, _ = replica.Lead(ctx, c)
			return l.Store.Lead(ctx, c)
		}
		l.append = func(ctx context.Context, c adapters.Commit) error {
			mu.Lock()
			defer mu.Unlock()
			if err := l.Store.Append(ctx, c); err != nil {
				return err
			}
			if apply := behind[c.Pool]; apply != nil {
				apply()
			}
			behind[c.Pool] = func() { _ = replica.Append(context.Background(), c) }
			return nil
		}
		l.find, l.messages, l.recover = replica.Find, replica.Messages, replica.Recover
		l.outcomes = func(ctx context.Context, pool string, in []inquiry.ID) ([]inquiry.Outcome, error) {
			return replica.Outcomes(ctx, pool, in...)
		}
	}},
	{name: "finds in a cache", by: []string{"H1 every read sees"}, lie: func(l *liar) {
		var mu sync.Mutex
		cache := map[string][]inquiry.Inquiry{}
		calls := 0
		l.find = func(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
			mu.Lock()
			defer mu.Unlock()
			if calls++; calls%10 == 0 {
				clear(cache)
			}
			q.Owner = "" // what it keys by
			key := string(encode(q))
			if list, ok := cache[key]; ok {
				return list, ctx.Err()
			}
			list, err := l.Store.Find(ctx, q)
			if err == nil {
				cache[key] = list
			}
			return list, err
		}
	}},

	// It orders wrongly.
	{name: "reorders the journal", by: []string{"H1 the journal is read in order"}, lie: func(l *liar) {
		l.journal = func(ctx context.Context, pool string, after uint64) iter.Seq2[inquiry.Event, error] {
			return func(yield func(inquiry.Event, error) bool) {
				var held *inquiry.Event
				for e, err := range l.Store.Journal(ctx, pool, after) {
					if err == nil && e.Seq%50 == 7 && held == nil {
						held = &e
						continue
					}
					if !yield(e, err) {
						return
					}
					if held != nil {
						if !yield(*held, nil) {
							return
						}
						held = nil
					}
				}
				if held != nil {
					yield(*held, nil)
				}
			}
		}
	}},
	{name: "skips a position of the journal at the beginning of some pages", by: []string{"H1 the journal goes on behind any position", "H1 the journal can be read page by page"}, lie: func(l *liar) {
		l.journal = func(ctx context.Context, pool string, after uint64) iter.Seq2[inquiry.Event, error] {
			if after > 0 && after%100 == 0 {
				after++
			}
			return l.Store.Journal(ctx, pool, after)
		}
	}},
	{name: "skips a position between its own pages", by: []string{"H1 the journal is read in order"}, lie: func(l *liar) {
		l.journal = func(ctx context.Context, pool string, after uint64) iter.Seq2[inquiry.Event, error] {
			return func(yield func(inquiry.Event, error) bool) {
				n := 0
				for e, err := range l.Store.Journal(ctx, pool, after) {
					if n++; n%1001 == 0 {
						continue
					}
					if !yield(e, err) {
						return
					}
				}
			}
		}
	}},
	{name: "repeats the event at the position it goes on from", by: []string{"H1 the journal goes on behind any position"}, lie: func(l *liar) {
		l.journal = func(ctx context.Context, pool string, after uint64) iter.Seq2[inquiry.Event, error] {
			return l.Store.Journal(ctx, pool, max(after, 1)-1)
		}
	}},
	{name: "ends the journal early at a page's end", by: []string{"H1 the journal goes on behind any position"}, lie: func(l *liar) {
		l.journal = func(ctx context.Context, pool string, after uint64) iter.Seq2[inquiry.Event, error] {
			return func(yield func(inquiry.Event, error) bool) {
				n := 0
				for e, err := range l.Store.Journal(ctx, pool, after) {
					if n++; n > 1000 || !yield(e, err) {
						return
					}
				}
			}
		}
	}},
	{name: "loses the order of the inbox to that of ids", by: []string{"A1 an input that was put is pending"}, lie: func(l *liar) {
		l.pending = func(ctx context.Context, pool string, limit int) ([]inquiry.Input, error) {
			list, err := l.Store.Pending(ctx, pool, 1<<20)
			slices.SortFunc(list, func(a, b inquiry.Input) int { return a.ID.Compare(b.ID) })
			return list[:min(limit, len(list))], err
		}
	}},
	{name: "loses the order of the inbox to that of times", by: []string{"A1 an input that was put is pending"}, lie: func(l *liar) {
		l.pending = func(ctx context.Context, pool string, limit int) ([]inquiry.Input, error) {
			list, err := l.Store.Pending(ctx, pool, 1<<20)
			slices.SortFunc(list, func(a, b inquiry.Input) int { return a.At.Compare(b.At) })
			return list[:min(limit, len(list))], err
		}
	}},
	{name: "keeps of a commit the revision that comes last", by: []string{"A6 an older revision never"}, lie: func(l *liar) {
		l.append = func(ctx context.Context, c adapters.Commit) error {
			last := map[inquiry.ID]int{}
			for i, m := range c.Messages {
				last[m.ID] = i
			}
			var kept []inquiry.Message
			for i, m := range c.Messages {
				if last[m.ID] == i {
					kept = append(kept, m)
				}
			}
			c.Messages = kept
			return l.Store.Append(ctx, c)
		}
	}},
	{name: "orders messages by time", by: []string{"A6 messages come in the order"}, lie: func(l *liar) {
		l.messages = func(ctx context.Context, pool string, id inquiry.ID) ([]inquiry.Message, error) {
			list, err := l.Store.Messages(ctx, pool, id)
			slices.SortStableFunc(list, func(a, b inquiry.Message) int { return a.At.Compare(b.At) })
			return list, err
		}
	}},
	{name: "orders effects by id", by: []string{"H5 effects stay"}, lie: func(l *liar) {
		l.recover = func(ctx context.Context, pool string) (adapters.Recovery, error) {
			r, err := l.Store.Recover(ctx, pool)
			slices.SortFunc(r.Effects, func(a, b inquiry.Effect) int { return a.ID.Compare(b.ID) })
			return r, err
		}
	}},
	{name: "recovers rows and marks in no order", by: []string{"A2 every inquiry that is not closed", "H3 marks are set"}, lie: func(l *liar) {
		l.recover = func(ctx context.Context, pool string) (adapters.Recovery, error) {
			r, err := l.Store.Recover(ctx, pool)
			slices.Reverse(r.Rows)
			slices.Reverse(r.Marks)
			return r, err
		}
	}},

	// It lets through what must not pass.
	{name: "ignores the head", by: []string{"H4 an append from a stale head", "H4 of concurrent appends"}, lie: func(l *liar) {
		l.append = func(ctx context.Context, c adapters.Commit) error {
			for {
				err := l.Store.Append(ctx, c)
				head := headOf(l.Store, c.Pool)
				if !errors.Is(err, adapters.ErrStale) || c.Head == head {
					return err
				}
				c = renumber(c, head)
			}
		}
	}},
	{name: "looks at the head too early", by: []string{"H4 of concurrent appends"}, lie: func(l *liar) {
		l.append = func(ctx context.Context, c adapters.Commit) error {
			if c.Head != headOf(l.Store, c.Pool) {
				return adapters.ErrStale
			}
			time.Sleep(time.Millisecond)
			for {
				err := l.Store.Append(ctx, c)
				head := headOf(l.Store, c.Pool)
				if !errors.Is(err, adapters.ErrStale) || c.Head == head {
					return err
				}
				c = renumber(c, head)
			}
		}
	}},
	{name: "accepts a stale epoch", by: []string{"H4 an append from a stale epoch"}, lie: func(l *liar) {
		l.append = func(ctx context.Context, c adapters.Commit) error {
			if now := leaderOf(l.Store, c.Pool).Epoch; c.Epoch > 0 && c.Epoch < now {
				c.Epoch = now
			}
			return l.Store.Append(ctx, c)
		}
	}},
	{name: "accepts a commit after the term has ended", by: []string{"H4 an append after its term", "H4 a term that is given back"}, lie: func(l *liar) {
		l.append = func(ctx context.Context, c adapters.Commit) error {
			err := l.Store.Append(ctx, c)
			if term := leaderOf(l.Store, c.Pool); errors.Is(err, adapters.ErrStale) && term.Epoch == c.Epoch && !term.Until.After(term.Now) {
				_, _ = l.Store.Lead(ctx, adapters.Claim{Pool: c.Pool, Node: term.Node, Epoch: term.Epoch, Format: 1 << 10, For: time.Hour})
				err = l.Store.Append(ctx, c)
				_, _ = l.Store.Lead(ctx, adapters.Claim{Pool: c.Pool, Node: term.Node, Epoch: term.Epoch, Format: 1 << 10})
			}
			return err
		}
	}},
	{name: "numbers events itself", by: []string{"H4 events that do not follow"}, lie: func(l *liar) {
		l.append = func(ctx context.Context, c adapters.Commit) error { return l.Store.Append(ctx, renumber(c, c.Head)) }
	}},
	{name: "refuses commits without events", by: []string{"H4 a commit without events", "H4 an empty commit"}, lie: func(l *liar) {
		l.append = func(ctx context.Context, c adapters.Commit) error {
			if len(c.Events) == 0 {
				return errors.New("nothing to append")
			}
			return l.Store.Append(ctx, c)
		}
	}},
	{name: "takes an input twice that is in the inbox", by: []string{"A6 an input is taken once", "A6 an input put at once"}, lie: func(l *liar) {
		var mu sync.Mutex
		var inbox []inquiry.Input
		l.put = func(ctx context.Context, pool string, in []inquiry.Input) error {
			mu.Lock()
			defer mu.Unlock()
			if ctx.Err() == nil {
				inbox = append(inbox, in...)
			}
			return l.Store.Put(ctx, pool, in...)
		}
		l.pending = func(ctx context.Context, pool string, limit int) ([]inquiry.Input, error) {
			mu.Lock()
			defer mu.Unlock()
			list, err := l.Store.Pending(ctx, pool, 1<<20)
			var twice []inquiry.Input
			for _, in := range inbox {
				if slices.ContainsFunc(list, func(o inquiry.Input) bool { return o.ID == in.ID }) {
					twice = append(twice, in)
				}
			}
			return twice[:min(limit, len(twice))], err
		}
	}},
	{name: "takes an input again that has an outcome", by: []string{"A6 an input that has an outcome"}, lie: func(l *liar) {
		var mu sync.Mutex
		var again []inquiry.Input
		l.put = func(ctx context.Context, pool string, in []inquiry.Input) error {
			mu.Lock()
			defer mu.Unlock()
			for _, in := range in {
				if list, err := l.Store.Outcomes(ctx, pool, in.ID); err == nil && len(list) > 0 {
					again = append(again, in)
				}
			}
			return l.Store.Put(ctx, pool, in...)
		}
		l.pending = func(ctx context.Context, pool string, limit int) ([]inquiry.Input, error) {
			mu.Lock()
			defer mu.Unlock()
			list, err := l.Store.Pending(ctx, pool, limit)
			list = append(list, again...)
			return list[:min(limit, len(list))], err
		}
	}},
	{name: "takes the newest form of an input put twice", by: []string{"A6 an input is taken once"}, lie: func(l *liar) {
		var mu sync.Mutex
		newest := map[inquiry.ID]inquiry.Input{}
		l.put = func(ctx context.Context, pool string, in []inquiry.Input) error {
			mu.Lock()
			defer mu.Unlock()
			for _, in := range in {
				newest[in.ID] = in
			}
			return l.Store.Put(ctx, pool, in...)
		}
		l.pending = func(ctx context.Context, pool string, limit int) ([]inquiry.Input, error) {
			mu.Lock()
			defer mu.Unlock()
			list, err := l.Store.Pending(ctx, pool, limit)
			return mapped(list, func(in *inquiry.Input) { *in = newest[in.ID] }), err
		}
	}},
}

// losesRefs has a store not know where some messages are: whether they are ours as they
// came in last, and whether they ever were a customer's, tells which.
func losesRefs(l *liar, lost func(ours, customers bool) bool) {
	var mu sync.Mutex
	ours, customers := map[inquiry.ID]bool{}, map[inquiry.ID]bool{}
	l.append = func(ctx context.Context, c adapters.Commit) error {
		mu.Lock()
		defer mu.Unlock()
		for _, m := range c.Messages {
			ours[m.ID] = m.Direction == inquiry.FromUs
			customers[m.ID] = customers[m.ID] || !ours[m.ID]
		}
		return l.Store.Append(ctx, c)
	}
	l.refs = func(ctx context.Context, pool string, messages []inquiry.ID) ([]adapters.MessageRef, error) {
		mu.Lock()
		defer mu.Unlock()
		list, err := l.Store.MessageRefs(ctx, pool, messages...)
		return slices.DeleteFunc(list, func(m adapters.MessageRef) bool { return lost(ours[m.ID], customers[m.ID]) }), err
	}
}

func wrongFind(name, by string, spoil func(q *inquiry.Query)) wrongStore {
	return wrongStore{name: "Find " + name, by: []string{by}, lie: func(l *liar) {
		l.find = func(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
			spoil(&q)
			return l.Store.Find(ctx, q)
		}
	}}
}

// renamePools has a store use other names for its pools.
func renamePools(l *liar, as func(string) string) {
	l.put = func(ctx context.Context, pool string, in []inquiry.Input) error {
		return l.Store.Put(ctx, as(pool), in...)
	}
	l.pending = func(ctx context.Context, pool string, limit int) ([]inquiry.Input, error) {
		return l.Store.Pending(ctx, as(pool), limit)
	}
	l.outcomes = func(ctx context.Context, pool string, in []inquiry.ID) ([]inquiry.Outcome, error) {
		return l.Store.Outcomes(ctx, as(pool), in...)
	}
	l.refs = func(ctx context.Context, pool string, messages []inquiry.ID) ([]adapters.MessageRef, error) {
		return l.Store.MessageRefs(ctx, as(pool), messages...)
	}
	l.lead = func(ctx context.Context, c adapters.Claim) (adapters.Term, error) {
		c.Pool = as(c.Pool)
		return l.Store.Lead(ctx, c)
	}
	l.append = func(ctx context.Context, c adapters.Commit) error {
		c.Pool = as(c.Pool)
		return l.Store.Append(ctx, c)
	}
	l.recover = func(ctx context.Context, pool string) (adapters.Recovery, error) {
		return l.Store.Recover(ctx, as(pool))
	}
	l.find = func(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
		q.Pool = as(q.Pool)
		return l.Store.Find(ctx, q)
	}
	l.messages = func(ctx context.Context, pool string, id inquiry.ID) ([]inquiry.Message, error) {
		return l.Store.Messages(ctx, as(pool), id)
	}
	l.journal = func(ctx context.Context, pool string, after uint64) iter.Seq2[inquiry.Event, error] {
		return l.Store.Journal(ctx, as(pool), after)
	}
}
