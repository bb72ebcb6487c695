// Package policyfile reads and writes policies as files, so that a policy can be
// written down, checked, tested and reviewed before any customer meets it.
//
// # The language
//
// A policy file is YAML, or JSON, which is YAML too. Its keys are those of the
// JSON form of [routing.Policy], and roster, a list of [inquiry.Owner]:
//
//	sink: head
//	calendars:
//	  - name: office
//	    zone: Europe/Berlin
//	    hours:
//	      - {day: monday, open: 09:00, close: 17:00}
//	default:
//	  targets:
//	    - {kind: first_response, within: 4h, calendar: office}
//	    - {kind: resolve, within: 16h, calendar: office}
//	rules:
//	  - name: press
//	    match: {audiences: [journalist]}
//	    skills: [{skill: press, min: 3}]
//	roster:
//	  - {id: head, capacity: 100}
//	  - {id: anna, skills: [{name: press, level: 4}], capacity: 100, shift: office}
//
// A word means here what it means in Go: the reader is driven by the Go types
// and their JSON tags, and has no list of keys of its own. Types that read their
// text themselves, such as durations, keep their own messages.
//
// Several files are read as one, for instance a policy and a roster: lists of
// the same key are joined in the order of the files, everything else may be said
// once. Anchors and aliases repeat a value; merge keys (<<) are refused, since a
// rule inherits from the rule around it.
//
// # What is refused
//
// [Load] is strict. It refuses unknown and repeated keys, keys without a value,
// missing keys that the Go type does not leave out, numbers for texts and texts
// for numbers, tags, several documents in a file, and whatever
// [routing.Compile] and [inquiry.Owner.Validate] refuse: every fault at once,
// each with file, line, column, what is wrong and how to mend it; see [Faults].
// Size, depth, aliases and the number of values are bounded, by [MaxSize],
// [MaxDepth] and [MaxNodes]. [Schema] is the same for editors; [Marshal] writes a
// file that reads back to the same policy and roster.
//
// # Before any customer meets it
//
// [File.Lint] names what passes the check and is probably not meant, with its
// line. [File.Try] lets one message come in and tells what becomes of it, and why,
// by the engine's own core in virtual time. A [Suite] is a table of such
// situations, with what is to come of each; package policytest runs it in go
// test. Package report, a module of its own, draws a policy.
//
// [LoadScenario] reads scenarios for package simulate in the same language, with a
// schema of their own, [ScenarioSchema]: a scenario may name its policy's files, and
// [File.Facing] puts a file's policy and roster before traffic that is there already.
//
// # While it is in force
//
// A [Watcher] reads the files again when they change, and has an engine adopt
// what they say: checked first, and taken over whole or not at all, with every
// fault told, while the old policy runs on (B2).
//
//	w, err := policyfile.Watch(policyfile.WatchConfig{Logger: logger}, "policy.yaml", "roster.yaml")
//	engine, err := dispatch.New(store, w.File().Policy, dispatch.Config{Directory: w})
//	go engine.Run(ctx)
//	go w.Run(ctx, engine)
package policyfile
