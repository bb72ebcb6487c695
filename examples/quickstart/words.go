package main

import (
	"fmt"
	"strings"

	"github.com/answerable-go/answerable/inquiry"
)

// replies are what the cast writes, by language and by the head of the rule. A
// real owner writes a real answer.
var replies = map[string]map[string]string{
	"en": {
		"":          "thank you for writing. I have looked into it, and this is what we do now: you hear from me again today, with the result.",
		"safety":    "please unplug it and keep away from it. We collect it today, and I am calling you now.",
		"press":     "thank you for asking before you print. You get our answer in writing before your deadline, and a person to call.",
		"legal":     "we have received your letter and given it to our counsel, who will answer you.",
		"sales":     "a person with a name, as you asked: me. The bill is corrected, and I am calling you about the bikes.",
		"billing":   "you are right. I have booked it, and the money is on its way.",
		"delivery":  "I have the carrier on the line and your parcel on the map. You get a new window today.",
		"hours":     "we are open Tuesday to Saturday, 11:00 to 19:00.",
		"praise":    "this made our day. Thank you!",
		"community": "what a good idea, yes. Details follow.",
	},
	"de": {
		"":        "danke für die Nachricht. Ich kümmere mich darum und melde mich heute noch mit dem Ergebnis.",
		"safety":  "bitte vom Strom nehmen und Abstand halten. Wir holen es heute ab, ich rufe jetzt an.",
		"billing": "Sie haben recht. Ich habe es gebucht, das Geld ist unterwegs.",
		"hours":   "wir haben Dienstag bis Samstag von 11 bis 19 Uhr geöffnet.",
	},
	"fr": {
		"":       "merci pour votre message. Je m'en occupe et je reviens vers vous aujourd'hui.",
		"safety": "débranchez-le, s'il vous plaît, et n'y touchez plus. Nous venons le chercher aujourd'hui.",
	},
}

var greetings = map[string]string{"en": "Hello", "de": "Guten Tag", "fr": "Bonjour"}

// compose is an owner's answer, in the customer's language if they speak it.
func compose(o *inquiry.Owner, inq *inquiry.Inquiry) string {
	language := inq.Details.Language
	if replies[language] == nil || !o.Speaks(language) {
		language = "en"
	}
	head, _, _ := strings.Cut(inq.Rule, "/")
	body := replies[language][head]
	if body == "" {
		body = replies[language][""]
	}
	greeting := greetings[language]
	if name := inq.Details.Author.Name; name != "" {
		greeting += " " + name
	}
	return fmt.Sprintf("%s, %s — %s", greeting, body, o.Name)
}
