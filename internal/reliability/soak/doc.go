// Package soak has Engines at work for as long as one likes, while inquiries,
// people, policies and nodes come and go, and looks for what grows. It has nothing
// but tests:
//
//	go test -C internal/reliability ./soak -seconds 600 -v -timeout 2h
//
// The first half of the time nodes are started and stopped, two at a time: when
// none is left, no goroutine and no open file may be. The second half one Engine
// works on, and whenever all inquiries are closed its memory has to be what it was,
// and the write-ahead log bounded.
package soak
