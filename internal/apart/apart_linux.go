package apart

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
)

const inside = "ANSWERABLE_APART"

// T is a *testing.T.
type T interface {
	Helper()
	Name() string
	Context() context.Context
	Skipf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Inside has the rest of a test happen apart. It is true in the process where
// that is; in the one that has only waited for it, it is false, and the test is
// over. Where this user is not root they are root within, who may mount a tmpfs
// but no device.
//
// Where the system allows no namespace the test is skipped, also where tests may
// not be skipped for want of a tool: no installation mends that.
func Inside(t T) bool {
	t.Helper()
	attr := &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	if os.Geteuid() != 0 {
		attr.Cloneflags = syscall.CLONE_NEWUSER
		attr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Geteuid(), Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getegid(), Size: 1}}
	}
	return happens(t, attr)
}

// Alone is [Inside] for a test that needs a process of its own, and no mounts.
func Alone(t T) bool {
	t.Helper()
	return happens(t, &syscall.SysProcAttr{})
}

func happens(t T, attr *syscall.SysProcAttr) bool {
	t.Helper()
	if os.Getenv(inside) != "" {
		return true
	}
	said, err := run(t.Context(), t.Name(), attr)
	switch {
	case strings.Contains(string(said), "--- SKIP"):
		t.Skipf("%s", said)
	case err != nil && len(said) == 0:
		Skip(t, "this system lets user %d have no mount namespace: %v", os.Geteuid(), err)
	case err != nil:
		t.Fatalf("%v\n%s", err, said)
	}
	fmt.Printf("%s", said)
	return false
}

// Skip skips a test that proves nothing here, in words that are looked for.
func Skip(t T, format string, args ...any) {
	t.Helper()
	t.Skipf("NOT PROVEN HERE: "+format, args...)
}

func run(ctx context.Context, test string, attr *syscall.SysProcAttr) (said []byte, err error) {
	binary, err := os.Executable()
	if err != nil {
		return nil, err
	}
	args := append(os.Args[1:len(os.Args):len(os.Args)], "-test.run=^"+test+"$", "-test.v=true")
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = append(os.Environ(), inside+"=1")
	attr.Pdeathsig = syscall.SIGKILL
	cmd.SysProcAttr = attr
	// A process is killed with the thread that started it, not with the process.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return cmd.CombinedOutput()
}
