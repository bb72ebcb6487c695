package screening_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters/screening"
	"github.com/answerable-go/answerable/inquiry"
)

func TestGuessLanguage(t *testing.T) {
	t.Parallel()
	tests := []struct{ want, text string }{
		{"en", "Where is my order?"},
		{"en", "@acme I have been waiting for two weeks and nobody answers the phone https://t.co/les-les-les"},
		{"en", "MY CARD IS NOT WORKING AND I DON’T KNOW WHY"},
		{"de", "Wo ist meine Bestellung?"},
		{"de", "Ich warte seit zwei Wochen auf meine Rückerstattung und niemand meldet sich."},
		{"de", "Mein Paket kam heute kaputt an, was kann ich tun"},
		{"fr", "Où est ma commande ?"},
		{"fr", "Bonjour, j’attends mon remboursement depuis deux semaines et personne ne répond."},
		{"es", "¿Dónde está mi pedido? Todavía no ha llegado"},
		{"es", "Hola, llevo dos semanas esperando el reembolso y nadie me contesta."},
		{"it", "Dove è il mio ordine? Non è ancora arrivato"},
		{"it", "Buongiorno, aspetto il rimborso da due settimane e nessuno mi risponde."},
		{"nl", "Waar is mijn bestelling?"},
		{"nl", "Ik wacht al twee weken op mijn geld en niemand neemt de telefoon op."},
		{"pt", "Onde está a minha encomenda? Ainda não chegou"},
		{"pt", "Olá, estou há duas semanas à espera do reembolso e ninguém me responde."},

		{"", ""},
		{"", "ok"},
		{"", "Hotel Berlin"},
		{"", "😡😡😡"},
		{"", "12345 67890"},
		{"", "Заказ не пришёл, что мне делать?"},
		{"", "注文した商品がまだ届きません"},
		{"", "Jeg har ikke fået min pakke endnu, hvad gør jeg nu?"},
		{"", "Jag har inte fått mitt paket och ingen svarar på mejl"},
		{"", "Ek het nog nie my pakkie gekry nie, wat moet ek doen"},
		{"", "Encara no he rebut el paquet i ningú em contesta, és una vergonya"},
		{"", "Nu am primit încă pachetul și nimeni nu răspunde, ce să fac?"},
		{"", "Where is my order? Wo ist meine Bestellung? Où est ma commande ?"},
	}
	s := screening.GuessLanguage()
	for _, tt := range tests {
		require.Equal(t, tt.want, screen(t, s, text(tt.text)).Language, tt.text)
	}
}

func TestGuessLanguageOnlyWhereNothingIsKnown(t *testing.T) {
	t.Parallel()
	s := screening.GuessLanguage()
	german := "Wo ist meine Bestellung?"
	require.Empty(t, screen(t, s, inquiry.Message{Text: german, Language: "nl"}).Language)
	require.Equal(t, "de", screen(t, s, inquiry.Message{Text: german, Language: "und"}).Language)
	facts, err := s.Screen(t.Context(), text(german), inquiry.Facts{Language: "nl"})
	require.NoError(t, err)
	require.Equal(t, "nl", facts.Language)
}

func TestGuessLanguageWantsEveryFifthWordToBeASmallOne(t *testing.T) {
	t.Parallel()
	s := screening.GuessLanguage()
	require.Equal(t, "en", screen(t, s, text("the with"+strings.Repeat(" zork", 8))).Language)
	require.Empty(t, screen(t, s, text("the with"+strings.Repeat(" zork", 9))).Language)
}

func TestGuessLanguageLooksAtTheBeginning(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("Ich habe das nicht. ", 60) + strings.Repeat("I do not have that. ", 3000)
	require.Equal(t, "de", screen(t, screening.GuessLanguage(), text(long)).Language)
}

func BenchmarkGuessLanguage(b *testing.B) {
	s := screening.GuessLanguage()
	m := text(tweet)
	for b.Loop() {
		_, _ = s.Screen(b.Context(), m, inquiry.Facts{})
	}
}
