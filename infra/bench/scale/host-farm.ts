// Many hosts in one process: `node host-farm.ts <settings as JSON>`. Prints "hosts ready" when all take connections.
import { once } from 'node:events'
import { mkdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { hostAddress, hostName, type FarmSettings } from './farm-settings.ts'
import { serveHost } from './serve-host.ts'

const { hosts, port, hostKeyPath, restartMs, folder: parent } = JSON.parse(process.argv[2]!) as FarmSettings
const hostKey = readFileSync(hostKeyPath)
const starting: Promise<unknown>[] = []
for (let index = 0; index < hosts; index += 1) {
  const folder = join(parent, hostName(index))
  mkdirSync(folder)
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (client) => serveHost(client, { folder, restartMs }))
  // ssh2's own listener knows no TCP_NODELAY, which sshd sets.
  const listener = createServer({ noDelay: true }, (socket) => server.injectSocket(socket))
  listener.listen(port, hostAddress(index), 128)
  starting.push(once(listener, 'listening'))
}
await Promise.all(starting)
process.stdout.write('hosts ready\n')
