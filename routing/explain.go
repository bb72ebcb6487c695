package routing

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/wording"
)

// Snapshot is how things stood when a decision was taken, or stand now. The
// Engine puts it together from the journal.
type Snapshot struct {
	// Inquiry is the row as it was just before the decision.
	Inquiry inquiry.Row
	Plan    *inquiry.Plan
	At      time.Time // the record time of the decision, or now
	// Event is the offer or assignment to explain; nil asks why nobody is
	// offered the inquiry.
	Event      *inquiry.Event
	Facts      *inquiry.Facts  // what it was routed by, nil if not known
	Candidates []Candidate     // everybody on the roster
	Previous   inquiry.OwnerID // the customer's previous owner, "" if there is none
	Live       bool            // it is about the present, not about a past decision
	Waiting    int             // how many waited before it in its queue
	// Kept are the owners who were kept for other inquiries that were paired at
	// the same time. [Explain] takes them from the decision.
	Kept []Kept
}

// Explanation says why an inquiry went to its owner, or why it waits. It is
// plain data with stable JSON; [Explanation.Text] puts it into words.
type Explanation struct {
	Inquiry inquiry.ID        `json:"inquiry"`
	At      time.Time         `json:"at"`
	Live    bool              `json:"live,omitempty"`
	State   inquiry.State     `json:"state,omitempty"` // of the inquiry, before the decision
	Seq     uint64            `json:"seq,omitempty"`   // of the event that is explained
	Kind    inquiry.EventKind `json:"kind,omitempty"`  // offered, assigned or handed_over; empty if there was no decision
	// Parent is the inquiry beside which this one is a Duty, if it is one.
	Parent inquiry.ID   `json:"parent,omitzero"`
	Duty   inquiry.Duty `json:"duty,omitempty"`

	Policy      string               `json:"policy,omitempty"`
	Rule        string               `json:"rule,omitempty"`
	Trail       []string             `json:"trail,omitempty"` // the rules before it that matched and continued
	Facts       *inquiry.Facts       `json:"facts,omitempty"`
	Requirement *inquiry.Requirement `json:"requirement,omitempty"`
	// Relaxed are the parts of the requirement that had been dropped, in words.
	Relaxed []string `json:"relaxed,omitempty"`
	Cost    int      `json:"cost,omitempty"`
	Waiting int      `json:"waiting,omitempty"`
	// Audiences says which one led, of an author who is several things to us.
	Audiences *inquiry.Audiences `json:"audiences,omitempty"`
	// Redirect is the account that answers such inquiries, where Account, which
	// it arrived at, does not.
	Redirect *inquiry.Redirect `json:"redirect,omitempty"`
	Account  string            `json:"account,omitempty"`

	// Chosen is who got it; or, if there was no decision, who has it or would get
	// it now. "" is nobody.
	Chosen inquiry.OwnerID `json:"chosen,omitempty"`
	// Because says what put the chosen owner first.
	Because string `json:"because,omitempty"`
	// Waits says why it waits, where nobody was chosen; or what it waits for now,
	// where the one chosen has it since.
	Waits []string `json:"waits,omitempty"`
	// Beside are the owners who had a live offer of it already.
	Beside []inquiry.OwnerID `json:"beside,omitempty"`
	// Pulled means that the chosen owner took it, whatever their rank.
	Pulled bool `json:"pulled,omitempty"`
	// Manual is set for an assignment by hand; By is who made it, and Reason why.
	Manual bool   `json:"manual,omitempty"`
	By     string `json:"by,omitempty"`
	Reason string `json:"reason,omitempty"`
	// TakenOver, of a hand-off, is the duty to take over that the chosen owner
	// accepted. Why that was offered to them is told by its own explanation.
	TakenOver inquiry.ID `json:"taken_over,omitzero"`

	// Decision is the record that was taken at the time, nil if there is none.
	Decision *Decision `json:"decision,omitempty"`
	// Reproduced reports whether the snapshot leads to the recorded decision again:
	// the same owner with the same score, among as many owners.
	Reproduced bool `json:"reproduced,omitempty"`

	// Owners is everybody on the roster: first the ranked ones in their order, then
	// those held back, by how many gates hold them and by id.
	Owners []Standing `json:"owners,omitempty"`
	// WhyNot is about the owner asked after, nil if nobody was.
	WhyNot *WhyNot `json:"why_not,omitempty"`
}

// Standing is how one owner stood.
type Standing struct {
	Owner inquiry.OwnerID `json:"owner"`
	Name  string          `json:"name,omitempty"`
	Rank  int             `json:"rank,omitempty"`  // from 1; 0: held back by a gate
	Score *Score          `json:"score,omitempty"` // nil while held back
	Gates []string        `json:"gates,omitempty"` // those that hold them back, by name
	// Details say the same in words: "billing is 2, 3 is needed".
	Details []string `json:"details,omitempty"`
}

// Decide takes the decision of a snapshot in the same way as the Engine: by
// [Check], [ScoreOf], [Better] and the hold for a previous owner. chosen is ""
// if nobody passes the gates, the inquiry is held, or it waits to be taken.
func Decide(s Snapshot) (chosen inquiry.OwnerID, ranked []Ranked) {
	rs := rank(&s)
	for _, r := range rs {
		ranked = append(ranked, Ranked{r.cand.Owner.ID, r.score})
	}
	first := s.firstOf(rs)
	if first < 0 || holdOf(&s, rs).owner != "" || s.toTake() {
		return "", ranked
	}
	return ranked[first].Owner, ranked
}

type rankedCandidate struct {
	cand  *Candidate
	score Score
}

func rank(s *Snapshot) []rankedCandidate {
	if s.Plan == nil {
		return nil
	}
	var rs []rankedCandidate
	for i := range s.Candidates {
		c := &s.Candidates[i]
		if s.check(c) != 0 {
			continue
		}
		previous := s.Previous != "" && c.Owner.ID == s.Previous
		rs = append(rs, rankedCandidate{c, ScoreOf(&s.Plan.Weights, &s.Plan.Requirement, c, previous, s.At)})
	}
	slices.SortFunc(rs, func(a, b rankedCandidate) int {
		if Better(a.score, a.cand, b.score, b.cand) {
			return -1
		}
		return 1
	})
	return rs
}

// requirement is what was asked of an owner at that time: without the parts
// that had been dropped.
func (s *Snapshot) requirement() *inquiry.Requirement {
	req := s.Plan.Requirement.Relax(s.Inquiry.Relaxed)
	return &req
}

func (s *Snapshot) check(c *Candidate) Gates {
	return Check(s.requirement(), s.work(), c, s.excludedUntil(c), s.At)
}

func (s *Snapshot) candidate(id inquiry.OwnerID) *Candidate {
	for i := range s.Candidates {
		if s.Candidates[i].Owner.ID == id {
			return &s.Candidates[i]
		}
	}
	return nil
}

// hold is a wait for the customer's previous owner.
type hold struct {
	owner inquiry.OwnerID // "" if it waits for nobody
	until time.Time
}

// holdOf is what the inquiry waits for though others could take it: by a hold
// granted before, or by one that would be granted now.
func holdOf(s *Snapshot, rs []rankedCandidate) hold {
	if len(rs) == 0 || s.Inquiry.State == inquiry.StateOffered || s.toTake() {
		return hold{}
	}
	if s.Inquiry.HeldUntil.After(s.At) && s.full(s.Inquiry.HeldFor) {
		return hold{s.Inquiry.HeldFor, s.Inquiry.HeldUntil}
	}
	if s.Plan.HoldFor <= 0 || !s.Inquiry.HeldUntil.IsZero() || !s.full(s.Previous) {
		return hold{}
	}
	until := s.At.Add(time.Duration(s.Plan.HoldFor))
	if due := s.Inquiry.Due; !due.IsZero() {
		if half := s.At.Add(due.Sub(s.At) / 2); half.Before(until) {
			until = half
		}
	}
	if !until.After(s.At) {
		return hold{}
	}
	return hold{s.Previous, until}
}

// full reports whether an owner could have the inquiry but for being full.
func (s *Snapshot) full(id inquiry.OwnerID) bool {
	c := s.candidate(id)
	if c == nil {
		return false
	}
	g := s.check(c)
	return g&Busy != 0 && g&^(Busy|Timed) == 0
}

func (s *Snapshot) holdText(h hold) string {
	return fmt.Sprintf("it is held until %s for %s, the customer's previous owner", s.clock(h.until), s.name(h.owner))
}

// Explain explains a decision or, if the snapshot has none, why the inquiry
// waits. about names an owner to ask after: why not them, and the smallest
// change that would have made them the owner. "" asks after nobody.
//
// It fails if about is not on the roster or is leaving it, if the event is
// neither an offer nor an assignment, if its decision record cannot be read,
// and if a decision comes without its plan.
func Explain(s Snapshot, about inquiry.OwnerID) (*Explanation, error) {
	if about != "" && s.candidate(about) == nil {
		return nil, fmt.Errorf("routing: explain inquiry %s: owner %q was not among the %d owners of the roster at that time, or was leaving it", s.Inquiry.ID, about, len(s.Candidates))
	}
	s, err := s.asTaken()
	if err != nil {
		return nil, err
	}
	e := &Explanation{
		Inquiry: s.Inquiry.ID, Parent: s.Inquiry.Parent, Duty: s.Inquiry.Duty, At: s.At.UTC(), Live: s.Live, State: s.Inquiry.State, Facts: s.Facts, Waiting: s.Waiting,
	}
	for _, o := range s.Inquiry.Offers {
		e.Beside = append(e.Beside, o.Owner)
	}
	if s.Inquiry.Redirect != nil {
		e.Account, e.Redirect = s.Inquiry.Account, s.Inquiry.Redirect
	}
	if s.Plan != nil {
		e.Policy, e.Rule, e.Trail, e.Cost = s.Plan.Policy, s.Plan.Rule, s.Plan.Trail, s.Plan.Cost
		e.Requirement, e.Audiences = &s.Plan.Requirement, s.Plan.Audiences
		for i, part := range s.Plan.Requirement.SoftParts() {
			if s.Inquiry.Relaxed.Has(i) {
				e.Relaxed = append(e.Relaxed, part.Name)
			}
		}
	}
	rs := rank(&s)
	held := holdOf(&s, rs)
	first := s.firstOf(rs)
	switch {
	case s.Event != nil:
		if err := e.decided(&s); err != nil {
			return nil, err
		}
		first = s.firstOf(rs) // whoever was kept is known now
		if d := e.Decision; d != nil && (held.owner == "" || d.Pulled) && len(rs) == d.Passed && first >= 0 {
			could := rs[first : first+1]
			if d.Pulled { // whatever their rank
				could = rs
			}
			e.Reproduced = slices.ContainsFunc(could, func(r rankedCandidate) bool {
				return d.Chosen == Ranked{r.cand.Owner.ID, r.score} && d.Owners == len(s.Candidates)
			})
		}
	case s.Inquiry.Owner != "":
		e.Chosen = s.Inquiry.Owner
	case len(s.Inquiry.Offers) > 0:
		e.Chosen, e.Beside = s.offeredTo(about)
	case s.Inquiry.State == inquiry.StateMerged: // nobody by itself
	case first >= 0 && held.owner == "" && !s.toTake():
		e.Chosen = rs[first].cand.Owner.ID
	}
	if s.Plan != nil {
		e.Owners = s.standings(rs)
	}
	if s.Event == nil {
		e.Waits = s.waits(rs, held)
	} else if first >= 0 && rs[first].cand.Owner.ID == e.Chosen && !e.Manual && !e.Pulled {
		e.Because = s.because(rs, first)
	}
	if about != "" {
		e.WhyNot = whyNot(&s, e, about)
	}
	return e, nil
}

// Decides reports whether events of a kind decide who gets an inquiry, so that
// [Explain] can explain them.
func Decides(kind inquiry.EventKind) bool {
	return kind == inquiry.Offered || kind == inquiry.Assigned || kind == inquiry.HandedOver
}

func (e *Explanation) decided(s *Snapshot) error {
	ev := s.Event
	if !Decides(ev.Kind) {
		return fmt.Errorf("routing: explain inquiry %s: event %d is %s: only offered, assigned and handed_over events are decisions", s.Inquiry.ID, ev.Seq, ev.Kind)
	}
	if s.Plan == nil {
		return fmt.Errorf("routing: explain inquiry %s: event %d comes without the plan that it was decided by", s.Inquiry.ID, ev.Seq)
	}
	e.Seq, e.Kind, e.Chosen = ev.Seq, ev.Kind, ev.Owner
	d, err := ParseDecision(ev)
	if err != nil {
		return err
	}
	e.Decision = d
	if d != nil {
		e.Pulled, s.Kept = d.Pulled, d.Kept
	}
	if d == nil {
		e.Manual, e.By = true, ev.Actor
		if o, ok := ev.Data.(inquiry.Offering); ok {
			e.Reason = o.Reason
		}
		if h, ok := ev.Data.(inquiry.Handover); ok {
			e.By, e.Reason, e.TakenOver = string(h.From), cmp.Or(h.Arbiter, h.Reason), h.Duty
		}
	}
	return nil
}

func (s *Snapshot) standings(rs []rankedCandidate) []Standing {
	out := make([]Standing, 0, len(s.Candidates))
	for i, r := range rs {
		score := r.score
		out = append(out, Standing{Owner: r.cand.Owner.ID, Name: r.cand.Owner.Name, Rank: i + 1, Score: &score})
	}
	for i := range s.Candidates {
		c := &s.Candidates[i]
		if g := s.check(c); g != 0 {
			out = append(out, Standing{Owner: c.Owner.ID, Name: c.Owner.Name, Gates: g.Names(), Details: s.details(c, g)})
		}
	}
	slices.SortFunc(out[len(rs):], func(a, b Standing) int {
		return cmp.Or(cmp.Compare(len(a.Gates), len(b.Gates)), cmp.Compare(a.Owner, b.Owner))
	})
	return out
}

// details says in words what holds an owner back.
func (s *Snapshot) details(c *Candidate, g Gates) []string {
	var out []string
	say := func(gate Gates, format string, args ...any) {
		if g&gate != 0 {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	req, cost := s.requirement(), s.Plan.Cost
	for _, r := range req.Skills {
		switch level := c.Owner.Level(r.Skill); {
		case level >= r.Min:
		case level == 0:
			say(GateSkills, "has no %s, %d is needed", r.Skill, r.Min)
		default:
			say(GateSkills, "%s is %d, %d is needed", r.Skill, level, r.Min)
		}
	}
	for i := range req.AnyOf {
		if !meetsAny(&req.AnyOf[i], c.Owner) {
			say(GateSkills, "has none of %s", req.AnyOf[i])
		}
	}
	for _, a := range req.Authority {
		if !c.Owner.May(a) {
			say(GateAuthority, "may not decide %s up to %d", a.Name, a.Limit)
		}
	}
	say(GateLanguage, "does not speak %s", req.Language)
	if g&(GateVoice|GateAffiliation) != 0 {
		out = append(out, Unspoken(req, c.Owner)...)
	}
	say(GateDepartment, "is not in %s", wording.Or(req.Departments))
	say(GateSize, "can hold %d, it takes %d", c.Owner.Capacity, cost)
	say(GatePresence, "is %s", cmp.Or(c.Presence, inquiry.Offline))
	say(GateSuspect, "let an offer expire, gets nothing until %s", s.clock(c.SuspectUntil))
	if g&GateShift != 0 {
		out = append(out, s.shiftText(c))
	}
	if g&GateCapacity != 0 && g&GateSize == 0 { // otherwise it goes without saying
		out = append(out, s.loadText(c))
	}
	if g&GateChannel != 0 {
		for _, m := range c.tooMany(s.work()) {
			out = append(out, m.text(s.work()))
		}
	}
	say(GateLimit, "next dispatch allowed at %s%s", s.clock(c.LimitedUntil), inBrackets(c.limit()))
	if why := s.barred(c.Owner.ID); why != "" {
		out = append(out, why)
	} else if x, ok := s.Inquiry.Exclusion(c.Owner.ID, s.At); ok {
		say(GateExclusion, "passed over until %s%s", s.clock(s.excludedUntil(c)), inBrackets(x.Reason))
	}
	say(GateOffered, "has it before them already%s", s.offerUntil(c.Owner.ID))
	say(GateRamp, "came online lately, next dispatch allowed at %s", s.clock(c.RampUntil))
	return out
}

// barred says why an owner may never have it, whatever they can do.
func (s *Snapshot) barred(id inquiry.OwnerID) string {
	switch ask := s.Inquiry.Ask; {
	case !s.Inquiry.Bars(id):
		return ""
	case ask.Of != "" && ask.Of != id:
		return "is not asked, " + s.name(ask.Of) + " alone is"
	case ask.By == id:
		return "asks for it"
	}
	return "is one of those who are not asked"
}

// waits says why nobody has the inquiry.
func (s *Snapshot) waits(rs []rankedCandidate, held hold) []string {
	row := &s.Inquiry
	switch {
	case row.State == inquiry.StateScreenedOut:
		return []string{fmt.Sprintf("it was screened out%s: the sink looks at it at %s", inBrackets(row.ScreenReason), s.clock(row.ReviewAt))}
	case row.State == inquiry.StateMerged:
		return []string{fmt.Sprintf("it is merged into %s, which is answered for both: ask for that", row.Into)}
	case row.State == inquiry.StateResolved || row.State == inquiry.StateClosed:
		out := []string{fmt.Sprintf("it is %s: nobody is looked for", row.State)}
		if s.Plan != nil {
			out = append(out, s.repliesText()...)
		}
		return out
	case s.Plan == nil:
		return []string{"it has not been routed yet"}
	case row.Owner != "":
		return s.withOwner(row)
	case len(row.Offers) > 0:
		return append([]string{s.beforeText(rs)}, s.repliesText()...)
	}
	var out []string
	switch {
	case s.toTake():
		out = s.takeText(rs)
	case held.owner != "":
		out = append(out, s.holdText(held))
	case len(rs) > 0:
		out = append(out, s.name(rs[0].cand.Owner.ID)+" can take it now, and gets it unless something that waits before it takes their room")
	default:
		out = s.waitsForGates()
	}
	if s.Waiting > 0 {
		out = append(out, fmt.Sprintf("before it in its queue: %d", s.Waiting))
	}
	return append(out, s.repliesText()...)
}

// waitsForGates says what keeps everybody from an inquiry that nobody can take now.
func (s *Snapshot) waitsForGates() []string {
	var qualified int
	var tally Tally
	var limited *Candidate
	for i := range s.Candidates {
		c := &s.Candidates[i]
		g := s.check(c)
		if g&Lasting != 0 || s.Inquiry.Bars(c.Owner.ID) {
			continue
		}
		qualified++
		tally.Add(g)
		if g != 0 && g&^Timed == 0 && (limited == nil || c.AllowedAt().Before(limited.AllowedAt())) {
			limited = c
		}
	}
	if qualified == 0 {
		return []string{fmt.Sprintf("it is stranded: none of the %d on the roster qualifies", len(s.Candidates))}
	}
	words := map[string]string{
		"presence": "away or offline", "suspect": "suspended after letting an offer expire", "shift": "off shift",
		"capacity": "full", "limit": "held by a rate limit", "exclusion": "passed over for this inquiry",
		"offered": "asked already", "ramp": "held by the login ramp",
		"channel": "with enough of a channel in hand",
	}
	var parts []string
	for _, n := range tally.Counts() {
		if n.Gate == "capacity" && n.N == qualified {
			parts = append([]string{"all full"}, parts...)
			continue
		}
		parts = append(parts, fmt.Sprintf("%d %s", n.N, words[n.Gate]))
	}
	out := []string{fmt.Sprintf("nobody can take it now; of the %d who qualify: %s", qualified, strings.Join(parts, ", "))}
	if limited != nil {
		what := "the rate limit allows the next dispatch at " + s.clock(limited.AllowedAt()) + inBrackets(limited.limit())
		if limited.RampUntil.Equal(limited.AllowedAt()) {
			what = "the login ramp allows the next dispatch at " + s.clock(limited.RampUntil)
		}
		out = append(out, what)
	}
	return out
}

// because says what put the chosen one before the next.
func (s *Snapshot) because(rs []rankedCandidate, chosen int) string {
	var out []string
	for _, r := range rs[:chosen] {
		out = append(out, fmt.Sprintf("%s was kept for inquiry %s", label(r.cand.Owner), s.keptFor(r.cand.Owner.ID)))
	}
	switch {
	case len(rs) == 1:
		out = append(out, "the only one who passes every gate")
	case chosen+1 < len(rs):
		out = append(out, fmt.Sprintf("before %s: %s", label(rs[chosen+1].cand.Owner), ahead(&s.Plan.Weights, rs[chosen], rs[chosen+1])))
	default:
		out = append(out, "nobody else passes every gate")
	}
	return strings.Join(out, "; ")
}

// ahead says what puts a before b.
func ahead(w *inquiry.Weights, a, b rankedCandidate) string {
	if a.score.Total == b.score.Total {
		if a.cand.IdleSince.Equal(b.cand.IdleSince) {
			return "all else being equal, the order of the ids"
		}
		return "the same score, and idle for longer"
	}
	var most difference
	for _, d := range differences(w, a.score.Parts, b.score.Parts) {
		if d.lead > most.lead {
			most = d
		}
	}
	return most.text
}
