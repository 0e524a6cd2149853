package pgcatalog

// CommentRelation adds what COMMENT ON said of a relation or of its column of a number
// from 1, 0 for none; "" is no comment. Only while the database is made.
func (db *Database) CommentRelation(oid uint32, column int, text string) {
	db.comment(Object{classClass, oid, column}, text)
}

// CommentSchema is CommentRelation for a schema.
func (db *Database) CommentSchema(schema, text string) {
	db.comment(Object{classNamespace, db.schemaOID(schema), 0}, text)
}

// CommentFunction is CommentRelation for a function of SQL.
func (db *Database) CommentFunction(oid uint32, text string) {
	db.comment(Object{classProc, oid, 0}, text)
}

// CommentConstraint is CommentRelation for a constraint.
func (db *Database) CommentConstraint(oid uint32, text string) {
	db.comment(Object{classConstraint, oid, 0}, text)
}

// CommentDatabase is CommentRelation for the database itself.
func (db *Database) CommentDatabase(text string) {
	db.comment(Object{classDatabase, database, 0}, text)
}

func (db *Database) comment(o Object, text string) {
	if text == "" {
		return
	}
	if db.Comments == nil {
		db.Comments = map[Object]string{}
	}
	db.Comments[o] = text
}
