package core

import (
	"syscall"
	"time"
)

// threadTime is how long the present thread has had a processor: on a busy machine
// much less than what the clock says. Whoever measures by it locks the thread.
func threadTime() time.Duration {
	const thisThread = 1 // RUSAGE_THREAD
	var u syscall.Rusage
	if syscall.Getrusage(thisThread, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
