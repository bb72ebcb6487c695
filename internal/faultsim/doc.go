// Package faultsim lets several nodes run into every kind of trouble at once, and
// looks whether anything was lost. It is all tests: this is their story.
//
// # What is real, what is virtual
//
// Real are two to four Engines of package routing/dispatch as a host runs them: their terms, recovery,
// inbox, outbox, timers, goroutines and the core within. Virtual is what is outside
// of them, and time: a run is a bubble of testing/synctest, in which some sixteen
// minutes pass in a quarter of a second of one processor.
//
//   - The store is one server (server_test.go). It keeps what the memory store keeps,
//     and grants the terms. A write is done at one instant, whole, and is on the disk
//     then. A crash finds writes at work: each stays or vanishes, and nobody is told.
//   - Each incarnation of a node has a connection to it (conn_test.go). Every call
//     takes its time there and back; it may be refused, be slow, hang, lose its
//     answer after it was carried out, arrive twice, arrive after its node has died
//     or after its caller gave up, and be held while its node is paused or cut off.
//   - Notifiers, repliers, sources and the directory fail, hang, panic, deliver and
//     then time out, and hand over again (office_test.go).
//   - Nodes crash, some in the middle of a write, are stopped cleanly and run again,
//     are paused beyond their term, are cut off the store, and have clocks that are
//     off by up to ten seconds (node_test.go).
//   - Customers write, edit and send twice; owners accept, decline, look away, answer,
//     approve, ask for help, hand on, resolve, go off shift and leave; a manager
//     assigns, merges, contests, and changes roster and policy (people_test.go). They
//     go to whichever node answers, and try again under the same key until they know.
//     In one seed of four they also do what people seldom do, by policies that say more
//     (unusual_test.go).
//   - In three seeds of sixteen, the curious ones, somebody asks the Engines for what they
//     know all the while, such as why, by when, and who has what: whatever is told folds from
//     the journal. There screeners and a scorer change their minds, fail and hang, a host
//     hands messages in within transactions that commit late, twice or never, and what is
//     over goes (curious_test.go).
//   - In five seeds of thirty-two, two or three pools share the store: each has its own
//     Engines, terms, policy, roster, customers and faults, and a crash of the store
//     is one for all. People, nodes, messages, rooms and keys have the same names in
//     each, and some inquiries the same id. Somebody in each pool asks for what is in
//     another one, and tries to act on it (pools_test.go, strangers_test.go).
//   - In four seeds of thirty-two, which are curious, unusual, both, or have several pools,
//     texts are sealed by package adapters/seal, with a keyring that fails as the store
//     does, some customers do not say who they are, and a clerk has customers erased, on
//     one channel or on all, who write on all the while (erasing_test.go).
//
// Each seed draws which of these faults it has, and how much of each (a swarm: Groce
// et al., "Swarm Testing", ISSTA 2012), so that no kind hides another.
//
// # What is promised
//
// After ten minutes faults stop. Six minutes later, which is less than the ten that
// are allowed, the inbox has to be empty and the outbox drained; every inquiry has a
// place and a next deadline; no Engine.Sweep and no check of the store finds
// anything; what was acknowledged is there, once, in its newest revision and with the
// outcome that was told; each notification that a commit asked for arrived at least
// once, always the same under the same key, or was visibly given up; no reply was
// posted twice; nothing of one pool reached another, not even a refusal that knows of
// it; of somebody who was erased nothing is read again, neither where that was done nor,
// once no node may remember the key, anywhere else, everybody else's words are as they
// wrote them, and no personal word stands in plain in the store or in a log at Info; no epoch was given to two, and none followed a later one; and package
// verify, with a replay, breaks no rule. The rules are also tried at the instant at
// which the faults stop.
//
// # One seed, one run
//
// A run is summed up by a SHA-256 over what happened at the store: every commit with
// its content, every term, every put and refusal, with its virtual instant. The same
// seed has the same sum on every machine, with any number of processors, although
// goroutines run in whichever order. For that
//
//   - whatever changes something that nodes share is a happening of one
//     Pacer of package internal/virtual, which orders those of one instant by what they are;
//   - what happens to a call is drawn from its name (node, what it asks for, how often
//     it did), never from a stream that several draw from;
//   - ids and salts come from Config.Rand, by node and instant;
//   - an Engine treats what is ready at once in one order, and its tickers never meet;
//   - of what the answer to a commit sets off at one instant, nothing meets in the next
//     one without a call before it that takes a time of its own: what became of a reply
//     leaves the outbox with the commit that tells it, and replies to an inquiry leave
//     one after the other.
//
// TestSeeds runs one seed in nine twice, the first among them, to see that it holds.
//
// # Commands
//
//	go test ./internal/faultsim                                             # 200 seeds, the planted bugs, the golden journals
//	go test ./internal/faultsim -run TestSeeds -seeds 100000 -from 1 -timeout 0
//	go test ./internal/faultsim -run TestSeeds -seeds 500 -twice -race      # each seed twice, to compare the sums
//	go test ./internal/faultsim -run TestSeeds -v -seed 1057                # the story of one
//	go test ./internal/faultsim -run TestGolden -update                     # after a change of what happens
//
// A seed that fails prints the command that tells its story. A seed means a run of
// this very version: whatever changes how often an Engine asks its store makes
// another run of it. So each bug that was found has a test of its own beside what it
// was in; README.md lists them.
//
// # What is not covered
//
// Real networks, disks and processes: package adapters/adaptertest, and the tests of
// the SQLite and PostgreSQL stores, which kill and restart them, are about those. A
// store or a keyring that breaks its contract is a planted bug here, twenty-two of them, to see that
// the simulation finds it. A paused node's timers go on: only what goes out and
// comes in is held. Clocks are off by a constant, and step when the faults stop. At
// most four nodes of a pool, dozens of inquiries.
package faultsim
