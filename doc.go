// Package answerable is the root of a library for companies whose customers
// write to them on many platforms: it finds, for each inquiry, the person with
// the right skills to answer it, and sees to it that nothing is forgotten.
//
// It has no code of its own. Read the packages in this order:
//
//  1. inquiry: what has to be answered (inquiries, messages),
//     who can answer (owners), what can be asked for (commands), what
//     happened (events), and the fold that makes a state of a journal.
//  2. sla: calendars of opening hours, targets, clocks, ladders. Pure functions
//     of time.
//  3. routing: the policy, what it makes of an inquiry (the plan), the gates that
//     an owner passes, the score that ranks them, the record of a decision and
//     its explanation; routing/policyfile, a module of its own, has policies as
//     YAML files, with tests and lint. routing/simulate tries one out in virtual
//     time; routing/report, a module of its own, makes pages of what it found, and
//     draws policies.
//  4. routing/dispatch: the Engine, which takes messages in, decides, commits
//     and acts.
//  5. routing/simulate and routing/replay: a policy tried out before it is in
//     force, on made-up days and on what really happened.
//  6. adapters: the contracts for platforms, stores and notification channels;
//     adapters/memory, adapters/jsonl, adapters/lognotify and adapters/screening
//     come with it, adapters/sqlite and adapters/postgres are modules of their
//     own; adapters/adaptertest proves an adapter right.
//
// # The story
//
// A message comes in through a source. Screeners turn its text into facts: a
// kind, labels, a language, a reach. The core, which never sees the text,
// finds the inquiry that it belongs to or opens one, and has the policy make a
// plan: the rule that matched, the skills that it takes, the deadlines. The
// inquiry queues; its clocks run. Whoever is present, on shift, skilled enough
// and not full may get it; the best of them is offered it, or simply has it.
// They accept, answer, wait for the customer, resolve. If they do not, offers
// expire, deadlines warn and are breached, the ladder is climbed, and at its
// end stands an owner who is reminded until somebody acts. All of this is in
// one journal, from which everything can be explained and replayed.
//
// # Guarantees
//
// The numbers are stable, and tests bear them.
//
// Nothing falls into a black hole.
//
//   - A1 A message is accepted once Submit, or a source's deliver, returns nil.
//     From then on it is never lost.
//   - A2 At every commit each open inquiry has a place (an owner, an offer, a
//     queue, or the sink's review) and a next deadline. Sweep names every
//     exception.
//   - A3 Every ladder ends in a named sink, who is reminded until somebody acts.
//   - A4 An inquiry that nobody could ever qualify for is stranded: marked and
//     raised to the sink at once.
//   - A5 Rate limits delay, with a known wake-up. They never drop.
//   - A6 Intake is idempotent by pool, source and external id, in whatever order
//     revisions come; a higher one is an edit; messages of one thread open one inquiry.
//   - A7 Who is not seen any more gets no new work; what they had goes back to its
//     queue when they stay silent, sign off or leave, with its age and clocks.
//   - A8 Screening never drops: what needs no answer is set aside with a reason,
//     reviewed, and can be restored.
//
// Policy.
//
//   - B1 Rules are tried from the top, the first match wins unless it continues,
//     children inherit; rule and policy version stand on the inquiry.
//   - B2 An inquiry keeps the plan that it was given. A policy with faults is
//     refused whole, with all of them listed.
//   - B4 A requirement's parts are hard or soft; soft ones expire. Authority, voice
//     and exclusions are never relaxed.
//   - B5 Expiry counts from the first attempt, and nothing turns it back.
//   - B6 Relaxing keeps whoever was eligible, and prefers better matches still.
//   - B7 A part that nobody could meet is dropped at once.
//   - B8 Skills decide. Titles do not exist, and departments count only where a
//     rule asks for one.
//
// Choosing.
//
//   - C1 Gates come before scores: one predicate, used everywhere, which gives its
//     reasons.
//   - C2 Scores are integers with named parts; ties end in the owner's id. The same
//     inputs choose the same owner on every platform.
//   - C3 The waiting order decides which inquiry is served, the score by whom.
//   - C4 By default the earliest unmet deadline is served first, breached ones
//     included.
//   - C5 A change of presence, capacity, roster, shift, limit or policy is acted
//     upon at once.
//   - C6 The gates are asked at the moment of assignment.
//   - C7 The same customer comes back to the same owner where that owner passes the
//     gates; a wait for them ends before the deadline does.
//   - C8 An owner has one capacity for all channels and departments; each channel
//     has its cost.
//   - C10 Capacity is reserved in the commit of the offer and given back in the
//     commit that ends it.
//
// Offers and limits.
//
//   - D1 Acceptance ends every other offer in the same commit; a late one is
//     refused, with the reason.
//   - D2 Who declines says why; who lets an offer pass is suspect until they act.
//     Either way the inquiry goes back to its queue.
//   - D4 No heartbeat, no new work.
//   - E1 Over any window there are no more dispatches than the rate allows plus the
//     burst.
//   - E2 A limited inquiry knows when it wakes; limits outlive a restart.
//
// Speaking.
//
//   - F6 One voice: only the owner answers, through an account they may speak
//     through, having seen the newest message, unless they insist.
//   - F7 A reply goes out at most once; one of unknown fate is never sent again by
//     itself.
//
// Deadlines.
//
//   - G1 There are six clocks (acknowledge, first response, next response, update,
//     resolve, and the department's own), and what starts, stops, pauses,
//     resumes, resets and cancels each is declared as data.
//   - G2 A deadline is a pure function of target, calendar, start and pauses, exact
//     to the nanosecond.
//   - G3 Used up at closing time is due at closing time.
//   - G4 A range of hours over midnight belongs to the day on which it opens.
//   - G5 Where clocks change, elapsed time is real time; an opening in hours that
//     are skipped is the first instant after them.
//   - G6 A calendar that never opens and a deadline beyond the horizon are errors
//     at validation.
//   - G7 A breach is recorded although nobody acts, with the deadline as its time;
//     an answer given in time but learned of late withdraws it.
//   - G8 Warnings fire once each, in order.
//   - G9 Each level of the ladder is reached once per activation, in order; nobody
//     on call passes on at once and is reported; low priority escalates too,
//     slower.
//   - G10 Acknowledged is not answered.
//   - G11 A target, calendar or priority changed while a clock is open moves its
//     deadline, with the pauses kept, and is journaled.
//
// Handing over.
//
//   - F2 A hand-over restarts the department's own clock and none of the
//     customer's.
//
// Truth.
//
//   - H1 Every change is one event in one journal; the state is its fold; every
//     command carries an idempotency key.
//   - H2 Every assignment carries its decision record and can be explained in
//     full, why not somebody else included.
//   - H3 The journal replays to the same decisions, byte for byte.
//   - H4 Every append is conditional on the leader's epoch and the journal's head.
//   - H5 Notifications arrive at least once, with a stable id; an undeliverable one
//     becomes visible.
//   - H6 What is personal is apart from the journal and, sealed under a key per person,
//     unreadable everywhere once the key is forgotten; every decision stands.
//   - H7 Pools are apart in every key.
//   - H8 Events carry their format; old journals are read by newer versions.
package answerable
