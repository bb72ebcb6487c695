package inquiry

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestDerivedIDsNeverRunTogether(t *testing.T) {
	t.Parallel()
	require.Equal(t, "3fafa1cf-2f19-87c1-929b-eb20cf0983f7", DeriveID("a", "bc").String(), "for ever")
	seen := map[ID][]string{}
	for _, parts := range [][]string{{"a", "bc"}, {"ab", "c"}, {"abc"}, {"abc", ""}, {"", "abc"}, {"", "a", "bc"}, {}, {""}, {"", ""}} {
		id := DeriveID(parts...)
		require.NotContains(t, seen, id, "%q", parts)
		seen[id] = parts
		require.Equal(t, byte(0x80), id[6]&0xf0, "version 8")
		require.Equal(t, byte(0x80), id[8]&0xc0, "the RFC's variant")
	}
	require.NotEqual(t, MessageID("p", "s", "1"), InputID("p", "s"))
	require.NotEqual(t, MessageID("p", "s", "1"), ConversationID("p", "s", "1"))
	// Ids are for ever: these are kept in journals.
	require.Equal(t, "b5b81842-283d-81c0-a9a8-ff2ba15e78de", MessageID("pool", "mail", "1").String())
	require.Equal(t, "0d3e6093-2628-8ae9-8cb1-2959e601faf2", PersonID(nil, "pool", "email", "ada").String())
}

func TestDrawnIDsSortByTime(t *testing.T) {
	t.Parallel()
	last := NewID()
	require.Equal(t, byte(0x70), last[6]&0xf0, "version 7")
	for range 1000 {
		id := NewID()
		require.Positive(t, id.Compare(last))
		last = id
	}
	require.Zero(t, last.Compare(last))
	require.Negative(t, ID{}.Compare(last))
}

func TestIDsAsText(t *testing.T) {
	t.Parallel()
	id := DeriveID("x")
	require.Len(t, id.String(), 36)
	require.Equal(t, id.String()[28:], id.Short())
	back, err := ParseID(id.String())
	require.NoError(t, err)
	require.Equal(t, id, back)
	raw, err := json.Marshal(map[string]ID{"id": id, "none": {}})
	require.NoError(t, err)
	require.JSONEq(t, `{"id":"`+id.String()+`","none":""}`, string(raw))
	var m map[string]ID
	require.NoError(t, json.Unmarshal(raw, &m))
	require.Equal(t, map[string]ID{"id": id, "none": {}}, m)
	require.Empty(t, ID{}.String())
	require.True(t, ID{}.IsZero())
	_, err = ParseID("seven")
	require.ErrorContains(t, err, `"seven" is not an id: want a UUID such as`)
	require.Error(t, new(ID).UnmarshalText([]byte("x")))
}

func TestInstantsAreComparable(t *testing.T) {
	t.Parallel()
	now := time.Now()
	require.Equal(t, Instant(now), Instant(now.In(time.FixedZone("", 3600))))
	require.Equal(t, time.UTC, Instant(now).Location())
	require.True(t, Instant(time.Time{}.In(time.FixedZone("", 3600))).IsZero())
	raw, err := json.Marshal(Instant(now))
	require.NoError(t, err)
	var back time.Time
	require.NoError(t, json.Unmarshal(raw, &back))
	require.Equal(t, Instant(now), back)
}
