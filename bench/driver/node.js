// Checks of Node's drivers; the connection is in the environment.
'use strict'
const env = process.env

function check(name, got, want) {
  const [g, w] = [JSON.stringify(got), JSON.stringify(want)]
  console.log(g === w ? `ok ${name}` : `FAIL ${name}: got ${g}, want ${w}`)
}

async function attempt(name, f) {
  try {
    await f()
  } catch (e) {
    console.log(`FAIL ${name}: ${e.code} ${e.message}`.replaceAll('\n', ' '))
  }
}

async function refused(name, code, f) {
  try {
    await f()
    check(name, 'no error', code)
  } catch (e) {
    check(name, e.code, code)
  }
}

const types = `SELECT true AS bool, (-7)::smallint AS int2, 42 AS int4, 9007199254740993 AS int8, 1.5::real AS float4,
  0.1::double precision AS float8, 12345.678::numeric(12,3) AS numeric, 'text ü'::text AS text, '\\x00ff'::bytea AS bytea,
  timestamptz '2015-01-31 12:34:56+02' AS timestamptz, NULL::bigint AS nothing`
const values = {
  bool: true, int2: -7, int4: 42, int8: '9007199254740993', float4: 1.5, float8: 0.1, numeric: '12345.678', text: 'text ü',
  bytea: Buffer.from([0, 255]), timestamptz: new Date('2015-01-31T10:34:56Z'), nothing: null,
}

async function nodePostgres() {
  const pg = require('pg')
  console.log(`client node-postgres ${require('pg/package.json').version}`)
  const client = new pg.Client({ ssl: false })
  await client.connect()
  await attempt('queries', async () => {
    check('query', (await client.query("SELECT 1 AS a, 'one' AS b")).rows, [{ a: 1, b: 'one' }])
    check('parameters', (await client.query('SELECT $1::int + 1 AS n, upper($2) AS s', [41, 'abc'])).rows, [{ n: 42, s: 'ABC' }])
    check('prepared', (await client.query({ name: 'q', text: 'SELECT $1::int * 2 AS n', values: [4] })).rows, [{ n: 8 }])
    check('prepared again', (await client.query({ name: 'q', text: 'SELECT $1::int * 2 AS n', values: [5] })).rows, [{ n: 10 }])
    check('file', (await client.query(`SELECT count(*) AS n FROM '${env.NUMBERS}'`)).rows, [{ n: '3' }])
    check('many rows', (await client.query(`SELECT n FROM '${env.MANY}'`)).rowCount, 5000)
    check('several statements', (await client.query('SELECT 1 AS a; SELECT 2 AS b')).map((r) => r.rows), [[{ a: 1 }], [{ b: 2 }]])
  })
  await attempt('types', async () => {
    const row = (await client.query(types)).rows[0]
    for (const [name, want] of Object.entries(values)) check('type ' + name, row[name], want)
  })
  await attempt('cursor', async () => {
    const Cursor = require('pg-cursor')
    const cursor = client.query(new Cursor(`SELECT n FROM '${env.MANY}' WHERE n > $1 ORDER BY n`, [0]))
    check('rows of a portal', [(await cursor.read(2)).map((r) => Number(r.n)), (await cursor.read(1)).map((r) => Number(r.n))], [[1, 2], [3]])
    await cursor.close()
    check('after the portal', (await client.query('SELECT 1 AS a')).rows, [{ a: 1 }])
  })
  await attempt('transaction', async () => {
    await client.query('CREATE TABLE node_tx (n int)')
    await client.query('BEGIN')
    await client.query('INSERT INTO node_tx VALUES ($1)', [1])
    await refused('division', '22012', () => client.query('SELECT 1/0'))
    await refused('failed transaction', '25P02', () => client.query('SELECT 1'))
    await client.query('ROLLBACK')
    check('rolled back', (await client.query('SELECT count(*)::int AS n FROM node_tx')).rows, [{ n: 0 }])
    await client.query('DROP TABLE node_tx')
  })
  await refused('column', '42703', () => client.query('SELECT nothing'))
  await refused('syntax', '42601', () => client.query('SELEC $1', [1]))
  await client.end()
}

async function postgresJs() {
  const postgres = require('postgres')
  const manifest = require('path').join(require.resolve('postgres'), '../../../package.json')
  console.log(`client postgres.js ${require(manifest).version}`)
  const options = { host: env.PGHOST, port: Number(env.PGPORT), user: env.PGUSER, database: env.PGDATABASE, ssl: false, max: 1, onnotice: () => {} }
  const sql = postgres({ ...options, fetch_types: false })
  await attempt('queries', async () => {
    check('query', [...(await sql`SELECT 1 AS a, 'one' AS b`)], [{ a: 1, b: 'one' }])
    check('parameters', [...(await sql`SELECT ${41}::int + 1 AS n, upper(${'abc'}) AS s`)], [{ n: 42, s: 'ABC' }])
    check('file', [...(await sql.unsafe(`SELECT count(*)::int AS n FROM '${env.NUMBERS}'`))], [{ n: 3 }])
    check('simple protocol', (await sql`SELECT 1 AS a; SELECT 2 AS b`.simple()).map((r) => [...r]), [[{ a: 1 }], [{ b: 2 }]])
    check('describe', (await sql`SELECT 1 AS a`.describe()).columns.map((c) => c.name), ['a'])
    const rows = []
    await sql.unsafe(`SELECT n FROM '${env.MANY}' ORDER BY n`).cursor(1000, (part) => { rows.push(...part) })
    check('cursor', rows.length, 5000)
  })
  await attempt('types', async () => {
    const row = (await sql.unsafe(types))[0]
    for (const [name, want] of Object.entries(values)) check('type ' + name, row[name], want)
  })
  await attempt('transaction', async () => {
    await sql`CREATE TABLE js_tx (n int, t text)`
    await refused('rolled back by an error', '22012', () => sql.begin(async (tx) => {
      await tx`INSERT INTO js_tx ${tx({ n: 1, t: "it's" })}`
      await tx`SELECT 1/0`
    }))
    await sql.begin((tx) => tx`INSERT INTO js_tx ${tx([{ n: 1, t: "it's" }, { n: 2, t: null }])}`)
    check('committed', [...(await sql`SELECT * FROM js_tx ORDER BY n`)], [{ n: 1, t: "it's" }, { n: 2, t: null }])
    await sql`DROP TABLE js_tx`
  })
  await refused('column', '42703', () => sql`SELECT nothing`)
  await sql.end()
  await attempt('array types', async () => {
    // asks pg_type for the types of arrays
    const byDefault = postgres(options)
    try {
      check('default', [...(await byDefault`SELECT 1 AS a`)], [{ a: 1 }])
    } finally {
      await byDefault.end({ timeout: 1 })
    }
  })
}

// postgres.js rejects a promise of its own when what it asks at connect fails
process.on('unhandledRejection', (e) => {
  console.log(`FAIL connect: ${e.message}`)
  process.exit(0)
})

;({ pg: nodePostgres, postgres: postgresJs })[process.argv[2]]().catch((e) => {
  console.log(`FAIL end: ${e.stack}`)
  process.exitCode = 1
})
