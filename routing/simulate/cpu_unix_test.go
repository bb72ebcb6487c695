//go:build unix

package simulate

import (
	"syscall"
	"time"
)

// processorTime is what the process has used of processors, which a busy machine
// does not lengthen.
func processorTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
