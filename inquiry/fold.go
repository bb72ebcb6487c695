package inquiry

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/answerable-go/answerable/sla"
)

// TransitionError says that the inquiry's state does not allow an event. It
// never comes from a journal that the core wrote: a command that would lead to
// such an event is refused before.
type TransitionError struct {
	Inquiry ID
	Version uint64
	From    State
	Kind    EventKind
	Detail  string
}

// Error says which event met which state.
func (e *TransitionError) Error() string {
	msg := fmt.Sprintf("inquiry %s, version %d: %s is not allowed in state %q", e.Inquiry, e.Version, e.Kind, e.From)
	if e.Detail != "" {
		msg += ": " + e.Detail
	}
	return msg
}

// states that an event of a kind may meet.
var (
	alive    = []State{StateReceived, StateScreenedOut, StateQueued, StateOffered, StateAssigned, StatePending, StateMerged, StateResolved}
	unsolved = []State{StateReceived, StateScreenedOut, StateQueued, StateOffered, StateAssigned, StatePending}
	owned    = []State{StateAssigned, StatePending}
	waiting  = []State{StateQueued}
	underWay = []State{StateQueued, StateOffered, StateAssigned, StatePending}
)

// allowed is the state machine: the states that each kind of event may meet.
var allowed = map[EventKind][]State{
	Opened:        {""},
	MessageAdded:  alive,
	MessageEdited: alive,
	ReplyObserved: alive,
	ScreenedOut:   {StateReceived},
	Restored:      {StateScreenedOut},
	Routed:        {StateReceived},
	Rerouted:      underWay,

	Linked:        alive,
	Unlinked:      alive,
	MergedInto:    {StateQueued, StateAssigned, StateMerged},
	Unmerged:      {StateMerged},
	Absorbed:      underWay,
	Separated:     {StateQueued, StateOffered, StateAssigned, StatePending, StateResolved},
	MessagesMoved: underWay,
	SplitOff:      {""},

	Queued:             {StateReceived},
	RequirementRelaxed: waiting,
	Held:               waiting,
	Limited:            {StateQueued, StateOffered},
	Stranded:           waiting,
	Unstranded:         waiting,
	Offered:            {StateQueued, StateOffered},
	Accepted:           {StateOffered},
	Declined:           {StateOffered},
	OfferExpired:       {StateOffered},
	OfferRevoked:       {StateOffered},
	Confirming:         {StateOffered},
	Unconfirmed:        {StateOffered},
	Assigned:           {StateQueued, StateAssigned, StatePending},
	Released:           owned,
	Overfilled:         {StateAssigned},
	WrapUpEnded:        alive,
	HandedOver:         owned,

	Acknowledged:     {StateQueued, StateOffered, StateAssigned, StatePending},
	ReplyDrafted:     owned,
	ReplyApproved:    owned,
	ReplySending:     alive,
	ReplySent:        alive,
	ReplyFailed:      alive,
	ReplyUnknown:     alive,
	ReplyPending:     owned,
	ReplyRejected:    owned,
	ReplyContested:   alive,
	ContestDecided:   alive,
	AwaitingCustomer: {StateAssigned},
	AwaitingOthers:   {StateAssigned},
	Snoozed:          {StateAssigned},
	AwaitEnded:       {StatePending},
	Prioritised:      unsolved,
	Resolved:         {StateQueued, StateAssigned, StatePending},
	Reopened:         {StateResolved},
	Closed:           {StateResolved, StateScreenedOut, StateMerged},

	DutyOpened: {""},
	DutyClosed: unsolved,
	DutyAdded:  {StateQueued, StateOffered, StateAssigned, StatePending},
	DutyEnded:  alive,

	Retargeted:       unsolved,
	ClocksRetargeted: unsolved,
	ClocksReopened:   unsolved,
	ClocksStarted:    unsolved,
	ClocksPaused:     unsolved,
	ClocksResumed:    unsolved,
	ClocksMet:        alive,
	ClocksCancelled:  alive,
	ClockWarned:      alive,
	ClockBreached:    alive,
	BreachWithdrawn:  alive,

	Escalated:   unsolved,
	Reminded:    unsolved,
	Quieted:     unsolved,
	Undelivered: alive,
}

// May reports whether the state machine allows an event of a kind in a state.
func May(kind EventKind, state State) bool { return slices.Contains(allowed[kind], state) }

// Apply folds an event of an inquiry into its row. No other code changes rows.
// An event whose version does not follow the row's, or that the state does not
// allow, is refused with a [*TransitionError] and changes nothing.
//
// A list that changes is made anew, so that a copy of the row from before stays
// as it is. The row may share lists with the event.
func Apply(r *Row, e *Event) error {
	var f Folder
	return f.Apply(r, e)
}

// fold does what an event's kind does. Where it returns an error it has changed
// nothing. It writes into no list that the row has, but for what the event before
// made.
func (f *Folder) fold(r *Row, e *Event, before made) error {
	switch e.Kind {
	case Opened, MessageAdded, MessageEdited, ReplyObserved:
		return f.foldMessage(r, e)
	case ScreenedOut:
		d, err := dataOf[Screening](e)
		if err != nil {
			return err
		}
		r.State, r.ScreenReason, r.ReviewAt, r.NextRung = StateScreenedOut, d.Reason, d.ReviewAt, d.ReviewAt
	case Restored:
		r.State, r.ScreenReason, r.ReviewAt = StateReceived, "", time.Time{}
	case Routed:
		d, err := dataOf[Routing](e)
		if err != nil {
			return err
		}
		r.Plan, r.Rule, r.Policy, r.Priority = d.Plan, d.Rule, d.Policy, d.Priority
		r.Home, r.Department, r.Redirect = d.Department, d.Department, d.Redirect
		r.AttemptAt, r.AttemptDue, r.Relaxed = time.Time{}, time.Time{}, 0
		switch kept, some := r.Facts.kept(); {
		case !some:
			r.Facts = nil
		case r.Facts == before.facts:
			*r.Facts = kept
		default:
			r.Facts = f.keepFacts(&kept)
		}
	case Rerouted:
		return foldRerouted(r, e)
	case Linked, Unlinked:
		return foldLink(r, e)
	case MergedInto, Unmerged, Absorbed, Separated:
		return foldMerge(r, e)
	case MessagesMoved, SplitOff:
		return foldSplit(r, e)
	case Queued, RequirementRelaxed, Held, Limited, Stranded, Unstranded:
		return foldQueue(r, e)
	case Offered, Accepted, Declined, OfferExpired, OfferRevoked, Unconfirmed, Assigned, Released:
		return f.foldOwner(r, e)
	case Confirming:
		return foldConfirming(r, e)
	case Overfilled, WrapUpEnded:
		return foldCapacity(r, e)
	case Acknowledged, Undelivered:
	case ReplyDrafted, ReplyPending, ReplyRejected, ReplyApproved, ReplySending, ReplySent, ReplyFailed, ReplyUnknown:
		return foldReply(r, e)
	case ReplyContested, ContestDecided:
		return foldContest(r, e)
	case AwaitingCustomer, AwaitingOthers, Snoozed:
		d, err := dataOf[Awaiting](e)
		if err != nil {
			return err
		}
		r.State, r.Awaits, r.AwaitUntil, r.WaitingCost = StatePending, sla.Signal(e.Kind), d.Until, d.Cost
	case AwaitEnded:
		r.State = StateAssigned
		r.unwait()
	case HandedOver:
		return foldHandover(r, e)
	case DutyOpened, DutyClosed, DutyAdded, DutyEnded:
		return foldDuty(r, e)
	case Prioritised:
		d, err := dataOf[Prioritising](e)
		if err != nil {
			return err
		}
		if r.Priority = d.Priority; !d.NextRung.IsZero() {
			r.NextRung = d.NextRung
		}
	case Retargeted:
		d, err := dataOf[Retargeting](e)
		if err != nil {
			return err
		}
		r.Plan = d.Plan
	case Resolved:
		d, err := dataOf[Resolution](e)
		if err != nil {
			return err
		}
		r.unqueue()
		r.wrapUp(d.WrapUp)
		r.disown()
		r.unwait()
		r.State, r.ResolvedAt, r.CloseAt = StateResolved, e.At, d.ReopenUntil
		r.Unanswered = false
	case Reopened:
		r.State, r.ResolvedAt, r.CloseAt, r.QueuedAt = StateQueued, time.Time{}, time.Time{}, e.RecordedAt
		r.Exclusions, r.Unanswered = nil, r.Unanswered || r.asks()
	case Closed:
		r.State, r.Facts, r.Replies, r.ReviewAt, r.CloseAt = StateClosed, nil, nil, time.Time{}, time.Time{}
		r.WrapUps, r.Bonuses = nil, nil
	case ClocksStarted, ClocksRetargeted, ClocksReopened, ClocksPaused, ClocksResumed, ClocksMet, ClocksCancelled, ClockWarned, ClockBreached, BreachWithdrawn:
		return f.foldClocks(r, e, before.clocks)
	case Escalated, Reminded, Quieted:
		return foldLadder(r, e)
	default:
		return fmt.Errorf("kind %q is not of an inquiry", e.Kind)
	}
	return nil
}

// dataOf is the event's data as the type that its kind promises.
func dataOf[D Data](e *Event) (D, error) {
	d, ok := e.Data.(D)
	if !ok {
		return d, fmt.Errorf("data is %T, want %T", e.Data, d)
	}
	return d, nil
}

func (f *Folder) keepFacts(facts *Facts) *Facts {
	one := [1]Facts{*facts}
	return &f.facts.Keep(one[:])[0]
}

func (f *Folder) foldMessage(r *Row, e *Event) error {
	in, ok := e.Do.(Receive)
	if !ok {
		return fmt.Errorf("it carries %T, want a receive", e.Do)
	}
	m := &in.Message
	switch e.Kind {
	case Opened:
		*r = Row{
			Pool: e.Pool, ID: e.Inquiry, State: StateReceived, OpenedAt: e.At,
			Source: m.Source, Channel: m.Channel, Account: m.Account,
			Persons: in.Facts.Persons, Conversation: in.Facts.Conversation, Fingerprint: in.Facts.Fingerprint,
			FoundBy: m.FoundBy, Facts: f.keepFacts(&in.Facts), Bonuses: in.Facts.Bonuses, Inbound: 1, LastID: m.ID, LastAt: e.At, AskedAt: e.At, Unanswered: true,
		}
		f.made.facts = r.Facts
	case MessageAdded:
		r.Inbound++
		r.FoundBy = cmp.Or(r.FoundBy, m.FoundBy)
		if !e.At.Before(r.LastAt) { // otherwise it arrived behind a newer one
			r.LastID, r.LastAt = m.ID, e.At
			if m.Channel == r.Channel && m.Account == r.Account { // a source can only answer what came through it
				r.Source = m.Source
			}
			if len(in.Facts.Bonuses) > 0 {
				r.Bonuses = in.Facts.Bonuses
			}
		}
		if in.Facts.ScreenOut == "" {
			r.Unanswered = true
			if e.At.After(r.AskedAt) {
				r.AskedAt = e.At
			}
			if !e.At.After(r.AnsweredAt) && e.At.After(r.LateAt) { // whoever wrote the answer had not seen it
				r.LateAt = e.At
			}
			if r.State == StateScreenedOut {
				r.Facts = f.keepFacts(&in.Facts)
			}
		}
		for _, p := range in.Facts.Persons {
			if !slices.Contains(r.Persons, p) {
				r.Persons = append(slices.Clip(r.Persons), p)
			}
		}
		if r.Conversation.IsZero() {
			r.Conversation = in.Facts.Conversation
		}
		if r.State == StatePending && in.Facts.ScreenOut == "" {
			r.State = StateAssigned
			r.unwait()
		}
	case ReplyObserved:
		d, err := dataOf[Observation](e)
		if err != nil {
			return err
		}
		if !d.Settles.IsZero() {
			r.dropReply(d.Settles)
		}
		if !d.Unauthorised {
			r.answered(cmp.Or(d.Written, e.At))
		}
	}
	return nil
}

func foldQueue(r *Row, e *Event) error {
	switch e.Kind {
	case Queued:
		r.State, r.QueuedAt = StateQueued, e.RecordedAt
		r.AttemptAt, r.AttemptDue = e.RecordedAt, r.Due
	case RequirementRelaxed:
		d, err := dataOf[Relaxation](e)
		if err != nil {
			return err
		}
		if d.Part < 0 || d.Part >= MaxSoftParts || r.Relaxed.Has(d.Part) {
			return fmt.Errorf("part %d was dropped already, or there is no such part", d.Part)
		}
		r.Relaxed |= 1 << d.Part
	case Held:
		d, err := dataOf[Hold](e)
		if err != nil {
			return err
		}
		r.HeldUntil, r.HeldFor = d.Until, e.Owner
	case Limited:
		d, err := dataOf[Limitation](e)
		if err != nil {
			return err
		}
		r.Limit, r.LimitedUntil = d.Limit, d.Until
	case Stranded:
		r.Stranded = true
	case Unstranded:
		r.Stranded = false
	}
	return nil
}

func (f *Folder) foldOwner(r *Row, e *Event) error {
	switch e.Kind {
	case Offered, Assigned:
		d, err := dataOf[Offering](e)
		if err != nil {
			return err
		}
		if e.Kind == Offered {
			offer := [1]Offer{{Owner: e.Owner, At: e.RecordedAt, Expires: d.Expires, Cost: d.Cost, Department: d.Department}}
			r.Offers = f.offers.KeepBoth(r.Offers, offer[:])
			r.State = StateOffered
			r.HeldUntil, r.HeldFor, r.Limit, r.LimitedUntil = time.Time{}, "", "", time.Time{}
			return nil
		}
		r.own(e, d.Cost, d.Department)
		r.Manual, r.Over = d.Manual, d.Over
		return nil
	case Accepted:
		o, ok := r.Offer(e.Owner)
		if !ok {
			return fmt.Errorf("no live offer to %s", e.Owner)
		}
		if len(r.Offers) > 1 {
			return fmt.Errorf("%d other offers are live", len(r.Offers)-1)
		}
		r.own(e, o.Cost, o.Department)
		r.Manual, r.Over = false, false
		return nil
	}
	d, err := dataOf[Ending](e)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(r.Offers, func(o Offer) bool { return o.Owner == e.Owner })
	switch {
	case e.Kind == Released && r.Owner != e.Owner:
		return fmt.Errorf("%s does not own it, %q does", e.Owner, r.Owner)
	case e.Kind != Released && i < 0:
		return fmt.Errorf("no live offer to %s", e.Owner)
	}
	if !d.ExcludedUntil.IsZero() {
		r.exclude(e.Owner, &d, e.RecordedAt)
	}
	if e.Kind == Released {
		r.wrapUp(d.WrapUp)
		r.unpend("") // as drafts they go, with the floor
		r.disown()
		r.unwait()
		r.State, r.QueuedAt = StateQueued, e.RecordedAt
		return nil
	}
	r.Offers = slices.Delete(slices.Clone(r.Offers), i, i+1)
	if len(r.Offers) == 0 {
		r.Offers, r.State, r.QueuedAt = nil, StateQueued, e.RecordedAt
	}
	return nil
}

// own makes the event's owner answerable.
func (r *Row) own(e *Event, cost int, department string) {
	r.unqueue()
	r.unwrap(e.Owner)
	r.unpend(e.Owner)
	r.Owner, r.LastOwner, r.AssignedAt, r.Cost, r.Anew = e.Owner, e.Owner, e.RecordedAt, cost, false
	r.Department = cmp.Or(department, r.Home)
	if r.State != StatePending {
		r.State = StateAssigned
	}
	r.Offers = nil
}

func (r *Row) disown() {
	r.Owner, r.AssignedAt, r.Cost, r.Manual, r.Department = "", time.Time{}, 0, false, r.Home
	r.Over = false
	r.Replies = slices.DeleteFunc(slices.Clone(r.Replies), func(p ReplyInfo) bool { return p.State == ReplyIsDraft })
}

func (r *Row) unwait() { r.Awaits, r.AwaitUntil, r.WaitingCost = "", time.Time{}, nil }

func (r *Row) unqueue() {
	r.QueuedAt, r.HeldUntil, r.HeldFor, r.Stranded = time.Time{}, time.Time{}, "", false
	r.Limit, r.LimitedUntil = "", time.Time{}
}

func foldReply(r *Row, e *Event) error {
	d, err := dataOf[ReplyChange](e)
	if err != nil {
		return err
	}
	known, ok := r.Reply(d.Reply)
	next := map[EventKind]ReplyState{
		ReplyDrafted: ReplyIsDraft, ReplyApproved: ReplyIsApproved, ReplySending: ReplyIsSending,
		ReplyPending: ReplyIsPending, ReplyRejected: ReplyIsDraft,
		ReplySent: ReplyIsSent, ReplyFailed: ReplyIsFailed, ReplyUnknown: ReplyIsUnknown,
	}[e.Kind]
	if !replyMay(known.State, next) {
		return fmt.Errorf("reply %s is %q and cannot become %q", d.Reply, known.State, next)
	}
	switch next {
	case ReplyIsSent:
		r.dropReply(d.Reply)
		if d.External != "" {
			posted := append(slices.Clone(r.Posted), MessageID(r.Pool, r.Source, d.External))
			r.Posted = posted[max(0, len(posted)-maxPosted):]
		}
		r.answered(known.At)
		return nil
	case ReplyIsFailed:
		r.dropReply(d.Reply)
		return nil
	}
	info := ReplyInfo{ID: d.Reply, Owner: e.Owner, State: next, Digest: d.Digest, At: e.At}
	if ok {
		info.Owner, info.Contest = known.Owner, known.Contest
		if info.Digest == "" { // a draft written anew has one of its own
			info.Digest = known.Digest
		}
		if next != ReplyIsApproved { // the reply speaks as of when it was approved
			info.At = known.At
		}
		if next == ReplyIsApproved || next == ReplyIsPending {
			info.Owner = e.Owner
		}
		r.dropReply(d.Reply)
	}
	r.Replies = append(slices.Clip(r.Replies), info)
	return nil
}

// answered notes an answer that was written at an instant: it answers what was
// asked by then, and leaves a newer question open.
func (r *Row) answered(at time.Time) {
	if at.Before(r.OpenedAt) {
		return
	}
	r.Responded = true
	if at.After(r.AnsweredAt) {
		r.AnsweredAt = at
	}
	if !r.LateAt.After(at) {
		r.LateAt = time.Time{}
	}
	r.answeredMerged(at)
	r.Unanswered = r.Unanswered && r.asks() // of what is resolved nothing is open
}

// maxPosted is how many of the last replies are known again when they are seen
// on the platform.
const maxPosted = 8

// replyMay is the state machine of a reply.
func replyMay(from, to ReplyState) bool {
	switch to {
	case ReplyIsDraft:
		return from == "" || from == ReplyIsDraft || from == ReplyIsPending
	case ReplyIsPending:
		return from == "" || from == ReplyIsDraft
	case ReplyIsApproved:
		return from == "" || from == ReplyIsDraft || from == ReplyIsPending
	case ReplyIsSending:
		return from == ReplyIsApproved
	case ReplyIsSent:
		return from == ReplyIsSending || from == ReplyIsUnknown
	case ReplyIsFailed:
		return from == ReplyIsApproved || from == ReplyIsSending || from == ReplyIsUnknown
	case ReplyIsUnknown:
		return from == ReplyIsSending
	}
	return false
}

func (r *Row) dropReply(id ID) {
	r.Replies = slices.DeleteFunc(slices.Clone(r.Replies), func(p ReplyInfo) bool { return p.ID == id })
	if len(r.Replies) == 0 {
		r.Replies = nil
	}
}

func (f *Folder) foldClocks(r *Row, e *Event, made *sla.Clock) error {
	d, err := dataOf[Clocking](e)
	if err != nil {
		return err
	}
	of, err := r.clocksOf(d.Of)
	if err != nil {
		return err
	}
	if len(*of) > 0 && &(*of)[0] == made {
		*of = changeClocks(*of, d.Clocks)
	} else {
		*of = f.withClocks(*of, d.Clocks)
	}
	if len(d.Clocks) > 0 && &(*of)[0] != &d.Clocks[0] { // otherwise the event has them, too
		f.made.clocks = &(*of)[0]
	}
	if !d.NextRung.IsZero() {
		r.NextRung, r.LadderFrom = d.NextRung, e.At
	}
	return nil
}

// withClocks are clocks some of which have changed, or are new.
func (f *Folder) withClocks(old, changed []sla.Clock) []sla.Clock {
	added := 0
	for i := range changed {
		if k := changed[i].Kind; clockAt(old, k) < 0 && clockAt(changed[:i], k) < 0 {
			added++
		}
	}
	if len(old) == 0 && added == len(changed) { // the event's own
		return slices.Clip(changed)
	}
	return changeClocks(f.clocks.KeepBoth(old, changed[:added])[:len(old)], changed) // with room for them
}

// changeClocks writes clocks that have changed, or are new, into a list.
func changeClocks(clocks, changed []sla.Clock) []sla.Clock {
	for i := range changed {
		if at := clockAt(clocks, changed[i].Kind); at >= 0 {
			clocks[at] = changed[i]
		} else {
			clocks = append(clocks, changed[i])
		}
	}
	return clocks
}

// clockAt is where the clock of a kind is, below 0 if it is not there.
func clockAt(clocks []sla.Clock, kind sla.Kind) int {
	for i := range clocks {
		if clocks[i].Kind == kind {
			return i
		}
	}
	return -1
}

func foldLadder(r *Row, e *Event) error {
	if e.Kind == Escalated {
		d, err := dataOf[Escalation](e)
		if err != nil {
			return err
		}
		if d.Level <= r.Level {
			return fmt.Errorf("level %d was climbed already: at %d", d.Level, r.Level)
		}
		r.Level, r.Reason, r.NextRung = d.Level, d.Reason, d.Next
		return nil
	}
	d, err := dataOf[Reminder](e)
	if err != nil {
		return err
	}
	if e.Kind == Quieted {
		r.Level, r.LadderFrom = 0, d.From
	}
	r.Reminders, r.NextRung = d.Count, d.Next
	return nil
}

// BreachOutstanding reports whether a deadline was missed that nobody has met since.
func (r *Row) BreachOutstanding() bool {
	for c := range r.eachClock() {
		if c.State == sla.Breached && c.EndedAt.IsZero() {
			return true
		}
	}
	return false
}

// earliestUnmet is the earliest deadline that is still to be met, breached ones
// included; zero if there is none.
func (r *Row) earliestUnmet() (due time.Time) {
	for c := range r.eachClock() {
		at := c.Due
		switch {
		case c.State == sla.Breached && c.EndedAt.IsZero():
			at = c.BreachedAt
		case c.State != sla.Running:
			continue
		}
		if due.IsZero() || at.Before(due) {
			due = at
		}
	}
	return due
}
