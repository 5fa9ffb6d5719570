import { startMachine, type Machine } from '@vesemir/testing/start-machine'
import { networkObstacle, startNetwork, type Network } from '@vesemir/testing/start-network'
import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { samplesOf, type Sample } from '../../infra/docs/pages.ts'
import { buildPackages } from './support/build-packages.ts'

// A stranger's walk: every block of the page in order, as it stands there, on machines with systemd in a network of their own.

const slowestMs = 600_000
const page = 'docs/install.md'
const names = ['vesemir-1', 'web-1', 'web-2', 'web-3', 'lb-1']

describe.runIf(networkObstacle() === undefined)('docs/install.md', () => {
  let folder: string
  let shared: string
  let network: Network
  const machines = new Map<string, Machine>()

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vesemir-install-'))
    shared = join(folder, 'shared')
    await mkdir(shared)
    await promisify(execFile)('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(shared, 'id_ed25519')])
    network = startNetwork(names)
    await Promise.all(names.map(startNamed))
  }, slowestMs)
  afterAll(async () => {
    await Promise.all([...machines.values()].map((machine) => machine[Symbol.asyncDispose]()))
    network?.[Symbol.dispose]()
    await rm(folder, { recursive: true, force: true })
  })

  test('leads from a checkout to a deployment, a failure and its fix', { timeout: slowestMs }, async () => {
    const printed: string[] = []
    for (const sample of samplesOf(page, 'sh')) printed.push(await runSample(sample))

    const [, passing] = printed.filter((text) => text.includes('✓ inventory'))
    expect(passing).toMatch(/✓ haproxy/)
    // What lb-1 answers: a version of each successful deployment, and none of the failed one.
    const answers = printed.flatMap((text) => text.match(/^\d+\.\d+\.\d+$/gm) ?? [])
    expect(answers.slice(-3)).toEqual(['1.0.0', '1.0.0', '1.1.1'])
    const list = printed.find((text) => text.includes('d-3  '))
    expect(list!.match(/d-\d .*(?:succeeded|failed) +\d\/3/g)).toHaveLength(3)
  })

  async function startNamed(name: string): Promise<void> {
    const own = join(folder, name)
    await mkdir(own)
    const machine = await startMachine(own, shared, { namespace: network.hosts[name]!.namespace })
    machines.set(name, machine!)
    await machine!.run(asProvided(name))
  }

  /** Returns what makes a machine one as its provider hands it out: its name, its own host key, and root's key. */
  function asProvided(name: string): string {
    const addresses = names.map((other) => `${network.hosts[other]!.address} ${other}`)
    return `set -e
hostname ${name}
printf '127.0.0.1 localhost\\n${addresses.join('\\n')}\\n' > /etc/hosts
rm --force /usr/sbin/policy-rc.d /etc/ssh/ssh_host_*
ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
install -D --mode 600 /mnt/id_ed25519.pub /root/.ssh/authorized_keys
install -D --mode 600 /mnt/id_ed25519 /root/.ssh/id_ed25519
rm --force /run/nologin
systemctl start ssh`
  }

  /** Runs a block where the page says, and returns what it prints. The page says too which block exits with another code than 0. */
  async function runSample({ line, words, text }: Sample): Promise<string> {
    switch (words.join(' ')) {
      case '':
        return runOn(`${page}:${line}`, text, 0)
      case 'exits 1':
        return runOn(`${page}:${line}`, text, 1)
      case 'on checkout':
        await buildPackages()
        return ''
      case 'elsewhere': {
        const { debian } = await buildPackages()
        await copyFile(debian, join(shared, basename(debian)))
        return machines.get('vesemir-1')!.run('cp /mnt/*.deb /root')
      }
      default:
        throw new Error(`${page}:${line}: nobody knows how to run "${words.join(' ')}"`)
    }
  }

  async function runOn(place: string, text: string, exitCode: number): Promise<string> {
    const quoted = `'${text.replaceAll("'", `'\\''`)}'`
    const shell = 'env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin bash -euo pipefail -c'
    const printed = await machines
      .get('vesemir-1')!
      .run(`cd && code=0 && ${shell} ${quoted} < /dev/null 2>&1 || code=$?; echo "exit code $code"`)
    if (!printed.endsWith(`exit code ${exitCode}\n`)) throw new Error(`${place} fails:\n${printed}`)
    return printed
  }
})
