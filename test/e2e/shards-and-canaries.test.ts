import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { boxFolder } from '../../infra/fleet/fleet-state.ts'
import { pickNetwork } from '../../infra/fleet/listeners.ts'
import { startLoad } from '../../infra/load/start-load.ts'
import { ends, followToEnd } from '../faults/follow.ts'
import { startDeployment } from '../faults/start-deployment.ts'
import { startSystem, type System } from '../support/start-system.ts'

// Backends that not every host or box has: each box balances two of the hosts, and one has a canary besides.

const network = pickNetwork()
const port = 9201
const shards = { 'lb-1': [1, 2], 'lb-2': [3, 4] }
const addressOf = (host: number) => `${network}.1.${host}:8080 check inter 200ms rise 2 fall 3 weight 100`

let system: System
beforeAll(async () => {
  system = await startSystem({ fleet: { network, hosts: 4, boxes: 2 } })
  for (const [index, [box, hosts]] of Object.entries(shards).entries()) {
    const own = [
      'frontend shard-in',
      `  bind ${network}.2.${index + 1}:${port}`,
      '  default_backend shard',
      'backend shard',
      ...hosts.map((host) => `  server web-${host} ${addressOf(host)}`),
      ...(box === 'lb-1' ? ['backend canary', `  server web-1 ${addressOf(1)}`] : []),
    ]
    await appendFile(join(boxFolder(system.fleet, box), 'haproxy.cfg'), `${own.join('\n')}\n`)
    await system.fleet.reloadBox(box)
  }
})
afterAll(() => system?.[Symbol.asyncDispose]())

const shard = { name: 'shard', boxes: 'some' }
const start = (version: string, backends: unknown[]) =>
  startDeployment(system, { version, concurrency: 1, loadBalancer: { backends, otherServers: 'ignore' } })

test('hosts of several boxes are walked by their own servers, a canary too: no request fails', async () => {
  const urls = [1, 2].map((box) => `http://${network}.2.${box}:${port}`)
  await using load = startLoad({ urls, requestsPerSecond: 40 })
  const id = await start('1.0.0', [shard, { name: 'canary', hosts: 'some', boxes: 'some', minHealthy: 0 }])

  const { view } = await followToEnd(system, id)

  expect(ends(view)).toEqual([1, 2, 3, 4].map((host) => `web-${host} succeeded restored`))
  expect(view.hosts.map(({ servers }) => servers.map(({ box, backend }) => `${box} ${backend}`))).toEqual([
    ['lb-1 shard', 'lb-1 canary'],
    ['lb-1 shard'],
    ['lb-2 shard'],
    ['lb-2 shard'],
  ])
  expect(view.deployment.plan!.warnings).toEqual(
    expect.arrayContaining([
      'backend shard has web-1, web-2 on lb-1; web-3, web-4 on lb-2',
      'backend canary has web-1 on lb-1; no host on lb-2',
    ]),
  )
  expect((await load.stop()).failures).toEqual({})
})

test('a host that is in none of the backends is refused, as is one that is not everywhere where nothing else is said', async () => {
  const canaryAlone = await followToEnd(
    system,
    await start('1.1.0', [{ name: 'canary', hosts: 'some', boxes: 'some' }]),
  )
  const everywhere = await followToEnd(system, await start('1.2.0', ['shard']))

  const failureOf = ({ view }: typeof everywhere) => view.deployment.state
  const unknown = (words: string) => ({
    failure: { code: 'SERVER_UNKNOWN', message: expect.stringContaining(words) as string },
  })
  expect(failureOf(canaryAlone)).toMatchObject(unknown('none of the backends canary has a server named web-2'))
  expect(failureOf(everywhere)).toMatchObject(unknown('shard on lb-2 has no server named web-1'))
  expect(everywhere.view.hosts).toEqual([])
})
