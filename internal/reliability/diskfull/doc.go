// Package diskfull fills the disk under a SQLite store that takes messages in,
// and looks at what it says, what it keeps, and how it goes on. It has nothing but
// tests:
//
//	go test -C internal/reliability ./diskfull -fills 50 -v -timeout 1h
//
// The disk is a tmpfs of a few megabytes. For systems on which this user may mount
// none there is a second test with a limit on the size of files in its place: the
// system says then that a file is too large, which is an error like any other of a
// disk, and not that it is full.
package diskfull
