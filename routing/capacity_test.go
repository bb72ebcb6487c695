package routing

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// randomCapacity has some of the candidates of a snapshot be capped, wrapping
// up, near the end of their shift, or busy with what may be interrupted.
func randomCapacity(r *rand.Rand, s *Snapshot) {
	s.Inquiry.Channel = pick(r, "", "chat", "phone")
	s.Plan.Interruptible, s.Plan.BeginBefore = r.IntN(3) == 0, pick(r, 0, 0, sla.Duration(5*time.Minute))
	for i := range s.Candidates {
		c := &s.Candidates[i]
		c.ShiftEnds = pick(r, time.Time{}, noon.Add(time.Minute), noon.Add(time.Hour))
		c.Interruptible = r.IntN(1 + c.Load)
		c.WrapUp = r.IntN(1 + c.Load)
		if r.IntN(3) > 0 {
			continue
		}
		c.Owner.Caps = some(r, inquiry.Cap{Channel: "phone", Max: 1 + r.IntN(2), Alone: r.IntN(2) == 0}, inquiry.Cap{Channel: "chat", Max: 1 + r.IntN(3), Alone: r.IntN(4) == 0})
		for _, channel := range some(r, "chat", "email", "phone") {
			n := 1 + r.IntN(3)
			c.InHand = append(c.InHand, InHand{Channel: channel, N: n, Firm: r.IntN(n + 1)})
		}
	}
}

func TestC8TheRoomForWork(t *testing.T) {
	t.Parallel()
	phone := inquiry.Cap{Channel: "phone", Max: 1, Alone: true}
	chat := inquiry.Cap{Channel: "chat", Max: 2}
	for _, tc := range []struct {
		name string
		work Work
		c    Candidate
		caps []inquiry.Cap
		want Gates
	}{
		{name: "other work does not see what may be interrupted", work: Work{Cost: 60}, c: Candidate{Load: 100, Interruptible: 60}},
		{name: "but sees the rest", work: Work{Cost: 61}, c: Candidate{Load: 100, Interruptible: 60}, want: GateCapacity},
		{name: "what may be interrupted sees everything", work: Work{Cost: 1, Interruptible: true}, c: Candidate{Load: 100, Interruptible: 60}, want: GateCapacity},
		{name: "room under the cap", work: Work{Channel: "chat"}, caps: []inquiry.Cap{chat}, c: Candidate{InHand: []InHand{{"chat", 1, 1}}}},
		{name: "no room under the cap", work: Work{Channel: "chat"}, caps: []inquiry.Cap{chat}, c: Candidate{InHand: []InHand{{"chat", 2, 0}}}, want: GateChannel},
		{name: "another channel's cap", work: Work{Channel: "email"}, caps: []inquiry.Cap{chat}, c: Candidate{InHand: []InHand{{"chat", 2, 2}}}},
		{name: "somebody on the phone", work: Work{Channel: "email", Interruptible: true}, caps: []inquiry.Cap{phone}, c: Candidate{InHand: []InHand{{"phone", 1, 1}}}, want: GateChannel},
		{name: "a call for somebody in a chat", work: Work{Channel: "phone"}, caps: []inquiry.Cap{phone}, c: Candidate{InHand: []InHand{{"chat", 1, 1}}}, want: GateChannel},
		{name: "a call for somebody with mail", work: Work{Channel: "phone"}, caps: []inquiry.Cap{phone}, c: Candidate{InHand: []InHand{{"email", 3, 0}}}},
		{name: "no caps, no count", work: Work{Channel: "phone"}, c: Candidate{InHand: []InHand{{"phone", 9, 9}}}},
		{name: "time enough before the end of the shift", work: Work{BeginBefore: time.Minute - 1}, c: Candidate{ShiftEnds: noon.Add(time.Minute)}},
		{name: "not time enough", work: Work{BeginBefore: time.Minute}, c: Candidate{ShiftEnds: noon.Add(time.Minute)}, want: GateShift},
		{name: "a shift without an end", work: Work{BeginBefore: time.Hour}},
		{name: "up to the end", work: Work{}, c: Candidate{ShiftEnds: noon.Add(1)}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.c.Owner = &inquiry.Owner{ID: "ann", Capacity: 100, Caps: tc.caps}
			tc.c.Presence, tc.c.OnShift = inquiry.Online, true
			got := Check(&inquiry.Requirement{}, tc.work, &tc.c, time.Time{}, noon)
			require.Equal(t, tc.want, got, "%s", got)
		})
	}
}

func TestB2CapacityAndShiftsInAPlan(t *testing.T) {
	t.Parallel()
	three, none := 3, 0
	p := minimal(
		Rule{Name: "calls", Match: Match{Channels: []string{"phone"}}, Settings: Settings{WrapUp: sla.Duration(time.Minute), ShiftEnd: inquiry.Keep}},
		Rule{Name: "chats", Match: Match{Channels: []string{"chat"}}, Settings: Settings{Waking: inquiry.Keep, BeginBefore: sla.Duration(time.Hour)}},
	)
	p.Default.Waking, p.Default.ShiftEnd = inquiry.Requeue, inquiry.Requeue
	p.Presence.BeginBefore = sla.Duration(10 * time.Minute)
	p.Channels = []Channel{
		{Name: "phone", Cost: 100, WrapUp: sla.Duration(time.Hour)},
		{Name: "chat", WaitingCost: &three, WrapUp: sla.Duration(2 * time.Minute)},
		{Name: "email", WaitingCost: &none, Interruptible: true},
	}
	c, err := Compile(p)
	require.NoError(t, err)
	plan := func(channel string) *inquiry.Plan {
		p, _ := c.Plan(nil, channel, "", noon)
		return p
	}
	for channel, want := range map[string]inquiry.Plan{
		"phone": {Cost: 100, WrapUp: sla.Duration(time.Minute), BeginBefore: sla.Duration(10 * time.Minute)},
		"chat":  {Cost: 10, WaitingCost: &three, WrapUp: sla.Duration(2 * time.Minute), BeginBefore: sla.Duration(time.Hour), ShiftEnd: inquiry.Requeue},
		"email": {Cost: 10, WaitingCost: &none, Waking: inquiry.Requeue, Interruptible: true, BeginBefore: sla.Duration(10 * time.Minute), ShiftEnd: inquiry.Requeue},
		"post":  {Cost: 10, BeginBefore: sla.Duration(10 * time.Minute), ShiftEnd: inquiry.Requeue},
	} {
		got := plan(channel)
		require.Equal(t, want, inquiry.Plan{
			Cost: got.Cost, WaitingCost: got.WaitingCost, Waking: got.Waking, Interruptible: got.Interruptible,
			WrapUp: got.WrapUp, BeginBefore: got.BeginBefore, ShiftEnd: got.ShiftEnd,
		}, channel)
	}

	plain, err := Compile(minimal())
	require.NoError(t, err)
	made, _ := plain.Plan(nil, "email", "", noon)
	raw, err := json.Marshal(made)
	require.NoError(t, err)
	for _, key := range []string{"waiting_cost", "waking", "interruptible", "wrap_up", "begin_before", "shift_end"} {
		require.NotContains(t, string(raw), key, "what is not used costs nothing")
	}
}

func TestB2FaultsOfCapacityAndShifts(t *testing.T) {
	t.Parallel()
	below, above := -1, 11
	p := minimal(Rule{Name: "x", Settings: Settings{Waking: "drop", ShiftEnd: "sleep", WrapUp: -1, BeginBefore: -1}})
	p.Channels = []Channel{{Name: "a", WaitingCost: &below}, {Name: "b", WaitingCost: &above}, {Name: "c", Cost: 11, WaitingCost: &above, WrapUp: -1}}
	p.Presence.BeginBefore = -1
	got := map[string]int{}
	for _, f := range Faults(p.Validate()) {
		got[f.Path]++
	}
	require.Equal(t, map[string]int{
		"presence/begin_before":        1,
		"channels[0] (a)/waiting_cost": 1,
		"channels[1] (b)/waiting_cost": 1,
		"channels[2] (c)/wrap_up":      1,
		"rules[0] (x)/waking":          1,
		"rules[0] (x)/shift_end":       1,
		"rules[0] (x)/wrap_up":         1,
		"rules[0] (x)/begin_before":    1,
	}, got)
}
