import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { median } from '../system/statistics.ts'
import type { BenchSystem } from '../system/start-system.ts'
import { definition, request } from './definition.ts'
import { writeInventory } from './start-real-host.ts'

const deployments = 15

/** Gives the milliseconds from a request to its first packet at the host, the median; the host then hangs up. */
export async function measureFirstPacket(
  system: BenchSystem,
  { keyPath, publicKey }: { keyPath: string; publicKey: string },
): Promise<number> {
  const listener = createServer((socket) => hangUp(socket)).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  const inventoryPath = await writeInventory(system.dir, { port, publicKey })
  await using _worker = await system.startWorker({
    name: 'worker-first-packet',
    cluster: {
      inventory: { kind: 'file', path: inventoryPath },
      remoteShell: { kind: 'ssh', user: 'deploy', port, privateKey: keyPath },
    },
  })
  await system.client.putApplication(definition({ strategy: 'command', commands: ['true'] }))
  const tookMs: number[] = []
  for (let index = 0; index < deployments; index += 1) {
    const connected = once(listener, 'connection').then(() => performance.now())
    const startedMs = performance.now()
    const { id } = await system.client.createDeployment({ ...request, version: `1.0.${index}` })
    tookMs.push((await connected) - startedMs)
    for await (const _event of system.client.followEvents(id));
  }
  listener.close()
  return median(tookMs)
}

/** An SSH client says who it is as soon as it is connected: its first bytes have come when it is hung up on. */
function hangUp(socket: Socket): void {
  socket.on('error', () => {})
  socket.once('data', () => socket.destroy())
}
