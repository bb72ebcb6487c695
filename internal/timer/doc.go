// Package timer keeps a great many timers in order, compactly: which comes
// first and when, and which of those that come at the same instant.
//
// A [Queue] is a heap of sixteen children and 8 bytes a timer, with the exact
// instant of each timer and its place in the heap by a small [ID], and what the
// timer is for. All of it lies in slabs, so that growing moves nothing and memory
// goes back after a burst. Starting, stopping and putting off allocate nothing.
// Instants are exact to the nanosecond, and ties are broken by what the timers are
// for, never by the order in which they were set: a queue that was made anew from
// records gives the same order as one that ran on.
//
// A slab of ids goes back once none of its 4,096 is in use; the lowest are handed
// out first, so that the high ones empty.
//
// Measured with BenchmarkTimers, medians of five runs on two cores of a shared
// machine that had other work to do; single runs of any of the three vary by a
// factor of two there, while the ratio at a million lay between 3.6 and 6.8 in
// each of a dozen runs one after the other. A random timer of so many is stopped and started for
// another instant within a day:
//
//	armed       Queue     container/heap   time.AfterFunc
//	    1,000    41 ns      146 ns (3.6)     169 ns
//	  100,000    64 ns      976 ns (15)      581 ns
//	1,000,000   284 ns    1,450 ns (5.1)     555 ns
//	memory      28 bytes     57 bytes        112 bytes
//
// At a million the time goes into waiting for memory. What makes the difference is that
// a processor can begin with the next timer meanwhile: few places have to be
// looked at, mostly the parent's, and few branches depend on what they hold. The
// runtime's timers are put off without being sorted in; their order at the same
// instant is not defined. To put off the first of a million, as firing does, takes
// 1.4 us against 5.3. Four and eight children make that a sixth faster, and stopping
// and starting slower by a half and a tenth.
package timer
