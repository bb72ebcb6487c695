// Package verify proves of a journal, and of a store, that nothing was lost in it.
//
// [Store] reads what a store keeps of a pool and holds it against every [Rule]:
// that messages were accepted once, that at every commit each open inquiry had a
// place and a next deadline, that offers and assignments went to people who could
// have them and had room, that clocks ran as promised, that ladders were climbed
// in order; and that rows, messages, marks, outbox and outcomes are what the
// journal says. [Journal] does the same with a journal alone. What breaks a rule is
// a [Finding] with the rule, the position, what is there and what was promised. On
// a sound pool there is none:
//
//	r, err := verify.Store(ctx, store, "default", verify.Options{})
//	if err != nil {
//		return err // it could not be read: that is no finding, and no proof either
//	}
//	for _, f := range r.Findings {
//		log.Println(f, f.Expected)
//	}
//
// examples/verify is a program for it. A [Verifier] does the same event by event,
// for a journal that is still being written.
//
// # Rules
//
// The constants below are the rules, each with the guarantees that it holds a pool
// to. [Rules] lists them, [Rule.Promise] says what each promises, and
// [Report.Checks] how often each was tried: one that never was, because nothing of
// its kind happened, proves nothing.
//
// # Independence
//
// The package is on purpose not the engine again. It keeps a state of its own
// that is put together from the events alone, and says of each event what must
// have been true before it and what must be true after it. Capacity, limits,
// back-offs, pauses and places are counted here a second time, limits in whole
// numbers. What it shares with the engine are the meanings that packages inquiry,
// routing and sla publish: how events fold into a row, what passes a gate, what a
// policy makes of facts, when a calendar is open. Only [Replayed], which
// [Options.Replay] asks for, steps the engine itself through the inputs, and
// expects the same journal again, byte for byte.
//
// # Size
//
// A journal is read once, as a stream. What is remembered is whatever is not closed,
// whole; the roster, the plans and the limits; and of what is over the ids alone, of
// inputs, inquiries and replies that left: some 60 bytes each.
//
// # What it cannot see
//
// A journal has no text and no effect: what was sent is known by its events alone,
// and of the outbox only what is still to be carried out. A notification that was
// lost from it, once its row is gone, is nowhere to be missed; a reply that is
// approved and has no row is. Utilisation and idleness, parts of the score, are the
// engine's to compute, and which of several inquiries was served first its to
// find: only a replay checks these. What was due is missed once time has done
// something else behind it: where time did nothing more, as under an engine that
// hangs, Engine.Sweep tells what is overdue. The rules are those of this version of the
// library: what an earlier one decided otherwise, as the change log says, shows
// as a finding. Somebody who rewrites a whole journal consistently, with its hashes
// and all that hangs on it, is found out by a [Report.Hash] that was noted down
// elsewhere before, and by nothing else.
package verify
