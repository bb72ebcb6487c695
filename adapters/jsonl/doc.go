// Package jsonl is a source that replays messages from a file of JSON Lines:
// recorded traffic for a demonstration, a test or a trial of a policy.
//
//	source := jsonl.New("inquiries.jsonl.gz", jsonl.Config{Channel: "email", Sort: true, Pace: engine.WaitUntil})
//
// Each line is one JSON object in UTF-8. Blank lines, a byte order mark and
// lines that end in CR LF are accepted; a file whose path ends in .gz is unpacked. A line
// is a message, or a conversation if it has the field turns.
//
// # Messages
//
//	{"id":"m1","at":"2026-03-02T09:00:00Z","channel":"email","author":{"id":"zoe@example.org","name":"Zoë"},"text":"Where is my order?"}
//
// The fields are those of [inquiry.Message]: id, at, channel, account,
// conversation, in_reply_to, author, subject, text, language, revision and
// direction. created_at is another name for at, platform for channel, and brand
// for account; author may be a string, the author's id; an id may be
// a number. Required are an id, a text or a subject, and a channel, here or
// in Config. Fields that the Engine fills in and unknown fields, such as labels,
// are ignored.
//
// # Conversations
//
//	{"id":"c1","platform":"chat","brand":"acme","created_at":"2026-03-02T09:00:00Z","text":"Hello?","turns":[
//	 {"direction":"outbound","text":"Hi, what can we do for you?"},
//	 {"direction":"inbound","text":"Where is my order?","created_at":"2026-03-02T09:05:00Z"}]}
//
// (on one line). Each turn becomes a message of the conversation; a text beside
// turns is the customer's first. A turn has the fields id, direction, author,
// created_at or at, text, subject, language, in_reply_to and revision. One
// without an id is called "<conversation>/<number>", counted from 1; one without
// an author is the row's author or "<conversation>#customer" if it is inbound,
// and the account, or "<conversation>#us" where there is none, if it is outbound.
//
// An id that is repeated in a file is handed over again, and the Engine takes it
// for the same message: give an edited message a higher revision, and
// different messages different ids.
//
// # Times
//
// Times are in RFC 3339; one without a zone, "2006-01-02T15:04:05", is in UTC. Rows
// without a time are at Config.Start plus one Config.Spacing for each line of the
// file before them; turns without one follow the turn before after one Config.Spacing.
package jsonl
