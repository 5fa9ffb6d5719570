import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { askHaproxy } from '../../infra/fleet/haproxy-socket.ts'
import { socketPath } from '../../infra/fleet/fleet-state.ts'
import { waitFor } from '../../infra/fleet/wait-for.ts'
import { cluster } from '../../infra/vesemir/worker-settings.ts'
import { startLoad } from '../../infra/load/start-load.ts'
import type { System } from '../support/start-system.ts'
import { untruths } from '../support/untruths.ts'
import { ends, followToEnd, followUntil } from './follow.ts'
import { startBench } from './start-bench.ts'
import { startDeployment } from './start-deployment.ts'

// A host that failed stays out of rotation, over reloads of HAProxy too: what it runs is not proven.

let system: System
beforeAll(async () => {
  system = await startBench({ hosts: 4 })
})
afterAll(() => system?.[Symbol.asyncDispose]())

test('a host that failed is held over a reload while its deployment goes on, and after its end', async () => {
  const { fleet } = system
  await using load = startLoad({ urls: fleet.frontends, requestsPerSecond: 20, resendOnClosed: true })
  const gate = join(fleet.dir, 'gate')
  const hooks = {
    afterRestart: [
      'test $VESEMIR_HOST != web-1 || exit 7',
      `test $VESEMIR_HOST != web-2 || until test -e ${gate}; do sleep 0.1; done`,
    ],
  }
  const id = await startDeployment(system, { version: '1.0.0', concurrency: 2, settings: { hooks } })
  await followUntil(system, id, (event) => event.type === 'host.ended' && event.host === 'web-1')

  await reloadAll()
  await untilOut('web-1')
  await system.cli('cancel', id)
  await writeFile(gate, '')
  const { view } = await followToEnd(system, id)
  await reloadAll()
  await untilOut('web-1')

  expect(ends(view)).toEqual(['web-1 failed drained', 'web-2 succeeded restored', 'web-3 pending', 'web-4 pending'])
  expect(await untruths(fleet, view)).toEqual([])
  await waitFor(async () => (await told()).includes('taken out again after a reload'), {
    what: 'the journal says that web-1 was taken out again',
    timeoutMs: 20_000,
  })
  expect((await load.stop()).failures).toEqual({})
})

test('one that a person puts back is left to them', async () => {
  const { fleet } = system
  for (const { name } of fleet.boxes)
    await askHaproxy(socketPath(fleet, name), `set server ${fleet.application}/web-1 state ready`)

  await waitFor(async () => !(await told()).includes('web-1'), {
    what: 'the journal has web-1 no more',
    timeoutMs: 5_000,
  })
  await reloadAll()

  expect(await statesOf('web-1')).toEqual([0, 0])
})

async function told(): Promise<string> {
  return (await system.cli('lb', 'doctor', '--cluster', cluster)).stdout
}

async function reloadAll(): Promise<void> {
  await Promise.all(system.fleet.boxes.map(({ name }) => system.fleet.reloadBox(name)))
}

async function statesOf(host: string): Promise<number[]> {
  const servers = (await system.fleet.showServers()).filter(({ backend }) => backend === system.fleet.application)
  return servers.flatMap(({ server, adminState }) => (server === host ? [adminState] : []))
}

async function untilOut(host: string): Promise<void> {
  const isOut = async () => (await statesOf(host)).every((state) => (state & 9) !== 0)
  await waitFor(isOut, { what: `${host} is out of rotation again`, timeoutMs: 20_000 })
}
