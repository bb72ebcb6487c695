package adaptertest

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// wrongKeepers let go of what they should keep, or keep what should go.
var wrongKeepers = []wrongStore{
	{name: "lets go of what was closed at the very instant", by: []string{"H6 what was closed long enough ago"}, lie: func(l *liar) {
		l.retain = func(ctx context.Context, r adapters.Retention) (adapters.Retained, error) {
			if !r.Inquiries.IsZero() {
				r.Inquiries = r.Inquiries.Add(1)
			}
			return adapters.Retain(ctx, l.Store, r)
		}
	}},
	{name: "tells closing instants apart by the second", by: []string{"H6 what was closed long enough ago"}, lie: func(l *liar) {
		l.retain = func(ctx context.Context, r adapters.Retention) (adapters.Retained, error) {
			r.Inquiries = r.Inquiries.Truncate(time.Second)
			return adapters.Retain(ctx, l.Store, r)
		}
	}},
	{name: "lets go of whole inquiries where texts were asked for", by: []string{"H6 texts are let go of before"}, lie: func(l *liar) {
		l.retain = func(ctx context.Context, r adapters.Retention) (adapters.Retained, error) {
			if r.Texts.After(r.Inquiries) {
				r.Inquiries = r.Texts
			}
			return adapters.Retain(ctx, l.Store, r)
		}
	}},
	{name: "keeps texts", by: []string{"H6 texts are let go of before"}, lie: func(l *liar) {
		l.retain = func(ctx context.Context, r adapters.Retention) (adapters.Retained, error) {
			r.Texts = time.Time{}
			return adapters.Retain(ctx, l.Store, r)
		}
	}},
	{name: "knows messages of inquiries that are gone", by: []string{"H6 what was closed long enough ago"}, lie: func(l *liar) {
		var mu sync.Mutex
		seen := map[inquiry.ID][]inquiry.Message{}
		l.messages = func(ctx context.Context, pool string, id inquiry.ID) ([]inquiry.Message, error) {
			list, err := l.Store.Messages(ctx, pool, id)
			mu.Lock()
			defer mu.Unlock()
			if len(list) == 0 && err == nil {
				return seen[id], nil
			}
			return list, err
		}
		l.append = func(ctx context.Context, c adapters.Commit) error {
			mu.Lock()
			defer mu.Unlock()
			for _, m := range c.Messages {
				seen[m.Inquiry] = []inquiry.Message{m}
			}
			return l.Store.Append(ctx, c)
		}
	}},
	{name: "knows where messages are of inquiries that are gone", by: []string{"H6 what was closed long enough ago"}, lie: func(l *liar) {
		var mu sync.Mutex
		seen := map[inquiry.ID]adapters.MessageRef{}
		l.append = func(ctx context.Context, c adapters.Commit) error {
			mu.Lock()
			defer mu.Unlock()
			for _, m := range c.Messages {
				seen[m.ID] = m.Ref()
			}
			return l.Store.Append(ctx, c)
		}
		l.refs = func(ctx context.Context, pool string, messages []inquiry.ID) (list []adapters.MessageRef, err error) {
			mu.Lock()
			defer mu.Unlock()
			for _, id := range messages {
				if m, ok := seen[id]; ok {
					list = append(list, m)
				}
			}
			return list, ctx.Err()
		}
	}},
	{name: "does not know where messages are whose texts are gone", by: []string{"H6 texts are let go of before"}, lie: func(l *liar) {
		l.refs = func(ctx context.Context, pool string, messages []inquiry.ID) ([]adapters.MessageRef, error) {
			list, err := l.Store.MessageRefs(ctx, pool, messages...)
			return slices.DeleteFunc(list, func(ref adapters.MessageRef) bool {
				texts, _ := l.Store.Messages(ctx, pool, ref.Inquiry)
				return slices.ContainsFunc(texts, func(m inquiry.Message) bool { return m.ID == ref.ID && m.Text == "" })
			}), err
		}
	}},
	{name: "numbers messages anew whose texts go", by: []string{"H6 texts are let go of before"}, lie: func(l *liar) {
		l.refs = func(ctx context.Context, pool string, messages []inquiry.ID) ([]adapters.MessageRef, error) {
			list, err := l.Store.MessageRefs(ctx, pool, messages...)
			return mapped(list, func(ref *adapters.MessageRef) {
				texts, _ := l.Store.Messages(ctx, pool, ref.Inquiry)
				if slices.ContainsFunc(texts, func(m inquiry.Message) bool { return m.ID == ref.ID && m.Text == "" }) {
					ref.Revision++
				}
			}), err
		}
	}},
	{name: "forgets outcomes together with their inquiries", by: []string{"A6 an input whose inquiry is gone", "H6 what was closed long enough ago"}, lie: func(l *liar) {
		l.outcomes = func(ctx context.Context, pool string, in []inquiry.ID) ([]inquiry.Outcome, error) {
			list, err := l.Store.Outcomes(ctx, pool, in...)
			return slices.DeleteFunc(list, func(o inquiry.Outcome) bool {
				found, _ := l.Store.Find(ctx, inquiry.Query{Pool: pool, IDs: []inquiry.ID{o.Inquiry}})
				return !o.Inquiry.IsZero() && len(found) == 0
			}), err
		}
	}},
	{name: "has the last outcome of an input stand", by: []string{"A6 the first outcome of an input stays"}, lie: func(l *liar) {
		var mu sync.Mutex
		last := map[inquiry.ID]inquiry.Outcome{}
		l.append = func(ctx context.Context, c adapters.Commit) error {
			err := l.Store.Append(ctx, c)
			mu.Lock()
			defer mu.Unlock()
			for _, o := range c.Outcomes {
				last[o.Input] = o
			}
			return err
		}
		l.outcomes = func(ctx context.Context, pool string, in []inquiry.ID) ([]inquiry.Outcome, error) {
			list, err := l.Store.Outcomes(ctx, pool, in...)
			mu.Lock()
			defer mu.Unlock()
			return mapped(list, func(o *inquiry.Outcome) { *o = last[o.Input] }), err
		}
	}},
	{name: "lets go of what an effect is about", by: []string{"H5 an inquiry stays while"}, lie: func(l *liar) {
		var mu sync.Mutex
		over := map[string]time.Time{}
		l.retain = func(ctx context.Context, r adapters.Retention) (adapters.Retained, error) {
			mu.Lock()
			defer mu.Unlock()
			over[r.Pool] = r.Inquiries
			return adapters.Retain(ctx, l.Store, r)
		}
		l.find = func(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
			list, err := l.Store.Find(ctx, q)
			mu.Lock()
			defer mu.Unlock()
			return slices.DeleteFunc(list, func(in inquiry.Inquiry) bool {
				return in.State == inquiry.StateClosed && in.ChangedAt.Before(over[q.Pool])
			}), err
		}
	}},
	{name: "lets go for whoever asks", by: []string{"H4 letting go is for whoever leads"}, lie: func(l *liar) {
		l.retain = func(ctx context.Context, r adapters.Retention) (adapters.Retained, error) {
			if term := leaderOf(l.Store, r.Pool); term.Epoch > 0 {
				r.Epoch = term.Epoch
			}
			return adapters.Retain(ctx, l.Store, r)
		}
	}},
	{name: "does not say what was let go of", by: []string{"H4 letting go is for whoever leads"}, lie: func(l *liar) {
		l.recover = func(ctx context.Context, pool string) (adapters.Recovery, error) {
			rec, err := l.Store.Recover(ctx, pool)
			rec.Marks = slices.DeleteFunc(rec.Marks, func(m inquiry.Mark) bool { return m.Key == adapters.RetainedKey })
			return rec, err
		}
	}},
	{name: "lets go of everything at once", by: []string{"H1 letting go goes portion by portion"}, lie: func(l *liar) {
		l.retain = func(ctx context.Context, r adapters.Retention) (adapters.Retained, error) {
			r.Limit = 1 << 30
			return adapters.Retain(ctx, l.Store, r)
		}
	}},
	{name: "loses events together with their inquiries", by: []string{"H1 letting go goes portion by portion"}, lie: func(l *liar) {
		l.check = func(ctx context.Context, pool string, damaged func(*adapters.DamageError)) (adapters.Checked, error) {
			c, err := l.Store.(*lasting).Store.(adapters.Checker).Check(ctx, pool, damaged)
			rec, _ := l.Store.Recover(ctx, pool)
			if _, gone := mark(rec, adapters.RetainedKey); gone {
				c.Hash[0]++
			}
			return c, err
		}
	}},
	{name: "lets go in all pools", by: []string{"H7 letting go in one pool"}, lie: func(l *liar) {
		l.retain = func(ctx context.Context, r adapters.Retention) (adapters.Retained, error) {
			kept, err := adapters.Retain(ctx, l.Store, r)
			if r.Pool == "brand-one" {
				r.Pool, r.Epoch = "brand-two", leaderOf(l.Store, "brand-two").Epoch
				_, _ = adapters.Retain(ctx, l.Store, r)
			}
			return kept, err
		}
	}},
	{name: "loses the labels of all pools", by: []string{"H7 letting go in one pool"}, lie: func(l *liar) {
		l.find = func(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
			list, err := l.Store.Find(ctx, q)
			if q.Pool == "brand-two" && q.Label != "" {
				rec, _ := l.Store.Recover(ctx, "brand-one")
				if _, gone := mark(rec, adapters.RetainedKey); gone {
					return nil, err
				}
			}
			return list, err
		}
	}},
	{name: "withdraws the offers of all pools", by: []string{"H7 letting go in one pool"}, lie: func(l *liar) {
		l.find = func(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
			list, err := l.Store.Find(ctx, q)
			rec, _ := l.Store.Recover(ctx, "brand-one")
			if _, gone := mark(rec, adapters.RetainedKey); gone && q.Owner != "" {
				list = slices.DeleteFunc(list, func(in inquiry.Inquiry) bool { return in.Owner != q.Owner })
			}
			return list, err
		}
	}},
	{name: "takes another mark for the one that says what was let go of", by: []string{"H4 letting go is for whoever leads"}, lie: func(l *liar) {
		l.retain = func(ctx context.Context, r adapters.Retention) (adapters.Retained, error) {
			kept, err := adapters.Retain(ctx, l.Store, r)
			if rec, _ := l.Store.Recover(ctx, r.Pool); err == nil && rec.Marks[0].Key != adapters.RetainedKey {
				return kept, adapters.ErrDamaged
			}
			return kept, err
		}
	}},
	{name: "takes the texts of all pools for gone", by: []string{"H7 letting go in one pool"}, lie: func(l *liar) {
		l.retain = func(ctx context.Context, r adapters.Retention) (adapters.Retained, error) {
			if r.Pool == "brand-two" {
				r.Texts = time.Time{}
			}
			return adapters.Retain(ctx, l.Store, r)
		}
	}},
	{name: "lets go by the term of another pool", by: []string{"H7 letting go in one pool"}, lie: func(l *liar) {
		l.retain = func(ctx context.Context, r adapters.Retention) (adapters.Retained, error) {
			if r.Pool == "brand-two" {
				if leaderOf(l.Store, "brand-one").Epoch != r.Epoch {
					return adapters.Retained{}, adapters.ErrStale
				}
				r.Epoch = leaderOf(l.Store, r.Pool).Epoch
			}
			return adapters.Retain(ctx, l.Store, r)
		}
	}},
	{name: "keeps what an effect of another pool is about", by: []string{"H7 letting go in one pool"}, lie: func(l *liar) {
		l.retain = func(ctx context.Context, r adapters.Retention) (adapters.Retained, error) {
			if rec, _ := l.Store.Recover(ctx, "brand-two"); r.Pool == "brand-one" && len(rec.Effects) > 0 {
				r.Inquiries, r.Texts = time.Time{}, time.Time{}
			}
			return adapters.Retain(ctx, l.Store, r)
		}
	}},
	{name: "brings back what goes as a whole while it blanks the texts of it", by: []string{"H6 what went as a whole stays gone"}, lie: func(l *liar) {
		var mu sync.Mutex
		came := map[inquiry.ID][]inquiry.Message{}
		l.append = func(ctx context.Context, c adapters.Commit) error {
			mu.Lock()
			defer mu.Unlock()
			for _, m := range c.Messages {
				came[m.Inquiry] = []inquiry.Message{m}
			}
			return l.Store.Append(ctx, c)
		}
		l.messages = func(ctx context.Context, pool string, id inquiry.ID) ([]inquiry.Message, error) {
			list, err := l.Store.Messages(ctx, pool, id)
			rec, _ := l.Store.Recover(ctx, pool)
			value, _ := mark(rec, adapters.RetainedKey)
			if gone, _ := adapters.ReadGone(value); len(list) == 0 && err == nil && !gone.Texts.IsZero() && gone.Texts.Equal(gone.Inquiries) {
				mu.Lock()
				defer mu.Unlock()
				return mapped(came[id], func(m *inquiry.Message) { *m = m.Erase() }), nil
			}
			return list, err
		}
	}},
}
