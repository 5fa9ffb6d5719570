import { HaproxyName, HostName } from '@vesemir/contract'
import { isVesemirError, type LoadBalancerSession } from '@vesemir/core'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HaproxyOptions } from './haproxy-options.ts'
import { socketAddressOf } from './socket-address.ts'
import { startBox, type Connected, type TestBox } from './testing/start-box.ts'

// Every value that reaches HAProxy's socket, or the socket's own place. What the schemas turn down is tried all the same:
// the adapter must hold by itself.

let box: TestBox
let connected: Connected
let session: LoadBalancerSession
beforeAll(async () => {
  box = await startBox(`backend app
  server web-1 192.0.2.1:8080 weight 100
  server web-2 192.0.2.2:8080 weight 100`)
  connected = box.connect()
  session = await connected.open()
})
afterAll(async () => {
  await connected[Symbol.asyncDispose]()
  await box[Symbol.asyncDispose]()
})

const pieces = [
  'app',
  'web-1',
  'web-2',
  '/',
  ';',
  '\n',
  '\r',
  '\\',
  ' ',
  '\t',
  '\0',
  '#1',
  '#3',
  '<<',
  '<<\n',
  '@1',
  '*',
  '"',
  "'",
  '$',
  '%',
  'set server app/web-2 state maint',
  'shutdown sessions server app/web-2',
  'quit',
  'é',
]
const hostile = fc.oneof(
  { arbitrary: fc.array(fc.constantFrom(...pieces), { maxLength: 6 }).map((some) => some.join('')), weight: 3 },
  { arbitrary: fc.string({ unit: 'binary', maxLength: 40 }), weight: 1 },
)
const weight = fc.oneof(
  fc.constantFrom(0, -1, 0.5, 257, 1e21, Number.NaN, Infinity),
  fc.constantFrom('1;quit', '1\nquit', '1 2') as fc.Arbitrary<unknown> as fc.Arbitrary<number>,
)
/** All servers as they are, without the seconds since their last change. */
const picture = async () => {
  const rows = (await box.haproxy.ask('show servers state')).split('\n').map((row) => row.split(' ').toSpliced(9, 1))
  return rows.map((row) => row.join(' ')).join('\n')
}

async function refusal(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'done',
    (error: unknown) => (isVesemirError(error) ? 'refused' : error),
  )
}

describe('a hostile value', () => {
  test('of a backend or server changes nothing, whatever is asked of it', async () => {
    const before = await picture()

    await fc.assert(
      fc.asyncProperty(hostile, hostile, async (backend, server) => {
        fc.pre(backend !== 'app')
        const ref = { box: box.name, backend, server }
        const asked = [
          session.read([ref]),
          session.readPeers([ref]),
          session.drain([ref]),
          session.hold([ref]),
          session.cutSessions([ref]),
          session.demandProof([{ server: ref, weight: 1 }]),
          session.admit([{ server: ref, weight: 1 }]),
          session.setWeights([{ server: ref, weight: 1 }]),
        ]

        expect(await Promise.all(asked.map(refusal))).toEqual(asked.map(() => 'refused'))
        expect(await picture()).toBe(before)
      }),
      { numRuns: 60 },
    )
  })

  test('of a weight changes nothing of another server', async () => {
    const web2 = async () => (await picture()).split('\n').find((row) => row.includes('web-2'))
    const before = await web2()

    await fc.assert(
      fc.asyncProperty(weight, async (weight) => {
        const server = { box: box.name, backend: 'app', server: 'web-1' }
        const outcome = await refusal(session.setWeights([{ server, weight }]))
        expect(outcome).toBe(weight === 0 ? 'done' : 'refused')
        expect(await web2()).toBe(before)
        expect(await refusal(session.read([server]))).toBe('done')
      }),
      { numRuns: 20 },
    )
  })

  test('of a name is turned down by the schema, or is one word to HAProxy', () => {
    fc.assert(
      fc.property(hostile, (name) => {
        expect(!HaproxyName.safeParse(name).success || /^[\w.:-]+$/.test(name)).toBe(true)
      }),
    )
  })

  test('of the socket is turned down, or is a place that socat takes for nothing else', () => {
    const part = fc.constantFrom(
      '/',
      '/run',
      '{name}',
      '{address}',
      'a',
      ':',
      '9',
      ',',
      '!!',
      '..',
      ' ',
      '"',
      '$(id)',
      '`',
    )
    const host = fc.stringMatching(/^[a-z0-9_][a-z0-9_.-]{0,10}$/).filter((name) => HostName.safeParse(name).success)
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), host, (parts, name) => {
        const options = HaproxyOptions.safeParse({ socket: parts.join('') })
        const target = { name, address: '192.0.2.1', port: 22, user: 'deploy', hostKeys: [] }
        const place = socketAddressOf(options.data?.socket ?? '/admin.sock', target)

        const words = 'path' in place ? place.path : `/${place.address}/${place.port}`
        expect(words).toMatch(/^(?:\/[\w@+.-]+)+$/)
      }),
    )
  })
})
