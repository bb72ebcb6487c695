// Package dispatch holds the Engine, which runs a pool of inquiries: it takes
// messages in, decides who answers them, and follows each inquiry to its end.
//
//	engine, err := dispatch.New(store, policy, dispatch.Config{Directory: staff, Notifier: notifier})
//	go engine.Run(ctx)
//	<-engine.Ready()
//
//	receipt, err := engine.Submit(ctx, message)
//	err = engine.Do(ctx, "click-4711", inquiry.Accept{Inquiry: receipt.Inquiry, Owner: "anna"})
//
// Messages come in through [Engine.Submit] or from the sources of the [Config].
// The Engine has them screened, lets the deterministic core decide, and commits
// the decision together with everything that follows from it. Only after that
// commit does it notify owners and send replies. Owners act through
// [Engine.Do]. What is due happens by itself: offers expire, deadlines warn and
// are breached, the sink is reminded, and owners who have fallen silent lose
// their work to its queue.
//
// # Three endings
//
// A request ends in one of three ways:
//
//   - It is done: the error is nil.
//   - It is refused: an [inquiry.RefusedError] says why.
//   - It is pending: an [inquiry.PendingError] says that the request is stored
//     durably and will be decided, but that its outcome was not known in time,
//     for instance before the caller's context ended. [Engine.Outcome] tells it
//     later, and so does asking again with the same key.
//
// # Redeliveries and edits
//
// A message is known by its pool, source and external id; its revision counts
// the edits.
//
//   - The same revision again, or an older one, changes nothing. It leads to
//     the same inquiry, or to the lead that this was merged into, even if that
//     is closed.
//   - A higher revision is an edit. A customer's message stays the customer's
//     even if the edit says that it is ours. A reply of ours that was seen on
//     the platform comes in as a customer's message if a higher revision says
//     so; otherwise the higher revision counts as seeing it once more.
//   - A closed inquiry is not edited. A higher revision of one of its messages
//     is treated as the next thing that the customer writes: it goes to an
//     inquiry of theirs that is under way, or opens one. Since a message is
//     stored once, in its newest revision, it moves to that inquiry: it is
//     listed there, goes by [Retain] with it and, where nobody is known to have
//     written it, is erased by its id. [Engine.Erase] reaches the message
//     wherever it is, and older revisions that arrive later lead there. The
//     closed inquiry keeps its row, its details, our replies and its events,
//     with the digest of the message but without its text. A higher revision of
//     a reply of ours, or one that says that the message is ours, is refused
//     with [inquiry.NotFound]: it answers nothing else.
//   - Once [Retain] has let go of a message, the same revision still leads to
//     its inquiry, and an older one opens an inquiry of its own.
//
// # Merging, splitting, linking
//
// [inquiry.Merge] joins two inquiries about the same matter, whether or not
// they are of the same customer. One of them, the lead, is answered for both.
// The merged one stays live, attached to the lead, and its owner is free. From
// then on:
//
//   - Messages that belong to the merged inquiry come to the lead.
//     [Engine.Messages] of the lead lists those of both.
//   - The clocks of the merged inquiry run on at the lead, by its own plan. The
//     lead is due at the earliest unmet deadline of all; an answer meets all of
//     them, and a breach climbs the lead's ladder.
//   - Replies go out on the lead's channel.
//   - When the lead closes, so does what is merged into it.
//
// While a reply of the inquiry to be merged is under way, the merge is refused
// with [inquiry.ReplyUnderWay]; its drafts stay with it. A lead that is merged
// itself brings along what is merged into it. Until the lead is closed,
// [inquiry.Unmerge] puts the merged inquiry back into its queue with its clocks
// as they would stand; what was written to it meanwhile stays with the lead.
//
// [Engine.Split] moves some messages of an inquiry to a new one, whose clocks
// count from when these were written. An answer given before the split counts
// for the first inquiry only. Merging the new inquiry back undoes the split.
// [inquiry.Link] only notes, on both sides, that two inquiries belong together;
// each can have [inquiry.MaxLinks]. [inquiry.Classify] corrects what screening
// found and routes the inquiry again: the row's Facts change, the
// [inquiry.Details] stay what the first message told.
//
// Each of these is carried out whole, or refused with the reason.
//
// A message that a colleague came across and handed in names them in FoundBy.
// They are its actor in the journal, stand in the inquiry's row and details,
// and are told when it is resolved.
//
// # Single writer
//
// One node leads a pool at a time, for a term that it renews, and one goroutine
// of that node does all the deciding and committing. Every commit is
// conditional on the term's epoch and the journal's head, so that a node which
// was paused for longer than its term cannot overwrite anything.
//
// When a commit fails, or it is not known whether it was kept, the Engine reads
// the journal and writes once more what is missing there: within its term
// nobody else writes. It claims a new term first if the failed attempt might
// still arrive. Once the term is over, or if somebody else may have led, the
// Engine drops the core, recovers the pool from the store, and decides anew
// what the journal does not have.
//
// A commit carries what is waiting, up to Config.MaxBatch inputs, and does not
// wait for more to come. If as many inputs again are waiting already, the core
// decides these while the store writes, and a store that is an
// [adapters.Preparer] prepares them; they are written once the commit before
// them is kept. A caller is answered only when the commit is durable. Whoever
// has many messages or commands at once should use [Engine.SubmitBatch] and
// [Engine.DoBatch].
//
// # Matching, and what one step may do
//
// At the end of each step the core pairs waiting inquiries with free owners,
// among everything that the step touched: it makes no difference whether work
// came in, an owner became free, a shift began or a limit was lifted. The
// waiting order decides which inquiries are served, the score decides by whom,
// for up to 64 inquiries at a time.
//
// A step does a bounded amount of work, so that nobody waits long for a commit.
// What is left over follows at once in the next steps:
//
//   - Matching passes over an inquiry that is held for its previous owner, or
//     from which everybody who is free is excluded. After 1,024 of these in the
//     queues that something happened to, or after 256 offers and assignments,
//     it pauses ([inquiry.MatchingPaused]) and goes on from there. Whatever
//     happens in between is looked at first, from the beginning of the waiting
//     order, and may pass over twice as many each time, so that the order is
//     kept and nothing starves.
//   - After a change of the roster the core first finds out which of the
//     waiting inquiries are stranded now, about 4,096 in a step. Matching is
//     paused meanwhile; messages and commands are still taken in.
//   - When owners leave the roster, sign off, fall silent, end their shift or
//     no longer qualify, up to 256 of their inquiries go back in a step
//     ([inquiry.WorkReturning]). The others stay with their owner until their
//     turn comes, so that at every commit they have an owner who is on the
//     roster; offers among them can no longer be accepted. An owner who signs
//     on or qualifies again before that keeps what is left.
//   - An owner who leaves the roster with more than that in hand is leaving:
//     they are offered nothing, and can neither accept nor take nor be given
//     anything. Once nothing is left they are off the roster
//     ([inquiry.OwnerLeft]). Put on the roster again before that, they stay.
//   - A commit deals with at most 4,096 timers that are due, and with 1,024
//     while somebody waits for it.
//
// A host's own judgement of who suits a message is the Scorer of the [Config].
// It runs beside the screeners, and its bonuses are journaled with the facts.
//
// # Guarantees
//
//   - A1 Once Submit, or a source's deliver, returns nil, the message is
//     stored.
//   - A2 Every open inquiry has a place and a next deadline; [Engine.Sweep]
//     names each one that has not. What was accepted and has to be confirmed
//     stays with its owner until [inquiry.Confirm], or goes back to its queue.
//     What waits to be taken is in its queue until [Engine.Take].
//   - A6 A message that comes in again changes nothing, and a higher revision
//     is an edit; see above for what that means once an inquiry is closed or
//     gone.
//   - D1 Acceptance ends the other offers in the same commit; a late one is
//     refused with [inquiry.NotOffered].
//   - F1 A hand-off is an offer beside the giver's ownership; until it is
//     accepted the giver is answerable.
//   - F4 Each duty beside an inquiry has an owner, clocks and a place of its
//     own; Sweep names one whose inquiry is not open.
//   - F6 Only the inquiry's owner answers it, and only having seen the newest
//     message, unless they insist. They must be allowed to speak through its
//     account, which signs the reply off, and until the reply leaves a
//     colleague may contest it: then the arbiter decides.
//   - F7 A reply goes out at most once, after the replies to the same inquiry
//     that were approved before it (unless one of these hangs for longer than
//     Config.NotifyTimeout), and only after somebody's approval where a rule
//     asks for that. One whose fate is unknown is never sent again by itself. A
//     resolved inquiry is not closed while a reply of it is on its way, and is
//     taken up again if that did not arrive.
//   - F9 What is merged, split or linked loses no message, no reply and no
//     deadline, and can be undone.
//   - H1 Every change is one event, and every command carries an idempotency
//     key. [Engine.Check], which also runs by itself every day, compares what
//     the store holds with what was written; an Engine does not run on a
//     damaged pool.
//   - H2 Every assignment can be explained: [Engine.Explain].
//   - H4 A stale commit keeps nothing; an unknown one is settled by reading the
//     journal.
//   - H5 Notifications arrive at least once, with a stable id. One that cannot
//     be delivered becomes visible, and an offer that was not delivered goes to
//     somebody else.
//   - H6 On a store of package adapters/seal, [Engine.Erase] makes what is kept
//     of a person unreadable in the store and in every copy of it. The journal,
//     its chain and every decision stand, and nothing that was erased is
//     posted.
package dispatch
