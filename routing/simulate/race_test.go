//go:build race

package simulate

// The race detector makes a single-threaded simulation ten times slower and finds
// nothing there; what runs beside each other is found with less.
const slow = true
