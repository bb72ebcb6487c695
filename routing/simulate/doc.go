// Package simulate tries a policy out in virtual time, before any customer
// meets it.
//
// # The story
//
// A [Scenario] says what comes in, who is there to answer, and by which policy.
// It has classes of inquiries with their arrivals, handling times and patience,
// and groups of owners with their skills, speeds, shifts, breaks and habits.
// Its policy is made of a waiting order and a [Choice], or is a whole
// [routing.Policy]. [Parse] reads a scenario from JSON, strictly.
//
// [Run] plays the scenario as often as it asks for and returns a [Report], in
// which each [Value] has a confidence interval. [Compare] plays two scenarios
// with the same customers and reports the differences. With [Options].Examples
// the report also tells single inquiries, such as a typical one, the longest
// wait, or one that missed a deadline, with the decisions about them explained
// as by [routing.Explain]. Package report, a module of its own, makes pages of
// all this.
//
// The library itself decides. The simulation feeds the same deterministic core
// as package dispatch, with messages, acceptances, replies and the passing of
// time; the core routes, queues, matches, offers, relaxes requirements, holds
// for previous owners and runs the clocks. Only people are made up: when they
// write, how long they take, when they lose patience. So everything that a
// policy can say can be tried, and a decision in a simulation is the decision
// that would have been made.
//
// # What people do
//
// The customers of a class arrive by a Poisson process whose rate may change
// with the hour and the weekday. It may be more dispersed than a Poisson
// process (one gamma-distributed factor a day), and may have bursts that fade.
// Or they arrive as recorded. Each customer has a patience and gives up when it
// is over and nobody has become the owner; once an owner has begun, the
// customer stays. Customers may try again after giving up, write again while
// they wait, come back after the resolution, and reply late to a question. If
// the waiting room is full they are turned away.
//
// Owners work on what they are assigned or accept. How long that takes depends
// on the draw for the inquiry, on the law that holds for the owner, and on
// their speed; several inquiries in hand may slow each other down. Off shift
// nobody takes new work, and what is in hand is finished. A break begins when
// nothing is in hand. Offers are accepted after a while, declined, or left to
// expire. If several are out, the first acceptance counts; what has to be
// confirmed is confirmed. What waits to be taken is taken by whoever has been
// idle for longest, or has room next. A duty to acknowledge, and help that a
// policy asks for from the start, are done at once. Work that is taken from an
// owner starts over with the next one. Owners give signs of life throughout:
// presence never lapses.
//
// Not played are owners who ask for help, hand over what they have or contest a
// reply; approvals; and replies that fail.
//
// # Definitions
//
// An attempt to be served begins with a message that wants an owner: of a new
// inquiry, of somebody who comes back, or of somebody who tries again. It
// counts if it begins between the end of the warm-up and the end of counting,
// wherever it ends: the run goes on, with the same traffic, until all attempts
// that count are over, or for Scenario.Drain. Every attempt is offered, and
// ends as served (somebody became the owner), abandoned, blocked (turned away)
// or, at the end of the run, unserved. These four add up to the offered.
//
//   - The wait is the time from the message to the first owner.
//     [Measures].WaitServed is over the served. Measures.WaitAll is over all
//     who came in, including waits that ended by giving up or with the run; the
//     blocked did not wait.
//   - The service level is the share of all offered that were served within the
//     class's time. Abandoned, blocked and unserved count as failures. It is
//     the strictest of the usual definitions (Koole, Call Center Optimization,
//     2013, chapter 2).
//   - Utilisation is the time at work divided by the time on shift and not on a
//     break, both within the time that counts. For an owner with several
//     inquiries in hand, it is the time with at least one.
//   - A deadline is met or missed as the clocks of the core say (package sla).
//     Deadlines that ended because the customer left count as neither.
//   - A hand-off is a change of owner.
//
// # Randomness
//
// Every draw comes from the seed and has a name: the replication, the class,
// which inquiry of it, the purpose, and how often. No draw shifts another. So
// two policies meet the same customers, with the same patience and the same
// need of work (common random numbers), and a further burst or class leaves the
// others as they were. For customers who come again, only the draws are the
// same: whether they have a reason to come again depends on the policy. One
// seed gives one journal, byte for byte, on every machine; package virtual says
// how floats are kept from spoiling that. The numbers of a report are sums and
// means, and may differ in their last digit between processors.
//
// An interval is Student's t over the replications, each with a random stream
// and a warm-up of its own. For a steady state the warm-up has to be long
// enough to forget the start, several times the longest wait; a day that really
// begins empty needs none. A quantile is the mean of the quantiles of the
// replications, each of which is at most 1/64 too low.
//
// # Is it right?
//
// The tests compare the simulation with theory, within 99 % intervals: Erlang
// B, C and A; M/M/n with finite room; M/G/1 (Pollaczek-Khinchine) for four
// laws; M/D/n (Crommelin); priorities without preemption (Cobham); and the
// exact waits in networks of skills under first-come first-served and longest
// idle (Adan, Weiss, Stochastic Systems 4, 2014): N, W, M and chains. Run them
// with -long 20 for intervals a fifth as wide. To compare with such formulas,
// set Choice to longest_idle: the library's own choice keeps generalists free,
// and does better.
package simulate
