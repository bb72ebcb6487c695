package main

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/screening"
	"github.com/answerable-go/answerable/inquiry"
)

// echoLabel is on what many people say in the same words.
const echoLabel = "echo"

// pseudonymKey keeps journal readers from confirming a guess at a customer. A
// real host takes it from its secrets.
var pseudonymKey = []byte("larkspur quickstart, not a secret")

// screeners turn a message into facts: the built-in stages, and three of the
// brand's own.
func screeners() ([]adapters.Screener, error) {
	rules := make([]screening.PhraseRule, 0, len(labels))
	for _, l := range labels {
		r := screening.PhraseRule{Label: l.name, Kind: l.kind, Phrases: l.phrases}
		switch l.name {
		case "auto_reply":
			r.ScreenOut, r.KnownToo = screening.AutoReply, true
		case "spam":
			r.ScreenOut = "spam"
		}
		rules = append(rules, r)
	}
	phrases, err := screening.Phrases(rules...)
	if err != nil {
		return nil, err
	}
	noAnswer, err := screening.NoAnswerNeeded(screening.NoAnswer{})
	if err != nil {
		return nil, err
	}
	return []adapters.Screener{
		screening.Authors(),
		screening.GuessLanguage(),
		screening.Reach(),
		phrases,
		noAnswer,
		adapters.ScreenerFunc(onlyThanks),
		adapters.ScreenerFunc(neverHidden),
		screening.Fingerprint(pseudonymKey),
		&echo{heard: map[inquiry.ID]*chorus{}},
		screening.DefaultKind(),
	}, nil
}

// urgent labels are never set aside, whatever else a message looks like.
var urgent = []string{"safety", "press", "legal", "security", "privacy", "stolen", "outage"}

// neverHidden takes back that a message is spam where it may be about a fire.
func neverHidden(_ context.Context, _ inquiry.Message, known inquiry.Facts) (inquiry.Facts, error) {
	if known.ScreenOut == "spam" && slices.ContainsFunc(known.Labels, func(l string) bool { return slices.Contains(urgent, l) }) {
		known.ScreenOut = ""
	}
	return known, nil
}

// thanksWords is how long a message of thanks may be to need no answer.
const thanksWords = 10

// onlyThanks sets aside what says thanks and is about nothing else that the
// brand knows. A question or a "but" is an answer's due.
func onlyThanks(_ context.Context, m inquiry.Message, known inquiry.Facts) (inquiry.Facts, error) {
	text := m.Subject + " " + m.Text
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return strings.ContainsRune(" ,.;:!…—\n\t", r) })
	if known.ScreenOut != "" || !slices.Equal(known.Labels, []string{"thanks"}) || len(words) > thanksWords || strings.ContainsAny(text, "?¿") {
		return known, nil
	}
	for _, w := range words {
		switch w {
		case "but", "still", "not", "no", "please", "late", "delay", "delays", "lost", "stuck", "waiting",
			"aber", "noch", "nicht", "bitte", "mais", "pas", "toujours":
			return known, nil
		}
	}
	known.ScreenOut = screening.NothingToSay
	return known, nil
}

// echo labels a message that at least echoFrom different people have written in
// the same words within echoFor: reposts, chain letters, campaigns.
type echo struct {
	mu    sync.Mutex
	heard map[inquiry.ID]*chorus
}

type chorus struct {
	since  time.Time
	voices []string // of the first few
}

const (
	echoFrom = 3
	echoFor  = 4 * time.Hour
	echoMax  = 10_000 // fingerprints kept
)

func (e *echo) Screen(_ context.Context, m inquiry.Message, known inquiry.Facts) (inquiry.Facts, error) {
	if known.Fingerprint.IsZero() {
		return known, nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	c := e.heard[known.Fingerprint]
	if c == nil || m.At.Sub(c.since) > echoFor {
		if len(e.heard) >= echoMax {
			clear(e.heard)
		}
		c = &chorus{since: m.At}
		e.heard[known.Fingerprint] = c
	}
	if voice := m.Channel + "/" + m.Author.External; len(c.voices) < echoFrom && !slices.Contains(c.voices, voice) {
		c.voices = append(c.voices, voice)
	}
	if len(c.voices) >= echoFrom {
		known.AddLabels(echoLabel)
	}
	return known, nil
}
