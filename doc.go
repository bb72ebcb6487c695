// Package answerable is the root of a library for companies whose customers
// write to them on many platforms. It finds the person with the right skills
// for each inquiry, and sees to it that none is forgotten.
//
// It has no code of its own. Read the packages in this order:
//
//  1. inquiry: the model. What has to be answered (inquiries, messages), who
//     can answer (owners), what can be asked for (commands), what happened
//     (events), and how events fold into the state of an inquiry.
//  2. sla: calendars of opening hours, targets, clocks, ladders. Pure functions
//     of time.
//  3. routing: the policy, the plan that it makes of an inquiry, the gates that
//     an owner has to pass, the score that ranks them, the record of a decision
//     and its explanation.
//  4. routing/dispatch: the Engine, which takes messages in, decides, commits
//     and acts.
//  5. adapters: the contracts for platforms, stores and notification channels.
//     adapters/memory, adapters/jsonl, adapters/lognotify and
//     adapters/screening come with the root module; adapters/sqlite and
//     adapters/postgres are modules of their own. adapters/adaptertest tests an
//     adapter of your own; adapters/seal encrypts what is personal.
//  6. routing/policyfile, a module of its own: policies as YAML files, with
//     tests and lint.
//  7. routing/simulate and routing/replay: a policy tried out before it is in
//     force, on made-up days and on what really happened. routing/report, a
//     module of its own, makes pages of what a simulation found, and draws
//     policies.
//  8. routing/verify: proves of a journal, or of a whole store, that it kept
//     the guarantees below.
//
// # The story
//
// A message comes in through a source. Screeners turn its text into facts: a
// kind, labels, a language, a reach. The core, which never sees the text, finds
// the inquiry that the message belongs to, or opens one, and has the policy
// make a plan for it: the rule that matched, the skills that it takes, the
// deadlines. The inquiry waits in a queue, and its clocks run.
//
// Whoever is present, on shift, skilled enough and not full may get it. The
// best of them is offered it, or simply has it. They accept, answer, wait for
// the customer, resolve. If they do not, offers expire, deadlines warn and are
// breached, and the ladder is climbed. At its end stands an owner who is
// reminded until somebody acts.
//
// All of this is in one journal, from which everything can be explained and
// replayed.
//
// # Guarantees
//
// The numbers are stable; comments and tests refer to them.
//
// Nothing falls into a black hole.
//
//   - A1 A message is accepted once Submit, or a source's deliver, returns nil.
//     From then on it is never lost.
//   - A2 At every commit each open inquiry has a place (an owner, an offer, a
//     queue, the sink's review, or a lead that it is merged into) and a next
//     deadline. Sweep names every exception.
//   - A3 Every ladder ends in a named sink, who is reminded until somebody
//     acts.
//   - A4 An inquiry that nobody could ever qualify for is stranded: marked and
//     raised to the sink at once.
//   - A5 Rate limits delay, with a known wake-up. They never drop.
//   - A6 Intake is idempotent by pool, source and external id, in whatever
//     order revisions come; a higher revision is an edit; messages of one
//     thread open one inquiry.
//   - A7 An owner who is not seen any more gets no new work. What they had goes
//     back to its queue, with its age and clocks, when they stay silent, sign
//     off or leave.
//   - A8 Screening never drops: what needs no answer is set aside with a
//     reason, reviewed, and can be restored.
//
// Policy.
//
//   - B1 Rules are tried from the top, and the first match wins unless it
//     continues; children inherit. The rule and the policy's version are kept
//     on the inquiry.
//   - B2 An inquiry keeps the plan that it was given. A policy with faults is
//     refused whole, with all of them listed.
//   - B3 Lint compares a policy with its roster, and what it says is true.
//   - B4 A requirement's parts are hard or soft; soft ones expire. Authority,
//     voice and exclusions are never relaxed.
//   - B5 Expiry counts from the first attempt to find an owner, and nothing
//     turns it back.
//   - B6 Relaxing keeps whoever was eligible, and still prefers better matches.
//   - B7 A part that nobody could meet is dropped at once.
//   - B8 Skills decide. Titles do not exist, and departments count only where a
//     rule asks for one.
//   - B9 Each new message is screened again; the rule says whether a changed
//     intent keeps the owner, routes again, or splits off a new inquiry.
//
// Choosing.
//
//   - C1 Gates come before scores: one predicate, used everywhere, which gives
//     its reasons.
//   - C2 Scores are integers with named parts; ties end in the owner's id. The
//     same inputs choose the same owner on every platform.
//   - C3 The waiting order decides which inquiry is served, the score by whom.
//   - C4 By default the earliest unmet deadline is served first, breached ones
//     included.
//   - C5 A change of presence, capacity, roster, shift, limit or policy takes
//     effect at once.
//   - C6 The gates are asked at the moment of assignment.
//   - C7 The same customer comes back to the same owner if that owner passes
//     the gates; a wait for them ends before the deadline does.
//   - C8 An owner has one capacity for all channels and departments; each
//     channel has its cost.
//   - C9 Waiting work has a cost of its own; if it wakes while its owner is
//     full, the policy says whether they keep it.
//   - C10 Capacity is reserved in the commit of the offer and given back in the
//     commit that ends it.
//   - C11 An assignment by hand may exceed capacity; it is flagged, and blocks
//     further automatic work.
//
// Offers and limits.
//
//   - D1 Acceptance ends every other offer in the same commit; a late one is
//     refused, with the reason.
//   - D2 An owner who declines says why; one who was asked alone and lets the offer
//     expire is suspect until they act. Either way the inquiry goes back to its
//     queue.
//   - D3 An owner who declined is not asked again for a while, unless everybody
//     who qualifies is passed over.
//   - D4 No heartbeat, no new work.
//   - D5 An owner who comes online to a backlog is eased into it.
//   - E1 Over any window there are no more dispatches than the rate allows plus
//     the burst.
//   - E2 A limited inquiry knows when it wakes; limits outlive a restart.
//
// Speaking, and working together.
//
//   - F1 Until a hand-off is accepted, the giver is answerable.
//   - F2 A hand-off restarts the department's own clock and none of the
//     customer's.
//   - F3 An inquiry that is handed about goes to an arbiter.
//   - F4 To acknowledge and to resolve are two duties, which a rule can give to
//     two owners.
//   - F5 Whoever is consulted helps and is credited; the owner stays
//     answerable.
//   - F6 One voice: only the owner answers, through an account they may speak
//     through, having seen the newest message, unless they insist.
//   - F7 A reply goes out at most once; one of unknown fate is never sent again
//     by itself.
//   - F9 What is merged, split or linked loses no message, no reply and no
//     deadline, and can be undone.
//
// Deadlines.
//
//   - G1 There are six clocks (acknowledge, first response, next response,
//     update, resolve, and the department's own), and what starts, stops,
//     pauses, resumes, resets and cancels each is declared as data.
//   - G2 A deadline is a pure function of target, calendar, start and pauses,
//     exact to the nanosecond.
//   - G3 What is used up exactly at closing time is due at closing time.
//   - G4 A range of hours over midnight belongs to the day on which it opens.
//   - G5 Where clocks change, elapsed time is real time; an opening in hours
//     that are skipped is the first instant after them.
//   - G6 A calendar that never opens and a deadline beyond the horizon are
//     errors at validation.
//   - G7 A breach is recorded although nobody acts, with the deadline as its
//     time; an answer given in time but learned of late withdraws it.
//   - G8 Warnings fire once each, in order.
//   - G9 Each level of the ladder is reached once per activation, in order. If
//     nobody is on call, that is reported and the next level is reached at
//     once. Low priority escalates too, slower.
//   - G10 Acknowledged is not answered.
//   - G11 A target, calendar or priority that changes while a clock is open
//     moves its deadline, keeps its pauses, and is journaled.
//
// Truth.
//
//   - H1 Every change is one event in one journal; the state is its fold; every
//     command carries an idempotency key.
//   - H2 Every assignment carries its decision record and can be explained in
//     full, including why it was not somebody else.
//   - H3 The journal replays to the same decisions, byte for byte.
//   - H4 Every append is conditional on the leader's epoch and the journal's
//     head.
//   - H5 Notifications arrive at least once, with a stable id; an undeliverable
//     one becomes visible.
//   - H6 What is personal is kept apart from the journal and, sealed under a
//     key for each identity of a person, is unreadable everywhere once that key
//     is destroyed; every decision stands.
//   - H7 Pools are separate in every key.
//   - H8 Events carry their format; old journals are read by newer versions.
package answerable
