package prooftest

import (
	"flag"
	"os"
	"testing"
)

// TestMain makes the run short, and the same each time, unless flags or the
// environment say otherwise.
func TestMain(m *testing.M) {
	for _, d := range []struct{ flag, env, value string }{
		{"rapid.checks", "RAPID_CHECKS", "10"},
		{"rapid.steps", "RAPID_STEPS", "80"},
		{"rapid.seed", "RAPID_SEED", "1"},
		{"rapid.shrinktime", "RAPID_SHRINKTIME", "10s"},
	} {
		if _, set := os.LookupEnv(d.env); set {
			continue
		}
		if err := flag.Set(d.flag, d.value); err != nil {
			panic(err)
		}
	}
	m.Run()
}
