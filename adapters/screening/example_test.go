package screening_test

import (
	"context"
	"fmt"
	"log"

	"github.com/answerable-go/answerable/adapters/screening"
	"github.com/answerable-go/answerable/inquiry"
)

func Example() {
	phrases, err := screening.Phrases(
		screening.PhraseRule{Label: "billing", Phrases: []string{"refund", "money back", "erstatt*"}},
		screening.PhraseRule{Label: "upset", Kind: inquiry.Complaint, Phrases: []string{"fed up", "unacceptable", "😡"}},
	)
	if err != nil {
		log.Fatal(err)
	}
	s := screening.Pipeline(
		screening.Authors(),
		screening.GuessLanguage(),
		screening.Reach(screening.ReachStep{Min: 10_000, Label: "high_reach", Audience: inquiry.Influencer}),
		phrases,
		screening.DefaultKind(),
	)
	facts, err := s.Screen(context.Background(), inquiry.Message{
		Text:   "@acme where is my #refund?! I’m FED-UP with this",
		Author: inquiry.Author{Reach: 25_000, Audiences: []inquiry.Audience{inquiry.Customer}},
	}, inquiry.Facts{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(facts.Kind, facts.Labels, facts.Audiences, facts.Language)
	// Output: complaint [billing high_reach upset] [customer influencer] en
}

func ExamplePhrases() {
	s, err := screening.Phrases(
		screening.PhraseRule{Label: "delivery", Phrases: []string{"versand*", "livraison", "配送"}},
		screening.PhraseRule{ScreenOut: "spam", Phrases: []string{"work from home and earn"}},
	)
	if err != nil {
		log.Fatal(err)
	}
	for _, text := range []string{"Was ist mit meiner VERSANDBESTÄTIGUNG", "配送はいつですか", "Work from home and earn!!"} {
		facts, err := s.Screen(context.Background(), inquiry.Message{Text: text}, inquiry.Facts{})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%v %q\n", facts.Labels, facts.ScreenOut)
	}
	// Output:
	// [delivery] ""
	// [delivery] ""
	// [] "spam"
}

func ExampleNoAnswerNeeded() {
	s, err := screening.NoAnswerNeeded(screening.NoAnswer{Thanks: []string{"kiitos"}})
	if err != nil {
		log.Fatal(err)
	}
	for _, text := range []string{"Kiitos! 👍", "Thanks, but it still does not work", "I am currently out of the office."} {
		facts, err := s.Screen(context.Background(), inquiry.Message{Text: text}, inquiry.Facts{})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%q\n", facts.ScreenOut)
	}
	// Output:
	// "no_answer_needed"
	// ""
	// "auto_reply"
}

func ExampleFingerprint() {
	s := screening.Fingerprint(nil)
	show := func(text string) inquiry.ID {
		facts, err := s.Screen(context.Background(), inquiry.Message{Text: text}, inquiry.Facts{})
		if err != nil {
			log.Fatal(err)
		}
		return facts.Fingerprint
	}
	first := show("My order 4711 has not arrived!")
	fmt.Println(first == show("@acme my order #4711 has NOT arrived… https://t.co/Xy12"))
	fmt.Println(first == show("My order 4712 has not arrived!"))
	// Output:
	// true
	// false
}
