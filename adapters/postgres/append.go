package postgres

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/record"
	"github.com/answerable-go/answerable/inquiry"
)

// Append keeps a commit whole or not at all, in one round trip: the fence and
// one statement for each table that changes go out together and are one
// transaction. Its errors are those of [adapters.Store]; a commit that makes no
// sense, such as events with a gap, fails with an error of none of these kinds,
// and trying it again is no use.
func (s *Store) Append(ctx context.Context, c adapters.Commit) error {
	const doing = "append"
	if err := s.ready(ctx, doing); err != nil {
		return err
	}
	w, err := record.Prepared(s, &c, s.encode)
	if err != nil {
		return fmt.Errorf("postgres: append to pool %q: %w", c.Pool, err)
	}
	end := tip{head: c.Head + uint64(len(c.Events))}
	var hashes [][]byte
	if len(c.Events) > 0 {
		before, err := s.hashAt(ctx, c.Pool, c.Head)
		if err != nil {
			return err
		}
		hashes, end.hash = chain(w.events, before)
	}
	err = s.write(ctx, doing, func(b *pgx.Batch) {
		b.Queue(s.sql.fence, clean(c.Pool), int64(c.Epoch), int64(c.Head), int64(end.head))
		if len(c.Events) > 0 {
			b.Queue(s.sql.journal, append(slices.Clip(w.journal), hashes)...)
		} else { // the fence changes no term, which would have it looked at
			b.Queue(s.sql.sound, clean(c.Pool))
		}
		for _, st := range w.rest {
			b.Queue(st.sql, st.args...)
		}
	})
	if err != nil {
		return err
	}
	if len(c.Events) > 0 {
		s.chains.set(c.Pool, end)
		s.bell.ring(c.Pool)
	}
	return nil
}

// Prepare encodes a commit for its Append: see [adapters.Preparer].
func (s *Store) Prepare(c adapters.Commit) any { return record.Prepare(s, c, s.encode) }

// written is a commit as it is written.
type written struct {
	events  []string // as JSON
	journal []any    // what its statement is given, up to the hashes
	rest    []statement
}

// statement is one of a commit's, with what it is given.
type statement struct {
	sql  string
	args []any
}

// encode does what of an Append needs no look at the database. What it returns is only
// read afterwards.
func (s *Store) encode(c *adapters.Commit) (*written, error) {
	events, err := checkEvents(c)
	if err != nil {
		return nil, err
	}
	pool := clean(c.Pool)
	w := &written{events: events, journal: append([]any{pool}, eventLists(c, events)...)}
	add := func(sql string, args ...any) { w.rest = append(w.rest, statement{sql, append([]any{pool}, args...)}) }
	for _, part := range []func(*adapters.Commit, func(string, ...any), *statements) error{
		addInquiries, addDetails, addMessages, addOutcomes, addEffects, addMarks,
	} {
		if err := part(c, add, &s.sql); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// checkEvents makes sure that events follow each other, and makes their JSON.
func checkEvents(c *adapters.Commit) ([]string, error) {
	for i := range c.Events {
		e := &c.Events[i]
		if want := c.Head + uint64(i) + 1; e.Seq != want {
			return nil, fmt.Errorf("malformed commit: event %d has position %d in the journal, want %d: they follow the head without a gap", i, e.Seq, want)
		}
		if e.Pool != c.Pool {
			return nil, fmt.Errorf("malformed commit: event %d belongs to pool %q", e.Seq, e.Pool)
		}
	}
	texts := make([]string, len(c.Events))
	return texts, spread(len(texts), func(i int) (err error) {
		texts[i], err = record.Event(&c.Events[i])
		return err
	})
}

// eventLists are the columns of events, but for the hashes.
func eventLists(c *adapters.Commit, event []string) []any {
	n := len(c.Events)
	var (
		seq, version       = make([]int64, n), make([]int64, n)
		inquiries, causes  = make([]pgtype.UUID, n), make([]pgtype.UUID, n)
		kind, owner, actor = make([]string, n), make([]string, n), make([]string, n)
		at, recorded       = make([]pgtype.Timestamptz, n), make([]pgtype.Timestamptz, n)
	)
	for i := range c.Events {
		e := &c.Events[i]
		seq[i], version[i] = int64(e.Seq), int64(e.Version)
		inquiries[i], kind[i], owner[i], actor[i] = uuidOf(e.Inquiry), clean(string(e.Kind)), clean(string(e.Owner)), clean(e.Actor)
		at[i], recorded[i], causes[i] = instantOf(e.At), instantOf(e.RecordedAt), uuidOf(e.Cause)
	}
	return []any{seq, inquiries, version, kind, owner, actor, at, recorded, causes, event}
}

// chain returns the hashes of events that follow one, and the last of them.
func chain(events []string, before inquiry.Hash) (hashes [][]byte, last inquiry.Hash) {
	hashes = make([][]byte, len(events))
	for i, e := range events {
		before = before.Then([]byte(e))
		hashes[i] = slices.Clone(before[:])
	}
	return hashes, before
}

// texts6 are six columns of n texts.
func texts6(n int) (a, b, c, d, e, f []string) {
	all := make([]string, 6*n)
	cut := func(i int) []string { return all[i*n : (i+1)*n : (i+1)*n] }
	return cut(0), cut(1), cut(2), cut(3), cut(4), cut(5)
}

// lastOf drops the elements for whose key another follows: one statement may
// write a row only once.
func lastOf[T any, K comparable](list []T, key func(*T) K) []*T {
	at := make(map[K]int, len(list))
	kept := make([]*T, 0, len(list))
	for i := range list {
		k := key(&list[i])
		if j, ok := at[k]; ok {
			kept[j] = &list[i]
			continue
		}
		at[k] = len(kept)
		kept = append(kept, &list[i])
	}
	return kept
}

func addInquiries(c *adapters.Commit, add func(string, ...any), sql *statements) error {
	changed := lastOf(c.Changed, func(r *inquiry.Row) inquiry.ID { return r.ID })
	n := len(changed)
	if n == 0 {
		return nil
	}
	var (
		version, priority, nanos                     = make([]int64, n), make([]int64, n), make([]int64, n)
		sum                                          = make([]int64, n)
		stranded                                     = make([]bool, n)
		ids                                          = make([]pgtype.UUID, n)
		due, opened                                  = make([]pgtype.Timestamptz, n), make([]pgtype.Timestamptz, n)
		state, owner, department, rule, channel, row = texts6(n)

		offered                 []pgtype.UUID
		offeredTo               []string
		offeredAt, offeredUntil []pgtype.Timestamptz
	)
	err := spread(n, func(i int) (err error) {
		if row[i], err = record.JSON(changed[i]); err != nil {
			return fmt.Errorf("inquiry %s: %w", changed[i].ID, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, r := range changed {
		if r.Pool != c.Pool {
			return fmt.Errorf("malformed commit: inquiry %s belongs to pool %q", r.ID, r.Pool)
		}
		version[i], priority[i], stranded[i] = int64(r.Version), int64(r.Priority), r.Stranded
		ids[i], state[i], owner[i], department[i] = uuidOf(r.ID), clean(string(r.State)), clean(string(r.Owner)), clean(r.Department)
		due[i], nanos[i] = instantOf(r.Due), nanosOf(r.Due)
		rule[i], channel[i], opened[i] = clean(r.Rule), clean(r.Channel), instantOf(r.OpenedAt)
		sum[i] = record.Sum("inquiry", clean(c.Pool), r.ID.String(), row[i])
		for _, o := range lastOf(r.Offers, func(o *inquiry.Offer) inquiry.OwnerID { return o.Owner }) {
			offered, offeredTo = append(offered, ids[i]), append(offeredTo, clean(string(o.Owner)))
			offeredAt, offeredUntil = append(offeredAt, instantOf(o.At)), append(offeredUntil, instantOf(o.Expires))
		}
	}
	add(sql.inquiries, ids, version, state, priority, owner, department, due, nanos, stranded, rule, channel, opened, row, sum)
	add(sql.withdraw, ids)
	if len(offered) > 0 {
		add(sql.offers, offered, offeredTo, offeredAt, offeredUntil)
	}
	return nil
}

func addDetails(c *adapters.Commit, add func(string, ...any), sql *statements) error {
	details := lastOf(c.Details, func(d *inquiry.Details) inquiry.ID { return d.ID })
	n := len(details)
	if n == 0 {
		return nil
	}
	var (
		ids                                       = make([]pgtype.UUID, n)
		kind, labels, audiences, language, all, _ = texts6(n)
		reach, sum                                = make([]int64, n), make([]int64, n)

		label    []string
		labelled []pgtype.UUID
	)
	for i, d := range details {
		var err error
		fail := func(err error) error { return fmt.Errorf("details of %s: %w", d.ID, err) }
		if labels[i], err = listText(d.Labels); err != nil {
			return fail(err)
		}
		if audiences[i], err = listText(d.Audiences); err != nil {
			return fail(err)
		}
		if all[i], err = record.Details(d); err != nil {
			return err
		}
		ids[i], reach[i], kind[i], language[i] = uuidOf(d.ID), d.Reach, clean(string(d.Kind)), clean(d.Language)
		sum[i] = record.Sum("details", clean(c.Pool), d.ID.String(), all[i])
		for _, l := range d.Labels {
			label, labelled = append(label, clean(l)), append(labelled, ids[i])
		}
	}
	add(sql.unlabel, ids)
	add(sql.details, ids, kind, labels, audiences, language, reach, all, sum)
	if len(label) > 0 {
		add(sql.labels, label, labelled)
	}
	return nil
}

// inTurn are the messages of a commit in lists to be stored one after the other,
// for one statement may write a row only once: each message at its first place, and
// whatever it became later. A revision that only says something else takes the place
// of the one before; one by which a message changes sides or inquiries follows it,
// because the database counts what became ours by seeing it change.
func inTurn(messages []inquiry.Message) (lists [][]*inquiry.Message) {
	type place struct{ list, at int }
	last := make(map[inquiry.ID]place, len(messages))
	for i := range messages {
		m := &messages[i]
		list := 0
		if p, ok := last[m.ID]; ok {
			before := lists[p.list][p.at]
			switch {
			case m.Revision < before.Revision:
				continue
			case m.Inquiry == before.Inquiry && (m.Direction == inquiry.FromUs) == (before.Direction == inquiry.FromUs):
				lists[p.list][p.at] = m
				continue
			}
			list = p.list + 1
		}
		if list == len(lists) {
			lists = append(lists, make([]*inquiry.Message, 0, len(messages)-i))
		}
		last[m.ID] = place{list, len(lists[list])}
		lists[list] = append(lists[list], m)
	}
	return lists
}

func addMessages(c *adapters.Commit, add func(string, ...any), sql *statements) error {
	for _, list := range inTurn(c.Messages) {
		if err := addEach(clean(c.Pool), list, add, sql); err != nil {
			return err
		}
	}
	return nil
}

// addEach stores messages of which none is there twice.
func addEach(pool string, messages []*inquiry.Message, add func(string, ...any), sql *statements) error {
	n := len(messages)
	var (
		ids, inquiries                                   = make([]pgtype.UUID, n), make([]pgtype.UUID, n)
		source, direction, channel, account, digest, all = texts6(n)
		at                                               = make([]pgtype.Timestamptz, n)
		revision, sum, ref                               = make([]int64, n), make([]int64, n), make([]int64, n)
	)
	for i, m := range messages {
		var err error
		if all[i], err = record.Message(m); err != nil {
			return err
		}
		ids[i], inquiries[i], revision[i] = uuidOf(m.ID), uuidOf(m.Inquiry), int64(m.Revision)
		source[i], direction[i], channel[i], account[i] = clean(m.Source), clean(string(m.Direction)), clean(m.Channel), clean(m.Account)
		at[i], digest[i] = instantOf(m.At), clean(m.Digest)
		sum[i] = record.Sum("message", pool, m.ID.String(), all[i])
		ref[i] = record.RefSum(pool, m.Ref(), direction[i])
	}
	add(sql.messages, ids, inquiries, source, revision, direction, channel, account, at, digest, all, sum, ref)
	return nil
}

func addOutcomes(c *adapters.Commit, add func(string, ...any), sql *statements) error {
	n := len(c.Outcomes)
	if n > 0 {
		inputs, inquiries, refused, detail := make([]pgtype.UUID, n), make([]pgtype.UUID, n), make([]string, n), make([]string, n)
		seq, sum := make([]int64, n), make([]int64, n)
		for i := range c.Outcomes {
			o := c.Outcomes[i]
			o.Refused, o.Detail = inquiry.Refusal(clean(string(o.Refused))), clean(o.Detail)
			inputs[i], inquiries[i] = uuidOf(o.Input), uuidOf(o.Inquiry)
			refused[i], detail[i], seq[i], sum[i] = string(o.Refused), o.Detail, int64(o.Seq), record.OutcomeSum(clean(c.Pool), &o)
		}
		add(sql.outcomes, inputs, inquiries, refused, detail, seq, sum)
	}
	if len(c.Done) > 0 {
		add(sql.done, uuidsOf(c.Done))
	}
	return nil
}

// addEffects writes new ones first: a later step of the same batch may have
// settled what an earlier one asked for.
func addEffects(c *adapters.Commit, add func(string, ...any), sql *statements) error {
	effects := lastOf(c.Effects, func(e *inquiry.Effect) inquiry.ID { return e.ID })
	if n := len(effects); n > 0 {
		ids, inquiries := make([]pgtype.UUID, n), make([]pgtype.UUID, n)
		topic, owner, effect := make([]string, n), make([]string, n), make([]string, n)
		seq, sum := make([]int64, n), make([]int64, n)
		for i, e := range effects {
			var err error
			if effect[i], err = record.JSON(e); err != nil {
				return fmt.Errorf("effect %s: %w", e.ID, err)
			}
			ids[i], topic[i], inquiries[i] = uuidOf(e.ID), clean(string(e.Topic)), uuidOf(e.Inquiry)
			owner[i], seq[i] = clean(string(e.Owner)), int64(e.Seq)
			sum[i] = record.Sum("effect", clean(c.Pool), e.ID.String(), effect[i])
		}
		add(sql.effects, ids, seq, topic, inquiries, owner, effect, sum)
	}
	if len(c.Settled) > 0 {
		add(sql.settled, uuidsOf(c.Settled))
	}
	return nil
}

func addMarks(c *adapters.Commit, add func(string, ...any), sql *statements) error {
	var gone, keys, values []string
	var binary []bool
	var sums []int64
	for _, m := range lastOf(c.Marks, func(m *inquiry.Mark) string { return clean(m.Key) }) {
		if m.Value != nil {
			sums = append(sums, record.Sum("mark", clean(c.Pool), clean(m.Key), string(m.Value)))
		}
		switch {
		case m.Value == nil:
			gone = append(gone, clean(m.Key))
		case storable(string(m.Value)):
			keys, values, binary = append(keys, clean(m.Key)), append(values, string(m.Value)), append(binary, false)
		default:
			keys, values, binary = append(keys, clean(m.Key)), append(values, hex.EncodeToString(m.Value)), append(binary, true)
		}
	}
	if len(gone) > 0 {
		add(sql.unmark, gone)
	}
	if len(keys) > 0 {
		add(sql.marks, keys, values, binary, sums)
	}
	return nil
}
