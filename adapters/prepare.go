package adapters

// Preparer is an optional interface of a [Store] whose Append spends time on
// bringing a commit into the form in which it is written. The Engine has that
// done in advance, while the commit before is still being written.
type Preparer interface {
	// Prepare returns what Append can use, nil for nothing; the Engine hands it
	// over as the commit's Prepared. It only reads the commit, reports no errors
	// (that is left to Append), and is safe to call during an Append. It need not
	// be called, and what it returns need not be used: Append keeps the commit that
	// it is given, with or without Prepared.
	//
	// So a store that wraps another one, and appends another commit than it was
	// given, need not care about Prepared. Package record tells by a commit's lists
	// whether it is the one that was prepared. Nobody writes into these lists once
	// they are handed over, so a commit that differs has lists of its own.
	Prepare(c Commit) any
}
