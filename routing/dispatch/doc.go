// Package dispatch is the Engine: it keeps a pool of inquiries at work.
//
// An [Engine] takes messages in ([Engine.Submit], or from its sources), has
// them screened, lets the deterministic core decide who answers, commits what
// was decided together with everything that follows from it, and only then
// tells owners and sends replies. Owners act through [Engine.Do]. Time acts by
// itself: offers expire, deadlines warn and are breached, the sink is reminded,
// people who fall silent give their work back.
//
// # Three endings
//
// A request ends in one of three ways: done; refused, with an
// [inquiry.RefusedError] that says why; or pending, with an
// [inquiry.PendingError], which means that it is stored durably and will be
// decided, though not before the caller's patience ended.
//
// # What belongs together
//
// Two inquiries about the same matter are merged: one of them, the lead, is
// answered for both, whether or not they are of the same customer. The merged one
// is live and attached to the lead, its owner is free, and every message that
// belongs to it comes to the lead ([Engine.Messages] lists them all). Its clocks
// run on at the lead by its own plan: the earliest unmet deadline of all is what
// the lead is due at, an answer meets all of them, and a breach climbs the lead's
// ladder. Replies go out on the lead's channel. A reply of the merged one that is
// under way holds the merge up with [inquiry.ReplyUnderWay]; its drafts stay with it. A lead that is
// merged brings along what is merged into it. [inquiry.Unmerge], until the lead is
// closed, puts the merged one back into its queue with its clocks as they would
// stand; what was written to it meanwhile stays with the lead. When the lead
// closes, so do they.
//
// [Engine.Split] makes an inquiry of its own of some messages, with clocks that
// count from when they were written; an answer given before the split was the first
// inquiry's. Merging it back undoes it. [inquiry.Link] only notes that two inquiries belong
// together, on both, at most [inquiry.MaxLinks] each. [inquiry.Classify] corrects what
// screening found and routes anew; [inquiry.Details] stay what the first message told, the row's Facts are
// what it is routed by. All of these are refused with the reason where they make
// no sense; nothing of them is done by halves.
//
// A message that a colleague came across names them in FoundBy: they are its actor
// in the journal, stand in the row and the details, and are told when it is resolved.
//
// # Single writer
//
// One goroutine of one node leads a pool for a term. Every commit is
// conditional on the term's epoch and on the journal's head, so a node that
// was paused beyond its term cannot overwrite anything. When a commit fails, or
// whether it was kept is not known, the journal is asked, and what it lacks is written
// once more, in a new term if the first attempt might still arrive: within a term
// nobody else writes. Beyond it, or if somebody else may have led, the core is dropped
// and recovered from the store, and what is not in the journal is decided anew.
//
// A commit carries whatever waits, up to MaxBatch of the [Config]; nothing waits
// for others to come. Where as much again waits already, the core goes on with
// that while the store writes, has a store that is an [adapters.Preparer] prepare it,
// and hands it over when the commit before is kept: nobody is told of what is not
// durable. Whoever has many messages or commands at once gives
// them to [Engine.SubmitBatch] and [Engine.DoBatch]. Where many timers are due at
// once, a commit has at most 4,096 of them, and 1,024 while somebody waits.
//
// # Choosing
//
// At the end of each step what waits is paired with who is free, over everything
// that the step touched, whether work came in, an owner was freed, a shift began
// or a limit was lifted: all go the same way. The waiting order chooses who is
// served, the score who serves whom, in batches of at most 64 inquiries. An
// inquiry that is held, or excluded from everybody who is free, is passed over,
// at most 1,024 of them by a step in the queues that something happened to;
// then the journal has matching_paused, and the next step, at once, goes on
// there. Whatever happens in between is looked at first, from the beginning of
// the waiting order, with twice as many that may be passed over each time, so
// nothing starves and the order is kept. So it does once 256 offers or assignments
// were made in a step.
// After a change of the roster it is first found out of what waits who is stranded by
// now, at most some 4,096 in a step, with matching paused meanwhile; messages and
// commands go on being taken in.
//
// Of what goes back from owners, because they leave the roster, sign off, are silent,
// have their shift end or do not qualify any more, 256 inquiries do so in a step. What
// more they have stays theirs until its turn comes, in the next steps, at once, so that
// at every commit it has an owner who is on the roster; what of it was offered is not
// theirs to accept any more. The journal has work_returning then. Whoever signs on
// again before that, or qualifies again, keeps what is left.
// Whoever has more than that and leaves the roster is leaving: from then on they are
// asked nothing, and can neither accept, take nor be given anything; once nothing is
// left the journal has owner_left. Put on the roster again before that, they stay.
//
// A host's own judgement of who suits a message is a Scorer of the [Config]. It
// runs beside the screeners, and its bonuses are journaled with the facts.
//
// # Guarantees
//
//   - A1 Once Submit, or a source's deliver, returns nil, the message is stored.
//   - A2 Every open inquiry has a place and a next deadline; [Engine.Sweep]
//     names each one that has not.
//   - A6 Submitting the same message again, or an older revision of it, changes
//     nothing and leads to the same inquiry, or the lead that it was merged into, whether
//     or not these are closed by now; the same id with a higher revision is an edit.
//     One that calls a customer's message ours is an edit as well: it stays the
//     customer's. A reply of ours seen on the platform that a higher revision calls the
//     customer's comes in as theirs; one that stays ours is seen once more.
//   - A6 What is closed is not edited. A higher revision comes in then as what a
//     customer writes next: to an inquiry of theirs that is under way, or it opens one.
//     One that is ours, or is called that, is refused with [inquiry.NotFound].
//     The message goes along, since it is kept once, in its newest revision; older ones
//     that come in only then lead to where it is. The closed inquiry has its row, its
//     details, what we answered and its events as before, the digest of the message among
//     them, and its text no more, as after any edit. So the message is listed with the
//     other inquiry, goes by [Retain] when that goes, and, where nobody is known to have
//     written it, is erased by that one's id; [Engine.Erase] reaches it wherever it is.
//   - A6 Of what [Retain] has let go of, the same revision leads there still, and an
//     older one opens an inquiry of its own.
//   - D1 Acceptance ends the other offers in the same commit; a late one is
//     refused with [inquiry.NotOffered].
//   - A2 What is accepted and has to be confirmed stays before its owner until
//     [inquiry.Confirm], or goes back to its queue; what waits to be taken is in its
//     queue until [Engine.Take].
//   - F1 A hand-off is an offer beside the giver's ownership; until it is accepted
//     the giver is answerable.
//   - F4 Each duty beside an inquiry has an owner, clocks and a place of its own;
//     Sweep names one that is beside nothing.
//   - F6 Only the holder of the floor answers, and only having seen the newest
//     message, unless they say otherwise.
//     Their voice counts, the inquiry's account signs the reply off, and a
//     colleague may contest it until it leaves: then the arbiter decides.
//   - F7 A reply goes out at most once, behind those to the same inquiry that were
//     approved before it (unless one of these hangs beyond Config.NotifyTimeout), and
//     where a rule asks for somebody's approval, not before that. Where its fate is
//     unknown it is never sent again by itself. What is resolved is not closed while
//     one is on its way, and taken up again if that did not arrive.
//   - F9 What is merged, split or linked loses no message, no reply and no deadline,
//     and can be undone.
//   - H1 Every change is one event, and every command carries an idempotency key.
//     What the store holds is held against what was written, by [Engine.Check] and
//     every day by itself; an Engine does not run on what is damaged.
//   - H2 Every assignment can be explained: [Engine.Explain].
//   - H4 A stale commit keeps nothing; an unknown one is settled by reading the
//     journal.
//   - H5 Notifications arrive at least once, with a stable id; one that cannot be
//     delivered becomes visible, and an undelivered offer goes to somebody else.
//   - H6 [Engine.Erase] makes what is kept of a person unreadable in the store and in
//     every copy of it, on a store of package adapters/seal. The journal, its chain
//     and every decision stand, and nothing that was erased is posted.
package dispatch
