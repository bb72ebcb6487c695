package core

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// holders index the roster so that a new queue need not check every owner. An
// owner who lacks the requirement's rarest skill is held back by the same gates
// as anybody else of their kind who lacks it.
type holders struct {
	skills map[string][]holder // by their ids
	kinds  map[string]*kind
	list   []*kind  // the values of kinds; sums over it do not depend on its order
	text   []byte   // scratch space
	asked  []*owner // scratch space
	found  []*owner // scratch space
}

// holder is an owner who has a skill.
type holder struct {
	*owner
	level int
}

// kind is a set of owners whom gates tell apart only by their ids and skills.
type kind struct {
	key   string
	at    int // in the list
	n     int
	like  inquiry.Owner // one of them, without id and skills
	gates routing.Gates // that hold like back from the queue that is being made
}

// nobodyID is no owner's id: it is not valid UTF-8, as every id from JSON is.
const nobodyID inquiry.OwnerID = "\xff"

func newHolders() holders { return holders{skills: map[string][]holder{}, kinds: map[string]*kind{}} }

// change re-indexes an owner whose data was something else before.
func (h *holders) change(o *owner, before *inquiry.Owner) {
	for _, s := range before.Skills {
		if o.data.Level(s.Name) == s.Level {
			continue
		}
		list := h.skills[s.Name]
		if i, found := h.find(s.Name, o); found && len(list) == 1 {
			delete(h.skills, s.Name)
		} else if found {
			h.skills[s.Name] = slices.Delete(list, i, i+1)
		}
	}
	for _, s := range o.data.Skills {
		if before.Level(s.Name) != s.Level {
			h.has(o, s)
		}
	}
	h.leave(o)
	h.join(o)
}

// add indexes an owner.
func (h *holders) add(o *owner) {
	for _, s := range o.data.Skills {
		h.has(o, s)
	}
	h.join(o)
}

// remove takes an owner out of the index.
func (h *holders) remove(o *owner) {
	before := o.data
	o.data.Skills = nil
	h.change(o, &before)
	h.leave(o)
	o.data = before
}

func (h *holders) has(o *owner, s inquiry.Skill) {
	list := h.skills[s.Name]
	i := len(list)
	if i > 0 && list[i-1].data.ID >= o.data.ID {
		i, _ = h.find(s.Name, o)
	}
	h.skills[s.Name] = slices.Insert(list, i, holder{o, s.Level})
}

// join adds an owner to their kind.
func (h *holders) join(o *owner) {
	h.text = appendKind(h.text[:0], &o.data)
	k, known := h.kinds[string(h.text)]
	if !known {
		k = &kind{key: string(h.text), at: len(h.list), like: o.data}
		k.like.ID, k.like.Skills = nobodyID, nil
		h.kinds[k.key], h.list = k, append(h.list, k)
	}
	k.n++
	o.kind = k
}

// leave takes an owner out of their kind.
func (h *holders) leave(o *owner) {
	k := o.kind
	o.kind = nil
	if k.n--; k.n == 0 {
		last := h.list[len(h.list)-1]
		h.list[k.at], last.at = last, k.at
		h.list[len(h.list)-1] = nil
		h.list = h.list[:len(h.list)-1]
		delete(h.kinds, k.key)
	}
}

func (h *holders) find(skill string, o *owner) (int, bool) {
	return slices.BinarySearchFunc(h.skills[skill], o.data.ID, func(other holder, id inquiry.OwnerID) int { return cmp.Compare(other.data.ID, id) })
}

// appendKind appends the key of an owner's kind: all that gates may ask about
// them except id and skills.
func appendKind(b []byte, o *inquiry.Owner) []byte {
	list := func(all []string) {
		b = binary.AppendUvarint(b, uint64(len(all)))
		for _, s := range all {
			b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
		}
	}
	list(o.Departments)
	list(o.Languages)
	list(o.Accounts)
	list([]string{string(o.Affiliation)})
	b = binary.AppendVarint(b, int64(o.Capacity))
	for _, a := range o.Authority {
		list([]string{a.Name})
		b = binary.AppendVarint(b, a.Limit)
	}
	return b
}

// likely are the owners, by id, whom a requirement may treat differently from
// the others of their kind: those who have its rarest skill, and those whom a
// voice may admit by id or skill.
func (c *Core) likely(req *inquiry.Requirement) []*owner {
	h := &c.holders
	rarest, found := h.rarest(req)
	if !found { // no skill is asked for
		return c.ownerList
	}
	h.asked = h.asked[:0]
	for _, s := range rarest {
		h.have(s.Skill, s.Min)
	}
	for i := range req.Voices {
		for _, s := range req.Voices[i].Skills {
			h.have(s.Name, s.Level)
		}
		for _, id := range req.Voices[i].Owners {
			if o, known := c.there(id); known {
				h.asked = append(h.asked, o)
			}
		}
	}
	if len(rarest) > 1 || len(req.Voices) > 0 {
		slices.SortFunc(h.asked, func(a, b *owner) int { return cmp.Compare(a.data.ID, b.data.ID) })
		h.asked = slices.Compact(h.asked)
	}
	return h.asked
}

// rarest are skills of which every owner who qualifies has at least one. Of the
// required skills and groups of skills it is the one with the fewest holders.
func (h *holders) rarest(req *inquiry.Requirement) (skills []inquiry.SkillRequirement, found bool) {
	fewest := 0
	consider := func(one []inquiry.SkillRequirement) {
		n := 0
		for _, s := range one {
			if s.Min <= 0 { // everybody has level 0
				return
			}
			n += len(h.skills[s.Skill])
		}
		if !found || n < fewest {
			skills, fewest, found = one, n, true
		}
	}
	for i := range req.Skills {
		consider(req.Skills[i : i+1])
	}
	for i := range req.AnyOf {
		consider(req.AnyOf[i].Any)
	}
	return skills, found
}

// have adds those who have a skill at a level to asked.
func (h *holders) have(skill string, level int) {
	for _, o := range h.skills[skill] {
		if o.level >= level {
			h.asked = append(h.asked, o.owner)
		}
	}
}
