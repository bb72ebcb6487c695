// Package screening has the built-in stages of screening: each finds out
// something about a message, before routing, and adds it to the message's
// facts. Combine them, and stages of your own, in the order in which they are
// to run:
//
//	phrases, err := screening.Phrases(
//		screening.PhraseRule{Label: "billing", Phrases: []string{"refund", "money back", "erstatt*"}},
//		screening.PhraseRule{ScreenOut: "spam", Phrases: []string{"earn $ from home"}},
//	)
//	noAnswer, err := screening.NoAnswerNeeded(screening.NoAnswer{})
//	stages := []adapters.Screener{
//		screening.Authors(),       // audiences and language that the platform tells
//		screening.GuessLanguage(), // the language, if it does not tell
//		screening.Reach(screening.ReachStep{Min: 10_000, Label: "high_reach", Audience: inquiry.Influencer}),
//		phrases,                    // labels, kind and spam
//		noAnswer,                   // auto-replies and bare thanks
//		screening.Unlabelled(40),   // how sure nothing found is, for a triage
//		screening.Fingerprint(key), // the same text twice
//		screening.DefaultKind(),    // a question or something else
//	}
//
// The order matters where a stage uses what an earlier one found: phrase rules
// use the language and the audiences, and whatever is known stays known: a
// stage fills in a kind, a language or a reason to screen out only where there
// is none.
//
// The stages keep no state, do no I/O and look at a capped part of each text
// ([MaxText]); a post takes well under a millisecond. They fail for no message.
// They are safe for concurrent use, and the facts that they are given stay as they
// are. Conversations and persons are not theirs: the Engine derives those.
package screening
