package replay

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

var kinds = []sla.Kind{sla.Acknowledge, sla.FirstResponse, sla.NextResponse, sla.Update, sla.Resolve, sla.Department}

// differ holds the two runs against each other.
type differ struct {
	*setting
	r           *Report
	waits       [2][]float64 // was, would
	resolves    [2][]float64
	owners      map[inquiry.OwnerID]*OwnerResult
	departments map[string]*DepartmentResult
	deadlines   map[sla.Kind]*DeadlineResult

	colleagues, assumed, unresolved, unowned, slower, byStrays, byNew int
}

func (s *setting) report(was, would *world) (*Report, error) {
	d := &differ{
		setting: s, owners: map[inquiry.OwnerID]*OwnerResult{}, departments: map[string]*DepartmentResult{}, deadlines: map[sla.Kind]*DeadlineResult{},
		r: &Report{
			From: s.history.From, Until: s.end, Policy: s.policy.Version(), Handling: s.options.Handling, Eligibility: s.options.Eligibility, Seed: s.options.Seed,
			Inquiries: len(s.lives), RecordedBreaches: s.history.Promised,
		},
	}
	for _, o := range s.list {
		d.owner(o.ID)
	}
	for i := range s.lives {
		w := &was.cases[i].course
		w.recorded(&s.lives[i])
		d.add(&s.lives[i], w, &would.cases[i].course)
	}
	d.sums()
	d.caveats(was, would)
	for _, j := range []struct {
		to *string
		w  *world
	}{{&d.r.Journals.Was, was}, {&d.r.Journals.Would, would}} {
		var err error
		if j.w.journal == nil {
			break
		}
		if *j.to, err = j.w.journal.Sum(); err != nil {
			return nil, fmt.Errorf("replay: %w", err)
		}
	}
	return d.r, nil
}

// recorded takes who had a case from the record itself, rather than from what the
// core made of it: its ladder may have turned to others.
func (c *Course) recorded(l *life) {
	c.Owners, c.Departments, c.OwnedAt, c.Stranded = nil, nil, time.Time{}, false
	for i := range l.phases {
		for j := range l.phases[i].stretches {
			k := &l.phases[i].stretches[j]
			if c.OwnedAt.IsZero() {
				c.OwnedAt = k.from
			}
			c.Owners = follow(c.Owners, k.owner)
		}
	}
	for _, g := range l.groups() {
		c.Departments = follow(c.Departments, g)
	}
}

func (d *differ) owner(id inquiry.OwnerID) *OwnerResult {
	o := d.owners[id]
	if o == nil {
		known := d.setting.owners[id]
		o = &OwnerResult{Owner: id, OnRoster: known != nil && !known.stray}
		d.owners[id] = o
	}
	return o
}

func (d *differ) department(name string) *DepartmentResult {
	o := d.departments[name]
	if o == nil {
		o = &DepartmentResult{Department: name}
		d.departments[name] = o
	}
	return o
}

// add holds the two courses of one case against each other.
func (d *differ) add(l *life, was, would *Course) {
	d.measure(0, &d.r.Was, l.At, was)
	d.measure(1, &d.r.Would, l.At, would)
	d.handed(would)
	d.shares(was, would)
	both := func(m *Mean, a, b time.Time) {
		if !a.IsZero() && !b.IsZero() {
			m.N++
			m.Mean += b.Sub(a).Seconds()
		}
	}
	both(&d.r.WaitChange, was.OwnedAt, would.OwnedAt)
	both(&d.r.ResolveChange, was.ResolvedAt, would.ResolvedAt)
	c := Change{Case: l.ID, At: l.At, Was: *was, Would: *would}
	d.promises(&c)
	d.doubts(&c)
	if len(c.Appear)+len(c.Vanish) > 0 || !was.OwnedAt.Equal(would.OwnedAt) || !was.ResolvedAt.Equal(would.ResolvedAt) || !slices.Equal(was.Owners, would.Owners) {
		d.r.Changes = append(d.r.Changes, c)
		d.r.Changed++
	}
}

func (d *differ) measure(which int, m *Measures, at time.Time, c *Course) {
	if !c.OwnedAt.IsZero() {
		m.Owned++
		d.waits[which] = append(d.waits[which], c.OwnedAt.Sub(at).Seconds())
	}
	if c.ResolvedAt.IsZero() {
		m.Open++
	} else {
		m.Resolved++
		d.resolves[which] = append(d.resolves[which], c.ResolvedAt.Sub(at).Seconds())
	}
	missed := c.Missed("")
	m.Missed += missed
	m.Met += len(c.Deadlines) - missed
	m.Groups.add(c.Departments)
	ids := make([]string, len(c.Owners))
	for i, o := range c.Owners {
		ids[i] = string(o)
	}
	m.Owners.add(ids)
}

// handed counts the cases that would, or might, be handed off.
func (d *differ) handed(would *Course) {
	if would.Stranded {
		d.r.Stranded++
	}
	if len(would.Departments) > 1 || would.Rests == Assumed {
		d.r.HandedOffAtMost++
	}
}

func (d *differ) shares(was, would *Course) {
	for i, c := range []*Course{was, would} {
		missed := c.Missed("")
		for j, id := range c.Owners {
			o := d.owner(id)
			s := &o.Was
			if i == 1 {
				s = &o.Would
			} else {
				o.InRecord = true
			}
			s.count(slices.Index(c.Owners, id) == j, j == 0, j == len(c.Owners)-1, missed)
		}
		for j, name := range c.Departments {
			s := &d.department(name).Was
			if i == 1 {
				s = &d.department(name).Would
			}
			s.count(slices.Index(c.Departments, name) == j, j == 0, j == len(c.Departments)-1, missed)
		}
	}
}

// count adds an inquiry to a share, if it is the first time that they had it.
func (s *Share) count(anew, first, last bool, missed int) {
	if anew {
		s.Had++
	}
	if first {
		s.First++
	}
	if last {
		s.Last++
		s.Missed += missed
	}
}

// promises finds the breaches that appear and those that vanish: of each kind, those
// that the other course does not have, the last ones first where it has fewer.
func (d *differ) promises(c *Change) {
	for _, kind := range kinds {
		was, would := c.Was.missed(kind), c.Would.missed(kind)
		o := d.deadlines[kind]
		if o == nil {
			o = &DeadlineResult{Kind: kind}
			d.deadlines[kind] = o
		}
		o.Was.Missed += len(was)
		o.Would.Missed += len(would)
		o.Was.Met += c.Was.met(kind)
		o.Would.Met += c.Would.met(kind)
		if n := len(was); n < len(would) {
			c.Appear = append(c.Appear, would[n:]...)
			o.Appear += len(would) - n
		}
		if n := len(would); n < len(was) {
			c.Vanish = append(c.Vanish, was[n:]...)
			o.Vanish += len(was) - n
		}
	}
	d.r.Appear += len(c.Appear)
	d.r.Vanish += len(c.Vanish)
}

func (c *Course) missed(kind sla.Kind) []Deadline {
	var list []Deadline
	for _, d := range c.Deadlines {
		if d.Kind == kind && d.Missed {
			list = append(list, d)
		}
	}
	return list
}

func (c *Course) met(kind sla.Kind) int {
	n := 0
	for _, d := range c.Deadlines {
		if d.Kind == kind && !d.Missed {
			n++
		}
	}
	return n
}

// doubts counts what a case's courses rest on.
func (d *differ) doubts(c *Change) {
	switch c.Would.Rests {
	case Assumed:
		d.assumed++
	case Colleague:
		d.colleagues++
	}
	if c.Was.ResolvedAt.IsZero() {
		d.unresolved++
	} else if c.Would.ResolvedAt.IsZero() {
		d.slower++
	}
	if len(c.Was.Owners) == 0 {
		d.unowned++
	}
	if o := d.setting.owners[c.Was.Final()]; o != nil && o.stray {
		d.byStrays++
	}
}

// sums completes the report with what is known once all cases are in.
func (d *differ) sums() {
	r := d.r
	for i, m := range []*Measures{&r.Was, &r.Would} {
		m.Wait, m.Resolve = spread(d.waits[i]), spread(d.resolves[i])
	}
	for _, m := range []*Mean{&r.WaitChange, &r.ResolveChange} {
		if m.N > 0 {
			m.Mean /= float64(m.N)
		}
	}
	for _, k := range kinds {
		if o := d.deadlines[k]; o != nil && o.Was.Met+o.Was.Missed+o.Would.Met+o.Would.Missed > 0 {
			r.Deadlines = append(r.Deadlines, *o)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(d.owners)) {
		o := *d.owners[id]
		if f := d.options.Inferred; f != nil {
			o.Inferred = f.skills(id)
		}
		if !o.InRecord {
			d.byNew += o.Would.Last
		}
		r.Owners = append(r.Owners, o)
	}
	for _, name := range slices.Sorted(maps.Keys(d.departments)) {
		r.Departments = append(r.Departments, *d.departments[name])
	}
	r.Inferred = d.options.Inferred != nil
}

func spread(list []float64) Spread {
	s := Spread{N: len(list)}
	if s.N == 0 {
		return s
	}
	slices.Sort(list)
	for _, x := range list {
		s.Mean += x
	}
	s.Mean /= float64(s.N)
	s.Median, s.P90 = list[(s.N-1)/2], list[(s.N-1)*9/10]
	return s
}

// caveats are told with how much rests on each.
func (d *differ) caveats(was, would *world) {
	r := d.r
	add := func(name string, n int, text string) {
		if n > 0 {
			r.Caveats = append(r.Caveats, Caveat{name, n, text})
		}
	}
	able := "that they could have is assumed, and that it would have taken them as long as it took there"
	if d.options.Eligibility == ByRecord {
		able = "they are taken to have passed it on to whoever did"
	}
	add("handled_by_others", d.assumed, "inquiries would be with somebody who, with their group, had nothing to do with their resolution in the record: "+able)
	add("handled_by_colleagues", d.colleagues, "inquiries would be resolved by somebody of the group that resolved them in the record: that it would have taken them as long is assumed")
	if f := d.options.Inferred; f != nil {
		add("inferred_skills", len(f.Skills), "skills are inferred from who resolved what in the record, and known from nowhere else")
		if f.Until.After(r.From) {
			n, _ := slices.BinarySearchFunc(d.lives, f.Until, func(l life, at time.Time) int { return cmp.Or(l.At.Compare(at), -1) })
			add("hindsight", n, "inquiries are replayed with skills that were inferred from them, too: split the history, and learn from the part before")
		}
	}
	add("unresolved", d.unresolved, "inquiries are not resolved by the end of the record: how long they take is not known, and whoever gets one keeps it")
	add("still_open", d.slower, "inquiries were resolved in the record, and would not be by the end of the run: a longer drain tells what becomes of them")
	add("owner_unknown", d.unowned, "inquiries have no owner in the record: who did the work is not known, and their wait cannot be compared")
	strays, fresh := 0, 0
	for i := range r.Owners {
		if !r.Owners[i].OnRoster {
			strays++
		}
		if !r.Owners[i].InRecord {
			fresh++
		}
	}
	add("owners_not_on_roster", strays, fmt.Sprintf("owners of the record are not on the roster; the last owner of %d inquiries is one of them", d.byStrays))
	add("owners_not_in_record", fresh, fmt.Sprintf("owners on the roster have nothing in the record, which cannot tell what they can do; they would be the last owner of %d inquiries", d.byNew))
	busier := 0
	for _, o := range d.list {
		if would.most[o.ID] > was.most[o.ID] {
			busier++
		}
	}
	add("busier", busier, "owners would have more in hand at once than they ever had in the record: that they would be as quick is assumed")
	if d.history.Presences == nil {
		add("presence_unknown", len(d.list), "owners are taken to be there throughout, within their shifts: the record does not tell who was ill or on leave")
	}
	add("other_work", len(d.list), "owners are taken to have no other work than what the record has")
	add("messages_unwritten", would.unwritten, "messages that customers wrote while their inquiry was open are not written, because it would be resolved by then")
	add("duties_beside", would.beside, "duties beside an inquiry, to acknowledge or to help, are taken to be done at once; the record does not tell of them")
	add("acts_refused", was.refused, "acts of the record were not possible as they stand there, and were passed over")
	add("acts_impossible", would.refused, "acts that somebody would have taken were refused, and passed over")
	r.Caveats = append(r.Caveats, d.history.Caveats...)
}
