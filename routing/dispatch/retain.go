package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/answerable-go/answerable/adapters"
)

// Retain says for how long a store keeps inquiries that were closed. It needs a
// store that is an [adapters.Retainer], as those of this project are; another
// store keeps everything, and the Engine logs that. Zero durations keep for
// ever.
//
// Only what is stored beside the journal goes. The journal has no customer's
// text or name and is kept whole: its chain of hashes, Explain, a replay and
// package verify do not need what is gone. Afterwards:
//
//   - A customer who writes to a conversation that is gone opens a new inquiry,
//     as after any inquiry that is closed.
//   - A command about an inquiry that is gone is refused like one about a
//     closed inquiry.
//   - Outcomes of inputs stay, so that a message which a platform delivers
//     again after years still changes nothing. An older revision of it that had
//     not come in before opens an inquiry.
type Retain struct {
	// Texts is for how long after its closing an inquiry keeps what was said in it
	// and by whom. Then its messages and details are erased and stay as blanks. At
	// most Inquiries, if that is set.
	Texts time.Duration
	// Inquiries is for how long after its closing an inquiry can be found. Then it
	// goes with its details and messages; a message that was revised after the
	// closing has moved to another inquiry and goes with that one. An inquiry stays
	// while a notification or a reply that is about it is under way.
	Inquiries time.Duration
	// Every is how often the leading node looks for what has become too old.
	// Default 1h.
	Every time.Duration
}

// Retention works in portions, with pauses, so that nobody waits for it.
const (
	retainPortion = 200
	retainPause   = 20 * time.Millisecond
)

func (r Retain) some() bool { return max(r.Texts, r.Inquiries) > 0 }

func (r Retain) validate() (errs []error) {
	add := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("dispatch: config: Retain."+format, args...))
	}
	for _, d := range []struct {
		name  string
		value time.Duration
	}{{"Texts", r.Texts}, {"Inquiries", r.Inquiries}} {
		if d.value < 0 {
			add("%s is %s: want above 0, or 0 to keep for ever", d.name, d.value)
		}
	}
	if r.Every < 0 {
		add("Every is %s: want above 0, or 0 for 1h", r.Every)
	}
	if r.Inquiries > 0 && r.Texts > r.Inquiries {
		add("Texts is %s, and inquiries go after %s: want at most that, or 0, for they go with them", r.Texts, r.Inquiries)
	}
	return errs
}

// at is what to let go of at an instant.
func (r Retain) at(now time.Time, pool string) adapters.Retention {
	before := func(d time.Duration) time.Time {
		if d <= 0 {
			return time.Time{}
		}
		return now.Add(-d)
	}
	return adapters.Retention{
		Pool: pool, Texts: before(r.Texts), Inquiries: before(r.Inquiries), Limit: retainPortion,
	}
}

// watchAge lets go of what is over, at once and then every now and then.
func (n *node) watchAge(ctx context.Context) {
	every := n.cfg.Retain.Every
	if every == 0 {
		every = time.Hour
	}
	for {
		switch err := n.retain(ctx); {
		case errors.Is(err, errors.ErrUnsupported):
			n.log.WarnContext(ctx, "the store lets nothing go: what Config.Retain says has no effect", "error", err.Error())
			return
		case err != nil && ctx.Err() == nil && !errors.Is(err, adapters.ErrStale):
			n.log.WarnContext(ctx, "what is over could not be let go of, it is tried again", "error", err.Error(), "in", every)
		}
		if !n.clock.sleep(ctx, every) {
			return
		}
	}
}

// retain lets go portion by portion, until there is nothing to let go of.
func (n *node) retain(ctx context.Context) error {
	what := n.cfg.Retain.at(n.clock.now(), n.cfg.Pool)
	var all adapters.Retained
	for more := true; more; {
		what.Epoch = n.leads.Load() // which rises where a commit was lost meanwhile
		kept, err := n.store.retain(ctx, what)
		all.Texts += kept.Texts
		all.Inquiries += kept.Inquiries
		if err != nil {
			return err
		}
		if more = kept.More; more && !pause(ctx, retainPause) {
			return ctx.Err()
		}
	}
	if all != (adapters.Retained{}) {
		n.log.InfoContext(ctx, "what was over was let go of", "inquiries", all.Inquiries, "texts", all.Texts)
	}
	return nil
}
