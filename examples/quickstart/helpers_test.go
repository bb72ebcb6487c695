package main

import (
	"context"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// factsOf screens a message as the Engine does.
func factsOf(stages []adapters.Screener, m inquiry.Message) inquiry.Facts {
	f := inquiry.Facts{Language: m.Language, Reach: m.Author.Reach, Audiences: m.Author.Audiences}
	for _, s := range stages {
		if found, err := s.Screen(context.Background(), m, f); err == nil {
			f = found
		}
	}
	return f
}
