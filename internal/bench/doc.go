// Package bench measures answerable beside its peers, each doing the same work in the same run, checked to give the
// same answer first. It is a module of its own, so that the peers stay out of everybody else's dependencies. See
// README.md for the figures.
package bench
