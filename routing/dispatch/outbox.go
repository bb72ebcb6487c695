package dispatch

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// outbox carries out effects after their commit: notifications at least once,
// with back-off; replies at most once, and those of an inquiry one after the other.
type outbox struct {
	e       *Engine
	settled *settledList
	// doubtful are replies that may have left before the last leader stopped: see doubts.
	doubtful []inquiry.Effect

	mu    sync.Mutex
	queue []job   // ready, in order
	later jobHeap // waiting for another try
	// behind are the replies that wait for an earlier one of their inquiry. An inquiry
	// is in it while one of its replies is on its way, waits for another try, or is in
	// doubt.
	behind map[inquiry.ID][]job
	ready  chan struct{}
}

// job is an effect on its way.
type job struct {
	inquiry.Effect
	tries int
	at    time.Time // of the next try, in real time
	// turn is a reply before which there is none of its inquiry any more.
	turn bool
}

// settledList collects effects that need not be carried out any more, for the
// next commit.
type settledList struct {
	mu    sync.Mutex
	ids   []inquiry.ID
	ready chan struct{}
}

func (l *settledList) add(ids ...inquiry.ID) {
	if len(ids) == 0 {
		return
	}
	l.mu.Lock()
	l.ids = append(l.ids, ids...)
	l.mu.Unlock()
	signal(l.ready)
}

func (l *settledList) take() []inquiry.ID {
	l.mu.Lock()
	defer l.mu.Unlock()
	ids := l.ids
	l.ids = nil
	return ids
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func newOutbox(e *Engine) *outbox {
	return &outbox{e: e, settled: &settledList{ready: make(chan struct{}, 1)}, behind: map[inquiry.ID][]job{}, ready: make(chan struct{}, 1)}
}

func (o *outbox) add(effects ...inquiry.Effect) {
	if len(effects) == 0 {
		return
	}
	o.mu.Lock()
	for _, e := range effects {
		o.queue = append(o.queue, job{Effect: e})
	}
	o.mu.Unlock()
	signal(o.ready)
}

// recovered takes over what the last leader left. A reply that was being sent
// may have left the house: it is not sent again.
func (o *outbox) recovered(effects []inquiry.Effect, replies map[inquiry.ID]inquiry.ReplyState) {
	for _, e := range effects {
		j := job{Effect: e}
		switch {
		case e.Topic == inquiry.SendReply && replies[e.Reply] == inquiry.ReplyIsSending:
			o.doubtful = append(o.doubtful, e)
			o.behind[j.Inquiry] = nil
			continue
		case e.Topic == inquiry.SendReply && replies[e.Reply] != inquiry.ReplyIsApproved,
			e.Topic != inquiry.SendReply && o.e.cfg.Notifier == nil:
			o.settled.add(e.ID)
			continue
		}
		o.queue = append(o.queue, j)
	}
}

// doubts are what tells of the replies in doubt that their fate is unknown. They are
// decided once, behind what the last leader left in the inbox: that may be their fate.
func (o *outbox) doubts() (requests []*request) {
	for _, e := range o.doubtful {
		in, err := o.e.input(fate(e, inquiry.ReplyIsUnknown, "", errors.New("the process stopped while it was being sent")))
		if err == nil {
			requests = append(requests, &request{inputs: []inquiry.Input{in}, of: o, effect: e.ID, done: make(chan error, 1)})
		}
		o.over(e.Inquiry)
	}
	o.doubtful = nil
	return requests
}

// fate is the command, with its key and who gives it, that tells what became of a
// reply.
func fate(e inquiry.Effect, state inquiry.ReplyState, external string, err error) (key, actor string, _ inquiry.Command) {
	cmd := inquiry.Settle{Inquiry: e.Inquiry, Reply: e.Reply, State: state, External: external}
	if err != nil {
		cmd.Error = clean(err.Error())
	}
	return "settle/" + e.Reply.String() + "/" + string(state), "engine", cmd
}

// run carries effects out until ctx ends.
func (o *outbox) run(ctx context.Context) {
	jobs := make(chan job)
	var workers sync.WaitGroup
	for range o.e.cfg.Workers {
		workers.Go(func() {
			for j := range jobs {
				o.carryOut(ctx, &j)
			}
		})
	}
	defer workers.Wait()
	defer close(jobs)
	for {
		j, ok, wait := o.next()
		if ok {
			select {
			case jobs <- j:
			case <-ctx.Done():
				return
			}
			continue
		}
		t := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			t.Stop()
			return
		case <-o.ready:
		case <-t.C:
		}
		t.Stop()
	}
}

// next is a job that is ready, or else how long until one is.
func (o *outbox) next() (j job, ok bool, wait time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.later) > 0 {
		if wait = time.Until(o.later[0].at); wait <= 0 {
			return heap.Pop(&o.later).(job), true, 0 //nolint:forcetypeassert // the heap holds nothing else
		}
	}
	for len(o.queue) > 0 {
		j = o.queue[0]
		o.queue[0] = job{}
		o.queue = o.queue[1:]
		if j.Topic == inquiry.SendReply && !j.turn {
			waiting, busy := o.behind[j.Inquiry]
			if busy {
				o.behind[j.Inquiry] = append(waiting, j)
				continue
			}
			o.behind[j.Inquiry] = nil
		}
		return j, true, 0
	}
	if len(o.later) == 0 {
		wait = time.Hour
	}
	return job{}, false, wait
}

func (o *outbox) retry(j *job) {
	j.tries++
	j.at = time.Now().Add(min(time.Minute, time.Second<<min(j.tries-1, 6)))
	o.mu.Lock()
	heap.Push(&o.later, *j)
	o.mu.Unlock()
	signal(o.ready)
}

// over has the next reply go on that waited for one of its inquiry. What the same
// commit brought is in the queue already, and stays before it.
func (o *outbox) over(id inquiry.ID) {
	o.mu.Lock()
	if waiting := o.behind[id]; len(waiting) > 0 {
		waiting[0].turn = true
		o.queue = append(o.queue, waiting[0])
		o.behind[id] = waiting[1:]
	} else {
		delete(o.behind, id)
	}
	o.mu.Unlock()
	signal(o.ready)
}

func (o *outbox) carryOut(ctx context.Context, j *job) {
	if j.Topic == inquiry.SendReply {
		tries := j.tries
		if o.reply(ctx, j); j.tries == tries {
			o.over(j.Inquiry)
		}
		return
	}
	err := o.notify(ctx, j.Effect)
	switch {
	case err == nil:
		o.settled.add(j.ID)
		return
	case ctx.Err() != nil:
		return // the next leader tries again
	case j.tries+1 < o.e.cfg.NotifyAttempts:
		o.e.log.WarnContext(ctx, "notification failed", "effect_id", j.ID.String(), "topic", string(j.Topic), "owner_id", string(j.Owner), "tries", j.tries+1, "error", err.Error())
		o.retry(j)
		return
	}
	o.e.log.ErrorContext(ctx, "notification given up", "effect_id", j.ID.String(), "topic", string(j.Topic), "owner_id", string(j.Owner), "error", err.Error())
	o.settle(ctx, j, "give_up/"+j.ID.String(), "engine", inquiry.GiveUp{Inquiry: j.Inquiry, Effect: j.ID, Topic: j.Topic, Owner: j.Owner, Error: clean(err.Error())})
}

func (o *outbox) notify(ctx context.Context, e inquiry.Effect) error {
	_, err := within(ctx, &o.e.calls.notifier, o.e.cfg.NotifyTimeout, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, o.e.cfg.Notifier.Notify(ctx, e)
	})
	return err
}

// settle tells the core what became of an effect, which goes with the same commit.
// While the Engine stops, the inbox is told instead.
func (o *outbox) settle(ctx context.Context, j *job, key, actor string, cmd inquiry.Command) {
	in, err := o.e.input(key, actor, cmd)
	if err == nil {
		_, err = o.e.have(ctx, &request{inputs: []inquiry.Input{in}, effect: j.ID, done: make(chan error, 1)})
	}
	if errors.Is(err, errLate) {
		err = o.e.leave(ctx, []inquiry.Input{in}, ctx.Err())
	}
	switch {
	case inquiry.IsPending(err):
		o.settled.add(j.ID)
	case err != nil && ctx.Err() == nil:
		o.retry(j)
	}
}

// reply carries a reply out, at most once: that it is about to leave is
// committed before it does.
func (o *outbox) reply(ctx context.Context, j *job) {
	settle := func(state inquiry.ReplyState, external string, err error) {
		key, actor, cmd := fate(j.Effect, state, external, err)
		o.settle(ctx, j, key, actor, cmd)
	}
	out, source, err := o.outbound(ctx, j)
	if err != nil {
		switch {
		case errors.Is(err, errErased): // trying again brings nothing back
			settle(inquiry.ReplyIsFailed, "", err)
		case ctx.Err() != nil: // the next leader tries again: nothing has left yet
		case j.tries+1 < o.e.cfg.NotifyAttempts:
			o.e.log.WarnContext(ctx, "reply could not be put together", "reply_id", j.Reply.String(), "tries", j.tries+1, "error", err.Error())
			o.retry(j)
		default:
			settle(inquiry.ReplyIsFailed, "", err)
		}
		return
	}
	replier, ok := o.e.repliers[source]
	if !ok {
		settle(inquiry.ReplyIsFailed, "", fmt.Errorf("source %q cannot reply: %w", source, adapters.ErrNotSent))
		return
	}
	sending := inquiry.Sending{Inquiry: j.Inquiry, Reply: j.Reply}
	if text := inquiry.Signed(out.Text, j.SignOff); text != out.Text {
		sending.Text, sending.Salt = text, o.e.salt()
		sending.Digest = inquiry.Sum(sending.Salt, "", text)
		out.Text = text
	}
	if err := o.announce(ctx, j, sending); err != nil {
		var refused *inquiry.RefusedError
		if !errors.As(err, &refused) && ctx.Err() == nil { // refused: it was settled otherwise meanwhile
			o.retry(j)
		}
		return
	}
	external, err := o.post(ctx, replier, out)
	switch {
	case err == nil:
		settle(inquiry.ReplyIsSent, external, nil)
	case errors.Is(err, adapters.ErrNotSent):
		settle(inquiry.ReplyIsFailed, "", err)
	default:
		settle(inquiry.ReplyIsUnknown, "", err)
	}
}

// announce commits that a reply is about to leave. It is asked for under a key of its
// own and of this leadership alone: another one's word that it has begun would be a
// reason to send nothing.
func (o *outbox) announce(ctx context.Context, j *job, s inquiry.Sending) error {
	in, err := o.e.input("sending/"+s.Reply.String()+"/"+o.e.id().String(), "engine", s)
	if err != nil {
		return err
	}
	return o.askNow(ctx, in, j.ID)
}

// post has a reply leave. A stop waits for one that is on its way, so that its
// fate is known.
func (o *outbox) post(ctx context.Context, r adapters.Replier, out inquiry.Outbound) (external string, err error) {
	external, err = within(context.WithoutCancel(ctx), &o.e.calls.replier, o.e.cfg.NotifyTimeout, func(ctx context.Context) (string, error) {
		return r.Reply(ctx, out)
	})
	if errors.Is(err, errNotCalled) {
		err = fmt.Errorf("%w: %w", adapters.ErrNotSent, err)
	}
	return external, err
}

// outbound puts a reply together from what the store has.
func (o *outbox) outbound(ctx context.Context, j *job) (out inquiry.Outbound, source string, err error) {
	ms, err := patient{o.e.store, o.e.cfg.NotifyTimeout}.Messages(ctx, o.e.cfg.Pool, j.Inquiry)
	if err != nil {
		return out, "", err
	}
	out = inquiry.Outbound{Pool: o.e.cfg.Pool, Inquiry: j.Inquiry, Reply: j.Reply, Owner: j.Owner}
	var written, answered *inquiry.Message
	for i := range ms {
		switch m := &ms[i]; {
		case m.ID == j.Reply:
			written = m
		case m.Direction != inquiry.FromUs:
			answered = m
		}
	}
	switch {
	case written == nil:
		return out, "", fmt.Errorf("dispatch: the text of reply %s is not in the store", j.Reply)
	case written.Erased() || written.Text == "": // none is written without text
		return out, "", fmt.Errorf("dispatch: the text of reply %s %w", j.Reply, errErased)
	case answered != nil && answered.Erased():
		return out, "", fmt.Errorf("dispatch: message %s, which reply %s answers, %w", answered.ID, j.Reply, errErased)
	}
	out.Text = written.Text
	if answered != nil {
		source, out.Channel, out.Account = answered.Source, answered.Channel, answered.Account
		out.Conversation, out.InReplyTo, out.To = answered.Conversation, answered.External, answered.Author
	}
	return out, source, nil
}

type jobHeap []job

func (h jobHeap) Len() int           { return len(h) }
func (h jobHeap) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h jobHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *jobHeap) Push(x any)        { *h = append(*h, x.(job)) } //nolint:forcetypeassert // the heap holds nothing else
func (h *jobHeap) Pop() any {
	old := *h
	j := old[len(old)-1]
	*h = old[:len(old)-1]
	return j
}
