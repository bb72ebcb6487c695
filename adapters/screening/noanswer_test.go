package screening_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters/screening"
	"github.com/answerable-go/answerable/inquiry"
)

func TestNoAnswerNeeded(t *testing.T) {
	t.Parallel()
	s, err := screening.NoAnswerNeeded(screening.NoAnswer{
		AutoReplies: []string{"we have received your request"},
		Thanks:      []string{"takk", "ありがとうございます", "great service"},
	})
	require.NoError(t, err)
	tests := []struct{ want, subject, text string }{
		{screening.NothingToSay, "", "Thanks!"},
		{screening.NothingToSay, "", "@acme thank you so much!! 🙏"},
		{screening.NothingToSay, "", "OK, great, thanks a lot"},
		{screening.NothingToSay, "", "Danke schön"},
		{screening.NothingToSay, "", "Vielen Dank für Ihre Hilfe!"},
		{screening.NothingToSay, "", "Merci beaucoup 😊"},
		{screening.NothingToSay, "", "d’accord, merci"},
		{screening.NothingToSay, "", "¡Muchas gracias!"},
		{screening.NothingToSay, "", "Va bene, grazie mille"},
		{screening.NothingToSay, "", "Hartelijk bedankt"},
		{screening.NothingToSay, "", "muito obrigada"},
		{screening.NothingToSay, "", "#thanks"},
		{screening.NothingToSay, "", "Takk"},
		{screening.NothingToSay, "", "ありがとうございます"},
		{screening.NothingToSay, "", "Great service, thanks"},
		{screening.NothingToSay, "", "❤️👍🏽🎉"},
		{screening.NothingToSay, "Re: your order", "thanks"},
		{screening.NothingToSay, " AW[2]: Bestellung 4711", "Danke"},
		{screening.NothingToSay, "RE：订单", "thanks"},
		{screening.NothingToSay, "Many thanks!", "thanks"},

		{"", "", "thanks, but it is still broken"},
		{"", "", "Thanks for nothing"},
		{"", "", "no thanks"},
		{"", "", "ok"},
		{"", "", "ok great"},
		{"", "", "thanks?"},
		{"", "", "Danke？"},
		{"", "Can you help?", "thanks"},
		{"", "Refund my order", "Thanks"},
		{"", "Refund: my order", "Thanks"},
		{"", "Refund re: my order", "Thanks"},
		{"", "re my order", "Thanks"},
		{"", "", "👍😡"},
		{"", "", "👍 broken"},
		{"", "", "😡"},
		{"", "", ""},
		{"", "", "@acme"},
		{"", "", "..."},
		{"", "", "thanks https://example.test/picture-of-the-damage"},
		{"", "", "thanks 4711"},
		{"", "", strings.Repeat("thanks ", 13)},
		{"", "", strings.Repeat("thanks ", 20_000)},

		{screening.AutoReply, "Automatic reply: your invoice", "I'm back on Monday."},
		{screening.AutoReply, "Abwesenheitsnotiz", ""},
		{screening.AutoReply, "Réponse automatique : Facture", "x"},
		{screening.AutoReply, "RISPOSTA AUTOMATICA", "x"},
		{screening.AutoReply, "", "Hello, thank you for your message. I am currently out of the office until Monday."},
		{screening.AutoReply, "", "Dies ist eine automatische Antwort."},
		{screening.AutoReply, "", "Ceci est une reponse automatique"},
		{screening.AutoReply, "", "We have received your request and will be in touch."},

		{"", "Re: Automatic reply?", "x"},
		{"", "Why is there only an automatic reply", "I am angry"},
		{"", "", "I am out of the office, can you deliver on Friday?"},
		{"", "", "My parcel went to my old office"},
		{"", "", "I wrote to you four times about the parcel that the courier left in the rain, with pictures, and each time all that came back to me, after hours, was a line of text: this is an automated reply"},
	}
	for _, tt := range tests {
		facts := screen(t, s, inquiry.Message{Subject: tt.subject, Text: tt.text})
		require.Equal(t, inquiry.Facts{ScreenOut: tt.want}, facts, "%.60q %.60q", tt.subject, tt.text)
	}
	answer := screen(t, s, inquiry.Message{Subject: "My order", Text: "thanks", InReplyTo: "a message of ours"})
	require.Equal(t, screening.NothingToSay, answer.ScreenOut)
	facts, err := s.Screen(t.Context(), text("thanks"), inquiry.Facts{ScreenOut: "spam"})
	require.NoError(t, err)
	require.Equal(t, "spam", facts.ScreenOut, "what is known stays")
}

// An auto-reply shows itself within the first 160 characters, the last of which counts.
func TestAutoReplyAtTheEndOfItsHead(t *testing.T) {
	t.Parallel()
	s, err := screening.NoAnswerNeeded(screening.NoAnswer{})
	require.NoError(t, err)
	const phrase = "this is an automated message"
	before := strings.Repeat("x", 160-len(phrase)-1) + " "
	for text, want := range map[string]string{
		before + phrase + " as you see": screening.AutoReply, before + phrase: screening.AutoReply,
		"x" + before + phrase + " as you see": "", "x" + before + phrase: "",
		before + phrase + "s": "",
	} {
		require.Equal(t, want, screen(t, s, inquiry.Message{Text: text}).ScreenOut, "%d characters", len(text))
	}
}

func TestThanksOfAHost(t *testing.T) {
	t.Parallel()
	s, err := screening.NoAnswerNeeded(screening.NoAnswer{Thanks: []string{"ok great", strings.Repeat("so much ", 6)}})
	require.NoError(t, err)
	require.Equal(t, screening.NothingToSay, screen(t, s, text("ok great")).ScreenOut, "though its words are no thanks one by one")
	require.Equal(t, screening.NothingToSay, screen(t, s, text(strings.Repeat("so much ", 6))).ScreenOut, "as long as a message of thanks may be")
	_, err = screening.NoAnswerNeeded(screening.NoAnswer{Thanks: []string{"ok", strings.Repeat("so much ", 6) + "!" + " again"}})
	require.ErrorContains(t, err, "thanks 2, ")
	require.ErrorContains(t, err, "it has 13 words: want at most 12")
}

func TestNoAnswerListsEveryFaultyPhrase(t *testing.T) {
	t.Parallel()
	_, err := screening.NoAnswerNeeded(screening.NoAnswer{AutoReplies: []string{"ok", "--"}, Thanks: []string{"", "thank*"}})
	require.ErrorContains(t, err, `auto-reply phrase 2, "--"`)
	require.ErrorContains(t, err, `thanks 1, ""`)
	require.ErrorContains(t, err, `thanks 2, "thank*"`)
}

func TestDefaultKind(t *testing.T) {
	t.Parallel()
	s := screening.DefaultKind()
	for in, want := range map[string]inquiry.Kind{
		"Where is it?":                  inquiry.Question,
		"どこですか？":                        inquiry.Question,
		"أين طلبي؟":                     inquiry.Question,
		"Πού είναι;":                    inquiry.Question,
		"Πού είναι\u037e":               inquiry.Question,
		"¿Dónde está":                   inquiry.Question,
		"really ⁉️":                     inquiry.Question,
		"see https://x.test/?a=b":       inquiry.Other,
		"see https://x.test/?a=b why?":  inquiry.Question,
		"first; second":                 inquiry.Other,
		"":                              inquiry.Other,
		"It does not work www.x.test/?": inquiry.Other,
		"Awww.so sweet, or not? x":      inquiry.Question,
		"Awww.really?":                  inquiry.Question,
	} {
		require.Equal(t, want, screen(t, s, text(in)).Kind, in)
		require.Equal(t, want, screen(t, s, inquiry.Message{Subject: in, Text: "x"}).Kind, in)
	}
	facts, err := s.Screen(t.Context(), text("why?"), inquiry.Facts{Kind: inquiry.Complaint})
	require.NoError(t, err)
	require.Equal(t, inquiry.Complaint, facts.Kind, "what is known stays")
}
