package routing

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/wording"
	"github.com/answerable-go/answerable/sla"
)

// maxOutcomes is how many ways through the rules are looked at. Each rule that
// goes on doubles them; beyond that the rest goes unsaid.
const maxOutcomes = 20_000

// maxPlans is how many plans are looked at on these ways, all together.
const maxPlans = 50_000

// layer is a rule's own settings, with its path.
type layer struct {
	path string
	own  *Settings
}

// outcome is one way through the rules: which matched, which did not, and what
// came of it.
type outcome struct {
	name      string // as a plan has it
	path      string // of the rule
	layers    []layer
	settings  Settings
	all, none []*Match
}

// origin is the last rule that said something, as a path.
func (o *outcome) origin(says func(s *Settings) bool) string {
	for _, l := range slices.Backward(o.layers) {
		if says(l.own) {
			return l.path
		}
	}
	return o.path
}

// explore goes every way through the rules that an inquiry can go, as descend
// would, and looks at what comes of it.
func (l *linter) explore() {
	start := outcome{name: DefaultRule, path: "default", settings: l.c.base, layers: []layer{{"default", &l.c.policy.Default}}}
	w := walker{l: l, left: maxOutcomes}
	w.walk("", "", l.c.policy.Rules, 0, start, l.outcome)
}

type walker struct {
	l    *linter
	left int
}

// walk goes on at one of some siblings. Path and name of the rule around them
// come first.
func (w *walker) walk(prefix, within string, rules []Rule, i int, o outcome, done func(outcome)) {
	if w.left <= 0 {
		return
	}
	if i == len(rules) {
		w.left--
		done(o)
		return
	}
	r := &rules[i]
	hit := o
	hit.all = append(slices.Clip(o.all), &r.Match)
	if w.l.solver.possible(hit.all, hit.none) {
		hit.name, hit.path = within+r.Name, fmt.Sprintf("%srules[%d] (%s)", prefix, i, r.Name)
		hit.layers = append(slices.Clip(o.layers), layer{hit.path, &r.Settings})
		hit.settings = r.over(o.settings)
		w.walk(hit.path+"/", hit.name+"/", r.Rules, 0, hit, func(after outcome) {
			if r.Continue {
				w.walk(prefix, within, rules, i+1, after, done)
			} else {
				done(after)
			}
		})
	}
	miss := o
	miss.none = append(slices.Clip(o.none), &r.Match)
	if w.l.solver.possible(miss.all, miss.none) {
		w.walk(prefix, within, rules, i+1, miss, done)
	}
}

// outcome looks at what one way through the rules asks for.
func (l *linter) outcome(o outcome) {
	plans := l.plans(&o)
	for _, p := range plans {
		l.nobody(&o, p)
	}
	if len(plans) == 0 {
		return
	}
	l.softParts(&o, plans)
	l.ladder(&o, plans[0])
	l.targets(&o)
	for _, p := range plans {
		l.cover(&o, p)
		l.duties(&o, p)
	}
	l.homed(&o, plans[0])
}

// plans are those that the way leads to: one for each language, account and
// channel that its rules name.
func (l *linter) plans(o *outcome) (out []*inquiry.Plan) {
	languages := allowed(o.all, func(m *Match) []string { return m.Languages })
	if *o.settings.AnyLanguage {
		languages = nil
	}
	for _, language := range orAny(languages) {
		for _, account := range orAny(allowed(o.all, func(m *Match) []string { return m.Accounts })) {
			for _, channel := range orAny(allowed(o.all, func(m *Match) []string { return m.Channels })) {
				this := Match{Languages: language, Accounts: account, Channels: channel}
				if len(out) == 200 || l.made >= maxPlans || !l.solver.possible(append(slices.Clip(o.all), &this), o.none) {
					continue
				}
				l.made++
				out = append(out, l.c.makePlan(&planKey{path: o.name, language: first(language), account: first(account), channel: first(channel)}, nil, &o.settings, nil))
			}
		}
	}
	return out
}

// allowed are the words that all of some matches allow, nil if they allow any.
func allowed(all []*Match, of func(m *Match) []string) (words []string) {
	for _, m := range all {
		switch list := of(m); {
		case len(list) == 0:
		case words == nil:
			words = slices.Clone(list)
		default:
			words = slices.DeleteFunc(words, func(w string) bool { return !slices.Contains(list, w) })
		}
	}
	return words
}

// orAny are the conditions under which to look: each word, or none. Where there
// is none the plan asks for nothing, so that what is said of it is true of any word.
func orAny(words []string) [][]string {
	if words == nil {
		return [][]string{nil}
	}
	out := make([][]string, len(words))
	for i, w := range words {
		out[i] = []string{w}
	}
	return out
}

func first(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return words[0]
}

// qualified are those who could ever have it, once the given parts have been dropped.
func (l *linter) qualified(p *inquiry.Plan, dropped inquiry.Relaxed) (who []*inquiry.Owner) {
	req := p.Requirement.Relax(dropped)
	for i := range l.roster {
		if Qualifies(&req, p.Cost, &l.roster[i]) == 0 {
			who = append(who, &l.roster[i])
		}
	}
	return who
}

// everything is every soft part of a requirement.
func everything(p *inquiry.Plan) inquiry.Relaxed {
	return inquiry.Relaxed(1<<len(p.Requirement.SoftParts()) - 1)
}

// nobody looks for a requirement that nobody on the roster meets, even with
// everything dropped that expires, and for single parts that nobody meets.
func (l *linter) nobody(o *outcome, p *inquiry.Plan) {
	for _, part := range l.parts(o, p) {
		if slices.ContainsFunc(l.roster, part.met) {
			continue
		}
		if part.soft {
			mend := "give somebody the skill, or ask for less"
			if strings.HasSuffix(part.path, "/departments") {
				mend = "give somebody a seat there, or leave the departments out"
			}
			l.add(CheckNobody, Notice, part.path, mend, "nobody on the roster has %s: this part is dropped at once", part.words)
			continue
		}
		l.add(CheckNobody, Warning, part.path, "put somebody on the roster who does, or ask for less",
			"nobody on the roster %s: what the rule matches is stranded at once", part.words)
	}
	if len(l.qualified(p, everything(p))) > 0 {
		return
	}
	for _, part := range l.parts(o, p) {
		if !part.soft && !slices.ContainsFunc(l.roster, part.met) {
			return // that says it all
		}
	}
	req := p.Requirement.Relax(everything(p))
	l.add(CheckNobody, Warning, o.path, "put somebody on the roster who does, or ask for less of it",
		"nobody on the roster meets all of it at once: %s: what the rule matches is stranded at once", inWords(&req, p.Cost))
}

// part is one demand of a requirement.
type part struct {
	path, words string
	soft        bool
	met         func(o inquiry.Owner) bool
}

func (l *linter) parts(o *outcome, p *inquiry.Plan) (out []part) {
	req := &p.Requirement
	at := o.origin(func(s *Settings) bool { return s.Skills != nil })
	for i, s := range o.settings.Skills {
		words := s.String()
		if s.Soft == nil {
			words = "has " + words
		}
		out = append(out, part{fmt.Sprintf("%s/skills[%d] (%s)", at, i, s.Skill), words, s.Soft != nil, func(o inquiry.Owner) bool { return o.Level(s.Skill) >= s.Min }})
	}
	at = o.origin(func(s *Settings) bool { return s.AnyOf != nil })
	for i, g := range req.AnyOf {
		words := g.String()
		if g.Soft == nil {
			words = "has " + words
		}
		out = append(out, part{fmt.Sprintf("%s/any_of[%d]", at, i), words, g.Soft != nil, func(o inquiry.Owner) bool { return meetsAny(&g, &o) }})
	}
	at = o.origin(func(s *Settings) bool { return s.Authority != nil })
	for i, a := range req.Authority {
		out = append(out, part{fmt.Sprintf("%s/authority[%d] (%s)", at, i, a.Name), fmt.Sprintf("may decide %s up to %d", a.Name, a.Limit), false, func(o inquiry.Owner) bool { return o.May(a) }})
	}
	if req.Language != "" && req.LanguageSoft == nil {
		out = append(out, part{o.path + "/match/languages", "speaks " + req.Language, false, func(o inquiry.Owner) bool { return o.Speaks(req.Language) }})
	}
	if req.Account != "" || len(req.Voices) > 0 {
		path, words := o.path+"/match/accounts", "may speak through "+req.Account
		if req.Account == "" {
			path, words = o.origin(func(s *Settings) bool { return s.Voice != nil })+"/voice", "is one of those who may speak"
		}
		out = append(out, part{path, words, false, func(o inquiry.Owner) bool { return Speaks(req, &o) == 0 }})
	}
	if len(req.Departments) > 0 {
		words := "is in " + wording.Or(req.Departments)
		if req.DepartmentsSoft != nil {
			words = "a seat in " + wording.Or(req.Departments)
		}
		out = append(out, part{
			o.origin(func(s *Settings) bool { return s.Departments != nil }) + "/departments", words, req.DepartmentsSoft != nil,
			func(o inquiry.Owner) bool { return slices.ContainsFunc(req.Departments, o.In) },
		})
	}
	return out
}

// inWords is all that is asked of an owner at once.
func inWords(req *inquiry.Requirement, cost int) string {
	var words []string
	for _, part := range req.Parts() {
		words = append(words, part.Words)
	}
	return strings.Join(append(words, fmt.Sprintf("a capacity of %d", cost)), ", ")
}

// softParts looks for steps that add nobody: parts whose expiry lets nobody in
// whom the parts before it have not let in.
func (l *linter) softParts(o *outcome, plans []*inquiry.Plan) {
	parts := plans[0].Requirement.SoftParts()
	if len(parts) == 0 || len(parts) > 12 {
		return
	}
	var tested []*inquiry.Plan
	for _, p := range plans {
		tested = append(tested, l.variants(p)...)
	}
	for i, soft := range parts {
		adds := slices.ContainsFunc(tested, func(p *inquiry.Plan) bool { return l.adds(p, i) })
		if adds || len(tested) == 0 {
			continue
		}
		path := l.softPath(o, plans[0], i)
		l.add(CheckAddsNobody, Notice, path, "leave it hard, or ask for less so that somebody joins in",
			"dropping %s lets nobody in who could not have it before", soft.Name)
	}
	for i, soft := range parts {
		for _, t := range o.settings.Targets {
			if t.Calendar == "" && soft.Soft.Share == 0 && soft.Soft.After.Std() >= t.Longest() && slices.Contains([]sla.Kind{sla.Acknowledge, sla.FirstResponse, sla.Resolve}, t.Kind) {
				l.add(CheckTarget, Notice, l.softPath(o, plans[0], i), "let it expire earlier",
					"%s is dropped after %s only, when the %s target of %s is over", soft.Name, soft.Soft.After, t.Kind, sla.Duration(t.Longest()))
				break
			}
		}
	}
}

// variants are a plan's, for the languages and accounts that anybody on the
// roster has, where the rules do not say which.
func (l *linter) variants(p *inquiry.Plan) (out []*inquiry.Plan) {
	languages, accounts := []string{p.Requirement.Language}, []string{p.Requirement.Account}
	for _, o := range l.roster {
		if p.Requirement.Language == "" && p.Requirement.LanguageSoft != nil {
			languages = append(languages, o.Languages...)
		}
		if p.Requirement.Account == "" {
			accounts = append(accounts, o.Accounts...)
		}
	}
	slices.Sort(languages)
	slices.Sort(accounts)
	for _, language := range slices.Compact(languages) {
		for _, account := range slices.Compact(accounts) {
			v := *p
			v.Requirement.Language, v.Requirement.Account = language, account
			if len(l.qualified(&v, everything(&v))) > 0 {
				out = append(out, &v)
			}
		}
	}
	return out
}

// adds reports whether dropping a part could let anybody in: in the order in
// which the parts expire or, where that depends on the deadline, in any.
func (l *linter) adds(p *inquiry.Plan, part int) bool {
	parts := p.Requirement.SoftParts()
	var before inquiry.Relaxed
	shares := slices.ContainsFunc(parts, func(s inquiry.SoftPart) bool { return s.Soft.Share > 0 })
	times := slices.ContainsFunc(parts, func(s inquiry.SoftPart) bool { return s.Soft.Share == 0 })
	if shares && times {
		for set := range inquiry.Relaxed(1 << len(parts)) {
			if !set.Has(part) && len(l.qualified(p, set|1<<part)) > len(l.qualified(p, set)) {
				return true
			}
		}
		return false
	}
	this := parts[part].Soft
	with := inquiry.Relaxed(0)
	for i, s := range parts {
		switch c := cmp.Or(cmp.Compare(s.Soft.After, this.After), cmp.Compare(s.Soft.Share, this.Share)); {
		case c < 0:
			before |= 1 << i
		case c == 0:
			with |= 1 << i // at the same instant
		}
	}
	return len(l.qualified(p, before|with)) > len(l.qualified(p, before))
}

func (l *linter) softPath(o *outcome, p *inquiry.Plan, part int) string {
	at, n := "", -1
	take := func(soft *inquiry.Soft, path string) {
		if soft != nil {
			if n++; n == part {
				at = path
			}
		}
	}
	origin := o.origin(func(s *Settings) bool { return s.Skills != nil })
	for _, s := range p.Requirement.Skills {
		i := slices.IndexFunc(o.settings.Skills, func(own inquiry.SkillRequirement) bool { return own.Skill == s.Skill && own.Min == s.Min })
		take(s.Soft, fmt.Sprintf("%s/skills[%d] (%s)/soft", origin, i, s.Skill))
	}
	origin = o.origin(func(s *Settings) bool { return s.AnyOf != nil })
	for i, g := range p.Requirement.AnyOf {
		take(g.Soft, fmt.Sprintf("%s/any_of[%d]/soft", origin, i))
	}
	take(p.Requirement.LanguageSoft, o.origin(func(s *Settings) bool { return s.LanguageSoft != nil })+"/language_soft")
	take(p.Requirement.DepartmentsSoft, o.origin(func(s *Settings) bool { return s.DepartmentsSoft != nil })+"/departments_soft")
	return at
}

// ladder looks for levels that turn to nobody.
func (l *linter) ladder(o *outcome, p *inquiry.Plan) {
	own := slices.ContainsFunc(o.layers, func(x layer) bool { return x.own.Ladder != nil })
	at := o.origin(func(s *Settings) bool { return s.Ladder != nil }) + "/ladder"
	home, declared := l.c.Department(p.Requirement.Home)
	for i, level := range p.Ladder.Levels {
		path := fmt.Sprintf("%s/levels[%d]", at, i)
		switch {
		case level.To == sla.Lead && declared && home.Lead == "":
			n := slices.IndexFunc(l.c.policy.Departments, func(d Department) bool { return d.Name == home.Name })
			l.add(CheckNowhere, Notice, fmt.Sprintf("departments[%d] (%s)", n, home.Name), "name a lead, or leave the level out",
				"%s has no lead, to whom a ladder turns while one of its inquiries is overdue: the level passes on at once", home.Name)
		case level.To == sla.Role && own && !slices.ContainsFunc(l.c.Role(level.Name), l.on):
			l.add(CheckNowhere, Warning, path, "put a holder of the role on the roster", "nobody on the roster has the role %s: the level passes on at once", level.Name)
		case level.To == sla.OnCall && own && !l.anybodyOnCall(level.Name):
			l.add(CheckNowhere, Warning, path, "put the members of the rotation on the roster", "nobody on the roster is ever on call in %s: the level passes on at once", level.Name)
		}
	}
}

func (l *linter) anybodyOnCall(name string) bool {
	i := slices.IndexFunc(l.c.policy.Rotations, func(r sla.Rotation) bool { return r.Name == name })
	if i < 0 {
		return false
	}
	r := &l.c.policy.Rotations[i]
	on := func(m string) bool { return l.on(inquiry.OwnerID(m)) }
	return slices.ContainsFunc(r.Members, on) ||
		slices.ContainsFunc(r.Turns, func(t sla.Turn) bool { return on(t.Member) }) ||
		slices.ContainsFunc(r.Overrides, func(x sla.Override) bool { return on(x.Member) })
}

// targets looks for promises that defeat each other.
func (l *linter) targets(o *outcome) {
	find := func(kind sla.Kind) (sla.Target, bool) {
		i := slices.IndexFunc(o.settings.Targets, func(t sla.Target) bool { return t.Kind == kind })
		if i < 0 {
			return sla.Target{}, false
		}
		return o.settings.Targets[i], true
	}
	path := func(kind sla.Kind) string {
		at := ""
		for _, x := range o.layers {
			if i := slices.IndexFunc(x.own.Targets, func(t sla.Target) bool { return t.Kind == kind }); i >= 0 {
				at = fmt.Sprintf("%s/targets[%d] (%s)", x.path, i, kind)
			}
		}
		return at
	}
	for _, pair := range [][2]sla.Kind{
		{sla.Acknowledge, sla.FirstResponse},
		{sla.FirstResponse, sla.Resolve},
		{sla.NextResponse, sla.Resolve},
		{sla.Update, sla.Resolve},
	} {
		a, ok := find(pair[0])
		b, also := find(pair[1])
		if !ok || !also || a.Calendar != b.Calendar {
			continue
		}
		priority := int(*o.settings.Priority)
		if x, y := a.At(priority).Within, b.At(priority).Within; x > y {
			l.add(CheckTarget, Notice, path(a.Kind), "promise it earlier, or leave it out",
				"under rule %s %s is promised within %s, later than %s within %s", o.name, a.Kind, x, b.Kind, y)
		}
	}
	for _, kind := range []sla.Kind{sla.Acknowledge, sla.FirstResponse} {
		t, ok := find(kind)
		if within := t.At(int(*o.settings.Priority)).Within; ok && o.settings.Assignment == inquiry.ByOffer && o.settings.OfferFor >= within {
			at := o.origin(func(s *Settings) bool { return s.OfferFor != 0 }) + "/offer_for"
			if !slices.ContainsFunc(o.layers, func(x layer) bool { return x.own.OfferFor != 0 }) {
				at = path(kind)
			}
			l.add(CheckTarget, Warning, at, "let offers live shorter, or assign directly",
				"an offer lives %s, and %s is promised within %s: one offer that nobody answers uses all of it up", o.settings.OfferFor, kind, within)
		}
	}
}
