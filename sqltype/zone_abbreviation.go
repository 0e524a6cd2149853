package sqltype

import (
	"time"
)

// Abbreviation is what an abbreviation of a time zone stands for: a fixed offset
// in seconds east of UTC, or what a region meant by it at the time in question.
type Abbreviation struct {
	East   int64
	Summer bool           // daylight saving time
	Region *time.Location // nil: East is fixed
	Name   string         // of a region's abbreviation, in upper case
}

// ZoneAbbreviation looks up one of PostgreSQL's default abbreviations, in any
// case.
func ZoneAbbreviation(name string) (Abbreviation, bool) { return zoneAbbreviation([]byte(name)) }

func zoneAbbreviation(name []byte) (Abbreviation, bool) {
	var buf [maxKeyword]byte
	upper := buf[:min(len(name), len(buf))]
	for i := range upper {
		if upper[i] = name[i]; upper[i] >= 'a' && upper[i] <= 'z' {
			upper[i] -= 'a' - 'A'
		}
	}
	if v, ok := abbreviations[string(upper)]; ok {
		return Abbreviation{East: clockSeconds(v)}, true
	}
	if v, ok := summerAbbreviations[string(upper)]; ok {
		return Abbreviation{East: clockSeconds(v), Summer: true}, true
	}
	if region, ok := regionAbbreviations[string(upper)]; ok {
		if loc := RegionZone(region); loc != nil {
			return Abbreviation{Name: string(upper), Region: loc}, true
		}
	}
	return Abbreviation{}, false
}

// clockSeconds is ±hhmm in seconds.
func clockSeconds(v int16) int64 { return int64(v/100)*3600 + int64(v%100)*60 }

// ToUTC is the moment of a wall-clock time, in microseconds, told with the
// abbreviation.
func (a Abbreviation) ToUTC(local int64) int64 {
	if a.Region == nil {
		return local - a.East*MicrosPerSecond
	}
	utc := LocalToUTC(local, a.Region)
	if off, ok := a.offsetAt(utc); ok {
		return local - off*MicrosPerSecond
	}
	return utc
}

// ToLocal is the wall-clock time of a moment, both in microseconds.
func (a Abbreviation) ToLocal(utc int64) int64 {
	if a.Region == nil {
		return utc + a.East*MicrosPerSecond
	}
	if off, ok := a.offsetAt(utc); ok {
		return utc + off*MicrosPerSecond
	}
	return UTCToLocal(utc, a.Region)
}

// offsetAt is the offset of the last time before a moment in which the region
// used the abbreviation, or else of the first one after it.
func (a Abbreviation) offsetAt(utc int64) (int64, bool) {
	at := time.Unix(floorDiv(utc, MicrosPerSecond), 0).In(a.Region)
	for t, steps := at, 0; steps < maxTransitions; steps++ {
		if name, off := t.Zone(); name == a.Name {
			return int64(off), true
		}
		start, _ := t.ZoneBounds()
		if start.IsZero() {
			break
		}
		t = start.Add(-time.Second)
	}
	for t, steps := at, 0; steps < maxTransitions; steps++ {
		_, end := t.ZoneBounds()
		if end.IsZero() {
			break
		}
		t = end
		if name, off := t.Zone(); name == a.Name {
			return int64(off), true
		}
	}
	return 0, false
}

// maxTransitions is more than any region has changed its clocks.
const maxTransitions = 400

// abbreviations are of standard time, in hours and minutes east of UTC.
var abbreviations = map[string]int16{
	"ACST": 930, "ACT": -500, "ACWST": 845, "AEST": 1000, "AFT": 430, "AKST": -900, "ALMT": 600, "AMT": -400,
	"AST": -400, "AWST": 800, "AZOT": -100, "BDT": 600, "BNT": 800, "BORT": 800, "BOT": -400, "BRA": -300,
	"BRT": -300, "BTT": 600, "CAST": 930, "CCT": 800, "CET": 100, "CHAST": 1245, "CHUT": 1000, "COT": -500,
	"CST": -600, "CXT": 700, "DDUT": 1000, "EAT": 300, "EET": 200, "EGT": -100, "EST": -500, "FET": 300,
	"FJT": 1200, "FNT": -200, "GALT": -600, "GAMT": -900, "GFT": -300, "GILT": 1200, "GMT": 0, "HKT": 800,
	"HST": -1000, "ICT": 700, "IRT": 330, "IST": 200, "JAYT": 900, "JST": 900, "KST": 900, "LHST": 1030,
	"LIGT": 1000, "MART": -930, "MET": 100, "MEZ": 100, "MHT": 1200, "MMT": 630, "MPT": 1000, "MST": -700,
	"MUT": 400, "MVT": 500, "MYT": 800, "NFT": -330, "NPT": 545, "NST": -330, "NZST": 1200, "NZT": 1200,
	"PET": -500, "PGT": 1000, "PHT": 800, "PKT": 500, "PMST": -300, "PONT": 1100, "PST": -800, "PWT": 900,
	"RET": 400, "SAST": 200, "SCT": 400, "TAHT": -1000, "TFT": 500, "TJT": 500, "TOT": 1300, "TRUT": 1000,
	"TVT": 1200, "UCT": 0, "UT": 0, "UTC": 0, "UYT": -300, "UZT": 500, "VUT": 1100, "WAKT": 1200, "WAST": 700,
	"WAT": 100, "WET": 0, "WFT": 1200, "WGT": -300, "XJT": 600, "YAPT": 1000, "Z": 0, "ZULU": 0,
}

// summerAbbreviations are of daylight saving time.
var summerAbbreviations = map[string]int16{
	"ACDT": 1030, "ACSST": 1030, "ADT": -300, "AEDT": 1100, "AESST": 1100, "AKDT": -800, "ALMST": 700,
	"AWSST": 900, "AZOST": 0, "BDST": 200, "BRST": -200, "BST": 100, "CADT": 1030, "CDT": -500, "CEST": 200,
	"CETDST": 200, "CHADT": 1345, "CLST": -300, "EDT": -400, "EEST": 300, "EETDST": 300, "EGST": 0,
	"FJST": 1300, "FNST": -100, "IDT": 300, "KDT": 1000, "KGST": 600, "MDT": -600, "MEST": 200, "MESZ": 200,
	"METDST": 200, "MSD": 400, "MUST": 500, "NDT": -230, "NZDT": 1300, "PDT": -700, "PKST": 600, "PMDT": -200,
	"PYST": -300, "SADT": 1030, "ULAST": 900, "UYST": -200, "UZST": 600, "WADT": 800, "WDT": 900, "WETDST": 100,
	"WGST": -200, "YEKST": 600,
}

// regionAbbreviations have changed their meaning in the region named.
var regionAbbreviations = map[string]string{
	"AMST": "Asia/Yerevan", "ANAST": "Asia/Anadyr", "ANAT": "Asia/Anadyr",
	"ARST": "America/Argentina/Buenos_Aires", "ART": "America/Argentina/Buenos_Aires", "AZST": "Asia/Baku",
	"AZT": "Asia/Baku", "CKT": "Pacific/Rarotonga", "CLT": "America/Santiago", "DAVT": "Antarctica/Davis",
	"EASST": "Pacific/Easter", "EAST": "Pacific/Easter", "FKST": "Atlantic/Stanley", "FKT": "Atlantic/Stanley",
	"GEST": "Asia/Tbilisi", "GET": "Asia/Tbilisi", "GYT": "America/Guyana", "IOT": "Indian/Chagos",
	"IRKST": "Asia/Irkutsk", "IRKT": "Asia/Irkutsk", "KGT": "Asia/Bishkek", "KOST": "Pacific/Kosrae",
	"KRAST": "Asia/Krasnoyarsk", "KRAT": "Asia/Krasnoyarsk", "LHDT": "Australia/Lord_Howe",
	"LINT": "Pacific/Kiritimati", "LKT": "Asia/Colombo", "MAGST": "Asia/Magadan", "MAGT": "Asia/Magadan",
	"MAWT": "Antarctica/Mawson", "MSK": "Europe/Moscow", "NOVST": "Asia/Novosibirsk",
	"NOVT": "Asia/Novosibirsk", "NUT": "Pacific/Niue", "OMSST": "Asia/Omsk", "OMST": "Asia/Omsk",
	"PETST": "Asia/Kamchatka", "PETT": "Asia/Kamchatka", "PYT": "America/Asuncion", "SGT": "Asia/Singapore",
	"TKT": "Pacific/Fakaofo", "TMT": "Asia/Ashgabat", "ULAT": "Asia/Ulaanbaatar", "VET": "America/Caracas",
	"VLAST": "Asia/Vladivostok", "VLAT": "Asia/Vladivostok", "VOLT": "Europe/Volgograd",
	"YAKST": "Asia/Yakutsk", "YAKT": "Asia/Yakutsk", "YEKT": "Asia/Yekaterinburg",
}
