package apart

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

const inside = "ANSWERABLE_APART"

// Inside reports whether this process is the one apart.
func Inside() bool { return os.Getenv(inside) != "" }

// Run runs a test of this very test binary apart, with the same flags, and
// returns what it said. Where this user is not root they are root within, who
// may mount a tmpfs but no device.
//
// The process ends with this one.
func Run(ctx context.Context, test string) (said []byte, err error) {
	binary, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, binary, append(os.Args[1:len(os.Args):len(os.Args)], "-test.run=^"+test+"$", "-test.v=true")...) //nolint:gosec // ourselves
	cmd.Env = append(os.Environ(), inside+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	if os.Geteuid() != 0 {
		cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Geteuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getegid(), Size: 1}}
	}
	// A process is killed with the thread that started it, not with the process.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	said, err = cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		err = &NotAllowedError{err}
	}
	return said, err
}

// NotAllowedError means that this system lets this user have no namespace.
type NotAllowedError struct{ err error }

func (e *NotAllowedError) Error() string {
	return fmt.Sprintf("this system lets user %d have no mount namespace: %v", os.Geteuid(), e.err)
}

func (e *NotAllowedError) Unwrap() error { return e.err }
