package screening

import (
	"context"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// Unlabelled returns a stage that states a confidence, in per cent, for
// messages in which the stages before it found no label. The number is for the
// host to find out: how often a message without a label was routed rightly. If
// the policy has a triage, somebody then looks at those messages. Less than 1
// counts as 1, more than 100 as 100. A lower confidence that was stated before
// stays.
//
// Phrases cannot know how sure they are. Where neither Unlabelled nor a
// [PhraseRule] states a confidence it stays open, and the message is not held
// up.
func Unlabelled(confidence int) adapters.Screener {
	return unlabelled(min(100, max(1, confidence)))
}

type unlabelled int

func (u unlabelled) Screen(_ context.Context, _ inquiry.Message, known inquiry.Facts) (inquiry.Facts, error) {
	facts := own(known)
	if len(facts.Labels) == 0 && facts.ScreenOut == "" {
		facts.Confidence = lessSure(facts.Confidence, int(u))
	}
	return facts, nil
}

// lessSure is the lower of two confidences, of those that are stated.
func lessSure(a, b int) int {
	if a <= 0 || b > 0 && b < a {
		return b
	}
	return a
}
