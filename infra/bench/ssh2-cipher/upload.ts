// One upload by one build of ssh2, in a process of its own: `upload.ts <folder of ssh2> <settings as JSON>`. Prints what it took.
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type ssh2 from 'ssh2'

export interface UploadSettings {
  port: number
  user: string
  keyPath: string
  cipher: string
  megabytes: number
}

export interface UploadCost {
  seconds: number
  cpuSeconds: number
}

const [folder, settings] = process.argv.slice(2) as [string, string]
const { port, user, keyPath, cipher, megabytes } = JSON.parse(settings) as UploadSettings
const { Client } = createRequire(import.meta.url)(folder) as typeof ssh2

const client = new Client().connect({
  host: '127.0.0.1',
  port,
  username: user,
  privateKey: readFileSync(keyPath),
  algorithms: { cipher: [cipher as ssh2.CipherAlgorithm] },
})
await once(client, 'ready')
const { promise, resolve, reject } = Promise.withResolvers<ssh2.ClientChannel>()
client.exec('sha256sum', (error, opened) => (error ? reject(error) : resolve(opened)))
const channel = await promise

const chunk = randomBytes(1024 * 1024)
const sum = createHash('sha256')
const usage = process.cpuUsage()
const startedMs = performance.now()
for (let sent = 0; sent < megabytes; sent += 1) {
  sum.update(chunk)
  if (!channel.write(chunk)) await once(channel, 'drain')
}
channel.end()
const answer = (await channel.setEncoding('utf8').toArray()).join('')
const seconds = (performance.now() - startedMs) / 1000
const { user: userUs, system: systemUs } = process.cpuUsage(usage)
client.end()
if (!answer.startsWith(sum.digest('hex'))) throw new Error(`the host received something else: ${answer}`)
console.log(JSON.stringify({ seconds, cpuSeconds: (userUs + systemUs) / 1e6 } satisfies UploadCost))
