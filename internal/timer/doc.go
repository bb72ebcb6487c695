// Package timer keeps a great many timers in order, compactly: which is due
// first and when, and which comes first of those due at the same instant.
//
// A [Queue] is a heap with sixteen children per node and 8 bytes per timer. By
// its small [ID] it also stores the exact instant of each timer, its place in
// the heap, and what the timer is for. All of this lies in slabs, so that
// growing moves nothing and memory is given back after a burst. Setting,
// stopping and moving a timer allocate nothing. Instants are exact to the
// nanosecond, and ties are broken by what the timers are for, never by the
// order in which they were set: a queue that was rebuilt from records gives the
// same order as one that was never stopped.
//
// A slab of 4,096 ids is given back once none of them is in use. The lowest
// free ids are used first, so that the high slabs empty.
//
// The table shows medians of five runs of BenchmarkTimers, on two cores of a
// shared machine that had other work to do. There, single runs of any of the
// three vary by a factor of two; the ratio at a million lay between 3.6 and 6.8
// in each of a dozen consecutive runs. Of so many timers a random one is
// stopped and set to another instant within a day:
//
//	armed       Queue     container/heap   time.AfterFunc
//	    1,000    41 ns      146 ns (3.6)     169 ns
//	  100,000    64 ns      976 ns (15)      581 ns
//	1,000,000   284 ns    1,450 ns (5.1)     555 ns
//	memory      28 bytes     57 bytes        112 bytes
//
// At a million, most of the time is spent waiting for memory. The heap is
// faster because a processor can begin with the next timer meanwhile: few
// places have to be looked at, mostly the parent's, and few branches depend on
// their contents. The runtime's timers are moved without being sorted at once,
// and their order at the same instant is not defined. To move the first of a
// million, as firing does, takes 1.4 us against 5.3. With four and eight
// children that is a sixth faster, and stopping and setting is slower by a half
// and a tenth.
package timer
