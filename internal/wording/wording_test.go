package wording_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/internal/wording"
)

func TestOr(t *testing.T) {
	for n, want := range []string{"", "a", "a or b", "a, b or c", "a, b, c or d"} {
		require.Equal(t, want, wording.Or([]string{"a", "b", "c", "d"}[:n]))
	}
}
