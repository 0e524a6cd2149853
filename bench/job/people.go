package job

func (g *generator) kindType(row int, out *record) { g.named("kind_type.kind", "kind", row, out) }

func (g *generator) infoType(row int, out *record) { g.named("info_type.info", "info", row, out) }

func (g *generator) companyType(row int, out *record) {
	g.named("company_type.kind", "companies", row, out)
}

func (g *generator) compCastType(row int, out *record) {
	g.named("comp_cast_type.kind", "part", row, out)
}

func (g *generator) roleType(row int, out *record) { g.named("role_type.role", "role", row, out) }

func (g *generator) linkType(row int, out *record) { g.named("link_type.link", "link", row, out) }

// named is a row of a small table of names.
func (g *generator) named(key, other string, row int, out *record) {
	out.number(row + 1)
	out.text(g.list(key, other, g.fixedRows(key))[row])
}

func (g *generator) keyword(row int, out *record) {
	out.number(row + 1)
	n := g.rows("keyword")
	l := g.list("keyword.keyword", "word", n)
	s := l[row]
	if row > n/10 {
		s = g.matching("keyword.keyword", 0.03, s)
	}
	out.text(s)
	out.text(g.code(s))
}

func (g *generator) companyName(row int, out *record) {
	out.number(row + 1)
	s := g.phrase(3)
	if named := byFrequency(g.words.values["company_name.name"]); row%97 == 0 && row/97 < len(named) {
		s = named[row/97]
	}
	out.text(g.matching("company_name.name", 0.2, s))
	if g.chance(0.06) {
		out.null()
	} else {
		out.text(g.list("company_name.country_code", "[c]", 4*countries)[g.companies[row]])
	}
	out.null()
	out.text(g.code(s))
	out.null()
}

func (g *generator) charName(row int, out *record) {
	out.number(row + 1)
	s := g.phrase(3)
	if named := byFrequency(g.words.values["char_name.name"]); row%997 == 0 && row/997 < len(named) {
		s = named[row/997]
	}
	out.text(g.matching("char_name.name", 0.3, s))
	out.nulls(2)
	out.text(g.code(s))
}

func (g *generator) name(row int, out *record) {
	out.number(row + 1)
	s := g.matching("name.name", 0.3, g.word()+", "+g.phrase(2))
	out.text(s)
	out.nulls(2)
	switch g.people[row].female {
	case 1:
		out.text(g.list("name.gender", "u", 2)[0])
	case 0:
		out.text(g.list("name.gender", "u", 2)[1])
	default:
		out.null()
	}
	out.text(g.code(s))
	if g.chance(0.3) {
		out.null()
	} else {
		out.text(g.code(s[len(s)/2:] + "X"))
	}
}

func (g *generator) akaName(row int, out *record) {
	out.number(row + 1)
	out.number(g.someone("name", 2, 0.2) + 1)
	out.text(g.matching("aka_name.name", 0.1, g.word()+", "+g.phrase(2)))
}

func (g *generator) personInfo(row int, out *record) {
	out.number(row + 1)
	out.number(g.someone("name", 2, 0.2) + 1)
	types := g.typesIn("person_info", 22)
	of := types[g.skewed(len(types), 1.7)]
	out.number(g.typeID(of))
	out.text(g.phrase(8))
	notes := g.list("person_info.note", "Author", 1_000)
	if g.chance(0.6) {
		out.null()
	} else {
		out.text(notes[g.skewed(len(notes), 2.5)])
	}
}

// castInfo has people of a sex in roles of it, with notes that depend on the role;
// characters are there for actors only.
func (g *generator) castInfo(row int, out *record) {
	out.number(row + 1)
	who := g.someone("name", 2, 0.15)
	out.number(who + 1)
	at := g.someMovieRow()
	out.number(at + 1)
	roles := g.list("role_type.role", "role", 12)
	role := 2 + g.skewed(len(roles)-2, 1.5)
	if female := g.people[who].female; female >= 0 && g.chance(0.7) {
		role = 1 - female
	}
	if role < 2 && g.chance(0.55) {
		out.number(g.someone("char_name", 1.8, 0.3) + 1)
	} else {
		out.null()
	}
	key := "cast_info.note of " + roles[role]
	if len(g.words.values[key]) == 0 {
		key = "cast_info.note"
	}
	silent := 0.55
	if role < 2 && g.movies[at].kind != 1 {
		silent = 0.85
	}
	if notes := g.list(key, "(as somebody)", 40); g.chance(silent) {
		out.null()
	} else {
		out.text(g.matching("cast_info.note", 0.3, notes[g.skewed(len(notes), 1.8)]))
	}
	if role < 2 {
		out.number(1 + g.skewed(60, 2))
	} else {
		out.null()
	}
	out.number(role + 1)
}

// typesIn are the types of information that a table has.
func (g *generator) typesIn(table string, n int) []string {
	key := "info_type.info in " + table
	if l, ok := g.lists["types "+key]; ok {
		return l
	}
	l := byFrequency(g.words.values[key])
	for i := 40; len(l) < n; i++ { // and others
		l = append(l, g.list("info_type.info", "info", 113)[113-i])
	}
	g.lists["types "+key] = l
	return l
}

// typeID is a type's key.
func (g *generator) typeID(name string) int {
	for i, s := range g.list("info_type.info", "info", 113) {
		if s == name {
			return i + 1
		}
	}
	return 1
}

func (g *generator) fixedRows(key string) int {
	for _, t := range Tables() {
		if len(key) > len(t.Name) && key[:len(t.Name)+1] == t.Name+"." {
			return g.rows(t.Name)
		}
	}
	return 0
}
