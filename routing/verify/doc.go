// Package verify proves of a journal that nothing was lost in it.
//
// [Journal] reads a pool's journal from its first event and holds it against
// every [Rule]: that messages were accepted once, that at every commit each open
// inquiry had a place and a next deadline, that offers and assignments went to
// people who could have them and had room, that clocks ran as promised, that
// ladders were climbed in order, and so on. What breaks a rule is a [Finding]
// with the rule, the position and the reason. On a sound journal there is none.
//
// The package is on purpose not the engine again. It keeps a state of its own
// that is put together from the events alone, and says of each event what must
// have been true before it and what must be true after it. Only [Replay] steps
// the real engine, through the inputs that the journal has, and expects the same
// journal again, byte for byte.
//
// A [Verifier] does the same bit by bit, for a journal that is still being
// written.
//
// # What it cannot see
//
// A journal has no text, and no effect: what was sent is known by its events
// alone. Utilisation and idleness, parts of the score, are the engine's to
// compute, and only Replay checks them. Which of several inquiries was served
// first, too, is Replay's to find.
package verify
