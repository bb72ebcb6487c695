// Package routing decides who answers an inquiry, and can say why.
//
// # The story
//
// A [Policy] is plain data: rules that match inquiries, and settings that say
// what a matched inquiry asks of an owner, by when, and how it is put before
// them. [Compile] checks it and refuses it whole, with every [Fault] listed, or
// makes it ready for use.
//
// [Compiled.Plan] makes an [inquiry.Plan] of the facts that screening found:
// the rule that matched, the requirement, the targets, the cost, the weights.
// Nothing that happens afterwards needs the policy; the plan is journaled, and
// inquiries alike share it.
//
// With a plan, everybody on the roster is a [Candidate]. First the gates
// ([Check]): those who may not have it now, and for which reasons. Then the
// score ([ScoreOf]) of those who may, and [Better] to rank them. The first is
// chosen, and a [Decision] is recorded beside the offer or assignment.
//
// Later somebody asks why. [Explain] takes the [Snapshot] of that instant, as
// the journal tells it, and answers with an [Explanation]: what was decided and
// by what, how everybody stood, why not a certain owner, and the smallest
// [Change] that would have made them the owner. A live snapshot explains why
// an inquiry still waits. [ExplainDeadlines] does the same for the clocks: what
// happened to each, and how its deadline came about.
//
// Before any of that, [Lint] holds a policy against the roster that is to work
// by it, and names what passes [Compile] and is probably not meant: rules that
// no inquiry reaches, requirements that nobody meets, opening hours without
// anybody on shift.
//
// # More than one duty
//
// Resolving an inquiry is its owner's duty. Whatever else is owed on it is an
// inquiry of its own beside it, whose row names its Parent and its Duty. It is
// queued, offered, declined, limited, escalated, stranded and explained like any
// other; it has no customer, so replies and messages are its parent's, and a
// command that concerns those is refused with [inquiry.NotForDuty]. It is closed
// once it is done or nothing is left to do of it, at the latest with its parent,
// and both sides are told.
//
// To acknowledge: a rule may give that to others than the resolving
// ([Acknowledging]). Acknowledging the duty meets the parent's clock; the owner's
// own acknowledgement, or an answer, ends the duty. To consult: an owner asks
// somebody by name, or whoever has certain skills, for help ([inquiry.Consult]),
// and stays answerable; help takes of the helper's capacity ([Consulting]). The
// helper ends it with an [inquiry.Resolve], whose note is the answer, the owner with an
// [inquiry.Withdraw]. Help is credited: the row names the last helpers, and the
// journal has a duty_ended event with the helper for each.
//
// To take over: that is what a hand-off ([inquiry.Handoff]) asks for. The giver
// stays answerable until the receiver accepts; both capacities are taken
// meanwhile. It ends as it began if the one asked declines, lets the offer pass or
// leaves, if the giver withdraws it, if the inquiry is resolved, released,
// assigned or routed anew, or once [inquiry.Handoffs].Within is over; a giver who leaves gives the
// inquiry back to its queue. Who turned it down stays passed over for the inquiry.
// One by name is refused, with the gates, if that person could not have it now.
// Anyway, of the command or the rule, waives skills, language and department, and
// waits for the rest; account, authority, size and exclusions are never waived. One
// by skills or departments asks for those instead of what the plan asks for, goes
// to nobody who had it before, and leaves the plan as it is. Back to
// somebody who had it, or beyond Max, it goes to the arbiter instead, who gets it
// past the gates; counting begins anew there.
//
// Everything here is a pure function of its arguments, in integers. The package
// reads no clock, does no I/O, and does not know how offers travel: that is
// package dispatch.
//
// # What it guarantees
//
//   - B1. Rules are tried from the top and the first match wins. A rule with
//     Continue lays its settings down and lets its next siblings be tried; the
//     last match names the rule, the others stand in the plan's Trail. Rules
//     within a rule inherit its settings and are tried once it has matched.
//     Whatever no rule matches falls to the default rule, which must have a
//     resolve target.
//   - B2. A policy with a fault is refused whole, and all faults are named at
//     once, each with its path. A plan is complete: it goes on meaning the same
//     when the policy that made it is gone. A policy without a version is
//     named by a digest of its content.
//   - B9. Each message of the customer is screened, and a rule says by OnChange
//     what becomes of an inquiry whose customer comes to speak of something else:
//     it stays as it is (keep), is routed anew (reroute), or the message opens an
//     inquiry of its own, linked to the first (split). Only what a message says that
//     was not known counts: without a label that the inquiry does not have there is no change,
//     whoever says thanks or asks for news. Compared are two rules of the policy in
//     force: the one for what was known before, and the one for the message alone,
//     with audiences and reach as known of both. The default rule and the triage are
//     no intent. A label that alone leads nowhere, such as urgent, is looked at
//     together with those known; by itself it splits nothing off. Routed anew, an
//     inquiry keeps the customer's clocks with their starts and pauses; what is
//     not promised any more ends, what is promised newly counts from what it
//     measures. The department's clock begins anew with another department.
//   - B3. What [Lint] says of a policy is true: rules are compared by all of
//     their conditions, and a rule that it calls unreachable or shadowed no
//     inquiry reaches. Cover is that of the year from the given instant on, by
//     weekday or by date. Kinds, audiences and channels are open lists: a word
//     that looks like a misspelt one is a notice, no fault.
//   - B4. A requirement's parts are hard or soft, and a soft one carries its own
//     expiry ([inquiry.Soft]): skills with levels, groups of which one skill
//     will do, the language, the departments. The account and the authority to
//     decide are hard, always, and so are exclusions.
//   - B5. Expiry counts from the first attempt to find an owner, cumulatively,
//     and what is dropped stays dropped: no offer that runs out, decline, pause or
//     changed target turns it back.
//   - B6. Dropping a part keeps whoever was eligible, and it still counts in the
//     fit: better matches come first among all who may have it then.
//   - B7. A part that nobody on the roster could meet, besides the others, is
//     dropped at once. What nobody could have even then is stranded at once.
//   - B8. Skills decide. Department, name and title count neither for nor
//     against anybody, unless a rule asks for departments.
//   - C1. Gates come before scores: skills, language, voice, department, authority, size,
//     presence, suspicion, shift, capacity, rate limit, exclusion, an offer made
//     already, login ramp, channel, affiliation. One
//     predicate returns all reasons at once; matching, explaining and proving
//     ask the same one. [Qualifies] is its lasting half: where nobody passes
//     that, the inquiry is stranded.
//   - C2. The parts of a score are integers from 0 to [Full], and their
//     weighted sum is an integer too. A tie goes to whoever has been idle for longer, then to the lesser
//     id, so that the same inputs choose the same owner on every platform, in
//     whatever order the owners are listed.
//   - C3. Which inquiries are served with the free capacity at hand is the
//     waiting order's to say; this package names the orders, package dispatch
//     keeps the queues. Who serves which of them is the score's: where several
//     inquiries meet several free owners, the best pair comes first, then the
//     best of what is left, as long as everybody who was to be served still can
//     be. Scores of different rules are compared with each other there, so their
//     weights should be of one scale. The owners who ranked before the chosen one
//     and were kept for another inquiry stand in the [Decision].
//   - C4. The default order is by deadline: the earliest unmet one, breached
//     ones included, so that nothing overdue falls back. The others are by
//     ratio (age over target), by cost (delay cost times age over handling
//     time, the generalised c-mu rule), by priority and by arrival. Under ratio
//     and cost the order moves as time passes; it is that of the instant at
//     which somebody is free.
//   - C6. A gate is asked at the instant of the choice, with the state of that
//     instant: nothing is remembered from when the inquiry came in.
//   - C7. A customer's previous owner gets the affinity part and so, by
//     default, comes first among those who pass. Affinity opens no gate. A
//     hold for a previous owner who is full is granted once and ends before
//     half of the time to the deadline is over.
//   - C8. What an owner holds is one sum over all channels and departments,
//     against one capacity; each channel has its cost. Caps, an owner's own, count
//     the work of a channel within that. Work that is not interruptible comes only
//     where what is not interruptible leaves room for it; interruptible work only
//     where everything does. So without work by hand, and without what woke beyond
//     it, the former never exceeds the capacity, and the whole exceeds it by no
//     more than the interruptible work in hand.
//   - C9. Work that waits takes the waiting cost of its channel, and wakes to its
//     full cost. If its owner is full by then, it is kept and flagged, or goes
//     back to its queue, as the rule says.
//   - C10. The room is taken with the offer or the assignment, and given back with
//     its end; where there is wrap-up, with the end of that.
//   - C11. By hand, work goes beyond capacity and caps. It is flagged, counts in
//     full, and so keeps automatic work away until there is room again.
//   - D1. An inquiry is before at most as many owners at once as Offers says; who
//     has a live offer of it is no candidate for another. Further offers are made
//     with what those inquiries leave over that have none yet, in the waiting
//     order; as one ends, the next best is asked at once. Each live offer reserves
//     capacity. The first to accept has it.
//   - D2. Each kind of end has a back-off of its own. It belongs to one owner and
//     one inquiry and doubles with each repetition, up to eight times, see
//     [BackOff]. Letting an offer pass makes a suspect only of who was asked alone:
//     of several, anybody may leave it to the others.
//   - D3. Who is passed over is not asked, unless nobody is left who qualifies and
//     is not passed over, be it because they are the only one or because all the
//     others are passed over as well. Then SoleFor is the back-off instead. Being
//     offline or full is no reason to ask them earlier: that passes, and whoever
//     said no has said no. [Particular] gates hold nobody behind it up.
//   - D5. The login [Ramp] is a gate that opens at a known instant.
//   - E1. Over any window of length t there are no more dispatches than Events
//     times t/Per plus Burst, to within a millionth of a dispatch: per engine, per
//     owner, per first department of the owner, per account and per channel.
//   - E2. What a limit holds waits with a known wake-up and says so, by the
//     limit's name: "owner/anna", "department/press", "account/@acme",
//     "channel/chat", "engine". It never blocks what is behind it and can be
//     served. A restart, a reload and an outage give no free burst.
//   - F1. A hand-off is proposed with a reason, and accepted, declined or timed out.
//     Until it is accepted the giver is answerable.
//   - F2. It restarts no clock that the customer feels; the department's starts anew
//     if that changes. [ExplainDeadlines] tells of both.
//   - F3. Route and count stand on the row. From the second on the lead is told; the
//     fourth, and any that goes back, goes to an arbiter. All of it is a setting.
//   - F4. Acknowledging and resolving each have a requirement, an owner and clocks,
//     where a rule parts them.
//   - F5. Whoever is consulted helps at a cost of their own and is credited; the owner
//     stays answerable.
//   - F6. Who may speak is decided once, for owning and for each reply: the
//     owner's accounts, the account's [inquiry.Voice] and the rule's have to allow
//     it. They stand in the plan and are hard. [Speaks] is that half of the gates.
//   - F7. Where a rule asks for an [Approval], no reply goes out that somebody
//     else has not approved, and nobody approves their own.
//   - H2. Every choice carries its record: the rule, the chosen owner and the
//     next three with the parts of their scores, and how many each gate held
//     back. An explanation completes it; apply the change that it names and
//     that owner is chosen, leave out any step and they are not.
//
// # Capacity and shifts
//
// An owner has one capacity and each channel a cost, whatever the department. An
// owner's load is the sum of what is in hand: offers and ownership at their
// cost, work that waits at the channel's WaitingCost, and wrap-up at what
// the work took when it ended. [inquiry.Owner.Caps] limit within that how much of a
// channel is in hand at a time, at least 1: three chats and one call. A cap with
// Alone also keeps everything else away while such work is in hand, and such work
// away while anything else is in hand but what is interruptible. Work that waits
// at a cost of its own counts under no cap, nor does a duty beside an inquiry but
// its hand-off: to help with a call is none. The gate of the caps is named channel.
//
// A channel that is Interruptible, such as email beside chat and phone, does not
// keep other work away: that sees the load without it. In the other direction
// nothing is special: an email comes only where there is room beside the chats.
// What is interrupted stays with its owner, and its clocks run on.
//
// Work that waits (for the customer, for others, or for a time) and wakes takes its
// full cost again. If that is more than its owner can hold beside everything
// else, or more than a cap allows, the rule's Waking decides: keep leaves it with
// them, flagged on the row (Over) and in the journal (overfilled), and no
// automatic work comes until there is room; requeue gives it back to its queue
// with its age and clocks, where its owner is the previous owner, and comes first
// among those who have room. What owners take up again themselves they keep
// either way, and so does the sink.
//
// WrapUp is how long what the work took stays taken after its owner resolved it or
// gave it back, until the time is over or the owner says that they are done
// ([inquiry.EndWrapUp]). It also ends when they sign off, leave the roster or get
// the same inquiry again, and at the latest when the inquiry is closed. What is
// taken from an owner, and what the sink resolves for them, has none.
//
// A shift is the open time of the policy's calendar that [inquiry.Owner.Shift]
// names. Off shift the gate is shut, and so it is BeginBefore ahead of the end, to
// the nanosecond; hours that follow without a gap, also over midnight, are one
// shift, which ends at the end of the last. When a shift ends, live offers to its
// owner are revoked. The work in hand is kept, or with ShiftEnd requeue goes back to
// its queue with its age and clocks; what waits stays, and goes back if it wakes while its
// owner is off shift. The sink keeps its work. A policy or a roster that
// ends somebody's shift at once has the same effects at once.
//
// # Settings
//
// A rule's [Settings] are laid over those around it: what it leaves empty it
// inherits, from its parent, then from the rules that went on before it, then
// from [Policy.Default], then from the library.
//
//   - Skills: each with a minimum level, below which an owner does not
//     qualify, and a wanted one, at which the fit is full; 1 to 5. A soft one
//     expires; the same skill may be asked for hard at a low level and soft at
//     a higher one. Setting them replaces the inherited ones; an empty list asks
//     for none. Default: none.
//   - AnyOf: groups of skills, of each of which the owner must have one.
//   - Authority: what the owner must be allowed to decide, such as refunds up
//     to 200.
//   - AnyLanguage: whether the owner need not speak the customer's language.
//     Default: they must, where it is known. An owner without languages
//     speaks all of them. LanguageSoft lets that demand expire.
//   - Departments: the owner must be in one of them. An empty list lifts an
//     inherited restriction. DepartmentsSoft makes them preferred ones, for some
//     time. Default: anybody.
//   - Voice: who may speak, beside what the account itself says: owners, members
//     of departments, whoever has a skill at a level; and which affiliations.
//     Default: the account's voice alone.
//   - Approval: the skills, authority or departments that it takes to approve a
//     reply, by when (default 30m), and what that takes of the approver's
//     capacity, 1 to [MaxCost] (default: half of the inquiry's cost). Default:
//     nobody has to.
//   - Arbiter: who decides on contested replies: lead, on call, a role or the
//     sink. Where that is nobody, or the reply's author, the sink does, who may at
//     any time. Default: the lead.
//   - Assist: help that is asked for from the start, once somebody first becomes
//     answerable: a consultation for each audience that the author is beside the
//     one that leads. At most 8. Default: none.
//   - Home: the department that answers while there is no owner. Default: the
//     first of Departments.
//   - Priority: -[MaxPriority] to [MaxPriority], higher is more urgent. It
//     breaks ties of the waiting order; urgency itself is a tighter target.
//   - Targets: by when, in the open time of a calendar. They replace inherited
//     ones of the same kind and leave the other kinds alone. Tiers make a
//     target depend on the priority, and a rule for an audience has targets of
//     its own. What starts, stops and pauses each kind is [sla.LifeOf].
//   - Ladder: who is told of a breach, and when: the owner, the department's
//     lead, whoever a rotation has on call, the holder of a role, and in the
//     end the sink. Default: [DefaultLadder].
//   - Assignment: by offer, which the owner accepts or declines; direct; or by
//     pull, which pushes nothing: it waits until somebody takes it, with its
//     clocks and its ladder.
//   - OfferFor: how long an offer lives. Default 2m.
//   - Offers: to how many it is offered at once, 1 to [MaxOffers]; [Broadcast] is
//     everybody who passes, up to that. Default 1. All of them have the room
//     reserved: of a broadcast to a team of which each holds one call, no second
//     call rings before the first is answered.
//   - ConfirmFor: for what may fail after it was accepted, such as a call that
//     must connect. Acceptance revokes the other offers and keeps this one, with
//     the capacity that it reserves, until the host says [inquiry.Confirm]; told
//     to have failed, or not told in time, it goes back to its queue. The clocks
//     and the ladder go on meanwhile. It holds for what is taken and for hand-offs,
//     too, and not for direct assignments and the other duties beside an inquiry,
//     which connect nobody. Default: nothing to confirm.
//   - Weights: of the parts of the score, 0 to [inquiry.MaxWeight] each.
//     The defaults are a thousandfold apart, so that each part only breaks the
//     ties of those before it: affinity, fit, scarcity, utilisation, idleness.
//     Two parts have no weight by default, and cost nothing then:
//     overqualification, of which a level above the wanted one takes a quarter
//     ([Parts] has the formula), and the bonus, 0 to 999, which a scorer of the
//     host gives ([inquiry.Bonus]). A weight of 1e7 puts either between fit and
//     scarcity.
//   - DelayCost and Handling: what waiting costs, and how long the work is
//     expected to take, for the order by cost. Defaults 1 and 10m.
//   - Acknowledge: whose duty it is to acknowledge, what that takes and by when.
//     Default: whoever has the inquiry; Same goes back to that below a rule that
//     gave it away. Its target is the rule's acknowledge target, or else as long as
//     its resolve target; its cost the channel's.
//   - Consult: what help takes, by default half of what the inquiry takes, offered,
//     within 1h.
//   - Handoffs: how long one may take (15m), from which on the lead is told (2), how
//     many there can be (3) and who settles the next (the lead; the sink where that is
//     nobody); -1 is never. See [DefaultHandoffs]. Whoever is named has the whole time
//     to answer; of others, one after the other is asked for as long as OfferFor. The
//     sink has what it is handed at once, as no gate keeps it from owning anything; so
//     it has what it takes.
//   - DeclineFor and ExpireFor: for how long who declined it, or let the offer
//     expire, is passed over. Defaults 30m and 10m.
//   - UndeliveredFor, ReleaseFor, UnconfirmedFor: the same for an owner whom the
//     offer did not reach, who gave the inquiry back, or whose acceptance was not
//     confirmed. Defaults: as ExpireFor, as DeclineFor, 5m.
//   - SoleFor: the same for anybody while everybody who qualifies is passed over.
//     Default 2m; as long as the others, it has no effect.
//   - HoldFor: how long it waits for a previous owner who is full. Default: not
//     at all.
//   - AwaitFor: how long it waits for the customer, for a third party or for a
//     time of its owner's choice at most. Default 72h.
//   - ReopenFor: how long after its resolution a message reopens it. Default 72h.
//   - Waking: keep or requeue what wakes while its owner is full. Default: keep.
//   - WrapUp: how long after its end the work still takes of its owner's capacity.
//     Default: the channel's, and there not at all.
//   - BeginBefore: how long before the end of their shift somebody gets the work at
//     the latest. Default: [Presence].BeginBefore, and there up to the end.
//   - ShiftEnd: keep or requeue work in hand at the end of its owner's shift.
//     Default: keep.
//   - OnChange: keep, reroute or split; see B9. Default: keep.
//   - KeepOwner: whether an inquiry that comes to the rule under way stays with the
//     owner that it has, if they have what the rule asks for without what would
//     expire of it. Default: it goes to the queue, where they come first.
//
// Durations are written as text, "1h30m", in real time; only targets, the
// levels of a ladder and the silence limit count the open time of a calendar. 0 means: inherit, or the
// default; a setting cannot be lowered to 0 again below a rule that set it.
//
// The policy as a whole adds: the waiting Order; Accounts and Precedence; Departments with their leads
// and limits; Calendars; Rotations and Roles, whom a ladder can turn to, asked as
// the policy in force has them; Channels with their cost, 1 to [MaxCost], default
// [DefaultCost], where by convention a capacity of 100 is a full plate, with their waiting cost,
// 0 to the cost, default the cost, with their wrap-up, and whether they are interruptible;
// Limits, token buckets of at least one event and a burst of at least one, that
// delay and never drop: of the engine, each owner, each account, each channel
// (and of certain ones, Limits.Accounts and Channel.Limit) and of a department;
// the UtilisationWindow, a minute to a month, default 1h;
// Presence, when an owner counts as gone, and the [Ramp] of
// who comes online: a Burst of at least one at once, then one more after every
// Per, above 0, until For is over, default 30m; ThreadFor and
// ReviewAfter; and the Sink, where every ladder ends.
//
// # Accounts and audiences
//
// An [Account] is one of our handles. Its Voice says who may speak through it; an
// owner needs that and an own list ([inquiry.Owner.Accounts]) that does not rule
// it out. An agency whose people must not answer for a legal account is kept
// from it by the affiliations that the voice takes, however skilled they are;
// whoever gets such an inquiry by hand may own it and is refused a reply with
// [inquiry.NoVoice]. All of that is part of the plan. The policy in force is asked
// only of replies that were seen on the platform under another account.
//
// SignOff is what a reply through the account ends in, such as "^{initials}": the
// Engine adds it once, after the text's author is known and before the reply
// leaves; what is stored, and the digest in the journal, is what left.
//
// Answers says what the account is there for. [Compiled.Answering] is the
// information booth: which account is this for? An inquiry that arrived at an
// account that does not answer it is routed with a Redirect, which its owner is
// told with the offer and an explanation tells; nothing is sent by itself.
//
// Precedence says which audience leads, of an author who is several things to us.
// With it, rules match by the one that leads, and Match.AnyAudience by any. The
// rule of the leading audience says who leads (its requirement), who assists
// (Assist) and who speaks (Voice). Which one led and why stands in the routing
// event, the plan, the decision and the explanation, of authors with several
// audiences only.
//
// # Triage
//
// A [Triage] takes in what screening is less sure of than it wants, 1 to 100
// percent by [inquiry.Facts].Confidence; what states none is not held up. It has
// settings of its own, over the default rule's, and its rule is named triage. Whoever
// has such an inquiry says with [inquiry.Classify] what it is, which routes it for
// real; the customer's clocks run from the beginning.
package routing
