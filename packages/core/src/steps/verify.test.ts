import { HealthCheck } from '@vesemir/contract'
import { describe, expect, test } from 'vitest'
import { isVesemirError } from '../errors.ts'
import type { HttpAnswer, HttpRequest, RemoteSession } from '../ports/remote-shell.ts'
import type { ServiceManager } from '../ports/service-managers.ts'
import { aWalk } from '../testing/a-walk.ts'
import { verify } from './verify.ts'

const healthy: HttpAnswer = { status: 200, headers: { 'x-version': 'shop 2.0.0' }, body: 'version 2.0.0' }

/** Verifies against an application that gives these answers, one after another, the last for ever. */
async function verifying(
  settings: object,
  answers: (HttpAnswer | Error)[],
  { manager, ...rest }: Partial<RemoteSession> & { manager?: Partial<ServiceManager> } = {},
) {
  const healthCheck = HealthCheck.parse({ kind: 'http', port: 80, deadline: '5s', ...settings })
  const asked: HttpRequest[] = []
  const httpGet: RemoteSession['httpGet'] = async (request) => {
    asked.push(request)
    const answer = answers.length > 1 ? answers.shift()! : answers[0]!
    if (answer instanceof Error) throw answer
    return answer
  }
  const { walk, lines, waits, clock } = aWalk({
    step: 'verify',
    spec: { healthCheck },
    remote: { httpGet, ...rest },
    ...(manager && { manager }),
  })
  const outcome = await clock.run(verify.run(walk)).catch((error: unknown) => error)
  return { outcome, asked, lines, waits }
}

test('as many passes in a row as asked for prove a host healthy', async () => {
  const answers = [healthy, healthy, { ...healthy, status: 503 }, healthy]

  const { outcome, asked } = await verifying({ successes: 3, expectBody: '{version}' }, answers)

  expect(outcome).toBe('healthy 3 times in a row')
  expect(asked).toHaveLength(6)
})

describe('an answer does not pass', () => {
  test.for([
    ['by its status', { expectStatus: 204 }, '/ returned 200, expected 204'],
    [
      'by its body',
      { expectBody: 'build {version}' },
      '/ returned "version 2.0.0", expected "build 2.0.0" in the body',
    ],
    ['by a header', { expectHeaders: { 'X-Version': '{version}-b1' } }, '/ returned X-Version: "shop 2.0.0", expected'],
    ['by a header that is not there', { expectHeaders: { Server: 'shop' } }, '/ returned no header Server'],
  ] as const)('%s', async ([, settings, words]) => {
    const { outcome, waits } = await verifying(settings, [healthy])

    expect(isVesemirError(outcome, 'HEALTH_CHECK_FAILED')).toBe(true)
    expect((outcome as Error).message).toContain(`web-1 was not healthy in 5s: ${words}`)
    expect(waits[0]).toContain(words)
  })

  test('but one that has all that is asked for does', async () => {
    const settings = { expectBody: '{version}', expectHeaders: { 'X-Version': '{version}' } }

    const { outcome } = await verifying(settings, [healthy])

    expect(outcome).toMatch(/^healthy/)
  })
})

test('who asks, and how, is as the settings say', async () => {
  const ownAddress = await verifying({}, [healthy])
  const settings = { from: 'worker', tls: { serverName: 'shop.example' }, headers: { Accept: 'text/plain' } }
  const fromWorker = await verifying(settings, [healthy])

  expect(ownAddress.asked[0]).toMatchObject({ address: '127.0.0.1', port: 80, from: 'host' })
  expect(fromWorker.asked[0]).toMatchObject({
    address: '10.0.0.1',
    from: 'worker',
    tls: { serverName: 'shop.example' },
    headers: { Accept: 'text/plain' },
  })
})

test('insecure and an authority exclude each other', () => {
  const ca = '-----BEGIN CERTIFICATE-----'
  const parse = (tls: object) => HealthCheck.safeParse({ kind: 'http', port: 443, tls }).success

  expect(parse({ ca })).toBe(true)
  expect(parse({ ca, insecure: true })).toBe(false)
})
