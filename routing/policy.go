package routing

import (
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// Policy decides who answers what, and by when. It is plain data with stable
// JSON; [Compile] checks it and makes it ready for use.
type Policy struct {
	// Version stands on every inquiry that the policy routes. Empty means: a
	// digest of the policy's content.
	Version string `json:"version,omitempty"`

	// Default is the rule for whatever no other rule matches. The settings it
	// leaves empty are the library's own (see Settings); every rule inherits
	// from it. Its targets must include a resolve target, so that every inquiry
	// has a deadline.
	Default Settings `json:"default"`
	// Rules are tried from the top; the first that matches wins.
	Rules []Rule `json:"rules,omitempty"`

	// Order is which of the waiting inquiries is served first. Default: by deadline.
	Order inquiry.Order `json:"order,omitempty"`

	Departments []Department   `json:"departments,omitempty"`
	Calendars   []sla.Calendar `json:"calendars,omitempty"`
	// Rotations and Roles are whom the levels of a ladder can turn to beside
	// owner, lead and sink. They are asked as the policy in force has them, also
	// for an inquiry that an earlier one has routed.
	Rotations []sla.Rotation `json:"rotations,omitempty"`
	Roles     []Role         `json:"roles,omitempty"`
	Channels  []Channel      `json:"channels,omitempty"`
	// Accounts are our handles: who may speak through them, how they sign, and
	// what they answer. One that is not listed has no rules of its own.
	Accounts []Account `json:"accounts,omitempty"`
	Limits   Limits    `json:"limits,omitzero"`
	Presence Presence  `json:"presence,omitzero"`

	// Precedence is which audience leads, of an author who is several things to us:
	// the first of them that the author is, before those that are not listed. With
	// it rules that ask for audiences match the one that leads, and no other. Empty:
	// they match any, and the order of the rules decides.
	Precedence []inquiry.Audience `json:"precedence,omitempty"`

	// UtilisationWindow is over how long an owner's utilisation is taken, a minute
	// to a month (744h): a short one forgets a busy morning soon, a long one
	// spreads the work of a day evenly. Default 1h.
	UtilisationWindow sla.Duration `json:"utilisation_window,omitempty"`

	// Sink is the owner at the end of every ladder, who is reminded until
	// somebody acts. Required. On the roster they are an owner like any other: with
	// a capacity they also get whatever they qualify for, and with few skills sooner
	// than others; with a capacity of 0 they get only what is raised to them.
	Sink inquiry.OwnerID `json:"sink"`

	// ThreadFor is how long after a customer's last message another one to the
	// same account, without a conversation to tell, belongs to the same
	// inquiry. Default 24h; negative: never.
	ThreadFor sla.Duration `json:"thread_for,omitempty"`
	// ReviewAfter is when the sink is asked to look at what screening set
	// aside. Default 24h.
	ReviewAfter sla.Duration `json:"review_after,omitempty"`
	// Triage is where inquiries go of which screening is not sure. Default: there
	// is none, and they go where the rules send them.
	Triage *Triage `json:"triage,omitempty"`
}

// RoutingPolicy is another name of [Policy].
type RoutingPolicy = Policy

// Rule gives the inquiries that it matches their settings. What it leaves
// empty it inherits from the rule around it.
type Rule struct {
	Name  string `json:"name"`
	Match Match  `json:"match,omitzero"`
	Settings
	// Continue goes on to the rule's next siblings after a match; what they set
	// goes on top.
	Continue bool `json:"continue,omitempty"`
	// Rules are tried in order once this one matches. Where none does, this
	// rule itself is the match.
	Rules []Rule `json:"rules,omitempty"`
}

// Match is what a rule looks for. Every condition that is not empty must hold;
// the empty Match holds always.
type Match struct {
	Kinds     []inquiry.Kind     `json:"kinds,omitempty"`     // one of them
	Labels    []string           `json:"labels,omitempty"`    // all of them
	AnyLabel  []string           `json:"any_label,omitempty"` // at least one of them
	NoLabel   []string           `json:"no_label,omitempty"`  // none of them
	Audiences []inquiry.Audience `json:"audiences,omitempty"` // at least one of them; the one that leads, where the policy has a precedence
	// AnyAudience is at least one of them, whichever leads.
	AnyAudience []inquiry.Audience `json:"any_audience,omitempty"`
	Channels    []string           `json:"channels,omitempty"`  // one of them
	Accounts    []string           `json:"accounts,omitempty"`  // one of them
	Languages   []string           `json:"languages,omitempty"` // one of them; "" is unknown
	MinReach    int64              `json:"min_reach,omitempty"`
	During      string             `json:"during,omitempty"`  // while this calendar is open
	Outside     string             `json:"outside,omitempty"` // while it is closed
}

// Settings are what a rule says of an inquiry.
type Settings struct {
	// Skills that the owner must have, for ever or, if soft, for some time. A
	// rule that sets them replaces those that it would inherit; nil inherits, an
	// empty list asks for none.
	Skills []inquiry.SkillRequirement `json:"skills,omitzero"`
	// AnyOf are groups of skills, of each of which the owner must have one.
	// Setting them replaces the inherited ones; an empty list asks for none.
	AnyOf []inquiry.SkillGroup `json:"any_of,omitzero"`
	// Authority is what the owner must be allowed to decide, and how far. It
	// never expires. Setting it replaces what is inherited.
	Authority []inquiry.Authority `json:"authority,omitzero"`
	// Voice is who may speak for such inquiries, beside what the account's own says;
	// both must admit the owner. It never expires. Default: the account's alone.
	Voice *inquiry.Voice `json:"voice,omitempty"`
	// AnyLanguage says that the owner need not speak the customer's language.
	// The default is that they must, where the language is known.
	AnyLanguage *bool `json:"any_language,omitempty"`
	// LanguageSoft lets the demand for the customer's language expire. Default:
	// it does not.
	LanguageSoft *inquiry.Soft `json:"language_soft,omitempty"`
	// Departments restrict the search to their members. Leave it out unless
	// there is a reason: skills decide. Nil inherits, an empty list lifts what
	// would be inherited.
	Departments []string `json:"departments,omitzero"`
	// DepartmentsSoft makes the departments preferred ones: the restriction to
	// them expires.
	DepartmentsSoft *inquiry.Soft `json:"departments_soft,omitempty"`
	// Home is the department that answers for the inquiry while it has no owner.
	Home string `json:"home,omitempty"`

	Priority *inquiry.Priority `json:"priority,omitempty"` // -MaxPriority to MaxPriority; default 0
	// Targets replace those inherited of the same kind. A rule for an audience,
	// or for anything else that a rule can match, has targets of its own that way;
	// tiers make a target depend on the priority.
	Targets []sla.Target `json:"targets,omitempty"`
	Ladder  *sla.Ladder  `json:"ladder,omitempty"` // default: owner and lead at once, the sink after 15m, reminded every 30m

	// Arbiter decides on contested replies: the lead of the inquiry's department, a
	// rotation's on call, the holder of a role, or the sink. Where that is nobody, or
	// the reply's author, the sink does. Default: the lead.
	Arbiter *inquiry.Party `json:"arbiter,omitempty"`

	Assignment inquiry.Assignment `json:"assignment,omitempty"` // default: by offer
	OfferFor   sla.Duration       `json:"offer_for,omitempty"`  // how long an offer lives; default 2m
	// Offers is to how many it is offered at once, 1 to MaxOffers, such as
	// Broadcast. Whoever accepts first has it. Default 1.
	Offers int `json:"offers,omitempty"`
	// ConfirmFor is for what may fail after it was accepted, such as a call that
	// must connect: the owner who accepts is taken, and within that time the host
	// confirms it, otherwise it goes back to its queue. Default: nothing to confirm.
	ConfirmFor sla.Duration     `json:"confirm_for,omitempty"`
	Weights    *inquiry.Weights `json:"weights,omitempty"` // default: inquiry.DefaultWeights

	// DelayCost is what waiting costs, 1 to MaxCost, and Handling how long the
	// work is expected to take: what the order by cost goes by. Defaults 1 and 10m.
	DelayCost int          `json:"delay_cost,omitempty"`
	Handling  sla.Duration `json:"handling,omitempty"`

	// Acknowledge gives the acknowledging to somebody else than the resolving.
	// Default: whoever has the inquiry does both.
	Acknowledge *Acknowledging `json:"acknowledge,omitempty"`
	// Consult is what help with the inquiry takes. Default: half of its cost, within an hour.
	Consult *Consulting `json:"consult,omitempty"`
	// Handoffs is how it is handed on, and who settles it when it is handed about.
	// Default: DefaultHandoffs.
	Handoffs *inquiry.Handoffs `json:"handoffs,omitempty"`

	// Assist asks for help from the start, such as billing's for a journalist who is
	// a customer. Setting it replaces what is inherited; an empty list asks for none.
	Assist []Assist `json:"assist,omitzero"`
	// Approval has somebody else approve each reply before it goes out. Default: nobody.
	Approval *Approval `json:"approval,omitempty"`

	DeclineFor sla.Duration `json:"decline_for,omitempty"` // how long a decliner is passed over; default 30m
	ExpireFor  sla.Duration `json:"expire_for,omitempty"`  // the same after an offer expired; default 10m
	// UndeliveredFor is the same after an offer did not reach its owner, ReleaseFor
	// after the owner gave it back, UnconfirmedFor after it was not confirmed.
	// Defaults: as ExpireFor, as DeclineFor, 5m.
	UndeliveredFor sla.Duration `json:"undelivered_for,omitempty"`
	ReleaseFor     sla.Duration `json:"release_for,omitempty"`
	UnconfirmedFor sla.Duration `json:"unconfirmed_for,omitempty"`
	// SoleFor is how long anybody is passed over, for whatever reason, where
	// nobody is left who qualifies and is not. Default 2m.
	SoleFor sla.Duration `json:"sole_for,omitempty"`
	// HoldFor is how long an inquiry waits for the customer's previous owner
	// while that owner is present but full. It ends before half of the time to
	// the first deadline is over. Default: not at all.
	HoldFor   sla.Duration `json:"hold_for,omitempty"`
	AwaitFor  sla.Duration `json:"await_for,omitempty"`  // how long to wait for the customer at most; default 72h
	ReopenFor sla.Duration `json:"reopen_for,omitempty"` // how long after its resolution a message reopens it; default 72h

	// Waking is what becomes of work that wakes from a wait at a cost of its own
	// while its owner is full: keep, beyond their capacity and flagged, or
	// requeue. Default: keep.
	Waking inquiry.Fate `json:"waking,omitempty"`
	WrapUp sla.Duration `json:"wrap_up,omitempty"` // default: the channel's
	// BeginBefore is how long before the end of their shift somebody gets the work
	// at the latest, so that it can be begun in time. Default: Presence.BeginBefore.
	BeginBefore sla.Duration `json:"begin_before,omitempty"`
	// ShiftEnd is what becomes of work in hand at the end of its owner's shift:
	// keep or requeue. What waits is kept until it wakes. Default: keep.
	ShiftEnd inquiry.Fate `json:"shift_end,omitempty"`
	// OnChange is what a message does that speaks of something else: keep (the
	// default), reroute, or split. See the package documentation for what counts.
	OnChange inquiry.OnChange `json:"on_change,omitempty"`
	// KeepOwner leaves an inquiry that comes to this rule under way with the owner
	// it has, if they may have it by this rule too. Default: it goes to the queue,
	// where its owner comes first if they can take it.
	KeepOwner *bool `json:"keep_owner,omitempty"`
}

// Department is where owners live.
type Department struct {
	Name string `json:"name"`
	// Lead is told of what goes wrong in the department.
	Lead inquiry.OwnerID `json:"lead,omitempty"`
	// Limit is how many dispatches its members get together.
	Limit *Rate `json:"limit,omitempty"`
}

// Role is something that several people can stand in for, such as the manager
// on duty.
type Role struct {
	Name string `json:"name"`
	// Owners hold the role; the first of them that is online is turned to.
	Owners []inquiry.OwnerID `json:"owners"`
}

// Channel says what work on a channel takes.
type Channel struct {
	Name string `json:"name"`
	// Cost is what an inquiry of the channel takes of an owner's capacity, 1 to
	// MaxCost. Default 10; channels that the policy does not list cost that too.
	Cost int `json:"cost,omitempty"`
	// WaitingCost is what it takes while it waits for the customer, for others or
	// for a time, 0 to Cost. Default: as much as ever.
	WaitingCost *int `json:"waiting_cost,omitempty"`
	// Interruptible work in hand does not keep other work away: that sees the
	// capacity without it. It comes itself only where there is room beside
	// everything.
	Interruptible bool `json:"interruptible,omitempty"`
	// WrapUp is how long after its owner resolved it, or gave it back, it still
	// takes of their capacity, unless they say that they are done. Default: not at
	// all. A rule's own comes first.
	WrapUp sla.Duration `json:"wrap_up,omitempty"`
	// SilentFor overrides Presence.SilentFor for the channel.
	SilentFor sla.Duration `json:"silent_for,omitempty"`
	// Limit is how many dispatches there are of what arrived on the channel. It
	// overrides Limits.Channel.
	Limit *Rate `json:"limit,omitempty"`
}

// DefaultCost is what an inquiry takes of an owner's capacity where the policy does not say.
const DefaultCost = 10

// Bounds of what a policy may say, far beyond what makes sense, so that no
// arithmetic overflows.
const (
	MaxCost     = 1_000_000
	MaxPriority = 1_000_000 // and the lowest is -MaxPriority
)

// Rate is a token bucket: over any window of length t no more than
// Events*(t/Per) + Burst dispatches, to within a millionth of a dispatch, which
// is what the arithmetic of x/time/rate may be off. A restart and a reloaded
// policy fill no bucket: what was left of it is left of it.
type Rate struct {
	Events int          `json:"events"` // at least 1
	Per    sla.Duration `json:"per"`    // above 0
	Burst  int          `json:"burst"`  // at least 1
}

// Limits are rate limits of dispatches: offers and direct assignments. They
// delay, with a known wake-up; they never drop. A dispatch is counted against
// all that concern it: the engine's, the owner's, that of the owner's first
// department, the account's and the channel's. Assignments by hand and by the
// ladder pass them and are not counted.
type Limits struct {
	Engine  *Rate `json:"engine,omitempty"`  // of the whole pool
	Owner   *Rate `json:"owner,omitempty"`   // of each owner
	Account *Rate `json:"account,omitempty"` // of what was addressed to each account
	Channel *Rate `json:"channel,omitempty"` // of what arrived on each channel; see also Channel.Limit
	// Accounts are limits of certain accounts, instead of Account.
	Accounts []AccountLimit `json:"accounts,omitempty"`
}

// AccountLimit is the rate limit of one account.
type AccountLimit struct {
	Account string `json:"account"`
	Limit   *Rate  `json:"limit"`
}

// Presence says when an owner counts as gone.
type Presence struct {
	// LapseAfter is how long after the last sign of life an owner gets no new
	// work. Default 2m; negative: never.
	LapseAfter sla.Duration `json:"lapse_after,omitempty"`
	// SilentFor is how long after it the work in hand goes back to its queue.
	// Default 15m; negative: never. Counted in SilentCalendar.
	SilentFor sla.Duration `json:"silent_for,omitempty"`
	// BeginBefore is how long before the end of their shift an owner gets new work
	// at the latest. Default: up to the end.
	BeginBefore sla.Duration `json:"begin_before,omitempty"`
	// SilentCalendar is the calendar of SilentFor; "" is 24x7.
	SilentCalendar string `json:"silent_calendar,omitempty"`
	// Ramp eases an owner who comes online to a backlog into it. Default: not at all.
	Ramp *Ramp `json:"ramp,omitempty"`
}

// Defaults of what a policy leaves empty.
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
	if s.Skills != nil {
		out.Skills = s.Skills
	}
	if s.AnyOf != nil {
		out.AnyOf = s.AnyOf
	}
	if s.Authority != nil {
		out.Authority = s.Authority
	}
	if s.Voice != nil {
		out.Voice = s.Voice
	}
	if s.LanguageSoft != nil {
		out.LanguageSoft = s.LanguageSoft
	}
	if s.DepartmentsSoft != nil {
		out.DepartmentsSoft = s.DepartmentsSoft
	}
	if s.AnyLanguage != nil {
		out.AnyLanguage = s.AnyLanguage
	}
	if s.Departments != nil { // softness belongs to the list that it was set for
		out.Departments, out.DepartmentsSoft = s.Departments, s.DepartmentsSoft
	}
	if s.Home != "" {
		out.Home = s.Home
	}
	if s.Priority != nil {
		out.Priority = s.Priority
	}
	if s.Ladder != nil {
		out.Ladder = s.Ladder
	}
	if s.Arbiter != nil {
		out.Arbiter = s.Arbiter
	}
	if s.Assignment != "" {
		out.Assignment = s.Assignment
	}
	out.layCapacity(&s)
	if s.Weights != nil {
		out.Weights = s.Weights
	}
	if s.Acknowledge != nil {
		out.Acknowledge = s.Acknowledge
	}
	if s.Assist != nil {
		out.Assist = s.Assist
	}
	if s.Approval != nil {
		out.Approval = s.Approval
	}
	if s.Consult != nil {
		out.Consult = s.Consult
	}
	if s.Handoffs != nil {
		out.Handoffs = s.Handoffs
	}
	if s.DelayCost != 0 {
		out.DelayCost = s.DelayCost
	}
	if s.Offers != 0 {
		out.Offers = s.Offers
	}
	for _, d := range []struct{ to, from *sla.Duration }{
		{&out.OfferFor, &s.OfferFor},
		{&out.Handling, &s.Handling},
		{&out.DeclineFor, &s.DeclineFor},
		{&out.ExpireFor, &s.ExpireFor},
		{&out.UndeliveredFor, &s.UndeliveredFor},
		{&out.ReleaseFor, &s.ReleaseFor},
		{&out.SoleFor, &s.SoleFor},
		{&out.ConfirmFor, &s.ConfirmFor},
		{&out.UnconfirmedFor, &s.UnconfirmedFor},
		{&out.HoldFor, &s.HoldFor},
		{&out.AwaitFor, &s.AwaitFor},
		{&out.ReopenFor, &s.ReopenFor},
	} {
		if *d.from != 0 {
			*d.to = *d.from
		}
	}
	s.changed(&out)
	if len(s.Targets) > 0 {
		out.Targets = mergeTargets(base.Targets, s.Targets)
	}
	return out
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
