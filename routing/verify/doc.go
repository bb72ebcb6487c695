// Package verify proves of a journal, and of a store, that nothing was lost in
// it.
//
// [Store] reads what a store keeps of a pool and checks it against every
// [Rule]: that messages were accepted once; that at every commit each open
// inquiry had a place and a next deadline; that offers and assignments went to
// people who could have them and had room; that clocks ran as promised; that
// ladders were climbed in order; and that rows, messages, marks, outbox and
// outcomes are what the journal says. [Journal] does the same with a journal
// alone. What breaks a rule is a [Finding], with the rule, the position, what
// is there and what was promised. In a sound pool there are none:
//
//	r, err := verify.Store(ctx, store, "default", verify.Options{})
//	if err != nil {
//		return err // it could not be read: that is no finding, and no proof either
//	}
//	for _, f := range r.Findings {
//		log.Println(f, f.Expected)
//	}
//
// examples/verify is a program for it. A [Verifier] does the same event by
// event, for a journal that is still being written.
//
// # Rules
//
// The constants of type [Rule] are the rules, each with the guarantees that it
// checks. [Rules] lists them, [Rule.Promise] says what each promises, and
// [Report].Checks says how often each was tried. A rule that was never tried,
// because nothing of its kind happened, proves nothing.
//
// # Independence
//
// The package deliberately does not run the engine. It keeps a state of its
// own, built from the events alone, and says of each event what must be true
// before and after it. Capacity, limits, back-offs, pauses and places are
// computed here a second time, limits in whole numbers. It shares with the
// engine only the meanings that packages inquiry, routing and sla publish: how
// events fold into a row, what passes a gate, what a policy makes of facts,
// when a calendar is open. The one exception is the rule [Replayed], which
// [Options].Replay asks for: it steps the engine itself through the inputs, and
// expects the same journal, byte for byte.
//
// # Size
//
// A journal is read once, as a stream. Kept in memory are all inquiries that
// are not closed, the roster, the plans and the limits. Of everything that is
// over, only the ids are kept: of inputs, inquiries and replies that left,
// about 60 bytes each.
//
// # What it cannot see
//
//   - A journal has no text and no effects. What was sent is known by its
//     events only, and of the outbox only what is still to be carried out. So
//     it cannot tell that a notification was lost if its row is gone. It does
//     notice an approved reply without a row.
//   - Utilisation and idleness, which are parts of the score, and which of
//     several inquiries was served first are not computed again. Only a replay
//     checks these.
//   - That something due did not happen shows once time has done something
//     later. Under an engine that hangs time does nothing: there
//     Engine.Sweep of package dispatch tells what is overdue.
//   - The rules are those of this version of the library. Where an earlier
//     version decided otherwise, as the change log says, that shows as a
//     finding.
//   - Somebody who rewrites a whole journal consistently, with its hashes and
//     everything that is derived from it, is found out only by a [Report].Hash
//     that was noted down elsewhere before.
package verify
