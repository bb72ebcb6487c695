package sqlite

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

var benchStart = time.Date(2026, 3, 2, 9, 0, 0, 123456789, time.UTC)

// day is a batch as the core writes it when n inquiries come in, are offered,
// accepted and answered: ten events each, and one of everything else.
func day(pool string, head uint64, n int) inquiry.Batch {
	var b inquiry.Batch
	for range n {
		id, input, message, reply := inquiry.NewID(), inquiry.NewID(), inquiry.NewID(), inquiry.NewID()
		at := benchStart.Add(time.Duration(head) * time.Millisecond)
		facts := inquiry.Facts{
			Kind: inquiry.Complaint, Labels: []string{"billing", "refund"}, Language: "de", Persons: []inquiry.ID{inquiry.NewID()},
			Conversation: inquiry.NewID(), Fingerprint: inquiry.NewID(),
		}
		m := inquiry.Message{
			Pool: pool, Source: "support-mail", External: "<" + message.String() + "@mail.example.org>", ID: message, Inquiry: id,
			Direction: inquiry.FromCustomer, Channel: "email", Account: "help@example.com",
			Author:  inquiry.Author{External: "zoe@example.org", Name: "Zoë O'Hara", Reach: 12},
			Subject: "Charged twice for March", Text: strings.Repeat("I was charged twice for March and would like one of the charges back. ", 6),
			At: at, Salt: reply[:], Digest: inquiry.Sum(reply[:], "s", "t"),
		}
		var clocks []sla.Clock
		for _, kind := range []sla.Kind{sla.FirstResponse, sla.Resolve} {
			clocks = append(clocks, sla.Clock{
				Kind: kind, State: sla.Running, Started: at, Due: at.Add(4 * time.Hour),
				Target: sla.Target{Kind: kind, Within: sla.Duration(4 * time.Hour), Calendar: "office", Warn: []int{50, 75}},
			})
		}
		until := at.Add(2 * time.Minute)
		decision := json.RawMessage(`{"rule":"billing/refund","requirement":"3f2a","owner":"mia","score":[0,940,310,120,77],"runners_up":[{"owner":"tom","score":[0,900,310,400,12]},{"owner":"zoe","score":[0,700,310,80,5]}],"gates":{"presence":12,"capacity":3,"skills":41},"at":123456}`)
		add := func(kind inquiry.EventKind, owner inquiry.OwnerID, data inquiry.Data, decision json.RawMessage) *inquiry.Event {
			head++
			b.Events = append(b.Events, inquiry.Event{
				Format: inquiry.Format, Pool: pool, Seq: head, At: at, RecordedAt: at, Kind: kind, Inquiry: id,
				Version: uint64(len(b.Events)%10) + 1, Owner: owner, Actor: "support-mail", Cause: input, Data: data, Decision: decision,
			})
			return &b.Events[len(b.Events)-1]
		}
		add(inquiry.Opened, "", nil, nil).Do = inquiry.Receive{Message: m.Erase(), Facts: facts, New: id}
		add(inquiry.Routed, "", inquiry.Routing{Plan: message, Rule: "billing/refund", Policy: "2026-03-01", Department: "billing"}, nil)
		add(inquiry.ClocksStarted, "", inquiry.Clocking{Clocks: clocks}, nil)
		add(inquiry.Queued, "", nil, nil)
		add(inquiry.Offered, "mia", inquiry.Offering{Cost: 25, Expires: until, Charges: []inquiry.Charge{{Limit: "owner/mia", EmptyAt: at}}}, decision)
		add(inquiry.Accepted, "mia", nil, nil)
		add(inquiry.ReplyDrafted, "mia", inquiry.ReplyChange{Reply: reply, Digest: m.Digest, Seen: 1}, nil)
		add(inquiry.ReplySending, "mia", inquiry.ReplyChange{Reply: reply}, nil)
		add(inquiry.ReplySent, "mia", inquiry.ReplyChange{Reply: reply, External: m.External}, nil)
		add(inquiry.ClocksMet, "mia", inquiry.Clocking{Clocks: clocks[:1]}, nil)
		b.Changed = append(b.Changed, inquiry.Row{
			Pool: pool, ID: id, Version: 10, State: inquiry.StateAssigned, Source: m.Source, Channel: "email", Account: m.Account,
			Persons: facts.Persons, Conversation: facts.Conversation, Fingerprint: facts.Fingerprint, OpenedAt: at, ChangedAt: at,
			Inbound: 1, LastID: message, LastAt: at, Plan: message, Rule: "billing/refund", Policy: "2026-03-01", Department: "billing",
			Owner: "mia", AssignedAt: at, Cost: 25, QueuedAt: at, Clocks: clocks, Due: at.Add(4 * time.Hour), Responded: true,
		})
		b.Details = append(b.Details, inquiry.Details{ID: id, Kind: facts.Kind, Labels: facts.Labels, Language: "de", Reach: 12, Author: m.Author, Subject: m.Subject})
		b.Messages = append(b.Messages, m)
		b.Outcomes = append(b.Outcomes, inquiry.Outcome{Input: input, Inquiry: id, Seq: head})
		b.Effects = append(b.Effects, inquiry.Effect{ID: inquiry.NewID(), Pool: pool, Topic: inquiry.TellOffer, Inquiry: id, Owner: "mia", Seq: head, At: at, Until: until})
	}
	b.Marks = []inquiry.Mark{{Key: "cursor/support-mail", Value: []byte(fmt.Sprint(head))}, {Key: "limit/owner/mia", Value: []byte("x")}}
	return b
}

func opened(tb testing.TB, cfg Config) *Store {
	tb.Helper()
	s, err := Open(tb.Context(), filepath.Join(tb.TempDir(), "answerable.db"), cfg)
	require.NoError(tb, err)
	tb.Cleanup(func() { _ = s.Close() })
	return s
}

func led(tb testing.TB, s *Store, pool string) adapters.Term {
	tb.Helper()
	term, err := s.Lead(tb.Context(), adapters.Claim{Pool: pool, Node: "node", Format: inquiry.Format, For: time.Hour})
	require.NoError(tb, err)
	require.True(tb, term.Granted)
	return term
}

const benchInquiries = 64

func BenchmarkAppend(b *testing.B) {
	s := opened(b, Config{})
	term := led(b, s, "support")
	var head uint64
	for b.Loop() {
		b.StopTimer()
		c := adapters.Commit{Pool: "support", Epoch: term.Epoch, Head: head, Batch: day("support", head, benchInquiries)}
		b.StartTimer()
		if err := s.Append(b.Context(), c); err != nil {
			b.Fatal(err)
		}
		head += uint64(len(c.Events))
	}
	b.ReportMetric(float64(head)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkRaw writes the same rows into the same tables of the same sort of
// file with one prepared INSERT for each row, which knows nothing of fences,
// revisions or repetitions. In "json made" it makes the JSON too.
func BenchmarkRaw(b *testing.B) {
	b.Run("json made before", func(b *testing.B) { benchmarkRaw(b, false) })
	b.Run("json made", func(b *testing.B) { benchmarkRaw(b, true) })
}

func benchmarkRaw(b *testing.B, timeJSON bool) {
	s := opened(b, Config{})
	db := s.DB()
	db.SetMaxOpenConns(1)
	for _, pragma := range []string{"cache_size = -32768", "wal_autocheckpoint = 4000"} {
		_, err := db.ExecContext(b.Context(), "PRAGMA "+pragma)
		require.NoError(b, err)
	}
	stmts := map[*bulk]*sql.Stmt{}
	for _, t := range []*bulk{&intoJournal, &intoInquiries, &intoDetails, &intoLabels, &intoMessages, &intoOutcomes, &intoOutbox, &intoMarks} {
		query := strings.TrimSuffix(t.sql(1), t.conflict)
		if t == &intoMarks {
			query = strings.Replace(query, "INSERT", "REPLACE", 1)
		}
		stmt, err := db.PrepareContext(b.Context(), query)
		require.NoError(b, err)
		stmts[t] = stmt
	}
	var head uint64
	for b.Loop() {
		b.StopTimer()
		c := adapters.Commit{Pool: "support", Head: head, Batch: day("support", head, benchInquiries)}
		if timeJSON {
			b.StartTimer()
		}
		e, err := encode(&c)
		require.NoError(b, err)
		b.StartTimer()
		rawWrite(b, db, stmts, e)
		head += uint64(len(c.Events))
	}
	b.ReportMetric(float64(head)/b.Elapsed().Seconds(), "events/s")
}

func rawWrite(tb testing.TB, db *sql.DB, stmts map[*bulk]*sql.Stmt, e *batch) {
	tb.Helper()
	tx, err := db.BeginTx(tb.Context(), nil)
	require.NoError(tb, err)
	args := make([]any, 0, 20)
	rows := func(t *bulk, n int, row func(args []any, i int) []any) {
		stmt := tx.StmtContext(tb.Context(), stmts[t])
		for i := range n {
			if _, err := stmt.Exec(row(args[:0], i)...); err != nil { //nolint:noctx // without what watches a context
				tb.Fatal(err)
			}
		}
	}
	rows(&intoJournal, len(e.Events), e.eventRow())
	rows(&intoInquiries, len(e.Changed), e.inquiryRow)
	rows(&intoDetails, len(e.Details), e.detailsRow)
	rows(&intoLabels, len(e.labels), e.labelRow)
	rows(&intoMessages, len(e.Messages), e.messageRow)
	rows(&intoOutcomes, len(e.Outcomes), e.outcomeRow)
	rows(&intoOutbox, len(e.Effects), e.effectRow)
	rows(&intoMarks, len(e.Marks), func(args []any, i int) []any {
		return append(args, e.Pool, e.Marks[i].Key, markValue(e.Marks[i].Value), 0)
	})
	require.NoError(tb, tx.Commit())
}

// BenchmarkRecover recovers 100,000 open inquiries beside as many closed ones.
func BenchmarkRecover(b *testing.B) {
	const n, portion = 100_000, 1000
	s := opened(b, Config{})
	term := led(b, s, "support")
	var head uint64
	for i := range 2 * n / portion {
		batch := day("support", head, portion)
		batch.Effects = nil
		batch.Events = batch.Events[:1]
		if i%2 == 0 {
			for k := range batch.Changed {
				batch.Changed[k].State = inquiry.StateClosed
			}
		}
		require.NoError(b, s.Append(b.Context(), adapters.Commit{Pool: "support", Epoch: term.Epoch, Head: head, Batch: batch}))
		head++
	}
	for b.Loop() {
		r, err := s.Recover(b.Context(), "support")
		require.NoError(b, err)
		require.Len(b, r.Rows, n)
		require.Len(b, r.Messages, n)
	}
}
