package jsonl

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// Reply writes a reply to Config.Replies as one line of JSON, with the fields
// of [inquiry.Outbound], and returns the reply's id as the platform's. It is
// safe for concurrent use.
//
// It fails with adapters.ErrNotSent if Config.Replies is nil, if ctx has ended,
// or if nothing was written. If part of the line was written it fails with the
// writer's error.
func (s *Source) Reply(ctx context.Context, out inquiry.Outbound) (external string, err error) {
	if s.config.Replies == nil {
		return "", fmt.Errorf("%w: jsonl: %s only replays: set Config.Replies to keep replies", adapters.ErrNotSent, s.name)
	}
	line, err := json.Marshal(out)
	if err != nil {
		return "", fmt.Errorf("%w: jsonl: %w", adapters.ErrNotSent, err)
	}
	s.replying.Lock()
	defer s.replying.Unlock()
	if err := ctx.Err(); err != nil {
		return "", fmt.Errorf("%w: jsonl: %w", adapters.ErrNotSent, err)
	}
	switch n, err := s.config.Replies.Write(append(line, '\n')); {
	case err != nil && n == 0:
		return "", fmt.Errorf("%w: jsonl: %w", adapters.ErrNotSent, err)
	case err != nil:
		return "", errors.Join(errors.New("jsonl: a reply was written in part"), err)
	}
	return out.Reply.String(), nil
}
