// Package inquiry is the model that every other package speaks in: inquiries
// and their messages, the owners who can answer them, the commands that change
// them, and the events that record what happened.
//
// # The story
//
// An [Inquiry] is one conversation with one customer about one matter. Its
// [Message]s come from an [Author] through a channel and are addressed to one
// of our accounts. Screening finds [Facts] about each message, the policy makes
// a [Plan] of the facts, and an [Owner] becomes answerable for the inquiry.
//
// Every request enters as an [Input] that holds a [Command], and is answered
// with an [Outcome]. Everything that happens is an [Event] of the pool's
// journal, and [Apply] folds the events of an inquiry into its [Row]. One
// commit carries a [Batch]; the [Effect]s in it are carried out afterwards.
//
// To resolve an inquiry is its owner's duty. Every other [Duty], such as
// helping with it or approving a reply, is an inquiry of its own: its row names
// the inquiry that it belongs to as its Parent, and it has no messages and no
// [Details].
//
// Everything here is plain data with stable JSON. Nothing that is persisted has
// a map in it, so equal values are equal bytes.
//
// # Events
//
// The journal of a pool is a gapless list of events. Each event says which pool
// and position it has, which inquiry it is about and which version of that it
// makes, its kind, when it happened ([Event.At]) and when that was recorded
// ([Event.RecordedAt]), who did it, and which input caused it. The first event
// of a step also carries the command that caused the step, without texts and
// names; by these commands the journal can be replayed. The constants of type
// [EventKind] are the catalogue of kinds.
//
// A kind is never renamed and never reused. Every event says in which format it
// was written. When the meaning of an event changes, the format number is
// raised and an upcaster is added, so that every later version of the library
// reads the journals of every earlier one.
//
// # What is personal
//
// Fields tagged privacy:"personal" tell who somebody is or what they wrote.
// They occur in [Message], [Author], [Details], [Reply], [Sending] and
// [Outbound], apart from the journal, so that they can be encrypted and erased:
// package adapters/seal keeps them in the field Sealed, under a key per person.
// [Message.Erased] and [Details.Erased] report that this was erased.
//
// In place of personal fields the journal has a pseudonym for each identity
// ([PersonID]), a derived id for each message ([MessageID]) and the salted
// digest of its text ([Sum]). Everything else is stored in plain form: kinds,
// labels, languages, audiences, reach, channels, accounts, owners, and the
// reasons and notes that owners write. Nothing personal belongs into these.
//
// # Guarantees
//
//   - A6 The same pool, source and external id give the same message id, and
//     the same pool and key give the same input id.
//   - F7 A reply moves from draft to approved to sending, and then to sent,
//     failed or unknown; it never moves back to be sent again.
//   - H1 The state of an inquiry is the fold of its events. An event that the
//     state does not allow is refused with a [TransitionError] and changes
//     nothing.
//   - H6 No event has a personal field.
//   - H7 The pool is part of every derived id.
//   - H8 Events carry their format, and earlier formats are read.
package inquiry
