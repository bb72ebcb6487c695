package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/seal"
)

// BenchmarkSealedSubmit measures from Submit to assigned with 64 submitters, each
// inquiry of a new customer, as it is, sealed under keys in memory, and under
// keys in a directory, which makes a file for each of them.
func BenchmarkSealedSubmit(b *testing.B) {
	for _, c := range []struct {
		name string
		keys func(b *testing.B) adapters.Keyring
	}{
		{"not sealed", nil},
		{"keys in memory", func(*testing.B) adapters.Keyring { return seal.NewMemory() }},
		{"keys in a directory", func(b *testing.B) adapters.Keyring {
			keys, err := seal.OpenDir(filepath.Join(b.TempDir(), "keys"))
			require.NoError(b, err)
			return keys
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			var store adapters.Store = openIn(b, b.TempDir())
			if c.keys != nil {
				var err error
				store, err = seal.New(store, c.keys(b), seal.Config{})
				require.NoError(b, err)
			}
			office := newOffice(b, store)
			drive(b, office, 64, 1, 500) // warm
			b.ResetTimer()
			took := drive(b, office, 64, 1, b.N)
			b.StopTimer()
			b.ReportMetric(float64(len(took))/b.Elapsed().Seconds(), "inquiries/s")
			b.ReportMetric(percentile(took, 50).Seconds()*1e3, "p50-ms")
			office.check(b)
		})
	}
}
