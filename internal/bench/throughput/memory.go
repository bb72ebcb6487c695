package main

import (
	"context"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/memory"
)

// inMemory keeps nothing, and shows what the Engine costs by itself.
type inMemory struct{}

func (inMemory) open(context.Context) (string, error) { return "in memory", nil }

func (inMemory) close() {}

func (inMemory) store(context.Context) (adapters.Store, func(), error) {
	s := memory.New(memory.Config{})
	return s, func() { _ = s.Close() }, nil
}

func (inMemory) rest(context.Context) error { return nil }

func (inMemory) others(context.Context) ([]contestant, error) { return nil, nil }

func (inMemory) cpu() time.Duration { return 0 }
