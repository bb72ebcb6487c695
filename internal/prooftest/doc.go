// Package prooftest looks for a way to break the core's guarantees: policies, rosters and orders of events are drawn at
// random, and after each event and each step one guarantee is held against what happened, worked out anew from the
// journal, the rows and the plans by the documented rules. What breaks one is shrunk to the fewest and smallest steps that do.
//
// It is a module of its own, so that the library that draws and shrinks stays out of everybody else's dependencies, and
// lies below internal, so that it may drive the core itself. There is nothing to import: the properties are its tests.
//
//	go test ./...                                            the short run, of a few seconds and always the same
//	go test ./... -timeout 0 -rapid.checks=100000            the long run: so many walks for each property
//	go test ./... -timeout 0 -rapid.checks=100000 -rapid.seed=0 -rapid.steps=200    another one each time, of longer walks
//
// A walk that broke something is kept below testdata/rapid, says how to run it alone, and is run first from then on, until
// its file is removed. Keep the reduced story as a test beside the core instead: what is drawn here changes, and a kept
// walk then means something else.
package prooftest
