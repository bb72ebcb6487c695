package core

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/appendjson"
	"github.com/answerable-go/answerable/internal/slab"
)

// marks collects the marks that have changed since the last Seal. Owners'
// presences and limiters' states change with every decision, so they are
// flagged at the owner or the limiter instead of being put into keys.
type marks struct {
	keys   map[string]struct{}
	owners []*owner // with a changed presence
	limits []*limiter

	room []changedMark // scratch space of takeMarks
	text []byte
	kept slab.Slab[byte] // the values that were handed out
}

// changedMark is a mark, with its owner or limiter if it is a presence or a
// limit.
type changedMark struct {
	key   string
	owner *owner
	limit *limiter
}

func newMarks() marks {
	return marks{keys: map[string]struct{}{}, kept: slab.Slab[byte]{Chunk: 2048}}
}

func presenceMark(id inquiry.OwnerID) string { return "presence/" + string(id) }

func (c *Core) markChanged(key string) { c.marks.keys[key] = struct{}{} }

// ownerChanged notes that something about an owner changed that gates may ask
// about.
func (c *Core) ownerChanged(o *owner) {
	c.stands(o)
	c.stateChanged(o)
}

// stateChanged notes that an owner's state changed in something that no gate
// asks about, or that [Core.stands] was told of already.
func (c *Core) stateChanged(o *owner) {
	c.touch(o)
	if !o.marked {
		o.marked = true
		c.marks.owners = append(c.marks.owners, o)
	}
}

func (c *Core) limitChanged(l *limiter) {
	if !l.marked {
		l.marked = true
		c.marks.limits = append(c.marks.limits, l)
	}
}

// forget empties the collection.
func (m *marks) forget() {
	for i, o := range m.owners {
		o.marked, m.owners[i] = false, nil
	}
	for i, l := range m.limits {
		l.marked, m.limits[i] = false, nil
	}
	m.owners, m.limits = m.owners[:0], m.limits[:0]
	clear(m.keys)
}

// takeMarks appends the changed marks with their values, by key. The values
// belong to the caller and are never written to again.
func (c *Core) takeMarks(to []inquiry.Mark) []inquiry.Mark {
	m := &c.marks
	changed := m.room[:0]
	for _, o := range m.owners {
		if o.gone { // look the id up: another owner may have it by now
			c.markChanged(o.mark)
		}
	}
	for _, o := range m.owners {
		if !o.gone {
			delete(m.keys, o.mark)
			changed = append(changed, changedMark{key: o.mark, owner: o})
		}
	}
	for _, l := range m.limits {
		changed = append(changed, changedMark{key: l.mark, limit: l})
	}
	for k := range m.keys {
		changed = append(changed, changedMark{key: k})
	}
	slices.SortFunc(changed, func(a, b changedMark) int { return cmp.Compare(a.key, b.key) })
	for i := range changed {
		to = append(to, inquiry.Mark{Key: changed[i].key, Value: c.valueOf(&changed[i])})
	}
	clear(changed)
	m.room = changed
	m.forget()
	return to
}

// valueOf is the current value of a mark, nil if it has none.
func (c *Core) valueOf(k *changedMark) []byte {
	m := &c.marks
	switch {
	case k.owner != nil:
		m.text = k.owner.st.append(m.text[:0])
	case k.limit != nil && k.limit.emptyAt.IsZero():
		return nil
	case k.limit != nil:
		m.text = appendjson.Time(m.text[:0], k.limit.emptyAt)
	default:
		return c.mark(k.key)
	}
	return m.kept.Keep(m.text)
}

// append appends the state as JSON, exactly as encoding/json would write it.
func (st *ownerState) append(b []byte) []byte {
	b = appendjson.String(append(b, `{"presence":`...), string(st.Presence))
	if st.Reason != "" {
		b = appendjson.String(append(b, `,"reason":`...), st.Reason)
	}
	if st.Before != "" {
		b = appendjson.String(append(b, `,"before":`...), string(st.Before))
	}
	b = appendInstant(b, `,"seen_at":`, st.SeenAt)
	b = appendInstant(b, `,"suspect_until":`, st.SuspectUntil)
	if st.Utilisation != 0 {
		b = appendjson.Int(append(b, `,"utilisation":`...), int64(st.Utilisation))
	}
	b = appendInstant(b, `,"busy_at":`, st.BusyAt)
	b = appendInstant(b, `,"idle_since":`, st.IdleSince)
	b = appendInstant(b, `,"online_since":`, st.OnlineSince)
	b = appendInstant(b, `,"shift_from":`, st.ShiftFrom)
	if st.Leaving {
		b = append(b, `,"leaving":true`...)
	}
	if len(st.Returns) > 0 {
		b = append(append(b, `,"returns":`...), mustJSON(st.Returns)...)
	}
	return append(b, '}')
}

func appendInstant(b []byte, name string, at time.Time) []byte {
	if at.IsZero() {
		return b
	}
	return appendjson.Time(append(b, name...), at)
}

// mark is the value of a mark of a kind that rarely changes.
func (c *Core) mark(key string) []byte {
	kind, name, _ := strings.Cut(key, "/")
	switch kind {
	case "policy":
		return c.policy.JSON()
	case "plan":
		id, err := inquiry.ParseID(name)
		if p, ok := c.plans[id]; ok && err == nil {
			return mustJSON(p.Plan)
		}
	case "owner":
		if o, ok := c.owners[inquiry.OwnerID(name)]; ok {
			return mustJSON(o.data)
		}
	case "presence":
		if o, ok := c.owners[inquiry.OwnerID(name)]; ok {
			return mustJSON(o.st)
		}
	case "matching":
		if c.paused != nil {
			return mustJSON(c.paused)
		}
	}
	return nil
}

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil { // impossible: plain data
		panic(fmt.Sprintf("core: %T: %v", v, err))
	}
	return b
}
