package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/sla"
)

// story is the report for people.
type story struct {
	*chronicle
	engine     *dispatch.Engine
	script     *script
	plan       runPlan
	sum        *summary
	violations []dispatch.Violation
	db         string
	kept       bool // the database was named by the user

	out bytes.Buffer
}

// tell writes the whole report.
func (s *story) tell(ctx context.Context, w io.Writer) error {
	s.head()
	s.cameIn()
	s.whoGotWhat()
	if err := s.cases(ctx); err != nil {
		return err
	}
	s.raised()
	s.deadlines()
	if err := s.explained(ctx); err != nil {
		return err
	}
	s.swept()
	s.whereItIs()
	_, err := w.Write(s.out.Bytes())
	return err
}

func (s *story) say(format string, args ...any) { fmt.Fprintf(&s.out, format, args...) }

func (s *story) section(title string) {
	s.say("\n%s\n%s\n", title, strings.Repeat("-", len([]rune(title))))
}

// table writes rows of columns, of which those from right on are numbers.
func (s *story) table(rows [][]string, right int) {
	width := map[int]int{}
	for _, r := range rows {
		for i, cell := range r {
			width[i] = max(width[i], len([]rune(cell)))
		}
	}
	for _, r := range rows {
		var line strings.Builder
		line.WriteString(" ")
		for i, cell := range r {
			pad := strings.Repeat(" ", width[i]-len([]rune(cell)))
			if i >= right {
				line.WriteString(" " + pad + cell + " ")
			} else {
				line.WriteString(" " + cell + pad + " ")
			}
		}
		s.say("%s\n", strings.TrimRight(line.String(), " "))
	}
}

func (s *story) head() {
	from, to := s.script.begin().In(berlin()), s.script.end().In(berlin())
	s.say("Larkspur, %s to %s (%s), %.0f times as fast: %.1f s\n",
		from.Format("Mon 2 Jan 15:04"), to.Format("Mon 2 Jan 15:04"), zone, s.plan.speed, s.sum.Seconds)
	if s.script.retimed {
		s.say("The rows of %s span more than a day and a half: their order is kept, their times are not.\n", s.script.name)
	}
	if s.plan.haste > 1 {
		s.say("There are many messages for %d people: they work %.1f times as fast as people do.\n", len(owners)-1, s.plan.haste)
	}
	if s.plan.resume {
		s.say("The database had a journal already; this run went on with it.\n")
	}
}

func (s *story) cameIn() {
	s.section("What came in")
	channels := slices.SortedFunc(maps.Keys(s.byChannel), func(a, b string) int {
		return cmp.Or(cmp.Compare(s.byChannel[b], s.byChannel[a]), cmp.Compare(a, b))
	})
	parts := make([]string, len(channels))
	for i, c := range channels {
		parts[i] = fmt.Sprintf("%s %d", c, s.byChannel[c])
	}
	s.say("%d messages (%s), %d edits, %d posts of our own.\n", sumOf(s.byChannel), strings.Join(parts, ", "), s.edits, s.sum.OurPosts)
	s.say("They are %d inquiries: %d messages follow up on one that was there already.\n", len(s.tales), s.followUps)
	s.say("%d had an owner, %d were resolved, %d set aside by screening, %d are still open.\n", s.sum.Assigned, s.sum.Resolved, s.sum.ScreenedOut, s.sum.Waiting)
}

func sumOf(m map[string]int) int {
	n := 0
	for _, v := range m {
		n += v
	}
	return n
}

func (s *story) whoGotWhat() {
	s.section("Who got what")
	type line struct{ handled, resolved int }
	lines := map[inquiry.OwnerID]*line{}
	waits := map[inquiry.OwnerID][]time.Duration{}
	for i := range owners {
		lines[owners[i].ID] = &line{}
	}
	for _, t := range s.tales {
		for _, o := range t.owners {
			if lines[o] != nil {
				lines[o].handled++
			}
		}
		for i := range t.events {
			if e := &t.events[i]; e.Kind == inquiry.Resolved && lines[e.Owner] != nil {
				lines[e.Owner].resolved++
			}
		}
	}
	for p, c := range s.promises {
		if t := s.byID[p.inquiry]; p.kind == sla.FirstResponse && t.firstBy != "" && !c.EndedAt.IsZero() && c.State != sla.Cancelled {
			waits[t.firstBy] = append(waits[t.firstBy], c.Used(scheduleOf(c.Target.Calendar), c.EndedAt))
		}
	}
	rows := [][]string{{"owner", "department", "skills", "handled", "resolved", "first response"}}
	for _, o := range owners {
		l := lines[o.ID]
		rows = append(rows, []string{
			o.Name, strings.Join(o.Departments, ", "), skillText(o), fmt.Sprint(l.handled), fmt.Sprint(l.resolved), median(waits[o.ID]),
		})
	}
	s.table(rows, 3)
	s.say("\n  First response is the median of the open time of the promise's calendar.\n")
	s.rulesTable()
}

// skillText are an owner's best skills.
func skillText(o inquiry.Owner) string {
	skills := slices.Clone(o.Skills)
	slices.SortStableFunc(skills, func(a, b inquiry.Skill) int { return cmp.Compare(b.Level, a.Level) })
	parts := make([]string, 0, 4)
	for i, sk := range skills {
		if i == 3 && len(skills) > 4 {
			parts = append(parts, "...")
			break
		}
		parts = append(parts, fmt.Sprintf("%s %d", sk.Name, sk.Level))
	}
	return strings.Join(parts, ", ")
}

// rulesTable is which rule sent how many to whom.
func (s *story) rulesTable() {
	to := map[string]map[inquiry.OwnerID]int{}
	for _, t := range s.tales {
		if t.Rule == "" {
			continue
		}
		if to[t.Rule] == nil {
			to[t.Rule] = map[inquiry.OwnerID]int{}
		}
		for _, o := range t.owners {
			to[t.Rule][o]++
		}
	}
	rules := slices.SortedFunc(maps.Keys(to), func(a, b string) int {
		return cmp.Or(cmp.Compare(s.sum.ByRule[b], s.sum.ByRule[a]), cmp.Compare(a, b))
	})
	rows := [][]string{{"rule", "inquiries", "owners"}}
	for _, r := range rules {
		who := slices.SortedFunc(maps.Keys(to[r]), func(a, b inquiry.OwnerID) int {
			return cmp.Or(cmp.Compare(to[r][b], to[r][a]), cmp.Compare(a, b))
		})
		var parts []string
		for _, o := range who {
			first, _, _ := strings.Cut(name(o), " ")
			parts = append(parts, fmt.Sprintf("%s %d", first, to[r][o]))
		}
		rows = append(rows, []string{r, fmt.Sprint(s.sum.ByRule[r]), strings.Join(parts, ", ")})
	}
	s.say("\n")
	s.table(rows, 3)
}

// raised is what escalated, by reason.
func (s *story) raised() {
	s.section("What was raised")
	type key struct{ rule, reason string }
	n, reminders := map[key]int{}, 0
	for _, t := range s.tales {
		seen := map[key]bool{}
		for i := range t.events {
			e := &t.events[i]
			if e.Kind == inquiry.Reminded {
				reminders++
			}
			d, ok := e.Data.(inquiry.Escalation)
			if !ok {
				continue
			}
			k := key{cmp.Or(t.Rule, "set aside"), d.Reason}
			if d.Clock != "" {
				k.reason += " " + spaced(string(d.Clock))
			}
			if !seen[k] {
				seen[k] = true
				n[k]++
			}
		}
	}
	if len(n) == 0 {
		s.say("Nothing.\n")
		return
	}
	rows := [][]string{}
	for _, k := range slices.SortedFunc(maps.Keys(n), func(a, b key) int {
		return cmp.Or(cmp.Compare(n[b], n[a]), cmp.Compare(a.rule, b.rule), cmp.Compare(a.reason, b.reason))
	}) {
		rows = append(rows, []string{fmt.Sprintf("%3d", n[k]), k.rule, k.reason})
	}
	s.table(rows, 9)
	s.say("\n  %s was reminded %d times until somebody acted.\n", name(sink), reminders)
}

// deadlines are the promises by kind and calendar.
func (s *story) deadlines() {
	s.section("How the deadlines stood")
	type key struct {
		kind     sla.Kind
		calendar string
	}
	type tally struct {
		met, breached, dropped, open int
		used                         []time.Duration
	}
	by := map[key]*tally{}
	for _, c := range s.promises {
		k := key{c.Kind, c.Target.Calendar}
		if by[k] == nil {
			by[k] = &tally{}
		}
		t := by[k]
		switch c.State {
		case sla.Met:
			t.met++
			t.used = append(t.used, c.Used(scheduleOf(k.calendar), c.EndedAt))
		case sla.Breached:
			t.breached++
		case sla.Cancelled:
			t.dropped++
		default:
			t.open++
		}
	}
	kinds := sla.Kinds()
	keys := slices.SortedFunc(maps.Keys(by), func(a, b key) int {
		return cmp.Or(cmp.Compare(slices.Index(kinds, a.kind), slices.Index(kinds, b.kind)), cmp.Compare(a.calendar, b.calendar))
	})
	rows := [][]string{{"promise", "counted in", "met", "breached", "not needed", "open", "met after"}}
	for _, k := range keys {
		t := by[k]
		rows = append(rows, []string{
			spaced(string(k.kind)), cmp.Or(k.calendar, "24x7"),
			fmt.Sprint(t.met), fmt.Sprint(t.breached), fmt.Sprint(t.dropped), fmt.Sprint(t.open), median(t.used),
		})
	}
	s.table(rows, 2)
}

func spaced(s string) string { return strings.ReplaceAll(s, "_", " ") }

// median of some times, "" of none.
func median(ds []time.Duration) string {
	if len(ds) == 0 {
		return ""
	}
	slices.Sort(ds)
	return short(ds[len(ds)/2])
}

// short is a duration as people say it.
func short(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	}
	return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
}

var schedules = map[string]*sla.Schedule{}

// scheduleOf is a calendar of the policy, nil for around the clock.
func scheduleOf(name string) *sla.Schedule {
	if known, ok := schedules[name]; ok || name == "" {
		return known
	}
	for _, c := range policy().Calendars {
		if c.Name == name {
			schedules[name], _ = c.Compile() // the policy was compiled before
		}
	}
	return schedules[name]
}

func (s *story) swept() {
	s.section("Is anybody forgotten?")
	if len(s.violations) == 0 {
		s.say("Sweep looked at every inquiry, deadline, offer and effect, and at %d events of the journal: no violation.\n", s.events)
	}
	for _, v := range s.violations {
		s.say("  %s\n", v)
	}
	s.say("%d of %d messages that were accepted are in the journal.\n", s.sum.Received, s.sum.Accepted)
}

func (s *story) whereItIs() {
	s.section("Look for yourself")
	s.say("The database is %s. For example:\n\n", s.db)
	s.say("  sqlite3 %s \"SELECT rule, owner, state, count(*) FROM answerable_inquiries GROUP BY 1, 2, 3 ORDER BY 4 DESC\"\n", s.db)
	if s.kept {
		s.say("\nRun it again with the same -db: it goes on, and what came in before changes nothing.\n")
	} else {
		s.say("\nKeep it with -db FILE, feed your own messages with -in FILE, change policy.go and compare.\n")
	}
}
