package record

import "github.com/answerable-go/answerable/adapters"

// prepared is what a store made of a commit.
type prepared[T any] struct {
	by     any
	commit adapters.Commit
	made   T
	err    error
}

// Prepare implements Prepare of a store that is an [adapters.Preparer]: it
// returns what encode makes of a commit, or the error. by is the store, a
// pointer.
func Prepare[T any](by any, c adapters.Commit, encode func(*adapters.Commit) (T, error)) any {
	p := &prepared[T]{by: by, commit: c}
	p.made, p.err = encode(&p.commit)
	return p
}

// Prepared returns what encode makes of a commit. If the store by prepared this
// very commit (the same epoch and head, and the same lists, not just equal
// ones), it returns what encode made of it then.
func Prepared[T any](by any, c *adapters.Commit, encode func(*adapters.Commit) (T, error)) (T, error) {
	if p, ok := c.Prepared.(*prepared[T]); ok && p.by == by && sameCommit(&p.commit, c) {
		return p.made, p.err
	}
	return encode(c)
}

func sameCommit(a, b *adapters.Commit) bool {
	return a.Pool == b.Pool && a.Epoch == b.Epoch && a.Head == b.Head &&
		sameList(a.Events, b.Events) && sameList(a.Changed, b.Changed) && sameList(a.Details, b.Details) &&
		sameList(a.Messages, b.Messages) && sameList(a.Outcomes, b.Outcomes) && sameList(a.Effects, b.Effects) &&
		sameList(a.Settled, b.Settled) && sameList(a.Done, b.Done) && sameList(a.Marks, b.Marks)
}

func sameList[T any](a, b []T) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}
