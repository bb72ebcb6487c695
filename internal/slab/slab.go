// Package slab keeps many small lists that are never changed, for little.
package slab

// Slab keeps pieces side by side in larger arrays, where each by itself would be
// an allocation: what events and rows and marks carry. The zero value allocates
// as much as each piece takes. A Slab is not safe for concurrent use.
//
// An array stays as long as one of its pieces is held somewhere. So Chunk, which
// is how many elements are allocated at a time, is to be low: pieces that are made
// one after the other are mostly let go of one after the other, too, but one that
// stays must not keep much.
type Slab[T any] struct {
	Chunk int
	free  []T
}

// Keep copies a piece, nil if it is empty. To append to what it returns copies it
// once more, so that nobody comes into what is behind it.
func (s *Slab[T]) Keep(piece []T) []T { return s.KeepBoth(piece, nil) }

// KeepBoth is Keep for a piece and what comes behind it.
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
