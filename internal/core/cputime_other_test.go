//go:build !linux

package core

import "time"

// threadTime is not known here.
func threadTime() time.Duration { return 0 }
