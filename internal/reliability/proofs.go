package main

import "time"

// Proof is a test that can be run for as long as one likes. What it does has
// numbers, from which everything that it draws follows: a run of so many, from
// such a number on, can be repeated, and a long run made in parts.
type Proof struct {
	Name  string
	Shows string // what it holds against the library, in a user's words
	Unit  string // what is counted
	Goal  int    // how many are meant to have been run by hand
	Chunk int    // how many one command runs, so that little is lost when it is stopped
	Limit time.Duration

	Dir     string   // the module's directory, below the root
	Alone   bool     // the module is not of the workspace
	Package string   // in the module
	Tests   string   // which of its tests
	Flag    string   // what takes the count
	From    string   // what takes the first number; empty: -from
	First   int      // what number 0 is there
	Args    []string // further ones
	// Fuzz stands for every fuzz target of every module instead; the count is
	// minutes for each.
	Fuzz  bool
	Needs string // beyond Go
}

// proofs is the table that everything else is made from. What is counted here is
// never counted by hand.
var proofs = []Proof{
	{
		Name: "power-cuts", Unit: "power cuts", Goal: 300, Chunk: 20, Limit: time.Hour,
		Shows: "SQLite: whatever was acknowledged before the power was cut is there once, in a sound file",
		Dir:   "internal/reliability", Package: "./powercut", Tests: "^TestPowerCuts$", Flag: "-cuts",
		Needs: "Linux and root, for an ext4 of its own",
	},
	{
		Name: "sqlite-kills", Unit: "kill -9", Goal: 1000, Chunk: 100, Limit: time.Hour,
		Shows: "SQLite: a process killed while it commits loses nothing that it had acknowledged, and decides nothing twice",
		Dir:   "adapters/sqlite", Package: ".", Tests: "^TestKill$", Flag: "-kills",
	},
	{
		Name: "sqlite-flips", Unit: "flipped bits", Goal: 10_000, Chunk: 500, Limit: time.Hour,
		Shows: "SQLite: a flipped bit of the file is found, and nothing wrong is served",
		Dir:   "adapters/sqlite", Package: ".", Tests: "^TestFlippedBits$", Flag: "-flips",
	},
	{
		Name: "postgres-kills", Unit: "kill -9", Goal: 1000, Chunk: 20, Limit: time.Hour,
		Shows: "PostgreSQL: a killed process loses nothing that it had acknowledged",
		Dir:   "adapters/postgres", Package: ".", Tests: "^TestKill$", Flag: "-kills",
		Needs: "PostgreSQL's binaries",
	},
	{
		Name: "postgres-nodes", Unit: "leaders deposed in each of two fleets", Goal: 100, Chunk: 34, Limit: time.Hour,
		Shows: "PostgreSQL: two and three processes whose leaders are killed, stopped beyond their term and asked to stop lose nothing, decide nothing twice, keep capacities and rate limits",
		Dir:   "adapters/postgres", Package: ".", Tests: "^TestNodes$", Flag: "-kills",
		Needs: "PostgreSQL's binaries",
	},
	{
		Name: "postgres-crashes", Unit: "crashes of the server", Goal: 20, Chunk: 5, Limit: time.Hour,
		Shows: "PostgreSQL: what was acknowledged outlives crashes of the server under two processes",
		Dir:   "adapters/postgres", Package: ".", Tests: "^TestServerCrash$", Flag: "-kills",
		Needs: "PostgreSQL's binaries",
	},
	{
		Name: "disk-full", Unit: "full disks", Goal: 50, Chunk: 5, Limit: time.Hour,
		Shows: "SQLite: a full disk is told in words, costs nothing that was acknowledged, and work goes on by itself once there is room",
		Dir:   "internal/reliability", Package: "./diskfull", Tests: "^TestDiskFull$", Flag: "-fills",
		Needs: "Linux, and a kernel that lets this user mount a tmpfs",
	},
	{
		Name: "postgres-disk-full", Unit: "full disks", Goal: 20, Chunk: 5, Limit: time.Hour,
		Shows: "PostgreSQL: a full disk below the tables is told in words, costs nothing that was acknowledged, and work goes on by itself once there is room",
		Dir:   "adapters/postgres", Package: ".", Tests: "^TestDiskFull$", Flag: "-fills",
		Needs: "Linux and root, PostgreSQL's binaries",
	},
	{
		Name: "soak", Unit: "seconds on SQLite, and a quarter of that in memory", Goal: 1200, Chunk: 600, Limit: 3 * time.Hour,
		Shows: "goroutines, open files, memory and the write-ahead log do not grow while inquiries, people, policies and nodes come and go",
		Dir:   "internal/reliability", Package: "./soak", Tests: "^TestSoak$", Flag: "-seconds",
	},
	{
		Name: "verifier-walks", Unit: "random walks", Goal: 10_000, Chunk: 500, Limit: time.Hour,
		Shows: "the verifier raises no false alarm: random walks of the core pass every rule",
		Dir:   ".", Package: "./internal/core", Tests: "^TestVerifierFindsNothingInCleanJournals$", Flag: "-walks", Args: []string{"-inputs", "100"},
	},
	{
		Name: "plain-rules", Unit: "random rosters and policies", Goal: 1000, Chunk: 100, Limit: time.Hour,
		Shows: "the core's indexes decide what the rules say word for word, byte for byte",
		Dir:   ".", Package: "./internal/core", Tests: "^TestTheIndexesSayWhatThePlainRulesSay$", Flag: "-beside",
	},
	{
		Name: "properties", Unit: "random walks for each property", Goal: 1000, Chunk: 50, Limit: 3 * time.Hour,
		Shows: "random policies, rosters and orders of events break none of the routing's guarantees",
		Dir:   "internal/prooftest", Alone: true, Package: ".", Tests: ".", Flag: "-rapid.checks", From: "-rapid.seed", First: 1, // 0 is another one each time
	},
	{
		Name: "calendars", Unit: "rounds of random calendars", Goal: 1000, Chunk: 50, Limit: time.Hour,
		Shows: "deadlines agree with a calendar that is painted minute by minute, around every kind of clock change",
		Dir:   ".", Package: "./sla", Tests: "^(TestOracle|TestProperties)$", Flag: "-oracle",
	},
	{
		Name: "simulation", Unit: "seeds", Goal: 100_000, Chunk: 500, Limit: 2 * time.Hour,
		Shows: "two to four nodes in virtual time, whose store, network, clocks, notifiers and people fail at random, lose nothing and settle within minutes",
		Dir:   ".", Package: "./internal/faultsim", Tests: "^TestSeeds$", Flag: "-seeds", First: 1,
	},
	{
		Name: "linear-stores", Unit: "histories for each store", Goal: 5000, Chunk: 250, Limit: time.Hour,
		Shows: "what several clients of a store are told agrees with one ledger that does one thing at a time, lost answers included",
		Dir:   "internal/faulttest", Package: ".", Tests: "^TestLinearizableStores$", Flag: "-histories", First: 1,
		Needs: "PostgreSQL's binaries",
	},
	{
		Name: "linear-claims", Unit: "histories for each store", Goal: 5000, Chunk: 100, Limit: time.Hour,
		Shows: "what callers of two Engines are told of accepting, assigning and releasing agrees with one list of who has what",
		Dir:   "internal/faulttest", Package: ".", Tests: "^TestLinearizableClaims$", Flag: "-histories", First: 1,
		Needs: "PostgreSQL's binaries",
	},
	{
		Name: "store-faults", Unit: "numbers of the call that goes wrong", Goal: 500, Chunk: 20, Limit: 2 * time.Hour,
		Shows: "whichever call of a store fails, before or after its effect, hangs or is slow, and however connections are cut, nothing is lost and work goes on",
		Dir:   "internal/faulttest", Package: ".", Tests: "^(TestStoreFaults|TestCutConnections)$", Flag: "-faults", First: 1,
		Needs: "PostgreSQL's binaries",
	},
	{
		Name: "fuzz", Unit: "minutes for each target", Goal: 10, Chunk: 10, Limit: time.Hour, Fuzz: true,
		Shows: "whatever parses survives hostile bytes",
	},
}

func find(name string) (Proof, bool) {
	for _, p := range proofs {
		if p.Name == name {
			return p, true
		}
	}
	return Proof{}, false
}
