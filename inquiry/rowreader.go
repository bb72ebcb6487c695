package inquiry

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/answerable-go/answerable/sla"
)

// RowReader reads rows from the JSON that [json.Marshal] makes of a [Row], with
// the same result as [json.Unmarshal] in a small part of the time. A new leader
// reads all open inquiries of its pool with it. It relies on the order in which
// json.Marshal writes fields; any other text is left to json.Unmarshal.
//
// Strings that many rows have in common, such as the name of a rule, are in
// memory once. Equal facts, and the lists of equal targets, share memory:
// nobody may write to them. Rows that are read one after the other tend to have
// the same fields and times, so what was read last is tried first.
//
// The zero value works. A RowReader is not safe for concurrent use.
type RowReader struct {
	words   map[string]string
	targets map[string]knownTarget
	facts   map[string]*Facts

	recentWords    [256]string // which of words were read last
	recentTargets  [4]knownTarget
	recentInstants [16]knownInstant
	recentDays     [8]knownDay

	rowOrder, factsOrder, clockOrder fieldOrder

	text string
	at   int
	nth  int // target of the row
}

type knownTarget struct {
	text   string // an object's
	target sla.Target
}

type knownInstant struct {
	text [longestInstant]byte
	n    int // of it
	at   time.Time
}

type knownDay struct {
	known bool
	text  [10]byte
	start int64 // in seconds since 1970
}

// Words, targets and facts are forgotten beyond so many, and longer ones not
// remembered: a pool has few.
const (
	maxWords   = 1 << 12
	maxTargets = 1 << 10
	maxFacts   = 1 << 12
	longWord   = 64
	longFacts  = 256
)

// Read reads a row in place of what r was. Where it fails the error is that of
// json.Unmarshal, and r is not to be used.
func (d *RowReader) Read(text string, r *Row) error {
	*r = Row{}
	return d.read(text, r)
}

// ReadOver is Read that writes the row's persons and clocks over those that r has,
// as far as there is room: for whoever reads very many rows and keeps none of them.
func (d *RowReader) ReadOver(text string, r *Row) error {
	*r = Row{Persons: roomOf(r.Persons), Clocks: roomOf(r.Clocks)}
	return d.read(text, r)
}

// read reads a row in which nothing is but room for lists.
func (d *RowReader) read(text string, r *Row) error {
	d.text, d.at, d.nth = text, 0, 0
	if !object(d, r, rowFields, &d.rowOrder) || d.at != len(text) {
		*r = Row{}
		return json.Unmarshal([]byte(text), r)
	}
	r.Persons, r.Clocks = unlessRoom(r.Persons), unlessRoom(r.Clocks)
	return nil
}

func roomOf[E any](list []E) []E {
	if cap(list) == 0 {
		return nil
	}
	return list[:0]
}

// unlessRoom is a list, unless it is room that was not used: a list that was read
// and is empty has none.
func unlessRoom[E any](list []E) []E {
	if len(list) == 0 && cap(list) > 0 {
		return nil
	}
	return list
}

// member is one member of an object, and how it is read; false: not as it is
// usually written.
type member[T any] struct {
	name string
	read func(d *RowReader, into *T) bool
	key  string // as the name is written
}

// fieldOrder is which field came last time behind the one before it, by the place
// behind that: 0 if none did.
type fieldOrder [96]uint8

// keyed are fields with their keys.
func keyed[T any](fields []member[T]) []member[T] {
	for i := range fields {
		fields[i].key = `"` + fields[i].name + `":`
	}
	return fields
}

var rowFields = keyed([]member[Row]{
	wordField("pool", func(r *Row) *string { return &r.Pool }),
	idField("id", func(r *Row) *ID { return &r.ID }),
	intField("version", func(r *Row) *uint64 { return &r.Version }),
	wordField("state", func(r *Row) *State { return &r.State }),
	intField("priority", func(r *Row) *Priority { return &r.Priority }),
	idField("parent", func(r *Row) *ID { return &r.Parent }),
	wordField("duty", func(r *Row) *Duty { return &r.Duty }),
	anyField("ask", func(r *Row) any { return &r.Ask }),
	anyField("duties", func(r *Row) any { return &r.Duties }),
	anyField("helpers", func(r *Row) any { return &r.Helpers }),
	intField("handoffs", func(r *Row) *int { return &r.Handoffs }),
	anyField("route", func(r *Row) any { return &r.Route }),
	wordField("source", func(r *Row) *string { return &r.Source }),
	wordField("channel", func(r *Row) *string { return &r.Channel }),
	wordField("account", func(r *Row) *string { return &r.Account }),
	listField("persons", func(r *Row) *[]ID { return &r.Persons }, 1, (*RowReader).id),
	idField("conversation", func(r *Row) *ID { return &r.Conversation }),
	idField("fingerprint", func(r *Row) *ID { return &r.Fingerprint }),
	wordField("found_by", func(r *Row) *OwnerID { return &r.FoundBy }),
	timeField("opened_at", func(r *Row) *time.Time { return &r.OpenedAt }),
	timeField("changed_at", func(r *Row) *time.Time { return &r.ChangedAt }),
	{name: "facts", read: func(d *RowReader, r *Row) bool { return d.factsOf(&r.Facts) }},
	anyField("bonuses", func(r *Row) any { return &r.Bonuses }),
	intField("inbound", func(r *Row) *int { return &r.Inbound }),
	idField("last_message", func(r *Row) *ID { return &r.LastID }),
	timeField("last_at", func(r *Row) *time.Time { return &r.LastAt }),
	timeField("asked_at", func(r *Row) *time.Time { return &r.AskedAt }),
	timeField("late_at", func(r *Row) *time.Time { return &r.LateAt }),
	flagField("unanswered", func(r *Row) *bool { return &r.Unanswered }),
	timeField("answered_at", func(r *Row) *time.Time { return &r.AnsweredAt }),
	idField("plan", func(r *Row) *ID { return &r.Plan }),
	wordField("rule", func(r *Row) *string { return &r.Rule }),
	wordField("policy", func(r *Row) *string { return &r.Policy }),
	wordField("home", func(r *Row) *string { return &r.Home }),
	wordField("department", func(r *Row) *string { return &r.Department }),
	anyField("redirect", func(r *Row) any { return &r.Redirect }),
	wordField("owner", func(r *Row) *OwnerID { return &r.Owner }),
	timeField("assigned_at", func(r *Row) *time.Time { return &r.AssignedAt }),
	intField("cost", func(r *Row) *int { return &r.Cost }),
	anyField("waiting_cost", func(r *Row) any { return &r.WaitingCost }),
	flagField("over", func(r *Row) *bool { return &r.Over }),
	anyField("wrap_ups", func(r *Row) any { return &r.WrapUps }),
	flagField("manual", func(r *Row) *bool { return &r.Manual }),
	wordField("last_owner", func(r *Row) *OwnerID { return &r.LastOwner }),
	flagField("anew", func(r *Row) *bool { return &r.Anew }),
	anyField("offers", func(r *Row) any { return &r.Offers }),
	anyField("exclusions", func(r *Row) any { return &r.Exclusions }),
	timeField("queued_at", func(r *Row) *time.Time { return &r.QueuedAt }),
	timeField("attempt_at", func(r *Row) *time.Time { return &r.AttemptAt }),
	timeField("attempt_due", func(r *Row) *time.Time { return &r.AttemptDue }),
	intField("relaxed", func(r *Row) *Relaxed { return &r.Relaxed }),
	flagField("stranded", func(r *Row) *bool { return &r.Stranded }),
	timeField("held_until", func(r *Row) *time.Time { return &r.HeldUntil }),
	wordField("held_for", func(r *Row) *OwnerID { return &r.HeldFor }),
	wordField("limit", func(r *Row) *string { return &r.Limit }),
	timeField("limited_until", func(r *Row) *time.Time { return &r.LimitedUntil }),
	listField("clocks", func(r *Row) *[]sla.Clock { return &r.Clocks }, 4, func(d *RowReader, c *sla.Clock) bool { return object(d, c, clockFields, &d.clockOrder) }),
	timeField("due", func(r *Row) *time.Time { return &r.Due }),
	flagField("responded", func(r *Row) *bool { return &r.Responded }),
	anyField("replies", func(r *Row) any { return &r.Replies }),
	anyField("posted", func(r *Row) any { return &r.Posted }),
	intField("level", func(r *Row) *int { return &r.Level }),
	wordField("reason", func(r *Row) *string { return &r.Reason }),
	timeField("next_rung", func(r *Row) *time.Time { return &r.NextRung }),
	intField("reminders", func(r *Row) *int { return &r.Reminders }),
	timeField("ladder_from", func(r *Row) *time.Time { return &r.LadderFrom }),
	wordField("screen_reason", func(r *Row) *string { return &r.ScreenReason }),
	timeField("review_at", func(r *Row) *time.Time { return &r.ReviewAt }),
	wordField("awaits", func(r *Row) *sla.Signal { return &r.Awaits }),
	timeField("await_until", func(r *Row) *time.Time { return &r.AwaitUntil }),
	timeField("resolved_at", func(r *Row) *time.Time { return &r.ResolvedAt }),
	timeField("close_at", func(r *Row) *time.Time { return &r.CloseAt }),
	anyField("links", func(r *Row) any { return &r.Links }),
	idField("into", func(r *Row) *ID { return &r.Into }),
	anyField("merged", func(r *Row) any { return &r.Merged }),
})

var factsFields = keyed([]member[Facts]{
	wordField("kind", func(f *Facts) *Kind { return &f.Kind }),
	listField("labels", func(f *Facts) *[]string { return &f.Labels }, 2, word[string]),
	listField("audiences", func(f *Facts) *[]Audience { return &f.Audiences }, 1, word[Audience]),
	wordField("language", func(f *Facts) *string { return &f.Language }),
	intField("reach", func(f *Facts) *int64 { return &f.Reach }),
	intField("confidence", func(f *Facts) *int { return &f.Confidence }),
	listField("persons", func(f *Facts) *[]ID { return &f.Persons }, 1, (*RowReader).id),
	idField("conversation", func(f *Facts) *ID { return &f.Conversation }),
	idField("fingerprint", func(f *Facts) *ID { return &f.Fingerprint }),
	wordField("screen_out", func(f *Facts) *string { return &f.ScreenOut }),
	anyField("bonuses", func(f *Facts) any { return &f.Bonuses }),
})

var clockFields = keyed([]member[sla.Clock]{
	wordField("kind", func(c *sla.Clock) *sla.Kind { return &c.Kind }),
	{name: "target", read: func(d *RowReader, c *sla.Clock) bool { return d.target(&c.Target) }},
	wordField("state", func(c *sla.Clock) *sla.State { return &c.State }),
	timeField("started", func(c *sla.Clock) *time.Time { return &c.Started }),
	anyField("pauses", func(c *sla.Clock) any { return &c.Pauses }),
	timeField("paused_at", func(c *sla.Clock) *time.Time { return &c.PausedAt }),
	timeField("due", func(c *sla.Clock) *time.Time { return &c.Due }),
	intField("warned", func(c *sla.Clock) *int { return &c.Warned }),
	timeField("breached_at", func(c *sla.Clock) *time.Time { return &c.BreachedAt }),
	timeField("ended_at", func(c *sla.Clock) *time.Time { return &c.EndedAt }),
})

func wordField[T any, S ~string](name string, of func(*T) *S) member[T] {
	return member[T]{name: name, read: func(d *RowReader, into *T) bool { return word(d, of(into)) }}
}

func idField[T any](name string, of func(*T) *ID) member[T] {
	return member[T]{name: name, read: func(d *RowReader, into *T) bool { return d.id(of(into)) }}
}

func timeField[T any](name string, of func(*T) *time.Time) member[T] {
	return member[T]{name: name, read: func(d *RowReader, into *T) bool { return d.instant(of(into)) }}
}

func flagField[T any](name string, of func(*T) *bool) member[T] {
	return member[T]{name: name, read: func(d *RowReader, into *T) bool { return d.flag(of(into)) }}
}

func intField[T any, N ~int | ~int64 | ~uint32 | ~uint64](name string, of func(*T) *N) member[T] {
	return member[T]{name: name, read: func(d *RowReader, into *T) bool {
		n, ok := d.number()
		*of(into) = N(n)
		return ok && int64(N(n)) == n && N(n) < 0 == (n < 0)
	}}
}

// anyField is of what few rows have.
func anyField[T any](name string, of func(*T) any) member[T] {
	return member[T]{name: name, read: func(d *RowReader, into *T) bool {
		raw, ok := d.value()
		return ok && json.Unmarshal([]byte(raw), of(into)) == nil
	}}
}

// listField has room for so many at first, if there is none.
func listField[T, E any](name string, of func(*T) *[]E, room int, read func(*RowReader, *E) bool) member[T] {
	return member[T]{name: name, read: func(d *RowReader, into *T) bool {
		if !d.skip('[') {
			return false
		}
		if d.skip(']') {
			*of(into) = []E{}
			return true
		}
		list := (*of(into))[:0]
		if cap(list) == 0 {
			list = make([]E, 0, room)
		}
		for more := true; more; more = !d.skip(']') {
			if len(list) > 0 && !d.skip(',') {
				return false
			}
			list = append(list, *new(E))
			if !read(d, &list[len(list)-1]) {
				return false
			}
		}
		*of(into) = list
		return true
	}}
}

// object reads an object whose fields come in order, each at most once.
func object[T any](d *RowReader, into *T, fields []member[T], last *fieldOrder) bool {
	if !d.skip('{') {
		return false
	}
	next := 0
	for more := !d.skip('}'); more; more = !d.skip('}') {
		if next > 0 && !d.skip(',') {
			return false
		}
		rest, from := d.text[d.at:], next
		if next = max(next, int(last[from])); next == len(fields) || !strings.HasPrefix(rest, fields[next].key) {
			at := slices.IndexFunc(fields[from:], func(f member[T]) bool { return strings.HasPrefix(rest, f.key) })
			if at < 0 {
				return false
			}
			next = from + at
			last[from] = uint8(next)
		}
		d.at += len(fields[next].key)
		if !fields[next].read(d, into) {
			return false
		}
		next++
	}
	return true
}

func (d *RowReader) skip(c byte) bool {
	if d.at < len(d.text) && d.text[d.at] == c {
		d.at++
		return true
	}
	return false
}

// quoted is a string without anything in it that stands for something else.
func (d *RowReader) quoted() (s string, plain bool) {
	if !d.skip('"') {
		return "", false
	}
	from := d.at
	for ascii := true; d.at < len(d.text); d.at++ {
		switch c := d.text[d.at]; {
		case c == '"':
			s = d.text[from:d.at]
			d.at++
			return s, ascii || utf8.ValidString(s)
		case c < ' ' || c == '\\':
			return "", false
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	return "", false
}

// word is a string that other rows may have as well.
func word[S ~string](d *RowReader, into *S) bool {
	from := d.at
	raw, ok := d.untilQuote()
	if ok && len(raw) <= longWord { // what was read before had nothing in it that stands for something else
		if known := d.recentWord(raw); *known == raw {
			d.at += len(raw) + 2
			*into = S(*known)
			return true
		}
	}
	s, plain := d.quoted()
	if !plain {
		d.at = from
		raw, ok := d.value()
		return ok && json.Unmarshal([]byte(raw), into) == nil
	}
	known, ok := d.words[s]
	if !ok {
		known = strings.Clone(s)
		if len(s) <= longWord {
			if d.words == nil || len(d.words) >= maxWords {
				d.words = map[string]string{}
			}
			d.words[known] = known
		}
	}
	if len(s) <= longWord {
		*d.recentWord(known) = known
	}
	*into = S(known)
	return true
}

// recentWord is where a word is, if it is one of those that were read last.
func (d *RowReader) recentWord(s string) *string {
	n := len(s)
	if n < 2 {
		return &d.recentWords[0]
	}
	return &d.recentWords[uint8(n)^s[0]<<3^s[n/2]<<2^s[n-2]<<4^s[n-1]]
}

// untilQuote is what is between a quote that is next and the one after it.
func (d *RowReader) untilQuote() (raw string, ok bool) {
	rest := d.text[d.at:]
	if rest == "" || rest[0] != '"' {
		return "", false
	}
	n := strings.IndexByte(rest[1:], '"')
	if n < 0 {
		return "", false
	}
	return rest[1 : 1+n], true
}

func (d *RowReader) id(into *ID) bool {
	rest := d.text[d.at:]
	if strings.HasPrefix(rest, `""`) {
		*into = ID{}
		d.at += 2
		return true
	}
	if len(rest) < 38 || rest[0] != '"' || rest[37] != '"' || rest[9] != '-' || rest[14] != '-' || rest[19] != '-' || rest[24] != '-' {
		return false
	}
	bad := hexBytes(into[0:4], rest[1:9]) | hexBytes(into[4:6], rest[10:14]) | hexBytes(into[6:8], rest[15:19]) |
		hexBytes(into[8:10], rest[20:24]) | hexBytes(into[10:16], rest[25:37])
	d.at += 38
	return bad <= 0xf
}

// hexBytes reads bytes of two digits each. It returns more than 0xf if there is
// anything else than digits.
func hexBytes(to []byte, s string) (bad byte) {
	for i := range to {
		hi, lo := hexDigits[s[2*i]], hexDigits[s[2*i+1]]
		to[i] = hi<<4 | lo
		bad |= hi | lo
	}
	return bad
}

// hexDigits are what digits stand for, in the case in which they are written.
var hexDigits = func() (t [256]byte) {
	for i := range t {
		t[i] = 0xff
	}
	for i, c := range []byte("0123456789abcdef") {
		t[c] = byte(i)
	}
	return t
}()

const (
	shortestInstant = len("2006-01-02T15:04:05Z")
	longestInstant  = len("2006-01-02T15:04:05.999999999Z")
)

// instant reads a time as it is written in UTC.
func (d *RowReader) instant(into *time.Time) bool {
	s, ok := d.untilQuote()
	if !ok || len(s) < shortestInstant || len(s) > longestInstant {
		return false
	}
	d.at += len(s) + 2
	known := &d.recentInstants[(s[9]^s[12]<<1^s[15]<<2^s[18]<<3)%byte(len(d.recentInstants))]
	if string(known.text[:known.n]) == s {
		*into = known.at
		return true
	}
	at, ok := d.readInstant(s)
	if ok {
		known.n, known.at = copy(known.text[:], s), at
		*into = at
	}
	return ok
}

func (d *RowReader) readInstant(s string) (at time.Time, ok bool) {
	if s[10] != 'T' || s[13] != ':' || s[16] != ':' || s[len(s)-1] != 'Z' {
		return at, false
	}
	start, ok := d.day(s[:10])
	hour, ok1 := twoDigits(s, 11)
	minute, ok2 := twoDigits(s, 14)
	second, ok3 := twoDigits(s, 17)
	nano, ok4 := fraction(s[19 : len(s)-1])
	if !ok || !ok1 || !ok2 || !ok3 || !ok4 || hour > 23 || minute > 59 || second > 59 {
		return at, false
	}
	return time.Unix(start+int64(3600*hour+60*minute+second), int64(nano)).UTC(), true
}

// day is when a day begins, in seconds since 1970.
func (d *RowReader) day(s string) (start int64, ok bool) {
	known := &d.recentDays[s[9]%byte(len(d.recentDays))]
	if known.known && string(known.text[:]) == s {
		return known.start, true
	}
	century, ok1 := twoDigits(s, 0)
	year, ok2 := twoDigits(s, 2)
	month, ok3 := twoDigits(s, 5)
	day, ok4 := twoDigits(s, 8)
	at := time.Date(100*century+year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if s[4] != '-' || s[7] != '-' || !ok1 || !ok2 || !ok3 || !ok4 || at.Day() != day || at.Month() != time.Month(month) {
		return 0, false
	}
	copy(known.text[:], s)
	known.known, known.start = true, at.Unix()
	return known.start, true
}

func twoDigits(s string, at int) (int, bool) {
	a, b := s[at]-'0', s[at+1]-'0'
	return int(a)*10 + int(b), a <= 9 && b <= 9
}

// fraction is that of a second, in nanoseconds.
func fraction(s string) (nano int, ok bool) {
	if s == "" {
		return 0, true
	}
	if s[0] != '.' || len(s) < 2 || len(s) > 10 {
		return 0, false
	}
	for i := 1; i < 10; i++ {
		nano *= 10
		if i < len(s) {
			digit := s[i] - '0'
			if digit > 9 {
				return 0, false
			}
			nano += int(digit)
		}
	}
	return nano, true
}

func (d *RowReader) flag(into *bool) bool {
	rest := d.text[d.at:]
	switch {
	case strings.HasPrefix(rest, "true"):
		*into = true
		d.at += len("true")
	case strings.HasPrefix(rest, "false"):
		*into = false
		d.at += len("false")
	default:
		return false
	}
	return true
}

// number reads an integer of up to 18 digits.
func (d *RowReader) number() (n int64, ok bool) {
	negative := d.skip('-')
	from := d.at
	for d.at < len(d.text) && d.text[d.at]-'0' <= 9 {
		n = 10*n + int64(d.text[d.at]-'0')
		d.at++
	}
	digits := d.at - from
	if digits == 0 || digits > 18 || digits > 1 && d.text[from] == '0' {
		return 0, false
	}
	if negative {
		return -n, n != 0 // -0 is for encoding/json to refuse, where there is no sign
	}
	return n, true
}

// target reads one that mostly is that of the clock in the same place of the row
// before.
func (d *RowReader) target(into *sla.Target) bool {
	recent := &d.recentTargets[d.nth%len(d.recentTargets)]
	d.nth++
	if recent.text != "" && strings.HasPrefix(d.text[d.at:], recent.text) {
		*into = recent.target
		d.at += len(recent.text)
		return true
	}
	raw, ok := d.value()
	if !ok {
		return false
	}
	known, ok := d.targets[raw]
	if !ok {
		if json.Unmarshal([]byte(raw), &known.target) != nil {
			return false
		}
		if d.targets == nil || len(d.targets) >= maxTargets {
			d.targets = map[string]knownTarget{}
		}
		known.text = strings.Clone(raw)
		d.targets[known.text] = known
	}
	if raw[0] == '{' { // which is over where it ends
		*recent = known
	}
	*into = known.target
	return true
}

// factsOf reads facts. Those of which only what rules look at is kept are mostly
// the same as others.
func (d *RowReader) factsOf(into **Facts) bool {
	from := d.at
	raw, ok := d.value()
	if !ok {
		return false
	}
	if *into, ok = d.facts[raw]; ok {
		return true
	}
	d.at = from
	f := new(Facts)
	if !object(d, f, factsFields, &d.factsOrder) {
		return false
	}
	plain := f.Persons == nil && f.Bonuses == nil && f.Conversation.IsZero() && f.Fingerprint.IsZero()
	if plain && len(raw) <= longFacts && d.at == from+len(raw) {
		if d.facts == nil || len(d.facts) >= maxFacts {
			d.facts = map[string]*Facts{}
		}
		d.facts[strings.Clone(raw)] = f
	}
	*into = f
	return true
}

// value is the text of a value that begins here: up to where it has to end,
// whether or not it is one.
func (d *RowReader) value() (raw string, ok bool) {
	from, depth := d.at, 0
	for ; d.at < len(d.text); d.at++ {
		switch d.text[d.at] {
		case '"':
			for d.at++; d.at < len(d.text) && d.text[d.at] != '"'; d.at++ {
				if d.text[d.at] == '\\' {
					d.at++
				}
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth < 0 {
				return d.text[from:d.at], true
			}
		case ',':
			if depth == 0 {
				return d.text[from:d.at], true
			}
		}
	}
	return "", false
}
