import { readlink, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { waitFor } from '../../infra/fleet/wait-for.ts'
import { signal } from '../faults/faults/signals.ts'
import { ends, followToEnd, followUntil } from '../faults/follow.ts'
import { startDeployment } from '../faults/start-deployment.ts'
import { deploy } from '../support/deploy.ts'
import { startSystem, type System } from '../support/start-system.ts'

let system: System
beforeAll(async () => {
  system = await startSystem({ fleet: { hosts: 2 } })
  await system.release('1.0.0')
})
afterAll(() => system?.[Symbol.asyncDispose]())

/** The release that is current on a host, by its own link. */
async function currentOn(host: string): Promise<string> {
  const { directory } = system.fleet.hosts.find(({ name }) => name === host)!
  return basename(await readlink(join(directory, 'current')))
}

/** Kills the worker when a host has the release of a deployment as current, and the record has not. A hook there waits for the gate. */
async function killBeforeRecord(id: string, { host, gate }: { host: string; gate: string }): Promise<void> {
  const redis = new Redis(system.fleet.redisUrl)
  onTestFinished(() => redis.disconnect())
  const before = await currentOn(host)
  await followUntil(system, id, (event) => event.type === 'log.appended' && event.host === host)
  // What a worker reads meanwhile it gets; what it writes is refused.
  await redis.config('SET', 'maxmemory', '1')
  await writeFile(gate, '')
  const hasChanged = async () => (await currentOn(host)) !== before
  await waitFor(hasChanged, { what: `${host} has another release`, timeoutMs: 20_000, pollMs: 5 })
  signal(system, 'worker-1', 'SIGKILL')
  // What it has sent would be done now, where Redis had not read it yet.
  await redis.call('CLIENT', 'KILL', 'TYPE', 'NORMAL', 'SKIPME', 'yes')
  await redis.config('SET', 'maxmemory', '0')
}

test('a host says which version it may run when its worker was killed before the record had it, until it says what it runs', async () => {
  const { fleet } = system
  const place = ['-e', fleet.environment]
  const gate = join(fleet.dir, 'gate')
  const plan = async (...args: string[]) =>
    (await system.cli('plan', fleet.application, ...place, '--only', 'behind', '--version', ...args)).stdout
  const listed = async () => (await system.client.listHosts(fleet.application)).hosts[0]!
  await deploy(system, '1.0.0')
  const hooks = { beforeDeploy: [`echo begun; until test -e ${gate}; do sleep 0.05; done`] }
  const id = await startDeployment(system, { version: '2.0.0', concurrency: 1, settings: { hooks } as never })
  onTestFinished(() => writeFile(gate, ''))

  await killBeforeRecord(id, { host: 'web-1', gate })
  await fleet.stopSshd('web-1')
  await system.startWorker('worker-2')

  const { view, events } = await followToEnd(system, id)
  const host = await listed()
  const { stdout } = await system.cli('hosts', fleet.application, ...place)
  const unasked = await plan('1.0.0')
  await fleet.startSshd('web-1')
  const asked = await plan('2.0.0', '--json')
  const retried = await system.cli('retry', id)
  expect(ends(view)).toContain('web-1 unreachable drained')
  expect(events.filter(({ type }) => type === 'release.introduced')).toEqual([])
  expect(host).toMatchObject({
    runs: { version: '1.0.0', isVersionProven: false },
    mayRun: { version: '2.0.0', deployment: id },
    drift: 'expected 1.0.0, deployed by d-1',
    traffic: 'drained',
  })
  expect(stdout).toMatch(/web-1 .*1\.0\.0 \(may run 2\.0\.0\).*expected 1\.0\.0/)
  expect(unasked).toMatch(/web-1 is left out: .*; may run 2\.0\.0, which d-2 began to deploy/)
  expect(asked).toContain('may run 2.0.0, which d-2 began to deploy')
  expect(retried.exit).toBe(0)
  const after = await listed()
  expect(after).toMatchObject({ runs: { version: '2.0.0', isVersionProven: true }, traffic: 'restored' })
  expect(after).not.toHaveProperty('mayRun')
})
