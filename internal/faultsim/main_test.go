package faultsim

import (
	"os"
	"runtime/debug"
	"testing"
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(800) // runs are small and many
	os.Exit(m.Run())
}
