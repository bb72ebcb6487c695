// Package replay lets what really happened run under another policy: who would have
// got it, when, and which breaches would appear and vanish.
//
// # The story
//
// A [History] is what really happened: the cases of a help desk's log ([ReadLog], by a
// [Mapping] that says what its columns mean), or the inquiries of a journal of this
// library ([ReadJournal]). [Run] has it happen twice over the same deterministic core
// that decides in production, in virtual time: once as it was, and once as it would
// have been under a policy with its roster. Both runs meet the same cases and are
// measured by the promises of that one policy, so that a breach vanishes because
// somebody else had the case, or had it sooner, and not because more time was
// promised. The [Report] is the difference: by inquiry, owner, department and deadline,
// and in all; with [Report.Text] for people and stable JSON for machines.
//
// # What was
//
// In the first run everything is as recorded: the core is told who had a case, when it
// was answered, waited, was resolved and came back, and gives nothing to anybody by
// itself. What is left to it are the clocks.
//
// # What would have been
//
// In the second run customers write when they wrote, and the core decides who gets what.
// Whoever gets a case does with it what they did with it in the record: they resolve it
// if they resolved it there, in the time that it took them; they pass it on, to the
// same colleague, if they passed it on; they give it back if they gave it back. What
// begins at the instant at which it began in the record goes on to the instant as
// recorded. So a journal that is replayed under the policy and the roster that it was
// made with changes nothing, which the tests hold for many journals.
//
// Whoever did not have a case in the record is a guess, and called so. They are taken to
// resolve it ([ByPolicy]), in the time that whoever resolved it had it in time of their
// shift ([Resolver]; or all who had it, [Whole]; or one of their own cases, drawn with
// a seed, [Own]). Of the case it is said on what it rests ([Basis]): a colleague in the
// group that resolved it, or an assumption. With [ByRecord] nobody but they, and that
// group, can: anybody else passes it on. The two are the ends of what can be assumed, and
// [Report.HandedOffAtMost] says how far the hand-offs can be off without a second run.
//
// # Definitions
//
//   - A hand-off between groups is a change of the group between consecutive rows of a
//     case, rows without a group passed over; of what would have been, a change of the
//     owner's first department. A case is returned if it comes back to a group that had it
//     before. Hand-offs between owners are counted in the same way.
//   - The wait is from the opening to the first owner; the time until resolved from the
//     opening to the last resolution.
//   - A deadline is met or missed as the clocks of the core say (package sla). One that
//     has not come to its end when the run ends counts as neither.
//   - A breach appears if the case has more breaches of that kind than it had, and
//     vanishes if it has fewer.
//
// # What it cannot know
//
// [Report.Caveats] has all of it with how much rests on it: inquiries handled by
// somebody else, skills that were inferred, cases that the record does not see
// resolved, owners who are on the roster and never show in the record, or the other
// way round, work that is in no log, presence, attributes that may have been set
// later, and acts that are not replayed.
//
// # Skills from history
//
// [History.Infer] learns from who resolved what, with a least number of cases. What
// comes of it is called inferred wherever it shows: in the names of skills, rules and
// calendars, in the report and among its caveats. That somebody resolved cases of a kind
// shows that they can; it does not show that nobody else could. [History.Split] parts
// a history so that what is replayed is not what was learned from: whoever learns from
// the same cases has hindsight, and the report says so.
//
// # Bad input
//
// A mapping, a log or a journal with faults is refused whole, with all that is wrong
// at once, up to [MaxFaults], each with file, line and column: [Faults].
package replay
