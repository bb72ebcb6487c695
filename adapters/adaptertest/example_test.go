package adaptertest_test

import (
	"testing"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/adaptertest"
	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/adapters/seal"
	"github.com/answerable-go/answerable/inquiry"
)

// The test of a store that does not outlive its process.
func ExampleTestStore() {
	_ = func(t *testing.T) { // func TestStore(t *testing.T)
		adaptertest.TestStore(t, adaptertest.StoreHarness{
			Open: func(*testing.T) adapters.Store { return memory.New(memory.Config{}) },
		})
	}
}

// The test of a source: a function loads the messages into the platform, or
// into what stands in for it.
func ExampleTestSource() {
	load := func(*testing.T, []inquiry.Message) adapters.Source { return nil }
	_ = func(t *testing.T) { // func TestSource(t *testing.T)
		adaptertest.TestSource(t, adaptertest.SourceHarness{New: load})
	}
}

// The test of a notifier that nobody can look behind.
func ExampleTestNotifier() {
	var pager adapters.Notifier
	_ = func(t *testing.T) { // func TestNotifier(t *testing.T)
		adaptertest.TestNotifier(t, adaptertest.NotifierHarness{
			New: func(*testing.T) (adapters.Notifier, func() []adaptertest.Notice) { return pager, nil },
		})
	}
}

// The test of a keyring that outlives its process.
func ExampleTestKeyring() {
	_ = func(t *testing.T) { // func TestKeyring(t *testing.T)
		paths := map[adapters.Keyring]string{}
		open := func(t *testing.T, path string) adapters.Keyring {
			keys, err := seal.OpenDir(path)
			if err != nil {
				t.Fatal(err)
			}
			paths[keys] = path
			return keys
		}
		adaptertest.TestKeyring(t, adaptertest.KeyringHarness{
			Open:  func(t *testing.T) adapters.Keyring { return open(t, t.TempDir()) },
			Again: func(t *testing.T, k adapters.Keyring) adapters.Keyring { return open(t, paths[k]) },
		})
	}
}
