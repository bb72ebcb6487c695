// Package pgserver runs a PostgreSQL server of one's own for as long as a program
// runs: tests need a real one, and one that they may kill.
package pgserver

import "errors"

// Environment names the DSN of a server that is to be used instead of one's own.
const Environment = "ANSWERABLE_POSTGRES"

// ErrNotInstalled means that there are no binaries of PostgreSQL to start.
var ErrNotInstalled = errors.New("no PostgreSQL server: install one (apt-get install postgresql), or name one with " + Environment)

// ErrNoPooler means that there is no PgBouncer to start.
var ErrNoPooler = errors.New("no PgBouncer: install one (apt-get install pgbouncer)")
