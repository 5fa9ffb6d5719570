import { freePort } from '@vesemir/process/free-port'
import { startMachine, type Machine } from '@vesemir/testing/start-machine'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { stringify } from 'yaml'
import { installModules } from '../../infra/packages/debian/build-debian-package.ts'
import { buildPackages } from './support/build-packages.ts'

// What is shipped is what is tested: everything here runs the packages that `npm run build` makes.

const slowestMs = 600_000
let folder: string
let packages: Awaited<ReturnType<typeof buildPackages>>
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesemir-packages-'))
  packages = await buildPackages()
}, slowestMs)
afterAll(() => rm(folder, { recursive: true, force: true }))

test(
  'a clean folder with the packages alone deploys under load, and with SSH certificates',
  async () => {
    const clean = join(folder, 'clean')
    await mkdir(clean)
    await installModules(packages.npm, clean)
    const env = { ...process.env, VESEMIR_INSTALLED: clean, NO_COLOR: '1' }
    const runTests = async (...args: string[]) =>
      (await promisify(execFile)('vitest', ['run', ...args], { env, maxBuffer: 50_000_000 })).stdout

    expect(await runTests('--project', 'e2e', 'test/e2e/happy-path.test.ts')).toMatch(/Tests +\d+ passed/)
    const certificates = ['infra/packages/build-server-package.integration.test.ts', '-t', 'certificate']
    expect(await runTests('--project', 'integration', ...certificates)).toMatch(/Tests +1 passed/)
  },
  slowestMs,
)

describe.runIf(process.getuid?.() === 0)('the Debian package', () => {
  let redis: RedisServer
  let machine: Machine | undefined
  let port: number
  const on = (line: string) => machine!.run(line)
  const show = async (unit: string, property: string) =>
    (await on(`systemctl show --value --property ${property} ${unit}`)).trim()

  beforeAll(async () => {
    redis = await startRedis()
    port = await freePort()
    const shared = join(folder, 'shared')
    await mkdir(shared)
    await copyFile(packages.debian, join(shared, 'vesemir.deb'))
    await writeSettings(shared, { redis: redis.url, port })
    machine = await startMachine(folder, shared)
    // Where this runs in a container, its policy keeps packages from starting services.
    await on('rm --force /usr/sbin/policy-rc.d && dpkg --install /mnt/vesemir.deb')
  }, slowestMs)
  afterAll(async () => {
    await machine?.[Symbol.asyncDispose]()
    await redis?.[Symbol.asyncDispose]()
  })

  test('has units that expose little of the machine', async () => {
    for (const unit of ['vesemir-api.service', 'vesemir-worker.service']) {
      const report = await on(`systemd-analyze security --no-pager ${unit}`)

      // From 0, nothing, to 10. Node.js compiles while it runs, and both must reach the network.
      expect(Number(/Overall exposure level for \S+: (\d+\.\d+)/.exec(report)?.[1])).toBeLessThanOrEqual(1.5)
    }
  })

  test('is installed, started, reloaded, upgraded and removed under systemd', { timeout: slowestMs }, async () => {
    expect(await on('vesemir-server --version')).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect(await on('stat --format "%a %U:%G" /etc/vesemir /etc/vesemir/keys')).toBe(
      '750 root:vesemir\n700 root:root\n',
    )
    expect(await show('vesemir-api', 'ActiveState')).toBe('inactive')

    await on('vesemir keys make /etc/vesemir/keys')
    await on('ssh-keygen -q -t ed25519 -N "" -f /etc/vesemir/id_ed25519')
    await on('install --group vesemir --mode 640 /mnt/api.yml /mnt/worker.yml /etc/vesemir')
    // systemctl returns when both have said that they are ready: they answer from then on.
    await on('systemctl start vesemir-api vesemir-worker')
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200)
    expect(await on('systemctl is-active vesemir-api vesemir-worker')).toBe('active\nactive\n')
    expect(await show('vesemir-api', 'WatchdogUSec')).toBe('30s')
    expect(await on(`stat --format %U /proc/${await show('vesemir-api', 'MainPID')}`)).toBe('vesemir\n')

    await on("sed -i 's/ada:/grace:/' /etc/vesemir/api.yml")
    await on('systemctl reload vesemir-api')
    await vi.waitFor(async () => expect(await on('journalctl --unit vesemir-api')).toContain('reloaded'), 10_000)
    await vi.waitFor(async () => expect(await show('vesemir-api', 'ActiveState')).toBe('active'), 10_000)

    const before = await show('vesemir-worker', 'MainPID')
    await on('dpkg --install /mnt/vesemir.deb')
    expect(await show('vesemir-worker', 'MainPID')).not.toBe(before)
    expect(await on('systemctl is-active vesemir-api vesemir-worker')).toBe('active\nactive\n')
    expect(await show('vesemir-worker', 'NRestarts')).toBe('0')

    await on('dpkg --purge vesemir-server')
    expect(await show('vesemir-api', 'MainPID')).toBe('0')
    expect(await on('test ! -e /usr/lib/vesemir && ls /etc/vesemir')).toContain('api.yml')
  })
})

async function writeSettings(folderOfFiles: string, { redis, port }: { redis: string; port: number }): Promise<void> {
  const sha256 = '5dc2cf9bd31ef6f2f225fee24c8920cd38fc85c101f6b643d4788c1353092bbe'
  const api = { port, redis, clusters: ['eu'], tokens: { ada: { role: 'admin', sha256 } } }
  const privateKey = '/run/credentials/vesemir-worker.service/id_ed25519'
  const eu = {
    inventory: { kind: 'file', path: '/etc/vesemir/hosts.yml' },
    remoteShell: { kind: 'ssh', user: 'deploy', privateKey },
  }
  await writeFile(join(folderOfFiles, 'api.yml'), stringify(api))
  await writeFile(join(folderOfFiles, 'worker.yml'), stringify({ redis, clusters: { eu } }))
}
