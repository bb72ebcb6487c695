// Package inquiry is the model: what has to be answered, who can answer it,
// what can be asked for, what happened.
//
// An [Inquiry] is one conversation with one customer about one matter. Its
// [Message]s come from an [Author] through a channel, addressed to an account.
// Screening finds [Facts] about a message; the policy makes a [Plan] of them;
// an [Owner] takes it on. Whatever is wanted enters as an [Input] with a
// [Command]; whatever happened is an [Event]; what became of an input is its
// [Outcome]. [Apply] folds the events of an inquiry into its [Row]. A [Batch] is
// what one commit carries, and [Effect]s are what is to be done after it.
//
// Besides its resolving, more may be owed on an inquiry: a [Duty] beside it is an
// inquiry of its own, whose row names its parent. It has no messages and no
// [Details].
//
// Everything here is plain data with stable JSON. There are no maps in what is
// persisted, so equal values are equal bytes.
//
// # Events
//
// The journal of a pool is a list of events without a gap. The envelope says
// which pool and position, which inquiry and version of it, which kind, when it
// happened ([Event.At]) and when it was recorded ([Event.RecordedAt]), who did it
// and what caused it. The first event of a step carries the command that caused
// it, whole but for text and names: with these the journal replays. The
// catalogue of kinds is in the constants of [EventKind].
//
// A kind is never renamed and never reused. Every event bears its format; when
// the meaning of one changes, the format rises and an upcaster is added, so that
// every later version reads the journals of every earlier one.
//
// # What is personal
//
// Fields tagged privacy:"personal" tell who somebody is or what they wrote. They
// stand in [Message], [Author], [Details], [Reply], [Sending] and [Outbound], apart
// from the journal, so that they can be encrypted and erased: package
// adapters/seal keeps them in Sealed, under a key per person. What was erased says
// so by [Message.Erased] and [Details.Erased]. The journal has in their place a
// pseudonym for each identity ([PersonID]), the deterministic id of each message
// ([MessageID]) and the salted digest of its text ([Sum]). Everything else is
// plain: kinds, labels, languages, audiences, reach, channels, accounts, owners,
// and the reasons and notes that owners write, in which nothing personal
// belongs.
//
// # Guarantees
//
//   - A6 The same pool, source and external id give the same message id, the same
//     pool and key the same input id.
//   - F7 A reply moves from draft to approved to sending and then to sent, failed or
//     unknown, never back.
//   - H1 The state of an inquiry is the fold of its events. An event that the state
//     does not allow is refused with a [TransitionError] and changes nothing.
//   - H6 No event has a personal field.
//   - H7 The pool is part of every derived id.
//   - H8 Events carry their format, and earlier formats are read.
package inquiry
