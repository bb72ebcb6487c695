// Package diskfull fills the disk under a SQLite store that takes messages in,
// and looks at what it says, what it keeps, and how it goes on. It has nothing but
// tests:
//
//	go test -C internal/reliability ./diskfull -fills 50 -v -timeout 1h
//
// The disk is a tmpfs of a few megabytes. Where this user may mount none, a limit
// on the size of files stands in its place: then the system says that a file is
// too large, which is an error like any other of a disk, and not that it is full.
package diskfull
