package seal

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// opens is what opens a blob.
type opens struct {
	pool   string
	person inquiry.ID
	print  fingerprint
}

// locks finds the keys for opening and keeps the last ones for a while. For
// sealing the keyring is always asked: what another node has forgotten meanwhile
// must not be used for anything new, which would be lost.
type locks struct {
	keys adapters.Keyring
	size int
	keep time.Duration

	mu sync.Mutex
	// young and old are two generations: when young is full it becomes old, so at
	// most size are kept and each that is used is found again.
	young, old map[opens]kept
	forgets    uint64 // how often something was forgotten
}

type kept struct {
	*lock
	until time.Time
}

func newLocks(keys adapters.Keyring, size int, keep time.Duration) *locks {
	return &locks{keys: keys, size: size, keep: keep, young: map[opens]kept{}}
}

// sealing is a person's present key, made if there is none.
func (l *locks) sealing(ctx context.Context, pool string, person inquiry.ID) (*lock, error) {
	key, err := l.keys.Key(ctx, pool, person)
	if err != nil {
		return nil, fmt.Errorf("seal: the key of %s: %w", person, err)
	}
	return newLock(person, key)
}

// opening is the very key that a blob was sealed under, nil if it is forgotten.
func (l *locks) opening(ctx context.Context, o opens) (*lock, error) {
	found, forgets := l.find(o)
	if found != nil {
		return found, nil
	}
	key, err := l.keys.Known(ctx, o.pool, o.person)
	if errors.Is(err, adapters.ErrForgotten) {
		return nil, nil // which is an answer
	}
	if err != nil {
		return nil, fmt.Errorf("seal: the key of %s: %w", o.person, err)
	}
	k, err := newLock(o.person, key)
	if err != nil {
		return nil, err
	}
	if k.print != o.print { // the person wrote again, and this was before
		return nil, nil
	}
	l.add(o, k, forgets)
	return k, nil
}

func (l *locks) find(o opens) (*lock, uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	k, ok := l.young[o]
	if !ok {
		if k, ok = l.old[o]; ok {
			l.put(o, k)
		}
	}
	if !ok || !time.Now().Before(k.until) {
		return nil, l.forgets
	}
	return k.lock, l.forgets
}

// add keeps a key unless something was forgotten since it was looked up.
func (l *locks) add(o opens, k *lock, forgets uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.forgets == forgets && l.keep > 0 {
		l.put(o, kept{k, time.Now().Add(l.keep)})
	}
}

func (l *locks) put(o opens, k kept) {
	if len(l.young) >= max(1, l.size/2) {
		l.young, l.old = map[opens]kept{}, l.young
	}
	l.young[o] = k
}

// drop takes all keys of these persons out.
func (l *locks) drop(pool string, persons []inquiry.ID) {
	gone := make(map[inquiry.ID]bool, len(persons))
	for _, p := range persons {
		gone[p] = true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forgets++
	for _, generation := range []map[opens]kept{l.young, l.old} {
		for o := range generation {
			if o.pool == pool && gone[o.person] {
				delete(generation, o)
			}
		}
	}
}
