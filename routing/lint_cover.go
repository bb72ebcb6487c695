package routing

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// coverDays is for how long cover is looked at: a year and some days, in which
// every holiday and change of the clocks comes.
const coverDays = 371

// interval is a stretch of time, its end excluded.
type interval struct{ from, until time.Time }

// cover looks for opening hours of the targets' calendars in which nobody who
// could ever have the inquiry is on shift.
func (l *linter) cover(o *outcome, p *inquiry.Plan) {
	who := l.qualified(p, everything(p))
	if len(who) == 0 {
		return
	}
	for _, t := range answers(o.settings.Targets) {
		hours := l.gap(t.Calendar, who)
		if hours == "" {
			continue
		}
		path := o.path
		for _, x := range o.layers {
			if i := slices.IndexFunc(x.own.Targets, func(own sla.Target) bool { return own.Kind == t.Kind }); i >= 0 && x.path == o.path {
				path = fmt.Sprintf("%s/targets[%d] (%s)", x.path, i, t.Kind)
			}
		}
		l.add(CheckNoCover, Warning, path, "lengthen a shift, give somebody else the skills, or shorten the calendar",
			"%s counts %s, and nobody who qualifies is on shift then: %s", t.Kind, hours, shifts(who))
	}
}

// answers are the targets that somebody must be there for: those of answers or,
// where there are none, all that count the hours of a calendar.
func answers(targets []sla.Target) (out []sla.Target) {
	for _, t := range targets {
		if t.Kind == sla.Acknowledge || t.Kind == sla.FirstResponse || t.Kind == sla.NextResponse {
			if !slices.ContainsFunc(out, func(o sla.Target) bool { return o.Calendar == t.Calendar }) {
				out = append(out, t)
			}
		}
	}
	if out == nil {
		return slices.DeleteFunc(slices.Clone(targets), func(t sla.Target) bool { return t.Calendar == "" })
	}
	return out
}

// shifts names owners with their shifts.
func shifts(who []*inquiry.Owner) string {
	names := make([]string, len(who))
	for i, o := range who {
		names[i] = fmt.Sprintf("%s (%s)", o.ID, o.Shift)
	}
	return listed(names)
}

// orNames lists rules, "press or billing".
func orNames(names []string) string {
	words := "rule " + listed(names)
	if i := strings.LastIndex(words, " and "); i >= 0 && len(names) > 1 {
		words = words[:i] + " or " + words[i+len(" and "):]
	}
	return words
}

// home is what is known of a department whose inquiries rules send there.
type home struct {
	calendars []string
	rules     []string
}

// homed notes whom an inquiry belongs to while it has no owner.
func (l *linter) homed(o *outcome, p *inquiry.Plan) {
	name := p.Requirement.Home
	if name == "" {
		return
	}
	h := l.homes[name]
	if h == nil {
		h = &home{}
		l.homes[name] = h
	}
	if !slices.Contains(h.rules, o.name) {
		h.rules = append(h.rules, o.name)
	}
	for _, t := range answers(o.settings.Targets) {
		if !slices.Contains(h.calendars, t.Calendar) {
			h.calendars = append(h.calendars, t.Calendar)
		}
	}
}

// departments looks for departments without anybody, or without anybody on
// shift in some opening hours of what is theirs.
func (l *linter) departments() {
	for i, d := range l.c.policy.Departments {
		path := fmt.Sprintf("departments[%d] (%s)", i, d.Name)
		var who []*inquiry.Owner
		for j := range l.roster {
			if l.roster[j].In(d.Name) {
				who = append(who, &l.roster[j])
			}
		}
		h := l.homes[d.Name]
		switch {
		case h == nil && len(who) == 0:
			l.add(CheckUnused, Notice, path, "remove it, or give it members", "nobody on the roster belongs to %s, and it is the home of nothing", d.Name)
			continue
		case h == nil:
			continue
		case len(who) == 0:
			l.add(CheckNoCover, Warning, path, "give it members, or another home to the rules", "nobody on the roster is in %s, the home of what %s matches", d.Name, orNames(h.rules))
			continue
		}
		for _, calendar := range h.calendars {
			if hours := l.gap(calendar, who); hours != "" {
				l.add(CheckNoCover, Notice, path, "lengthen a shift, or count on the other departments",
					"nobody of %s is on shift %s, when targets of what %s matches count: %s", d.Name, hours, orNames(h.rules), shifts(who))
			}
		}
	}
}

// gap is when a calendar is open and none of some owners is on shift, in words;
// "" if there is no such time.
func (l *linter) gap(calendar string, who []*inquiry.Owner) string {
	names := []string{}
	for _, o := range who {
		if l.c.Calendar(o.Shift) == nil {
			return "" // always there
		}
		names = append(names, o.Shift)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	key := calendar + "\x00" + strings.Join(names, "\x00")
	if known, ok := l.gaps[key]; ok {
		return known
	}
	var there []interval
	for _, n := range names {
		there = append(there, l.spansOf(n)...)
	}
	words := l.hours(cmp.Or(calendar, names[0]), minus(l.spansOf(calendar), union(there)))
	if l.gaps == nil {
		l.gaps = map[string]string{}
	}
	l.gaps[key] = words
	return words
}

// zone is a calendar's, for telling hours as its people do.
func (l *linter) zone(calendar string) *time.Location {
	if s := l.c.Calendar(calendar); s != nil {
		if loc, err := time.LoadLocation(s.Calendar().Zone); err == nil {
			return loc
		}
	}
	return time.UTC
}

// spansOf are a calendar's open times from l.from on.
func (l *linter) spansOf(calendar string) (out []interval) {
	if known, ok := l.spans[calendar]; ok {
		return known
	}
	begin := l.from.UTC().AddDate(0, 0, -1) // a day more on either side: days begin with their zone
	end := begin.AddDate(0, 0, coverDays+2)
	s := l.c.Calendar(calendar)
	open, at := s.Open(begin), begin
	for at.Before(end) {
		next, opens, ok := s.NextChange(at)
		if !ok || next.After(end) {
			next, opens = end, !open
		}
		if open {
			out = append(out, interval{at, next})
		}
		at, open = next, opens
	}
	if l.spans == nil {
		l.spans = map[string][]interval{}
	}
	l.spans[calendar] = out
	return out
}

// union joins intervals that overlap or touch.
func union(in []interval) (out []interval) {
	slices.SortFunc(in, func(a, b interval) int { return a.from.Compare(b.from) })
	for _, x := range in {
		if n := len(out); n > 0 && !x.from.After(out[n-1].until) {
			if x.until.After(out[n-1].until) {
				out[n-1].until = x.until
			}
			continue
		}
		out = append(out, x)
	}
	return out
}

// minus is what of some intervals lies in none of others; both are in order.
func minus(all, others []interval) (out []interval) {
	i := 0
	for _, x := range all {
		for i < len(others) && !others[i].until.After(x.from) {
			i++
		}
		for j := i; j < len(others) && others[j].from.Before(x.until); j++ {
			if others[j].from.After(x.from) {
				out = append(out, interval{x.from, others[j].from})
			}
			x.from = others[j].until
		}
		if x.from.Before(x.until) {
			out = append(out, x)
		}
	}
	return out
}

// slot is a time of day that comes on several days.
type slot struct {
	from, until string // "09:00"
	days        []sla.Date
}

// hours tells intervals as people tell them: by weekday where they come in most
// weeks, and by date where they do not.
func (l *linter) hours(calendar string, in []interval) string {
	loc := l.zone(calendar)
	begin := sla.DateOf(l.from.In(loc))
	var slots []*slot
	for _, x := range in {
		for at := x.from; at.Before(x.until); {
			local := at.In(loc)
			y, m, d := local.Date()
			midnight := time.Date(y, m, d+1, 0, 0, 0, 0, loc)
			until, text := x.until, x.until.In(loc).Format("15:04")
			if !midnight.After(until) {
				until, text = midnight, "24:00"
			}
			day := sla.DateOf(local)
			if day.Compare(begin) < 0 || day.Sub(begin) >= coverDays {
				at = until
				continue
			}
			i := slices.IndexFunc(slots, func(s *slot) bool { return s.from == local.Format("15:04") && s.until == text })
			if i < 0 {
				slots = append(slots, &slot{from: local.Format("15:04"), until: text})
				i = len(slots) - 1
			}
			slots[i].days = append(slots[i].days, day)
			at = until
		}
	}
	slices.SortStableFunc(slots, func(a, b *slot) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.until, b.until)) })
	return inSlots(slots, loc)
}

func inSlots(slots []*slot, loc *time.Location) string {
	var weekly, dated []string
	for _, s := range slots {
		var week []time.Weekday
		var rest []sla.Date
		for day := time.Monday; day <= time.Saturday+1; day++ {
			var on []sla.Date
			for _, d := range s.days {
				if d.Weekday() == day%7 {
					on = append(on, d)
				}
			}
			if len(on) > coverDays/7/2 {
				week = append(week, day%7)
			} else {
				rest = append(rest, on...)
			}
		}
		if len(week) > 0 {
			weekly = append(weekly, fmt.Sprintf("on %s %s-%s", weekdays(week), s.from, s.until))
		}
		slices.SortFunc(rest, sla.Date.Compare)
		for _, d := range rest {
			dated = append(dated, fmt.Sprintf("on %s %s-%s", d, s.from, s.until))
		}
	}
	slices.Sort(dated) // by date
	const most = 4
	if n := len(dated); n > most {
		dated = append(dated[:most], fmt.Sprintf("on %d days more", n-most))
	}
	if len(weekly)+len(dated) == 0 {
		return ""
	}
	return strings.Join(append(weekly, dated...), ", ") + " (" + loc.String() + ")"
}

// weekdays names days, "monday to friday".
func weekdays(days []time.Weekday) string {
	var out []string
	for i := 0; i < len(days); {
		j := i
		for j+1 < len(days) && days[j+1] == (days[j]+1)%7 {
			j++
		}
		name := func(d time.Weekday) string { return strings.ToLower(d.String()) }
		switch j - i {
		case 0:
			out = append(out, name(days[i]))
		case 1:
			out = append(out, name(days[i]), name(days[j]))
		default:
			out = append(out, name(days[i])+" to "+name(days[j]))
		}
		i = j + 1
	}
	return strings.Join(out, ", ")
}
