package screening

import (
	"context"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// Unlabelled is a stage that states a confidence, in percent, for messages in
// which the stages before it found no label: how often that has been right, as the host has counted.
// With a triage in the policy somebody looks at those. Less than 1 counts as 1,
// more than 100 as 100. A lower confidence that was stated before stays.
//
// Phrases by themselves cannot know how sure they are: what is not stated here
// or by a [PhraseRule] is left open, and is not held up.
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
