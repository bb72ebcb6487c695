// Package replay plays what really happened once more under another policy: who
// would have got it, when, and which breaches would appear and vanish.
//
// # The story
//
// A [History] is what really happened: the cases of a help desk's log
// ([ReadLog], by a [Mapping] that says what its columns mean), or the inquiries
// of a journal of this library ([ReadJournal]). [Run] plays it twice, in
// virtual time, with the same deterministic core that decides in production:
// once as it was, and once as it would have been under a policy with its
// roster. Both runs meet the same cases and are measured by the promises of
// that one policy. So a breach vanishes because somebody else had the case, or
// had it sooner, and not because more time was promised.
//
// The [Report] is the difference: by inquiry, owner, department and deadline,
// and in total. [Report.Text] is for people, its stable JSON for programs.
//
// # What was
//
// In the first run everything is as recorded. The core is told who had a case,
// and when it was answered, waited, was resolved and came back; it assigns
// nothing by itself. Only the clocks are the core's.
//
// # What would have been
//
// In the second run customers write when they wrote, and the core decides who
// gets what.
//
// Whoever gets a case that they had in the record does with it what they did
// there. They resolve it, in the time that it took them, if they resolved it;
// they pass it on to the same colleague if they passed it on; they give it back
// if they gave it back. What begins at the same instant as in the record also
// ends as recorded. So a journal that is replayed under the policy and the
// roster that it was made with changes nothing; the tests check that for many
// journals.
//
// What somebody does with a case that they did not have in the record is a
// guess, and the report says so. They are taken to be able to resolve it
// ([ByPolicy]), and to need as much time of their shift for it as the one who
// resolved it ([Resolver]), as all who had it ([Whole]), or as one of their own
// cases, drawn with a seed ([Own]). The report says for each case what this
// rests on ([Basis]): a colleague in the group that resolved it, or an
// assumption. With [ByRecord], only those who resolved the case, and their
// group, are able to; anybody else passes it on. These two are the extremes of
// what can be assumed, and Report.HandedOffAtMost says without a second run how
// far the hand-offs can be off.
//
// # Definitions
//
//   - A hand-off between groups is a change of the group between consecutive
//     rows of a case; rows without a group are skipped. In what would have
//     been, it is a change of the owner's first department. A case is returned
//     if it comes back to a group that had it before. Hand-offs between owners
//     are counted in the same way.
//   - The wait is the time from the opening to the first owner; the time until
//     resolved, from the opening to the last resolution.
//   - A deadline is met or missed as the clocks of the core say (package sla).
//     One that has not ended when the run ends counts as neither.
//   - A breach appears if the case would have more breaches of that kind than
//     it had, and vanishes if fewer.
//
// # What it cannot know
//
// Report.Caveats lists all of it, with how much rests on each point: inquiries
// handled by somebody else, skills that were inferred, cases that are not
// resolved in the record, owners on the roster who never occur in the record
// and the other way round, work that is in no log, presence, attributes that
// may have been set later, and acts that are not replayed.
//
// # Skills from history
//
// [History.Infer] learns who can do what from who resolved what, with a least
// number of cases. Whatever comes of it is called inferred: in the names of
// skills, rules and calendars, in the report and among its caveats. That
// somebody resolved cases of a kind shows that they can; it does not show that
// nobody else could. Whoever learns from the cases that they then replay has
// hindsight, and the report says so: [History.Split] divides a history into a
// part to learn from and a part to replay.
//
// # Bad input
//
// A mapping, a log or a journal with faults is refused whole. Everything that
// is wrong is reported at once, up to [MaxFaults] faults, each with file, line
// and column; see [Faults].
package replay
