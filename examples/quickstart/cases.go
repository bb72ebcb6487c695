package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/answerable-go/answerable/inquiry"
)

// cases tells what is interesting about the run, found in the journal: nothing
// here knows a message by its id.
func (s *story) cases(ctx context.Context) error {
	s.section("Some of them")
	for _, tell := range []func(context.Context) error{
		s.twoHats, s.rant, s.lead, s.night, s.backToTheSame, s.silence, s.nobody, s.seenAgain, s.praise, s.edited, s.setAside,
	} {
		if err := tell(ctx); err != nil {
			return err
		}
	}
	return nil
}

// one tells of an inquiry: a title, the first words, what happened.
func (s *story) one(ctx context.Context, title string, t *tale) error {
	ms, err := s.engine.Messages(ctx, t.ID)
	if err != nil || len(ms) == 0 {
		return err
	}
	m := ms[0]
	who := m.Author.Name
	if who == "" {
		who = m.Author.External
	}
	s.say("\n* %s\n", title)
	s.say("    %s %s, by %s: %q\n", clockTime(t.OpenedAt), who, m.Channel, excerpt(m))
	rule := ""
	if t.Rule != "" {
		rule = "rule " + t.Rule + ": "
	}
	s.say("%s", wrap(rule+s.journey(t), 110, "    "))
	return nil
}

// wrap breaks a text between words, so that no line is longer than wide.
func wrap(text string, wide int, indent string) string {
	var b strings.Builder
	at := 0
	for word := range strings.FieldsSeq(text) {
		n := len([]rune(word))
		switch {
		case at == 0:
			b.WriteString(indent)
		case at+1+n > wide:
			b.WriteString("\n" + indent)
			at = 0
		default:
			b.WriteString(" ")
			at++
		}
		b.WriteString(word)
		at += n
	}
	return b.String() + "\n"
}

// excerpt is how a message begins: of a mail the subject.
func excerpt(m inquiry.Message) string {
	text := m.Text
	if m.Subject != "" {
		text = m.Subject
	}
	text = strings.Join(strings.Fields(strings.ReplaceAll(text, "[Transcript]", "")), " ")
	const most = 90
	if r := []rune(text); len(r) > most {
		text = strings.TrimRight(string(r[:most]), " ,.;") + "…"
	}
	return text
}

func clockTime(t time.Time) string { return t.In(berlin()).Format("Mon 15:04") }

// journey is what happened to an inquiry, in a line.
func (s *story) journey(t *tale) string {
	const most = 14
	var steps []string
	last, day := "", t.OpenedAt.In(berlin()).YearDay()
	for i := range t.events {
		step := stepText(&t.events[i])
		if step == "" || step == last {
			continue // nothing to tell, or told: a lead may be the sink too
		}
		at, of := t.events[i].RecordedAt.In(berlin()), "15:04 "
		if at.YearDay() != day {
			day, of = at.YearDay(), "Mon 15:04 "
		}
		last = step
		steps = append(steps, at.Format(of)+step)
	}
	if len(steps) > most {
		left := len(steps) - most
		steps = slices.Concat(steps[:most-3], []string{fmt.Sprintf("(%d more)", left)}, steps[len(steps)-3:])
	}
	return strings.Join(steps, ", ")
}

func stepText(e *inquiry.Event) string {
	reason := ""
	if r := reasonOf(e); r != "" {
		reason = " (" + spaced(r) + ")"
	}
	switch e.Kind {
	case inquiry.Offered:
		return "offered to " + name(e.Owner)
	case inquiry.Accepted:
		return "accepted"
	case inquiry.Declined:
		return "declined" + reason
	case inquiry.OfferExpired:
		return "not taken up"
	case inquiry.Assigned:
		if d, ok := e.Data.(inquiry.Offering); ok && d.Manual {
			return "taken by " + name(e.Owner) + " by hand" + reason
		}
		return "to " + name(e.Owner) + " at once"
	case inquiry.Held:
		return "held for " + name(e.Owner)
	case inquiry.Limited:
		return "waits for a rate limit"
	case inquiry.Released:
		return "taken from " + name(e.Owner) + reason
	case inquiry.Stranded:
		return "stranded: nobody can ever qualify"
	case inquiry.Escalated:
		if e.Owner == "" {
			return ""
		}
		return "raised to " + name(e.Owner) + reason
	case inquiry.ScreenedOut:
		return "set aside" + reason
	case inquiry.Restored:
		return "put back by " + name(e.Owner)
	case inquiry.MessageAdded:
		return "writes again"
	case inquiry.MessageEdited:
		return "edits it"
	case inquiry.ReplySent:
		return "answered by " + name(e.Owner)
	case inquiry.ReplyObserved:
		return "our post is seen"
	case inquiry.AwaitingCustomer:
		return "asks back"
	case inquiry.Resolved:
		return "resolved"
	case inquiry.Reopened:
		return "reopened"
	case inquiry.Closed:
		return "closed"
	}
	return ""
}

// twoHats is a journalist who is a customer too, and what else they wrote.
func (s *story) twoHats(ctx context.Context) error {
	t := s.first(func(t *tale) bool { return t.from(inquiry.Journalist) && t.from(inquiry.Customer) })
	if t == nil {
		return nil
	}
	if err := s.one(ctx, "A journalist who is a customer: the story goes to the press team", t); err != nil {
		return err
	}
	return s.also(ctx, t, "the other hat")
}

// also tells of other inquiries by the same person, each in a line.
func (s *story) also(ctx context.Context, of *tale, what string) error {
	for _, t := range s.tales {
		if t == of || t.OpenedAt.Before(of.OpenedAt) || !samePerson(t, of) {
			continue
		}
		ms, err := s.engine.Messages(ctx, t.ID)
		if err != nil || len(ms) == 0 {
			return err
		}
		s.say("    %s, %s, by %s, %q: rule %s, to %s\n", what, clockTime(t.OpenedAt), ms[0].Channel, excerpt(ms[0]), t.Rule, names(t.owners))
	}
	return nil
}

func samePerson(a, b *tale) bool {
	return slices.ContainsFunc(a.Persons, func(p inquiry.ID) bool { return slices.Contains(b.Persons, p) })
}

func names(ids []inquiry.OwnerID) string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = name(id)
	}
	if len(out) == 0 {
		return "nobody"
	}
	return strings.Join(out, ", then ")
}

// rant is the public complaint with the most echoes, and these.
func (s *story) rant(ctx context.Context) error {
	var worst *tale
	most := 0
	for _, t := range s.tales {
		if !t.under("safety") || t.facts.Reach == 0 {
			continue
		}
		if n := s.count(func(o *tale) bool { return echoes(o, t) }); n > most {
			worst, most = t, n
		}
	}
	if most < 5 {
		return nil
	}
	if err := s.one(ctx, fmt.Sprintf("A rant with a reach of %d, and %d echoes within the hour", worst.facts.Reach, most), worst); err != nil {
		return err
	}
	by := map[string]int{}
	to := map[string]int{}
	for _, t := range s.tales {
		if echoes(t, worst) {
			by[t.Rule]++
			for _, o := range t.owners {
				to[name(o)]++
			}
		}
	}
	s.say("    the echoes: %s; owners: %s\n", counts(by), counts(to))
	return s.also(ctx, worst, "the same person")
}

// echoes reports whether one came within an hour after the other, about the same.
func echoes(t, of *tale) bool {
	apart := t.OpenedAt.Sub(of.OpenedAt)
	return t != of && apart >= 0 && apart < time.Hour && t.under("safety") && !samePerson(t, of)
}

func counts(m map[string]int) string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int {
		if m[a] != m[b] {
			return m[b] - m[a]
		}
		return strings.Compare(a, b)
	})
	for i, k := range keys {
		keys[i] = fmt.Sprintf("%s %d", k, m[k])
	}
	return strings.Join(keys, ", ")
}

// lead is business inside a complaint.
func (s *story) lead(ctx context.Context) error {
	t := s.first(func(t *tale) bool {
		return t.labelled("fleet") && (t.labelled("invoice") || t.labelled("refund"))
	})
	if t == nil {
		return nil
	}
	if err := s.one(ctx, "A sales lead inside a complaint: one person who sells fleets and knows bills", t); err != nil {
		return err
	}
	return s.also(ctx, t, "then")
}

// night is what came in while nobody was there and could not wait.
func (s *story) night(ctx context.Context) error {
	t := s.first(func(t *tale) bool {
		return t.under("safety") && !scheduleOf(supportHours).Open(t.OpenedAt)
	})
	if t == nil {
		return nil
	}
	return s.one(ctx, "Danger at night: nobody on shift, so the ladder wakes the sink", t)
}

// backToTheSame is a customer on a second channel who got their owner again.
func (s *story) backToTheSame(ctx context.Context) error {
	for _, t := range s.tales {
		e := t.find(inquiry.Offered)
		if e == nil {
			e = t.find(inquiry.Assigned)
		}
		if e == nil {
			continue
		}
		if d, ok := e.Data.(inquiry.Offering); !ok || !d.Affinity {
			continue
		}
		before := s.first(func(o *tale) bool {
			return o != t && o.OpenedAt.Before(t.OpenedAt) && o.Channel != t.Channel && samePerson(o, t) && slices.Contains(o.owners, e.Owner)
		})
		if before == nil {
			continue
		}
		return s.one(ctx, fmt.Sprintf("By %s after %s, and back to %s, who knows the matter", t.Channel, before.Channel, name(e.Owner)), t)
	}
	return nil
}

// silence is an owner who was not heard of any more, and what became of the work.
func (s *story) silence(context.Context) error {
	taken := map[inquiry.OwnerID][]*tale{}
	var who inquiry.OwnerID // from whom most was taken
	for _, t := range s.tales {
		if e := t.find(inquiry.Released, "owner_silent"); e != nil {
			taken[e.Owner] = append(taken[e.Owner], t)
			if len(taken[e.Owner]) > len(taken[who]) {
				who = e.Owner
			}
		}
	}
	var first *inquiry.Event
	for _, t := range taken[who] {
		if e := t.find(inquiry.Released, "owner_silent"); first == nil || e.RecordedAt.Before(first.RecordedAt) {
			first = e
		}
	}
	if first == nil {
		return nil
	}
	s.say("\n* %s falls silent with work in hand\n", name(first.Owner))
	lapsed := first.RecordedAt
	for _, e := range s.silent {
		if e.Owner == first.Owner && e.RecordedAt.Before(first.RecordedAt) {
			lapsed = e.RecordedAt // the last time before
		}
	}
	s.say("    %s no heartbeat for a while: no new work; %s what was in hand goes back to its queue, with its clocks\n", clockTime(lapsed), clockTime(first.RecordedAt))
	to := map[string]int{}
	for _, t := range taken[first.Owner] {
		if i := slices.Index(t.owners, first.Owner); i >= 0 && i+1 < len(t.owners) {
			to[name(t.owners[i+1])]++
		} else {
			to["waits"]++
		}
	}
	s.say("    %d of them, now with: %s\n", len(taken[first.Owner]), counts(to))
	return nil
}

// nobody is what no owner could ever have had.
func (s *story) nobody(ctx context.Context) error {
	n := 0
	for _, t := range s.tales {
		if !t.has(inquiry.Stranded) {
			continue
		}
		if n++; n > 2 {
			continue
		}
		if err := s.one(ctx, "For nobody, and known at once", t); err != nil {
			return err
		}
	}
	if n > 2 {
		s.say("    and %d more\n", n-2)
	}
	return nil
}

// seenAgain is a reply that was refused because the customer had written again.
func (s *story) seenAgain(ctx context.Context) error {
	var best *tale
	most := 0
	for _, t := range s.tales {
		n := 0
		for i := range t.events {
			if t.events[i].Kind == inquiry.MessageAdded && t.events[i].Owner != "" {
				n++
			}
		}
		if n > most {
			best, most = t, n
		}
	}
	if best == nil {
		return nil
	}
	return s.one(ctx, fmt.Sprintf("One matter, %d messages, one inquiry", best.Inbound), best)
}

// praise is the one with the greatest reach.
func (s *story) praise(ctx context.Context) error {
	var best *tale
	for _, t := range s.tales {
		if t.under("praise") && (best == nil || t.facts.Reach > best.facts.Reach) {
			best = t
		}
	}
	if best == nil {
		return nil
	}
	n := s.count(func(t *tale) bool { return t.under("praise") })
	return s.one(ctx, fmt.Sprintf("Praise, %d of it: this one reaches the most people", n), best)
}

// edited is a message that its author changed.
func (s *story) edited(ctx context.Context) error {
	t := s.first(func(t *tale) bool { return t.has(inquiry.MessageEdited) && !t.under("safety") })
	if t == nil {
		return nil
	}
	return s.one(ctx, "An edit is an event, not a new inquiry (told in its newest words)", t)
}

// setAside is what screening took out, and what the sink made of it.
func (s *story) setAside(ctx context.Context) error {
	why, closed := map[string]int{}, 0
	var back *tale
	for _, t := range s.tales {
		if t.set == "" {
			continue
		}
		why[spaced(t.set)]++
		switch {
		case t.has(inquiry.Restored):
			back = t
		case t.State == inquiry.StateClosed:
			closed++
		}
	}
	if len(why) == 0 {
		return nil
	}
	s.say("\n* Set aside, never dropped: %s; %d closed after review\n", counts(why), closed)
	if back != nil {
		return s.one(ctx, "Set aside by mistake, and put back", back)
	}
	return nil
}
