package verify

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/answerable-go/answerable/inquiry"
)

// markedPresence is what a mark says of an owner, as far as the events tell it.
// Utilisation and idleness only the engine computes: a replay compares them.
type markedPresence struct {
	Presence     inquiry.Presence `json:"presence"`
	Reason       string           `json:"reason"`
	Before       inquiry.Presence `json:"before"`
	SeenAt       time.Time        `json:"seen_at"`
	SuspectUntil time.Time        `json:"suspect_until"`
	Leaving      bool             `json:"leaving"`
	Returns      []markedReturn   `json:"returns"`
}

// markedReturn is what goes back from an owner.
type markedReturn struct {
	Reason string    `json:"reason"`
	From   time.Time `json:"from"`
}

// recovered holds the marks against the journal. A source's cursor is not in
// the journal, and whatever else a host has put there is not ours.
func (k *keeper) recovered() {
	stored := map[string]bool{}
	for _, m := range k.kept.Marks {
		kind, name, _ := strings.Cut(m.Key, "/")
		if !slices.Contains([]string{"policy", "plan", "owner", "presence", "limit", "matching"}, kind) {
			continue
		}
		stored[m.Key] = true
		k.report.tried(Marks)
		if k.marks != nil {
			if want, ok := k.marks[m.Key]; !ok || !bytes.Equal(want, m.Value) {
				k.find(Marks, k.at(k.seq, inquiry.ID{}, ""), "mark %q is %s, replayed it is %q", m.Key, m.Value, want)
			}
			continue
		}
		if want := k.marked(kind, name, m.Value); want != "" {
			k.find(Marks, k.at(k.seq, inquiry.ID{}, ""), "mark %q is %s, by the journal %s", m.Key, m.Value, want)
		}
	}
	for _, key := range k.mustBeMarked() {
		if !stored[key] {
			k.find(Marks, k.at(k.seq, inquiry.ID{}, ""), "there is no mark %q, by the journal there is", key)
		}
	}
}

// marked holds one mark against the journal; "" if it is right.
func (k *keeper) marked(kind, name string, value []byte) string {
	same := func(want any) string {
		if bytes.Equal(raw(want), value) {
			return ""
		}
		return string(raw(want))
	}
	switch kind {
	case "policy":
		if k.policy == nil {
			return "there is none"
		}
		return same(k.policy.JSON())
	case "plan":
		id, err := inquiry.ParseID(name)
		if p, ok := k.plans[id]; err == nil && ok {
			return same(p.Plan)
		}
		return "there is no such plan"
	case "owner":
		if o, ok := k.on(inquiry.OwnerID(name)); ok {
			return same(o.Owner)
		}
		return "they are not on the roster"
	case "presence":
		return k.markedPresence(inquiry.OwnerID(name), value)
	case "limit":
		var at time.Time
		b, ok := k.buckets[name]
		if err := json.Unmarshal(value, &at); err != nil || !ok || b.emptyAt.IsZero() {
			return "nothing was counted against it"
		}
		if off := at.Sub(b.emptyAt); off < -chargeTolerance || off > chargeTolerance {
			return stamp(b.emptyAt)
		}
	case "matching":
		if !k.paused {
			return "matching is not paused"
		}
	}
	return ""
}

func (k *keeper) markedPresence(id inquiry.OwnerID, value []byte) string {
	var p markedPresence
	o, ok := k.on(id)
	if err := json.Unmarshal(value, &p); err != nil || !ok {
		return "they are not on the roster, or it cannot be read"
	}
	_, leaving := k.leaving[id]
	want := markedPresence{o.presence, o.reason, o.before, o.seenAt, o.suspectUntil, leaving, nil}
	for _, r := range o.returns {
		want.Returns = append(want.Returns, markedReturn{r.reason, r.from})
	}
	same := slices.EqualFunc(p.Returns, want.Returns, func(a, b markedReturn) bool { return a.Reason == b.Reason && a.From.Equal(b.From) })
	if !same || p.Leaving != want.Leaving || p.Presence != want.Presence || p.Reason != want.Reason || p.Before != want.Before || !p.SeenAt.Equal(want.SeenAt) || !p.SuspectUntil.Equal(want.SuspectUntil) {
		return string(raw(want))
	}
	return ""
}

// mustBeMarked are the keys that a store cannot be without.
func (k *keeper) mustBeMarked() (keys []string) {
	if k.marks != nil {
		return slices.Sorted(maps.Keys(k.marks))
	}
	if k.policy != nil {
		keys = append(keys, "policy")
	}
	for _, owners := range []map[inquiry.OwnerID]*owner{k.owners, k.leaving} {
		for _, id := range slices.Sorted(maps.Keys(owners)) {
			keys = append(keys, "owner/"+string(id))
		}
	}
	for _, x := range inOrder(k.live) {
		if key := "plan/" + x.Plan.String(); !x.Plan.IsZero() && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(k.buckets)) {
		if !k.buckets[key].emptyAt.IsZero() {
			keys = append(keys, "limit/"+key)
		}
	}
	if k.paused {
		keys = append(keys, "matching")
	}
	return keys
}
