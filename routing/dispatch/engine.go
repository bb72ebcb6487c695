package dispatch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/screening"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// Engine runs one pool: it takes messages and commands in, has the core decide,
// commits the decisions, and carries out what follows from them. All methods
// are safe for concurrent use.
//
// Submit and Do work at any time. Before Run has begun and after it has ended
// they put the request into the inbox and return a [*inquiry.PendingError].
type Engine struct {
	cfg    Config
	store  adapters.Store
	policy atomic.Pointer[routing.Compiled] // what the next leader adopts
	clock  *clock
	log    *slog.Logger
	// screening is the Config's stages as one.
	screening adapters.Screener
	calls     calls
	turns     map[string]chan struct{} // of sources by name: full while one receives
	draws     draws

	requests chan *request
	nudges   chan struct{}
	vacancy  chan struct{} // a leader gave its term back
	ready    chan struct{}
	readied  sync.Once

	mu       sync.Mutex
	running  chan struct{} // closed when the current Run ends; nil while there is none
	moved    chan struct{} // closed and replaced whenever the journal grew
	repliers map[string]adapters.Replier
}

// request is one caller's inputs on their way through the leader.
type request struct {
	inputs []inquiry.Input
	stored bool // in the inbox already
	// of is the outbox of the leadership that alone may commit it; nil: any may.
	of *outbox
	// effect need not be carried out any more once the inputs are decided, and goes
	// with the same commit; with ifRefused only where they were refused.
	effect    inquiry.ID
	ifRefused bool
	outcomes  []inquiry.Outcome
	done      chan error // buffered; exactly one answer
	taken     atomic.Bool
}

// take has whoever calls it first answer a request: the Run that finds it, or the
// caller once that Run has ended.
func (r *request) take() bool { return r.taken.CompareAndSwap(false, true) }

// settles is the effect that goes with the commit of a request whose outcomes are
// decided, zero for none. What the core stumbled over is not decided.
func (r *request) settles() inquiry.ID {
	refused := false
	for i := range r.outcomes {
		switch r.outcomes[i].Refused {
		case inquiry.Fault:
			return inquiry.ID{}
		case "":
		default:
			refused = true
		}
	}
	if r.ifRefused && !refused {
		return inquiry.ID{}
	}
	return r.effect
}

// ErrRunning is returned by Run while another Run is under way.
var ErrRunning = errors.New("dispatch: the engine is running already")

// New returns an Engine over a store. The error lists every fault of the policy
// and of the Config. Nothing runs before [Engine.Run].
//
// The policy is put in force when the Engine first leads, unless another one
// was adopted while this Engine followed; see [Engine.Adopt].
func New(store adapters.Store, policy routing.Policy, cfg Config) (*Engine, error) {
	if store == nil {
		return nil, errors.New("dispatch: no store: adapters/memory is one for trying things out")
	}
	cfg = cfg.withDefaults()
	compiled, err := routing.Compile(policy)
	if err := errors.Join(cfg.validate(), err); err != nil {
		return nil, err
	}
	e := &Engine{
		cfg: cfg, store: store, clock: newClock(cfg.Timeline), log: slog.New(quietly{cfg.Logger.Handler()}), screening: screening.Pipeline(cfg.stages()...),
		requests: make(chan *request, cfg.MaxBatch), nudges: make(chan struct{}, 1), vacancy: make(chan struct{}, 1),
		ready: make(chan struct{}), moved: make(chan struct{}), repliers: map[string]adapters.Replier{},
		turns: map[string]chan struct{}{},
	}
	e.calls.name()
	for _, s := range cfg.Sources {
		e.turns[s.Name] = make(chan struct{}, 1)
		if r, ok := s.Source.(adapters.Replier); ok {
			e.repliers[s.Name] = r
		}
		if s.Replier != nil {
			e.repliers[s.Name] = s.Replier
		}
	}
	e.draws.source = cfg.Rand
	e.policy.Store(compiled)
	return e, nil
}

// Pool returns the name of the pool.
func (e *Engine) Pool() string { return e.cfg.Pool }

// Ready is closed once Run has recovered the pool and leads it, has found that
// another node leads, or has ended, whichever comes first. From then on, while
// Run works, Submit and Do wait for an outcome; before that they answer that it
// is pending.
func (e *Engine) Ready() <-chan struct{} { return e.ready }

// Now returns the Engine's time: the store's clock, or that of the Timeline.
func (e *Engine) Now() time.Time { return e.clock.now() }

// WaitUntil waits until the Engine's time has reached t, or ctx ends. A source
// that replays recorded messages paces itself with it.
func (e *Engine) WaitUntil(ctx context.Context, t time.Time) error {
	for {
		d := t.Sub(e.Now())
		if d <= 0 {
			return ctx.Err()
		}
		if !e.clock.sleep(ctx, d) {
			return context.Cause(ctx)
		}
	}
}

// Receipt says which inquiry a message belongs to.
type Receipt struct {
	// Inquiry is the inquiry that the message opened or was added to. It is zero
	// for a reply of ours that was seen on the platform and belongs to no inquiry.
	Inquiry inquiry.ID `json:"inquiry,omitzero"`
	Message inquiry.ID `json:"message"`
}

// Submit accepts a message: once it returns nil, the message is never lost.
// Submitting the same message again (the same Source, External and Revision, or
// a lower revision than the one that is stored) changes nothing and returns the
// same receipt. A message without Source gets the source "api".
//
// Errors:
//
//   - [*inquiry.PendingError]: the message is stored durably but not yet
//     routed. It comes before and after Run, on a node that does not lead, and
//     when ctx ends.
//   - [*inquiry.RefusedError] with [inquiry.Invalid]: External or Channel is
//     missing, Direction is none of its values, a name is longer than [inquiry.MaxName], or Pool is another
//     pool's.
//   - the store's errors, or the context's: submitting again is safe.
func (e *Engine) Submit(ctx context.Context, m inquiry.Message) (Receipt, error) {
	rs, err := e.submit(ctx, []inquiry.Message{m}, func(_ int, err error) error { return err })
	if len(rs) == 0 {
		return Receipt{}, err
	}
	return rs[0], err
}

// Do carries out a command, once per key: a second call with the same key
// returns the outcome of the first, whatever its command is. So the key must be
// new for every new intention, such as the id of a click; an empty key draws a
// new one.
//
// Errors: [*inquiry.RefusedError] with the reason; [*inquiry.PendingError] as
// for Submit; the store's; the context's.
func (e *Engine) Do(ctx context.Context, key string, cmd inquiry.Command) error {
	return e.act(ctx, key, "", cmd)
}

// DoAs is Do with the name of the actor for the journal, where that is not the
// command's own Owner.
func (e *Engine) DoAs(ctx context.Context, actor, key string, cmd inquiry.Command) error {
	return e.act(ctx, key, actor, cmd)
}

// SendReply is Do for a reply. It returns the reply's id, by which the reply
// can be followed and settled.
func (e *Engine) SendReply(ctx context.Context, key string, r inquiry.Reply) (inquiry.ID, error) {
	if r.Reply.IsZero() {
		if key == "" {
			key = e.id().String()
		}
		r.Reply = inquiry.DeriveID("reply", e.cfg.Pool, key)
	}
	return r.Reply, e.act(ctx, key, "", r)
}

// Adopt puts another policy in force on all nodes, for whatever is routed from
// now on. A policy with faults is refused whole and the old one stays in force.
// One fault is that it lacks the calendar of a shift of the roster: where both
// change, see [routing.Policy.WithCalendarsOf].
//
// The policy holds until the next Adopt, or until an Engine that was started
// later begins to lead: that one adopts the policy that was given to its [New].
// So keep the policy that you adopt, and give it to New the next time.
//
// Errors: those that [routing.Faults] lists; otherwise those of [Engine.Do].
// With a [*inquiry.PendingError] the policy is in the inbox, and counts as the
// one given to New.
func (e *Engine) Adopt(ctx context.Context, p routing.Policy) error {
	c, err := routing.Compile(p)
	if err != nil {
		return err
	}
	key := "policy/" + c.Version() + "/" + e.id().String()
	err = e.DoAs(ctx, "policy", key, inquiry.Adopt{Version: c.Version(), Policy: c.JSON()})
	if err == nil || inquiry.IsPending(err) {
		e.policy.Store(c)
	}
	return err
}

// Outcome returns what became of an input, such as the one that a
// [*inquiry.PendingError] names. ok is false while that is not known.
func (e *Engine) Outcome(ctx context.Context, input inquiry.ID) (out inquiry.Outcome, ok bool, err error) {
	outs, err := e.store.Outcomes(ctx, e.cfg.Pool, input)
	if err != nil || len(outs) == 0 {
		return inquiry.Outcome{}, false, err
	}
	return outs[0], true, nil
}

// Nudge makes the leader look into the inbox at once. It is for a host that has
// just committed a transaction of its own with an input in it.
func (e *Engine) Nudge() {
	select {
	case e.nudges <- struct{}{}:
	default:
	}
}

func (e *Engine) act(ctx context.Context, key, actor string, cmd inquiry.Command) error {
	_, err := e.outcomeOf(ctx, key, actor, cmd)
	return err
}

// outcomeOf carries a command out and says what became of it; a refusal is the
// error.
func (e *Engine) outcomeOf(ctx context.Context, key, actor string, cmd inquiry.Command) (inquiry.Outcome, error) {
	in, err := e.command(ctx, key, actor, cmd)
	if err != nil {
		return inquiry.Outcome{}, err
	}
	outs, err := e.ask(ctx, []inquiry.Input{in})
	if err != nil {
		return inquiry.Outcome{}, err
	}
	return outs[0], outs[0].Err()
}

// command is the input of a command, with what the store knows that it needs.
func (e *Engine) command(ctx context.Context, key, actor string, cmd inquiry.Command) (inquiry.Input, error) {
	if err := bounds(actor, cmd); err != nil {
		return inquiry.Input{}, err
	}
	if c, ok := cmd.(inquiry.Split); ok {
		filled, err := e.fill(ctx, key, c)
		if err != nil {
			return inquiry.Input{}, err
		}
		cmd = filled
	}
	return e.input(key, actor, cmd)
}

// PrepareCommand returns the input that Do would make of a command, for a host
// that puts it into the inbox in a transaction of its own. A split cannot be
// prepared, because the Engine completes it from the store: use [Engine.Split].
// Every error is a [*inquiry.RefusedError] with [inquiry.Invalid].
func (e *Engine) PrepareCommand(key, actor string, cmd inquiry.Command) (inquiry.Input, error) {
	if asksTheStore(cmd) {
		return inquiry.Input{}, invalid("a split is completed from what is stored: ask for it with Engine.Split or Do")
	}
	if err := bounds(actor, cmd); err != nil {
		return inquiry.Input{}, err
	}
	return e.input(key, actor, cmd)
}

// input is that of a command which has all that it needs.
func (e *Engine) input(key, actor string, cmd inquiry.Command) (inquiry.Input, error) {
	if cmd == nil {
		return inquiry.Input{}, invalid("no command")
	}
	if reflect.TypeOf(cmd).Kind() == reflect.Pointer {
		return inquiry.Input{}, invalid("the command is a %T: hand over the value", cmd)
	}
	if key == "" {
		key = e.id().String()
	}
	if actor == "" {
		actor = actorOf(cmd)
	}
	if r, ok := cmd.(inquiry.Reply); ok {
		if r.Text == "" {
			return inquiry.Input{}, invalid("the reply has no text")
		}
		if r.Reply.IsZero() {
			r.Reply = inquiry.DeriveID("reply", e.cfg.Pool, key)
		}
		r.Text = strings.ToValidUTF8(r.Text, "\uFFFD")
		r.Salt = e.salt()
		r.Digest = inquiry.Sum(r.Salt, "", r.Text)
		cmd = r
	}
	now := e.Now()
	return asRead(inquiry.Input{ID: inquiry.InputID(e.cfg.Pool, "do/"+key), At: now, EnteredAt: now, By: actor, Do: cmd}), nil
}

// bounds refuses a command that no store could keep, or find anything by. It is asked of
// what a host says, before that is completed: what the Engine tells of itself is never
// refused for its length, since nobody could shorten it.
func bounds(actor string, cmd inquiry.Command) error {
	if !bounded(actor) {
		return invalid("the actor has %d bytes: want at most %d", len(actor), MaxText)
	}
	if !every(reflect.ValueOf(cmd), bounded) {
		return invalid("the %T has a text of more than %d bytes: shorten it", cmd, MaxText)
	}
	for _, l := range labelsOf(cmd) {
		if n := kept(l); n > inquiry.MaxName {
			return invalid("the label %.40q... has %d bytes: want at most %d", l, n, inquiry.MaxName)
		}
	}
	return nil
}

// labelsOf are the labels that a command gives.
func labelsOf(cmd inquiry.Command) []string {
	switch c := cmd.(type) {
	case inquiry.Classify:
		return c.Labels
	case inquiry.Split:
		return c.Labels
	}
	return nil
}

// actorOf is who acts by a command, if it says so.
func actorOf(cmd inquiry.Command) string {
	switch c := cmd.(type) {
	case inquiry.Accept:
		return string(c.Owner)
	case inquiry.Decline:
		return string(c.Owner)
	case inquiry.Release:
		return string(c.Owner)
	case inquiry.Acknowledge:
		return string(c.Owner)
	case inquiry.Reply:
		return string(c.Owner)
	case inquiry.Send:
		return string(c.Owner)
	case inquiry.Approve:
		return string(c.Owner)
	case inquiry.Reject:
		return string(c.Owner)
	case inquiry.Contest:
		return string(c.Owner)
	case inquiry.Decide:
		return string(c.Owner)
	case inquiry.Await:
		return string(c.Owner)
	case inquiry.Resume:
		return string(c.Owner)
	case inquiry.EndWrapUp:
		return string(c.Owner)
	case inquiry.Resolve:
		return string(c.Owner)
	case inquiry.Review:
		return string(c.Owner)
	case inquiry.Consult:
		return string(c.Owner)
	case inquiry.Withdraw:
		return string(c.Owner)
	case inquiry.Handoff:
		return string(c.Owner)
	case inquiry.SetPresence:
		return string(c.Owner)
	case inquiry.Take:
		return string(c.Owner)
	}
	return joinerOf(cmd)
}

// ask has inputs stepped and waits for their outcomes.
func (e *Engine) ask(ctx context.Context, inputs []inquiry.Input) ([]inquiry.Outcome, error) {
	return e.have(ctx, &request{inputs: inputs, done: make(chan error, 1)})
}

// have is ask for a request.
func (e *Engine) have(ctx context.Context, r *request) ([]inquiry.Outcome, error) {
	a, err := e.hand(ctx, r)
	if err != nil {
		return nil, err
	}
	return e.await(ctx, a)
}

// asked is a request on its way, and what is closed when the Run ends that it was
// handed to.
type asked struct {
	*request
	ended <-chan struct{}
}

// hand gives a request to the Run under way, or leaves its inputs in the inbox where
// there is none.
func (e *Engine) hand(ctx context.Context, r *request) (asked, error) {
	if err := ctx.Err(); err != nil {
		return asked{}, fmt.Errorf("%w: %w", errLate, err)
	}
	e.mu.Lock()
	ended := e.running
	e.mu.Unlock()
	if ended == nil {
		return asked{}, e.leave(ctx, r.inputs, errors.New("dispatch: the engine is not running"))
	}
	select {
	case e.requests <- r:
		return asked{r, ended}, nil
	case <-ended:
		return asked{}, e.leave(ctx, r.inputs, errStopped)
	case <-ctx.Done():
		return asked{}, fmt.Errorf("%w: %w", errLate, ctx.Err())
	}
}

// await waits for the outcomes of what was handed over.
func (e *Engine) await(ctx context.Context, r asked) ([]inquiry.Outcome, error) {
	select {
	case err := <-r.done:
		return r.answer(err)
	case <-r.ended:
		if r.take() { // it came too late
			return nil, e.leave(ctx, r.inputs, errStopped)
		}
		return r.answer(<-r.done)
	case <-ctx.Done():
	}
	select { // the answer may have come in the same moment
	case err := <-r.done:
		return r.answer(err)
	default:
	}
	// It is with the leader, who may or may not come to commit it: make it durable. Where
	// nobody has taken it, nobody is to, however much later.
	r.take()
	return nil, e.leave(ctx, r.inputs, ctx.Err())
}

// answer is what a caller is told: of what was not committed no outcome, since whoever
// leads next may decide otherwise.
func (r *request) answer(err error) ([]inquiry.Outcome, error) {
	if err != nil {
		return nil, err
	}
	return r.outcomes, nil
}

// errLate means that a request was handed to nobody.
var errLate = errors.New("dispatch: not accepted in time, submit it again")

var errStopped = errors.New("dispatch: the engine has stopped")

// errOver means that the leadership is over that a request was made for.
var errOver = errors.New("dispatch: this leadership is over")

// askNow has an input stepped and committed by the leadership that an outbox
// belongs to, and by no other: it is never carried over, nor put into the inbox.
// nil says that this very commit was made, errOver that it may have been. Where it
// is refused, the effect goes with it.
func (o *outbox) askNow(ctx context.Context, in inquiry.Input, effect inquiry.ID) error {
	r := &request{inputs: []inquiry.Input{in}, of: o, effect: effect, ifRefused: true, done: make(chan error, 1)}
	select {
	case o.e.requests <- r:
	case <-ctx.Done():
		return errOver
	}
	err := errOver
	select {
	case err = <-r.done:
	case <-ctx.Done():
		r.take()
		select { // the answer may have come in the same moment
		case err = <-r.done:
		default:
		}
	}
	if err == nil {
		err = r.outcomes[0].Err()
	}
	return err
}

// leave puts inputs into the inbox for whoever leads next, although ctx may have
// ended.
func (e *Engine) leave(ctx context.Context, inputs []inquiry.Input, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), e.cfg.NotifyTimeout)
	defer cancel()
	if err := e.store.Put(ctx, e.cfg.Pool, inputs...); err != nil {
		return fmt.Errorf("dispatch: not accepted, submit it again: %w", err)
	}
	e.Nudge()
	return &inquiry.PendingError{Input: inputs[0].ID, Cause: cause}
}
