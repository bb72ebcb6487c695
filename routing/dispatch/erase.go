package dispatch

import (
	"context"
	"errors"
	"fmt"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// errErased is why a reply cannot go out any more.
var errErased = errors.New("was erased")

// Erase makes unreadable for good what the store has of a person: what they wrote,
// what we wrote to them, and who they are, in what is decided, in what still
// waits, and in every copy of the store that was ever made. channel is that of
// author.External; name every identity that is known, since each has a key of
// its own. Erasing somebody twice, or whom nobody knows, is fine.
//
// The journal and whatever was decided stand as they are: an open inquiry of
// theirs stays with its owner and its deadlines, until it is resolved. A reply
// that has not left yet fails, and its owner is told. What the person writes later is a new
// message like any other, and leads to their open inquiry.
//
// It may run on any node, also before Run. Other nodes may still read for as long
// as seal.Config.KeepKeys says. Errors: one that is errors.ErrUnsupported where
// the store keeps nothing under keys; [*inquiry.RefusedError] with [inquiry.Invalid]
// where no identity is named; the keyring's, after which to erase again.
func (e *Engine) Erase(ctx context.Context, channel string, author inquiry.Author) error {
	eraser, ok := e.store.(adapters.Eraser)
	if !ok {
		return fmt.Errorf("dispatch: erase: the store %T keeps texts readable for ever: give New a store of seal.New, in package adapters/seal: %w", e.store, errors.ErrUnsupported)
	}
	persons := author.Persons(e.cfg.PseudonymKey, e.cfg.Pool, channel)
	switch {
	case len(persons) == 0:
		return invalid("erase: the author has neither External nor Identities: name at least one identity")
	case channel == "" && author.External != "":
		return invalid("erase: the channel is empty: set the one that author.External is an id on")
	}
	if err := eraser.Erase(ctx, e.cfg.Pool, persons...); err != nil {
		return fmt.Errorf("dispatch: erase: not everything may be erased, erase again: %w", err)
	}
	e.log.InfoContext(ctx, "a person was erased", "identities", len(persons))
	return nil
}
