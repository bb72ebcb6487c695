package seal

import (
	"bytes"
	"context"
	"crypto/rand"
	"sync"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// Memory is a keyring in memory, for tests and demonstrations: with the process
// all keys are gone, and with them everything that was sealed. Make one with
// [NewMemory]. All methods are safe for concurrent use.
type Memory struct {
	mu   sync.Mutex
	keys map[owner][]byte
}

// owner is whose a key is.
type owner struct {
	pool   string
	person inquiry.ID
}

var _ adapters.Keyring = (*Memory)(nil)

// NewMemory is a keyring without keys.
func NewMemory() *Memory { return &Memory{keys: map[owner][]byte{}} }

// Key is a person's key, drawn if there is none.
func (k *Memory) Key(ctx context.Context, pool string, person inquiry.ID) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	o := owner{pool, person}
	if k.keys[o] == nil {
		key := make([]byte, adapters.KeySize)
		_, _ = rand.Read(key) // never fails
		k.keys[o] = key
	}
	return bytes.Clone(k.keys[o]), nil
}

// Known is a person's key, [adapters.ErrForgotten] if there is none.
func (k *Memory) Known(ctx context.Context, pool string, person inquiry.ID) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	key := k.keys[owner{pool, person}]
	if key == nil {
		return nil, adapters.ErrForgotten
	}
	return bytes.Clone(key), nil
}

// Forget drops keys.
func (k *Memory) Forget(ctx context.Context, pool string, persons ...inquiry.ID) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, p := range persons {
		o := owner{pool, p}
		clear(k.keys[o])
		delete(k.keys, o)
	}
	return nil
}
