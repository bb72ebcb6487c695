package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/answerable-go/answerable/adapters"
)

// Retain says for how long a pool's store keeps what is over. It needs a store
// that is an [adapters.Retainer], as those of this project are; another keeps
// everything, and a line in the log says so. Zero keeps for ever.
//
// What goes is what lies beside the journal. The journal itself, which has no
// customer's text or name, is kept whole: its chain of hashes, Explain, a replay
// and package verify do not need what is gone. A customer who writes again to a
// conversation that is gone is taken for somebody who writes for the first time, as
// they are once an inquiry is closed: it opens a new inquiry. A command about an
// inquiry that is gone is refused as one about a closed inquiry. What became of an
// input stays known: a message that a platform hands over again after years still
// changes nothing. An older revision of it, which has not come in before, does: it
// opens an inquiry.
type Retain struct {
	// Texts is for how long, counted from when an inquiry was closed, its store
	// has what was said in it and by whom. Afterwards its messages and details
	// are there without that. At most Inquiries, if that is set.
	Texts time.Duration
	// Inquiries is for how long closed inquiries are found, counted alike. With
	// one its details and messages go; a message that was revised once it was closed
	// went along to another, and goes with that. One that a notification or a reply under
	// way is about stays until that is settled.
	Inquiries time.Duration
	// Every is how often a leading node looks for what is over. Default 1h.
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
