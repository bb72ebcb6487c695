package routing

import (
	"maps"
	"math/bits"
	"slices"
	"sort"
)

// Rules are found by an inverted index: each is filed under a value that its
// inquiries must have, the rarest of those that it asks for, and an inquiry looks
// up its own values only. Where many rules share a value, those are filed under
// another of theirs in turn. What is found that way is a candidate: the rest of
// what it asks for is looked at.
//
// Reach, calendars and labels that must be absent file nothing; a rule that asks
// for nothing else is looked at each time that no rule before it has matched.

// scanned is up to how many rules are as quickly looked at one by one.
const scanned = 8

// checked is up to how many candidates are not filed any further.
const checked = 4

// filing bounds how many entries an index has for each rule: one that asks for
// any of many values is filed under each of them.
const filing = 8

// attribute is what an index goes by.
type attribute uint8

const (
	byKind attribute = iota
	byLabel
	byAudience
	byLead // the audience that leads
	byChannel
	byAccount
	byLanguage
	attributes // how many there are
)

// value is a value of an attribute: which attribute, and the value's number.
type value uint32

const attributeBits = 4

func (v value) bit() uint16 { return 1 << (v & (1<<attributeBits - 1)) }

// vocabulary numbers the values that rules ask for.
type vocabulary [attributes]words

// words are those of one attribute. A few are found by a look at each, more by number.
type words struct {
	texts  []string
	number map[string]value
}

func (v *vocabulary) number(a attribute, text string) value {
	w := &v[a]
	if w.number == nil {
		w.number = map[string]value{}
	}
	n, ok := w.number[text]
	if !ok {
		n = value(len(w.texts))<<attributeBits | value(a)
		w.number[text], w.texts = n, append(w.texts, text)
	}
	return n
}

// of appends the values of an inquiry that some rule asks for.
func (v *vocabulary) of(q *asked, values []value) []value {
	f := q.facts
	values = v.one(byKind, string(f.Kind), values)
	values = v.one(byChannel, q.channel, values)
	values = v.one(byAccount, q.account, values)
	values = v.one(byLanguage, f.Language, values)
	for _, l := range f.Labels {
		values = v.one(byLabel, l, values)
	}
	if len(f.Audiences) > 0 {
		values = v.one(byLead, string(q.lead), values)
	}
	for _, a := range f.Audiences {
		values = v.one(byAudience, string(a), values)
	}
	return values
}

func (v *vocabulary) one(a attribute, text string, values []value) []value {
	w := &v[a]
	if len(w.texts) > scanned {
		if n, ok := w.number[text]; ok {
			values = append(values, n)
		}
		return values
	}
	for i, known := range w.texts {
		if known == text {
			return append(values, value(i)<<attributeBits|value(a))
		}
	}
	return values
}

// demand is one condition of a rule: an inquiry must have one of these values.
type demand []value

func (d demand) met(by []value) bool {
	for _, v := range by {
		if slices.Contains(d, v) {
			return true
		}
	}
	return false
}

// demands are those conditions of a rule that it can be filed by.
func (v *vocabulary) demands(m *Match, led bool) (out []demand) {
	audiences := byAudience
	if led {
		audiences = byLead
	}
	out = appendDemand(out, v, byKind, m.Kinds)
	out = appendDemand(out, v, byChannel, m.Channels)
	out = appendDemand(out, v, byAccount, m.Accounts)
	out = appendDemand(out, v, byLanguage, m.Languages)
	out = appendDemand(out, v, audiences, m.Audiences)
	out = appendDemand(out, v, byAudience, m.AnyAudience)
	out = appendDemand(out, v, byLabel, m.AnyLabel)
	for _, l := range m.Labels {
		out = append(out, demand{v.number(byLabel, l)})
	}
	return out
}

func appendDemand[S ~string](out []demand, v *vocabulary, by attribute, texts []S) []demand {
	if len(texts) == 0 {
		return out
	}
	d := make(demand, len(texts))
	for i, text := range texts {
		d[i] = v.number(by, string(text))
	}
	slices.Sort(d)
	return append(out, slices.Compact(d))
}

// index is the way to the rules of a level, or to those of them that have the
// values under which it is filed itself.
type index struct {
	least int32       // the first rule in it
	list  []candidate // looked at each time, in the order of the rules
	// The others are filed by value; by are the attributes of the values. The place
	// of a value is found by a look at each of a few, and in places if there are more.
	by     uint16
	values []value
	filed  []*index
	places *places
}

// places tell where a value is filed: by its number from the least one on where
// these are close together, by a map where they are far apart.
type places struct {
	least value
	near  []int32 // one more than the place; 0 for what is not filed
	far   map[value]int32
}

// sparse is how many numbers there may be for each that is filed, to go by number.
const sparse = 4

// placesOf are those of sorted values.
func placesOf(values []value, by uint16) *places {
	p := &places{least: values[0]}
	least, most := values[0]>>attributeBits, values[len(values)-1]>>attributeBits
	if one := bits.OnesCount16(by) == 1; one && int(most-least) < sparse*len(values) {
		p.near = make([]int32, most-least+1)
		for i, v := range values {
			p.near[v>>attributeBits-least] = int32(i) + 1
		}
		return p
	}
	p.far = make(map[value]int32, len(values))
	for i, v := range values {
		p.far[v] = int32(i)
	}
	return p
}

// of is the place of a value of one of the attributes that are filed.
func (p *places) of(v value) (int32, bool) {
	if p.near == nil {
		i, ok := p.far[v]
		return i, ok
	}
	if i := v>>attributeBits - p.least>>attributeBits; uint64(i) < uint64(len(p.near)) { // below the least one it wraps around
		return p.near[i] - 1, p.near[i] > 0
	}
	return 0, false
}

// under is what is filed under a value of one of the attributes that the index
// goes by; nil if nothing is.
func (x *index) under(v value) *index {
	if x.places != nil {
		if i, ok := x.places.of(v); ok {
			return x.filed[i]
		}
		return nil
	}
	for i, known := range x.values {
		if known == v {
			return x.filed[i]
		}
	}
	return nil
}

// candidate is a rule of which what it is filed under is known to hold.
type candidate struct {
	rule    int32
	more    bool     // it asks for what no index goes by, too
	single  bool     // no more than one value is pending:
	value   value    // this one
	pending []demand // what is not known to hold, if that is not a single value
}

// met reports whether the inquiry has what the candidate waits for.
func (c *candidate) met(by []value) bool {
	if c.single {
		return slices.Contains(by, c.value)
	}
	for _, d := range c.pending {
		if !d.met(by) {
			return false
		}
	}
	return true
}

// index files rules. led says that the policy has a precedence of audiences.
func (v *vocabulary) index(rules []node, led bool) *index {
	f := filer{rules: rules, all: make([][]demand, len(rules)), budget: filing * len(rules), counts: map[value]int{}}
	list := make([]int32, len(rules))
	for i := range rules {
		list[i], f.all[i] = int32(i), v.demands(&rules[i].match, led)
	}
	return f.file(list, nil)
}

type filer struct {
	rules  []node
	all    [][]demand    // of each rule
	budget int           // how many entries more there may be
	counts map[value]int // scratch: how often a value is asked for
}

// file makes an index of some rules, all of which hold for under.
func (f *filer) file(list []int32, under []value) *index {
	x := &index{least: list[0]}
	if len(list) <= checked {
		x.list = f.candidates(list, under)
		return x
	}
	clear(f.counts)
	for _, i := range list {
		for _, d := range f.all[i] {
			for _, n := range d {
				f.counts[n]++
			}
		}
	}
	filed, entries, left := map[value][]int32{}, 0, []int32(nil)
	for _, i := range list {
		d := f.rarest(f.all[i], under)
		for _, n := range d {
			filed[n] = append(filed[n], i)
		}
		if entries += len(d); len(d) == 0 {
			left = append(left, i)
		}
	}
	if len(filed) == 0 || entries > f.budget {
		x.list = f.candidates(list, under)
		return x
	}
	f.budget -= entries
	x.list = f.candidates(left, under)
	x.values = slices.Sorted(maps.Keys(filed)) // the same index each time, whatever the budget leaves
	for _, n := range x.values {
		x.by |= n.bit()
		x.filed = append(x.filed, f.file(filed[n], append(slices.Clone(under), n)))
	}
	if len(x.values) > scanned {
		x.places = placesOf(x.values, x.by)
	}
	return x
}

func (f *filer) candidates(list []int32, under []value) []candidate {
	out := make([]candidate, len(list))
	for k, i := range list {
		m := &f.rules[i].match
		out[k] = candidate{rule: i, more: m.MinReach > 0 || len(m.NoLabel) > 0 || m.During != "" || m.Outside != ""}
		for _, d := range f.all[i] {
			if !d.met(under) {
				out[k].pending = append(out[k].pending, d)
			}
		}
		if p := out[k].pending; len(p) == 1 && len(p[0]) == 1 {
			out[k].single, out[k].value, out[k].pending = true, p[0][0], nil
		}
	}
	return out
}

// rarest is the demand that the fewest rules share, of those that the values
// under which a rule is filed already do not meet; nil if there is none.
func (f *filer) rarest(ds []demand, under []value) (best demand) {
	least := 0
	for _, d := range ds {
		if d.met(under) {
			continue
		}
		sum := 0
		for _, n := range d {
			sum += f.counts[n]
		}
		if best == nil || sum < least {
			best, least = d, sum
		}
	}
	return best
}

// search is the first rule from one on that matches, below if none before it does.
func (c *Compiled) search(x *index, rules []node, q *asked, from, below int32) int32 {
	if x.by != 0 {
		for _, v := range q.values {
			if x.by&v.bit() == 0 {
				continue
			}
			if sub := x.under(v); sub != nil && sub.least < below {
				below = c.search(sub, rules, q, from, below)
			}
		}
	}
	list := x.list
	if from > x.least {
		list = list[sort.Search(len(list), func(i int) bool { return list[i].rule >= from }):]
	}
	for i := range list {
		one := &list[i]
		if one.rule >= below {
			break
		}
		if one.met(q.values) && (!one.more || c.matchesRest(&rules[one.rule].match, q)) {
			return one.rule
		}
	}
	return below
}
