package core

import (
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Ratios are compared as integers, to a millionth and without overflow.
func TestScaled(t *testing.T) {
	t.Parallel()
	d := dice{7}
	for range 20_000 {
		a, b := time.Duration(d.next()>>(1+d.n(62))), time.Duration(d.next()>>(1+d.n(62)))
		by := uint64(d.n(1_000_001))
		want := new(big.Int).Mul(big.NewInt(int64(a)), new(big.Int).SetUint64(by*scale))
		want.Div(want, big.NewInt(int64(max(1, b))))
		if most := big.NewInt(math.MaxInt64 >> 1); want.Cmp(most) > 0 {
			want = most
		}
		require.Equal(t, want.Int64(), scaled(a, by, b), "%d * %d / %d", a, by, b)
	}
	require.Zero(t, scaled(-1, 5, 1), "a clock that begins in the future has no age")
	require.Positive(t, scaled(1, 1, 0))
}
