package report

import (
	"fmt"
	"time"

	"github.com/answerable-go/answerable/routing/simulate"
)

// maxHours is how many hours a terminal shows, and a line of squares has.
const maxHours = 48

// hourLabels name hours, with their days where there are several.
func hourLabels(list []simulate.HourResult) []string {
	layout := "15:04"
	if len(list) > 24 {
		layout = "Mon 15:04"
	}
	labels := make([]string, len(list))
	for i, h := range list {
		labels[i] = h.From.Format(layout)
	}
	return labels
}

func byHour(list []simulate.HourResult, of func(*simulate.HourResult) simulate.Value) []simulate.Value {
	values := make([]simulate.Value, len(list))
	for i := range list {
		values[i] = of(&list[i])
	}
	return values
}

// serviceLevel is an hour's.
func serviceLevel(h *simulate.HourResult) simulate.Value { return h.ServiceLevel }

// whole is the name of the time that the hours are of.
func whole(r *simulate.Report) string {
	switch {
	case r.Weekly:
		return "week"
	case len(r.Hours) <= 24:
		return "day"
	}
	return "days"
}

// hours is how it went through the day, or the week.
func hours(r *simulate.Report) Section {
	labels := hourLabels(r.Hours)
	s := Section{Title: "Through the " + whole(r), Blocks: []Block{
		{Chart: &Chart{
			Kind: Columns, Title: "When do they come, and what becomes of them?", Note: "By the hour in which they came.",
			Of: "hour", Labels: labels, Measure: "inquiries an hour", Unit: simulate.Number, Series: outcomes(r.Hours),
		}},
		{Chart: &Chart{
			Kind: Lines, Title: "When is everybody served in time?", Note: "The band is where the truth probably is.",
			Of: "hour", Labels: labels, Measure: "had an owner in time", Unit: simulate.Share,
			Series: []Series{{Name: "in time", Values: byHour(r.Hours, serviceLevel)}},
		}},
		{Chart: &Chart{
			Kind: Lines, Title: "When do they wait for long?", Note: "The mean of those served, by the hour in which they came.",
			Of: "hour", Labels: labels, Measure: "wait for an owner", Unit: simulate.Seconds,
			Series: []Series{{Name: "wait of served", Values: byHour(r.Hours, func(h *simulate.HourResult) simulate.Value { return h.WaitServed })}},
		}},
	}}
	for _, c := range heats(r) {
		s.Blocks = append(s.Blocks, Block{Chart: c})
	}
	s.Blocks = append(s.Blocks, Block{Table: hourTable(r)})
	return s
}

// outcomes are what became of those who came in an hour. Those who neither were served
// nor left had no owner at the end of the run.
func outcomes(list []simulate.HourResult) []Series {
	of := []Series{
		{Name: "served", Values: byHour(list, func(h *simulate.HourResult) simulate.Value { return h.Served })},
		{Name: "gave up", Values: byHour(list, func(h *simulate.HourResult) simulate.Value { return h.Abandoned })},
		{Name: "turned away", Values: byHour(list, func(h *simulate.HourResult) simulate.Value { return h.Blocked })},
	}
	kept := of[:1]
	for _, s := range of[1:] {
		for _, v := range s.Values {
			if v.Mean > 0 {
				kept = append(kept, s)
				break
			}
		}
	}
	return kept
}

// heats are the service level by class and hour; of a week by day and hour, for all and
// for each class.
func heats(r *simulate.Report) []*Chart {
	const note = "The stronger the colour, the more were not in time. The number is how many of 100 were."
	if !r.Weekly && len(r.Hours) <= maxHours {
		c := &Chart{
			Kind: Heat, Title: "Which class is late, and when?", Note: note, Of: "hour", Labels: hourLabels(r.Hours),
			Measure: "had an owner in time", Unit: simulate.Share,
		}
		for i := range r.Classes {
			c.Series = append(c.Series, Series{Name: r.Classes[i].Class, Values: byHour(r.Classes[i].Hours, serviceLevel)})
		}
		return []*Chart{c}
	}
	list := []*Chart{days(r, "On which days, at what hours are they late?", note, r.Hours)}
	if len(r.Classes) > 1 {
		for i := range r.Classes {
			list = append(list, days(r, "When is "+r.Classes[i].Class+" late?", note, r.Classes[i].Hours))
		}
	}
	return list
}

// days is a square for each hour of each day. The hours of a week are those of its days
// whatever the clocks did; others are where their beginning is.
func days(r *simulate.Report, title, note string, list []simulate.HourResult) *Chart {
	c := &Chart{Kind: Heat, Title: title, Note: note, Of: "hour of the day", Measure: "had an owner in time", Unit: simulate.Share}
	for h := range 24 {
		c.Labels = append(c.Labels, fmt.Sprintf("%02d", h))
	}
	last := ""
	for i := range list {
		day, hour := list[i].From.Format("Mon 01-02"), list[i].From.Hour()
		if r.Weekly {
			day, hour = time.Weekday((i/24+1)%7).String(), i%24
		}
		if day != last {
			c.Series, last = append(c.Series, Series{Name: day, Values: make([]simulate.Value, 24)}), day
		}
		c.Series[len(c.Series)-1].Values[hour] = list[i].ServiceLevel
	}
	return c
}

func hourTable(r *simulate.Report) *Table {
	t := &Table{Title: "Hour by hour", Folded: true, Aside: len(r.Hours) > maxHours || len(r.Hours) < 2, Columns: []Column{
		{Name: "hour"},
		{Name: "offered", Unit: simulate.Number, Bar: true},
		{Name: "in time", Unit: simulate.Share},
		{Name: "gave up", Unit: simulate.Share},
		{Name: "wait of served", Unit: simulate.Seconds},
		{Name: "wait of all", Unit: simulate.Seconds},
	}}
	for _, h := range r.Hours {
		gone := simulate.Value{}
		if h.Offered.Mean > 0 {
			gone = simulate.Value{Mean: h.Abandoned.Mean / h.Offered.Mean, N: min(1, h.Offered.N)}
		}
		t.Rows = append(t.Rows, []Cell{text(h.From.Format("Mon 15:04")), value(h.Offered), value(h.ServiceLevel), value(gone), value(h.WaitServed), value(h.WaitAll)})
	}
	return t
}
