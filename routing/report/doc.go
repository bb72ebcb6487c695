// Package report makes pages for people of what a simulation found.
//
// [Simulation] and [Comparison] turn the results of package simulate into a [Document]:
// what was found in a few sentences, the numbers to remember, charts, tables, single inquiries
// explained, and the policy. A document is plain data and knows nothing of simulations; other
// results make documents of their own out of the same parts, with [Explained] for a decision of
// the library and [Policy] for a policy.
//
// # Where it goes
//
//   - [Document.Text]: a summary for a terminal.
//   - [Document.HTML]: one page, with everything in it. It loads nothing and runs nothing, reads well
//     light, dark, on a telephone, on paper and to a screen reader.
//   - [Document.CSV]: all numbers, for spreadsheets, with formulas neutralised.
//   - [Document.JSON]: the document itself. For programs the results of package simulate are better:
//     they have all there is, under stable names.
//
// [Mermaid] and [DOT] draw a policy for Markdown and for Graphviz.
//
// Whatever a document calls things, customers, owners, skills, may come from outside. Text goes
// through html/template, which escapes it by where it stands; control characters, and those that
// turn the direction of writing, are replaced everywhere (Unicode, UAX #9: Bidi_Control).
// The same document gives the same bytes.
//
// # The charts
//
// Every chart has a title, a sentence on how to read it, named axes with units, a description for
// those who do not see it, and its numbers in a table below. No two marks differ by their colour
// alone; the colours are those of Okabe and Ito (Color Universal Design, 2008), which people with
// any kind of colour vision tell apart. A line through a mark is the confidence interval.
//
// They are drawn here, as SVG. The libraries that could have drawn them were tried first:
// github.com/wcharczuk/go-chart v2.1.2 (MIT, last released in August 2024, and with it
// github.com/vicanso/go-charts, which stands on it) and gonum.org/v1/plot v0.17.0 (BSD, September 2025, 60
// packages). Both write colours, a white ground among them, into every shape, so that a page cannot go
// dark with its reader; neither has descriptions for screen readers; the first has no intervals and no
// heat maps, and begins the axis of bars at the least of the values, which then has no bar at all.
package report
