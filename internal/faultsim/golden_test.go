package faultsim

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write what TestGolden finds as what it is to find")

// TestGolden holds what happens in a few runs against what happened when they were
// first looked at, on whatever machine and with however many processors. What
// changes how often an Engine asks its store, or what it decides, changes it:
// then -update writes it anew.
func TestGolden(t *testing.T) {
	const file = "testdata/golden.txt"
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	seeds := []uint64{1, 2, 3, 5, 8, 13}
	if testing.Short() {
		seeds = seeds[:1]
	}
	var got strings.Builder
	for _, seed := range seeds {
		var hashes []string
		for _, procs := range []int{1, 2} {
			was := runtime.GOMAXPROCS(procs)
			r := seedRun(t, seed, sound, nil)
			runtime.GOMAXPROCS(was)
			require.Empty(t, r.found, r.String())
			hashes = append(hashes, r.hash)
		}
		require.Equal(t, hashes[0], hashes[1], "H3 seed %d with one processor and with two", seed)
		fmt.Fprintf(&got, "%d %s\n", seed, hashes[0])
	}
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got.String()), 0o600))
		return
	}
	require.True(t, strings.HasPrefix(string(want), got.String()), "want\n%sfound\n%s", want, got.String())
	require.NotEmpty(t, got.String())
}
