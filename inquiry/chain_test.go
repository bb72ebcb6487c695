package inquiry

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHash(t *testing.T) {
	t.Parallel()
	var start Hash
	require.True(t, start.IsZero())
	a := start.Then([]byte("a"))
	t.Run("H1 the hash of an event covers it and all before it, in their order", func(t *testing.T) {
		require.Equal(t, a, start.Then([]byte("a")))
		ab := a.Then([]byte("b"))
		for _, other := range []Hash{start, a, start.Then([]byte("ab")), start.Then([]byte("b")).Then([]byte("a")), ab.Then(nil)} {
			require.NotEqual(t, ab, other)
		}
		// printf 'a' behind 32 zero bytes, through sha256sum.
		require.Equal(t, "41a0370c3d9f4277", a.String()[:16])
	})
	t.Run("it is hexadecimal as text", func(t *testing.T) {
		raw, err := json.Marshal(a)
		require.NoError(t, err)
		var back Hash
		require.NoError(t, json.Unmarshal(raw, &back))
		require.Equal(t, a, back)
		require.ErrorContains(t, back.UnmarshalText([]byte("abc")), "64 hexadecimal digits, found 3")
		require.ErrorContains(t, back.UnmarshalText([]byte(strings.Repeat("x", 64))), "hash")
	})
}
