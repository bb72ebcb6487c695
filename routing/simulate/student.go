package simulate

import "math"

// estimate is the mean of independent values with the half-width of its confidence
// interval: Student's t over replications.
func estimate(values []float64, confidence float64) Value {
	v := Value{N: len(values)}
	if v.N == 0 {
		return v
	}
	for _, x := range values {
		v.Mean += x / float64(v.N)
	}
	if v.N == 1 {
		return v
	}
	squares := 0.0
	for _, x := range values {
		squares += (x - v.Mean) * (x - v.Mean)
	}
	n := float64(v.N)
	v.Half = tQuantile((1+confidence)/2, n-1) * math.Sqrt(squares/(n-1)/n)
	return v
}

// tQuantile is the value below which Student's t with so many degrees of freedom
// stays with a probability p above 1/2.
func tQuantile(p, df float64) float64 {
	low, high := 0.0, 1.0
	for tCDF(high, df) < p && high < 1e9 {
		high *= 2
	}
	for range 200 {
		middle := (low + high) / 2
		if tCDF(middle, df) < p {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2
}

// tCDF is the distribution function of Student's t at t of 0 or more (Abramowitz,
// Stegun 26.7.1).
func tCDF(t, df float64) float64 { return 1 - betaInc(df/2, 0.5, df/(df+t*t))/2 }

// betaInc is the regularised incomplete beta function, by its continued fraction
// (Numerical Recipes, section 6.4; Lentz's method).
func betaInc(a, b, x float64) float64 {
	switch {
	case x <= 0:
		return 0
	case x >= 1:
		return 1
	case x > (a+1)/(a+b+2):
		return 1 - betaInc(b, a, 1-x)
	}
	la, _ := math.Lgamma(a)
	lb, _ := math.Lgamma(b)
	lab, _ := math.Lgamma(a + b)
	front := math.Exp(lab - la - lb + a*math.Log(x) + b*math.Log(1-x))
	const tiny = 1e-300
	c, d := 1.0, 1/away(1-(a+b)*x/(a+1), tiny)
	sum := d
	for m := 1.0; m < 500; m++ {
		for _, k := range [2]float64{
			m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m)),
			-(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1)),
		} {
			d = 1 / away(1+k*d, tiny)
			c = away(1+k/c, tiny)
			sum *= c * d
		}
		if math.Abs(c*d-1) < 1e-15 {
			break
		}
	}
	return front * sum / a
}

// away keeps a value away from 0.
func away(v, tiny float64) float64 {
	if math.Abs(v) < tiny {
		return tiny
	}
	return v
}
