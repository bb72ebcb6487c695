package routing

import (
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// Policy decides who answers what, and by when. It is plain data with stable
// JSON; [Compile] checks it and makes it ready for use.
type Policy struct {
	// Version is kept on every inquiry that the policy routes. Default: a digest of
	// the policy's content.
	Version string `json:"version,omitempty"`

	// Default are the settings of the default rule, for whatever no other rule
	// matches, and what every rule inherits. What they leave empty is the library's
	// default; see Settings. They must include a resolve target, so that every
	// inquiry has a deadline.
	Default Settings `json:"default"`
	// Rules are tried from the top; the first that matches wins.
	Rules []Rule `json:"rules,omitempty"`

	// Order says which of the waiting inquiries is served first. Default: by
	// deadline.
	Order inquiry.Order `json:"order,omitempty"`

	Departments []Department   `json:"departments,omitempty"`
	Calendars   []sla.Calendar `json:"calendars,omitempty"`
	// Rotations and Roles are whom a ladder can turn to besides the owner, the lead
	// and the sink. It is always those of the policy in force that are asked, even
	// for an inquiry that an earlier policy routed.
	Rotations []sla.Rotation `json:"rotations,omitempty"`
	Roles     []Role         `json:"roles,omitempty"`
	Channels  []Channel      `json:"channels,omitempty"`
	// Accounts are our handles: who may speak through them, how they sign, and what
	// they answer. An account that is not listed has no rules.
	Accounts []Account `json:"accounts,omitempty"`
	Limits   Limits    `json:"limits,omitzero"`
	Presence Presence  `json:"presence,omitzero"`

	// Precedence says which audience leads if an author has several: the first of
	// this list that the author has, before those that are not listed. With a
	// precedence, rules that ask for audiences match by the one that leads only.
	// Without one they match by any, and the order of the rules decides.
	Precedence []inquiry.Audience `json:"precedence,omitempty"`

	// UtilisationWindow is the time over which an owner's utilisation is taken,
	// from a minute to a month (744h): a short one forgets a busy morning soon, a
	// long one spreads the work of a day evenly. Default 1h.
	UtilisationWindow sla.Duration `json:"utilisation_window,omitempty"`

	// Sink is the owner at the end of every ladder, who is reminded until somebody
	// acts. Required, and to be on the roster: what is raised to somebody who is not
	// there reaches nobody, and is logged as an error. Otherwise they are an owner like any other: with a capacity
	// they also get the work that they qualify for, and with few skills sooner than
	// others; with a capacity of 0 they get only what is raised to them.
	Sink inquiry.OwnerID `json:"sink"`

	// ThreadFor is for how long after a customer's last message their next one to
	// the same account belongs to the same inquiry, if the platform does not tell a
	// conversation. Default 24h; negative: never.
	ThreadFor sla.Duration `json:"thread_for,omitempty"`
	// ReviewAfter is after how long the sink is asked to review what screening has
	// set aside. Default 24h.
	ReviewAfter sla.Duration `json:"review_after,omitempty"`
	// Triage is where inquiries go about which screening is not sure. Default:
	// there is none, and they go where the rules send them.
	Triage *Triage `json:"triage,omitempty"`
}

// RoutingPolicy is another name of [Policy].
type RoutingPolicy = Policy

// Rule matches inquiries and gives them their settings. What it leaves empty it
// inherits; see the package documentation.
type Rule struct {
	Name  string `json:"name"`
	Match Match  `json:"match,omitzero"`
	Settings
	// Continue lets the rules after this one be tried even if it matches; their
	// settings go on top of its own.
	Continue bool `json:"continue,omitempty"`
	// Rules are tried in order once this one matches. Where none does, this
	// rule itself is the match.
	Rules []Rule `json:"rules,omitempty"`
}

// Match is what a rule looks for. Every condition that is not empty must hold,
// so an empty Match always does.
type Match struct {
	Kinds     []inquiry.Kind     `json:"kinds,omitempty"`     // one of them
	Labels    []string           `json:"labels,omitempty"`    // all of them
	AnyLabel  []string           `json:"any_label,omitempty"` // at least one of them
	NoLabel   []string           `json:"no_label,omitempty"`  // none of them
	Audiences []inquiry.Audience `json:"audiences,omitempty"` // at least one of them; with a precedence, the one that leads
	// AnyAudience is at least one of them, whichever leads.
	AnyAudience []inquiry.Audience `json:"any_audience,omitempty"`
	Channels    []string           `json:"channels,omitempty"`  // one of them
	Accounts    []string           `json:"accounts,omitempty"`  // one of them
	Languages   []string           `json:"languages,omitempty"` // one of them; "" is an unknown language
	MinReach    int64              `json:"min_reach,omitempty"`
	During      string             `json:"during,omitempty"`  // while this calendar is open
	Outside     string             `json:"outside,omitempty"` // while it is closed
}

// Settings are what a rule says about the inquiries that it matches. An empty
// field inherits; the defaults named below hold where nothing is inherited.
type Settings struct {
	// Skills are the skills that the owner must have, for ever or, if soft, for
	// some time. Setting them replaces the inherited ones; an empty list that is
	// not nil asks for none. Default: none.
	Skills []inquiry.SkillRequirement `json:"skills,omitzero"`
	// AnyOf are groups of skills; the owner must have at least one skill of each.
	// Setting them replaces the inherited ones; an empty list asks for none.
	AnyOf []inquiry.SkillGroup `json:"any_of,omitzero"`
	// Authority is what the owner must be allowed to decide, and up to which limit,
	// such as refunds up to 200. It never expires. Setting it replaces what is
	// inherited.
	Authority []inquiry.Authority `json:"authority,omitzero"`
	// Voice says who may speak for such inquiries; the account's own voice must
	// admit the owner, too. It never expires. Default: the account's alone.
	Voice *inquiry.Voice `json:"voice,omitempty"`
	// AnyLanguage says that the owner need not speak the customer's language.
	// Default: they must, where the language is known.
	AnyLanguage *bool `json:"any_language,omitempty"`
	// LanguageSoft lets the demand for the customer's language expire. Default: it
	// does not.
	LanguageSoft *inquiry.Soft `json:"language_soft,omitempty"`
	// Departments restrict the search to their members. Leave it out unless there
	// is a reason for it: skills decide. An empty list that is not nil lifts an
	// inherited restriction. Default: anybody.
	Departments []string `json:"departments,omitzero"`
	// DepartmentsSoft lets the restriction to the departments expire: they are
	// preferred for some time.
	DepartmentsSoft *inquiry.Soft `json:"departments_soft,omitempty"`
	// Home is the department that answers for the inquiry while it has no owner.
	// Default: the first of Departments.
	Home string `json:"home,omitempty"`

	Priority *inquiry.Priority `json:"priority,omitempty"` // -MaxPriority to MaxPriority, higher is more urgent; breaks ties of the waiting order; default 0
	// Targets say by when. They replace inherited targets of the same kind and
	// leave the others alone. Tiers make a target depend on the priority. To give
	// an audience targets of its own, write a rule that matches it.
	Targets []sla.Target `json:"targets,omitempty"`
	Ladder  *sla.Ladder  `json:"ladder,omitempty"` // who is told of a breach, and when; default: owner and lead at once, the sink after 15m, reminded every 30m

	// Arbiter decides on contested replies: the lead of the inquiry's department,
	// whoever a rotation has on call, the holder of a role, or the sink. The sink
	// may decide at any time, and has to where the arbiter is nobody or the reply's
	// author. Default: the lead.
	Arbiter *inquiry.Party `json:"arbiter,omitempty"`

	Assignment inquiry.Assignment `json:"assignment,omitempty"` // offer, direct, or pull, which waits until somebody takes it; default: offer
	OfferFor   sla.Duration       `json:"offer_for,omitempty"`  // how long an offer lives; default 2m
	// Offers is how many owners it is offered to at once, from 1 to MaxOffers;
	// Broadcast offers it to everybody who passes, up to that. Whoever accepts
	// first has it. Capacity is reserved with all of them: while a call is offered
	// to a whole team of people who can hold one call each, no second call rings.
	// Default 1.
	Offers int `json:"offers,omitempty"`
	// ConfirmFor is for work that can fail after it was accepted, such as a call
	// that has to connect. The acceptance revokes the other offers and keeps this
	// one, with its capacity; if the host does not confirm it within that time
	// (inquiry.Confirm), or says that it failed, the inquiry goes back to its
	// queue. Clocks and ladder run on meanwhile. It holds for hand-offs and for
	// what is taken, too, but not for direct assignments and the other duties
	// beside an inquiry. Default: nothing to confirm.
	ConfirmFor sla.Duration     `json:"confirm_for,omitempty"`
	Weights    *inquiry.Weights `json:"weights,omitempty"` // of the parts of the score; default: inquiry.DefaultWeights

	// DelayCost is what waiting costs, from 1 to MaxCost, and Handling how long the
	// work is expected to take. The order by cost uses both. Defaults 1 and 10m.
	DelayCost int          `json:"delay_cost,omitempty"`
	Handling  sla.Duration `json:"handling,omitempty"`

	// Acknowledge gives the acknowledging to somebody else than the resolving.
	// Default: the owner of the inquiry does both.
	Acknowledge *Acknowledging `json:"acknowledge,omitempty"`
	// Consult says what help with the inquiry takes. Default: half of its cost, by
	// offer, within an hour.
	Consult *Consulting `json:"consult,omitempty"`
	// Handoffs are the rules for handing it to another owner, and say who settles
	// it if it is handed about. Default: DefaultHandoffs.
	Handoffs *inquiry.Handoffs `json:"handoffs,omitempty"`

	// Assist asks for help from the start, once somebody first becomes answerable,
	// such as billing's for a journalist who is also a customer. At most 8. Setting
	// it replaces what is inherited; an empty list asks for none.
	Assist []Assist `json:"assist,omitzero"`
	// Approval has somebody else approve each reply before it goes out. Default:
	// replies need no approval.
	Approval *Approval `json:"approval,omitempty"`

	DeclineFor sla.Duration `json:"decline_for,omitempty"` // for how long an owner who declined is passed over; default 30m
	ExpireFor  sla.Duration `json:"expire_for,omitempty"`  // the same for one who let an offer expire; default 10m
	// UndeliveredFor is the same for an owner whom the offer did not reach,
	// ReleaseFor for one who gave the inquiry back, and UnconfirmedFor for one
	// whose acceptance was not confirmed. Defaults: as ExpireFor, as DeclineFor,
	// 5m.
	UndeliveredFor sla.Duration `json:"undelivered_for,omitempty"`
	ReleaseFor     sla.Duration `json:"release_for,omitempty"`
	UnconfirmedFor sla.Duration `json:"unconfirmed_for,omitempty"`
	// SoleFor takes the place of all of these while everybody who qualifies is
	// passed over. Default 2m. It has no effect if it is as long as they are.
	SoleFor sla.Duration `json:"sole_for,omitempty"`
	// HoldFor is for how long an inquiry is held for the customer's previous owner
	// while they are present but full. It ends before half of the time to the first
	// deadline is over. Default: not at all.
	HoldFor   sla.Duration `json:"hold_for,omitempty"`
	AwaitFor  sla.Duration `json:"await_for,omitempty"`  // how long a wait for the customer, a third party or a time can last at most; default 72h
	ReopenFor sla.Duration `json:"reopen_for,omitempty"` // for how long after its resolution a message reopens it; default 72h

	// Waking says what happens to work that wakes from a wait with a cost of its
	// own while its owner is full: keep it, flagged and beyond their capacity, or
	// requeue it. Default: keep.
	Waking inquiry.Fate `json:"waking,omitempty"`
	WrapUp sla.Duration `json:"wrap_up,omitempty"` // how long after its end it still takes of its owner's capacity; default: the channel's
	// BeginBefore is how long before the end of their shift somebody gets the work
	// at the latest, so that it can be begun in time. Default: Presence.BeginBefore.
	BeginBefore sla.Duration `json:"begin_before,omitempty"`
	// ShiftEnd says what happens to work in hand when its owner's shift ends: keep
	// or requeue. Waiting work is kept until it wakes. Default: keep.
	ShiftEnd inquiry.Fate `json:"shift_end,omitempty"`
	// OnChange says what a message about another matter does: keep (the default),
	// reroute or split. The package documentation says what counts as another
	// matter.
	OnChange inquiry.OnChange `json:"on_change,omitempty"`
	// KeepOwner lets an inquiry that comes to this rule while it is under way stay
	// with its owner, if they meet what the rule asks for, without its soft parts.
	// Default: it goes to the queue, where its owner comes first if they can take
	// it.
	KeepOwner *bool `json:"keep_owner,omitempty"`
}

// Department is a department that owners belong to.
type Department struct {
	Name string `json:"name"`
	// Lead is who is told when something goes wrong in the department.
	Lead inquiry.OwnerID `json:"lead,omitempty"`
	// Limit limits the dispatches to its members together.
	Limit *Rate `json:"limit,omitempty"`
}

// Role is something that several people can stand in for, such as the manager
// on duty.
type Role struct {
	Name string `json:"name"`
	// Owners hold the role. The first of them who is online is turned to.
	Owners []inquiry.OwnerID `json:"owners"`
}

// Channel says what work on a channel takes of an owner.
type Channel struct {
	Name string `json:"name"`
	// Cost is what an inquiry of the channel takes of an owner's capacity, from 1
	// to MaxCost. Default 10, which also holds for channels that the policy does
	// not list.
	Cost int `json:"cost,omitempty"`
	// WaitingCost is what it takes while it waits for the customer, for others or
	// for a time, from 0 to Cost. Default: Cost.
	WaitingCost *int `json:"waiting_cost,omitempty"`
	// Interruptible work in hand does not keep other work away: that sees the
	// capacity without it. It comes itself only where there is room beside
	// everything.
	Interruptible bool `json:"interruptible,omitempty"`
	// WrapUp is for how long after its owner has resolved it, or given it back, it
	// still takes of their capacity, unless they say earlier that they are done. A
	// rule's own comes first. Default: not at all.
	WrapUp sla.Duration `json:"wrap_up,omitempty"`
	// SilentFor overrides Presence.SilentFor for the channel.
	SilentFor sla.Duration `json:"silent_for,omitempty"`
	// Limit limits the dispatches of what arrived on the channel. It overrides
	// Limits.Channel.
	Limit *Rate `json:"limit,omitempty"`
}

// DefaultCost is what an inquiry takes of an owner's capacity unless the policy
// says otherwise.
const DefaultCost = 10

// The bounds of costs and priorities. They are far beyond what makes sense, and
// keep arithmetic from overflowing.
const (
	MaxCost     = 1_000_000
	MaxPriority = 1_000_000 // and the lowest is -MaxPriority
)

// Rate is a token bucket. In any window of length t it lets through no more
// than Events*(t/Per) + Burst dispatches, to within a millionth of a dispatch,
// by which the arithmetic of x/time/rate may be off. A restart or a reloaded
// policy does not fill the bucket.
type Rate struct {
	Events int          `json:"events"` // at least 1
	Per    sla.Duration `json:"per"`    // above 0
	Burst  int          `json:"burst"`  // at least 1
}

// Limits are rate limits of dispatches, that is of offers and direct
// assignments. They delay with a known wake-up; they never drop. A dispatch is
// counted against every limit that concerns it: the engine's, the owner's, that
// of the owner's first department, the account's and the channel's. Assignments
// by hand and by a ladder ignore limits and are not counted.
type Limits struct {
	Engine  *Rate `json:"engine,omitempty"`  // of the whole pool
	Owner   *Rate `json:"owner,omitempty"`   // of each owner
	Account *Rate `json:"account,omitempty"` // of what was addressed to each account
	Channel *Rate `json:"channel,omitempty"` // of what arrived on each channel; see also Channel.Limit
	// Accounts are limits of single accounts, in place of Account.
	Accounts []AccountLimit `json:"accounts,omitempty"`
}

// AccountLimit is the rate limit of one account.
type AccountLimit struct {
	Account string `json:"account"`
	Limit   *Rate  `json:"limit"`
}

// Presence says when an owner counts as gone.
type Presence struct {
	// LapseAfter is after how long without a sign of life an owner gets no new
	// work. Default 2m; negative: never.
	LapseAfter sla.Duration `json:"lapse_after,omitempty"`
	// SilentFor is after how long without a sign of life the work in hand goes back
	// to its queue, counted in SilentCalendar. Default 15m; negative: never.
	SilentFor sla.Duration `json:"silent_for,omitempty"`
	// BeginBefore is how long before the end of their shift an owner gets new work
	// at the latest. Default: up to the end.
	BeginBefore sla.Duration `json:"begin_before,omitempty"`
	// SilentCalendar is the calendar of SilentFor; "" is 24x7.
	SilentCalendar string `json:"silent_calendar,omitempty"`
	// Ramp eases an owner who comes online to a backlog into the work. Default: not
	// at all.
	Ramp *Ramp `json:"ramp,omitempty"`
}

// The defaults of what a policy leaves empty.
const (
	DefaultThreadFor   = 24 * time.Hour
	DefaultReviewAfter = 24 * time.Hour
	DefaultLapseAfter  = 2 * time.Minute
	DefaultSilentFor   = 15 * time.Minute
	DefaultOfferFor    = 2 * time.Minute
	DefaultHandling    = 10 * time.Minute
	DefaultDeclineFor  = 30 * time.Minute
	DefaultExpireFor   = 10 * time.Minute
	DefaultAwaitFor    = 72 * time.Hour
	DefaultReopenFor   = 72 * time.Hour

	DefaultUtilisationWindow = time.Hour
)

// DefaultLadder turns to the owner and the lead at the breach, to the sink a
// quarter of an hour later, and reminds it every half an hour.
func DefaultLadder() sla.Ladder {
	return sla.Ladder{
		Levels: []sla.Level{
			{To: sla.Owner},
			{To: sla.Lead},
			{To: sla.Sink, After: sla.Duration(15 * time.Minute)},
		},
		Remind: sla.Duration(30 * time.Minute),
	}
}

func defaultSettings() Settings {
	ladder, weights, priority, anyLanguage := DefaultLadder(), inquiry.DefaultWeights(), inquiry.Priority(0), false
	return Settings{
		AnyLanguage: &anyLanguage,
		Priority:    &priority,
		Ladder:      &ladder,
		Assignment:  inquiry.ByOffer,
		OfferFor:    sla.Duration(DefaultOfferFor),
		Weights:     &weights,
		DelayCost:   1,
		Handling:    sla.Duration(DefaultHandling),
		DeclineFor:  sla.Duration(DefaultDeclineFor),
		ExpireFor:   sla.Duration(DefaultExpireFor),
		SoleFor:     sla.Duration(DefaultSoleFor),
		AwaitFor:    sla.Duration(DefaultAwaitFor),
		ReopenFor:   sla.Duration(DefaultReopenFor),
	}
}

// over lays the settings of a rule over those that it inherits.
func (s Settings) over(base Settings) Settings {
	out := base
	layList(&out.Skills, s.Skills)
	layList(&out.AnyOf, s.AnyOf)
	layList(&out.Authority, s.Authority)
	layList(&out.Assist, s.Assist)
	lay(&out.Voice, s.Voice)
	lay(&out.AnyLanguage, s.AnyLanguage)
	lay(&out.LanguageSoft, s.LanguageSoft)
	lay(&out.DepartmentsSoft, s.DepartmentsSoft)
	if s.Departments != nil { // softness belongs to the list that it was set for
		out.Departments, out.DepartmentsSoft = s.Departments, s.DepartmentsSoft
	}
	lay(&out.Home, s.Home)
	lay(&out.Priority, s.Priority)
	if len(s.Targets) > 0 {
		out.Targets = mergeTargets(base.Targets, s.Targets)
	}
	lay(&out.Ladder, s.Ladder)
	lay(&out.Arbiter, s.Arbiter)
	lay(&out.Assignment, s.Assignment)
	lay(&out.OfferFor, s.OfferFor)
	lay(&out.Offers, s.Offers)
	lay(&out.ConfirmFor, s.ConfirmFor)
	lay(&out.Weights, s.Weights)
	lay(&out.DelayCost, s.DelayCost)
	lay(&out.Handling, s.Handling)
	lay(&out.Acknowledge, s.Acknowledge)
	lay(&out.Consult, s.Consult)
	lay(&out.Handoffs, s.Handoffs)
	lay(&out.Approval, s.Approval)
	lay(&out.DeclineFor, s.DeclineFor)
	lay(&out.ExpireFor, s.ExpireFor)
	lay(&out.UndeliveredFor, s.UndeliveredFor)
	lay(&out.ReleaseFor, s.ReleaseFor)
	lay(&out.UnconfirmedFor, s.UnconfirmedFor)
	lay(&out.SoleFor, s.SoleFor)
	lay(&out.HoldFor, s.HoldFor)
	lay(&out.AwaitFor, s.AwaitFor)
	lay(&out.ReopenFor, s.ReopenFor)
	lay(&out.Waking, s.Waking)
	lay(&out.WrapUp, s.WrapUp)
	lay(&out.BeginBefore, s.BeginBefore)
	lay(&out.ShiftEnd, s.ShiftEnd)
	lay(&out.OnChange, s.OnChange)
	lay(&out.KeepOwner, s.KeepOwner)
	return out
}

// lay sets a setting that is given; the zero value inherits.
func lay[T comparable](to *T, from T) {
	if from != *new(T) {
		*to = from
	}
}

// layList is lay for a list, of which nil inherits and an empty one does not.
func layList[T any](to *[]T, from []T) {
	if from != nil {
		*to = from
	}
}

func mergeTargets(base, over []sla.Target) []sla.Target {
	out := make([]sla.Target, 0, len(base)+len(over))
	replaced := func(k sla.Kind) bool {
		for _, t := range over {
			if t.Kind == k {
				return true
			}
		}
		return false
	}
	for _, t := range base {
		if !replaced(t.Kind) {
			out = append(out, t)
		}
	}
	return append(out, over...)
}
