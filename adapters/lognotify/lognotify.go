// Package lognotify is a notifier that writes to a log what owners would be
// told: for development, for demonstrations, and as a record beside a notifier
// that reaches people.
//
// Every effect becomes one record at Info with the message "notification" and
// the attributes topic, effect_id, pool and seq, and as far as the effect has
// them inquiry_id, owner_id, reply_id, at, until, reason, clock and
// escalation_level. An effect carries no text of a customer's, nor does the
// record.
package lognotify

import (
	"context"
	"log/slog"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

var _ adapters.Notifier = (*Notifier)(nil)

// Notifier logs effects. It is safe for concurrent use. The zero value discards
// what it is given.
type Notifier struct {
	logger *slog.Logger
}

// New logs to logger; nil discards.
func New(logger *slog.Logger) *Notifier { return &Notifier{logger: logger} }

// Notify logs an effect. It fails only if ctx has ended, with the context's
// error: then nothing is logged. The same effect notified again is logged again,
// with the same effect_id.
func (n *Notifier) Notify(ctx context.Context, e inquiry.Effect) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if n.logger == nil || !n.logger.Enabled(ctx, slog.LevelInfo) {
		return nil
	}
	n.logger.LogAttrs(ctx, slog.LevelInfo, "notification", attributes(e)...)
	return nil
}

func attributes(e inquiry.Effect) []slog.Attr {
	attrs := append(make([]slog.Attr, 0, 12),
		slog.String("topic", string(e.Topic)),
		slog.String("effect_id", e.ID.String()),
		slog.String("pool", e.Pool),
		slog.Uint64("seq", e.Seq),
	)
	text := func(key, value string) {
		if value != "" {
			attrs = append(attrs, slog.String(key, value))
		}
	}
	text("inquiry_id", e.Inquiry.String())
	text("owner_id", string(e.Owner))
	text("reply_id", e.Reply.String())
	if !e.At.IsZero() {
		attrs = append(attrs, slog.Time("at", e.At))
	}
	if !e.Until.IsZero() {
		attrs = append(attrs, slog.Time("until", e.Until))
	}
	text("reason", e.Reason)
	text("clock", e.Clock)
	if e.Level != 0 {
		attrs = append(attrs, slog.Int("escalation_level", e.Level))
	}
	return attrs
}
