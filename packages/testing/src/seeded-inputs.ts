import { randomInt } from 'node:crypto'
import fc from 'fast-check'

/** How many inputs the security tests send of each kind. */
export const inputCounts = {
  requests: 6600,
  otherRequests: 1200,
  rawRequests: 300,
  sockets: 500,
  values: 600,
  jobs: 800,
} satisfies Record<string, number>

/** How long a test with so many inputs may take on a busy machine. */
export const seededTimeoutMs = 240_000

/** The seed of this run; `SEED` repeats one. Tests have it in their titles. */
export const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31))

const oddTexts = [
  '',
  ' ',
  '\n',
  '.',
  '..',
  '../../etc/passwd',
  '%00',
  '%zz',
  '%E0%A4%A',
  '\u0000',
  '\ud800',
  '\u202e',
  '🙂',
  '*',
  '-1',
  'NaN',
  '1e999',
  '9007199254740993',
  'd-0',
  'd-999999999999999999999',
  'p-1',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '$(id)',
  "'; DROP TABLE",
  '{"a":1}',
  'a'.repeat(300),
  'x'.repeat(5000),
]

/** Returns texts that no field expects: names of JavaScript's own, broken encodings, numbers past every limit. */
export function oddText(): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...oddTexts) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
  )
}

/** Returns values of every type, of which few fit where they are put. */
export function oddValue(): fc.Arbitrary<unknown> {
  const plain = fc.constantFrom<unknown>(null, true, false, 0, -1, 0.5, 1e308, 2 ** 53, [], {}, [[]], [null], {
    secret: 'x',
  })
  return fc.oneof(plain, oddText(), fc.jsonValue({ maxDepth: 2 }))
}

/** Where in a JSON value something is put, and what; `part` is taken modulo how many parts there are. */
export interface Change {
  part: number
  how: 'replace' | 'remove' | 'add' | 'nest'
  name: string
  value: unknown
}

/** Returns changes of a JSON value, for `withChanges`. */
export function changes(maxLength = 3): fc.Arbitrary<Change[]> {
  const change = fc.record({
    part: fc.nat(200),
    how: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'add', 'nest'),
    name: oddText(),
    value: oddValue(),
  }) satisfies fc.Arbitrary<Change>
  return fc.array(change, { minLength: 1, maxLength })
}

type Container = Record<string, unknown>

/** Returns a copy of a JSON value with some of its parts changed, removed or added. */
export function withChanges(value: unknown, made: readonly Change[]): unknown {
  const root: Container = { value: structuredClone(value) }
  for (const { part, how, name, value } of made) {
    const places = [...placesIn(root)]
    const { parent, key } = places[part % places.length]!
    const current = parent[key]
    if (how === 'remove' && parent !== root) Reflect.deleteProperty(parent, key)
    else if (how === 'add' && isContainer(current)) define(current, name, value)
    else define(parent, key, how === 'nest' ? [current] : value)
  }
  return root['value']
}

function* placesIn(parent: Container): Generator<{ parent: Container; key: string }> {
  for (const key of Object.keys(parent)) {
    yield { parent, key }
    const child = parent[key]
    if (isContainer(child)) yield* placesIn(child)
  }
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null
}

/** As JSON.parse does it: `__proto__` is a name as any other. */
function define(parent: Container, key: string, value: unknown): void {
  const own = structuredClone(value)
  Object.defineProperty(parent, key, { value: own, enumerable: true, configurable: true, writable: true })
}
