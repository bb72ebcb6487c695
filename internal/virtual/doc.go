// Package virtual runs deterministic cores in virtual time.
//
// # The story
//
// A [Loop] is virtual time: a list of happenings, each with its instant. It
// takes the earliest, sets the time to it and runs it, which adds more
// happenings. A day passes as fast as its happenings can be carried out. A
// [Driver] puts a core on a loop: it wakes the core when the core wants to be
// woken, hands inputs to it, and passes every batch of events and effects to
// its listeners, which react by adding happenings. A [Stream] is the source of
// randomness, and a [Journal] condenses what happened into one SHA-256.
//
// The simulator is one user: its happenings are customers who write and owners
// who finish. Proofs with several nodes are another: several drivers on one
// loop, and happenings that are faults.
//
// # One seed is one journal
//
// The order of happenings is total: by instant, then by rank, then by the order
// in which they were added. Nothing runs concurrently with the loop, no map is
// ranged over, and no clock is read. So the same happenings lead to the same
// inputs at the same instants, from which the core makes the same events.
//
// What is drawn enters a journal as integers: as whole nanoseconds, and as
// which of several ways was taken. Computing these takes floats, which need
// care to be the same on every machine. The four operations and the square root
// are exact by IEEE 754, but Go may fuse a product and a sum into one operation
// where the processor has it (arm64, ppc64, s390x, riscv64), which rounds once
// instead of twice; and math.Log and math.Exp are written in assembly on some
// of them. So this package has its own logarithm and exponential ([Log],
// [Exp]), and converts every product to float64 before it is added to
// something, which forbids fusing (Go specification, "Floating-point
// operators"). Code that turns draws into instants has to do the same. A test
// compares the sum of many draws with a constant, on whatever machine it runs.
package virtual
