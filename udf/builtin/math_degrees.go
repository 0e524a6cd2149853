package builtin

import "math"

// Trigonometry in degrees, exact where the result is a rational number: values
// of the first quadrant are divided by the computed value at 30, 45 or 60
// degrees, which cancels that value's error.

const perDegree float64 = math.Pi / 180

var (
	sin30         = correctSin(30 * perDegree)
	oneMinusCos60 = 1 - correctCos(60*perDegree)
	asinHalf      = correctAsin(0.5)
	acosHalf      = correctAcos(0.5)
	tan45         = sinQuadrant(45) / cosQuadrant(45)
	cot45         = cosQuadrant(45) / sinQuadrant(45)
)

func sinTo30(x float64) float64 { return correctSin(x*perDegree) / sin30 / 2 }

func cosTo60(x float64) float64 { return 1 - (1-correctCos(x*perDegree))/oneMinusCos60/2 }

// sinQuadrant takes 0 to 90 degrees, as cosQuadrant does.
func sinQuadrant(x float64) float64 {
	if x <= 30 {
		return sinTo30(x)
	}
	return cosTo60(90 - x)
}

func cosQuadrant(x float64) float64 {
	if x <= 60 {
		return cosTo60(x)
	}
	return sinTo30(90 - x)
}

func sinDegrees(x float64) float64 {
	x = math.Mod(x, 360)
	sign := 1.0
	if x < 0 {
		x, sign = -x, -sign
	}
	if x > 180 {
		x, sign = 360-x, -sign
	}
	if x > 90 {
		x = 180 - x
	}
	return sign * sinQuadrant(x)
}

func cosDegrees(x float64) float64 {
	x = math.Abs(math.Mod(x, 360))
	sign := 1.0
	if x > 180 {
		x = 360 - x
	}
	if x > 90 {
		x, sign = 180-x, -sign
	}
	return sign * cosQuadrant(x)
}

// tangentQuadrant gives x in the first quadrant and the sign of its tangent.
func tangentQuadrant(x float64) (_, sign float64) {
	x, sign = math.Mod(x, 360), 1
	if x < 0 {
		x, sign = -x, -sign
	}
	if x > 180 {
		x, sign = 360-x, -sign
	}
	if x > 90 {
		x, sign = 180-x, -sign
	}
	return x, sign
}

func tanDegrees(x float64) float64 {
	x, sign := tangentQuadrant(x)
	// Adding 0 makes 0 of −0.
	return sign*(sinQuadrant(x)/cosQuadrant(x)/tan45) + 0
}

func cotDegrees(x float64) float64 {
	x, sign := tangentQuadrant(x)
	return sign*(cosQuadrant(x)/sinQuadrant(x)/cot45) + 0
}

func asinQuadrant(x float64) float64 {
	if x <= 0.5 {
		return correctAsin(x) / asinHalf * 30
	}
	return 90 - correctAcos(x)/acosHalf*60
}

func asinDegrees(x float64) float64 {
	if x < 0 {
		return -asinQuadrant(-x)
	}
	return asinQuadrant(x)
}

func acosDegrees(x float64) float64 {
	switch {
	case x < 0:
		return 90 + asinQuadrant(-x)
	case x <= 0.5:
		return 90 - correctAsin(x)/asinHalf*30
	}
	return correctAcos(x) / acosHalf * 60
}
