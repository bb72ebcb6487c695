// Package adapters holds the contracts by which a host plugs its world into
// the library: where messages come from ([Source], [Replier]), who can answer
// ([Directory]), what screens a message ([Screener]), how an owner is told
// ([Notifier]), and where everything is kept ([Store]).
//
// Each contract is small and speaks only in types of package inquiry, so an
// adapter needs two imports. What is optional is an interface of its own with
// one method, found by a type assertion, and its documentation says what
// happens when it is absent.
//
// What is personal can be kept under a key per person ([Keyring]), by which a
// person is erased ([Eraser]): package seal does so round any Store.
//
// Package adaptertest holds conformance suites for sources and repliers, notifiers,
// stores and keyrings: an adapter that passes keeps the rules that the rest of the
// library relies upon.
package adapters
