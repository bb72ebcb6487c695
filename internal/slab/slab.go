// Package slab allocates many small, immutable lists cheaply.
package slab

// Slab copies small slices into larger arrays, side by side, so that each does
// not need an allocation of its own. The core keeps what events, rows and marks
// carry in slabs. The zero value works, and allocates each slice by itself. A
// Slab is not safe for concurrent use.
//
// Chunk is the number of elements that are allocated at a time. An array stays
// in memory as long as anybody holds one of its slices, so Chunk should be low:
// slices that are made one after the other are mostly dropped together, but one
// that stays must not keep much else alive.
type Slab[T any] struct {
	Chunk int
	free  []T
}

// Keep returns a copy of a slice, nil if it is empty. Its capacity is its
// length, so that appending to it allocates and cannot overwrite its neighbour.
func (s *Slab[T]) Keep(piece []T) []T { return s.KeepBoth(piece, nil) }

// KeepBoth is Keep for the concatenation of two slices.
func (s *Slab[T]) KeepBoth(piece, more []T) []T {
	n := len(piece) + len(more)
	if n == 0 {
		return nil
	}
	if n > len(s.free) {
		s.free = make([]T, max(n, s.Chunk))
	}
	kept := s.free[:n:n]
	s.free = s.free[n:]
	copy(kept[copy(kept, piece):], more)
	return kept
}
