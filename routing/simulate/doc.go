// Package simulate tries a policy out in virtual time, before any customer meets it.
//
// # The story
//
// A [Scenario] says what comes in, who is there to answer, and by which policy: classes
// of inquiries with their arrivals, handling times and patience; groups of owners with
// their skills, speeds, shifts, breaks and habits; order and choice, or a whole
// [routing.Policy]. [Parse] reads one from JSON, strictly. [Run] plays it as often as it
// asks for, and the [Report] tells what came of it, each [Value] with a confidence interval.
// [Compare] plays two of them with the same customers and reports the differences.
// [Options.Examples] adds single inquiries, with the decisions about them explained as
// [routing.Explain] does: a typical one, the longest wait, one that missed a deadline, and so on.
// Package report, a module of its own, makes of all that pages for people.
//
// What decides is the library itself. The simulation feeds the same deterministic core as
// package dispatch does, with messages, acceptances, replies and the passing of time; the
// core routes, queues, matches, offers, relaxes requirements, holds for previous owners
// and runs the clocks. Only people are made up: when they write, how long they take and when
// they lose patience. So whatever a policy can say can be tried, and a decision in a
// simulation is the decision that would have been made.
//
// # What people do
//
// Customers of a class arrive by a Poisson process whose rate may change with the hour and
// the weekday, may be dispersed more than a Poisson process is (one gamma-distributed factor a
// day), and has bursts that fade; or as recorded. Each has a patience and gives up when it
// ends without an owner; what an owner has begun is seen through. They may try again after
// giving up, write again while they wait, come back after the resolution, and reply late
// when asked back. Where the waiting room is full they are turned away.
//
// Owners work on what they are assigned, or accept. How long depends on the inquiry's
// draw, the law that holds for the owner, and their speed. With several in hand each may
// slow the others down. Off shift nobody takes new work, and what is in hand is finished.
// A break begins when the hands are empty. Offers are accepted after a while, declined,
// or let expire; of several that are out the first acceptance counts, and what is to be
// confirmed is confirmed. What is offered to nobody is taken by whoever has been idle for
// longest, or next has room. A duty to acknowledge, and help that a policy asks for from the
// start, are done at once. Work that is taken from an owner begins anew with the next.
// Owners give signs of life throughout: nobody lapses.
//
// What is not played: owners who ask for help, hand on what they have or contest a reply;
// approvals; replies that fail.
//
// # Definitions
//
// An attempt to be served begins with a message that wants an owner: a new inquiry, somebody
// who comes back, somebody who tries again. It counts if it begins between the end of the
// warm-up and the end of counting, wherever it ends: the run goes on, with traffic as before,
// until all that count are over, or for [Scenario.Drain]. It is offered, and then served (an
// owner has it: assigned or accepted), abandoned, blocked (turned away), or at the end of the
// run unserved. These four add up to the offered.
//
//   - The wait is from the message to the first owner. [Measures.WaitServed] is that of the
//     served, [Measures.WaitAll] that of all who came in, for whom it may have ended by giving
//     up or by the end of the run; the blocked did not wait.
//   - The service level is the served within the class's time over all offered: abandoned,
//     blocked and unserved are failures. It is the strictest of the usual definitions
//     (Koole, Call Center Optimization, 2013, chapter 2).
//   - Utilisation is the time at work over the time on shift and not on a break, both within the
//     time that counts. Of somebody with several inquiries in hand it is the time with at least one.
//   - A deadline is met or missed as the clocks of the core say (package sla). Those that ended
//     because the customer left count as neither.
//   - A hand-off is a change of owner.
//
// # Chance
//
// Every draw comes from the seed, and is named by what it is for: replication, class, which
// inquiry of it, purpose, how often. No draw shifts another. So two policies meet the same
// customers, with the same patience, in the same need of work (common random numbers), and a
// burst or a class more leaves the others as they were. Of those who come again only the
// draws are the same: whether they have reason to is the policy's doing. One seed is one
// journal, byte for byte, on every machine; see package virtual for how floats are kept
// from spoiling that. The numbers of a report are sums and means, which may differ in their last digit
// between processors.
//
// An interval is Student's t over replications, each with a stream of its own and a warm-up of its
// own. In a steady state the warm-up has to be long enough for the start to be forgotten,
// several times the longest wait; a day that really begins empty needs none. Quantiles are
// those of each replication, averaged, and at most 1/64 too low.
//
// # Is it right?
//
// The tests hold it against theory, within 99 % intervals: Erlang's B, C and A; M/M/n with
// finite room; M/G/1 (Pollaczek, Khinchine) for four laws; M/D/n (Crommelin); priorities without
// preemption (Cobham); and the exact waits in networks of skills under first-come
// first-served and longest idle (Adan, Weiss, Stochastic Systems 4, 2014): N, W, M and chains. Run
// them with -long 20 for intervals a fifth as wide. To compare with such formulas ask for
// Choice longest_idle: the library's own choice keeps generalists free, and does better.
package simulate
