package core

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// ranking finds the best of a queue's owners whom no gate holds back, by the
// requirement and the weights of a plan. Plans with the same requirement and
// the same weights share a ranking.
//
// A score consists of a fixed part, how the owner suits the requirement; a part
// that changes with their load; and a part that grows while they are idle. An
// inquiry adds to the scores of its previous owner and of those with a bonus,
// who are therefore scored one by one. The owners of a crowd are the leaves of
// a tree, in which those with the same fixed part are neighbours. Every node
// has the highest score without idleness and the longest idleness of the free
// owners below it. Together they bound the scores below at any instant, and the
// search for the best descends only where the bound beats what it has found.
type ranking struct {
	queue   *queue
	weights inquiry.Weights
	req     *inquiry.Requirement
	asked   []*inquiry.Requirement // requirements of interned plans that are known to equal req
	leafOf  []int32                // the leaf of each place, in its crowd's tree
	trees   []tree                 // one per crowd
	roots   []node                 // of the trees, side by side: a search reads all roots, and descends into few
}

// nobody is the score of a leaf whose owner is not free, and of a node with
// only such leaves.
const nobody = math.MinInt64

type tree struct {
	width  int // a power of two; node 1 is the root, node n has the nodes 2n and 2n+1 below it
	nodes  []node
	leaves []leaf // of the nodes from width on
}

type leaf struct {
	place *place
	suit  routing.Suit
}

type node struct {
	best  int64 // score without idleness
	since int64 // the earliest start of idleness, in nanoseconds since 1970
	first int32 // the lowest place below it
}

func (q *queue) rankingOf(p *inquiry.Plan) *ranking {
	for _, r := range q.rankings {
		if r.weights == p.Weights && slices.Contains(r.asked, &p.Requirement) {
			return r
		}
	}
	for _, r := range q.rankings {
		if r.weights == p.Weights && sameRequirement(r.req, &p.Requirement) {
			r.asked = append(r.asked, &p.Requirement)
			return r
		}
	}
	r := newRanking(q, p)
	q.rankings = append(q.rankings, r)
	return r
}

func sameRequirement(a, b *inquiry.Requirement) bool {
	return string(mustJSON(a)) == string(mustJSON(b))
}

func newRanking(q *queue, p *inquiry.Plan) *ranking {
	r := &ranking{
		queue: q, weights: p.Weights, req: &p.Requirement, asked: []*inquiry.Requirement{&p.Requirement},
		leafOf: make([]int32, len(q.places)), trees: make([]tree, len(q.crowds)), roots: make([]node, len(q.crowds)),
	}
	for _, pl := range q.places {
		t := &r.trees[pl.crowd]
		t.leaves = append(t.leaves, leaf{pl, routing.SuitOf(&r.weights, r.req, &pl.owner.data)})
	}
	for i := range r.trees {
		r.trees[i].plant(r)
		r.roots[i] = r.trees[i].nodes[1]
	}
	for _, pl := range q.places {
		r.place(pl)
	}
	return r
}

// plant gives each owner a leaf.
func (t *tree) plant(r *ranking) {
	slices.SortFunc(t.leaves, func(a, b leaf) int {
		return cmp.Or(cmp.Compare(b.suit.Total(&r.weights), a.suit.Total(&r.weights)), cmp.Compare(a.place.at, b.place.at))
	})
	t.width = 1 << bits.Len(uint(max(1, len(t.leaves))-1)) // a crowd may be empty
	t.nodes = make([]node, 2*t.width)
	for i := range t.nodes {
		t.nodes[i] = node{nobody, math.MaxInt64, math.MaxInt32}
	}
	for i, l := range t.leaves {
		r.leafOf[l.place.at] = int32(i)
		t.nodes[t.width+i].first = l.place.at
	}
	for i := t.width - 1; i > 0; i-- {
		t.nodes[i].first = min(t.nodes[2*i].first, t.nodes[2*i+1].first)
	}
}

// place brings the tree up to date with an owner.
func (r *ranking) place(p *place) {
	best, since := int64(nobody), int64(math.MaxInt64)
	if p.gates == 0 {
		suit := r.suit(p)
		best = suit.Total(&r.weights) + r.weights.Utilisation*int64(routing.UtilisationPart(p.owner.st.Utilisation))
		since = nanoseconds(p.owner.st.IdleSince)
	}
	t := &r.trees[p.crowd]
	i := t.width + int(r.leafOf[p.at])
	if n := &t.nodes[i]; n.best == best && n.since == since {
		return
	}
	t.nodes[i].best, t.nodes[i].since = best, since
	for i >>= 1; i > 0; i >>= 1 {
		n, a, b := &t.nodes[i], &t.nodes[2*i], &t.nodes[2*i+1]
		best, since := max(a.best, b.best), min(a.since, b.since)
		if n.best == best && n.since == since {
			return
		}
		n.best, n.since = best, since
	}
	r.roots[p.crowd] = t.nodes[1]
}

// suit is how the owner of a place suits the requirement.
func (r *ranking) suit(p *place) routing.Suit { return r.trees[p.crowd].leaves[r.leafOf[p.at]].suit }

// nanoseconds is the time since 1970 in nanoseconds, or the least or greatest
// number if it is out of range.
func nanoseconds(t time.Time) int64 {
	switch s := t.Unix(); {
	case s < math.MinInt64/1_000_000_000+1:
		return math.MinInt64
	case s > math.MaxInt64/1_000_000_000-1:
		return math.MaxInt64
	}
	return t.UnixNano()
}

// scored is an owner with their score.
type scored struct {
	owner *owner
	score routing.Score
}

func (a *scored) better(b *scored) bool { return a.rank().Better(b.rank()) }

func (a *scored) rank() routing.Rank {
	return routing.Rank{Total: a.score.Total, IdleSince: a.owner.st.IdleSince, Owner: a.owner.data.ID}
}

// contender is an owner whom a search has found, with what ranks them. The
// complete score is made only for those who are left in the end.
type contender struct {
	place *place
	suit  routing.Suit
	total int64 // of the score
	since int64 // idle, in nanoseconds
	// what the inquiry adds
	previous bool
	bonus    int
}

func (a *contender) better(b *contender) bool {
	switch {
	case a.total != b.total:
		return a.total > b.total
	case a.since != b.since:
		return a.since < b.since
	}
	return a.rank().Better(b.rank())
}

func (a *contender) rank() routing.Rank {
	return routing.Rank{Total: a.total, IdleSince: a.place.owner.st.IdleSince, Owner: a.place.owner.data.ID}
}

// search finds the best of those who may have an inquiry.
type search struct {
	*ranking
	now    time.Time
	nanos  int64
	vague  bool // now is out of the range of nanoseconds
	most   int
	found  []contender       // at most most of them, the best first
	ranked []scored          // whoever takes the inquiry, then those found
	named  []inquiry.OwnerID // owners who are scored one by one, or not at all
}

// begin starts a new search in the memory of the one before.
func (s *search) begin(r *ranking, now time.Time, most int) *search {
	nanos := nanoseconds(now)
	vague := nanos == math.MinInt64 || nanos == math.MaxInt64
	*s = search{ranking: r, now: now, nanos: nanos, vague: vague, most: most, found: s.found[:0], ranked: s.ranked[:0], named: s.named[:0]}
	return s
}

// take puts whoever takes the inquiry first, whatever their rank.
func (s *search) take(p *place, previous bool, bonus int) {
	s.named = append(s.named, p.owner.data.ID)
	s.ranked = append(s.ranked, s.scoreOf(&contender{place: p, suit: s.suit(p), previous: previous, bonus: bonus}))
	s.most--
}

// best are those found, after whoever takes the inquiry.
func (s *search) best() []scored {
	for i := range s.found {
		s.ranked = append(s.ranked, s.scoreOf(&s.found[i]))
	}
	return s.ranked
}

// add adds an owner to those found, if they are among the best.
func (s *search) add(o contender) {
	if len(s.found) == s.most {
		if !o.better(&s.found[s.most-1]) {
			return
		}
		s.found = s.found[:s.most-1]
	}
	i := len(s.found)
	for i > 0 && o.better(&s.found[i-1]) {
		i--
	}
	s.found = slices.Insert(s.found, i, o)
}

// addNamed is add for somebody to whose score the inquiry itself may add.
func (s *search) addNamed(p *place, previous bool, bonus int) {
	o := contender{place: p, suit: s.suit(p), since: nanoseconds(p.owner.st.IdleSince), previous: previous, bonus: bonus}
	o.total = s.scoreOf(&o).score.Total
	s.add(o)
}

// everywhere searches the crowds that no limit holds, that with the highest
// bound first.
func (s *search) everywhere() {
	var room [32]root
	roots := room[:0]
	for i := range s.roots {
		if b := s.bound(&s.roots[i]); b > nobody && !s.queue.crowds[i].shut(s.now) {
			roots = append(roots, root{&s.trees[i], b})
		}
	}
	slices.SortFunc(roots, func(a, b root) int { return cmp.Compare(b.bound, a.bound) })
	for _, r := range roots {
		s.in(r.tree, 1, r.bound)
	}
}

// root is the tree of a crowd, with the bound of all its scores.
type root struct {
	tree  *tree
	bound int64
}

// in searches the owners below a node whose scores have a bound. The bound of a
// leaf is the score itself, unless now is vague.
func (s *search) in(t *tree, i int, bound int64) {
	if bound == nobody || !s.may(&t.nodes[i], bound) {
		return
	}
	if i >= t.width {
		l := &t.leaves[i-t.width]
		if len(s.named) == 0 || !slices.Contains(s.named, l.place.owner.data.ID) {
			o := contender{place: l.place, suit: l.suit, total: bound, since: t.nodes[i].since}
			if s.vague {
				o.total = s.scoreOf(&o).score.Total
			}
			s.add(o)
		}
		return
	}
	a, b := 2*i, 2*i+1
	mostA, mostB := s.bound(&t.nodes[a]), s.bound(&t.nodes[b])
	if mostB > mostA {
		a, b, mostA, mostB = b, a, mostB, mostA
	}
	s.in(t, a, mostA)
	s.in(t, b, mostB)
}

// may reports whether somebody below a node, whose scores have a bound, may be
// better than those found.
func (s *search) may(n *node, bound int64) bool {
	if len(s.found) < s.most {
		return true
	}
	worst := &s.found[s.most-1]
	switch {
	case bound != worst.total:
		return bound > worst.total
	case n.since != worst.since || worst.since == math.MinInt64 || worst.since == math.MaxInt64:
		return n.since <= worst.since
	}
	return s.queue.places[n.first].owner.data.ID < worst.place.owner.data.ID
}

// bound is a score that nobody below a node exceeds.
func (s *search) bound(n *node) int64 {
	if n.best == nobody {
		return nobody
	}
	var idle int64
	if n.since < s.nanos || s.vague {
		idle = routing.Full
		if d := s.nanos - n.since; d > 0 && !s.vague { // d <= 0: the difference overflowed, so it is long enough
			idle = min(idle, d/int64(routing.IdleStep))
		}
	}
	return n.best + s.weights.Idle*idle
}

func (s *search) scoreOf(o *contender) scored {
	who := o.place.owner
	cand := routing.Candidate{Utilisation: who.st.Utilisation, IdleSince: who.st.IdleSince, Bonus: o.bonus}
	return scored{who, o.suit.Score(&s.weights, &cand, o.previous, s.now)}
}
