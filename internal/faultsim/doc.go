// Package faultsim runs several nodes into every kind of trouble at once, and
// checks that nothing was lost. It consists of tests only; this is an overview
// of them.
//
// # What is real, what is virtual
//
// The real part is two to four Engines of package routing/dispatch as a host
// runs them: their terms, recovery, inbox, outbox, timers, goroutines and the
// core within. Everything outside of them is virtual, and so is time: a run is
// a bubble of testing/synctest, in which some sixteen minutes pass in a quarter
// of a second of one processor.
//
//   - The store is one server (server_test.go). It keeps what the memory store
//     keeps, and grants the terms. A write is done at one instant, as a whole,
//     and is on the disk then. If the server crashes while writes are in
//     progress, each of them stays or vanishes, and nobody is told.
//   - Each incarnation of a node has a connection to it (conn_test.go). Every
//     call takes time there and back. It may be refused, be slow, hang, lose
//     its answer after it was carried out, arrive twice, arrive after its node
//     has died or after its caller gave up, and be held while its node is
//     paused or cut off.
//   - Notifiers, repliers, sources and the directory fail, hang, panic, deliver
//     and then time out, and hand over again (office_test.go).
//   - Nodes crash, some in the middle of a write, are stopped cleanly and run
//     again, are paused beyond their term, are cut off from the store, and have
//     clocks that are off by up to ten seconds (node_test.go).
//   - Customers write, edit and send twice. Owners accept, decline, look away,
//     answer, approve, ask for help, hand on, resolve, go off shift and leave.
//     A manager assigns, merges, contests, and changes roster and policy
//     (people_test.go). They go to whichever node answers, and try again under
//     the same key until they know the outcome. In one seed of four they also
//     do what people seldom do, under policies with more rules
//     (unusual_test.go).
//   - In three seeds of sixteen, the curious ones, somebody asks the Engines
//     all the while for what they know, such as why, by when, and who has what;
//     whatever they answer must follow from the journal. In these seeds
//     screeners and a scorer change their minds, fail and hang, a host hands
//     messages in within transactions that commit late, twice or never, and closed
//     inquiries and old texts are removed (curious_test.go).
//   - In five seeds of thirty-two, two or three pools share the store. Each has
//     its own Engines, terms, policy, roster, customers and faults; a crash of
//     the store hits all of them. People, nodes, messages, rooms and keys have
//     the same names in each pool, and some inquiries the same id. Somebody in
//     each pool asks for what is in another one, and tries to act on it
//     (pools_test.go, strangers_test.go).
//   - In four seeds of thirty-two, package adapters/seal seals texts, with a
//     keyring that fails as the store does. Some customers do not say who they
//     are. A clerk has customers erased, on one channel or on all, while they go
//     on writing (erasing_test.go). Among these seeds are curious and unusual
//     ones, and one with several pools.
//
// Each seed draws which of these faults it has, and how much of each (a swarm:
// Groce et al., "Swarm Testing", ISSTA 2012), so that no kind hides another.
//
// # What is promised
//
// After ten minutes the faults stop. Six minutes later, of the ten that are
// allowed, the following must hold. The inbox is empty and the outbox drained.
// Every inquiry has a place and a next deadline. No Engine.Sweep and no check
// of the store finds anything. What was acknowledged is there, once, in its
// newest revision and with the outcome that was told. Each notification that a
// commit asked for arrived at least once, always the same under the same key,
// or was visibly given up. No reply was posted twice. Nothing of one pool
// reached another, not even a refusal that knows of it. Nothing is read again of
// somebody who was erased, neither at the node that did it nor, once no node may
// remember the key, anywhere else; everybody else's words are as they wrote
// them; and no personal word stands in plain in the store or in a log at Info.
// No epoch was given to two nodes, and none followed a later one. Package
// verify, with a replay, finds no broken rule. The rules are also checked at the
// instant at which the faults stop.
//
// # One seed, one run
//
// A run is condensed into a SHA-256 over what happened at the store: every
// commit with its content, every term, every put and refusal, with its virtual
// instant. The same seed has the same sum on every machine, with any number of
// processors, although goroutines run in any order. For that
//
//   - whatever changes something that nodes share is a happening of one Pacer
//     of package internal/virtual, which orders those of one instant by what
//     they are;
//   - what happens to a call is drawn from its name (the node, what it asks
//     for, and how often it did), never from a stream that several draw from;
//   - ids and salts come from Config.Rand, by node and instant;
//   - an Engine treats what is ready at the same time in a fixed order, and its
//     tickers never coincide;
//   - no two consequences of the answer to a commit arrive at the same next
//     instant, unless a call with a duration of its own is between them: the
//     result of a reply leaves the outbox with the commit that records it, and
//     replies to an inquiry leave one after the other.
//
// TestSeeds runs one seed in nine twice, the first among them, to check this.
//
// # Commands
//
//	go test ./internal/faultsim                                             # 200 seeds, the planted bugs, the golden journals
//	go test ./internal/faultsim -run TestSeeds -seeds 100000 -from 1 -timeout 0
//	go test ./internal/faultsim -run TestSeeds -seeds 500 -twice -race      # each seed twice, to compare the sums
//	go test ./internal/faultsim -run TestSeeds -v -seed 1057                # the story of one
//	go test ./internal/faultsim -run TestGolden -update                     # after a change of what happens
//
// A seed that fails prints the command that tells its story. A seed means a run
// of this very version: whatever changes how often an Engine asks its store
// makes another run of it. So each bug that was found has a test of its own
// next to the code that had it; README.md lists them.
//
// # What is not covered
//
// Real networks, disks and processes are covered by package
// adapters/adaptertest and by the tests of the SQLite and PostgreSQL stores,
// which kill and restart them. A store or a keyring that breaks its contract is
// a planted bug here, of which there are twenty-two, to check that the
// simulation finds it. The timers of a paused node go on: only its communication
// is held. Clocks are off by a constant, and are corrected when the faults stop.
// A pool has at most four nodes and dozens of inquiries.
package faultsim
