package simulate

import (
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// Scenario says what comes in, who is there to answer, and by which policy. It is
// plain data with a JSON form ([Parse]); durations are texts such as "1h30m".
// What is left out has the default that its field names.
type Scenario struct {
	Name string `json:"name,omitempty"`
	Note string `json:"note,omitempty"` // a few words for people

	// Start is when virtual time begins, from 1970 to 9000. Default: Monday 2026-01-05
	// 00:00 in Zone.
	Start time.Time `json:"start,omitzero"`
	// Zone is the IANA time zone of hours and weekdays in profiles, breaks and
	// reports. Default UTC.
	Zone string `json:"zone,omitempty"`
	// WarmUp is how long the system runs before counting begins. Default none:
	// right for a day that begins empty, wrong for a steady state.
	WarmUp sla.Duration `json:"warm_up,omitempty"`
	// For is how long counting goes on, by the instant of arrival. Required.
	For sla.Duration `json:"for"`
	// Drain is how long the run goes on at most, with everything as before, so
	// that what is counted comes to its end. Default: For, and at least 24h.
	Drain sla.Duration `json:"drain,omitempty"`
	// Replications are independent runs, 1 to 10000. Default 10.
	Replications int `json:"replications,omitempty"`
	// Seed is where all chance comes from. Default 1.
	Seed uint64 `json:"seed,omitempty"`
	// Confidence is that of the intervals, between 0 and 1. Default 0.95.
	Confidence float64 `json:"confidence,omitempty"`

	// Room is how many may wait; who comes beyond that is turned away. Default: no
	// bound.
	Room *int `json:"room,omitempty"`
	// Order is which of those who wait is served first. Default: by arrival.
	Order inquiry.Order `json:"order,omitempty"`
	// Choice is who serves, of those who may. Default: fit.
	Choice Choice `json:"choice,omitempty"`
	// Defaults are what the policy's default rule says, for what classes leave
	// open. Assignment is direct unless it or a class says otherwise.
	Defaults    *routing.Settings    `json:"defaults,omitempty"`
	Calendars   []sla.Calendar       `json:"calendars,omitempty"`
	Departments []routing.Department `json:"departments,omitempty"`
	Channels    []routing.Channel    `json:"channels,omitempty"`

	// Policy takes the place of the policy that is made of Order, Choice, Defaults,
	// Calendars, Departments, Channels and the settings of the classes, all of which are
	// then left out. Its rules meet the classes by their facts: every inquiry has its
	// class's name as a label. Owners give signs of life all the time: presence never
	// lapses here.
	Policy *routing.Policy `json:"policy,omitempty"`

	Classes []Class `json:"classes"`
	Groups  []Group `json:"groups"`
}

// Choice says which of the owners who may have an inquiry serves it.
type Choice string

// The choices.
const (
	// ByFit is the library's default: affinity, then fit, scarcity, utilisation, idleness.
	ByFit Choice = "fit"
	// LongestIdle is whoever has been idle for longest, the ALIS of the literature.
	LongestIdle Choice = "longest_idle"
	// LeastBusy is whoever was the least busy lately.
	LeastBusy Choice = "least_busy"
)

// Class is a kind of traffic: inquiries that arrive, are handled and lose
// patience by the same laws.
type Class struct {
	Name string `json:"name"`

	// What screening finds out about them. The class's name is always a label.
	Kind      inquiry.Kind       `json:"kind,omitempty"`
	Labels    []string           `json:"labels,omitempty"`
	Audiences []inquiry.Audience `json:"audiences,omitempty"`
	Language  string             `json:"language,omitempty"`
	Reach     int64              `json:"reach,omitempty"`
	Channel   string             `json:"channel,omitempty"` // default "simulated"
	Account   string             `json:"account,omitempty"`

	Arrivals Arrivals `json:"arrivals"`
	// Handling is how long an owner of speed 1 works on one, with nothing else in hand.
	Handling Law `json:"handling"`
	// Patience is how long its author waits for an owner before giving up. Default:
	// for ever.
	Patience *Law `json:"patience,omitempty"`
	// Within is the time in which an inquiry must get an owner to count for the
	// service level. Default: the first response that the policy promises to the
	// class when the simulation starts, or else 20s.
	Within sla.Duration `json:"within,omitempty"`
	// Room is how many of the class may wait. Default: no bound but the scenario's.
	Room *int `json:"room,omitempty"`
	// Customers is how many people the inquiries come from, each as likely; the
	// previous owner of somebody who comes again is known. Default 0: everybody
	// comes once.
	Customers int `json:"customers,omitempty"`

	// Greets means that the owner answers when beginning, as on the phone, and not
	// when done, as by mail. It matters to the clocks of responses.
	Greets bool `json:"greets,omitempty"`

	// Nudges are messages of customers who wait.
	Nudges *Again `json:"nudges,omitempty"`
	// Returns are messages after the resolution, which reopen the inquiry.
	Returns *Again `json:"returns,omitempty"`
	// Retries are messages of customers who gave up or were turned away.
	Retries *Again `json:"retries,omitempty"`
	// Talk is when the owner needs the customer's answer before going on.
	Talk *Talk `json:"talk,omitempty"`

	// Settings are what the class's rule says of its inquiries: skills with levels
	// and expiries, targets, priority, hold_for, assignment, weights and all else that
	// a policy can say. A class without skills asks for whoever serves it.
	routing.Settings
}

// Arrivals say when inquiries come in: by a Poisson process whose rate changes
// by the hour, with bursts on top, or as recorded.
type Arrivals struct {
	// PerHour is the mean rate.
	PerHour float64 `json:"per_hour,omitempty"`
	// ByHour are 24 factors of the rate, from midnight in the scenario's zone.
	ByHour []float64 `json:"by_hour,omitempty"`
	// ByWeekday are 7 factors of the rate, from Monday.
	ByWeekday []float64 `json:"by_weekday,omitempty"`
	// Dispersion makes some days busier than others, for no reason that anybody
	// knows beforehand.
	Dispersion *Dispersion `json:"dispersion,omitempty"`
	Bursts     []Burst     `json:"bursts,omitempty"`
	// Recorded are recorded arrivals, each given by the time since the start, in
	// any order. They replace all of the above but the bursts.
	Recorded []sla.Duration `json:"recorded,omitempty"`
}

// Dispersion multiplies the rate by a gamma-distributed factor of mean 1, drawn
// anew for every period. Counts over a period of mean m then have the variance
// m + (CV*m)^2.
type Dispersion struct {
	CV    float64      `json:"cv"`              // the factor's coefficient of variation, 0 to 10
	Every sla.Duration `json:"every,omitempty"` // default 24h
}

// Burst is additional traffic for a while: a viral post, the morning after an
// outage.
type Burst struct {
	At      sla.Duration `json:"at"`       // how long after counting begins; may be negative
	For     sla.Duration `json:"for"`      // how long it lasts
	PerHour float64      `json:"per_hour"` // the additional rate at its beginning
	// HalfLife is how long the additional rate takes to halve. Default: it stays the
	// same until the end.
	HalfLife sla.Duration `json:"half_life,omitempty"`
}

// Again says how likely somebody is to write again, after how long, and how
// often.
type Again struct {
	Chance float64 `json:"chance"`         // the probability of each time, 0 to 1
	After  Law     `json:"after"`          // how long after what makes them
	Most   int     `json:"most,omitempty"` // how often at most; default 3
}

// Talk is an owner who asks back, waits, and goes on when the customer has replied.
// The inquiry takes capacity meanwhile, and no work.
type Talk struct {
	Chance float64 `json:"chance"`           // that handling ends with a question, 0 to 1
	After  Law     `json:"after"`            // until the customer replies
	Silent float64 `json:"silent,omitempty"` // the probability that they never do
	Most   int     `json:"most,omitempty"`   // questions of one inquiry at most; default 3
}

// Group is a group of owners who are alike.
type Group struct {
	Name  string `json:"name"`
	Count int    `json:"count,omitempty"` // default 1

	// Serves are the classes that they serve, for scenarios without a policy of
	// their own. Skills, languages and the rest are as in the roster.
	Serves      []Serves            `json:"serves,omitempty"`
	Skills      []inquiry.Skill     `json:"skills,omitempty"`
	Languages   []string            `json:"languages,omitempty"`
	Departments []string            `json:"departments,omitempty"`
	Accounts    []string            `json:"accounts,omitempty"`
	Authority   []inquiry.Authority `json:"authority,omitempty"`
	Affiliation inquiry.Affiliation `json:"affiliation,omitempty"` // default: an employee
	Caps        []inquiry.Cap       `json:"caps,omitempty"`        // how much of a channel each has in hand at a time
	Shift       string              `json:"shift,omitempty"`       // a calendar's name; default: always there

	// AtOnce is how many inquiries of the usual cost each holds at once. Default 1.
	AtOnce int `json:"at_once,omitempty"`
	// Capacity replaces AtOnce, in the units of the costs of the channels.
	Capacity int `json:"capacity,omitempty"`
	// Slowdown is what each further inquiry under work adds to the time of all: with k
	// of them each takes 1+Slowdown*(k-1) times as long. 0, the default, is no
	// effect; 1 is one person sharing their time.
	Slowdown float64 `json:"slowdown,omitempty"`
	// Speed divides handling times. Default 1.
	Speed  float64 `json:"speed,omitempty"`
	Breaks []Break `json:"breaks,omitempty"`

	// AcceptAfter is how long they take to answer an offer. Default: no time.
	AcceptAfter *Law    `json:"accept_after,omitempty"`
	Decline     float64 `json:"decline,omitempty"` // the probability that they decline an offer
	Ignore      float64 `json:"ignore,omitempty"`  // the probability that they let it expire
}

// Serves says that a group serves a class, and how well.
type Serves struct {
	Class string `json:"class"`
	// Level is the level of the skill, 1 to 5; with choice fit, higher ones come
	// first. Default 3.
	Level int `json:"level,omitempty"`
	// After makes the group the overflow: it serves inquiries that have waited for
	// that long.
	After sla.Duration `json:"after,omitempty"`
	// Speed divides the handling times, besides the group's own. Default 1.
	Speed float64 `json:"speed,omitempty"`
	// Handling takes the place of the class's law.
	Handling *Law `json:"handling,omitempty"`
}

// Break is a time away. An owner who is in the middle of something finishes it
// first; the break is then just as long.
type Break struct {
	// At is when it begins every day, by the clocks of the scenario's zone.
	At *sla.TimeOfDay `json:"at,omitempty"`
	// Every is how long after the last one it begins, in place of At.
	Every *Law `json:"every,omitempty"`
	For   Law  `json:"for"`
	// Stagger is how much later it begins for each further member of the group.
	Stagger sla.Duration `json:"stagger,omitempty"`
}

// The defaults of a scenario.
const (
	DefaultReplications = 10
	DefaultConfidence   = 0.95
	DefaultWithin       = 20 * time.Second
	DefaultChannel      = "simulated"
	DefaultLevel        = 3
	defaultMost         = 3
)

var defaultStart = sla.Date{Year: 2026, Month: time.January, Day: 5}
