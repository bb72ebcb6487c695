// Package timer keeps a great many timers in order, compactly: what is due
// first, and which of those that are due at the same instant.
package timer
