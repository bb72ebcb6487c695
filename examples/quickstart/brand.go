package main

import "github.com/answerable-go/answerable/inquiry"

// pool is the brand's name in the store: owners, journal and inquiries of
// another brand would live beside it and never meet.
const pool = "larkspur"

// The calendars and departments by name.
const (
	supportHours = "support-hours"
	officeHours  = "office-hours"

	customerService = "customer_service"
	pressRelations  = "pr"
	marketing       = "marketing"
	salesTeam       = "sales"
)

// sink is who answers when nobody else does.
const sink inquiry.OwnerID = "hanna.brandt"

// zone is where the brand is at home.
const zone = "Europe/Berlin"

// owners are everybody who can be answerable. Skills cross departments on
// purpose: billing sits in sales too, safety in PR, crisis in customer service.
// Nobody has the skill legal, and nobody speaks Spanish.
var owners = []inquiry.Owner{
	{
		ID: sink, Name: "Hanna Brandt", Departments: []string{customerService},
		Skills: []inquiry.Skill{
			{Name: "safety", Level: 4},
			{Name: "crisis", Level: 3},
			{Name: "billing", Level: 3},
			{Name: "returns", Level: 3},
			{Name: "warranty", Level: 3},
			{Name: "delivery", Level: 3},
			{Name: "technical", Level: 2},
			{Name: "privacy", Level: 4},
			{Name: "careers", Level: 2},
			{Name: "care", Level: 3},
		},
		Languages: []string{"de", "en", "fr"}, Capacity: 100, Shift: supportHours,
	},
	{
		ID: "emre.yildiz", Name: "Emre Yıldız", Departments: []string{customerService},
		Skills: []inquiry.Skill{
			{Name: "billing", Level: 5},
			{Name: "returns", Level: 4},
			{Name: "delivery", Level: 3},
			{Name: "privacy", Level: 3},
			{Name: "care", Level: 3},
		},
		Languages: []string{"de", "en"}, Capacity: 100, Shift: supportHours,
	},
	{
		ID: "clara.moreau", Name: "Clara Moreau", Departments: []string{customerService},
		Skills: []inquiry.Skill{
			{Name: "returns", Level: 5},
			{Name: "delivery", Level: 4},
			{Name: "billing", Level: 3},
			{Name: "product", Level: 3},
			{Name: "care", Level: 3},
		},
		Languages: []string{"fr", "en", "de"}, Capacity: 100, Shift: supportHours,
	},
	{
		ID: "jonas.petersen", Name: "Jonas Petersen", Departments: []string{customerService},
		Skills: []inquiry.Skill{
			{Name: "technical", Level: 5},
			{Name: "warranty", Level: 5},
			{Name: "safety", Level: 4},
			{Name: "product", Level: 3},
			{Name: "care", Level: 3},
		},
		Languages: []string{"de", "en"}, Capacity: 120, Shift: supportHours,
	},
	{
		ID: "marek.nowak", Name: "Marek Nowak", Departments: []string{customerService},
		Skills: []inquiry.Skill{
			{Name: "safety", Level: 5},
			{Name: "technical", Level: 4},
			{Name: "warranty", Level: 4},
			{Name: "product", Level: 3},
			{Name: "care", Level: 3},
		},
		Languages: []string{"en", "de"}, Capacity: 100, Shift: supportHours,
	},
	{
		ID: "aoife.kelly", Name: "Aoife Kelly", Departments: []string{customerService},
		Skills: []inquiry.Skill{
			{Name: "app", Level: 5},
			{Name: "security", Level: 4},
			{Name: "technical", Level: 3},
			{Name: "content", Level: 2},
			{Name: "care", Level: 3},
		},
		Languages: []string{"en"}, Capacity: 100, Shift: supportHours,
	},
	{
		ID: "linh.tran", Name: "Linh Tran", Departments: []string{customerService},
		Skills: []inquiry.Skill{
			{Name: "delivery", Level: 5},
			{Name: "product", Level: 4},
			{Name: "billing", Level: 3},
			{Name: "returns", Level: 3},
			{Name: "app", Level: 2},
			{Name: "care", Level: 3},
		},
		Languages: []string{"de", "en"}, Capacity: 120, Shift: supportHours,
	},
	{
		ID: "sabine.roth", Name: "Sabine Roth", Departments: []string{pressRelations},
		Skills: []inquiry.Skill{
			{Name: "press", Level: 5}, {Name: "crisis", Level: 5}, {Name: "community", Level: 3},
		},
		Languages: []string{"de", "en"}, Capacity: 80, Shift: officeHours,
	},
	{
		ID: "david.osei", Name: "David Osei", Departments: []string{pressRelations},
		Skills: []inquiry.Skill{
			{Name: "press", Level: 4}, {Name: "crisis", Level: 4}, {Name: "content", Level: 3}, {Name: "safety", Level: 2},
		},
		Languages: []string{"en", "fr"}, Capacity: 100, Shift: officeHours,
	},
	{
		ID: "ida.sommer", Name: "Ida Sommer", Departments: []string{marketing, pressRelations},
		Skills: []inquiry.Skill{
			{Name: "community", Level: 5},
			{Name: "content", Level: 5},
			{Name: "careers", Level: 3},
			{Name: "crisis", Level: 2},
			{Name: "product", Level: 2},
		},
		Languages: []string{"de", "en"}, Capacity: 100, Shift: officeHours,
	},
	{
		ID: "viktor.hahn", Name: "Viktor Hahn", Departments: []string{salesTeam},
		Skills: []inquiry.Skill{
			{Name: "fleet-sales", Level: 5}, {Name: "sales", Level: 5}, {Name: "billing", Level: 2}, {Name: "product", Level: 4},
		},
		Languages: []string{"de", "en"}, Capacity: 80, Shift: officeHours,
	},
	{
		ID: "yasmin.aziz", Name: "Yasmin Aziz", Departments: []string{salesTeam},
		Skills: []inquiry.Skill{
			{Name: "wholesale", Level: 5}, {Name: "sales", Level: 4}, {Name: "fleet-sales", Level: 3}, {Name: "product", Level: 4},
		},
		Languages: []string{"en", "fr", "de"}, Capacity: 100, Shift: officeHours,
	},
	{
		ID: "wren", Name: "Wren", Departments: []string{customerService},
		Skills: []inquiry.Skill{
			{Name: "product", Level: 2}, {Name: "delivery", Level: 1}, {Name: "app", Level: 1},
		},
		Languages: []string{"en", "de"}, Capacity: 400, Bot: true,
	},
}

// label is a word for what a message is about, and what shows it.
type label struct {
	name    string
	kind    inquiry.Kind
	phrases []string
}

// labels are what a keyword screener looks for, in the order of precedence: the
// first label that a message has gives its kind. Phrases of all languages stand
// together, because people mix them.
var labels = []label{
	{"auto_reply", inquiry.Other, []string{
		"out of office", "out of the office", "automatic reply", "automatically generated",
		"undeliverable", "parental leave until", "abwesenheitsnotiz", "automatische antwort",
		"nicht im büro", "absence du bureau",
	}},
	{"safety", inquiry.Complaint, []string{
		"smell of burning", "burning smell", "smells burnt", "burnt", "burn", "melted", "caught fire",
		"catching fire", "charger fire", "is on fire", "are on fire", "charger on fire",
		"battery on fire", "bike on fire", "bulging", "too hot to touch", "hot as a toaster",
		"unplug it", "unplugged", "should i be worried", "house fire", "metal box", "batch 2510",
		"batch 2511", "hairline crack", "crack in the weld", "cracked frame", "rahmenbruch",
		"gebrannt", "durchgeschmort", "a brûlé", "dangerous", "gefährlich",
	}},
	{"press", inquiry.Request, []string{
		"press inquiry", "press team", "interview", "spokesperson", "for comment", "statement before",
		"statement today", "deadline is", "to my deadline", "deadline unchanged", "radblatt", "on air",
		"declined to comment", "presseanfrage",
	}},
	{"legal", inquiry.Request, []string{
		"subpoena", "custodian of records", "counsel", "court order", "lawsuit", "licencia de patente",
		"patentes", "patent licence", "abmahnung", "rechtsanwalt",
	}},
	{"security", inquiry.Other, []string{
		"vulnerability", "responsible disclosure", "security reports", "security flaw", "bug bounty",
		"pgp key", "sicherheitslücke", "faille", "phishing", "scammers", "hacked", "compromised",
	}},
	{"privacy", inquiry.Request, []string{
		"gdpr", "dsgvo", "personal data", "personenbezogenen daten", "delete my data",
		"delete my account", "auskunft nach", "données personnelles", "rgpd",
	}},
	{"stolen", inquiry.Complaint, []string{
		"stolen", "bike theft", "theft report", "broke into", "break-in", "gestohlen", "geklaut",
		"diebstahl", "volé",
	}},
	{"outage", inquiry.Complaint, []string{
		"app down", "app is down", "app is dead", "servers down", "server error", "service unavailable",
		"nothing loads", "not loading", "server nicht erreichbar", "geht gar nicht mehr",
	}},
	{"spam", inquiry.Other, []string{
		"backlinks", "first page ranking", "first page of search", "guest post", "crypto", "btc",
		"passive income", "pills", "without prescription", "verified followers", "claim your prize",
		"claim your bonus",
	}},
	{"fleet", inquiry.Opportunity, []string{
		"fleet of", "entire fleet", "fleets", "forty bikes", "40 bikes", "60 bikes", "60 e-bikes",
		"40 riders", "company fleets", "volume pricing", "salary scheme", "staff scheme", "flotte",
	}},
	{"wholesale", inquiry.Opportunity, []string{
		"wholesale", "wholesale price", "dealer terms", "dealer discount", "reseller",
		"stock your lights", "minimum quantity", "händleranfrage", "händlerkonditionen",
		"ins sortiment", "revendeur",
	}},
	{"careers", inquiry.Request, []string{
		"technician job", "any openings", "apply for", "my cv", "vacancies", "internship",
		"apprentices", "apprenticeship", "praktikum", "lebenslauf", "bewerbung", "candidature",
	}},
	{"refund", inquiry.Request, []string{
		"refund", "refunded", "money back", "no money yet", "reimbursed", "charged twice",
		"charged my card twice", "erstattung", "erstatten", "rückerstattung", "remboursement",
		"rembourser",
	}},
	{"invoice", inquiry.Request, []string{
		"invoice", "invoices", "inv", "billed", "payment reminder", "late fee", "credit note",
		"vat number", "rechnung", "mahnung", "facture", "my bill", "the bill",
	}},
	{"warranty", inquiry.Request, []string{
		"warranty", "warranty claim", "guarantee", "covered by", "hairline crack", "garantie",
		"gewährleistung",
	}},
	{"returns", inquiry.Request, []string{
		"return label", "send it back", "want to return", "to return my", "form for a return",
		"going back", "exchange it", "drop-off shop", "drop-off point", "retour", "retourner",
		"étiquette de retour", "rücksendung", "umtausch",
	}},
	{"delivery", inquiry.Complaint, []string{
		"delivery", "delivered", "parcel", "parcels", "shipping", "shipped", "tracking",
		"where is my order", "carrier", "courier says", "lieferung", "liefertermin", "spedition",
		"livraison", "colis",
	}},
	{"app", inquiry.Complaint, []string{
		"app", "android", "ios", "login", "log in", "password reset mail never arrives", "gpx", "gps",
		"won't pair", "bluetooth", "password", "sign in", "logging in", "crash", "crashes", "crashing",
		"freezes",
	}},
	{"technical", inquiry.Complaint, []string{
		"motor", "brake", "bremse", "error code", "two bars", "the battery, still", "battery stuck",
		"akku", "firmware", "squeals", "squealing", "creaks", "flickers", "rücklicht", "knacken",
		"klappert", "beeping", "beeps", "water inside", "moteur",
	}},
	{"hours", inquiry.Question, []string{
		"opening hours", "open today", "what time does", "are you open", "open on saturdays",
		"open over easter", "workshop open", "geöffnet", "öffnungszeiten", "horaires",
	}},
	{"product", inquiry.Question, []string{
		"do you sell", "do you ship", "is the bracket included", "realistic range", "fit on", "fit two",
		"coming back in", "test ride", "how many hours", "brightest setting", "stvzo", "is the fell ok",
		"one with the big battery", "bigger battery", "honest opinions", "envíos",
	}},
	{"community", inquiry.Other, []string{
		"light ride", "group ride", "club ride", "meet-up", "repost", "collaborate", "collaboration",
		"gruppenausfahrt", "demo bike", "open day", "tagging you in", "wall of rides", "in fairness",
	}},
	{"trouble", inquiry.Complaint, []string{
		"not working", "non-functioning", "doesn't work", "does not work", "won't work",
		"stopped working", "broken", "stole", "disappointed", "never again", "time to find",
		"funktioniert nicht", "geht nicht", "kaputt", "ne marche pas",
	}},
	{"praise", inquiry.Praise, []string{
		"love it", "recommend without reservation", "best thing we", "wonderful", "fantastic",
		"excellent machine", "amazing", "higher praise", "großes lob", "lob", "hut ab", "wir lieben",
		"impressed", "thank you, larkspur", "permission to use the photo", "may share this",
		"may print this",
	}},
	{"thanks", inquiry.Other, []string{
		"thanks", "thank you", "cheers", "danke", "danke dir",
	}},
}
