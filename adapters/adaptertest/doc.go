// Package adaptertest holds the conformance suites for the contracts of
// package adapters: what an adapter passes, the rest of the library relies upon.
//
// A suite is one call in a test of the adapter's own package:
//
//	func TestStore(t *testing.T) {
//		adaptertest.TestStore(t, adaptertest.StoreHarness{
//			Open: func(t *testing.T) adapters.Store {
//				s, err := mystore.Open(filepath.Join(t.TempDir(), "pools.db"))
//				if err != nil {
//					t.Fatal(err)
//				}
//				return s
//			},
//		})
//	}
//
// [TestSource], [TestNotifier] and [TestKeyring] work alike. Every case is a subtest with an
// adapter of its own, so that one can be run alone, and its name begins with
// the number of the rule that it defends and says the rule in words. A case
// that hangs is reported by that name and does not hang the test. Run the
// suites with -race: they use what they are given from many goroutines.
//
// What a harness leaves out (a nil field) is not tested; each field says what
// that means. The suites need nothing but the standard library. They are
// themselves tested against adapters that lose, repeat, reorder or lie.
package adaptertest
