import { createClient, type DeploymentEvent } from '@vesemir/contract'
import { freePort } from '@vesemir/process/free-port'
import { startMachine, type Machine } from '@vesemir/testing/start-machine'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { startSshd, type Sshd } from '@vesemir/testing/start-sshd'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { stringify } from 'yaml'
import { installModules } from '../../infra/packages/debian/build-debian-package.ts'
import { buildPackages } from './support/build-packages.ts'
import { renameVersion } from './support/rename-version.ts'

// What is shipped is what is tested: everything here runs the packages that `npm run build` makes.

const slowestMs = 600_000
const newerVersion = '0.0.1'
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
  let sshd: Sshd
  let machine: Machine | undefined
  let url: string
  let newer: string
  let definition: ReturnType<typeof definitionFor>
  const on = (line: string) => machine!.run(line)
  const show = async (unit: string, property: string) =>
    (await on(`systemctl show --value --property ${property} ${unit}`)).trim()

  beforeAll(async () => {
    redis = await startRedis()
    sshd = await startSshd()
    definition = definitionFor(sshd)
    const port = await freePort()
    url = `http://127.0.0.1:${port}`
    const shared = join(folder, 'shared')
    await mkdir(shared)
    await copyFile(packages.debian, join(shared, 'vesemir.deb'))
    newer = await renameVersion(packages.debian, { version: newerVersion, folder: shared })
    await copyFile(sshd.login.privateKey, join(shared, 'id_ed25519'))
    await writeSettings(shared, { redis: redis.url, port, sshd })
    machine = await startMachine(folder, shared)
    // Where this runs in a container, its policy keeps packages from starting services.
    await on('rm --force /usr/sbin/policy-rc.d && dpkg --install /mnt/vesemir.deb')
  }, slowestMs)
  afterAll(async () => {
    await machine?.[Symbol.asyncDispose]()
    await sshd?.[Symbol.asyncDispose]()
    await redis?.[Symbol.asyncDispose]()
  })

  test('has units that expose little of the machine', async () => {
    for (const unit of ['vesemir-api.service', 'vesemir-worker.service']) {
      const report = await on(`systemd-analyze security --no-pager ${unit}`)

      // From 0, nothing, to 10. Node.js compiles while it runs, and both must reach the network.
      expect(Number(/Overall exposure level for \S+: (\d+\.\d+)/.exec(report)?.[1])).toBeLessThanOrEqual(1.5)
    }
  })

  test('is installed, started and reloaded under systemd', { timeout: slowestMs }, async () => {
    expect(await on('vesemir-server --version')).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect(await on('stat --format "%a %U:%G" /etc/vesemir /etc/vesemir/keys')).toBe(
      '750 root:vesemir\n700 root:root\n',
    )
    expect(await show('vesemir-api', 'ActiveState')).toBe('inactive')

    await on('vesemir keys make /etc/vesemir/keys')
    await on('install --group vesemir --mode 640 /mnt/*.yml /etc/vesemir')
    await on('install --mode 600 /mnt/id_ed25519 /etc/vesemir')
    // systemctl returns when both have said that they are ready: they answer from then on.
    await on('systemctl start vesemir-api vesemir-worker')
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    expect(await on('systemctl is-active vesemir-api vesemir-worker')).toBe('active\nactive\n')
    expect(await show('vesemir-api', 'WatchdogUSec')).toBe('30s')
    expect(await on(`stat --format %U /proc/${await show('vesemir-api', 'MainPID')}`)).toBe('vesemir\n')

    await on("sed -i 's/ada:/grace:/' /etc/vesemir/api.yml")
    await on('systemctl reload vesemir-api')
    await vi.waitFor(async () => expect(await on('journalctl --unit vesemir-api')).toContain('reloaded'), 10_000)
    await vi.waitFor(async () => expect(await show('vesemir-api', 'ActiveState')).toBe('active'), 10_000)
  })

  test(
    'is upgraded in the middle of a deployment, which the new version finishes',
    { timeout: slowestMs },
    async () => {
      const client = createClient({ url, token })
      await client.putApplication(definition)
      const order = { application: definition.name, environment: 'production', version: '1.0.0' }
      const { id } = await client.createDeployment(order)
      await vi.waitFor(() => access(join(sshd.folder, 'began')), 20_000)

      await on(`dpkg --install /mnt/${basename(newer)}`)
      await writeFile(join(sshd.folder, 'go'), '')
      const claims: DeploymentEvent[] = []
      for await (const event of client.followEvents(id, { signal: AbortSignal.timeout(60_000) }))
        if (!('kind' in event) && event.type === 'host.claimed') claims.push(event)

      expect((await client.getDeployment(id)).deployment.state).toMatchObject({ status: 'succeeded' })
      expect(claims).toHaveLength(2)
      const { workers } = await client.listWorkers()
      expect(workers.map(({ version }) => version)).toContain(newerVersion)
      expect(await on('vesemir-server --version')).toBe(`${newerVersion}\n`)
      for (const unit of ['vesemir-api', 'vesemir-worker']) expect(await show(unit, 'NRestarts')).toBe('0')
    },
  )

  test.each([
    {
      why: 'CONFIG_INVALID',
      spoil: () => on('echo clusters: eu > /etc/vesemir/worker.yml'),
      fix: () => on('install --group vesemir --mode 640 /mnt/worker.yml /etc/vesemir'),
    },
    {
      why: '243/CREDENTIALS',
      spoil: () => on('mv /etc/vesemir/keys/record.key /root'),
      fix: () => on('mv /root/record.key /etc/vesemir/keys'),
    },
    {
      why: 'SCHEMA_TOO_NEW',
      spoil: () => redis.connect().hset('vesemir:schema', { schema: 99, software: '9.1.0' }),
      fix: () => redis.connect().hset('vesemir:schema', { schema: 1 }),
    },
  ])('ends by $why, and is started again only by people', { timeout: slowestMs }, async ({ why, spoil, fix }) => {
    // systemd lets a unit start five times in ten seconds: the tests before have used them up.
    await on('systemctl reset-failed vesemir-worker')
    await spoil()

    await expect(on('systemctl restart vesemir-worker')).rejects.toThrow('vesemir-worker.service failed')

    expect(await show('vesemir-worker', 'ActiveState')).toBe('failed')
    expect(await show('vesemir-worker', 'NRestarts')).toBe('0')
    expect(await on('systemctl status vesemir-worker || journalctl --unit vesemir-worker')).toContain(why)
    await fix()
    await on('systemctl restart vesemir-worker')
  })

  test('is purged, but for what people have put beside it', { timeout: slowestMs }, async () => {
    await on('DEBIAN_FRONTEND=noninteractive apt-get purge --yes vesemir-server')

    expect(await show('vesemir-api', 'MainPID')).toBe('0')
    expect(await on('ls /etc/vesemir /etc/vesemir/keys')).toContain('api.yml')
    for (const gone of ['/usr/lib/vesemir', '/var/lib/vesemir', '/var/cache/vesemir', '/var/log/vesemir'])
      await on(`test ! -e ${gone}`)
  })
})

const token = 'a-token-of-an-admin'

interface Parts {
  redis: string
  port: number
  sshd: Sshd
}

async function writeSettings(shared: string, { redis, port, sshd }: Parts): Promise<void> {
  const { login, target } = sshd
  const sha256 = createHash('sha256').update(token).digest('hex')
  const api = { port, redis, clusters: ['eu'], tokens: { ada: { role: 'admin', sha256 } } }
  const privateKey = '/run/credentials/vesemir-worker.service/id_ed25519'
  const eu = {
    inventory: { kind: 'file', path: '/etc/vesemir/hosts.yml' },
    remoteShell: { kind: 'ssh', user: login.user, port: login.port, privateKey },
  }
  const host = { ansible_host: target.address, environment: 'production', application: 'payments', team: 'core' }
  const hosts = { all: { hosts: { 'web-1': { ...host, host_keys: target.hostKeys[0] } } } }
  for (const [name, content] of Object.entries({ api, worker: { redis, clusters: { eu } }, hosts }))
    await writeFile(join(shared, `${name}.yml`), stringify(content))
}

/** An application whose host takes a release until a file is there. */
function definitionFor({ folder: own, login }: Sshd) {
  return {
    name: 'payments',
    team: 'core',
    cluster: 'eu',
    loadBalancer: { kind: 'none' as const },
    changeset: {
      strategy: 'command' as const,
      commands: [`touch ${own}/began; until test -e ${own}/go; do sleep 0.1; done`],
    },
    service: { restart: 'true' },
    healthCheck: { kind: 'tcp' as const, port: login.port },
    environments: { production: {} },
    acceptLowCapacity: true,
  }
}
