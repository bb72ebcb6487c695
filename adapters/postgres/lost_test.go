package postgres_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/postgres"
	"github.com/answerable-go/answerable/inquiry"
)

// unindexed does something of which an index does not learn, as if what it had
// written there had been lost.
func unindexed(t *testing.T, p *pgxpool.Pool, schema, index string, do func()) {
	t.Helper()
	ready := func(is string) {
		exec(t, p, "UPDATE pg_index SET indisready = "+is+" WHERE indexrelid = '"+schema+".answerable_"+index+"'::regclass")
	}
	ready("false")
	do()
	ready("true")
}

func TestWhatAnIndexHasLost(t *testing.T) {
	t.Parallel()
	id, other := inquiry.DeriveID("1"), inquiry.DeriveID("2")
	message := func(name string, of inquiry.ID, direction inquiry.Direction) inquiry.Message {
		return inquiry.Message{Pool: "support", ID: inquiry.DeriveID(name), Inquiry: of, Direction: direction, Text: name}
	}
	closed := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	rows := []inquiry.Row{
		{Pool: "support", ID: id, Version: 1, State: inquiry.StateQueued, Inbound: 5, Merged: []inquiry.Merged{{Inquiry: other, Inbound: 3}}},
		{Pool: "support", ID: other, Version: 1, State: inquiry.StateClosed, Inbound: 1, ChangedAt: closed},
	}
	for _, c := range []struct {
		name string
		kept []inquiry.Message
		lost inquiry.Message
		of   inquiry.ID
	}{
		{"one of the customer's messages", []inquiry.Message{message("a", id, ""), message("r", id, inquiry.FromUs)}, message("b", id, ""), id},
		{"the only message", nil, message("x", other, inquiry.FromCustomer), other},
		{"a reply", []inquiry.Message{message("a", id, ""), message("b", id, "")}, message("r", id, inquiry.FromUs), id},
	} {
		t.Run("H1 no list is served of which an index has lost "+c.name, func(t *testing.T) {
			t.Parallel()
			cfg := postgres.Config{Schema: schema(t)}
			s := open(t, cfg)
			epoch := lead(t, s, adapters.Claim{Node: "a", For: time.Hour}).Epoch
			require.NoError(t, s.Append(t.Context(), adapters.Commit{Pool: "support", Epoch: epoch, Batch: inquiry.Batch{Changed: rows, Messages: c.kept}}))
			unindexed(t, s.Pool(), cfg.Schema, "messages_inquiry", func() {
				require.NoError(t, s.Append(t.Context(), adapters.Commit{Pool: "support", Epoch: epoch, Batch: inquiry.Batch{Messages: []inquiry.Message{c.lost}}}))
			})
			lost := func(err error) {
				t.Helper()
				require.ErrorIs(t, err, adapters.ErrDamaged)
				require.ErrorContains(t, err, "inquiry "+c.of.String())
				require.ErrorContains(t, err, "an index leads to")
			}
			_, err := s.Messages(t.Context(), "support", c.of)
			lost(err)
			_, err = s.Recover(t.Context(), "support")
			switch {
			case c.of == other:
				require.NoError(t, err) // what is closed is not recovered
				_, err = s.Retain(t.Context(), adapters.Retention{Pool: "support", Epoch: epoch, Texts: time.Now()})
				lost(err)
			case c.lost.Direction == inquiry.FromUs:
				require.NoError(t, err)
			default:
				lost(err)
			}
		})
	}
	t.Run("H1 a message is served at its own inquiry only", func(t *testing.T) {
		t.Parallel()
		cfg := postgres.Config{Schema: schema(t)}
		s := open(t, cfg)
		epoch := lead(t, s, adapters.Claim{Node: "a", For: time.Hour}).Epoch
		gone := message("a", id, "")
		require.NoError(t, s.Append(t.Context(), adapters.Commit{Pool: "support", Epoch: epoch, Batch: inquiry.Batch{Changed: rows[:1], Messages: []inquiry.Message{gone}}}))
		// What the index has of a message leads to where another one is now.
		unindexed(t, s.Pool(), cfg.Schema, "messages_inquiry", func() {
			exec(t, s.Pool(), "DELETE FROM "+cfg.Schema+".answerable_messages")
			require.Eventually(t, func() bool { // once no transaction is left that might see it
				exec(t, s.Pool(), "VACUUM "+cfg.Schema+".answerable_messages")
				return get[int](t, s.Pool(), "SELECT pg_relation_size($1::text::regclass)", cfg.Schema+".answerable_messages") == 0
			}, time.Minute, 20*time.Millisecond)
			require.NoError(t, s.Append(t.Context(), adapters.Commit{Pool: "support", Epoch: epoch, Batch: inquiry.Batch{Changed: rows[1:], Messages: []inquiry.Message{message("x", other, "")}}}))
		})
		// So many that the server goes by that index.
		var many []inquiry.Message
		for i := range 3000 {
			many = append(many, message(fmt.Sprint(i), inquiry.DeriveID(fmt.Sprint(i/3)), ""))
		}
		require.NoError(t, s.Append(t.Context(), adapters.Commit{Pool: "support", Epoch: epoch, Batch: inquiry.Batch{Messages: many}}))
		exec(t, s.Pool(), "ANALYZE "+cfg.Schema+".answerable_messages")
		_, err := s.Messages(t.Context(), "support", id)
		require.ErrorIs(t, err, adapters.ErrDamaged)
		require.ErrorContains(t, err, "it belongs to inquiry "+other.String())
		_, err = s.Recover(t.Context(), "support")
		require.ErrorIs(t, err, adapters.ErrDamaged)
		require.ErrorContains(t, err, "it belongs to inquiry "+other.String())
	})
	t.Run("A1 a row that counts more messages than were ever stored is no damage", func(t *testing.T) {
		t.Parallel()
		s := open(t, postgres.Config{})
		epoch := lead(t, s, adapters.Claim{Node: "a", For: time.Hour}).Epoch
		odd := message("a", id, "")
		require.NoError(t, s.Append(t.Context(), adapters.Commit{Pool: "support", Epoch: epoch, Batch: inquiry.Batch{Changed: rows, Messages: []inquiry.Message{odd}}}))
		list, err := s.Messages(t.Context(), "support", id)
		require.NoError(t, err)
		require.Equal(t, []inquiry.Message{odd}, list)
		r, err := s.Recover(t.Context(), "support")
		require.NoError(t, err)
		require.Len(t, r.Messages, 1)
	})
	t.Run("A1 a reply that a source calls the customer's message later is no damage", func(t *testing.T) {
		t.Parallel()
		cfg := postgres.Config{Schema: schema(t)}
		s := open(t, cfg)
		epoch := lead(t, s, adapters.Claim{Node: "a", For: time.Hour}).Epoch
		for i, replies := range []int{1, 1, 0, 0, 1} {
			m := message("a", id, inquiry.FromUs)
			if m.Revision = i; replies == 0 {
				m.Direction = inquiry.FromCustomer
			}
			require.NoError(t, s.Append(t.Context(), adapters.Commit{Pool: "support", Epoch: epoch, Batch: inquiry.Batch{Changed: rows, Messages: []inquiry.Message{m}}}))
			require.Equal(t, replies, get[int](t, s.Pool(), "SELECT max(replies) FROM "+cfg.Schema+".answerable_inquiries"))
			_, err := s.Check(t.Context(), "support", func(e *adapters.DamageError) { t.Error(e) })
			require.NoError(t, err)
			list, err := s.Messages(t.Context(), "support", id)
			require.NoError(t, err)
			require.Equal(t, []inquiry.Message{m}, list)
		}
	})
}

// TestWhatTheInboxHasLost has inputs put of which the index of their order does not
// learn.
func TestWhatTheInboxHasLost(t *testing.T) {
	t.Parallel()
	cfg := postgres.Config{Schema: schema(t)}
	s := open(t, cfg)
	for _, pool := range []string{"other", "support", "tickets"} { // each counts its own
		for _, key := range []string{"a", "b", "c"} {
			require.NoError(t, s.Put(t.Context(), pool, input(key)))
		}
	}
	t.Run("H1 a list that is whole is served, in its order", func(t *testing.T) {
		for limit, want := range map[int]int{1: 1, 2: 2, 3: 3, 4: 3} {
			list, err := s.Pending(t.Context(), "support", limit)
			require.NoError(t, err)
			require.Equal(t, []inquiry.Input{input("a"), input("b"), input("c")}[:want], list)
		}
	})
	unindexed(t, s.Pool(), cfg.Schema, "inbox_order", func() {
		require.NoError(t, s.Put(t.Context(), "support", input("d")))
	})
	t.Run("H1 an input that its order has lost is missed once the backlog is worked on", func(t *testing.T) {
		list, err := s.Pending(t.Context(), "support", 3)
		require.NoError(t, err)
		require.Len(t, list, 3)
		_, err = s.Pending(t.Context(), "support", 4)
		require.ErrorIs(t, err, adapters.ErrDamaged)
		require.ErrorContains(t, err, `pool "support", input`)
		require.ErrorContains(t, err, "4 are in the inbox, and the index of their order leads to 3 of them")
		_, err = s.Pending(t.Context(), "other", 4)
		require.NoError(t, err, "H7")
	})
}

// TestWhatAWorklistHasLost has an inquiry come to its owner of which the index of
// owners does not learn.
func TestWhatAWorklistHasLost(t *testing.T) {
	t.Parallel()
	cfg := postgres.Config{Schema: schema(t)}
	s := open(t, cfg)
	epoch := lead(t, s, adapters.Claim{Node: "a", For: time.Hour}).Epoch
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	row := func(name string, state inquiry.State, owner inquiry.OwnerID) inquiry.Row {
		return inquiry.Row{Pool: "support", ID: inquiry.DeriveID(name), Version: 1, State: state, Owner: owner, Due: at}
	}
	offered := row("offered", inquiry.StateOffered, "")
	offered.Offers = []inquiry.Offer{{Owner: "mia", At: at, Expires: at}}
	dueless := row("dueless", inquiry.StatePending, "mia")
	dueless.Due = time.Time{}
	store := func(rows ...inquiry.Row) {
		require.NoError(t, s.Append(t.Context(), adapters.Commit{Pool: "support", Epoch: epoch, Batch: inquiry.Batch{Changed: rows}}))
	}
	store(row("a", inquiry.StateAssigned, "mia"), row("b", inquiry.StateAssigned, "tom"), row("c", inquiry.StateClosed, "mia"), offered, dueless)
	find := func(owner inquiry.OwnerID, limit int, states ...inquiry.State) ([]inquiry.Inquiry, error) {
		return s.Find(t.Context(), inquiry.Query{Pool: "support", Owner: owner, States: states, Limit: limit})
	}
	live := []inquiry.State{inquiry.StateOffered, inquiry.StateAssigned, inquiry.StatePending}
	t.Run("H1 what is whole is found", func(t *testing.T) {
		for limit, want := range map[int]int{0: 3, 1: 1, 3: 3, 4: 3} {
			found, err := find("mia", limit, live...)
			require.NoError(t, err)
			require.Len(t, found, want)
		}
		found, err := find("mia", 0)
		require.NoError(t, err)
		require.Len(t, found, 4)
		found, err = find("zoe", 0)
		require.NoError(t, err)
		require.Empty(t, found)
	})
	unindexed(t, s.Pool(), cfg.Schema, "inquiries_owner_live", func() { store(row("d", inquiry.StateAssigned, "mia"), row("e", inquiry.StateAssigned, "zoe")) })
	t.Run("H1 no worklist is served of which an index has lost something", func(t *testing.T) {
		_, err := find("mia", 0, live...)
		require.ErrorIs(t, err, adapters.ErrDamaged)
		require.ErrorContains(t, err, `owner "mia" has 2 that are due, and an index leads to 1 of them`)
		_, err = find("mia", 0)
		require.ErrorContains(t, err, `owner "mia" has 3 that are due, and an index leads to 2 of them`)
		_, err = find("zoe", 0, live...)
		require.ErrorIs(t, err, adapters.ErrDamaged)
		_, err = find("tom", 0, live...)
		require.NoError(t, err)
	})
}

// TestWhereAnIndexLeads has inquiries come in another order than what they say, and twice.
func TestWhereAnIndexLeads(t *testing.T) {
	t.Parallel()
	cfg := postgres.Config{Schema: schema(t)}
	s := open(t, cfg)
	epoch := lead(t, s, adapters.Claim{Node: "a", For: time.Hour}).Epoch
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	var rows []inquiry.Row
	for i := range 3 {
		rows = append(rows, inquiry.Row{Pool: "support", ID: inquiry.NewID(), Version: 1, State: inquiry.StateQueued, Due: at.Add(time.Duration(i) * time.Second)})
	}
	require.NoError(t, s.Append(t.Context(), adapters.Commit{Pool: "support", Epoch: epoch, Batch: inquiry.Batch{Changed: rows}}))
	refuses := func(q inquiry.Query) {
		t.Helper()
		q.Pool = "support"
		_, err := s.Find(t.Context(), q)
		require.ErrorIs(t, err, adapters.ErrDamaged)
		require.ErrorContains(t, err, "an index by which it was found does not agree with it")
	}
	table := cfg.Schema + ".answerable_inquiries"
	exec(t, s.Pool(), "UPDATE "+table+" SET due = due - interval '1 minute' WHERE id = $1::uuid", rows[2].ID.String())
	refuses(inquiry.Query{Sort: inquiry.ByDue})
	unindexed(t, s.Pool(), cfg.Schema, "inquiries_pkey", func() { exec(t, s.Pool(), "INSERT INTO "+table+" SELECT * FROM "+table) })
	refuses(inquiry.Query{States: []inquiry.State{inquiry.StateQueued}})
}

// TestWhatRecoveryHasLost has marks and effects stored of which their index does not
// learn.
func TestWhatRecoveryHasLost(t *testing.T) {
	t.Parallel()
	for index, c := range map[string]struct{ kind, more string }{
		"marks_pkey": {"mark", "INSERT INTO ~marks (pool, key, value, sum) SELECT pool, key || '2', value, sum FROM ~marks WHERE pool = 'support'"},
		"outbox_pool_id_key": {"effect", `INSERT INTO ~outbox (pool, id, seq, topic, inquiry, owner, effect, sum)
			SELECT pool, gen_random_uuid(), seq, topic, inquiry, owner, effect, sum FROM ~outbox WHERE pool = 'support'`},
	} {
		t.Run("H1 no pool is recovered of which an index has lost something: "+c.kind, func(t *testing.T) {
			t.Parallel()
			cfg := postgres.Config{Schema: schema(t)}
			s := open(t, cfg)
			for _, pool := range []string{"other", "support"} {
				term, err := s.Lead(t.Context(), adapters.Claim{Pool: pool, Node: "a", Format: inquiry.Format, For: time.Hour})
				require.NoError(t, err)
				require.NoError(t, s.Append(t.Context(), adapters.Commit{Pool: pool, Epoch: term.Epoch, Batch: inquiry.Batch{
					Marks:   []inquiry.Mark{{Key: "cursor/a", Value: []byte("7")}},
					Effects: []inquiry.Effect{{ID: inquiry.DeriveID("a"), Seq: 1, Topic: inquiry.TellOffer, Owner: "zoe"}},
				}}))
				rec, err := s.Recover(t.Context(), pool)
				require.NoError(t, err)
				require.Len(t, rec.Marks, 1)
				require.Len(t, rec.Effects, 1)
			}
			unindexed(t, s.Pool(), cfg.Schema, index, func() {
				exec(t, s.Pool(), strings.ReplaceAll(c.more, "~", cfg.Schema+".answerable_"))
			})
			_, err := s.Recover(t.Context(), "support")
			require.ErrorIs(t, err, adapters.ErrDamaged)
			require.ErrorContains(t, err, `pool "support", `+c.kind)
			require.ErrorContains(t, err, "there are 2, and an index leads to 1 of them")
			_, err = s.Recover(t.Context(), "other")
			require.NoError(t, err, "H7")
		})
	}
}

// TestWhatBecameOurs has a message come in as the customer's and be called our own
// later. The server counts how often somebody reads a table from end to end.
func TestWhatBecameOurs(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	cfg := postgres.Config{Schema: schema(t), Quiet: true}
	settings, err := pgxpool.ParseConfig(dsn(t))
	require.NoError(t, err)
	settings.MaxConns = 1 // what a connection has counted it alone can hand in at once
	p, err := pgxpool.NewWithConfig(ctx, settings)
	require.NoError(t, err)
	defer p.Close()
	s, err := postgres.New(ctx, p, cfg)
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	scans := func() int64 {
		exec(t, p, "SELECT pg_stat_force_next_flush()")
		return get[int64](t, p, "SELECT seq_scan FROM pg_stat_all_tables WHERE schemaname = $1 AND relname = 'answerable_messages'", cfg.Schema)
	}
	turned, lacking, moved, other := inquiry.DeriveID("turned"), inquiry.DeriveID("lacking"), inquiry.DeriveID("moved"), inquiry.DeriveID("other")
	atOnce := inquiry.DeriveID("at once")
	message := func(of inquiry.ID, name string, revision int, d inquiry.Direction) inquiry.Message {
		return inquiry.Message{Pool: "support", ID: inquiry.DeriveID(name), Inquiry: of, Revision: revision, Direction: d, Text: name}
	}
	epoch := lead(t, s, adapters.Claim{Node: "a", For: time.Hour}).Epoch
	edit := func(b inquiry.Batch) {
		require.NoError(t, s.Append(ctx, adapters.Commit{Pool: "support", Epoch: epoch, Batch: b}))
	}
	rows := []inquiry.Row{
		{Pool: "support", ID: turned, Version: 1, State: inquiry.StateQueued, Inbound: 3},
		{Pool: "support", ID: moved, Version: 1, State: inquiry.StateQueued, Inbound: 1},
		{Pool: "support", ID: other, Version: 1, State: inquiry.StateQueued},
		{Pool: "support", ID: atOnce, Version: 1, State: inquiry.StateQueued, Inbound: 3},
	}
	edit(inquiry.Batch{Changed: rows, Messages: []inquiry.Message{
		message(turned, "first", 1, inquiry.FromCustomer), message(turned, "second", 1, inquiry.FromCustomer), message(turned, "third", 1, inquiry.FromCustomer),
		message(moved, "fourth", 1, inquiry.FromCustomer),
	}})
	edit(inquiry.Batch{Messages: []inquiry.Message{
		message(turned, "first", 2, inquiry.FromUs), message(turned, "second", 2, inquiry.FromUs), message(other, "fourth", 2, inquiry.FromUs),
	}})
	edit(inquiry.Batch{Messages: []inquiry.Message{message(turned, "second", 3, inquiry.FromCustomer)}})
	edit(inquiry.Batch{Messages: []inquiry.Message{ // of one commit each
		message(atOnce, "fifth", 1, inquiry.FromCustomer), message(atOnce, "sixth", 1, ""), message(atOnce, "seventh", 1, inquiry.FromCustomer),
		message(atOnce, "fifth", 2, inquiry.FromUs), message(atOnce, "seventh", 2, inquiry.FromUs), message(atOnce, "sixth", 2, inquiry.FromCustomer),
		message(atOnce, "seventh", 3, inquiry.FromCustomer), message(atOnce, "seventh", 2, inquiry.FromUs),
	}})
	// A split takes one of its own with it, and both rows say so.
	from, off := inquiry.DeriveID("from"), inquiry.DeriveID("off")
	edit(inquiry.Batch{
		Changed:  []inquiry.Row{{Pool: "support", ID: from, Version: 1, State: inquiry.StateQueued, Inbound: 2}},
		Messages: []inquiry.Message{message(from, "eighth", 1, inquiry.FromCustomer), message(from, "ninth", 1, inquiry.FromCustomer)},
	})
	edit(inquiry.Batch{Messages: []inquiry.Message{message(from, "eighth", 2, inquiry.FromUs)}})
	edit(inquiry.Batch{
		Changed: []inquiry.Row{
			{Pool: "support", ID: from, Version: 2, State: inquiry.StateQueued, Inbound: 1},
			{Pool: "support", ID: off, Version: 1, State: inquiry.StateQueued, Inbound: 1},
		},
		Messages: []inquiry.Message{message(off, "eighth", 2, inquiry.FromUs)},
	})
	before := scans()
	t.Run("A6 a message that became ours has nobody go through all that there are", func(t *testing.T) {
		for id, want := range map[inquiry.ID]int{turned: 3, moved: 0, other: 1, atOnce: 3, from: 1, off: 1} {
			messages, err := s.Messages(ctx, "support", id)
			require.NoError(t, err)
			require.Len(t, messages, want)
		}
		rec, err := s.Recover(ctx, "support")
		require.NoError(t, err)
		require.Len(t, rec.Messages, 5)
		require.Equal(t, before, scans())
	})
	t.Run("H1 a check finds nothing wrong with what became ours", func(t *testing.T) {
		_, err := s.Check(ctx, "support", func(e *adapters.DamageError) { t.Error(e) })
		require.NoError(t, err)
	})
	t.Run("A6 revisions of one commit leave what they would leave one after the other", func(t *testing.T) {
		messages, err := s.Messages(ctx, "support", atOnce)
		require.NoError(t, err)
		require.Equal(t, []inquiry.Message{
			message(atOnce, "fifth", 2, inquiry.FromUs), message(atOnce, "sixth", 2, inquiry.FromCustomer), message(atOnce, "seventh", 3, inquiry.FromCustomer),
		}, messages)
	})
	t.Run("H1 one that is not there has them all gone through, when it is looked for and when a leader recovers", func(t *testing.T) {
		edit(inquiry.Batch{Changed: []inquiry.Row{{Pool: "support", ID: lacking, Version: 1, State: inquiry.StateQueued, Inbound: 1}}})
		_, err := s.Messages(ctx, "support", lacking)
		require.NoError(t, err)
		require.Equal(t, before+1, scans())
		_, err = s.Recover(ctx, "support")
		require.NoError(t, err)
		require.Equal(t, before+2, scans())
	})
	t.Run("A6 one that became ours before that was counted has them gone through once", func(t *testing.T) {
		exec(t, p, "UPDATE "+cfg.Schema+".answerable_inquiries SET turned = 0 WHERE id = $1", turned.String())
		before := scans()
		for range 3 {
			messages, err := s.Messages(ctx, "support", turned)
			require.NoError(t, err)
			require.Len(t, messages, 3)
			require.Equal(t, before+1, scans())
		}
	})
}

// TestDamagedTerm changes a term as a fault of the hardware would.
func TestDamagedTerm(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]string{
		"that ends in a hundred years": "until = until + interval '100 years'",
		"that has ended":               "until = until - interval '100 years'",
		"of another node":              "node = 'c'",
		"of an older epoch":            "epoch = epoch - 1",
		"of a newer format":            "format = format + 64",
		"whose journal is shorter":     "head = head - 1",
		"whose checksum is another":    "sum = sum + 1",
		"that is another pool's":       "pool = 'rupport'",
	} {
		t.Run("H4 nobody leads, appends or recovers by a term "+name, func(t *testing.T) {
			t.Parallel()
			cfg := postgres.Config{Schema: schema(t)}
			s := open(t, cfg)
			lead(t, s, adapters.Claim{Node: "other", For: time.Millisecond})
			lead(t, s, adapters.Claim{Node: "other"})
			term := lead(t, s, adapters.Claim{Node: "a", For: time.Hour})
			require.True(t, term.Granted)
			require.NoError(t, appendOne(t.Context(), s, term.Epoch, 0, "mia"))
			require.NoError(t, appendOne(t.Context(), s, term.Epoch, 1, "mia"))
			exec(t, s.Pool(), strings.ReplaceAll("ALTER TABLE ~ DISABLE TRIGGER USER; UPDATE ~ SET "+damage+"; ALTER TABLE ~ ENABLE TRIGGER USER", "~", cfg.Schema+".answerable_terms"))

			journal := func() error {
				for _, err := range s.Journal(t.Context(), "support", 0) {
					if err != nil {
						return err
					}
				}
				return nil
			}
			claim := func(c adapters.Claim) error {
				c.Pool, c.Format = "support", inquiry.Format
				_, err := s.Lead(t.Context(), c)
				return err
			}
			marks := inquiry.Batch{Marks: []inquiry.Mark{{Key: "k", Value: []byte("v")}}}
			_, recovered := s.Recover(t.Context(), "support")
			for what, err := range map[string]error{
				"renew":     claim(adapters.Claim{Node: "a", Epoch: term.Epoch, For: time.Hour}),
				"claim":     claim(adapters.Claim{Node: "b", For: time.Hour}),
				"give back": claim(adapters.Claim{Node: "a", Epoch: term.Epoch}),
				"recover":   recovered,
				"journal":   journal(),
			} {
				if what == "give back" && strings.Contains(name, "another pool") {
					require.NoError(t, err, "one leads nothing")
					continue
				}
				require.ErrorIs(t, err, adapters.ErrDamaged, what)
				require.ErrorContains(t, err, `pool "support", term`, what)
			}
			for what, c := range map[string]adapters.Commit{
				"events": {Pool: "support", Epoch: term.Epoch, Head: 2, Batch: inquiry.Batch{Events: []inquiry.Event{event(3, "mia")}}},
				"marks":  {Pool: "support", Epoch: term.Epoch, Head: 2, Batch: marks},
				"older":  {Pool: "support", Epoch: term.Epoch - 1, Head: 2, Batch: marks},
			} {
				err := s.Append(t.Context(), c)
				require.True(t, errors.Is(err, adapters.ErrDamaged) || errors.Is(err, adapters.ErrStale), "%s: %v", what, err)
			}
			var found []string
			_, err := s.Check(t.Context(), "support", func(e *adapters.DamageError) { found = append(found, e.Kind) })
			require.NoError(t, err)
			require.Contains(t, found, "term")
			if strings.Contains(name, "another pool") {
				_, err := s.Lead(t.Context(), adapters.Claim{Pool: "rupport", Node: "a", Epoch: term.Epoch, Format: inquiry.Format, For: time.Hour})
				require.ErrorIs(t, err, adapters.ErrDamaged, "nor the other pool by it")
			}
		})
	}
}
