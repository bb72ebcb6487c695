package simulate

import (
	"math"
	"math/big"
	"slices"
)

// The formulas that the simulator is held against. Rates are per unit of time;
// waits come in the same unit.

// erlangB is the share of those who find all n servers busy, of an offered load a
// (Erlang 1917), by the recursion over n.
func erlangB(n int, a float64) float64 {
	b := 1.0
	for k := 1; k <= n; k++ {
		b = a * b / (float64(k) + a*b)
	}
	return b
}

// erlangC is the share of those who wait, of M/M/n (Erlang 1917).
func erlangC(n int, a float64) float64 {
	b := erlangB(n, a)
	return b / (1 - a/float64(n)*(1-b))
}

// waitMMn is the mean wait in M/M/n, and the share that waits no longer than t.
func waitMMn(n int, lambda, mu, t float64) (mean, within float64) {
	a := lambda / mu
	c := erlangC(n, a)
	spare := float64(n)*mu - lambda
	return c / spare, 1 - c*math.Exp(-spare*t)
}

// erlangA is M/M/n+M (Palm 1957; Mandelbaum, Zeltyn 2007): the share of those who
// give up, whose patience is exponential with rate theta, and the mean wait of all,
// by the stationary distribution of the birth-death process.
func erlangA(n int, lambda, mu, theta float64) (abandoned, wait float64) {
	p, sum, queue := 1.0, 1.0, 0.0
	for k := 1; k < 100*n+1000; k++ {
		death := float64(min(k, n))*mu + float64(max(0, k-n))*theta
		p *= lambda / death
		sum += p
		queue += p * float64(max(0, k-n))
	}
	queue /= sum
	return theta * queue / lambda, queue / lambda
}

// waitMMnK is M/M/n with room for k to wait: the share turned away, and the mean
// wait of those who come in.
func waitMMnK(n, k int, lambda, mu float64) (blocked, wait float64) {
	p, sum, queue := 1.0, 1.0, 0.0
	for i := 1; i <= n+k; i++ {
		p *= lambda / (float64(min(i, n)) * mu)
		sum += p
		queue += p * float64(max(0, i-n))
	}
	blocked = p / sum
	return blocked, queue / sum / (lambda * (1 - blocked))
}

// waitMG1 is the mean wait in M/G/1 (Pollaczek 1930, Khinchine 1932), of a service
// time with a mean and a coefficient of variation.
func waitMG1(lambda, mean, cv float64) float64 {
	return lambda * mean * mean * (1 + cv*cv) / 2 / (1 - lambda*mean)
}

// waitMDn is the mean wait in M/D/n with service time 1 (Crommelin 1932): the
// stationary distribution of the number present at instants a service time apart,
// who all that were served before have left by the next.
func waitMDn(n int, lambda float64) float64 {
	size := 40*n + 400
	arrivals := make([]float64, size) // Poisson with mean lambda
	arrivals[0] = math.Exp(-lambda)
	for k := 1; k < size; k++ {
		arrivals[k] = arrivals[k-1] * lambda / float64(k)
	}
	p, next := make([]float64, size), make([]float64, size)
	p[0] = 1
	for range 20_000 {
		clear(next)
		for i, v := range p {
			if v < 1e-18 {
				continue
			}
			stay := max(0, i-n)
			for k := 0; stay+k < size && k < 60+10*n; k++ {
				next[stay+k] += v * arrivals[k]
			}
		}
		change := 0.0
		for i := range p {
			change = max(change, math.Abs(p[i]-next[i]))
		}
		p, next = next, p
		if change < 1e-15 {
			break
		}
	}
	queue := 0.0
	for i, v := range p {
		queue += v * float64(max(0, i-n))
	}
	return queue / lambda
}

// waitPriority are the mean waits in M/M/n with priorities, of which none interrupts
// (Cobham 1954; Kleinrock 1976, section 3.6), all with the same service rate; the
// first class comes first.
func waitPriority(n int, mu float64, lambdas ...float64) []float64 {
	total := 0.0
	for _, l := range lambdas {
		total += l
	}
	w0 := erlangC(n, total/mu) / (float64(n) * mu)
	before, waits := 0.0, make([]float64, len(lambdas))
	for i, l := range lambdas {
		upTo := before + l/(float64(n)*mu)
		waits[i] = w0 / (1 - before) / (1 - upTo)
		before = upTo
	}
	return waits
}

// skillsWaits are the exact mean waits by class in a network of skills under
// first-come first-served and assignment to the longest idle (Adan, Weiss, "A skill
// based parallel service system under FCFS-ALIS - steady state, overloads, and
// abandonments", Stochastic Systems 4, 2014, theorem 2.1). The state lists the busy
// servers in the order of their customers' arrivals, with the numbers of those who wait
// between them, and then the idle ones:
//
//	prod over busy j of lambda(U(S1..Sj))^nj / mu(S1..Sj)^(nj+1), times
//	prod over idle j of 1 / lambda(C(Sj..SJ)),
//
// where U are the classes that only these servers serve, and C those that any of
// them serves. Of the nj each is of class c with probability lambda(c)/lambda(U).
// serves[s] lists the classes of server s.
func skillsWaits(lambda, mu []*big.Rat, serves [][]int) []*big.Rat {
	servers := make([]int, len(mu))
	for i := range servers {
		servers[i] = i
	}
	sum := new(big.Rat)
	queue := make([]*big.Rat, len(lambda))
	for c := range queue {
		queue[c] = new(big.Rat)
	}
	permutations(servers, func(order []int) {
		for busy := 0; busy <= len(order); busy++ {
			addStates(order, busy, lambda, mu, serves, sum, queue)
		}
	})
	for c := range queue {
		queue[c].Quo(queue[c], sum).Quo(queue[c], lambda[c])
	}
	return queue
}

// addStates adds the weight of all states with an order of servers of which the first
// are busy, whatever waits between them, and the numbers of waiting in them.
func addStates(order []int, busy int, lambda, mu []*big.Rat, serves [][]int, sum *big.Rat, queue []*big.Rat) {
	one := big.NewRat(1, 1)
	weight := big.NewRat(1, 1)
	share := make([]*big.Rat, len(queue)) // the mean number of each class in these states
	for c := range share {
		share[c] = new(big.Rat)
	}
	for j := range busy {
		rate, only := new(big.Rat), new(big.Rat)
		for _, s := range order[:j+1] {
			rate.Add(rate, mu[s])
		}
		var classes []int
		for c := range lambda {
			if !slices.ContainsFunc(order[j+1:], func(s int) bool { return slices.Contains(serves[s], c) }) {
				classes = append(classes, c)
				only.Add(only, lambda[c])
			}
		}
		r := new(big.Rat).Quo(only, rate) // sum of r^n is 1/(1-r), mean number r/(1-r)
		less := new(big.Rat).Sub(one, r)
		weight.Quo(weight, new(big.Rat).Mul(rate, less))
		for _, c := range classes {
			number := new(big.Rat).Quo(r, less)
			share[c].Add(share[c], number.Mul(number, new(big.Rat).Quo(lambda[c], only)))
		}
	}
	for j := busy; j < len(order); j++ {
		rate := new(big.Rat)
		for c := range lambda {
			if slices.ContainsFunc(order[j:], func(s int) bool { return slices.Contains(serves[s], c) }) {
				rate.Add(rate, lambda[c])
			}
		}
		weight.Quo(weight, rate)
	}
	sum.Add(sum, weight)
	for c := range queue {
		queue[c].Add(queue[c], new(big.Rat).Mul(share[c], weight))
	}
}

func permutations(list []int, each func([]int)) {
	var from func(int)
	from = func(i int) {
		if i == len(list) {
			each(list)
			return
		}
		for j := i; j < len(list); j++ {
			list[i], list[j] = list[j], list[i]
			from(i + 1)
			list[i], list[j] = list[j], list[i]
		}
	}
	from(0)
}
