// Package powercut cuts the power under a SQLite store that takes messages in,
// and looks at what is left. It has nothing but tests:
//
//	go test -C internal/reliability ./powercut -cuts 300 -v -timeout 1h
//
// The file lies on an ext4 in a file of its own, which the kernel is told to shut
// down at once (EXT4_IOC_SHUTDOWN): whatever the file system had not yet handed to
// its device is gone, and the next mount has to recover its journal. What it had
// handed over, the device keeps. So it is shown that the library and SQLite ask
// for a sync before they acknowledge, and of the right files and directories; it
// is not shown what a drive does that loses, reorders or tears what it was told to
// keep.
package powercut
