import { takeSnapshot, type RedisChange } from '@vesemir/testing/change-redis'
import { changes, inputCounts, oddText, seed, seededTimeoutMs } from '@vesemir/testing/seeded-inputs'
import { startRedis } from '@vesemir/testing/start-redis'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { expectedAnswers, type RouteName } from './testing/expected-answers.ts'
import { callers, mayPass, methodOf, routeNames, startFloodedApi } from './testing/flooded-api.ts'
import { sendRequest } from './testing/send-request.ts'

const timeoutMs = 15_000
/** Asked after each change. */
const asksEach = 2
/** Those that wait for a worker would take most of the time. */
const asked = routeNames.filter(
  (name) => !['createPlan', 'doctor', 'doctorBalancers', 'recover', 'listHosts', 'forgetHost'].includes(name),
)

const change: fc.Arbitrary<RedisChange> = fc.record({
  key: fc.nat(1000),
  member: fc.nat(1000),
  how: fc.constantFrom('json', 'json', 'text', 'remove', 'add', 'type'),
  changes: changes(2),
  text: oddText(),
})
const ask = fc.record({
  route: fc.constantFrom<RouteName>(...asked),
  caller: fc.constantFrom(...callers),
  team: fc.constantFrom('core' as const, 'fin' as const),
})

it(
  `answers whatever is in Redis, and lets in only whom it may (SEED=${seed})`,
  async () => {
    await using server = await startRedis()
    await using api = await startFloodedApi(server)
    const redis = server.connect()
    const snapshot = await takeSnapshot(redis, `${api.prefix}:[^q]`)
    const input = fc.record({ change, asks: fc.array(ask, { minLength: asksEach, maxLength: asksEach }) })
    const inputs = fc.sample(input, { seed, numRuns: inputCounts.values })
    const faults: object[] = []
    for (const { change, asks } of inputs) {
      const key = await snapshot.change(change)
      await Promise.all(
        asks.map(async ({ route, caller, team }) => {
          const { url, payload } = expectedAnswers[route].ask(api[team])
          const request = {
            method: methodOf(route),
            path: url,
            headers: {
              ...(caller.authorization ? { authorization: caller.authorization } : {}),
              ...(payload ? { 'content-type': 'application/json' } : {}),
            },
            body: payload ? JSON.stringify(payload) : undefined,
          }
          const answer = await sendRequest(api.url, request, { timeoutMs })
          const isLetIn =
            answer.status < 400 &&
            !mayPass(caller, { route, team: api[team], text: request.path + (request.body ?? '') })
          if (answer.status === 0 || answer.status >= 500 || isLetIn)
            faults.push({ key, change, caller: caller.name, request, answer })
        }),
      )
      await snapshot.restore(key)
    }

    expect(inputs).toHaveLength(inputCounts.values)
    expect(faults).toEqual([])
    const { deploymentId } = api.core
    const headers = { authorization: callers.find(({ name }) => name === 'viewer-core')!.authorization! }
    const welcome = await sendRequest(
      api.url,
      { method: 'GET', path: `/v1/deployments/${deploymentId}`, headers },
      { timeoutMs },
    )
    expect(welcome.status).toBe(200)
  },
  seededTimeoutMs,
)
