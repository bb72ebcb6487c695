package postgres

import (
	"strconv"
	"strings"
)

// in puts a schema, given quoted, into a statement. In the texts below a tilde
// stands before what lives there.
func in(schema, sql string) string { return strings.ReplaceAll(sql, "~", schema+".") }

// byIndex has the statements of a transaction planned for tables that have
// grown: there is an index for each, but the plan that a connection keeps may be
// from when a table was new and reading all of it was the cheapest.
const byIndex = `set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)`

// asAsked has a query planned each time for what it asks for.
const asAsked = `, set_config('plan_cache_mode', 'force_custom_plan', true)`

// inOrder has statements planned as what comes out of indexes in its order already,
// whatever the server thinks that it knows of a table that grows: sorting is for
// where there is no other way.
const inOrder = byIndex + `, set_config('enable_sort', 'off', true)`

// byNoIndex has a statement planned to read tables as they are.
const byNoIndex = `set_config('enable_seqscan', 'on', true), set_config('enable_sort', 'on', true), set_config('enable_indexscan', 'off', true),
	set_config('enable_indexonlyscan', 'off', true), set_config('enable_bitmapscan', 'off', true)`

// inOrderAgain takes byNoIndex back.
const inOrderAgain = inOrder + `, set_config('enable_indexscan', 'on', true),
	set_config('enable_indexonlyscan', 'on', true), set_config('enable_bitmapscan', 'on', true)`

// statements are those of a store, each with the store's schema in it. Lists
// are parameters, such as text[], uuid[] or timestamptz[]: a statement has the same
// text however many rows it writes, and every way of sending parameters can
// carry them.
type statements struct {
	durable, notify, notifyLater string

	fence, journal              string
	inquiries, withdraw, offers string
	unlabel, details, labels    string
	messages                    string
	outcomes, done              string
	effects, settled            string
	marks, unmark               string

	lead, evict string

	put, putOne, pending, known, messageRefs string

	links, conversations, turned, countAnew string

	head, sound, hash, count, rows, refs, markList, outbox, countRest string

	fetchRows, fetchRefs string

	version string
}

// fetchLen is how many rows are fetched of a cursor at a time.
const fetchLen = 1000

// rows makes rows of the lists that a statement is given behind the pool, in their
// order. Taken apart in what is selected, lists are gone through side by side; in
// FROM the server would make a table of each one first.
func rows(types ...string) string {
	var b strings.Builder
	b.WriteString("SELECT $1::text")
	for i, t := range types {
		b.WriteString(", unnest($" + strconv.Itoa(i+2) + "::" + t + "[])")
	}
	return b.String()
}

// among is the condition that a column's value is among the ids that a statement is
// given behind the pool. Each is looked up by itself, as a range and in order, so that
// with [inOrder] the column's index is the only one that will do. Of "= ANY" the plan
// that a connection keeps may be to look through all that the pool has, which is the
// least work while the table is small.
func among(table, column string) string { return amongOf("uuid", table, column) }

// amongOf is among of ids of a type.
func amongOf(idType, table, column string) string {
	return strings.NewReplacer("{type}", idType, "{table}", "~answerable_"+table, "{column}", column).Replace(
		`ctid = ANY (ARRAY(SELECT f.ctid FROM unnest($2::{type}[]) a (id) CROSS JOIN LATERAL (
			SELECT ctid FROM {table} WHERE pool = $1::text AND {column} >= a.id AND {column} <= a.id ORDER BY {column} OFFSET 0
		) f))`)
}

func statementsIn(schema string) statements {
	s := statements{
		durable: `SELECT ~answerable_durable(), ` + inOrder,
		notify:  `SELECT pg_notify($1::text, $2::text)`,
		// What only wakes somebody need not survive anything.
		notifyLater: `SELECT set_config('synchronous_commit', 'off', true), pg_notify($1::text, p) FROM unnest($2::text[]) p`,

		fence: `SELECT ~answerable_fence($1::text, $2::bigint, $3::bigint, $4::bigint)`,
		journal: `INSERT INTO ~answerable_journal (pool, seq, inquiry, version, kind, owner, actor, at, recorded_at, cause, event, hash) ` +
			rows("bigint", "uuid", "bigint", "text", "text", "text", "timestamptz", "timestamptz", "uuid", "text", "bytea"),
		inquiries: `INSERT INTO ~answerable_inquiries (pool, id, version, state, priority, owner, department, due, due_nanos,
				stranded, rule, channel, opened_at, row, sum) ` +
			rows("uuid", "bigint", "text", "bigint", "text", "text", "timestamptz", "smallint", "boolean", "text", "text", "timestamptz", "text", "bigint") + `
			ON CONFLICT (pool, id) DO UPDATE SET version = excluded.version, state = excluded.state, priority = excluded.priority,
				owner = excluded.owner, department = excluded.department, due = excluded.due, due_nanos = excluded.due_nanos,
				stranded = excluded.stranded, rule = excluded.rule, channel = excluded.channel, opened_at = excluded.opened_at,
				row = excluded.row, sum = excluded.sum`,
		withdraw: `DELETE FROM ~answerable_offers WHERE ` + among("offers", "inquiry"),
		offers: `INSERT INTO ~answerable_offers (pool, inquiry, owner, at, expires) ` + rows("uuid", "text", "timestamptz", "timestamptz") + `
			ON CONFLICT (pool, inquiry, owner) DO UPDATE SET at = excluded.at, expires = excluded.expires`,
		unlabel: `DELETE FROM ~answerable_labels WHERE ` + among("labels", "inquiry"),
		details: `INSERT INTO ~answerable_details (pool, id, kind, labels, audiences, language, reach, details, sum) ` +
			rows("uuid", "text", "text", "text", "text", "bigint", "text", "bigint") + `
			ON CONFLICT (pool, id) DO UPDATE SET kind = excluded.kind, labels = excluded.labels, audiences = excluded.audiences,
				language = excluded.language, reach = excluded.reach, details = excluded.details, sum = excluded.sum`,
		labels: `INSERT INTO ~answerable_labels (pool, label, inquiry) ` + rows("text", "uuid") + `
			ON CONFLICT DO NOTHING`,
		// n stays: an edit does not move a message. An older revision, come late, changes nothing.
		messages: `INSERT INTO ~answerable_messages AS m (pool, id, inquiry, source, revision, direction, channel, account, at,
				digest, message, sum, ref) ` +
			rows("uuid", "uuid", "text", "bigint", "text", "text", "text", "timestamptz", "text", "text", "bigint", "bigint") + `
			ON CONFLICT (pool, id) DO UPDATE SET inquiry = excluded.inquiry, source = excluded.source, revision = excluded.revision,
				direction = excluded.direction, channel = excluded.channel, account = excluded.account, at = excluded.at,
				digest = excluded.digest, message = excluded.message, sum = excluded.sum, ref = excluded.ref
			WHERE excluded.revision >= m.revision`,
		// The first answer stays.
		outcomes: `INSERT INTO ~answerable_outcomes (pool, input, inquiry, refused, detail, seq, sum) ` +
			rows("uuid", "uuid", "text", "text", "bigint", "bigint") + `
			ON CONFLICT DO NOTHING`,
		done: `DELETE FROM ~answerable_inbox WHERE ` + among("inbox", "id"),
		effects: `INSERT INTO ~answerable_outbox (pool, id, seq, topic, inquiry, owner, effect, sum) ` +
			rows("uuid", "bigint", "text", "uuid", "text", "text", "bigint") + `
			ON CONFLICT (pool, id) DO UPDATE SET seq = excluded.seq, topic = excluded.topic, inquiry = excluded.inquiry,
				owner = excluded.owner, effect = excluded.effect, sum = excluded.sum`,
		settled: `DELETE FROM ~answerable_outbox WHERE ` + among("outbox", "id"),
		marks: `INSERT INTO ~answerable_marks (pool, key, value, binary_value, sum)
			SELECT $1::text, key, CASE WHEN NOT b THEN value END, CASE WHEN b THEN decode(value, 'hex') END, sum
			FROM unnest($2::text[], $3::text[], $4::boolean[], $5::bigint[]) AS t (key, value, b, sum)
			ON CONFLICT (pool, key) DO UPDATE SET value = excluded.value, binary_value = excluded.binary_value, sum = excluded.sum`,
		unmark: `DELETE FROM ~answerable_marks WHERE ` + amongOf("text", "marks", "key"),

		lead: `SELECT o_granted, o_epoch, o_node, o_until, o_now, o_format, o_freed,
				(SELECT ~answerable_sound(t) FROM ~answerable_terms t WHERE t.pool = $1::text)
			FROM ~answerable_lead($1::text, $2::text, $3::bigint, $4::integer, $5::bigint)`,
		// Whoever has locked the row of a term that is over: xmax is their transaction.
		evict: `SELECT count(pg_terminate_backend(l.pid)) FROM ~answerable_terms t
			JOIN pg_locks l ON l.locktype = 'transactionid' AND l.granted AND l.transactionid = t.xmax
			WHERE t.pool = $1::text AND t.until < clock_timestamp() AND l.pid <> pg_backend_pid()`,

		// What is in the inbox or has an outcome is passed over.
		put: `INSERT INTO ~answerable_inbox (pool, id, input, sum)
			SELECT $1::text, id::uuid, input, sum FROM unnest($2::text[], $3::text[], $4::bigint[]) WITH ORDINALITY AS t (id, input, sum, place)
			WHERE NOT EXISTS (SELECT 1 FROM ~answerable_outcomes o WHERE o.pool = $1::text AND o.input = t.id::uuid)
			ORDER BY place ON CONFLICT (pool, id) DO NOTHING`,
		putOne: `INSERT INTO ~answerable_inbox (pool, id, input, sum)
			SELECT CAST($1 AS text), CAST($2 AS uuid), CAST($3 AS text), CAST($4 AS bigint)
			WHERE NOT EXISTS (SELECT 1 FROM ~answerable_outcomes o WHERE o.pool = CAST($1 AS text) AND o.input = CAST($2 AS uuid))
			ON CONFLICT (pool, id) DO NOTHING`,
		// The pool is asked for as a range: else the server may take the order of all
		// pools, and go through the backlogs of others. Counted by the index of ids, up to
		// as many as are to be listed: an input that the order has lost is missed at the
		// latest when the backlog before it has been worked on.
		pending: `SELECT id, input, sum, there FROM (
			(SELECT id, input, sum, NULL::bigint AS there, n FROM ~answerable_inbox
				WHERE pool >= $1::text AND pool <= $1::text ORDER BY pool, n LIMIT $2::bigint)
			UNION ALL SELECT NULL, NULL, NULL, (SELECT count(*) FROM (SELECT id FROM ~answerable_inbox WHERE pool = $1::text ORDER BY id LIMIT $2::bigint) c), NULL
			) p ORDER BY n`,
		known: `SELECT input, inquiry, refused, detail, seq, sum FROM ~answerable_outcomes
			WHERE ` + among("outcomes", "input") + ` ORDER BY input`,
		messageRefs: `SELECT id, inquiry, revision, direction, ref FROM ~answerable_messages WHERE ` + among("messages", "id"),

		links: `SELECT seq, event, hash FROM ~answerable_journal WHERE pool = $1::text AND seq >= $2::bigint ORDER BY seq LIMIT $3::bigint`,
		// An inquiry's row before its messages: what it says that there is of them.
		conversations: `SELECT id, id AS inquiry, replies - turned AS revision, '' AS direction, row AS message, sum, 0::bigint AS ref, 0::bigint AS n
			FROM ~answerable_inquiries WHERE ` + among("inquiries", "id") + `
			UNION ALL SELECT id, inquiry, revision, direction, message, sum, ref, n
			FROM ~answerable_messages WHERE ` + among("messages", "inquiry") + ` ORDER BY n`,
		turned: `SELECT id, turned FROM ~answerable_inquiries WHERE turned > 0 AND ` + among("inquiries", "id"),
		countAnew: `SELECT inquiry, count(*) FROM ~answerable_messages
			WHERE pool = $1::text AND inquiry = ANY ($2::uuid[]) AND ($3::boolean OR direction <> 'outbound') GROUP BY inquiry ORDER BY inquiry`,

		// Without a term there is no journal, or it is not known how far that goes.
		head: `SELECT head FROM ~answerable_terms t WHERE pool = $1::text AND ~answerable_sound(t)
			UNION ALL SELECT -1 WHERE NOT EXISTS (SELECT 1 FROM ~answerable_terms WHERE pool = $1::text)
				AND EXISTS (SELECT 1 FROM ~answerable_journal WHERE pool = $1::text)`,
		sound: `SELECT ~answerable_sound(t) FROM ~answerable_terms t WHERE pool = $1::text`,
		hash:  `SELECT hash FROM ~answerable_journal WHERE pool = $1::text AND seq = $2::bigint`,
		// Counted by the index of states, not by the one that they are read by: neither
		// has lost one unnoticed. Any other index of what is live would do for the count,
		// and none has this order.
		count: `SELECT (SELECT count(*) FROM (SELECT FROM ~answerable_inquiries WHERE pool = $1::text AND state < 'closed' ORDER BY state, id OFFSET 0) b) +
			(SELECT count(*) FROM (SELECT FROM ~answerable_inquiries WHERE pool = $1::text AND state > 'closed' ORDER BY state, id OFFSET 0) a)`,
		// Rows and their messages are read side by side, in the same order.
		rows: `DECLARE answerable_rows NO SCROLL CURSOR FOR
			SELECT id, row, sum FROM ~answerable_inquiries WHERE pool = $1::text AND state <> 'closed' ORDER BY id`,
		refs: `DECLARE answerable_refs NO SCROLL CURSOR FOR
			SELECT m.id, m.inquiry, m.revision, m.direction, m.ref, i.id, m.n FROM ~answerable_inquiries i
			JOIN ~answerable_messages m ON m.pool = i.pool AND m.inquiry = i.id
			WHERE i.pool = $1::text AND i.state <> 'closed' AND m.direction <> 'outbound' ORDER BY i.id, m.n`,
		fetchRows: `FETCH ` + strconv.Itoa(fetchLen) + ` FROM answerable_rows`,
		fetchRefs: `FETCH ` + strconv.Itoa(fetchLen) + ` FROM answerable_refs`,
		markList:  `SELECT key, value, binary_value, sum FROM ~answerable_marks WHERE pool = $1::text ORDER BY key`,
		// Of all pools: there are few marks of each, and few effects that are not settled.
		countRest: `SELECT (SELECT count(*) FROM ~answerable_marks WHERE pool = $1::text), (SELECT count(*) FROM ~answerable_outbox WHERE pool = $1::text)`,
		outbox:    `SELECT id, effect, sum, seq FROM ~answerable_outbox WHERE pool = $1::text ORDER BY seq, n`,

		version: `SELECT coalesce((SELECT max(version_id) FROM ~answerable_schema WHERE is_applied), 0), (SELECT oldest FROM ~answerable_compatibility)`,
	}
	for _, p := range []*string{
		&s.durable, &s.fence, &s.journal, &s.inquiries, &s.withdraw, &s.offers, &s.unlabel, &s.details, &s.labels, &s.messages,
		&s.outcomes, &s.done, &s.effects, &s.settled, &s.marks, &s.unmark, &s.lead, &s.evict, &s.put, &s.putOne, &s.pending,
		&s.known, &s.messageRefs, &s.links, &s.conversations, &s.turned, &s.countAnew, &s.sound, &s.head, &s.hash, &s.count, &s.rows, &s.refs, &s.markList, &s.outbox, &s.countRest, &s.version,
	} {
		*p = in(schema, *p)
	}
	return s
}
