package simulate

import (
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// Value is an estimate: the mean over replications, and half the width of its
// confidence interval. With one replication there is no interval, and with none
// that could tell no value.
type Value struct {
	Mean float64 `json:"mean"`
	Half float64 `json:"half,omitempty"` // of the interval's width; 0 if there is no interval
	N    int     `json:"n"`              // replications that it is taken over
}

// Low is the lower end of the interval.
func (v Value) Low() float64 { return v.Mean - v.Half }

// High is the upper end of the interval.
func (v Value) High() float64 { return v.Mean + v.Half }

// Holds reports whether the interval has a value.
func (v Value) Holds(x float64) bool { return v.N > 0 && v.Low() <= x && x <= v.High() }

// Report is the result of a simulation. It is plain data with stable JSON;
// durations are in seconds.
type Report struct {
	Scenario     string    `json:"scenario,omitempty"`
	Seed         uint64    `json:"seed"`
	From         time.Time `json:"from"`  // counting is from here
	Until        time.Time `json:"until"` // to here, by the instant of arrival
	Replications int       `json:"replications"`
	Done         int       `json:"done"` // replications that ran to their end
	// Partial means that the simulation was interrupted. The report is of the
	// replications that were done or, if none was, of the first one as far as it came.
	Partial    bool    `json:"partial,omitempty"`
	Confidence float64 `json:"confidence"`

	Total   Measures      `json:"total"`
	Classes []ClassResult `json:"classes"`
	// Hours are the hours since counting began. If that is more than a week, Weekly
	// is set, and they are the hours of the week from Monday.
	Hours  []HourResult  `json:"hours"`
	Weekly bool          `json:"weekly,omitempty"`
	Owners []OwnerResult `json:"owners"`
	Groups []GroupResult `json:"groups"`

	// Examples are inquiries of the first replication, if asked for. The report of
	// an interrupted simulation has none.
	Examples []Example `json:"examples,omitempty"`

	// Inquiries and Events are how many were simulated, counted or not.
	Inquiries uint64 `json:"inquiries"`
	Events    uint64 `json:"events"`
	// Journals are the SHA-256 of the journals of the replications, if asked for.
	Journals []string `json:"journals,omitempty"`
}

// Measures are the results for a class, or for all classes. Counts are means
// per replication.
type Measures struct {
	Offered   Value `json:"offered"` // attempts to be served, of those who write again, too
	Again     Value `json:"again"`   // of these, by those who write again
	Served    Value `json:"served"`  // got an owner
	Abandoned Value `json:"abandoned"`
	Blocked   Value `json:"blocked"`  // turned away: no room to wait
	Unserved  Value `json:"unserved"` // still without an owner at the end of the run

	// ServiceLevel is the share of all offered that got an owner within the class's
	// time. Abandoned, blocked and unserved count as failures.
	ServiceLevel   Value `json:"service_level"`
	AbandonedShare Value `json:"abandoned_share"`
	BlockedShare   Value `json:"blocked_share"`

	// WaitAll is the mean wait for an owner over all who came in, whether they were
	// served, gave up or were unserved; the blocked do not count. WaitServed is
	// over the served.
	WaitAll    Value `json:"wait_all"`
	WaitServed Value `json:"wait_served"`
	// Wait50, Wait90 and Wait99 are quantiles of the wait of the served.
	Wait50 Value `json:"wait_50"`
	Wait90 Value `json:"wait_90"`
	Wait99 Value `json:"wait_99"`

	Handling Value `json:"handling"` // time under work, per phase of it
	Resolve  Value `json:"resolve"`  // from arrival to resolution

	HandOffs   Value `json:"hand_offs"`  // changes of owner, per served
	Declined   Value `json:"declined"`   // declined offers, per served
	Nudges     Value `json:"nudges"`     // messages while waiting, per offered
	Escalated  Value `json:"escalated"`  // rungs climbed, per offered
	Stranded   Value `json:"stranded"`   // share for whom nobody could ever qualify
	Unfinished Value `json:"unfinished"` // attempts that the end of the run cut off

	// DeadlinesMet is the share of deadlines of all kinds that were met.
	DeadlinesMet Value `json:"deadlines_met"`
	// Deadlines are the shares of deadlines that were met, of those that ended
	// without the customer having left.
	Deadlines []DeadlineResult `json:"deadlines,omitempty"`
}

// ClassResult are the results for one class.
type ClassResult struct {
	Class  string       `json:"class"`
	Within sla.Duration `json:"within"` // the time that its service level allows
	Measures
	Hours []HourResult `json:"hours"` // as in the Report
}

// DeadlineResult are the results for one kind of deadline.
type DeadlineResult struct {
	Kind sla.Kind `json:"kind"`
	Met  Value    `json:"met"` // share
	Of   Value    `json:"of"`  // how many there were
}

// HourResult are the results for the attempts that began in one hour. The values
// are those of [Measures].
type HourResult struct {
	// From is its beginning; of the hours of a week that of the first such hour.
	From         time.Time `json:"from"`
	Offered      Value     `json:"offered"`
	Served       Value     `json:"served"`
	Abandoned    Value     `json:"abandoned"`
	Blocked      Value     `json:"blocked"`
	ServiceLevel Value     `json:"service_level"`
	WaitAll      Value     `json:"wait_all"`
	WaitServed   Value     `json:"wait_served"`
}

// OwnerResult are the results for one owner: how they spent the time that counts.
type OwnerResult struct {
	Owner   inquiry.OwnerID `json:"owner"`
	Group   string          `json:"group"`
	Staffed Value           `json:"staffed"` // seconds on shift and not on a break
	// Utilisation is the time at work over Staffed. Overtime makes it exceed 1.
	Utilisation Value `json:"utilisation"`
	InHand      Value `json:"in_hand"` // inquiries under work, on average while staffed
	Handled     Value `json:"handled"` // inquiries handled
}

// GroupResult are the results for the owners of one group.
type GroupResult struct {
	Group       string `json:"group"`
	Owners      int    `json:"owners"`
	Utilisation Value  `json:"utilisation"` // as of an [OwnerResult], over all of them
	Handled     Value  `json:"handled"`     // inquiries handled, by all of them
}

// measure is one of the Measures: where it stands, and what it is of counts; false
// if they cannot tell.
type measure struct {
	name  string
	value func(*Measures) *Value
	of    func(*counts) (float64, bool)
	unit  Unit
}

// Unit is what a measure is given in.
type Unit string

// Units.
const (
	Number  Unit = "number"
	Share   Unit = "share" // 0 to 1
	Seconds Unit = "seconds"
)

func ratio(a, b float64) (float64, bool) {
	if b == 0 {
		return 0, false
	}
	return a / b, true
}

func counted(n int) (float64, bool) { return float64(n), true }

func quantileOf(p float64) func(*counts) (float64, bool) {
	return func(c *counts) (float64, bool) { return c.waits.quantile(p), c.waits.n > 0 }
}

// metOf is the share of deadlines of all kinds that were met.
func metOf(c *counts) (float64, bool) {
	met, all := 0, 0
	for _, d := range c.deadlines {
		met, all = met+d.met, all+d.met+d.missed
	}
	return ratio(float64(met), float64(all))
}

var measures = []measure{
	{"offered", func(m *Measures) *Value { return &m.Offered }, func(c *counts) (float64, bool) { return counted(c.offered) }, Number},
	{"again", func(m *Measures) *Value { return &m.Again }, func(c *counts) (float64, bool) { return counted(c.again) }, Number},
	{"served", func(m *Measures) *Value { return &m.Served }, func(c *counts) (float64, bool) { return counted(c.served) }, Number},
	{"abandoned", func(m *Measures) *Value { return &m.Abandoned }, func(c *counts) (float64, bool) { return counted(c.abandoned) }, Number},
	{"blocked", func(m *Measures) *Value { return &m.Blocked }, func(c *counts) (float64, bool) { return counted(c.blocked) }, Number},
	{"unserved", func(m *Measures) *Value { return &m.Unserved }, func(c *counts) (float64, bool) { return counted(c.unserved) }, Number},
	{"service_level", func(m *Measures) *Value { return &m.ServiceLevel }, func(c *counts) (float64, bool) { return ratio(float64(c.within), float64(c.offered)) }, Share},
	{"abandoned_share", func(m *Measures) *Value { return &m.AbandonedShare }, func(c *counts) (float64, bool) { return ratio(float64(c.abandoned), float64(c.offered)) }, Share},
	{"blocked_share", func(m *Measures) *Value { return &m.BlockedShare }, func(c *counts) (float64, bool) { return ratio(float64(c.blocked), float64(c.offered)) }, Share},
	{"wait_all", func(m *Measures) *Value { return &m.WaitAll }, func(c *counts) (float64, bool) {
		return ratio(c.waitAll, float64(c.served+c.abandoned+c.unserved))
	}, Seconds},
	{"wait_served", func(m *Measures) *Value { return &m.WaitServed }, func(c *counts) (float64, bool) { return ratio(c.waitServed, float64(c.served)) }, Seconds},
	{"wait_50", func(m *Measures) *Value { return &m.Wait50 }, quantileOf(0.5), Seconds},
	{"wait_90", func(m *Measures) *Value { return &m.Wait90 }, quantileOf(0.9), Seconds},
	{"wait_99", func(m *Measures) *Value { return &m.Wait99 }, quantileOf(0.99), Seconds},
	{"handling", func(m *Measures) *Value { return &m.Handling }, func(c *counts) (float64, bool) { return ratio(c.handling, float64(c.handled)) }, Seconds},
	{"resolve", func(m *Measures) *Value { return &m.Resolve }, func(c *counts) (float64, bool) { return ratio(c.toResolve, float64(c.resolved)) }, Seconds},
	{"hand_offs", func(m *Measures) *Value { return &m.HandOffs }, func(c *counts) (float64, bool) { return ratio(float64(c.handedOff), float64(c.served)) }, Number},
	{"declined", func(m *Measures) *Value { return &m.Declined }, func(c *counts) (float64, bool) { return ratio(float64(c.declined), float64(c.served)) }, Number},
	{"nudges", func(m *Measures) *Value { return &m.Nudges }, func(c *counts) (float64, bool) { return ratio(float64(c.nudges), float64(c.offered)) }, Number},
	{"escalated", func(m *Measures) *Value { return &m.Escalated }, func(c *counts) (float64, bool) { return ratio(float64(c.escalated), float64(c.offered)) }, Number},
	{"stranded", func(m *Measures) *Value { return &m.Stranded }, func(c *counts) (float64, bool) { return ratio(float64(c.stranded), float64(c.offered)) }, Share},
	{"deadlines_met", func(m *Measures) *Value { return &m.DeadlinesMet }, metOf, Share},
	{"unfinished", func(m *Measures) *Value { return &m.Unfinished }, func(c *counts) (float64, bool) { return counted(c.unfinished) }, Number},
}

// across is a value over replications, of which some may not tell.
func across(tallies []*tally, confidence float64, of func(*tally) (float64, bool)) Value {
	values := make([]float64, 0, len(tallies))
	for _, t := range tallies {
		if v, ok := of(t); ok {
			values = append(values, v)
		}
	}
	return estimate(values, confidence)
}

func (c *compiled) measured(tallies []*tally, of func(*tally) *counts) Measures {
	var m Measures
	for _, k := range measures {
		*k.value(&m) = across(tallies, c.confidence, func(t *tally) (float64, bool) { return k.of(of(t)) })
	}
	for i, kind := range kinds {
		d := DeadlineResult{
			Kind: kind,
			Met: across(tallies, c.confidence, func(t *tally) (float64, bool) {
				n := of(t).deadlines[i]
				return ratio(float64(n.met), float64(n.met+n.missed))
			}),
			Of: across(tallies, c.confidence, func(t *tally) (float64, bool) {
				n := of(t).deadlines[i]
				return counted(n.met + n.missed)
			}),
		}
		if d.Met.N > 0 {
			m.Deadlines = append(m.Deadlines, d)
		}
	}
	return m
}

// report makes a report of what replications counted.
func (c *compiled) report(tallies []*tally) *Report {
	r := &Report{
		Scenario: c.Name, Seed: c.seed, From: c.count.In(c.zone), Until: c.end.In(c.zone), Replications: c.replications,
		Done: len(tallies), Confidence: c.confidence,
	}
	totals := make(map[*tally]*counts, len(tallies)) // looked up only
	for _, t := range tallies {
		totals[t] = sum(t)
		r.Inquiries += t.inquiries
		r.Events += t.events
	}
	r.Total = c.measured(tallies, func(t *tally) *counts { return totals[t] })
	for i, k := range c.classes {
		r.Classes = append(r.Classes, ClassResult{
			Class: k.Name, Within: sla.Duration(k.within),
			Measures: c.measured(tallies, func(t *tally) *counts { return &t.classes[i] }),
		})
	}
	if len(tallies) > 0 {
		c.reportHours(r, tallies)
		c.reportOwners(r, tallies)
	}
	return r
}

// sum is that of all classes.
func sum(t *tally) *counts {
	all := &counts{}
	for i := range t.classes {
		all.plus(&t.classes[i])
	}
	return all
}

func (c *compiled) reportHours(r *Report, tallies []*tally) {
	from := func(hour int) time.Time { return c.count.Add(time.Duration(hour) * time.Hour).In(c.zone) }
	if r.Weekly = tallies[0].weekly; r.Weekly {
		local := c.count.In(c.zone)
		from = func(hour int) time.Time { // by the wall clock, as they are counted
			return time.Date(local.Year(), local.Month(), local.Day()-(int(local.Weekday())+6)%7, hour, 0, 0, 0, c.zone)
		}
	}
	all := make(map[*tally][]hourCounts, len(tallies)) // looked up only
	for _, t := range tallies {
		all[t] = make([]hourCounts, len(t.hours[0]))
		for _, hours := range t.hours {
			for i := range hours {
				all[t][i].plus(&hours[i])
			}
		}
	}
	r.Hours = c.hours(from, tallies, func(t *tally) []hourCounts { return all[t] })
	for k := range r.Classes {
		r.Classes[k].Hours = c.hours(from, tallies, func(t *tally) []hourCounts { return t.hours[k] })
	}
}

func (c *compiled) hours(from func(hour int) time.Time, tallies []*tally, of func(*tally) []hourCounts) []HourResult {
	hours := make([]HourResult, len(of(tallies[0])))
	for i := range hours {
		value := func(what func(*hourCounts) (float64, bool)) Value {
			return across(tallies, c.confidence, func(t *tally) (float64, bool) { return what(&of(t)[i]) })
		}
		hours[i] = HourResult{
			From:         from(i),
			Offered:      value(func(h *hourCounts) (float64, bool) { return counted(h.offered) }),
			Served:       value(func(h *hourCounts) (float64, bool) { return counted(h.served) }),
			Abandoned:    value(func(h *hourCounts) (float64, bool) { return counted(h.abandoned) }),
			Blocked:      value(func(h *hourCounts) (float64, bool) { return counted(h.blocked) }),
			ServiceLevel: value(func(h *hourCounts) (float64, bool) { return ratio(float64(h.within), float64(h.offered)) }),
			WaitAll:      value(func(h *hourCounts) (float64, bool) { return ratio(h.waitAll, float64(h.offered-h.blocked)) }),
			WaitServed:   value(func(h *hourCounts) (float64, bool) { return ratio(h.waitServed, float64(h.served)) }),
		}
	}
	return hours
}

func (c *compiled) reportOwners(r *Report, tallies []*tally) {
	n := 0
	for _, g := range c.groups {
		first := n
		for range g.count {
			i := n
			value := func(of func(*ownerCounts) (float64, bool)) Value {
				return across(tallies, c.confidence, func(t *tally) (float64, bool) { return of(&t.owners[i]) })
			}
			r.Owners = append(r.Owners, OwnerResult{
				Owner: c.roster.Set[i].ID, Group: g.Name,
				Staffed:     value(func(o *ownerCounts) (float64, bool) { return o.staffed, true }),
				Utilisation: value(func(o *ownerCounts) (float64, bool) { return ratio(o.busy, o.staffed) }),
				InHand:      value(func(o *ownerCounts) (float64, bool) { return ratio(o.inHand, o.staffed) }),
				Handled:     value(func(o *ownerCounts) (float64, bool) { return counted(o.handled) }),
			})
			n++
		}
		all := func(of func(*ownerCounts) float64) func(*tally) float64 {
			return func(t *tally) float64 {
				sum := 0.0
				for i := first; i < first+g.count; i++ {
					sum += of(&t.owners[i])
				}
				return sum
			}
		}
		busy := all(func(o *ownerCounts) float64 { return o.busy })
		staffed := all(func(o *ownerCounts) float64 { return o.staffed })
		handled := all(func(o *ownerCounts) float64 { return float64(o.handled) })
		r.Groups = append(r.Groups, GroupResult{
			Group: g.Name, Owners: g.count,
			Utilisation: across(tallies, c.confidence, func(t *tally) (float64, bool) { return ratio(busy(t), staffed(t)) }),
			Handled:     across(tallies, c.confidence, func(t *tally) (float64, bool) { return handled(t), true }),
		})
	}
}
