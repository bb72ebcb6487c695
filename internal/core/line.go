package core

import (
	"iter"
	"slices"
)

// chunkLen is the largest number of inquiries in a chunk of a line.
const chunkLen = 512

// line holds the inquiries that wait in a queue, sorted by orderKey, in chunks
// of which none is empty. An insertion or removal moves part of one chunk,
// however long the line is.
type line struct {
	chunks [][]waiting
	n      int
	// moving counts the inquiries whose place moves as time passes. limited counts
	// those of them that wait for a limit, or have waited for one. wary counts those
	// that may have to be stranded, unstranded or relaxed after a roster change even
	// though somebody qualifies for the queue.
	moving, limited, wary int
	// spare is the memory of the last chunk of a line that became empty.
	spare []waiting
}

// waiting is an inquiry with the first part of its key, which mostly suffices
// to compare it.
type waiting struct {
	first int64
	*entry
}

func (w *waiting) compare(k *orderKey) int {
	if w.first != k.first {
		return sign(w.first < k.first)
	}
	return w.compareEqual(k)
}

func (l *line) len() int { return l.n }

// chunkOf is the position of the chunk that has, or would have, a key.
func (l *line) chunkOf(k *orderKey) int {
	i, _ := slices.BinarySearchFunc(l.chunks, k, func(c []waiting, k *orderKey) int { return c[len(c)-1].compare(k) })
	return min(i, len(l.chunks)-1)
}

func within(c []waiting, k *orderKey) (int, bool) {
	return slices.BinarySearchFunc(c, k, func(w waiting, k *orderKey) int { return w.compare(k) })
}

func (l *line) insert(x *entry) {
	l.recount(x)
	l.put(x, &x.orderKey)
}

// put inserts an entry at a place, which is its own but for the first part.
func (l *line) put(x *entry, k *orderKey) {
	l.n++
	w := waiting{k.first, x}
	if len(l.chunks) == 0 {
		l.chunks, l.spare = append(l.chunks, append(l.spare, w)), nil
		return
	}
	n := l.chunkOf(k)
	c := l.chunks[n]
	i, _ := within(c, k)
	if len(c) < chunkLen {
		l.chunks[n] = slices.Insert(c, i, w)
		return
	}
	// One that comes last begins a new chunk, so that the chunks before stay full.
	at := len(c) / 2
	if i == len(c) {
		at = i
	}
	rest := append(make([]waiting, 0, chunkLen), c[at:]...)
	clear(c[at:])
	if l.chunks[n] = c[:at]; i >= at {
		rest = slices.Insert(rest, i-at, w)
	} else {
		l.chunks[n] = slices.Insert(c[:at], i, w)
	}
	l.chunks = slices.Insert(l.chunks, n+1, rest)
}

func (l *line) remove(x *entry) {
	if !l.take(&x.orderKey) {
		return
	}
	noted(&x.moving, &l.moving, false)
	noted(&x.wary, &l.wary, false)
	if x.body != nil {
		noted(&x.limited, &l.limited, false)
	}
}

// take removes what is at a place, and reports whether anything was.
func (l *line) take(k *orderKey) bool {
	if l.n == 0 {
		return false
	}
	n := l.chunkOf(k)
	i, found := within(l.chunks[n], k)
	if !found {
		return false
	}
	l.n--
	c := slices.Delete(l.chunks[n], i, i+1)
	switch {
	case len(c) == 0:
		if l.chunks = slices.Delete(l.chunks, n, n+1); len(l.chunks) == 0 && cap(c) <= chunkLen/8 {
			l.spare = c
		}
	case n+1 < len(l.chunks) && len(c)+len(l.chunks[n+1]) <= chunkLen/2:
		l.chunks[n] = append(c, l.chunks[n+1]...)
		l.chunks = slices.Delete(l.chunks, n+1, n+2)
	default:
		l.chunks[n] = c
	}
	return true
}

// recount updates the counts after a change of an inquiry in the line.
func (l *line) recount(x *entry) {
	noted(&x.moving, &l.moving, moves(x.plan.Order))
	noted(&x.wary, &l.wary, x.Stranded || x.Ask != nil || len(x.plan.soft) > 0)
	noted(&x.limited, &l.limited, x.moving && !x.LimitedUntil.IsZero())
}

// count counts an entry whose flags were set by a recount elsewhere.
func (l *line) count(x *entry) {
	if x.moving {
		l.moving++
	}
	if x.wary {
		l.wary++
	}
	if x.body != nil && x.limited {
		l.limited++
	}
}

// noted sets a flag of an entry and updates the number of entries that have it.
func noted(was *bool, n *int, is bool) {
	if *was != is {
		if *was = is; is {
			*n++
		} else {
			*n--
		}
	}
}

// fill fills an empty line with inquiries in any order.
func (l *line) fill(all []*entry) {
	slices.SortFunc(all, func(a, b *entry) int { return a.orderKey.compare(&b.orderKey) })
	l.n += len(all)
	for part := range slices.Chunk(all, chunkLen*31/32) { // leaves some room in each chunk
		c := make([]waiting, 0, min(chunkLen, len(part)*17/16+1)) // the last is mostly a short one
		for _, x := range part {
			l.count(x)
			c = append(c, waiting{x.orderKey.first, x})
		}
		l.chunks = append(l.chunks, c)
	}
}

// at is the inquiry at a position, from 0.
func (l *line) at(i int) *entry {
	for _, c := range l.chunks {
		if i < len(c) {
			return c[i].entry
		}
		i -= len(c)
	}
	return nil
}

// from is the first inquiry behind a key, or at it if orAt is set; nil if there
// is none.
func (l *line) from(k *orderKey, orAt bool) *entry {
	if l.n == 0 {
		return nil
	}
	n := l.chunkOf(k)
	i, found := within(l.chunks[n], k)
	if found && !orAt {
		i++
	}
	if i == len(l.chunks[n]) {
		if n++; n == len(l.chunks) {
			return nil
		}
		i = 0
	}
	return l.chunks[n][i].entry
}

// end is the first, or the last; nil if there is none.
func (l *line) end(last bool) *entry {
	switch {
	case l.n == 0:
		return nil
	case last:
		c := l.chunks[len(l.chunks)-1]
		return c[len(c)-1].entry
	}
	return l.chunks[0][0].entry
}

// before is the last that comes before a key; nil if there is none.
func (l *line) before(k *orderKey) *entry {
	if l.n == 0 {
		return nil
	}
	n := l.chunkOf(k)
	i, _ := within(l.chunks[n], k)
	if i == 0 {
		if n == 0 {
			return nil
		}
		n--
		i = len(l.chunks[n])
	}
	return l.chunks[n][i-1].entry
}

// position is the position of a key, or the one that it would have.
func (l *line) position(k *orderKey) (at int, found bool) {
	if l.n == 0 {
		return 0, false
	}
	n := l.chunkOf(k)
	for _, c := range l.chunks[:n] {
		at += len(c)
	}
	i, found := within(l.chunks[n], k)
	return at + i, found
}

// all iterates over the line, the first in the waiting order first.
func (l *line) all() iter.Seq[*entry] {
	return func(yield func(*entry) bool) {
		for _, c := range l.chunks {
			for i := range c {
				if !yield(c[i].entry) {
					return
				}
			}
		}
	}
}
