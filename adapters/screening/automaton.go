package screening

import (
	"cmp"
	"slices"
)

// automaton finds all of a set of phrases in one pass over a text (Aho and
// Corasick, 1975). The work for a character does not depend on how many phrases
// there are, only on the logarithm of how many different characters follow.
//
// Nodes are numbered breadth-first, so the children of a node stand beside each
// other: node n has those from first[n] up to first[n+1], ordered by symbol.
type automaton struct {
	first   []int32
	symbol  []rune    // by which the node is reached from its parent
	fail    []int32   // the node of the longest proper suffix that is in the tree
	shorter []int32   // the nearest such suffix that ends a phrase, 0 if none does
	rules   [][]int32 // of the phrases that end here, in order
}

// pattern is a folded phrase and the rule that it belongs to.
type pattern struct {
	text []rune
	rule int32
}

func newAutomaton(patterns []pattern) *automaton {
	patterns = slices.Clone(patterns)
	slices.SortFunc(patterns, func(a, b pattern) int {
		return cmp.Or(slices.Compare(a.text, b.text), cmp.Compare(a.rule, b.rule))
	})
	a := &automaton{symbol: []rune{0}}
	// Each node stands for the sorted patterns that begin with its characters.
	type span struct{ from, to, depth int }
	spans := []span{{0, len(patterns), 0}}
	for n := 0; n < len(spans); n++ {
		s := spans[n]
		var ends []int32
		for s.from < s.to && len(patterns[s.from].text) == s.depth {
			ends = append(ends, patterns[s.from].rule)
			s.from++
		}
		a.rules = append(a.rules, ends)
		a.first = append(a.first, int32(len(spans)))
		for i := s.from; i < s.to; {
			r, j := patterns[i].text[s.depth], i
			for j < s.to && patterns[j].text[s.depth] == r {
				j++
			}
			a.symbol = append(a.symbol, r)
			spans = append(spans, span{i, j, s.depth + 1})
			i = j
		}
	}
	a.first = append(a.first, int32(len(spans)))
	a.link()
	return a
}

// link sets where the search goes on when no child fits.
func (a *automaton) link() {
	a.fail = make([]int32, len(a.symbol))
	a.shorter = make([]int32, len(a.symbol))
	for n := range int32(len(a.symbol)) { // parents before children
		for c := a.first[n]; c < a.first[n+1]; c++ {
			f := int32(0)
			if n != 0 {
				f = a.next(a.fail[n], a.symbol[c])
			}
			a.fail[c], a.shorter[c] = f, f
			if len(a.rules[f]) == 0 {
				a.shorter[c] = a.shorter[f]
			}
		}
	}
}

// next is the node behind n for a character.
func (a *automaton) next(n int32, r rune) int32 {
	for {
		if c, ok := a.child(n, r); ok {
			return c
		}
		if n == 0 {
			return 0
		}
		n = a.fail[n]
	}
}

func (a *automaton) child(n int32, r rune) (int32, bool) {
	from, to := a.first[n], a.first[n+1]
	for to-from > 8 {
		mid := from + (to-from)/2
		if a.symbol[mid] <= r {
			from = mid
		} else {
			to = mid
		}
	}
	for ; from < to; from++ {
		if a.symbol[from] == r {
			return from, true
		}
	}
	return 0, false
}

// search marks in found, a bit set, the rules of every phrase in the text.
func (a *automaton) search(text []rune, found []uint64) {
	n := int32(0)
	for _, r := range text {
		n = a.next(n, r)
		for m := n; m != 0; m = a.shorter[m] {
			for _, rule := range a.rules[m] {
				found[rule/64] |= 1 << (rule % 64)
			}
		}
	}
}
