package adapters

// Preparer is an optional method of a [Store] whose Append takes a while before it
// looks at what is stored, to put a commit into the form in which it is written. The
// Engine has that done while the commit before is still on its way.
type Preparer interface {
	// Prepare returns what Append can make use of, to be handed over in the commit's
	// Prepared; nil is nothing. It reads the commit, writes to nothing, and is safe
	// beside an Append. What is wrong with a commit is Append's to say. It need not be
	// called, and what it returns may be of no use in the end: Append keeps the commit
	// that it is given, as if Prepared were not there.
	//
	// So whoever wraps a store, and has another commit appended than it was given,
	// need not care: package record has a store find out by its lists which commit it
	// was. Nobody writes into these once they are handed over, so what another commit
	// has otherwise is in a list of its own.
	Prepare(c Commit) any
}
