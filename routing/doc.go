// Package routing decides who answers an inquiry, and can say why.
//
// # The story
//
// A [Policy] is plain data: rules that match inquiries, and settings that say
// what a matched inquiry asks of an owner, by when, and how it gets to one.
// [Compile] makes it ready for use, or refuses it and lists every [Fault].
// [Lint] compares a policy with the roster that is to work by it, and finds
// what compiles but is probably not meant: rules that no inquiry reaches,
// requirements that nobody meets, opening hours without anybody on shift.
//
// [Compiled.Plan] makes an [inquiry.Plan] of the facts that screening found:
// the rule that matched, the requirement, the targets, the cost, the weights.
// Nothing that happens afterwards needs the policy. The plan is journaled, and
// inquiries that are alike share one.
//
// With a plan, everybody on the roster is a [Candidate]. First come the gates
// ([Check]), which say who may not have the inquiry now, and why. Then those
// who may get a score ([ScoreOf]) and are ranked by it ([Better]). The first
// one is chosen, and a [Decision] is recorded with the offer or assignment.
//
// Later somebody asks why. [Explain] takes a [Snapshot] of how things stood,
// put together from the journal, and returns an [Explanation]: what was decided
// and by which rule, how everybody stood, why it was not a certain owner, and
// the smallest [Change] that would have made them the owner. A snapshot of the
// present explains why an inquiry still waits. [ExplainDeadlines] does the same
// for the clocks.
//
// Most programs only write a Policy and give it to package dispatch, whose
// Engine calls the rest. Everything here is a pure function of its arguments,
// computed in integers. The package reads no clock, does no I/O, and does not
// know how offers travel.
//
// # Rules and settings
//
// Rules are tried from the top, and the first match wins. The rules within a
// rule are tried once it has matched; if none of these matches, the rule itself
// does. A rule with Continue lets the rules after it be tried as well. The last
// rule that matched gives the inquiry its rule's name, and the others are the
// plan's Trail. What no rule matches falls to the default rule.
//
// A rule's [Settings] say only what differs. The settings of all rules that
// matched are laid over one another in the order in which they matched: those
// within a rule over that rule, and later ones over those that continued. Below
// them are [Policy.Default] and the library's defaults, which the fields of
// Settings name.
//
// Durations are written as text, such as "1h30m", and count real time. Only
// targets, the levels of a ladder and the silence limit count the open time of
// a calendar. A duration of 0 means that it is inherited, so a rule cannot set
// it back to 0 within a rule that has set it.
//
// # Capacity
//
// An owner has one capacity for all channels and departments, and each channel
// has a cost. An owner's load is the sum of what they have in hand: offers and
// owned inquiries at their cost, waiting work at the channel's WaitingCost, and
// wrap-up at what the work took when it ended.
//
// [inquiry.Owner.Caps] limit how much of one channel is in hand at a time, such
// as three chats and one call. With Alone, such work also keeps everything else
// away, and comes only while nothing else is in hand but interruptible work.
// Waiting work that has a waiting cost counts under no cap. Nor do duties
// beside an inquiry, except the hand-off: helping with a call is not a call.
// The gate of the caps is called channel.
//
// An Interruptible channel, such as email beside chat and phone, does not keep
// other work away: other work sees the load without it. The reverse does not
// hold: an email comes only where there is room beside the chats. Work that is
// interrupted stays with its owner, and its clocks run on.
//
// When waiting work wakes, it takes its full cost again. If that is more than
// its owner can hold, or than a cap allows, the rule's Waking decides. With
// keep it stays with its owner, is flagged on the row (Over) and in the journal
// (overfilled), and keeps automatic work away until there is room. With requeue
// it goes back to its queue with its age and clocks; its owner is its previous
// owner there, who comes first if they have room. What owners wake themselves
// they keep in either case, and so does the sink.
//
// After an owner has resolved an inquiry or given it back, WrapUp keeps what it
// took of their capacity for a while: until that time is over, or the owner
// says that they are done ([inquiry.EndWrapUp]), signs off, leaves the roster
// or gets the same inquiry again, and at the latest until the inquiry is
// closed. There is no wrap-up for work that is taken from an owner, or that the
// sink resolves for them.
//
// # Shifts
//
// An owner is on shift while the calendar that [inquiry.Owner.Shift] names is
// open. Hours that follow each other without a gap, also over midnight, are one
// shift. The shift gate is shut outside the shift, and already BeginBefore its
// end, to the nanosecond.
//
// When a shift ends, live offers to its owner are revoked. The work in hand
// stays with them or, with ShiftEnd requeue, goes back to its queue with its
// age and clocks. Waiting work stays, and goes back if it wakes while its owner
// is off shift. The sink keeps its work. A new policy or roster by which
// somebody's shift is over has the same effects at once.
//
// # Duties beside an inquiry
//
// To resolve an inquiry is its owner's duty. Whatever else is owed on it is an
// inquiry of its own beside it, whose row names its Parent and its Duty. It is
// queued, offered, declined, limited, escalated, stranded and explained like
// any other. It has no customer: messages and replies belong to its parent, and
// a command that concerns these is refused with [inquiry.NotForDuty]. It is
// closed once it is done or there is nothing left to do, at the latest with its
// parent. Whoever has either of the two is told.
//
//   - To acknowledge: a rule can give this to somebody else than the resolving
//     ([Acknowledging]). Acknowledging the duty stops the parent's acknowledge
//     clock. If the parent's owner acknowledges or answers first, the duty
//     ends.
//   - To consult: an owner asks for help by name, or by the skills that it
//     takes ([inquiry.Consult]), and stays answerable. Help takes of the
//     helper's capacity ([Consulting]). The helper ends it with an
//     [inquiry.Resolve], whose note is the answer; the owner can end it with an
//     [inquiry.Withdraw]. Help is credited: the row names the latest helpers,
//     and the journal has a duty_ended event with the helper for each time.
//   - To approve a reply, where a rule asks for that; see [Approval].
//   - To take over: a hand-off.
//
// # Hand-offs
//
// By an [inquiry.Handoff] an owner asks somebody else to take over. The giver
// stays answerable until the receiver accepts; until then capacity is taken of
// both. If the receiver is named, the command is refused with the gates if they
// could not have the inquiry now, and otherwise they have the whole time
// ([inquiry.Handoffs].Within) to answer. If it is asked for by skills or
// departments, these take the place of what the plan asks for, without changing
// the plan; those who can are asked one after the other, each for OfferFor,
// except those who had the inquiry before.
//
// The hand-off ends without effect if the one who was named declines, lets the
// offer expire or leaves, if the giver withdraws it, if the inquiry is
// resolved, released, assigned or routed again, or when Within is over. Whoever
// declined stays passed over for the inquiry. If the giver leaves, the inquiry
// goes back to its queue.
//
// Anyway, in the command or in the rule, waives the skills, the language and
// the department of a named receiver and waits for them to pass the other
// gates. Account, authority, size and exclusions are never waived. The sink
// gets what it is handed at once, since no gate keeps it from owning anything;
// so it gets what it takes.
//
// A hand-off back to somebody who had the inquiry, or one beyond Max, goes to
// the arbiter, who becomes the owner past the gates. Counting begins again
// there.
//
// # Accounts
//
// An [Account] is one of our handles. To speak through it, an owner must be
// admitted by its Voice, and their own list ([inquiry.Owner.Accounts]) must not
// rule it out. By the affiliations of its Voice, an account can be kept from an
// agency whose people are skilled but must not answer for it. An owner who was
// assigned by hand and may not speak is refused a reply with [inquiry.NoVoice].
// All of this is part of the plan; the policy in force is asked only of replies
// that were seen on the platform under another account.
//
// SignOff is what a reply through the account ends in, such as "^{initials}".
// The Engine adds it once, when the reply leaves; the stored text and the
// digest in the journal include it.
//
// Answers says what the account is for. [Compiled.Answering] tells which
// accounts answer a given inquiry. An inquiry that arrived at an account which
// does not answer it gets a Redirect: its owner sees with the offer which
// account does. Nothing is sent by itself.
//
// # Audiences
//
// Precedence says which audience leads if an author has several. With it, rules
// match by the audience that leads, and by any of them only through
// Match.AnyAudience. So the rule of the leading audience says who leads (its
// requirement), who assists (Assist) and who speaks (Voice). For authors with
// several audiences, the routing event, the plan, the decision and the
// explanation say which one led and why.
//
// # When the customer turns to another matter
//
// Each message of the customer is screened, and OnChange of the inquiry's rule
// says what to do when the customer turns to something else (B9): keep the
// inquiry as it is, reroute it, or split the message off into an inquiry of its
// own that is linked to the first.
//
// Only news counts: a message without a label that the inquiry does not have
// yet changes nothing, so saying thanks or asking for news does not. Two rules
// of the policy in force are compared: the one for what was known before, and
// the one for the message alone, with the audiences and the reach known of
// both. The default rule and the triage say nothing about an intent. A label
// that leads nowhere by itself, such as urgent, is looked at together with
// those known before; by itself it splits nothing off.
//
// An inquiry that is routed again keeps the customer's clocks with their starts
// and pauses. What is not promised any more ends; what is promised newly counts
// from the event that it measures from. The department's clock starts over if
// the department changes.
//
// # Triage
//
// With a [Triage], inquiries about which screening was not sure enough go to a
// rule of that name first; its settings are laid over the default rule's.
// Whoever has such an inquiry says with [inquiry.Classify] what it is, and it
// is routed by that; the customer's clocks count from the beginning all the
// time. Screening states its certainty in [inquiry.Facts].Confidence; what
// states none is not held up.
//
// # Guarantees
//
//   - B1 Rules are tried from the top and the first match wins, unless it
//     continues. Everything falls to the default rule in the end, which must
//     have a resolve target.
//   - B2 A policy with a fault is refused whole, and all faults are named at
//     once, each with its path. A plan is complete: it means the same when the
//     policy that made it is gone. A policy without a version is named by a
//     digest of its content.
//   - B3 What [Lint] says is true: it compares rules by all of their
//     conditions, and no inquiry reaches a rule that it calls unreachable or
//     shadowed. It looks at cover in the year from the given instant on, by
//     weekday or by date. Kinds, audiences and channels are open lists: a word
//     that looks misspelt is a notice, no fault.
//   - B4 The parts of a requirement are hard or soft: skills with levels,
//     groups of skills, the language and the departments can be soft, each with
//     an expiry of its own ([inquiry.Soft]). The account, the authority to
//     decide and exclusions are always hard.
//   - B5 Expiry counts from the first attempt to find an owner, and what is
//     dropped stays dropped: no expired offer, decline, pause or changed target
//     turns that back.
//   - B6 Dropping a part keeps whoever was eligible, and the part still counts
//     in the fit: better matches come first among all who may have the inquiry
//     then.
//   - B7 A soft part that nobody on the roster could meet together with the
//     others is dropped at once. An inquiry that nobody could have even then is
//     stranded at once.
//   - B8 Skills decide. Department, name and title count for or against nobody,
//     unless a rule asks for departments.
//   - B9 A change of intent does what the rule's OnChange says.
//   - C1 Gates come before scores. The gates are the constants of type [Gates];
//     one predicate returns all that hold an owner back, and matching,
//     explaining and proving ask that same one. [Qualifies] asks the lasting
//     gates: where nobody passes these, the inquiry is stranded.
//   - C2 The parts of a score are integers from 0 to [Full], and so is their
//     weighted sum. Ties go to whoever has been idle for longer, then to the
//     lesser id, so that the same inputs choose the same owner on every
//     platform, in whatever order the owners are listed.
//   - C3 The waiting order decides which inquiries are served with the capacity
//     at hand; package dispatch keeps the queues. The score decides who serves
//     which: where several inquiries meet several free owners, the best pair
//     comes first, then the best of what is left, as long as everybody who was
//     to be served still can be. Since this compares scores of different rules,
//     keep their weights on one scale. The [Decision] lists owners who ranked
//     higher and were kept for another inquiry.
//   - C4 The default order is by deadline: the earliest unmet one first,
//     breached ones included, so that nothing overdue falls back. See
//     [inquiry.Order] for the others. Under ratio and cost the order changes as
//     time passes; it is the one of the instant at which somebody is free.
//   - C6 A gate is asked at the instant of the choice, with the state of that
//     instant.
//   - C7 A customer's previous owner gets the affinity part of the score and
//     so, by default, comes first among those who pass. Affinity opens no gate.
//     Holding an inquiry for a previous owner who is full is done once, and
//     ends before half of the time to the deadline is over.
//   - C8 What an owner holds is one sum over all channels and departments,
//     against one capacity. Work that is not interruptible comes only if it
//     fits beside what is not interruptible; interruptible work only if it fits
//     beside everything. So, apart from work by hand and work that woke, the
//     work that is not interruptible never exceeds the capacity, and the whole
//     exceeds it by no more than the interruptible work in hand.
//   - C9 Waiting work takes the waiting cost of its channel, and its full cost
//     once it wakes. If its owner is full then, it is kept and flagged or goes
//     back to its queue, as the rule says.
//   - C10 Capacity is taken with the offer or the assignment, and given back
//     with its end or, where there is wrap-up, with the end of that.
//   - C11 Work assigned by hand may exceed capacity and caps. It is flagged and
//     counts in full, so that it keeps automatic work away until there is room
//     again.
//   - D1 An inquiry has at most as many live offers as Offers says, each to
//     another owner, each reserving capacity; the first to accept has it.
//     Further offers of an inquiry are made with the capacity that inquiries
//     without an offer leave over, in the waiting order. When an offer ends,
//     the next best owner is asked at once.
//   - D2 Each kind of end has a back-off of its own, for one owner and one
//     inquiry, which doubles with each repetition up to eightfold; see
//     [BackOff]. Letting an offer expire makes an owner suspect only if they
//     were asked alone: of several, anybody may leave it to the others.
//   - D3 An owner who is passed over is not asked. Only if everybody who
//     qualifies is passed over does SoleFor take the place of the back-offs.
//     Being offline or full is no reason to ask them earlier: that passes, but
//     whoever said no has said no. [Particular] gates hold up nobody behind the
//     inquiry.
//   - D5 The login [Ramp] is a gate that opens at a known instant.
//   - E1 In any window of length t there are no more dispatches than
//     Events*t/Per plus Burst, to within a millionth of a dispatch: of the
//     engine, of an owner, of an owner's first department, of an account and of
//     a channel.
//   - E2 An inquiry that a limit holds waits with a known wake-up, and says
//     which limit by its name: "owner/anna", "department/press",
//     "account/@acme", "channel/chat", "engine". It never blocks what is behind
//     it and can be served. A restart, a reload and an outage give no free
//     burst.
//   - F1 A hand-off is proposed with a reason, and accepted, declined or timed
//     out. Until it is accepted the giver is answerable.
//   - F2 A hand-off restarts no clock that the customer feels, only the
//     department's own, if the department changes. [ExplainDeadlines] tells of
//     both.
//   - F3 The row has the number of hand-offs and their route. From the second
//     on the lead is told; the fourth, and any that goes back, goes to an
//     arbiter. Each of these is a setting.
//   - F4 Acknowledging and resolving each have a requirement, an owner and
//     clocks, where a rule separates them.
//   - F5 Whoever is consulted helps at a cost of their own and is credited; the
//     owner stays answerable.
//   - F6 Who may speak is decided in the same way for owning and for each
//     reply: the owner's accounts, the account's [inquiry.Voice] and the rule's
//     have to allow it. They stand in the plan and are hard. [Speaks] asks
//     these gates.
//   - F7 Where a rule asks for an [Approval], no reply goes out that somebody
//     else has not approved; nobody approves their own.
//   - H2 Every choice carries its record: the rule, the chosen owner and the
//     next three with the parts of their scores, and how many owners each gate
//     held back. An explanation completes it. Apply the change that it names,
//     and that owner is chosen; leave out any step of it, and they are not.
package routing
