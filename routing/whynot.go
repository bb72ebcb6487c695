package routing

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/answerable-go/answerable/inquiry"
)

// WhyNot says why an owner did not get an inquiry, and what would have given it
// to them.
type WhyNot struct {
	Owner  inquiry.OwnerID `json:"owner"`
	Chosen bool            `json:"chosen,omitempty"` // they did get it
	// Reasons in words: each gate that held them back, or what put others ahead.
	Reasons []string `json:"reasons,omitempty"`
	// Change is the smallest change that would have made them the owner. It is nil
	// if they were chosen, if the policy would choose them as things are (somebody
	// chose otherwise by hand, or they are about to get it), for an inquiry without
	// a plan, and where nobody can ever speak, because the voices have no
	// affiliation in common.
	Change *Change `json:"change,omitempty"`
}

// Change is the smallest change of a snapshot that makes an owner the chosen
// one: the fewest steps and, of changes with as many, the cheapest, in the
// order of the constants of [StepKind]. Without any one of its steps the owner
// is not chosen.
type Change struct {
	Steps []ChangeStep `json:"steps"`
	Text  string       `json:"text"` // "billing raised from 2 to 3, and 10 less of load"
}

// StepKind names what a step of a change does.
type StepKind string

// The steps, in the order of their cost: those that open a gate, then those
// that raise the score, then those that concern others.
const (
	StepSkill       StepKind = "raise_skill"     // Skill to level To; beyond the minimum it raises the fit
	StepLanguage    StepKind = "add_language"    // Name
	StepAccount     StepKind = "add_account"     // Name: to the owner's accounts, and the owner to its voices
	StepDepartment  StepKind = "join_department" // Name
	StepAuthority   StepKind = "give_authority"  // Name, up to Limit
	StepAffiliation StepKind = "affiliation"     // Name instead of their own
	StepCapacity    StepKind = "raise_capacity"  // to To
	StepOnline      StepKind = "come_online"
	StepSuspect     StepKind = "lift_suspicion"
	StepShift       StepKind = "be_on_shift"
	StepLoad        StepKind = "free_load"    // By units
	StepChannel     StepKind = "free_channel" // By pieces of work of the channel Name
	StepLimit       StepKind = "lift_limit"   // Name, for everybody whom it holds
	StepExclusion   StepKind = "lift_exclusion"
	StepOffer       StepKind = "end_offer" // their live offer is over, so that they can be asked anew
	StepRamp        StepKind = "lift_ramp"
	StepKept        StepKind = "not_kept"          // for the inquiry Name, which was paired at the same time
	StepHold        StepKind = "end_hold"          // the inquiry does not wait for Name, its previous owner
	StepUtilisation StepKind = "lower_utilisation" // to To, of 999
	StepIdle        StepKind = "be_idle"           // since Since
	StepPrevious    StepKind = "be_previous_owner"
	StepLower       StepKind = "lower_skill" // Skill to level To, where levels above the wanted one cost
	StepBonus       StepKind = "raise_bonus" // to To, of 999
	StepDrop        StepKind = "drop_skills" // Skills, none of which is asked for
	StepAway        StepKind = "away"        // Owner, who ranks ahead, is not there
)

// ChangeStep is one step of a change. Only the fields that its kind names are
// set.
type ChangeStep struct {
	Kind   StepKind        `json:"kind"`
	Owner  inquiry.OwnerID `json:"owner"` // whom it concerns
	Name   string          `json:"name,omitempty"`
	Skill  string          `json:"skill,omitempty"`
	Skills []string        `json:"skills,omitempty"`
	To     int             `json:"to,omitempty"`
	By     int             `json:"by,omitempty"`
	Limit  int64           `json:"limit,omitempty"`
	Since  time.Time       `json:"since,omitzero"`
}

// Apply returns the snapshot with the change made. s stays as it is: what the
// change touches is copied, the rest is shared.
func (c *Change) Apply(s Snapshot) Snapshot { return applySteps(s, c.Steps) }

func applySteps(s Snapshot, steps []ChangeStep) Snapshot {
	s.Candidates = slices.Clone(s.Candidates)
	for _, step := range steps {
		if c := s.candidate(step.Owner); c != nil {
			step.apply(&s, c)
		}
	}
	return s
}

func (t *ChangeStep) apply(s *Snapshot, c *Candidate) {
	o := *c.Owner
	c.Owner = &o
	switch t.Kind {
	case StepSkill, StepLower:
		o.Skills = slices.Clone(o.Skills)
		i := slices.IndexFunc(o.Skills, func(k inquiry.Skill) bool { return k.Name == t.Skill })
		if i < 0 {
			o.Skills = append(o.Skills, inquiry.Skill{Name: t.Skill, Level: t.To})
			return
		}
		o.Skills[i].Level = t.To
	case StepLanguage:
		o.Languages = append(slices.Clone(o.Languages), t.Name)
	case StepAccount:
		if !o.MaySpeak(t.Name) {
			o.Accounts = append(slices.Clone(o.Accounts), t.Name)
		}
		s.Plan = voiced(s.Plan, t.Owner)
	case StepAffiliation:
		o.Affiliation = inquiry.Affiliation(t.Name)
	case StepDepartment:
		o.Departments = append(slices.Clone(o.Departments), t.Name)
	case StepAuthority:
		o.Authority = append(slices.DeleteFunc(slices.Clone(o.Authority), func(a inquiry.Authority) bool { return a.Name == t.Name }), inquiry.Authority{Name: t.Name, Limit: t.Limit})
	case StepCapacity:
		o.Capacity = t.To
	case StepOnline:
		c.Presence = inquiry.Online
	case StepSuspect:
		c.SuspectUntil = time.Time{}
	case StepShift:
		c.OnShift, c.ShiftEnds = true, time.Time{}
	case StepLoad:
		c.Load -= t.By
	case StepChannel:
		c.free(t.Name, t.By)
	case StepLimit:
		s.liftLimit(t.Name, c)
	case StepExclusion:
		s.unbar(t.Owner)
		s.Inquiry.Exclusions = slices.DeleteFunc(slices.Clone(s.Inquiry.Exclusions), func(x inquiry.Exclusion) bool { return x.Owner == t.Owner })
	case StepOffer:
		s.Inquiry.Offers = slices.DeleteFunc(slices.Clone(s.Inquiry.Offers), func(f inquiry.Offer) bool { return f.Owner == t.Owner })
		c.Offered = false
	case StepRamp:
		c.RampUntil = time.Time{}
	case StepKept:
		s.Kept = slices.DeleteFunc(slices.Clone(s.Kept), func(k Kept) bool { return k.Owner == t.Owner })
	case StepHold:
		s.Inquiry.HeldUntil = s.At // granted once, and over
	case StepUtilisation:
		c.Utilisation = t.To
	case StepIdle:
		c.IdleSince = t.Since
	case StepPrevious:
		s.Previous = t.Owner
	case StepBonus:
		c.Bonus = t.To
	case StepDrop:
		o.Skills = slices.DeleteFunc(slices.Clone(o.Skills), func(k inquiry.Skill) bool { return slices.Contains(t.Skills, k.Name) })
	case StepAway:
		c.Presence = inquiry.Away
	}
}

// unbar lets an owner have what they were not asked for.
func (s *Snapshot) unbar(id inquiry.OwnerID) {
	if !s.Inquiry.Bars(id) {
		return
	}
	ask := *s.Inquiry.Ask
	if ask.Of != "" {
		ask.Of = id
	}
	ask.Not = slices.DeleteFunc(slices.Clone(ask.Not), func(o inquiry.OwnerID) bool { return o == id })
	s.Inquiry.Ask = &ask
}

func whyNot(s *Snapshot, e *Explanation, about inquiry.OwnerID) *WhyNot {
	w := &WhyNot{Owner: about, Chosen: e.Chosen == about}
	unlooked := s.Plan == nil || e.Kind == "" && s.Inquiry.State != "" && s.Inquiry.State != inquiry.StateReceived && s.Inquiry.State != inquiry.StateQueued && !s.Inquiry.Seeks(s.Plan)
	switch {
	case e.Kind == inquiry.HandedOver:
		w.Reasons = append(w.Reasons, fmt.Sprintf("%s handed it to %s", s.name(inquiry.OwnerID(e.By)), s.name(e.Chosen)))
	case e.Manual:
		w.Reasons = append(w.Reasons, fmt.Sprintf("%s was chosen by hand, neither gates nor scores were asked", s.name(e.Chosen)))
	case unlooked:
		w.Reasons = append(w.Reasons, e.Waits...)
	case e.Pulled:
		w.Reasons = append(w.Reasons, s.name(e.Chosen)+" took it: whoever passes the gates may, whatever their rank")
	case w.Chosen && e.Because != "":
		w.Reasons = append(w.Reasons, e.Because)
	}
	if w.Chosen || s.Plan == nil || e.Kind == "" && s.Inquiry.State == inquiry.StateMerged {
		return w
	}
	w.Reasons = append(w.Reasons, s.reasons(about)...)
	if !s.gives(about) {
		w.Change = smallestChange(s, about)
	}
	return w
}

// gives reports whether an owner gets the inquiry or, of one that waits to be taken, whether
// they may take it.
func (s *Snapshot) gives(id inquiry.OwnerID) bool {
	if s.toTake() {
		c := s.candidate(id)
		return s.check(c) == 0
	}
	chosen, _ := Decide(*s)
	return chosen == id
}

// reasons says what kept an owner from being chosen by the policy.
func (s *Snapshot) reasons(about inquiry.OwnerID) []string {
	c := s.candidate(about)
	if g := s.check(c); g != 0 {
		return s.details(c, g)
	}
	rs := rank(s)
	if h := holdOf(s, rs); h.owner != "" {
		return []string{s.holdText(h)}
	}
	i := slices.IndexFunc(rs, func(r rankedCandidate) bool { return r.cand == c })
	if s.toTake() {
		return []string{"passes every gate and may take it"}
	}
	if mate := s.keptFor(about); !mate.IsZero() {
		return []string{fmt.Sprintf("passes every gate and ranks %d of %d, but was kept for inquiry %s, which was paired at the same time", i+1, len(rs), mate)}
	}
	first := s.firstOf(rs)
	if i == first {
		return []string{"passes every gate and ranks first"}
	}
	return []string{fmt.Sprintf("passes every gate and ranks %d of %d, behind %s: %s", i+1, len(rs), label(rs[first].cand.Owner),
		ahead(&s.Plan.Weights, rs[first], rs[i]))}
}

// Search for the smallest change.

// lever is a step that helps an owner, in n forms from 0, the weakest. Each
// helps at least as much as the one before.
type lever struct {
	n    int
	form func(i int) ChangeStep
	rank int // its place among the levers, by cost
}

// maxLevers bounds the search: two to the power of it changes are tried. It
// takes a requirement of eight skills to reach it; the levers beyond are not tried.
const maxLevers = 12

// smallestChange finds the change with the fewest steps after which about is
// chosen. The gates that are shut must be opened, with one step each; then
// every set of levers is tried at its strongest, those who are still ahead being
// sent away, and the smallest set is weakened as far as it still wins.
func smallestChange(s *Snapshot, about inquiry.OwnerID) *Change {
	c := s.candidate(about)
	gates, levers := s.gateSteps(c), s.levers(c)
	if len(levers) > maxLevers {
		levers = levers[:maxLevers]
	}
	wins := func(steps []ChangeStep) bool {
		changed := applySteps(*s, steps)
		return changed.gives(about)
	}
	var best []lever
	var away []ChangeStep
	found := false
	for _, set := range subsets(len(levers)) {
		if found && bits.OnesCount(set) > len(best)-len(gates)+len(away) {
			break
		}
		try := slices.Clone(gates)
		for i := range levers {
			if set&(1<<i) != 0 {
				try = append(try, levers[i])
			}
		}
		changed := applySteps(*s, steps(try, nil))
		var others []ChangeStep
		for _, r := range rank(&changed) {
			if r.cand.Owner.ID == about || s.toTake() { // whatever their rank
				break
			}
			if !changed.keptFor(r.cand.Owner.ID).IsZero() {
				continue
			}
			others = append(others, ChangeStep{Kind: StepAway, Owner: r.cand.Owner.ID})
		}
		if found && !smaller(try, others, best, away) {
			continue
		}
		if wins(steps(try, others)) {
			best, away, found = try, others, true
		}
	}
	if !found {
		return nil
	}
	chosen := steps(best, away)
	for i := len(best) - 1; i >= 0; i-- { // the costliest are weakened first
		l := best[i]
		n := sort.Search(l.n-1, func(n int) bool {
			chosen[i] = l.form(n)
			return wins(chosen)
		})
		chosen[i] = l.form(n)
	}
	for i := range slices.Backward(chosen) {
		if without := slices.Delete(slices.Clone(chosen), i, i+1); wins(without) {
			chosen = without
		}
	}
	return &Change{Steps: chosen, Text: s.changeText(chosen)}
}

// subsets are all sets of n things, as bits, the small ones first.
func subsets(n int) []uint {
	sets := make([]uint, 1<<n)
	for i := range sets {
		sets[i] = uint(i)
	}
	slices.SortStableFunc(sets, func(a, b uint) int { return cmp.Compare(bits.OnesCount(a), bits.OnesCount(b)) })
	return sets
}

// smaller reports whether a change has fewer steps than another or, with as
// many, the cheaper ones: fewer people sent away, then the earlier levers.
func smaller(a []lever, awayA []ChangeStep, b []lever, awayB []ChangeStep) bool {
	if n, m := len(a)+len(awayA), len(b)+len(awayB); n != m {
		return n < m
	}
	if len(awayA) != len(awayB) {
		return len(awayA) < len(awayB)
	}
	for i := range a {
		if x, y := a[i].rank, b[i].rank; x != y {
			return x < y
		}
	}
	return false
}

func steps(levers []lever, away []ChangeStep) []ChangeStep {
	out := make([]ChangeStep, 0, len(levers)+len(away))
	for _, l := range levers {
		out = append(out, l.form(l.n-1))
	}
	return append(out, away...)
}

func fixed(step ChangeStep) lever {
	return lever{n: 1, form: func(int) ChangeStep { return step }}
}

// gateSteps open the gates that hold an owner back, one step for each.
func (s *Snapshot) gateSteps(c *Candidate) []lever {
	var out []lever
	id, req, cost, g := c.Owner.ID, s.requirement(), s.Plan.Cost, s.check(c)
	add := func(gate Gates, step ChangeStep) {
		if g&gate != 0 {
			step.Owner = id
			out = append(out, fixed(step))
		}
	}
	for _, k := range s.gateSkills(c) {
		out = append(out, skillLever(id, k.Name, k.Level, wanted(&s.Plan.Requirement, k.Name)))
	}
	for _, a := range req.Authority {
		if !c.Owner.May(a) {
			out = append(out, fixed(ChangeStep{Kind: StepAuthority, Owner: id, Name: a.Name, Limit: a.Limit}))
		}
	}
	add(GateLanguage, ChangeStep{Kind: StepLanguage, Name: req.Language})
	add(GateAffiliation, ChangeStep{Kind: StepAffiliation, Name: string(admitted(req.Voices))})
	if g&GateDepartment != 0 {
		add(GateDepartment, ChangeStep{Kind: StepDepartment, Name: joins(req, c.Owner)})
	}
	add(GateSize, ChangeStep{Kind: StepCapacity, To: max(0, c.taken(s.work())) + cost})
	add(GatePresence, ChangeStep{Kind: StepOnline})
	add(GateSuspect, ChangeStep{Kind: StepSuspect})
	add(GateShift, ChangeStep{Kind: StepShift})
	if g&GateSize == 0 {
		add(GateCapacity, ChangeStep{Kind: StepLoad, By: c.taken(s.work()) + cost - c.Owner.Capacity})
	}
	if g&GateChannel != 0 {
		for _, m := range c.tooMany(s.work()) {
			out = append(out, fixed(ChangeStep{Kind: StepChannel, Owner: id, Name: m.channel, By: m.n}))
		}
	}
	for _, l := range c.held(s.At) {
		add(GateLimit, ChangeStep{Kind: StepLimit, Name: l.Limit})
	}
	add(GateExclusion, ChangeStep{Kind: StepExclusion})
	add(GateOffered, ChangeStep{Kind: StepOffer})
	add(GateRamp, ChangeStep{Kind: StepRamp})
	if mate := s.keptFor(id); !mate.IsZero() { // no gate, and shut like one
		out = append(out, fixed(ChangeStep{Kind: StepKept, Owner: id, Name: mate.String()}))
	}
	return out
}

// gateSkills are the skills that the gates ask an owner to raise, and how far.
func (s *Snapshot) gateSkills(c *Candidate) (needed []inquiry.Skill) {
	req := s.requirement()
	need := func(r inquiry.SkillRequirement) {
		i := slices.IndexFunc(needed, func(k inquiry.Skill) bool { return k.Name == r.Skill })
		if i < 0 {
			needed, i = append(needed, inquiry.Skill{Name: r.Skill}), len(needed)
		}
		needed[i].Level = max(needed[i].Level, r.Min)
	}
	for _, r := range req.Skills {
		if c.Owner.Level(r.Skill) < r.Min {
			need(r)
		}
	}
	for i := range req.AnyOf {
		if group := &req.AnyOf[i]; !meetsAny(group, c.Owner) {
			need(nearest(group, c.Owner))
		}
	}
	return needed
}

// wanted is the level of a skill above which nothing is gained.
func wanted(req *inquiry.Requirement, skill string) (level int) {
	look := func(list []inquiry.SkillRequirement) {
		for _, r := range list {
			if r.Skill == skill {
				level = max(level, r.Wanted())
			}
		}
	}
	look(req.Skills)
	for _, g := range req.AnyOf {
		look(g.Any)
	}
	for _, v := range req.Voices {
		for _, k := range v.Skills {
			if k.Name == skill {
				level = max(level, k.Level)
			}
		}
	}
	return level
}

// nearest is the skill of a group that an owner lacks the least of.
func nearest(g *inquiry.SkillGroup, o *inquiry.Owner) inquiry.SkillRequirement {
	return slices.MinFunc(g.Any, func(a, b inquiry.SkillRequirement) int {
		return cmp.Compare(a.Min-o.Level(a.Skill), b.Min-o.Level(b.Skill))
	})
}

func skillLever(id inquiry.OwnerID, skill string, from, to int) lever {
	return lever{n: to - from + 1, form: func(i int) ChangeStep {
		return ChangeStep{Kind: StepSkill, Owner: id, Skill: skill, To: from + i}
	}}
}

// levers are what would raise an owner who passes the gates, in the order of their cost.
func (s *Snapshot) levers(c *Candidate) []lever {
	var out []lever
	add := func(l lever) {
		l.rank = len(out)
		out = append(out, l)
	}
	id, req := c.Owner.ID, &s.Plan.Requirement
	if s.Inquiry.HeldUntil.After(s.At) {
		add(fixed(ChangeStep{Kind: StepHold, Owner: id, Name: string(s.Inquiry.HeldFor)}))
	} else if s.Plan.HoldFor > 0 && s.Previous != "" {
		add(fixed(ChangeStep{Kind: StepHold, Owner: id, Name: string(s.Previous)}))
	}
	insisted := s.requirement()
	raised := []string{}
	for _, k := range s.gateSkills(c) { // a gate's to open, which raises them as far as it goes
		raised = append(raised, k.Name)
	}
	raise := func(skill string) {
		level, to := c.Owner.Level(skill), wanted(req, skill)
		if level < to && !slices.Contains(raised, skill) {
			add(skillLever(id, skill, level+1, to))
		}
		raised = append(raised, skill)
	}
	for i := range req.Skills {
		raise(req.Skills[i].Skill)
	}
	for i := range req.AnyOf {
		for _, r := range req.AnyOf[i].Any {
			raise(r.Skill)
		}
	}
	voiceless := s.check(c)&GateVoice != 0 // several ways lead to a voice, and some of them elsewhere, too
	if voiceless {
		for _, k := range voiceSkills(req) {
			raise(k)
		}
	}
	if insisted.Language == "" && !c.Owner.Speaks(req.Language) {
		add(fixed(ChangeStep{Kind: StepLanguage, Owner: id, Name: req.Language}))
	}
	if voiceless {
		add(fixed(ChangeStep{Kind: StepAccount, Owner: id, Name: req.Account}))
		for _, d := range voiceDepartments(req, c.Owner) {
			add(fixed(ChangeStep{Kind: StepDepartment, Owner: id, Name: d}))
		}
	}
	if len(insisted.Departments) == 0 && len(req.Departments) > 0 && !slices.ContainsFunc(req.Departments, c.Owner.In) {
		add(fixed(ChangeStep{Kind: StepDepartment, Owner: id, Name: req.Departments[0]}))
	}
	if now := min(Full, c.Utilisation); now > 0 {
		add(lever{n: now, form: func(i int) ChangeStep {
			return ChangeStep{Kind: StepUtilisation, Owner: id, To: now - 1 - i}
		}})
	}
	if l, ok := s.idleLever(c); ok {
		add(l)
	}
	if s.Previous != id {
		add(fixed(ChangeStep{Kind: StepPrevious, Owner: id}))
	}
	for _, l := range s.moreLevers(c) {
		add(l)
	}
	var unasked []string
	for _, k := range c.Owner.Skills {
		if !asksSkill(req, k.Name) {
			unasked = append(unasked, k.Name)
		}
	}
	if len(unasked) > 0 {
		add(lever{n: len(unasked), form: func(i int) ChangeStep {
			return ChangeStep{Kind: StepDrop, Owner: id, Skills: unasked[:i+1]}
		}})
	}
	return out
}

// idleLever lets an owner be idle for longer, by whole seconds, up to the
// longest that counts and longer than anybody else.
func (s *Snapshot) idleLever(c *Candidate) (lever, bool) {
	if c.IdleSince.IsZero() {
		return lever{}, false // since ever: nothing is longer
	}
	longest := s.At.Add(-Full * 10 * time.Second)
	for i := range s.Candidates {
		if t := s.Candidates[i].IdleSince; !t.IsZero() && t.Before(longest) {
			longest = t
		}
	}
	last := c.IdleSince.Truncate(time.Second)
	if !last.Before(c.IdleSince) {
		last = last.Add(-time.Second)
	}
	n := 2 + int(max(0, last.Sub(longest)/time.Second))
	return lever{n: n, form: func(i int) ChangeStep {
		return ChangeStep{Kind: StepIdle, Owner: c.Owner.ID, Since: last.Add(-time.Duration(i) * time.Second)}
	}}, true
}

func (s *Snapshot) changeText(steps []ChangeStep) string {
	var parts, away []string
	for _, t := range steps {
		if t.Kind == StepAway {
			away = append(away, s.name(t.Owner))
			continue
		}
		parts = append(parts, s.stepText(&t))
	}
	switch len(away) {
	case 0:
	case 1:
		parts = append(parts, away[0]+" away")
	default:
		parts = append(parts, strings.Join(away[:len(away)-1], ", ")+" and "+away[len(away)-1]+" away")
	}
	if n := len(parts); n > 1 {
		return strings.Join(parts[:n-1], ", ") + ", and " + parts[n-1]
	}
	return strings.Join(parts, "")
}

func (s *Snapshot) stepText(t *ChangeStep) string {
	c := s.candidate(t.Owner)
	switch t.Kind {
	case StepSkill:
		if from := c.Owner.Level(t.Skill); from > 0 {
			return fmt.Sprintf("%s raised from %d to %d", t.Skill, from, t.To)
		}
		return fmt.Sprintf("%s learned to level %d", t.Skill, t.To)
	case StepLanguage:
		return "the language " + t.Name
	case StepAccount:
		if t.Name == "" {
			return "a voice"
		}
		return "a voice on " + t.Name
	case StepAffiliation:
		return fmt.Sprintf("being %s instead of %s", t.Name, c.Owner.Affiliated())
	case StepDepartment:
		return "a place in " + t.Name
	case StepAuthority:
		return fmt.Sprintf("the authority for %s up to %d", t.Name, t.Limit)
	case StepCapacity:
		return fmt.Sprintf("a capacity of %d instead of %d", t.To, c.Owner.Capacity)
	case StepOnline:
		return fmt.Sprintf("being online instead of %s", cmp.Or(c.Presence, inquiry.Offline))
	case StepSuspect:
		return "no suspicion from an expired offer"
	case StepShift:
		return "being on shift"
	case StepLoad:
		return fmt.Sprintf("%d less of load", t.By)
	case StepChannel:
		return fmt.Sprintf("%d less of %s in hand", t.By, t.Name)
	case StepLimit:
		return "a dispatch left in the rate limit" + inBrackets(t.Name)
	case StepExclusion:
		if s.Inquiry.Bars(t.Owner) {
			return "being asked"
		}
		return "not being passed over for this inquiry"
	case StepOffer:
		return "the offer that they have being over"
	case StepRamp:
		return "a dispatch left in the login ramp"
	case StepKept:
		return "not being kept for inquiry " + t.Name
	case StepHold:
		return "no wait for " + s.name(inquiry.OwnerID(t.Name))
	case StepUtilisation:
		return fmt.Sprintf("a utilisation of at most %d instead of %d (of %d)", t.To, c.Utilisation, Full)
	case StepIdle:
		return fmt.Sprintf("being idle since %s instead of %s", s.clock(t.Since), s.clock(c.IdleSince))
	case StepPrevious:
		return "having been the customer's previous owner"
	case StepLower:
		return fmt.Sprintf("%s at %d instead of %d", t.Skill, t.To, c.Owner.Level(t.Skill))
	case StepBonus:
		return fmt.Sprintf("a bonus of %d instead of %d (of %d)", t.To, c.Bonus, Full)
	case StepDrop:
		return "without the skills that are not asked for: " + strings.Join(t.Skills, ", ")
	}
	return string(t.Kind)
}
