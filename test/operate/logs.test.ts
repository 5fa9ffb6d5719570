import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findProcess } from '../../infra/fleet/processes.ts'
import { waitFor } from '../../infra/fleet/wait-for.ts'
import { startSystem, type System } from '../support/start-system.ts'

type Line = Record<string, unknown>

const request = 'ci/4711'

describe('the logs of API and worker, over a deployment', () => {
  let system: System
  let deployment: string
  beforeAll(async () => {
    system = await startSystem({ fleet: { hosts: 2 } })
    await system.release('1.0.0')
    const answer = await ask('/v1/deployments', {
      application: 'payments',
      environment: 'production',
      version: '1.0.0',
    })
    deployment = ((await answer.json()) as { id: string }).id
    const isDone = () => linesOf('worker-1').some(({ msg, job }) => msg === 'job done' && job === deployment)
    await waitFor(isDone, { what: `${deployment} has ended`, timeoutMs: 60_000 })
    // The API writes its lines together, every 100 ms.
    const isTold = () => linesOf('api').some((line) => line.deployment === deployment)
    await waitFor(isTold, { what: `the API has logged ${deployment}`, timeoutMs: 10_000 })
  })
  afterAll(() => system?.[Symbol.asyncDispose]())

  const linesOf = (name: string): Line[] => {
    const [file] = findProcess(system.fleet, name).logFiles
    // Every one is JSON: nothing else may be in there.
    return readFileSync(file!, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line)
  }
  const ask = (path: string, body: object) =>
    fetch(`${system.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${system.token}`, 'content-type': 'application/json', 'x-request-id': request },
      body: JSON.stringify(body),
    })

  it('have one form, with no fields but those that the documentation names', () => {
    const lines = [...linesOf('api'), ...linesOf('worker-1')]
    const documented = documentedFields()

    const unknown = new Set(lines.flatMap((line) => Object.keys(line)).filter((field) => !documented.has(field)))

    expect([...unknown]).toEqual([])
    expect(lines.every(({ level, time, msg }) => level && time && msg)).toBe(true)
  })

  it('tell by the id of a deployment all that became of it, by host and step', () => {
    const lines = linesOf('worker-1').filter((line) => line.deployment === deployment)

    expect(lines).toContainEqual(expect.objectContaining({ msg: 'job started', cluster: 'local', worker: 'worker-1' }))
    for (const step of ['connect', 'guard', 'drain', 'deploy', 'restart', 'verify', 'enable', 'soak'])
      expect(lines).toContainEqual(expect.objectContaining({ msg: 'step ended', host: 'web-1', step }))
    expect(lines).toContainEqual(expect.objectContaining({ msg: 'host ended', host: 'web-1', outcome: 'succeeded' }))
    expect(lines).toContainEqual(expect.objectContaining({ msg: 'job done', job: `${deployment}~web-1` }))
  })

  it('show by the id of a request the way from the API to the last step', async () => {
    const answered = linesOf('api').find((line) => line.request === request && line.method === 'POST')
    const inWorker = linesOf('worker-1').filter((line) => line.request === request)
    const { deployment: record } = await system.client.getDeployment(deployment)
    const { entries } = await system.client.listAudit({})

    expect(answered).toMatchObject({ msg: 'request answered', deployment, caller: 'tester', statusCode: 202 })
    expect(new Set(inWorker.map((line) => line.deployment))).toEqual(new Set([deployment]))
    expect(inWorker.map(({ msg }) => msg)).toEqual(expect.arrayContaining(['job started', 'step ended', 'job done']))
    expect(record.request).toBe(request)
    expect(entries).toContainEqual(expect.objectContaining({ action: 'createDeployment', request }))
  })

  it('are named by answers, also by those that say why a request is refused', async () => {
    const answer = await ask('/v1/deployments', { application: 'nothing' })

    expect(answer.headers.get('x-request-id')).toBe(request)
    expect(await answer.json()).toMatchObject({ status: 400, request })
  })
})

/** Reads the first column of the table of fields. */
function documentedFields(): Set<string> {
  const text = readFileSync(join(import.meta.dirname, '../../docs/monitoring.md'), 'utf8')
  const [, section = ''] = text.split('\n## Logs\n')
  const rows = section.split('\n## ')[0]!.match(/^\| `.*?\|/gm) ?? []
  return new Set(rows.flatMap((row) => [...row.matchAll(/`(\w+)`/g)].map(([, field]) => field!)))
}
