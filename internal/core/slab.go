package core

// slab keeps pieces side by side in larger arrays, where each by itself would be
// an allocation: what events, rows and marks carry, and nobody changes any more.
//
// An array stays as long as one of its pieces is held somewhere. So chunk, which
// is how much is allocated at a time, is to be little: pieces that are made one
// after the other are mostly let go of one after the other, too, but one that
// stays must not keep much.
type slab[T any] struct {
	chunk int
	free  []T
}

// keep copies a piece, nil if it is empty. To append to what it returns copies it.
func (s *slab[T]) keep(piece []T) []T {
	n := len(piece)
	if n == 0 {
		return nil
	}
	if n > len(s.free) {
		s.free = make([]T, max(n, s.chunk))
	}
	kept := s.free[:n:n]
	s.free = s.free[n:]
	copy(kept, piece)
	return kept
}
