package routing

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
)

// A decision is encoded as encoding/json would, whatever is in it.
func TestDecisionsAreEncodedLikeJSON(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	texts := []string{"", "rule", `a"b\c`, "<b>&amp;", "größer", "\u2028", "tab\tnew\n\x01\x7f", "bad\xff\xc0", "日本"}
	text := func() string { return texts[r.IntN(len(texts))] }
	number := func() int { return []int{0, 1, 999, -5, math.MaxInt32}[r.IntN(5)] }
	id := func() (id inquiry.ID) {
		for i := range id {
			id[i] = byte(r.Uint32() * r.Uint32N(2))
		}
		return id
	}
	ranked := func() Ranked {
		return Ranked{inquiry.OwnerID(text()), Score{r.Int64() - math.MaxInt64/2, Parts{number(), number(), number(), number(), number(), number(), number()}}}
	}
	for range 20_000 {
		d := Decision{
			Seq: uint64(r.Int64()), Plan: id(), Rule: text(), Policy: text(), Relaxed: inquiry.Relaxed(r.Uint32() * r.Uint32N(2)),
			Chosen: ranked(), Pulled: r.IntN(2) == 0, Owners: number(), Passed: number(),
		}
		if r.IntN(4) == 0 {
			d.Audiences = &inquiry.Audiences{Leads: inquiry.Audience(text()), Because: inquiry.LeadReason(text()), Beside: []inquiry.Audience{inquiry.Audience(text())}}
		}
		for range r.IntN(4) {
			d.RunnersUp = append(d.RunnersUp, ranked())
		}
		for range r.IntN(3) {
			d.Kept = append(d.Kept, Kept{inquiry.OwnerID(text()), id()})
		}
		for range r.IntN(3) {
			d.Gates = append(d.Gates, GateCount{text(), number()})
		}
		want, err := json.Marshal(&d)
		require.NoError(t, err)
		if got := d.Encode(); string(want) != string(got) {
			require.Equal(t, string(want), string(got))
		}
	}
}

// Every field is encoded: one that is added is missing here first.
func TestADecisionHasTheseFields(t *testing.T) {
	t.Parallel()
	d := Decision{Audiences: &inquiry.Audiences{}, Relaxed: 1, RunnersUp: make([]Ranked, 1), Pulled: true, Kept: make([]Kept, 1), Gates: make([]GateCount, 1)}
	var got, want map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(d.Encode(), &got))
	raw, err := json.Marshal(d)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &want))
	require.Equal(t, want, got)
}

func BenchmarkEncode(b *testing.B) {
	d := Decision{Seq: 12345, Plan: inquiry.ID{1}, Rule: "rule-00001", Policy: "0123456789ab", Owners: 10_000, Passed: 12}
	one := Ranked{"owner-000123", Score{999999999000, Parts{Fit: 999, Scarcity: 124, Utilisation: 999, Idle: 12}}}
	d.Chosen, d.RunnersUp, d.Gates = one, []Ranked{one, one, one}, []GateCount{{"skills", 9800}, {"capacity", 150}}
	b.Run("appended", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			d.Encode()
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := json.Marshal(&d); err != nil {
				b.Fatal(err)
			}
		}
	})
}
