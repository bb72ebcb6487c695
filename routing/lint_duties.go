package routing

import (
	"fmt"
	"slices"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// beside is a duty beside the inquiries of a plan, as lint looks at it.
type beside struct {
	path  string
	doing string // "approve its replies"
	terms *inquiry.DutyTerms
	other bool // nobody does it for what they answer themselves
}

// triage looks at what the triage asks for, as at what a rule does.
func (l *linter) triage() {
	t := l.c.policy.Triage
	if t == nil {
		return
	}
	l.outcome(outcome{
		name: inquiry.TriageRule, path: "triage", settings: l.c.triage,
		layers: []layer{{"default", &l.c.policy.Default}, {"triage", &t.Settings}},
	})
}

// duties looks at what the duties beside the inquiries of a plan ask for: whether
// anybody meets it, and whether somebody who does is on shift whenever its time
// counts.
func (l *linter) duties(o *outcome, p *inquiry.Plan) {
	for _, d := range besides(o, p) {
		who := l.able(d.terms)
		if len(who) == 0 {
			req := d.terms.Requirement.Relax(all(&d.terms.Requirement))
			l.add(CheckNobody, Warning, d.path, "put somebody on the roster who does, or ask for less",
				"nobody on the roster may %s: it takes %s", d.doing, inWords(&req, d.terms.Cost))
			continue
		}
		l.softDuty(&d)
		if d.other && len(who) == 1 && Qualifies(&p.Requirement, p.Cost, who[0]) == 0 {
			l.add(CheckNobody, Notice, d.path, "have a second person qualify for it",
				"only %s may %s, and not what they answer themselves: nobody is left then", who[0].ID, d.doing)
		}
		if hours := l.gap(d.terms.Target.Calendar, who); hours != "" {
			severity, mend := Warning, "lengthen a shift, give somebody else the skills, or shorten the calendar"
			if d.terms.Target.Calendar == "" { // it may only have been left out
				severity, mend = Notice, "name a calendar whose hours count, or lengthen a shift"
			}
			l.add(CheckNoCover, severity, d.path, mend,
				"its time counts %s, and nobody who may %s is on shift then: %s", hours, d.doing, shifts(who))
		}
	}
	l.late(o, p)
	l.arbiters(o, p)
}

// besides are the duties that the settings of an outcome open, or let owners ask for.
func besides(o *outcome, p *inquiry.Plan) (out []beside) {
	if p.Acknowledge != nil {
		at := o.origin(func(s *Settings) bool { return s.Acknowledge != nil })
		out = append(out, beside{at + "/acknowledge", "acknowledge what the rule matches", p.Acknowledge, false})
	}
	if p.Approve != nil {
		at := o.origin(func(s *Settings) bool { return s.Approval != nil })
		out = append(out, beside{at + "/approval", "approve its replies", p.Approve, true})
	}
	if p.Consult != nil { // whoever asks says whom
		at := o.origin(func(s *Settings) bool { return s.Consult != nil })
		out = append(out, beside{at + "/consult", "help with what the rule matches", p.Consult, true})
	}
	q := *p // as though its author were everything that help is asked for
	q.Assist, q.Audiences = nil, &inquiry.Audiences{}
	for _, a := range o.settings.Assist {
		q.Audiences.Beside = append(q.Audiences.Beside, a.Audience)
	}
	o.settings.assists(&q)
	at := o.origin(func(s *Settings) bool { return s.Assist != nil })
	for i := range q.Assist {
		out = append(out, beside{fmt.Sprintf("%s/assist[%d] (%s)", at, i, q.Assist[i].Audience), "help with what the rule matches", &q.Assist[i].Terms, true})
	}
	return out
}

// able are those who could ever have a duty.
func (l *linter) able(t *inquiry.DutyTerms) []*inquiry.Owner {
	p := inquiry.Plan{Requirement: t.Requirement, Cost: t.Cost}
	return l.qualified(&p, everything(&p))
}

func all(req *inquiry.Requirement) inquiry.Relaxed {
	return everything(&inquiry.Plan{Requirement: *req})
}

// softDuty looks for parts that expire and that nobody meets anyway.
func (l *linter) softDuty(d *beside) {
	for _, s := range d.terms.Requirement.Skills {
		if s.Soft == nil {
			continue
		}
		only := inquiry.DutyTerms{Requirement: inquiry.Requirement{Skills: []inquiry.SkillRequirement{{Skill: s.Skill, Min: s.Min}}}}
		if len(l.able(&only)) == 0 {
			l.add(CheckNobody, Notice, d.path+"/skills", "give somebody the skill, or ask for less", "nobody on the roster has %s: this part is dropped at once", s)
		}
	}
}

// late looks for an approval that is promised no earlier than the reply it is for.
func (l *linter) late(o *outcome, p *inquiry.Plan) {
	if p.Approve == nil {
		return
	}
	t, ok := p.Target(sla.FirstResponse)
	within := p.Approve.Target.Longest()
	if promised := t.At(int(p.Priority)).Within; ok && t.Calendar == p.Approve.Target.Calendar && within >= promised.Std() {
		at := o.origin(func(s *Settings) bool { return s.Approval != nil })
		l.add(CheckTarget, Notice, at+"/approval", "have it approved within less, or promise the answer later",
			"replies are approved within %s, and first_response is promised within %s: nothing is left to write them in", sla.Duration(within), promised)
	}
}

// arbiters looks for those who settle hand-offs and contested replies, and are nobody.
func (l *linter) arbiters(o *outcome, p *inquiry.Plan) {
	if h := o.settings.Handoffs; h != nil && h.Arbiter != "" {
		at := o.origin(func(s *Settings) bool { return s.Handoffs != nil }) + "/handoffs/arbiter"
		l.arbiter(at, p, h.Arbiter, h.Name, "who settles what is handed about")
	}
	if a := o.settings.Arbiter; a != nil {
		at := o.origin(func(s *Settings) bool { return s.Arbiter != nil }) + "/arbiter"
		l.arbiter(at, p, a.To, a.Name, "who decides on contested replies")
	}
}

func (l *linter) arbiter(path string, p *inquiry.Plan, to sla.Party, name, what string) {
	switch to {
	case sla.Lead:
		if home, ok := l.c.Department(p.Requirement.Home); !ok || home.Lead == "" || !l.on(home.Lead) {
			where := "it has no department"
			if ok {
				where = home.Name + " has no lead on the roster"
			}
			l.add(CheckNowhere, Notice, path, "name a lead, or somebody else", "%s, %s: the sink does", where, what)
		}
	case sla.Role:
		if !slices.ContainsFunc(l.c.Role(name), l.on) {
			l.add(CheckNowhere, Warning, path, "put a holder of the role on the roster", "nobody on the roster has the role %s, %s: the sink does", name, what)
		}
	case sla.OnCall:
		if !l.anybodyOnCall(name) {
			l.add(CheckNowhere, Warning, path, "put the members of the rotation on the roster", "nobody on the roster is ever on call in %s, %s: the sink does", name, what)
		}
	}
}
