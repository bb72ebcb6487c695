package faulttest

import (
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/anishathalye/porcupine"

	"github.com/answerable-go/answerable/inquiry"
)

// What a history of a store is about: three inquiries, three people, and at most
// 64 inputs in a pool.
const (
	inquiries = 3
	people    = 3
	maxInputs = 64
)

// ledger is what a pool of a store has to be at any instant: the whole model of
// [adapters.Store] that histories are held against.
type ledger struct {
	epoch uint64
	node  byte
	// live: the term was neither given back nor seen to have ended. short: it may
	// end by itself within the history.
	live, short bool

	head   uint64
	chain  uint64 // of all events
	holder [inquiries]byte

	// Inputs, a bit each: in the inbox; decided; and of these refused.
	inbox, decided, refused uint64
}

type action byte

const (
	lead action = iota
	giveBack
	commit
	recall // Recover
	look   // Find
	read   // Journal
	put
	pending
	outcomes
)

var actions = [...]string{"lead", "give back", "append", "recover", "find", "journal", "put", "pending", "outcomes"}

// request is what a client asked of a store.
type request struct {
	pool byte
	do   action

	node  byte
	epoch uint64
	short bool

	head    uint64
	verdict verdict // of a commit
	inquiry byte    // of look
	input   byte    // of put
	raced   bool    // a put beside the commit that decides its input
}

// verdict is what a leader makes of one input: a commit carries one.
type verdict struct {
	input   byte
	inquiry byte
	kind    byte // 't'ake, 'a'ssign or 'r'elease
	owner   byte
	refused bool // a commit without events: an outcome only
}

type fate byte

const (
	kept    fate = iota // or, of a read, answered
	stale               // refused, and nothing kept
	failed              // nothing kept
	unknown             // kept or not
)

// answer is what the store said. What a read found is in found.
type answer struct {
	fate    fate
	granted bool
	epoch   uint64
	node    byte
	found   ledger // as much of it as the read tells
	text    string // the error's
}

// ledgerModel tells whether a history could have been that of one ledger.
func ledgerModel() porcupine.Model {
	m := porcupine.NondeterministicModel{
		Partition: byPool,
		Init:      func() []any { return []any{ledger{}} },
		Step: func(state, input, output any) []any {
			return state.(ledger).step(input.(request), output.(answer)) // the model's own types
		},
		DescribeOperation: func(input, output any) string {
			return describe(input.(request), output.(answer)) // the model's own types
		},
		DescribeState: func(state any) string { return fmt.Sprintf("%+v", state) },
	}
	return m.ToModel()
}

func byPool(history []porcupine.Operation) [][]porcupine.Operation {
	parts := map[byte][]porcupine.Operation{}
	for _, op := range history {
		pool := op.Input.(request).pool // the model's own types
		parts[pool] = append(parts[pool], op)
	}
	var list [][]porcupine.Operation
	for _, part := range parts {
		list = append(list, part)
	}
	return list
}

// step is what the ledger may be after a request was answered so; nothing if it
// could not have been answered so.
func (l ledger) step(r request, a answer) []any {
	if a.fate == failed {
		return []any{l}
	}
	switch r.do {
	case lead, giveBack:
		return l.claimed(r, a)
	case commit:
		return l.committed(r, a)
	case put:
		next, bit := l, uint64(1)<<r.input
		next.inbox |= bit
		switch {
		case l.decided&bit == 0:
			return either(a, l, next)
		case r.raced:
			return []any{l, next}
		}
		return []any{l}
	}
	return only(l.answers(r, a.found), l)
}

// answers reports whether a read tells what the ledger says.
func (l ledger) answers(r request, found ledger) bool {
	switch r.do {
	case recall:
		return found.head == l.head && found.holder == l.holder
	case look:
		return found.holder[r.inquiry] == l.holder[r.inquiry]
	case read:
		return found.head == l.head && found.chain == l.chain
	case pending:
		return found.inbox == l.inbox
	case outcomes:
		return found.decided == l.decided && found.refused == l.refused
	}
	return false
}

// either is the next ledger if it was answered so, and both where the fate is
// not known.
func either(a answer, now, next ledger) []any {
	switch {
	case a.fate != unknown:
		return []any{next}
	case now == next:
		return []any{now}
	}
	return []any{now, next}
}

func only(possible bool, l ledger) []any {
	if !possible {
		return nil
	}
	return []any{l}
}

func (l ledger) claimed(r request, a answer) []any {
	var possible []any
	for _, way := range l.ways(r) {
		if a.fate == unknown || way.granted == a.granted && way.epoch == a.epoch && way.node == a.node {
			possible = append(possible, way.ledger)
		}
	}
	if a.fate == unknown {
		possible = append(possible, l)
	}
	return possible
}

type way struct {
	ledger
	granted bool
}

// ways are how a claim may end: in one way, or in two while a short term lasts.
func (l ledger) ways(r request) []way {
	ours := l.epoch > 0 && r.node == l.node
	current := ours && r.epoch == l.epoch
	if r.do == giveBack {
		next := l
		if l.live && (current || ours && r.epoch == 0) {
			next.live = false
		}
		return []way{{next, false}}
	}
	next := l
	next.live, next.short, next.node = true, r.short, r.node
	if current { // renewed
		return []way{{next, true}}
	}
	next.epoch++
	granted, refused := way{next, true}, way{l, false}
	switch {
	case !l.live, ours && r.epoch == 0:
		return []way{granted}
	case l.short:
		return []way{granted, refused}
	}
	return []way{refused}
}

func (l ledger) committed(r request, a answer) []any {
	fits := l.epoch > 0 && r.epoch == l.epoch && r.head == l.head && l.live
	switch a.fate {
	case stale:
		if fits && !l.short {
			return nil
		}
		if fits { // its term has ended, then
			l.live = false
		}
		return []any{l}
	case kept:
		if !fits || !l.decides(r.verdict) {
			return nil
		}
	case unknown:
		if !fits || !l.decides(r.verdict) {
			return []any{l}
		}
	}
	next := l
	v, bit := r.verdict, uint64(1)<<r.verdict.input
	next.inbox &^= bit
	next.decided |= bit
	if v.refused {
		next.refused |= bit
		return either(a, l, next)
	}
	next.holder[v.inquiry] = v.owner
	if v.kind == 'r' {
		next.holder[v.inquiry] = 0
	}
	next.head++
	next.chain = link(l.chain, next.head, v)
	return either(a, l, next)
}

// decides reports whether the verdict is right: whoever has an inquiry keeps it
// until they release it or it is assigned to somebody else. A commit that passes
// the fence was decided from this very ledger.
func (l ledger) decides(v verdict) bool {
	if l.decided>>v.input&1 == 1 {
		return false
	}
	return v.refused == !l.allows(v)
}

func (l ledger) allows(v verdict) bool {
	switch v.kind {
	case 't':
		return l.holder[v.inquiry] == 0
	case 'r':
		return l.holder[v.inquiry] == v.owner
	}
	return true
}

// link adds an event to the chain.
func link(chain, seq uint64, v verdict) uint64 {
	h := fnv.New64a()
	fmt.Fprint(h, chain, seq, v.kind, v.inquiry, v.owner, v.input)
	return h.Sum64()
}

func describe(r request, a answer) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s(", actions[r.do])
	switch r.do {
	case lead, giveBack:
		fmt.Fprintf(&b, "node %c, epoch %d", r.node, r.epoch)
		if r.short {
			b.WriteString(", short")
		}
	case commit:
		fmt.Fprintf(&b, "epoch %d, head %d, input %d: %c of inquiry %d by %d", r.epoch, r.head, r.verdict.input, r.verdict.kind, r.verdict.inquiry, r.verdict.owner)
		if r.verdict.refused {
			b.WriteString(" refused")
		}
	case look:
		fmt.Fprintf(&b, "inquiry %d", r.inquiry)
	case put:
		fmt.Fprintf(&b, "input %d", r.input)
	}
	b.WriteString(") -> ")
	switch {
	case a.fate != kept:
		fmt.Fprintf(&b, "%s: %s", [...]string{"kept", "stale", "failed", "unknown"}[a.fate], a.text)
	case r.do == lead || r.do == giveBack:
		fmt.Fprintf(&b, "granted %t, epoch %d, node %c", a.granted, a.epoch, a.node)
	case r.do == recall:
		fmt.Fprintf(&b, "head %d, holders %v", a.found.head, a.found.holder)
	case r.do == look:
		fmt.Fprintf(&b, "holder %d", a.found.holder[r.inquiry])
	case r.do == read:
		fmt.Fprintf(&b, "head %d, chain %x", a.found.head, a.found.chain)
	case r.do == pending:
		fmt.Fprintf(&b, "inbox %b", a.found.inbox)
	case r.do == outcomes:
		fmt.Fprintf(&b, "decided %b, refused %b", a.found.decided, a.found.refused)
	default:
		b.WriteString("kept")
	}
	return b.String()
}

// judge holds a history against a model.
func judge(model porcupine.Model, history []porcupine.Operation) (porcupine.CheckResult, porcupine.LinearizationInfo) {
	return porcupine.CheckOperationsVerbose(model, history, longestCheck)
}

// names of people, by number; nobody is 0.
var names = [people + 1]inquiry.OwnerID{"", "anna", "ben", "cleo"}
