package postgres_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/postgres"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/sla"
)

const (
	benchSubmitters = 64
	benchFor        = 3 * time.Second
)

// BenchmarkSubmitToAssigned is how many inquiries a second 64 callers get
// assigned through the Engine, and how many the same rows make for pgx alone, a
// transaction for each of the Engine's commits, with one INSERT a row sent in one
// pipeline and with nothing to be decided or encoded. Rounds of three seconds;
// the median of -count is what to look at:
//
//	go test -C adapters/postgres -run '^$' -bench SubmitToAssigned -benchtime 1x -count 3 .
func BenchmarkSubmitToAssigned(b *testing.B) {
	for range b.N {
		s := &recording{Store: open(b, postgres.Config{})}
		engine, latency := throughEngine(b, s)
		rows := 0
		for i := range s.commits {
			rows += len(inserts(&s.commits[i], "x"))
		}
		inquiries := 0
		for i := range s.commits {
			inquiries += len(s.commits[i].Details)
		}
		b.ReportMetric(engine, "engine/s")
		b.ReportMetric(float64(latency.Microseconds())/1000, "engine-ms-median")
		b.ReportMetric(float64(rows)/float64(inquiries), "rows/inquiry")
		b.ReportMetric(float64(inquiries)/float64(len(s.commits)), "inquiries/commit")
		b.ReportMetric(throughPgx(b, s.commits), "pgx/s")
	}
	b.ReportMetric(0, "ns/op")
}

// recording is a store that remembers its commits.
type recording struct {
	*postgres.Store
	on      atomic.Bool
	commits []adapters.Commit
}

func (r *recording) Append(ctx context.Context, c adapters.Commit) error {
	if r.on.Load() {
		r.commits = append(r.commits, c)
	}
	return r.Store.Append(ctx, c)
}

func throughEngine(b *testing.B, s *recording) (perSecond float64, median time.Duration) {
	b.Helper()
	support := []inquiry.Skill{{Name: "support", Level: 3}}
	e, err := dispatch.New(s, routing.Policy{
		Version: "v1", Sink: "head", Presence: routing.Presence{LapseAfter: -1},
		Default: routing.Settings{
			Assignment: inquiry.Directly, Skills: []inquiry.SkillRequirement{{Skill: "support", Min: 1}},
			Targets: []sla.Target{sla.Within(sla.FirstResponse, time.Hour, ""), sla.Within(sla.Resolve, 8*time.Hour, "")},
		},
	}, dispatch.Config{Pool: "support", Directory: adapters.Owners{
		{ID: "bot-1", Capacity: 1 << 30, Skills: support, Bot: true}, {ID: "bot-2", Capacity: 1 << 30, Skills: support, Bot: true}, {ID: "head"},
	}})
	require.NoError(b, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	<-e.Ready()
	var mu sync.Mutex
	var took []time.Duration
	var callers sync.WaitGroup
	run := func(phase string, until time.Time) {
		for i := range benchSubmitters {
			callers.Go(func() {
				for n := 0; time.Now().Before(until); n++ {
					began := time.Now()
					_, err := e.Submit(ctx, inquiry.Message{
						External: fmt.Sprintf("%s/%d/%d", phase, i, n), Channel: "email", Author: inquiry.Author{External: fmt.Sprintf("%d/%d", i, n)}, Text: "Please help me with my invoice.",
					})
					if err != nil {
						b.Error(err)
						return
					}
					mu.Lock()
					took = append(took, time.Since(began))
					mu.Unlock()
				}
			})
		}
		callers.Wait()
	}
	run("warm", time.Now().Add(benchFor/3))
	took = took[:0]
	s.on.Store(true)
	began := time.Now()
	run("measured", began.Add(benchFor))
	lasted := time.Since(began)
	s.on.Store(false)
	cancel()
	require.NoError(b, <-ended)
	slices.Sort(took)
	return float64(len(took)) / lasted.Seconds(), took[len(took)/2]
}

// insert is one row.
type insert struct {
	sql  string
	args []any
}

// inserts are the rows of a commit, in the store's own tables.
func inserts(c *adapters.Commit, schema string) (list []insert) {
	add := func(sql string, args ...any) { list = append(list, insert{fmt.Sprintf(sql, schema), args}) }
	text := func(v any) string {
		j, _ := json.Marshal(v)
		return string(j)
	}
	var hash [32]byte
	for i := range c.Events {
		e := &c.Events[i]
		add(`INSERT INTO %s.answerable_journal VALUES ($1, $2, nullif($3::text, '')::uuid, $4, $5, $6, $7, $8, $9, nullif($10::text, '')::uuid, $11, $12)`,
			c.Pool, int64(e.Seq), e.Inquiry.String(), int64(e.Version), string(e.Kind), string(e.Owner), e.Actor, e.At, e.RecordedAt, e.Cause.String(), text(e), hash[:])
	}
	for i := range c.Changed {
		r := &c.Changed[i]
		add(`INSERT INTO %s.answerable_inquiries VALUES ($1, $2::text::uuid, $3, $4, $5, $6, $7, $8, 0, $9, $10, $11, $12, $13, 0)`,
			c.Pool, r.ID.String(), int64(r.Version), string(r.State), int64(r.Priority), string(r.Owner), r.Department, r.Due, r.Stranded, r.Rule, r.Channel, r.OpenedAt, text(r))
	}
	for i := range c.Details {
		d := &c.Details[i]
		add(`INSERT INTO %s.answerable_details VALUES ($1, $2::text::uuid, $3, '', '', $4, $5, $6, 0)`, c.Pool, d.ID.String(), string(d.Kind), d.Language, d.Reach, text(d))
	}
	for i := range c.Messages {
		m := &c.Messages[i]
		add(`INSERT INTO %s.answerable_messages (pool, id, inquiry, source, revision, direction, channel, account, at, digest, message, sum, ref)
			VALUES ($1, $2::text::uuid, $3::text::uuid, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0)`,
			c.Pool, m.ID.String(), m.Inquiry.String(), m.Source, int64(m.Revision), string(m.Direction), m.Channel, m.Account, m.At, m.Digest, text(m))
	}
	for i := range c.Outcomes {
		o := &c.Outcomes[i]
		add(`INSERT INTO %s.answerable_outcomes VALUES ($1, $2::text::uuid, nullif($3::text, '')::uuid, '', '', $4, 0)`, c.Pool, o.Input.String(), o.Inquiry.String(), int64(o.Seq))
	}
	for i := range c.Marks {
		add(`INSERT INTO %s.answerable_marks VALUES ($1, $2, NULL, $3, 0) ON CONFLICT (pool, key) DO UPDATE SET binary_value = excluded.binary_value`, c.Pool, c.Marks[i].Key, c.Marks[i].Value)
	}
	return list
}

// throughPgx is how many inquiries a second the rows of commits make.
func throughPgx(b *testing.B, commits []adapters.Commit) float64 {
	b.Helper()
	name := schema(b)
	p := pool(b)
	require.NoError(b, postgres.Migrate(context.Background(), p, postgres.Config{Schema: name}))
	batches := make([][]insert, len(commits))
	inquiries := 0
	for i := range commits {
		batches[i] = inserts(&commits[i], name)
		inquiries += len(commits[i].Details)
	}
	began := time.Now()
	for _, rows := range batches {
		require.NoError(b, pgx.BeginFunc(context.Background(), p, func(tx pgx.Tx) error {
			var batch pgx.Batch
			for _, r := range rows {
				batch.Queue(r.sql, r.args...)
			}
			return tx.SendBatch(context.Background(), &batch).Close()
		}))
	}
	return float64(inquiries) / time.Since(began).Seconds()
}
