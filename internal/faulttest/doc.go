// Package faulttest tries to make the stores, and the Engine over them, lose something, do it twice or contradict
// themselves. There is nothing to import: the proofs are its tests, and the module is one of its own, so that what they
// need stays out of everybody else's dependencies. They are about all three stores: in memory, in SQLite, and in a
// PostgreSQL server of their own, or the one that ANSWERABLE_POSTGRES names.
package faulttest
