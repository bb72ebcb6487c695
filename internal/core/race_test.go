//go:build race

package core

// The race detector makes a single-threaded walk ten times slower and finds
// nothing there.
const slow = true
