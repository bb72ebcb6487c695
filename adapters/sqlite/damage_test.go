package sqlite

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/record"
	"github.com/answerable-go/answerable/inquiry"
)

// filled is a store in which a pool has a journal and something of everything.
func filled(tb testing.TB, n int) *Store {
	tb.Helper()
	s := opened(tb, Config{})
	term := led(tb, s, "support")
	b := day("support", 0, n)
	for i := range b.Changed { // some of each kind of row
		switch i % 3 {
		case 0:
			b.Changed[i].State = inquiry.StateOffered
			b.Changed[i].Owner = ""
			b.Changed[i].Offers = []inquiry.Offer{{Owner: "mia", At: benchStart, Expires: benchStart.Add(time.Minute), Cost: 1}}
		case 1:
			b.Changed[i].State = inquiry.StateAssigned
			b.Changed[i].Owner = "tom"
		}
	}
	b.Effects = nil
	for i := range 5 {
		b.Effects = append(b.Effects, inquiry.Effect{ID: inquiry.NewID(), Pool: "support", Seq: uint64(i + 1), Topic: inquiry.TellOffer, Owner: "mia", At: benchStart})
	}
	b.Settled, b.Done = nil, nil
	b.Marks = append(b.Marks, inquiry.Mark{Key: "cursor/mail", Value: []byte("uid/7")}, inquiry.Mark{Key: "cursor/raw", Value: []byte{0, 0xff}})
	require.NoError(tb, s.Append(tb.Context(), adapters.Commit{Pool: "support", Epoch: term.Epoch, Batch: b}))
	for i := range 5 {
		in := inquiry.Input{ID: inquiry.InputID("support", fmt.Sprint(i)), By: "mia", Do: inquiry.Heartbeat{Owners: []inquiry.OwnerID{"mia"}}}
		require.NoError(tb, s.Put(tb.Context(), "support", in))
	}
	return s
}

// served is all that a store serves of a pool, up to its first error in each way
// of asking.
type served struct {
	events   []inquiry.Event
	recovery adapters.Recovery
	found    []inquiry.Inquiry
	messages map[inquiry.ID][]inquiry.Message
	pending  []inquiry.Input
	outcomes []inquiry.Outcome
	refs     []adapters.MessageRef
	errs     []error
}

func serves(ctx context.Context, s *Store, ids, inputs, messages []inquiry.ID) (v served) {
	note := func(err error) {
		if err != nil {
			v.errs = append(v.errs, err)
		}
	}
	for e, err := range s.Journal(ctx, "support", 0) {
		if err != nil {
			note(err)
			break
		}
		v.events = append(v.events, e)
	}
	var err error
	v.recovery, err = s.Recover(ctx, "support")
	note(err)
	v.found, err = s.Find(ctx, inquiry.Query{Pool: "support", Limit: 10_000})
	note(err)
	v.messages = map[inquiry.ID][]inquiry.Message{}
	for _, id := range ids {
		m, err := s.Messages(ctx, "support", id)
		note(err)
		if err == nil {
			v.messages[id] = m
		}
	}
	v.pending, err = s.Pending(ctx, "support", 1000)
	note(err)
	v.outcomes, err = s.Outcomes(ctx, "support", inputs...)
	note(err)
	v.refs, err = s.MessageRefs(ctx, "support", messages...)
	note(err)
	return v
}

func TestDamage(t *testing.T) {
	t.Parallel()
	first := func(t *testing.T, s *Store, query string) string {
		t.Helper()
		var id string
		require.NoError(t, s.DB().QueryRowContext(t.Context(), query).Scan(&id))
		return id
	}
	journal := func(t *testing.T, s *Store) error {
		for _, err := range s.Journal(t.Context(), "support", 0) {
			if err != nil {
				return err
			}
		}
		return nil
	}
	recovers := func(t *testing.T, s *Store) error {
		_, err := s.Recover(t.Context(), "support")
		return err
	}
	finds := func(q inquiry.Query) func(*testing.T, *Store) error {
		q.Pool = "support"
		return func(t *testing.T, s *Store) error {
			_, err := s.Find(t.Context(), q)
			return err
		}
	}
	messages := func(t *testing.T, s *Store) error {
		id, err := inquiry.ParseID(first(t, s, "SELECT inquiry FROM answerable_messages ORDER BY n LIMIT 1"))
		require.NoError(t, err)
		_, err = s.Messages(t.Context(), "support", id)
		return err
	}
	refs := func(t *testing.T, s *Store) error {
		id, err := inquiry.ParseID(first(t, s, "SELECT min(id) FROM answerable_messages"))
		require.NoError(t, err)
		_, err = s.MessageRefs(t.Context(), "support", id)
		return err
	}
	retains := func(t *testing.T, s *Store) error {
		_, err := s.Retain(t.Context(), adapters.Retention{Pool: "support", Epoch: 1, Inquiries: time.Now()})
		return err
	}
	pending := func(t *testing.T, s *Store) error {
		_, err := s.Pending(t.Context(), "support", 10)
		return err
	}
	const one = " WHERE n = (SELECT min(n) FROM answerable_messages)"
	for _, c := range []struct {
		name, damage, kind string
		serve              func(*testing.T, *Store) error // that meets it; nil: only a check does
	}{
		{"an event that says something else", "UPDATE answerable_journal SET event = replace(event, 'mia', 'tom') WHERE seq = 5", "event 5", journal},
		{"an event that cannot be read", "UPDATE answerable_journal SET event = 'x' WHERE seq = 5", "event 5", journal},
		{"an event that is gone", "DELETE FROM answerable_journal WHERE seq = 5", "event 5", journal},
		{"events that changed places", "UPDATE answerable_journal SET event = (SELECT event FROM answerable_journal o WHERE o.seq = 11 - answerable_journal.seq) WHERE seq IN (5, 6)", "event 5", journal},
		{"a hash", "UPDATE answerable_journal SET hash = zeroblob(32) WHERE seq = 5", "event 5", journal},
		{"an event that was added", "INSERT INTO answerable_journal SELECT pool, seq + 1, inquiry, version, kind, owner, actor, at, recorded_at, cause, event, hash FROM answerable_journal ORDER BY seq DESC LIMIT 1", "event", recovers},
		{"a recent event, when the pool is recovered", "UPDATE answerable_journal SET event = replace(event, 'mia', 'tom') WHERE seq = 5", "event 5", recovers},
		{"a column of an event", "UPDATE answerable_journal SET owner = 'tom' WHERE seq = 5", "event 5", nil},
		{"a row", "UPDATE answerable_inquiries SET row = replace(row, 'email', 'chats')", "inquiry", recovers},
		{"a row that is searched for", "UPDATE answerable_inquiries SET row = replace(row, 'email', 'chats')", "inquiry", finds(inquiry.Query{})},
		{"a row's column by which it is found", "UPDATE answerable_inquiries SET owner = 'zoe' WHERE owner = 'tom'", "inquiry", finds(inquiry.Query{Owner: "zoe"})},
		{"a row's state", "UPDATE answerable_inquiries SET state = 'closed' WHERE owner = 'tom'", "inquiry", nil},
		{"a row's count of replies", "UPDATE answerable_inquiries SET replies = 1", "inquiry", nil},
		{"a row's count of what became ours", "UPDATE answerable_inquiries SET turned = 1", "inquiry", nil},
		{"a row's count of what became ours, below none", "UPDATE answerable_inquiries SET turned = -1", "inquiry", nil},
		{"an offer that nobody made", "UPDATE answerable_offers SET owner = 'zoe'", "inquiry", finds(inquiry.Query{Owner: "zoe"})},
		{"an offer that is gone", "DELETE FROM answerable_offers WHERE inquiry = (SELECT min(inquiry) FROM answerable_offers)", "inquiry", nil},
		{"an offer's instant", "UPDATE answerable_offers SET expires = at", "inquiry", nil},
		{"details", "UPDATE answerable_details SET details = replace(details, 'Zoë', 'Zoe')", "details", finds(inquiry.Query{})},
		{"a column of details", "UPDATE answerable_details SET language = 'fr'", "details", nil},
		{"a label that was not given", "INSERT INTO answerable_labels SELECT pool, 'spam', inquiry FROM answerable_labels LIMIT 1", "details", func(t *testing.T, s *Store) error {
			_, err := s.Find(t.Context(), inquiry.Query{Pool: "support", Label: "spam"})
			require.ErrorContains(t, err, "inquiry")
			return fmt.Errorf("details: %w", err)
		}},
		{"a label that is gone", "DELETE FROM answerable_labels WHERE inquiry = (SELECT min(inquiry) FROM answerable_labels)", "details", nil},
		{"a message", "UPDATE answerable_messages SET message = replace(message, 'twice', 'once')", "message", messages},
		{"a message's inquiry", "UPDATE answerable_messages SET inquiry = (SELECT max(id) FROM answerable_inquiries)" + one, "message", recovers},
		{"a message's revision", "UPDATE answerable_messages SET revision = 9", "message", messages},
		{"a message's revision, when it is asked where it is", "UPDATE answerable_messages SET revision = 9", "message", refs},
		{"a message's direction, when it is asked where it is", "UPDATE answerable_messages SET direction = 'outbound'", "message", refs},
		{"a column of a message", "UPDATE answerable_messages SET digest = 'x'" + one, "message", nil},
		{"an input", "UPDATE answerable_inbox SET input = replace(input, 'mia', 'tom')", "input", pending},
		{"an outcome", "UPDATE answerable_outcomes SET refused = 'too_late'", "outcome", func(t *testing.T, s *Store) error {
			id, err := inquiry.ParseID(first(t, s, "SELECT min(input) FROM answerable_outcomes"))
			require.NoError(t, err)
			_, err = s.Outcomes(t.Context(), "support", id)
			return err
		}},
		{"an effect", "UPDATE answerable_outbox SET effect = replace(effect, 'mia', 'tom')", "effect", recovers},
		{"the place of an effect", "UPDATE answerable_outbox SET seq = seq + 64 WHERE n = (SELECT min(n) FROM answerable_outbox)", "effect", recovers},
		{"a column of an effect", "UPDATE answerable_outbox SET owner = 'tom'", "effect", nil},
		{"a mark", "UPDATE answerable_marks SET value = 'uid/8' WHERE key = 'cursor/mail'", "mark cursor/mail", recovers},
		{"a mark's key", "UPDATE answerable_marks SET key = 'cursor/nail' WHERE key = 'cursor/mail'", "mark cursor/nail", recovers},
		{"a term", "UPDATE answerable_terms SET epoch = epoch - 1", "term", func(t *testing.T, s *Store) error {
			_, err := s.Lead(t.Context(), adapters.Claim{Pool: "support", Node: "other", Format: inquiry.Format, For: time.Minute})
			return err
		}},
		{"a term, at an append", "UPDATE answerable_terms SET until = '9999'", "term", func(t *testing.T, s *Store) error {
			return s.Append(t.Context(), adapters.Commit{Pool: "support", Epoch: 1, Head: 60})
		}},
		{"a term, when the pool is recovered", "UPDATE answerable_terms SET until = '9999'", "term", recovers},
		{"a term, when the journal is read", "UPDATE answerable_terms SET until = '9999'", "term", journal},
		{"a term, when something is let go of", "UPDATE answerable_terms SET until = '9999-12-31T00:00:00.000000000Z'", "term", retains},
		{"a mark that says what was let go of", "INSERT INTO answerable_marks (pool, key, value, sum) VALUES ('support', '" + adapters.RetainedKey + "', '{}', 7)", "mark", retains},
		{"a closing instant", "UPDATE answerable_inquiries SET state = 'closed', row = replace(replace(row, 'assigned', 'closed'), '2026', '2016') WHERE state = 'assigned'", "inquiry", retains},
		{"a term that is gone", "DELETE FROM answerable_terms", "term", recovers},
		{"a term that is gone, at a claim", "DELETE FROM answerable_terms", "term", func(t *testing.T, s *Store) error {
			_, err := s.Lead(t.Context(), adapters.Claim{Pool: "support", Node: "other", Format: inquiry.Format, For: time.Minute})
			return err
		}},
		{"the newest event", "DELETE FROM answerable_journal WHERE seq = 60", "event 60", journal},
		{"the newest event, when the pool is recovered", "DELETE FROM answerable_journal WHERE seq = 60", "event 60", recovers},
		{"the newest event, when the next is written", "DELETE FROM answerable_journal WHERE seq = 60", "event 60", func(t *testing.T, s *Store) error {
			return s.Append(t.Context(), adapters.Commit{Pool: "support", Epoch: 1, Head: 60, Batch: inquiry.Batch{Events: []inquiry.Event{{Format: 1, Pool: "support", Seq: 61, Kind: inquiry.Queued}}}})
		}},
	} {
		t.Run("H1 found by a check, and never served: "+c.name, func(t *testing.T) {
			t.Parallel()
			s := filled(t, 6)
			found := func() (found []string) {
				_, err := s.Check(t.Context(), "support", func(e *adapters.DamageError) { found = append(found, e.Error()) })
				require.NoError(t, err)
				return found
			}
			require.Empty(t, found())
			_, err := s.DB().ExecContext(t.Context(), c.damage)
			require.NoError(t, err)
			list := found()
			require.NotEmpty(t, list)
			require.Contains(t, list[0], `damaged: pool "support", `+c.kind)
			if c.name == "an event that says something else" {
				require.Len(t, list, 1, "what follows it is as it was written")
			}
			if c.serve != nil {
				err := c.serve(t, s)
				require.ErrorIs(t, err, adapters.ErrDamaged)
				require.NotErrorIs(t, err, adapters.ErrUnavailable, "trying again does not help")
				require.ErrorContains(t, err, c.kind)
			}
		})
	}
}

// A value of another kind than any that the store writes is told without it: it may be
// a customer's.
func TestDamagedColumn(t *testing.T) {
	t.Parallel()
	s := filled(t, 6)
	var id inquiry.ID
	require.NoError(t, s.DB().QueryRowContext(t.Context(), "SELECT min(input) FROM answerable_outcomes").Scan(idOf(&id)))
	_, err := s.DB().ExecContext(t.Context(), "UPDATE answerable_outcomes SET inquiry = 'Kim Doe'")
	require.NoError(t, err)
	_, err = s.Outcomes(t.Context(), "support", id)
	require.ErrorIs(t, err, adapters.ErrDamaged)
	require.NotErrorIs(t, err, adapters.ErrUnavailable)
	require.ErrorContains(t, err, `"inquiry" of a row`)
	require.NotContains(t, err.Error(), "Kim")
}

// TestFlippedBits flips single bits of a file, anywhere in it, and looks at all
// that the store then serves. Run more of them with
//
//	go test -run FlippedBits -flips 10000 -v -timeout 2h .
func TestFlippedBits(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := filled(t, 40)
	clean := filepath.Join(t.TempDir(), "clean.db")
	_, err := s.DB().ExecContext(ctx, "VACUUM INTO ?", clean)
	require.NoError(t, err)
	var ids, inputs, messages []inquiry.ID
	all, err := s.Find(ctx, inquiry.Query{Pool: "support", Limit: 1000})
	require.NoError(t, err)
	for _, in := range all {
		ids = append(ids, in.ID)
		list, err := s.Messages(ctx, "support", in.ID)
		require.NoError(t, err)
		for _, m := range list {
			messages = append(messages, m.ID)
		}
	}
	for e, err := range s.Journal(ctx, "support", 0) {
		require.NoError(t, err)
		inputs = append(inputs, e.Cause)
	}
	want := serves(ctx, s, ids, inputs, messages)
	require.Empty(t, want.errs)
	image, err := os.ReadFile(clean)
	require.NoError(t, err)

	var served, checked, unused, unseen int
	path := filepath.Join(t.TempDir(), "flipped.db")
	for n := range *Flips {
		rnd := rand.New(rand.NewPCG(2026, uint64(*From+n)))
		bit := rnd.IntN(8 * len(image))
		flipped := slices.Clone(image)
		flipped[bit/8] ^= 1 << (bit % 8)
		require.NoError(t, os.WriteFile(path, flipped, 0o600))
		wrong, met, found := looked(ctx, t, path, ids, inputs, messages, want)
		require.Empty(t, wrong, "H1 no wrong row is served: number %d, bit %d of byte %d, page %d", *From+n, bit%8, bit/8, bit/8/4096+1)
		switch {
		case met:
			served++
		case found:
			checked++
		case rewritten(ctx, t, path) == rewritten(ctx, t, clean):
			unused++ // the bit is part of nothing: without it the file says the same, byte for byte
		default:
			unseen++
			t.Logf("not found: number %d, bit %d of byte %d, page %d at %d", *From+n, bit%8, bit/8, bit/8/4096+1, bit/8%4096)
		}
	}
	used := *Flips - unused
	t.Logf("%d bits of a file of %d KiB, %d of them in its unused parts; of the others %d were met in reading, %d only by a check, %d by neither: %.2f %% found",
		*Flips, len(image)/1024, unused, served, checked, unseen, 100*float64(served+checked)/float64(used))
	require.Less(t, float64(unseen), 0.02*float64(used)+3, "H1 at least 98 of 100 flipped bits are found")
}

// rewritten is the digest of a file after SQLite has written all that it has in it
// to a new one.
func rewritten(ctx context.Context, t *testing.T, path string) [sha256.Size]byte {
	t.Helper()
	db, err := openDB(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	into := filepath.Join(t.TempDir(), "rewritten.db")
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", into)
	require.NoError(t, err)
	raw, err := os.ReadFile(into)
	require.NoError(t, err)
	return sha256.Sum256(raw)
}

// looked opens a file, reads all there is, and tells what of it is not what was
// written, whether reading met damage, and whether a check finds any.
func looked(ctx context.Context, t *testing.T, path string, ids, inputs, messages []inquiry.ID, want served) (wrong string, met, found bool) {
	t.Helper()
	for _, suffix := range []string{"-wal", "-shm"} {
		_ = os.Remove(path + suffix)
	}
	s, err := Open(ctx, path, Config{BusyTimeout: 100 * time.Millisecond})
	if err != nil {
		return "", true, true
	}
	defer func() { require.NoError(t, errors.Join(nil, ignore(s.Close()))) }()
	got := serves(ctx, s, ids, inputs, messages)
	_, err = s.Check(ctx, "support", func(*adapters.DamageError) { found = true })
	return unlike(got, want), len(got.errs) > 0, found || err != nil
}

// ignore is for closing what is broken.
func ignore(error) error { return nil }

// unlike says what a store served that is not what was written. That something is
// missing where an error says so is fine.
func unlike(got, want served) string {
	same := func(what string, got, want any) string {
		if !equal(got, want) {
			return fmt.Sprintf("%s: %+v", what, got)
		}
		return ""
	}
	excused := len(got.errs) > 0
	for i, e := range got.events {
		if w := same("event", e, want.events[i]); w != "" {
			return w
		}
	}
	if !excused && len(got.events) != len(want.events) {
		return "the journal ends early"
	}
	r := got.recovery
	if r.Head != 0 {
		if w := same("recovery", r, want.recovery); w != "" {
			return w
		}
	} else if !excused {
		return "nothing is recovered"
	}
	if !excused && len(got.pending) != len(want.pending) {
		return fmt.Sprintf("%d inputs of %d are listed", len(got.pending), len(want.pending))
	}
	return firstOf(
		within("inquiry", got.found, want.found, func(i inquiry.Inquiry) inquiry.ID { return i.ID }),
		within("input", got.pending, want.pending, func(i inquiry.Input) inquiry.ID { return i.ID }),
		within("outcome", got.outcomes, want.outcomes, func(o inquiry.Outcome) inquiry.ID { return o.Input }),
		within("message", got.refs, want.refs, func(m adapters.MessageRef) inquiry.ID { return m.ID }),
		alikeEach(got.messages, want.messages),
	)
}

func firstOf(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
}

func alikeEach(got, want map[inquiry.ID][]inquiry.Message) string {
	for id, list := range got {
		if !equal(list, want[id]) {
			return fmt.Sprintf("messages of %s: %+v", id, list)
		}
	}
	return ""
}

// within says what of a list is not in another one. That an index has lost
// something is for a check to find.
func within[T any](what string, got, want []T, key func(T) inquiry.ID) string {
	byID := map[inquiry.ID]T{}
	for _, w := range want {
		byID[key(w)] = w
	}
	for _, g := range got {
		if w, ok := byID[key(g)]; !ok || !equal(g, w) && !equal(g, bare(w)) {
			return fmt.Sprintf("%s: %+v", what, g)
		}
	}
	return ""
}

// bare is an inquiry whose details an index has lost.
func bare(v any) any {
	in, ok := v.(inquiry.Inquiry)
	if ok {
		in.Details = inquiry.Details{}
		return in
	}
	return v
}

func equal(a, b any) bool {
	x, errX := record.JSON(a)
	y, errY := record.JSON(b)
	return errX == nil && errY == nil && x == y
}
