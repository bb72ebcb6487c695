//go:build !unix

package simulate

import "time"

func processorTime() time.Duration { return 0 }
