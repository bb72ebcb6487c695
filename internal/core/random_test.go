package core

import (
	"fmt"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// dice are SplitMix64: the same numbers on every platform and in every
// version of Go.
type dice struct{ state uint64 }

func (d *dice) next() uint64 {
	d.state += 0x9e3779b97f4a7c15
	z := d.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// n is a number from 0 to n-1.
func (d *dice) n(n int) int { return int(d.next() % uint64(n)) }

// one in so many.
func (d *dice) one(in int) bool { return d.n(in) == 0 }

func pick[T any](d *dice, of ...T) T { return of[d.n(len(of))] }

func (d *dice) upTo(t time.Duration) time.Duration { return time.Duration(d.next() % uint64(t)) }

func seconds(n int) sla.Duration { return sla.Duration(time.Duration(n) * time.Second) }
func minutes(n int) sla.Duration { return sla.Duration(time.Duration(n) * time.Minute) }
func hours(n int) sla.Duration   { return sla.Duration(time.Duration(n) * time.Hour) }

// randomPolicy is one of several policies with everything in it.
func randomPolicy(n int) routing.Policy {
	at := func(s string) (t sla.TimeOfDay) {
		if err := t.UnmarshalText([]byte(s)); err != nil {
			panic(err)
		}
		return t
	}
	yes, urgent, high, low := true, inquiry.Priority(5), inquiry.Priority(2), inquiry.Priority(-1)
	ladder := sla.Ladder{Remind: hours(2), Slow: 150, Levels: []sla.Level{
		{To: sla.Lead, After: minutes(5), Raise: 1},
		{To: sla.Owner, After: minutes(9)},
		{To: sla.OnCall, Name: "night", After: minutes(12)},
		{To: sla.Role, Name: "manager", After: minutes(8), Calendar: "office", Reassign: true},
		{To: sla.Sink, After: hours(1)},
	}}
	p := routing.Policy{
		Sink:  "zoe",
		Order: []inquiry.Order{inquiry.ByDeadline, inquiry.ByRatio, inquiry.ByPriority, inquiry.ByCost}[n],
		Default: routing.Settings{
			Ladder: &sla.Ladder{Levels: routing.DefaultLadder().Levels, Remind: hours(3)},
			Home:   "support", AwaitFor: hours(6), ReopenFor: hours(8), HoldFor: minutes(4), ExpireFor: minutes(4), DeclineFor: minutes(7),
			Targets: []sla.Target{
				{Kind: sla.Acknowledge, Within: minutes(15), Warn: []int{50}},
				{Kind: sla.FirstResponse, Within: minutes(40), Warn: []int{50, 90}, WarnBefore: []sla.Duration{minutes(8)}, Tiers: []sla.Tier{{From: 2, Within: minutes(20)}, {From: 5, Within: minutes(10)}}},
				{Kind: sla.Update, Within: minutes(50), Warn: []int{90}},
				{Kind: sla.Department, Within: hours(2), Calendar: "office"},
				{Kind: sla.NextResponse, Within: minutes(30), Calendar: "office", Warn: []int{80}},
				{Kind: sla.Resolve, Within: hours(5), Calendar: "office", Warn: []int{75}},
			},
		},
		Rules: []routing.Rule{
			{Name: "loud", Match: routing.Match{MinReach: 10_000}, Continue: true, Settings: routing.Settings{
				Priority: &high, Targets: []sla.Target{{Kind: sla.FirstResponse, Within: minutes(10), Warn: []int{10}}},
			}},
			{
				Name: "press", Match: routing.Match{Audiences: []inquiry.Audience{inquiry.Journalist, inquiry.Influencer}},
				Settings: routing.Settings{Skills: []inquiry.SkillRequirement{{Skill: "press", Min: 3}}, Home: "press", Assignment: inquiry.Directly},
				Rules: []routing.Rule{{Name: "urgent", Match: routing.Match{AnyLabel: []string{"urgent", "crisis"}}, Settings: routing.Settings{
					Priority: &urgent, Departments: []string{"press"}, DepartmentsSoft: &inquiry.Soft{After: minutes(5)}, Ladder: &ladder,
				}}},
			},
			{
				Name: "billing", Match: routing.Match{Labels: []string{"refund"}, NoLabel: []string{"crisis"}},
				Settings: routing.Settings{
					Skills:  []inquiry.SkillRequirement{{Skill: "billing", Min: 2, Want: 4}, {Skill: "billing", Min: 4, Soft: &inquiry.Soft{After: minutes(6)}}},
					HoldFor: minutes(10), OfferFor: seconds(90), LanguageSoft: &inquiry.Soft{Share: 60},
				},
				Rules: []routing.Rule{{Name: "night", Match: routing.Match{Outside: "office"}, Settings: routing.Settings{AnyLanguage: &yes, Ladder: &ladder, Priority: &low}}},
			},
			{Name: "rare", Match: routing.Match{AnyLabel: []string{"legal"}}, Settings: routing.Settings{
				Skills: []inquiry.SkillRequirement{{Skill: "law", Min: 4}}, Authority: []inquiry.Authority{{Name: "settle", Limit: 100}},
				AnyOf: []inquiry.SkillGroup{
					{Any: []inquiry.SkillRequirement{{Skill: "law", Min: 5}, {Skill: "press", Min: 5}}},
					{Any: []inquiry.SkillRequirement{{Skill: "tax", Min: 1}, {Skill: "magic", Min: 1}}, Soft: &inquiry.Soft{After: hours(1)}},
				},
			}},
			{Name: "chat", Match: routing.Match{Channels: []string{"chat"}}, Settings: routing.Settings{Assignment: inquiry.Directly, AnyLanguage: &yes, HoldFor: minutes(3)}},
		},
		Departments: []routing.Department{
			{Name: "support", Lead: "lea", Limit: &routing.Rate{Events: 6 + n, Per: minutes(1), Burst: 4}},
			{Name: "press", Lead: "paul"},
			{Name: "sales"},
		},
		Rotations: []sla.Rotation{{
			Name: "night", Zone: "Europe/Berlin", Start: sla.Date{Year: 2026, Month: time.March, Day: 20}, HandOver: at("08:00"),
			Turns: []sla.Turn{{Member: "anna", Days: 1}, {Days: 1}, {Member: "ben", Days: 2}}, Hours: sla.Daily(at("06:00"), at("03:00")),
		}},
		Roles:    []routing.Role{{Name: "manager", Owners: []inquiry.OwnerID{"lea", "eva", "hugo"}}},
		Channels: []routing.Channel{{Name: "chat", Cost: 30, SilentFor: minutes(5)}, {Name: "post", Cost: 20}},
		Limits: routing.Limits{
			Engine: &routing.Rate{Events: 20 - n, Per: minutes(1), Burst: 8},
			Owner:  &routing.Rate{Events: 5, Per: minutes(3 + n), Burst: 3},
		},
		Presence:  routing.Presence{LapseAfter: minutes(10), SilentFor: minutes(20), SilentCalendar: "office"},
		ThreadFor: hours(2), ReviewAfter: hours(1),
		Calendars: []sla.Calendar{
			{Name: "office", Zone: "Europe/Berlin", Hours: sla.Weekdays(at("08:00"), at("18:00"))},
			{Name: "early", Hours: sla.Daily(at("05:00"), at("14:00"))},
			{Name: "late", Hours: sla.Daily(at("13:00"), at("02:00"))},
		},
	}
	offerRules(&p, n)
	randomCapacity(&p, n)
	if n > 0 {
		accounts(&p)
	}
	changing(&p, n)
	scoredAndLimited(&p, n)
	if n == 3 {
		p.Rules, p.Presence.SilentCalendar = p.Rules[1:], ""
		p.Default.Assignment = inquiry.Directly
	}
	dutiful(&p, n)
	return p
}

func randomOwners() []inquiry.Owner { return withCaps(plainOwners()) }

func plainOwners() []inquiry.Owner {
	skill := func(pairs ...any) (out []inquiry.Skill) {
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, inquiry.Skill{Name: pairs[i].(string), Level: pairs[i+1].(int)})
		}
		return out
	}
	return []inquiry.Owner{
		{ID: "anna", Capacity: 100, Departments: []string{"support"}, Skills: skill("billing", 4, "press", 1), Languages: []string{"de", "en"}},
		{ID: "ben", Capacity: 60, Departments: []string{"support"}, Skills: skill("billing", 2), Languages: []string{"en"}},
		{ID: "carla", Capacity: 80, Departments: []string{"support", "press"}, Skills: skill("billing", 3, "press", 3), Shift: "early"},
		{ID: "dan", Capacity: 50, Departments: []string{"sales"}, Skills: skill("billing", 5), Shift: "late"},
		{ID: "eva", Capacity: 100, Departments: []string{"press"}, Skills: skill("press", 5), Accounts: []string{"@acme", "press@acme"}},
		{ID: "fred", Capacity: 40, Departments: []string{"press"}, Affiliation: inquiry.OfAgency, Initials: "FF", Skills: skill("press", 3), Languages: []string{"de", "fr"}},
		{ID: "gina", Capacity: 30, Departments: []string{"sales"}, Languages: []string{"fr"}},
		{ID: "hugo", Capacity: 100, Skills: skill("billing", 1), Shift: "office"},
		{ID: "bot", Capacity: 60, Bot: true, Languages: []string{"en"}, Accounts: []string{"help@acme"}},
		{ID: "lea", Capacity: 20, Departments: []string{"support"}, Skills: skill("billing", 5, "press", 4)},
		{ID: "zoe", Capacity: 50},
		{ID: "lars", Capacity: 50, Skills: skill("law", 5), Authority: []inquiry.Authority{{Name: "settle", Limit: 500}}},
	}
}

// world makes random inputs that suit the state of a core, and many that do not.
type world struct {
	dice
	seed   string
	drawn  int
	inputs int
	now    time.Time
	sent   []inquiry.Message // lately, for edits and redeliveries
	facts  map[inquiry.ID]inquiry.Facts
	gone   map[inquiry.OwnerID]bool
	rush   int // so many messages come at once
	// owners are all who are on the roster now and then, policies those that are
	// adopted.
	owners   []inquiry.Owner
	policies [4]routing.Policy
	// rarely is how many of five inputs are drawn as rare ones, pace how many times as
	// much time passes; see wide.
	rarely, pace int
	// afresh is how many of a hundred inputs draw policies or owners anew, exactly how
	// many of ten times time passes to the next wake-up. In a coarse world time passes
	// by whole minutes. See restless.
	afresh, exactly int
	coarse          bool
}

func newWorld(seed int) *world {
	return &world{
		dice: dice{uint64(seed)}, seed: fmt.Sprint(seed), facts: map[inquiry.ID]inquiry.Facts{}, gone: map[inquiry.OwnerID]bool{},
		now:    time.Date(2026, 3, 26, 7, 0, 0, 123456789, time.UTC), // the clocks change on Sunday
		owners: randomOwners(), policies: [4]routing.Policy{randomPolicy(0), randomPolicy(1), randomPolicy(2), randomPolicy(3)},
	}
}

func (w *world) id() inquiry.ID {
	w.drawn++
	return inquiry.DeriveID("drawn", w.seed, fmt.Sprint(w.drawn))
}

// pass lets some time pass, mostly little.
func (w *world) pass(c *Core) {
	if w.rush > 0 || w.passExactly(c) {
		return
	}
	if w.coarse {
		w.passCoarsely()
		return
	}
	pace := time.Duration(max(1, w.pace))
	switch k := w.n(1000); {
	case k < 700:
		w.now = w.now.Add(pace * w.upTo(15*time.Second))
	case k < 970:
		w.now = w.now.Add(pace * w.upTo(time.Minute))
	case k < 998:
		w.now = w.now.Add(pace * w.upTo(15*time.Minute).Truncate(time.Minute))
	default:
		w.now = w.now.Add(w.upTo(10 * time.Hour))
	}
}

// input is the next input to a core. The first ones bring policy and roster.
func (w *world) input(c *Core) inquiry.Input {
	w.inputs++
	in := inquiry.Input{ID: inquiry.InputID("pool", fmt.Sprint(w.seed, w.inputs)), At: w.now, By: "tester"}
	switch k := w.n(40); {
	case k == 0:
		in.At = w.now.Add(-w.upTo(90 * time.Minute))
	case k == 1:
		in.At = w.now.Add(time.Hour) // somebody's clock is fast
	case k == 2:
		in.At = time.Time{}
	case k < 12:
		in.At = w.now.Add(-w.upTo(time.Minute))
	}
	if w.coarse {
		in.At = in.At.Truncate(time.Minute)
	}
	switch {
	case w.inputs == 1:
		in.Do = adopt(w.policies[0])
	case w.inputs == 2:
		in.Do = inquiry.Roster{Set: w.owners[:len(w.owners)-1], Complete: true}
	case w.rush > 0:
		w.rush--
		in.Do = w.message()
	default:
		if in.Do = w.anew(c); in.Do == nil {
			in.Do = w.unusual(c)
		}
		if in.Do == nil {
			in.Do = w.command(c)
		}
		if r, ok := in.Do.(inquiry.Receive); ok && r.Message.Direction == inquiry.FromUs && w.one(2) {
			in.At = w.now.Add(-w.upTo(time.Hour)) // learned of late
		}
	}
	return in
}

func adopt(p routing.Policy) inquiry.Adopt {
	c, err := routing.Compile(p)
	if err != nil {
		panic(err)
	}
	return inquiry.Adopt{Version: c.Version(), Policy: c.JSON()}
}

func (w *world) owner() inquiry.OwnerID {
	if w.one(60) {
		return pick(&w.dice, inquiry.OwnerID(""), "nobody")
	}
	return pick(&w.dice, w.owners...).ID
}

func (w *world) command(c *Core) inquiry.Command {
	switch k := w.n(1000); {
	case k < 110:
		return w.message()
	case k < 115:
		w.rush = w.n(12)
		return w.message()
	case k < 150:
		return w.observed(c)
	case k < 170 && len(w.sent) > 0:
		m := w.sent[max(0, len(w.sent)-1-w.n(20))]
		m.Revision += w.n(3)
		return inquiry.Receive{Message: m, Facts: w.facts[m.ID], New: w.id()}
	case k < 240:
		return w.heartbeat()
	case k < 290:
		return inquiry.SetPresence{Owner: w.owner(), Presence: pick(&w.dice, inquiry.Online, inquiry.Online, inquiry.Online, inquiry.Online, inquiry.Away, inquiry.Offline)}
	case k < 300:
		return w.roster()
	case k < 304:
		if w.one(8) {
			return inquiry.Adopt{Version: "broken", Policy: []byte(`{"default":{}}`)}
		}
		return adopt(w.policies[w.n(4)])
	}
	return w.action(c)
}

func (w *world) heartbeat() inquiry.Heartbeat {
	var h inquiry.Heartbeat
	for _, o := range w.owners {
		if !w.one(5) {
			h.Owners = append(h.Owners, o.ID)
		}
	}
	return h
}

// roster lets somebody leave, come back, or change.
func (w *world) roster() inquiry.Roster {
	all := slices.Clone(w.owners)
	o := all[w.n(len(all))]
	switch {
	case w.gone[o.ID]:
		delete(w.gone, o.ID)
	case w.one(2):
		w.gone[o.ID] = true
		return inquiry.Roster{Remove: []inquiry.OwnerID{o.ID}}
	case w.one(3): // everybody, without one
		w.gone = map[inquiry.OwnerID]bool{o.ID: true}
		i := 0
		for all[i].ID != o.ID {
			i++
		}
		return inquiry.Roster{Set: append(all[:i:i], all[i+1:]...), Complete: true}
	case w.one(2):
		o.Skills = nil
	case w.one(3):
		o.Caps = nil
	default:
		o.Capacity = max(20, o.Capacity/2)
	}
	return inquiry.Roster{Set: []inquiry.Owner{o}}
}

func (w *world) message() inquiry.Receive {
	w.drawn++
	author := w.n(25)
	m := inquiry.Message{
		Pool: "pool", Source: "mail", External: fmt.Sprintf("m%d", w.drawn), Channel: "email", Account: "help@acme", At: w.now,
		Author: inquiry.Author{External: fmt.Sprintf("a%d", author), Name: "Ada", Reach: int64(w.n(20_000))}, Text: "text", Subject: "subject",
	}
	switch w.n(4) {
	case 0:
		m.Source, m.Channel, m.Account = "masto", "post", "@acme"
	case 1:
		m.Source, m.Channel, m.Account = "widget", "chat", ""
	}
	m.ID = inquiry.MessageID(m.Pool, m.Source, m.External)
	f := inquiry.Facts{Kind: inquiry.Question, Language: pick(&w.dice, "", "de", "en", "en", "fr"), Reach: m.Author.Reach}
	if w.one(3) {
		f.AddLabels(pick(&w.dice, "refund", "urgent", "crisis"))
	}
	if w.one(3) {
		f.AddLabels("refund")
	}
	if w.one(40) {
		f.AddLabels("legal")
	}
	if w.one(4) {
		f.AddLabels(pick(&w.dice, "ring", "ring", "shelf", "everybody"))
	}
	if w.one(6) {
		f.AddAudiences(pick(&w.dice, inquiry.Journalist, inquiry.Influencer, inquiry.Customer))
	}
	if len(f.Audiences) > 0 && w.one(2) {
		f.AddAudiences(inquiry.Customer)
	}
	if w.one(15) {
		f.ScreenOut = pick(&w.dice, "spam", "auto_reply")
	}
	f.Persons = []inquiry.ID{inquiry.PersonID(nil, "pool", m.Channel, m.Author.External)}
	if w.one(5) { // the same person elsewhere
		f.Persons = append(f.Persons, inquiry.PersonID(nil, "pool", "email", m.Author.External))
	}
	if m.Channel == "post" {
		f.Conversation = inquiry.ConversationID("pool", m.Channel, fmt.Sprint(author%10, w.n(3)))
	}
	if w.one(4) {
		f.Fingerprint = inquiry.DeriveID("fingerprint", fmt.Sprint(w.n(5)))
	}
	if w.one(9) {
		f.Confidence = 20 * w.n(6)
	}
	f.Bonuses = w.bonuses()
	r := inquiry.Receive{Message: m, Facts: f, New: w.id()}
	if len(w.sent) > 0 && w.one(20) {
		r.Parent = w.sent[max(0, len(w.sent)-1-w.n(30))].ID
	}
	w.sent = append(w.sent, m)
	w.facts[m.ID] = f
	return r
}

// observed is a reply of ours seen on the platform.
func (w *world) observed(c *Core) inquiry.Receive {
	r := w.message()
	r.Message.Direction = inquiry.FromUs
	if x := w.inquiry(c, pick(&w.dice, inquiry.StateQueued, inquiry.StateAssigned, inquiry.StatePending)); x != nil {
		r.Message.Channel, r.Message.Account, r.Facts.Conversation = x.Channel, x.Account, x.Conversation
		if w.one(2) { // as a platform tells which message it answers
			r.Parent = x.LastID
		}
		for _, p := range x.Replies {
			r.Settles = p.ID
		}
		if len(x.Posted) > 0 && w.one(2) { // an echo of our own
			r.Message.ID, r.Settles = x.Posted[w.n(len(x.Posted))], inquiry.ID{}
		}
	}
	if r.Speaker = w.owner(); w.one(3) {
		r.Speaker = "" // the platform does not tell
	}
	return r
}

// inquiry is a live one, rather one in a certain state.
func (w *world) inquiry(c *Core, state inquiry.State) *entry {
	whichever := w.one(10)
	var ids []inquiry.ID
	for id, x := range whole(c) {
		if whichever || x.State == state {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	slices.SortFunc(ids, inquiry.ID.Compare)
	return whole(c)[ids[w.n(len(ids))]]
}

// outbox carries out what is to leave of something resolved, which is not closed before.
func (w *world) outbox(c *Core) inquiry.Command {
	var all []*entry
	for _, x := range whole(c) {
		if x.State == inquiry.StateResolved && x.ReplyUnderWay() {
			all = append(all, x)
		}
	}
	if len(all) == 0 {
		return nil
	}
	slices.SortFunc(all, byID)
	x := all[w.n(len(all))]
	r := x.Replies[w.n(len(x.Replies))]
	if r.State == inquiry.ReplyIsApproved && r.Contest == nil {
		return inquiry.Sending{Inquiry: x.ID, Reply: r.ID}
	}
	return inquiry.Settle{Inquiry: x.ID, Reply: r.ID, State: pick(&w.dice, inquiry.ReplyIsSent, inquiry.ReplyIsSent, inquiry.ReplyIsUnknown, inquiry.ReplyIsFailed)}
}

// action is something that somebody does to an inquiry, mostly something that
// its state allows.
func (w *world) action(c *Core) inquiry.Command {
	if w.one(12) {
		if cmd := w.outbox(c); cmd != nil {
			return cmd
		}
	}
	if w.one(40) {
		if cmd := w.takeOver(c); cmd != nil {
			return cmd
		}
	}
	x := w.inquiry(c, pick(&w.dice, inquiry.StateOffered, inquiry.StateOffered, inquiry.StateAssigned, inquiry.StateAssigned, inquiry.StatePending, inquiry.StateScreenedOut))
	if y := w.inquiry(c, inquiry.StateMerged); y != nil && w.one(40) {
		return inquiry.Unmerge{Inquiry: y.ID, Owner: w.owner(), Reason: "not the same"}
	}
	if x == nil {
		return w.heartbeat()
	}
	if cmd := w.wrapUp(c); cmd != nil {
		return cmd
	}
	id, who := x.ID, x.Owner
	if len(x.Offers) > 0 {
		who = x.Offers[w.n(len(x.Offers))].Owner
	}
	if act := w.offerAct(x); act != nil {
		return act
	}
	if w.one(25) {
		who = w.owner()
	}
	if w.one(100) {
		id = w.id()
	}
	if x.State.Owned() && w.one(4) || x.IsDuty() && w.one(6) {
		return w.duty(c, x, who)
	}
	if cmd := w.aboutReply(x, id); cmd != nil {
		return cmd
	}
	reply, state := w.id(), inquiry.ReplyState("")
	if len(x.Replies) > 0 && !w.one(10) {
		r := x.Replies[w.n(len(x.Replies))]
		reply, state = r.ID, r.State
	}
	seen, anyway := x.Inbound, w.one(8)
	if w.one(8) {
		seen = w.n(x.Inbound + 2)
	}
	switch {
	case x.State == inquiry.StateOffered && !w.one(6):
		if w.one(4) {
			return inquiry.Decline{Inquiry: id, Owner: who, Reason: "busy"}
		}
		return inquiry.Accept{Inquiry: id, Owner: who}
	case x.State == inquiry.StateScreenedOut && !w.one(3):
		return inquiry.Review{Inquiry: id, Owner: "zoe", Restore: w.one(2)}
	case state == inquiry.ReplyIsDraft && !w.one(4):
		return inquiry.Send{Inquiry: id, Owner: who, Reply: reply, Seen: seen, Anyway: anyway}
	case state == inquiry.ReplyIsApproved && !w.one(4):
		return inquiry.Sending{Inquiry: id, Reply: reply}
	case state != "" && !w.one(3):
		return inquiry.Settle{Inquiry: id, Reply: reply, State: pick(&w.dice, inquiry.ReplyIsSent, inquiry.ReplyIsSent, inquiry.ReplyIsUnknown, inquiry.ReplyIsFailed, inquiry.ReplyIsDraft), Error: "oh", External: fmt.Sprint("r", w.n(1000))}
	}
	switch w.n(23) {
	case 0:
		return inquiry.Accept{Inquiry: id, Owner: who}
	case 1:
		return inquiry.Decline{Inquiry: id, Owner: who, Reason: "busy"}
	case 2:
		return inquiry.Assign{Inquiry: id, Owner: w.owner(), Reason: "by hand"}
	case 3:
		return inquiry.Release{Inquiry: id, Owner: who, Reason: "not mine"}
	case 4, 5:
		return inquiry.Acknowledge{Inquiry: id, Owner: pick(&w.dice, who, who, "zoe")}
	case 6, 7, 8:
		return inquiry.Reply{Inquiry: id, Owner: who, Reply: reply, Text: "text", Digest: fmt.Sprint("d", w.n(1000)), Seen: seen, Anyway: anyway, Draft: w.one(3)}
	case 9, 10:
		until := time.Time{}
		if w.one(3) {
			until = w.now.Add(w.upTo(time.Hour))
		}
		return inquiry.Await{Inquiry: id, Owner: who, Until: until, For: pick(&w.dice, "", sla.AwaitingCustomer, sla.AwaitingThirdParty, sla.Snoozed)}
	case 11:
		return inquiry.Resume{Inquiry: id, Owner: who}
	case 12, 13, 14, 15, 16:
		return inquiry.Resolve{Inquiry: id, Owner: pick(&w.dice, who, who, who, "zoe"), Note: "done"}
	case 17:
		return inquiry.Reopen{Inquiry: id}
	case 18, 19:
		return inquiry.Prioritise{Inquiry: id, Priority: inquiry.Priority(w.n(9) - 2), Reason: "important"}
	case 20:
		return w.retarget(id)
	case 22:
		return w.join(c, x, id)
	}
	return inquiry.GiveUp{Inquiry: id, Effect: w.id(), Topic: pick(&w.dice, inquiry.TellOffer, inquiry.TellWarning), Owner: who, Error: "no route"}
}

// retarget changes what an inquiry was promised, now and then by a calendar
// of its own.
func (w *world) retarget(id inquiry.ID) inquiry.Retarget {
	r := inquiry.Retarget{Inquiry: id, Reason: "agreed", Target: sla.Target{
		Kind: pick(&w.dice, sla.Kinds()...), Within: minutes(10 + 10*w.n(20)), Calendar: pick(&w.dice, "", "office", "late", "nowhere"), Warn: []int{60},
	}}
	if w.one(3) {
		r.Calendar = &sla.Calendar{Name: r.Target.Calendar, Always: true}
	}
	return r
}
