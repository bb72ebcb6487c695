// Package faulttest tries to make the stores, and the Engine over them, lose something, do it twice or contradict
// themselves. There is nothing to import: the proofs are its tests, and the module is one of its own, so that what they
// need stays out of everybody else's dependencies. They are about all three stores: in memory, in SQLite, and in a
// PostgreSQL server of their own, or the one that ANSWERABLE_POSTGRES names. Without a server what needs one is skipped, or
// fails where ANSWERABLE_NO_SKIP is set.
//
// # Linearizability
//
//	go test ./internal/faulttest -run Linearizable -timeout 0 -v -histories 5000 -from 1
//
// makes so many histories of each kind on each store, from that seed on. Without -histories it takes a few seconds. What
// concurrent clients ask and are told is noted, and porcupine looks for an order, each operation somewhere between its call
// and its answer, that explains every answer; an operation of unknown fate may take effect at any time until the end, or
// never. There are two kinds:
//
//   - TestLinearizableStores: four clients on three stores of one database claim terms, give them back, put inputs, commit what
//     they make of them (takes, assignments, releases) under epoch and head, and read in every way, some of them in two pools
//     at once. The model is one ledger: term, epoch, head, chain of events, holders, inbox and outcomes.
//   - TestLinearizableClaims: four callers of two Engines take, assign, release and look, each under one key however often they
//     try, while the Engines are stopped and come back. The model is who has what, and that nobody takes more than they can
//     hold.
//
// Calls of the stores fail before they did anything or behind it, are slow, are cut off by their context, or are carried out
// long after their answer was lost. In memory the Engines work in virtual time. A seed draws what clients want and what is
// done to them; how they interleave is the machine's, so one that failed may need a few more tries. It leaves the history
// and porcupine's picture of it.
//
// That the check has teeth is held by TestPlantedBugs and TestPlantedDesks: 26 stores and 10 Engines that are wrong in one way
// each (forget the condition on the epoch, answer before they commit, lose a commit, grant a term twice, ...), each of which
// has to be found within 1000 and 300 histories. Most are within 10.
//
// # Faults
//
//	go test ./internal/faulttest -run 'StoreFaults|CutConnections' -timeout 0 -v -faults 100 -from 1
//
// TestStoreFaults has call -from of a store go wrong, then the next one, -faults times or until a run has no such call: it fails
// before it did anything, or behind it, is slow, is carried out late, or hangs until its context ends. On the Engine over it a
// story happens: messages are submitted and come from a source, are offered and accepted, answered, handed over, given back,
// taken and resolved, and owners are told. Then everything that was acknowledged is there once, no reply was posted twice,
// nothing is left to do, Engine.Sweep and routing/verify find nothing and a replay decides the same. A story makes some ninety
// calls. Without -faults every one of them goes wrong in memory, in virtual time, and a few do elsewhere.
//
// TestCutConnections has two nodes take messages in over connections to PostgreSQL that toxiproxy delays, resets, stops, cuts
// short, slows and takes away, -faults times, and ends with the same audit.
package faulttest
