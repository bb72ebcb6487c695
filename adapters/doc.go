// Package adapters holds the contracts between the library and its host's
// world: where messages come from ([Source]) and replies go to ([Replier]), who
// can answer ([Directory]), what screens and scores a message ([Screener],
// [Scorer]), how owners are told ([Notifier]), and where everything is kept
// ([Store]).
//
// Each contract is small and uses only types of package inquiry, so an adapter
// imports two packages. An ability that not every adapter has is an optional
// interface with one method, which the Engine finds by a type assertion; its
// documentation says what happens without it. For a Store these are [Waker],
// [Preparer], [Restorer], [Checker], [Retainer] and [Eraser].
//
// A store can keep what is personal under a key per person ([Keyring]), so that
// a person is erased by destroying the key. Package seal wraps any Store to do
// so.
//
// Package adaptertest has conformance suites for sources and repliers,
// notifiers, stores and keyrings. An adapter that passes keeps the rules that
// the rest of the library relies upon.
package adapters
