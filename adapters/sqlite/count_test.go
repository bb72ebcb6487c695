package sqlite

import "flag"

// How long the long tests run, and where they begin: each kill and each bit has a
// number, from which all that it draws follows, so that a long run can be made in
// parts.
var (
	Kills = flag.Int("kills", 40, "how often the process is killed in the test of kills")
	Flips = flag.Int("flips", 50, "how many bits of a file are flipped, one at a time, in the test of damage")
	From  = flag.Int("from", 0, "the number of the first kill or bit")
)
