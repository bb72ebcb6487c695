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

// Erase makes everything that the store has of a person unreadable for good:
// what they wrote, what we wrote to them, and who they are, in decided
// inquiries, in inputs that still wait, and in every copy of the store that was
// ever made. channel is the one on which author.External is their id. Name
// every identity that is known, since each has a key of its own. It is fine to
// erase somebody twice, or somebody nobody knows: nil does not say that anybody
// was known by what was named, so mind the channel's name.
//
// The journal and everything that was decided stay as they are: an open inquiry
// of the person stays with its owner, with its deadlines, until it is resolved.
// A reply that has not left yet fails, and its owner is told. What the person
// writes later is a new message like any other, and leads to their open
// inquiry.
//
// Erase may run on any node, also before Run. Other nodes may still be able to
// read the texts for as long as seal.Config.KeepKeys says.
//
// Errors: one that is [errors.ErrUnsupported] if the store does not keep texts
// under keys; [*inquiry.RefusedError] with [inquiry.Invalid] if no identity is
// named; the keyring's, after which the person must be erased again.
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
	e.log.InfoContext(ctx, "the keys of a person's identities were destroyed, if they had any", "channel", channel, "identities", len(persons))
	return nil
}
