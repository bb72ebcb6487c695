package postgres_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/postgres"
	"github.com/answerable-go/answerable/inquiry"
)

func TestDamage(t *testing.T) {
	t.Parallel()
	cfg := postgres.Config{Schema: schema(t)}
	s := open(t, cfg)
	epoch := lead(t, s, adapters.Claim{Node: "a", For: time.Hour}).Epoch
	at := time.Date(2026, 3, 2, 9, 0, 0, 1500, time.UTC)
	id := inquiry.DeriveID("1")
	var events []inquiry.Event
	for seq := range uint64(9) {
		events = append(events, event(seq+1, "mia"))
	}
	require.NoError(t, s.Append(t.Context(), adapters.Commit{Pool: "support", Epoch: epoch, Batch: inquiry.Batch{
		Events: events,
		Changed: []inquiry.Row{{
			Pool: "support", ID: id, Version: 1, State: inquiry.StateOffered, Channel: "email", Due: at, OpenedAt: at,
			Offers: []inquiry.Offer{{Owner: "zoe", At: at, Expires: at.Add(time.Minute)}},
		}},
		Details:  []inquiry.Details{{ID: id, Labels: []string{"billing"}, Subject: "Charged twice"}},
		Messages: []inquiry.Message{{Pool: "support", ID: inquiry.DeriveID("m"), Inquiry: id, Channel: "email", Text: "I was charged twice.", At: at}},
		Outcomes: []inquiry.Outcome{{Input: inquiry.DeriveID("in"), Seq: 1}},
		Effects:  []inquiry.Effect{{ID: inquiry.DeriveID("e"), Pool: "support", Seq: 1, Topic: inquiry.TellOffer, Owner: "zoe", At: at}},
		Marks:    []inquiry.Mark{{Key: inquiry.CursorKey("mail"), Value: []byte("uid/7")}, {Key: "limit", Value: []byte{0, 1}}},
	}}))
	require.NoError(t, s.Put(t.Context(), "support", input("k")))

	journal := func() error {
		for _, err := range s.Journal(t.Context(), "support", 0) {
			if err != nil {
				return err
			}
		}
		return nil
	}
	recovers := func() error {
		_, err := s.Recover(t.Context(), "support")
		return err
	}
	finds := func(q inquiry.Query) func() error {
		q.Pool = "support"
		return func() error {
			_, err := s.Find(t.Context(), q)
			return err
		}
	}
	refs := func() error {
		_, err := s.MessageRefs(t.Context(), "support", inquiry.DeriveID("m"))
		return err
	}
	check := func(t *testing.T) (found []string) {
		t.Helper()
		_, err := s.Check(t.Context(), "support", func(e *adapters.DamageError) { found = append(found, e.Error()) })
		require.NoError(t, err)
		return found
	}
	for _, c := range []struct {
		name, damage, repair, kind string
		serve                      func() error // that meets it; nil: only a check does
	}{
		{"an event that says something else", "UPDATE ~journal SET event = replace(event, 'mia', 'tom') WHERE seq = 5", "UPDATE ~journal SET event = replace(event, 'tom', 'mia')", "event 5", journal},
		{"a recent event, when the pool is recovered", "UPDATE ~journal SET event = replace(event, 'mia', 'tom') WHERE seq = 5", "UPDATE ~journal SET event = replace(event, 'tom', 'mia')", "event 5", recovers},
		{"a column of an event", "UPDATE ~journal SET owner = 'tom' WHERE seq = 5", "UPDATE ~journal SET owner = 'mia'", "event 5", nil},
		{"an instant of an event", "UPDATE ~journal SET recorded_at = recorded_at + interval '1 microsecond' WHERE seq = 5", "UPDATE ~journal SET recorded_at = recorded_at - interval '1 microsecond' WHERE seq = 5", "event 5", nil},
		{"a row", `UPDATE ~inquiries SET "row" = replace("row", 'email', 'chats')`, `UPDATE ~inquiries SET "row" = replace("row", 'chats', 'email')`, "inquiry", recovers},
		{"a row that is searched for", `UPDATE ~inquiries SET "row" = replace("row", 'email', 'chats')`, `UPDATE ~inquiries SET "row" = replace("row", 'chats', 'email')`, "inquiry", finds(inquiry.Query{})},
		{"a row's column by which it is found", "UPDATE ~inquiries SET owner = 'tom'", "UPDATE ~inquiries SET owner = ''", "inquiry", finds(inquiry.Query{Owner: "tom"})},
		{"a row's instant", "UPDATE ~inquiries SET due_nanos = 7", "UPDATE ~inquiries SET due_nanos = 500", "inquiry", nil},
		{"a row's count of replies", "UPDATE ~inquiries SET replies = 1", "UPDATE ~inquiries SET replies = 0", "inquiry", nil},
		{"a row's count of what became ours", "UPDATE ~inquiries SET turned = 1", "UPDATE ~inquiries SET turned = 0", "inquiry", nil},
		{"a row's count of what became ours, below none", "UPDATE ~inquiries SET turned = -1", "UPDATE ~inquiries SET turned = 0", "inquiry", nil},
		{"an offer that nobody made", "UPDATE ~offers SET owner = 'tom'", "UPDATE ~offers SET owner = 'zoe'", "inquiry", finds(inquiry.Query{Owner: "tom"})},
		{"an offer's instant", "UPDATE ~offers SET expires = expires + interval '1 microsecond'", "UPDATE ~offers SET expires = expires - interval '1 microsecond'", "inquiry", nil},
		{"an offer that is gone", "CREATE TABLE ~gone AS SELECT * FROM ~offers; DELETE FROM ~offers", "INSERT INTO ~offers SELECT * FROM ~gone; DROP TABLE ~gone", "inquiry", nil},
		{"details", "UPDATE ~details SET details = replace(details, 'twice', 'once')", "UPDATE ~details SET details = replace(details, 'once', 'twice')", "details", finds(inquiry.Query{})},
		{"a label", "UPDATE ~labels SET label = 'spam'", "UPDATE ~labels SET label = 'billing'", "details", nil},
		{"a label that is gone", "CREATE TABLE ~gone AS SELECT * FROM ~labels; DELETE FROM ~labels", "INSERT INTO ~labels SELECT * FROM ~gone; DROP TABLE ~gone", "details", nil},
		{"a message", "UPDATE ~messages SET message = replace(message, 'twice', 'once')", "UPDATE ~messages SET message = replace(message, 'once', 'twice')", "message", func() error {
			_, err := s.Messages(t.Context(), "support", id)
			return err
		}},
		{"a message's revision", "UPDATE ~messages SET revision = 9", "UPDATE ~messages SET revision = 0", "message", recovers},
		{"a message's revision, when it is asked where it is", "UPDATE ~messages SET revision = 9", "UPDATE ~messages SET revision = 0", "message", refs},
		{"a message's direction, when it is asked where it is", "UPDATE ~messages SET direction = 'outbound'", "UPDATE ~messages SET direction = ''", "message", refs},
		{"a column of a message", "UPDATE ~messages SET channel = 'chat'", "UPDATE ~messages SET channel = 'email'", "message", nil},
		{"an input", "UPDATE ~inbox SET input = replace(input, '{', '{ ')", "UPDATE ~inbox SET input = replace(input, '{ ', '{')", "input", func() error {
			_, err := s.Pending(t.Context(), "support", 9)
			return err
		}},
		{"an outcome", "UPDATE ~outcomes SET seq = 2", "UPDATE ~outcomes SET seq = 1", "outcome", func() error {
			_, err := s.Outcomes(t.Context(), "support", inquiry.DeriveID("in"))
			return err
		}},
		{"an effect", "UPDATE ~outbox SET effect = replace(effect, 'zoe', 'tom')", "UPDATE ~outbox SET effect = replace(effect, 'tom', 'zoe')", "effect", recovers},
		{"the place of an effect", "UPDATE ~outbox SET seq = seq + 64", "UPDATE ~outbox SET seq = seq - 64", "effect", recovers},
		{"a column of an effect", "UPDATE ~outbox SET owner = 'tom'", "UPDATE ~outbox SET owner = 'zoe'", "effect", nil},
		{"a mark", "UPDATE ~marks SET value = 'uid/8' WHERE key = 'cursor/mail'", "UPDATE ~marks SET value = 'uid/7' WHERE key = 'cursor/mail'", "mark cursor/mail", recovers},
		{"a binary mark", "UPDATE ~marks SET binary_value = '\\x0002' WHERE key = 'limit'", "UPDATE ~marks SET binary_value = '\\x0001' WHERE key = 'limit'", "mark limit", recovers},
		{"the newest event", "DELETE FROM ~journal WHERE seq = 9", "", "event 9", journal},
		{"the newest event, when the pool is recovered", "", "", "event 9", recovers},
	} {
		t.Run("H1 found by a check, and never served: "+c.name, func(t *testing.T) {
			run := func(sql string) {
				if sql != "" {
					exec(t, s.Pool(), strings.ReplaceAll(sql, "~", cfg.Schema+".answerable_"))
				}
			}
			run(c.damage)
			list := check(t)
			require.NotEmpty(t, list)
			require.Contains(t, list[0], `damaged: pool "support", `+c.kind)
			if c.name == "an event that says something else" {
				require.Len(t, list, 1, "what follows it is as it was written")
			}
			if c.serve != nil {
				err := c.serve()
				require.ErrorIs(t, err, adapters.ErrDamaged)
				require.NotErrorIs(t, err, adapters.ErrUnavailable, "trying again does not help")
				require.ErrorContains(t, err, c.kind)
			}
			run(c.repair)
			if c.repair != "" {
				require.Empty(t, check(t))
				require.NoError(t, journal())
				require.NoError(t, recovers())
			}
		})
	}
	t.Run("H1 nothing is let go of by what a row says that is not as it was written", func(t *testing.T) {
		cfg := postgres.Config{Schema: schema(t)}
		s := open(t, cfg)
		epoch := lead(t, s, adapters.Claim{Node: "a", For: time.Hour}).Epoch
		row := inquiry.Row{Pool: "support", ID: id, Version: 1, State: inquiry.StateClosed, ChangedAt: at}
		require.NoError(t, s.Append(t.Context(), adapters.Commit{Pool: "support", Epoch: epoch, Batch: inquiry.Batch{
			Events: []inquiry.Event{event(1, "mia")}, Changed: []inquiry.Row{row},
			Messages: []inquiry.Message{{Pool: "support", ID: inquiry.DeriveID("m"), Inquiry: id, Text: "I was charged twice."}},
		}}))
		exec(t, s.Pool(), "UPDATE "+cfg.Schema+`.answerable_inquiries SET "row" = replace("row", '2026', '2016')`)
		for _, r := range []adapters.Retention{{Texts: at}, {Inquiries: at}} {
			r.Pool, r.Epoch = "support", epoch
			_, err := s.Retain(t.Context(), r)
			require.ErrorIs(t, err, adapters.ErrDamaged)
			require.NotErrorIs(t, err, adapters.ErrUnavailable)
		}
		require.Equal(t, 1, get[int](t, s.Pool(), "SELECT count(*) FROM "+cfg.Schema+".answerable_messages WHERE message LIKE '%twice%'"))
	})
	t.Run("H1 nothing is written behind an event that is lost", func(t *testing.T) {
		other := open(t, cfg) // which does not know the hash
		err := other.Append(t.Context(), adapters.Commit{Pool: "support", Epoch: epoch, Head: 9, Batch: inquiry.Batch{Events: []inquiry.Event{event(10, "mia")}}})
		require.ErrorIs(t, err, adapters.ErrDamaged)
		require.NotErrorIs(t, err, adapters.ErrUnavailable)
	})
}
