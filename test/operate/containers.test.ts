import { makeKeys } from '@vesemir/process/keys'
import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, chown, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { root } from '../../infra/docs/pages.ts'
import { findProgram } from '../../infra/fleet/programs.ts'
import { waitFor } from '../../infra/fleet/wait-for.ts'
import { buildContainerContext } from '../../infra/packages/container/build-container-context.ts'
import { buildPackages } from './support/build-packages.ts'
import { createImageStore, startContainer } from './support/start-container.ts'

const execute = promisify(execFile)
const slowestMs = 600_000
/** The user of the images. */
const uid = 10_001

test('the compose file is understood by Compose', async () => {
  const file = join(root, 'infra/packages/container/compose.yml')

  await expect(execute('docker-compose', ['--file', file, 'config', '--quiet'])).resolves.toBeDefined()
})

describe.runIf(process.getuid?.() === 0)('the images', () => {
  const closing = new AsyncDisposableStack()
  let folder: string
  let context: string
  let images: ReturnType<typeof createImageStore>

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vesemir-containers-'))
    closing.defer(() => rm(folder, { recursive: true, force: true }))
    context = await buildContainerContext((await buildPackages()).npm, folder)
    images = closing.use(createImageStore(folder))
    await startRedisOnSocket(await makeFolder('run'))
    await writeSettings(await makeFolder('settings'))
  }, slowestMs)
  afterAll(() => closing.disposeAsync(), slowestMs)

  test('run as their user on a read-only root, healthy by their own check', { timeout: slowestMs }, async () => {
    for (const name of ['api', 'worker']) {
      const image = await images.build(context, name)
      const env = { VESEMIR_KEYS: '/etc/vesemir/keys', VESEMIR_REDIS_URL: 'unix:/run/redis.sock' }
      const mounts = { settings: join(folder, 'settings'), run: join(folder, 'run'), env }
      await using container = await startContainer(image, mounts)

      expect(container.rights()).toEqual({ uid: String(uid), capabilities: '0000000000000000' })
      expect(await container.isHealthy()).toBe(true)
    }
  })

  test('hold no shell, no other program, and nothing that their user may change', async () => {
    const files = await readdir(join(context, 'root'), { recursive: true })
    const { stdout: owned } = await execute('find', [join(context, 'root'), '-perm', '/6022', '-not', '-type', 'l'])
    const { stdout: size } = await execute('du', ['--summarize', '--block-size=1M', join(context, 'root')])

    expect(files.filter((file) => /(?:^|\/)s?bin\/[^/]+$/.test(file) && !file.includes('node_modules'))).toEqual([
      'usr/lib/vesemir/bin/node',
    ])
    expect(owned).toBe('')
    expect(Number.parseInt(size, 10)).toBeLessThan(230)
  })

  async function makeFolder(name: string): Promise<string> {
    const made = join(folder, name)
    await mkdir(made)
    await chmod(made, 0o755)
    return made
  }

  /** A network of a container's own has no Redis of this machine: a socket does. */
  async function startRedisOnSocket(own: string): Promise<void> {
    const socket = join(own, 'redis.sock')
    const options = ['--port', '0', '--unixsocket', socket, '--unixsocketperm', '777', '--dir', own, '--save', '']
    const redis = spawn(findProgram('redis-server'), options, { stdio: 'ignore' })
    const ended = once(redis, 'exit')
    closing.defer(async () => {
      redis.kill('SIGTERM')
      await ended
    })
    await waitFor(() => existsSync(socket), { what: 'Redis listens on its socket', timeoutMs: 20_000 })
  }

  async function writeSettings(own: string): Promise<void> {
    const keys = join(own, 'keys')
    await makeKeys(keys)
    await execute('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(keys, 'id_ed25519')])
    for (const path of [keys, ...(await readdir(keys)).map((name) => join(keys, name))]) await chown(path, uid, uid)
    const sha256 = createHash('sha256').update('a-token-of-an-admin').digest('hex')
    const eu = {
      inventory: { kind: 'file', path: '/etc/vesemir/hosts.yml' },
      remoteShell: { kind: 'ssh', user: 'deploy', privateKey: '/etc/vesemir/keys/id_ed25519' },
    }
    const api = { host: '0.0.0.0', clusters: ['eu'], tokens: { ada: { role: 'admin', sha256 } } }
    await writeFile(join(own, 'api.yml'), stringify(api))
    await writeFile(join(own, 'worker.yml'), stringify({ metrics: { port: 9464 }, clusters: { eu } }))
  }
})
