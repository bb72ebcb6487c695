package policyfile

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whatever a file holds, loading it ends in a policy or in faults, each with a
// place; and a policy that was loaded comes back from what Marshal writes of it.
func FuzzParse(f *testing.F) {
	for _, name := range []string{"testdata/small.yaml", "testdata/wrong.yaml", "policytest/testdata/shop.yaml"} {
		text, err := os.ReadFile(name)
		require.NoError(f, err)
		f.Add(text)
	}
	f.Add([]byte("a: &a [*a]\n"))
	f.Add([]byte("{\"sink\":\"a\",\"default\":{\"targets\":[{\"kind\":\"resolve\",\"within\":\"1h\"}]}}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 1<<16 {
			return
		}
		file, err := Parse(Source{"p.yaml", text})
		if err != nil {
			faults := Faults(err)
			require.NotEmpty(t, faults)
			for _, x := range faults {
				require.Equal(t, "p.yaml", x.File, x.Error())
				require.Positive(t, x.Line, x.Error())
				require.Positive(t, x.Column, x.Error())
			}
			return
		}
		again, err := Marshal(file.Policy, file.Roster)
		require.NoError(t, err)
		back, err := Parse(Source{"p.yaml", again})
		require.NoError(t, err, "%s", again)
		require.Equal(t, string(file.Compiled().JSON()), string(back.Compiled().JSON()))
		require.Equal(t, asJSON(t, file.Roster), asJSON(t, back.Roster))
	})
}
