package sqlite

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/record"
	"github.com/answerable-go/answerable/inquiry"
)

var (
	intoJournal = bulk{
		table:   "answerable_journal",
		columns: []string{"pool", "seq", "inquiry", "version", "kind", "owner", "actor", "at", "recorded_at", "cause", "event", "hash"},
	}
	intoInquiries = bulk{
		table: "answerable_inquiries",
		columns: []string{
			"pool", "id", "version", "state", "priority", "owner", "department", "due", "stranded",
			"rule", "channel", "opened_at", "row", "sum",
		},
		conflict: `ON CONFLICT (pool, id) DO UPDATE SET version = excluded.version, state = excluded.state,
			priority = excluded.priority, owner = excluded.owner, department = excluded.department, due = excluded.due,
			stranded = excluded.stranded, rule = excluded.rule, channel = excluded.channel,
			opened_at = excluded.opened_at, row = excluded.row, sum = excluded.sum`,
	}
	intoOffers = bulk{
		table:    "answerable_offers",
		columns:  []string{"pool", "inquiry", "owner", "at", "expires"},
		conflict: "ON CONFLICT (pool, inquiry, owner) DO UPDATE SET at = excluded.at, expires = excluded.expires",
	}
	intoDetails = bulk{
		table:   "answerable_details",
		columns: []string{"pool", "id", "kind", "labels", "audiences", "language", "reach", "details", "sum"},
		conflict: `ON CONFLICT (pool, id) DO UPDATE SET kind = excluded.kind, labels = excluded.labels,
			audiences = excluded.audiences, language = excluded.language, reach = excluded.reach,
			details = excluded.details, sum = excluded.sum`,
	}
	intoLabels = bulk{
		table:    "answerable_labels",
		columns:  []string{"pool", "label", "inquiry"},
		conflict: "ON CONFLICT DO NOTHING",
	}
	intoMessages = bulk{
		table: "answerable_messages",
		columns: []string{
			"pool", "id", "inquiry", "source", "revision", "direction", "channel", "account", "at", "digest", "message", "sum", "ref",
		},
		// n stays: an edit does not move a message. An older revision, come late, changes nothing.
		conflict: `ON CONFLICT (pool, id) DO UPDATE SET inquiry = excluded.inquiry, source = excluded.source,
			revision = excluded.revision, direction = excluded.direction, channel = excluded.channel, account = excluded.account,
			at = excluded.at, digest = excluded.digest, message = excluded.message, sum = excluded.sum, ref = excluded.ref
			WHERE excluded.revision >= answerable_messages.revision`,
	}
	intoOutcomes = bulk{
		table:    "answerable_outcomes",
		columns:  []string{"pool", "input", "inquiry", "refused", "detail", "seq", "sum"},
		conflict: "ON CONFLICT DO NOTHING", // the first answer stays
	}
	intoOutbox = bulk{
		table:   "answerable_outbox",
		columns: []string{"pool", "id", "seq", "topic", "inquiry", "owner", "effect", "sum"},
		conflict: `ON CONFLICT (pool, id) DO UPDATE SET seq = excluded.seq, topic = excluded.topic,
			inquiry = excluded.inquiry, owner = excluded.owner, effect = excluded.effect, sum = excluded.sum`,
	}
	intoMarks = bulk{
		table:    "answerable_marks",
		columns:  []string{"pool", "key", "value", "sum"},
		conflict: "ON CONFLICT (pool, key) DO UPDATE SET value = excluded.value, sum = excluded.sum",
	}
)

// Append keeps a commit whole or not at all. Its errors are those of
// [adapters.Store]; a commit that makes no sense, such as events with a gap,
// fails with an error of none of these kinds, and trying it again is no use.
func (s *Store) Append(ctx context.Context, c adapters.Commit) error {
	if err := s.ready(ctx, "append"); err != nil {
		return err
	}
	// Nobody else waits while JSON is made.
	made, err := record.Prepared(s, &c, encode)
	if err != nil {
		return fmt.Errorf("sqlite: append to pool %q: %w", c.Pool, err)
	}
	return s.write(ctx, "append", func(w *writer) error {
		b := *made
		var err error
		if b.chain, err = fence(w, &c); err != nil {
			return err
		}
		for _, write := range []func(context.Context, *writer) error{
			b.events, b.inquiries, b.details, b.messages, b.outcomes, b.effects, b.done, b.marks,
		} {
			if err := write(ctx, w); err != nil {
				return err
			}
		}
		return nil
	})
}

// Prepare encodes a commit for its Append: see [adapters.Preparer].
func (s *Store) Prepare(c adapters.Commit) any { return record.Prepare(s, c, encode) }

// fence lets a commit pass if it was decided from what is still so, moves the
// head on, and tells the hash that its first event follows.
func fence(w *writer, c *adapters.Commit) (chain inquiry.Hash, err error) {
	var t termRow
	var hash []byte
	led, err := w.query("SELECT "+termColumns+", (SELECT hash FROM answerable_journal WHERE pool = ?1 AND seq = ?2) FROM answerable_terms WHERE pool = ?1",
		[]any{c.Pool, int64(c.Head)}, append(t.scan(), &hash)...)
	if err == nil && led {
		err = t.check(c.Pool)
	}
	switch now := timeText(time.Now()); {
	case err != nil:
		return chain, err
	case !led:
		return chain, refuse("%w: nobody leads pool %q", adapters.ErrStale, c.Pool)
	case t.epoch != c.Epoch:
		return chain, refuse("%w: pool %q has epoch %d, the commit %d", adapters.ErrStale, c.Pool, t.epoch, c.Epoch)
	case t.until <= now:
		return chain, refuse("%w: the term %d of pool %q ended at %s, it is %s", adapters.ErrStale, t.epoch, c.Pool, t.until, now)
	case t.head != c.Head:
		return chain, refuse("%w: the head of pool %q is %d, the commit's %d", adapters.ErrStale, c.Pool, t.head, c.Head)
	case len(c.Events) == 0:
		return chain, nil
	case c.Head > 0 && len(hash) != len(chain):
		return chain, damage(record.Damaged(c.Pool, "event", strconv.FormatUint(c.Head, 10), "it is missing, and it is the head"))
	}
	copy(chain[:], hash)
	t.head += uint64(len(c.Events))
	return chain, t.write(w, c.Pool)
}

// batch is a commit as it is written.
type batch struct {
	*adapters.Commit
	eventJSON  []string
	rowJSON    []string
	effectJSON []string
	detailArgs [][]any
	texts      []string     // of messages
	chain      inquiry.Hash // of the head
	labels     []label
	offers     []offer
	rowIDs     []inquiry.ID
}

type label struct {
	label   string
	inquiry inquiry.ID
}

type offer struct {
	inquiry.Offer
	inquiry inquiry.ID
}

// encode checks a commit and makes the JSON in it.
func encode(c *adapters.Commit) (*batch, error) {
	b := &batch{
		Commit:     c,
		eventJSON:  make([]string, len(c.Events)),
		rowJSON:    make([]string, len(c.Changed)),
		effectJSON: make([]string, len(c.Effects)),
		detailArgs: make([][]any, len(c.Details)),
		texts:      make([]string, len(c.Messages)),
		rowIDs:     make([]inquiry.ID, len(c.Changed)),
	}
	for i := range c.Events {
		e := &c.Events[i]
		if want := c.Head + uint64(i) + 1; e.Seq != want {
			return nil, fmt.Errorf("malformed commit: event %d has position %d in the journal, want %d: they follow the head without a gap", i, e.Seq, want)
		}
		if e.Pool != c.Pool {
			return nil, fmt.Errorf("malformed commit: event %d belongs to pool %q", e.Seq, e.Pool)
		}
	}
	err := spread(len(c.Events), func(i int) (err error) {
		b.eventJSON[i], err = record.Event(&c.Events[i])
		return err
	})
	if err != nil {
		return nil, err
	}
	err = spread(len(c.Changed), func(i int) (err error) {
		if b.rowJSON[i], err = record.JSON(&c.Changed[i]); err != nil {
			return fmt.Errorf("inquiry %s: %w", c.Changed[i].ID, err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range c.Changed {
		r := &c.Changed[i]
		if r.Pool != c.Pool {
			return nil, fmt.Errorf("malformed commit: inquiry %s belongs to pool %q", r.ID, r.Pool)
		}
		b.rowIDs[i] = r.ID
		for _, o := range r.Offers {
			b.offers = append(b.offers, offer{o, r.ID})
		}
	}
	for i := range c.Effects {
		var err error
		if b.effectJSON[i], err = record.JSON(&c.Effects[i]); err != nil {
			return nil, fmt.Errorf("effect %s: %w", c.Effects[i].ID, err)
		}
	}
	for i := range c.Messages {
		var err error
		if b.texts[i], err = record.Message(&c.Messages[i]); err != nil {
			return nil, err
		}
	}
	for i := range c.Details {
		d := &c.Details[i]
		text, err := record.Details(d)
		if err != nil {
			return nil, err
		}
		if b.detailArgs[i], err = detailsRow(c.Pool, d, text); err != nil {
			return nil, fmt.Errorf("details of %s: %w", d.ID, err)
		}
		for _, l := range d.Labels {
			b.labels = append(b.labels, label{l, d.ID})
		}
	}
	return b, nil
}

func (b *batch) events(ctx context.Context, w *writer) error {
	return w.insert(ctx, &intoJournal, len(b.Events), b.eventRow())
}

func (b *batch) eventRow() func(args []any, i int) []any {
	var pool any = b.Pool
	var recorded time.Time // one instant for a whole step
	var recordedText any
	return func(args []any, i int) []any {
		e := &b.Events[i]
		if recordedText == nil || e.RecordedAt != recorded {
			recorded, recordedText = e.RecordedAt, timeText(e.RecordedAt)
		}
		return append(args, pool, int64(e.Seq), e.Inquiry.String(), int64(e.Version), string(e.Kind), string(e.Owner),
			e.Actor, timeText(e.At), recordedText, e.Cause.String(), b.eventJSON[i], b.hashOf(i))
	}
}

// hashOf goes on with the chain: events are written in order.
func (b *batch) hashOf(i int) []byte {
	b.chain = b.chain.Then([]byte(b.eventJSON[i]))
	return slices.Clone(b.chain[:])
}

func (b *batch) inquiries(ctx context.Context, w *writer) error {
	if len(b.Changed) == 0 {
		return nil
	}
	if err := w.insert(ctx, &intoInquiries, len(b.Changed), b.inquiryRow); err != nil {
		return err
	}
	err := w.exec("DELETE FROM answerable_offers WHERE pool = ?1 AND inquiry IN (SELECT value FROM json_each(?2))",
		b.Pool, idsText(b.rowIDs))
	if err != nil {
		return err
	}
	return w.insert(ctx, &intoOffers, len(b.offers), b.offerRow)
}

func (b *batch) inquiryRow(args []any, i int) []any {
	r := &b.Changed[i]
	id := r.ID.String()
	return append(args, b.Pool, id, int64(r.Version), string(r.State), int64(r.Priority), string(r.Owner), r.Department,
		nullable(timeText(r.Due)), r.Stranded, r.Rule, r.Channel, timeText(r.OpenedAt), b.rowJSON[i], record.Sum("inquiry", b.Pool, id, b.rowJSON[i]))
}

func (b *batch) offerRow(args []any, i int) []any {
	o := &b.offers[i]
	return append(args, b.Pool, o.inquiry.String(), string(o.Owner), timeText(o.At), timeText(o.Expires))
}

func (b *batch) details(ctx context.Context, w *writer) error {
	if len(b.Details) == 0 {
		return nil
	}
	if err := b.unlabel(w); err != nil {
		return err
	}
	if err := w.insert(ctx, &intoDetails, len(b.Details), b.detailsRow); err != nil {
		return err
	}
	return w.insert(ctx, &intoLabels, len(b.labels), b.labelRow)
}

func detailsRow(pool string, d *inquiry.Details, text string) ([]any, error) {
	labels, err := listText(d.Labels)
	if err != nil {
		return nil, err
	}
	audiences, err := listText(d.Audiences)
	if err != nil {
		return nil, err
	}
	id := d.ID.String()
	return []any{pool, id, string(d.Kind), labels, audiences, d.Language, d.Reach, text, record.Sum("details", pool, id, text)}, nil
}

func (b *batch) detailsRow(args []any, i int) []any { return append(args, b.detailArgs[i]...) }

func (b *batch) labelRow(args []any, i int) []any {
	return append(args, b.Pool, b.labels[i].label, b.labels[i].inquiry.String())
}

// unlabel takes away the labels of details that are about to be replaced. That
// is rare: details are written once.
func (b *batch) unlabel(w *writer) error {
	ids := make([]inquiry.ID, len(b.Details))
	for i := range b.Details {
		ids[i] = b.Details[i].ID
	}
	var old string
	_, err := w.query(`SELECT json_group_array(json_array(d.id, json(d.labels))) FROM json_each(?2) e
		CROSS JOIN answerable_details d ON d.pool = ?1 AND d.id = e.value WHERE d.labels <> ''`, []any{b.Pool, idsText(ids)}, &old)
	if err != nil || old == "[]" {
		return err
	}
	return w.exec(`DELETE FROM answerable_labels WHERE pool = ?1 AND (label, inquiry) IN
		(SELECT l.value, o.value ->> 0 FROM json_each(?2) o, json_each(o.value, '$[1]') l)`, b.Pool, old)
}

func (b *batch) messages(ctx context.Context, w *writer) error {
	return w.insert(ctx, &intoMessages, len(b.Messages), b.messageRow)
}

func (b *batch) messageRow(args []any, i int) []any {
	m := &b.Messages[i]
	id, of := m.ID.String(), m.Inquiry.String()
	return append(args, b.Pool, id, of, m.Source, int64(m.Revision), string(m.Direction), m.Channel, m.Account, timeText(m.At), m.Digest,
		b.texts[i], record.Sum("message", b.Pool, id, b.texts[i]),
		record.RefSum(b.Pool, m.Ref(), string(m.Direction)))
}

func (b *batch) outcomes(ctx context.Context, w *writer) error {
	return w.insert(ctx, &intoOutcomes, len(b.Outcomes), b.outcomeRow)
}

func (b *batch) outcomeRow(args []any, i int) []any {
	o := &b.Outcomes[i]
	return append(args, b.Pool, o.Input.String(), o.Inquiry.String(), string(o.Refused), o.Detail, int64(o.Seq), record.OutcomeSum(b.Pool, o))
}

// effects writes new ones first: a later step of the same batch may have
// settled what an earlier one asked for.
func (b *batch) effects(ctx context.Context, w *writer) error {
	err := w.insert(ctx, &intoOutbox, len(b.Effects), b.effectRow)
	if err != nil || len(b.Settled) == 0 {
		return err
	}
	return w.exec("DELETE FROM answerable_outbox WHERE pool = ?1 AND id IN (SELECT value FROM json_each(?2))", b.Pool, idsText(b.Settled))
}

func (b *batch) effectRow(args []any, i int) []any {
	e := &b.Effects[i]
	id := e.ID.String()
	return append(args, b.Pool, id, int64(e.Seq), string(e.Topic), e.Inquiry.String(), string(e.Owner), b.effectJSON[i],
		record.Sum("effect", b.Pool, id, b.effectJSON[i]))
}

func (b *batch) done(_ context.Context, w *writer) error {
	if len(b.Done) == 0 {
		return nil
	}
	return w.exec("DELETE FROM answerable_inbox WHERE pool = ?1 AND id IN (SELECT value FROM json_each(?2))", b.Pool, idsText(b.Done))
}

func (b *batch) marks(ctx context.Context, w *writer) error {
	set := b.Marks[:0:0]
	for _, m := range b.Marks {
		if m.Value != nil {
			set = append(set, m)
			continue
		}
		// In order: a key may be set, deleted and set again.
		if err := writeMarks(ctx, w, b.Pool, set); err != nil {
			return err
		}
		set = set[:0]
		if err := w.exec("DELETE FROM answerable_marks WHERE pool = ? AND key = ?", b.Pool, m.Key); err != nil {
			return err
		}
	}
	return writeMarks(ctx, w, b.Pool, set)
}

func writeMarks(ctx context.Context, w *writer, pool string, marks []inquiry.Mark) error {
	return w.insert(ctx, &intoMarks, len(marks), func(args []any, i int) []any {
		m := &marks[i]
		return append(args, pool, m.Key, markValue(m.Value), record.Sum("mark", pool, m.Key, string(m.Value)))
	})
}
