package memory

import (
	"container/list"

	"github.com/answerable-go/answerable/inquiry"
)

// queue keeps things in the order in which they came, each id once.
type queue[T any] struct {
	order *list.List // of T
	byID  map[inquiry.ID]*list.Element
}

func newQueue[T any]() *queue[T] {
	return &queue[T]{order: list.New(), byID: map[inquiry.ID]*list.Element{}}
}

func (q *queue[T]) len() int { return q.order.Len() }

// add appends what is not in the queue yet.
func (q *queue[T]) add(id inquiry.ID, v T) {
	if _, ok := q.byID[id]; !ok {
		q.byID[id] = q.order.PushBack(v)
	}
}

func (q *queue[T]) remove(id inquiry.ID) {
	if e, ok := q.byID[id]; ok {
		q.order.Remove(e)
		delete(q.byID, id)
	}
}

// first are the oldest, at most n.
func (q *queue[T]) first(n int) []T {
	n = min(n, q.len())
	if n == 0 {
		return nil
	}
	out := make([]T, 0, n)
	for e := q.order.Front(); e != nil && len(out) < n; e = e.Next() {
		out = append(out, e.Value.(T)) //nolint:forcetypeassert // the list holds nothing else
	}
	return out
}
