package simulate

import (
	"cmp"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// Example is one attempt to be served, of the first replication: what happened,
// with the decisions explained as by [routing.Explain].
type Example struct {
	Pick    Pick       `json:"pick"` // why it was chosen
	Class   string     `json:"class"`
	Inquiry inquiry.ID `json:"inquiry"`
	Arrived time.Time  `json:"arrived"`
	Waited  float64    `json:"waited"` // seconds: for an owner, or until it ended without one
	Outcome Outcome    `json:"outcome"`
	// Before is who had the inquiry last, if its customer came back.
	Before inquiry.OwnerID `json:"before,omitempty"`
	Story  []Moment        `json:"story"`
	// Omitted is how many moments are left out of the story; see [MaxMoments].
	Omitted int `json:"omitted,omitempty"`
}

// Moment is something that happened to an inquiry, in the story of an
// [Example].
type Moment struct {
	At   time.Time         `json:"at"`
	Kind inquiry.EventKind `json:"kind"`
	// Owner is the owner it was about: to whom it was offered, who has it, to whom
	// the ladder turned.
	Owner inquiry.OwnerID `json:"owner,omitempty"`
	// Detail says more in words: which deadline was missed, the reason that was given.
	Detail string `json:"detail,omitempty"`
	// Why explains an offer or assignment, or of an inquiry that is queued why
	// nobody had it then. It asks after the next best owner in particular
	// ([routing.Explanation].WhyNot). At most [MaxExplained] moments of a story
	// have it: the first ones, and the last.
	Why *routing.Explanation `json:"why,omitempty"`
}

// The bounds of an [Example].
const (
	MaxMoments   = 100 // how many moments its story has at most
	MaxExplained = 6   // how many of these are explained at most
)

// Pick says what an [Example] is an example of.
type Pick string

// The picks, in the order in which they are made. Each picks from what was not
// picked before; of equals it takes the first to arrive.
const (
	Changed        Pick = "changed"         // [Compare] only: the wait differs the most
	Typical        Pick = "typical"         // the middle one of the served by their wait
	LongestWait    Pick = "longest_wait"    // of the served
	MissedDeadline Pick = "missed_deadline" // the most deadlines missed, then the longest wait
	HandedOver     Pick = "handed_over"     // the most changes of owner, that from the one before a return among them
	LeftWaiting    Pick = "left_waiting"    // the longest wait of those who gave up
	DeclinedOffer  Pick = "declined_offer"  // the most offers declined
	NoRoom         Pick = "no_room"         // the first that was turned away
	NeverServed    Pick = "never_served"    // the longest wait without an owner until the end of the run
	OfTheClass     Pick = "of_the_class"    // the middle one of the served of a class, for each class in turn
)

// Outcome says how an attempt ended.
type Outcome string

// The outcomes.
const (
	Resolved   Outcome = "resolved"
	Served     Outcome = "served" // an owner has it; the run ended before the resolution
	GaveUp     Outcome = "gave_up"
	TurnedAway Outcome = "turned_away"
	Unserved   Outcome = "unserved" // it had no owner when the run ended
)

// origin names an inquiry by where it comes from, which is the same under any policy.
type origin struct {
	class  string
	source int // of the class's sources of arrivals
	number uint64
}

// record is what is noted of an attempt, so that examples can be chosen.
type record struct {
	origin  origin
	attempt int // of the same inquiry, by its author's messages
	id      inquiry.ID
	class   int
	arrived time.Time
	until   time.Time
	wait    time.Duration
	outcome Outcome
	before  inquiry.OwnerID

	missed, handedOff, declined int
}

// record begins the record of an attempt, if records are kept.
func (t *tally) record(x *matter) {
	if t.keeps {
		x.record = &record{origin: x.origin, attempt: x.retries + x.returns, class: x.class, arrived: x.arrived}
		if x.last != nil {
			x.record.before = x.last.id
		}
		t.records = append(t.records, x.record)
	}
}

// ends notes how an attempt ends and, unless an owner had it before, after what wait.
func (r *record) ends(as Outcome, wait time.Duration) {
	if r == nil {
		return
	}
	if r.outcome == "" {
		r.wait = wait
	}
	r.outcome = as
}

// over notes the end: from now on the inquiry may be somebody else's attempt.
func (r *record) over(x *matter) {
	if r != nil {
		r.id, r.until = x.id, x.w.loop.Now()
	}
}

func (r *record) declines() *int { return r.count(func(r *record) *int { return &r.declined }) }
func (r *record) handsOff() *int { return r.count(func(r *record) *int { return &r.handedOff }) }
func (r *record) misses()        { *r.count(func(r *record) *int { return &r.missed })++ }

func (r *record) count(of func(*record) *int) *int {
	if r == nil {
		return new(int)
	}
	return of(r)
}

// picked is a record with why it was picked.
type picked struct {
	pick Pick
	*record
}

// picking chooses records, each once.
type picking struct {
	records []*record
	chosen  []picked
	most    int
}

// add picks the greatest of those that may be: the first to arrive among equals.
func (p *picking) add(as Pick, may func(*record) bool, by func(*record) int64) {
	if list := p.open(may); len(list) > 0 {
		p.take(as, slices.MaxFunc(list, func(a, b *record) int { return cmp.Compare(by(a), by(b)) }))
	}
}

// middle picks the one in the middle by the wait.
func (p *picking) middle(as Pick, may func(*record) bool) {
	list := p.open(may)
	slices.SortStableFunc(list, func(a, b *record) int { return cmp.Compare(a.wait, b.wait) })
	if len(list) > 0 {
		p.take(as, list[len(list)/2])
	}
}

// open are those that may be picked, in the order of their arrival.
func (p *picking) open(may func(*record) bool) []*record {
	var list []*record
	for _, r := range p.records {
		if may(r) && !slices.ContainsFunc(p.chosen, func(c picked) bool { return c.record == r || c.id == r.id }) {
			list = append(list, r)
		}
	}
	return list
}

func (p *picking) take(as Pick, r *record) {
	if len(p.chosen) < p.most {
		p.chosen = append(p.chosen, picked{as, r})
	}
}

// pick chooses the examples.
func pick(records []*record, n int) []picked {
	p := &picking{records: records, most: n}
	p.rest()
	return p.chosen
}

func (p *picking) rest() {
	if p.most <= 0 {
		return
	}
	served := func(r *record) bool { return r.outcome == Resolved || r.outcome == Served }
	ended := func(as Outcome) func(*record) bool { return func(r *record) bool { return r.outcome == as } }
	wait := func(r *record) int64 { return int64(r.wait) }
	p.middle(Typical, served)
	p.add(LongestWait, func(r *record) bool { return served(r) && r.wait > 0 }, wait)
	most := 0
	for _, r := range p.open(func(r *record) bool { return r.missed > 0 }) {
		most = max(most, r.missed)
	}
	p.add(MissedDeadline, func(r *record) bool { return r.missed > 0 && r.missed == most }, wait)
	p.add(HandedOver, func(r *record) bool { return r.handedOff > 0 }, func(r *record) int64 { return int64(r.handedOff) })
	p.add(LeftWaiting, ended(GaveUp), wait)
	p.add(DeclinedOffer, func(r *record) bool { return r.declined > 0 }, func(r *record) int64 { return int64(r.declined) })
	p.add(NoRoom, ended(TurnedAway), wait)
	p.add(NeverServed, ended(Unserved), wait)
	classes := 0
	for _, r := range p.records {
		classes = max(classes, r.class+1)
	}
	for i := range classes {
		p.middle(OfTheClass, func(r *record) bool { return served(r) && r.class == i })
	}
}

// pickBoth chooses the examples of a comparison, the same inquiries in both.
func pickBoth(a, b []*record, n int) (inA, inB []picked) {
	if n <= 0 {
		return nil, nil
	}
	type key struct {
		origin
		attempt int
	}
	others := make(map[key]*record, len(b))
	for _, r := range b {
		others[key{r.origin, r.attempt}] = r
	}
	other := func(r *record) *record { return others[key{r.origin, r.attempt}] }
	p := &picking{records: a, most: n}
	changed := func(r *record) int64 { return int64((r.wait - other(r).wait).Abs()) }
	p.add(Changed, func(r *record) bool { return other(r) != nil && changed(r) > 0 }, changed)
	p.rest()
	for _, c := range p.chosen {
		if o := other(c.record); o != nil {
			inB = append(inB, picked{c.pick, o})
		}
	}
	return p.chosen, inB
}
