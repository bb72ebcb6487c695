package inquiry

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/answerable-go/answerable/sla"
)

// RowReader reads rows as stores keep them, as the JSON that [json.Marshal] makes
// of a [Row], and with the same result as [json.Unmarshal], in a small part of its
// time: a pool that is led anew has all its open inquiries read. It goes by the
// order in which fields are written; a text that is not as json.Marshal writes it
// is left to json.Unmarshal.
//
// Words that many rows have in common, such as the name of a rule, are in memory
// once, and the lists of equal targets are the same memory: nobody may write to
// them.
//
// The zero value works. A RowReader is not safe for concurrent use.
type RowReader struct {
	words   map[string]string
	targets map[string]sla.Target

	text string
	at   int
}

// Words and targets are forgotten beyond so many, and longer words not remembered:
// a pool has few.
const (
	maxWords   = 1 << 12
	maxTargets = 1 << 10
	longWord   = 64
)

// Read reads a row in place of what r was. Where it fails the error is that of
// json.Unmarshal, and r is not to be used.
func (d *RowReader) Read(text string, r *Row) error {
	*r = Row{}
	d.text, d.at = text, 0
	if object(d, r, rowFields) && d.at == len(text) {
		return nil
	}
	*r = Row{}
	return json.Unmarshal([]byte(text), r)
}

// member is one member of an object, and how it is read; false: not as it is
// usually written.
type member[T any] struct {
	name string
	read func(d *RowReader, into *T) bool
}

var rowFields = []member[Row]{
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
	{"facts", func(d *RowReader, r *Row) bool {
		r.Facts = new(Facts)
		return object(d, r.Facts, factsFields)
	}},
	anyField("bonuses", func(r *Row) any { return &r.Bonuses }),
	intField("inbound", func(r *Row) *int { return &r.Inbound }),
	idField("last_message", func(r *Row) *ID { return &r.LastID }),
	timeField("last_at", func(r *Row) *time.Time { return &r.LastAt }),
	timeField("asked_at", func(r *Row) *time.Time { return &r.AskedAt }),
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
	listField("clocks", func(r *Row) *[]sla.Clock { return &r.Clocks }, 4, func(d *RowReader, c *sla.Clock) bool { return object(d, c, clockFields) }),
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
}

var factsFields = []member[Facts]{
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
}

var clockFields = []member[sla.Clock]{
	wordField("kind", func(c *sla.Clock) *sla.Kind { return &c.Kind }),
	{"target", func(d *RowReader, c *sla.Clock) bool { return d.target(&c.Target) }},
	wordField("state", func(c *sla.Clock) *sla.State { return &c.State }),
	timeField("started", func(c *sla.Clock) *time.Time { return &c.Started }),
	anyField("pauses", func(c *sla.Clock) any { return &c.Pauses }),
	timeField("paused_at", func(c *sla.Clock) *time.Time { return &c.PausedAt }),
	timeField("due", func(c *sla.Clock) *time.Time { return &c.Due }),
	intField("warned", func(c *sla.Clock) *int { return &c.Warned }),
	timeField("breached_at", func(c *sla.Clock) *time.Time { return &c.BreachedAt }),
	timeField("ended_at", func(c *sla.Clock) *time.Time { return &c.EndedAt }),
}

func wordField[T any, S ~string](name string, of func(*T) *S) member[T] {
	return member[T]{name, func(d *RowReader, into *T) bool { return word(d, of(into)) }}
}

func idField[T any](name string, of func(*T) *ID) member[T] {
	return member[T]{name, func(d *RowReader, into *T) bool { return d.id(of(into)) }}
}

func timeField[T any](name string, of func(*T) *time.Time) member[T] {
	return member[T]{name, func(d *RowReader, into *T) bool { return d.instant(of(into)) }}
}

func flagField[T any](name string, of func(*T) *bool) member[T] {
	return member[T]{name, func(d *RowReader, into *T) bool { return d.flag(of(into)) }}
}

func intField[T any, N ~int | ~int64 | ~uint32 | ~uint64](name string, of func(*T) *N) member[T] {
	return member[T]{name, func(d *RowReader, into *T) bool {
		n, ok := d.number()
		*of(into) = N(n)
		return ok && int64(N(n)) == n && N(n) < 0 == (n < 0)
	}}
}

// anyField is of what few rows have.
func anyField[T any](name string, of func(*T) any) member[T] {
	return member[T]{name, func(d *RowReader, into *T) bool {
		raw, ok := d.value()
		return ok && json.Unmarshal([]byte(raw), of(into)) == nil
	}}
}

// listField has room for so many at first.
func listField[T, E any](name string, of func(*T) *[]E, room int, read func(*RowReader, *E) bool) member[T] {
	return member[T]{name, func(d *RowReader, into *T) bool {
		if !d.skip('[') {
			return false
		}
		list := make([]E, 0, room)
		for more := !d.skip(']'); more; more = !d.skip(']') {
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
func object[T any](d *RowReader, into *T, fields []member[T]) bool {
	if !d.skip('{') {
		return false
	}
	next := 0
	for more := !d.skip('}'); more; more = !d.skip('}') {
		if next > 0 && !d.skip(',') {
			return false
		}
		name, plain := d.quoted()
		if !plain || !d.skip(':') {
			return false
		}
		for next < len(fields) && fields[next].name != name {
			next++
		}
		if next == len(fields) || !fields[next].read(d, into) {
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
	*into = S(known)
	return true
}

func (d *RowReader) id(into *ID) bool {
	s, plain := d.quoted()
	if plain && s == "" {
		*into = ID{}
		return true
	}
	if !plain || len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return false
	}
	n := 0
	for i := 0; i < len(s); i += 2 {
		switch i {
		case 8, 13, 18, 23:
			i++
		}
		hi, lo := hexDigits[s[i]], hexDigits[s[i+1]]
		if hi|lo > 0xf {
			return false
		}
		into[n] = hi<<4 | lo
		n++
	}
	return true
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

// instant reads a time as it is written in UTC.
func (d *RowReader) instant(into *time.Time) bool {
	s, plain := d.quoted()
	const shortest = len("2006-01-02T15:04:05Z")
	if !plain || len(s) < shortest || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' || s[len(s)-1] != 'Z' {
		return false
	}
	century, ok0 := twoDigits(s, 0)
	year, ok1 := twoDigits(s, 2)
	month, ok2 := twoDigits(s, 5)
	day, ok3 := twoDigits(s, 8)
	hour, ok4 := twoDigits(s, 11)
	minute, ok5 := twoDigits(s, 14)
	second, ok6 := twoDigits(s, 17)
	nano, ok7 := fraction(s[19 : len(s)-1])
	if !ok0 || !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || !ok6 || !ok7 || hour > 23 || minute > 59 || second > 59 {
		return false
	}
	at := time.Date(100*century+year, time.Month(month), day, hour, minute, second, nano, time.UTC)
	*into = at
	return at.Day() == day && at.Month() == time.Month(month)
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

func (d *RowReader) target(into *sla.Target) bool {
	raw, ok := d.value()
	if !ok {
		return false
	}
	known, ok := d.targets[raw]
	if !ok {
		if json.Unmarshal([]byte(raw), &known) != nil {
			return false
		}
		if d.targets == nil || len(d.targets) >= maxTargets {
			d.targets = map[string]sla.Target{}
		}
		d.targets[strings.Clone(raw)] = known
	}
	*into = known
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
