import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { createInventory, InventoryOptions } from '../index.ts'
import { hostKeyBlob } from '@vesemir/testing/host-key-blob'
import { aSpec } from '@vesemir/contract/testing'
import { realClock } from '@vesemir/testing/clocks'
import type { CommandOptions } from './options.ts'

const key = `ssh-ed25519 ${hostKeyBlob('ssh-ed25519', 'any')}`
const common = { environment: 'production', application: 'payments', team: 'core' }

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesemir-command-'))
  await writeFile(join(folder, 'known_hosts'), `* ${key}\n`)
})
afterAll(() => rm(folder, { recursive: true }))

function anInventory(options: Partial<z.input<typeof CommandOptions>>, env: Record<string, string> = {}) {
  const parsed = InventoryOptions.parse({ kind: 'command', knownHosts: join(folder, 'known_hosts'), ...options })
  const ssh = { user: 'deploy', port: 22 }
  return createInventory(parsed, { ssh, clock: realClock, env: { PATH: process.env['PATH'], ...env } })
}

/** One that has ended and that nobody has waited for yet does not run. */
const isRunning = (pid: number) =>
  existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))

const shell = (script: string) => ['sh', '-c', script]
const printing = (content: unknown) => shell(`cat <<'EOF'\n${JSON.stringify(content)}\nEOF`)

test('finds what the real ansible-inventory makes of a file, with its groups and precedence', async () => {
  const path = join(folder, 'hosts')
  await writeFile(
    path,
    `[payments]\nweb[1:2] ansible_port=2222\n[canary]\nweb2\n[production:children]\npayments\n[all:vars]\nteam=core\n`,
  )
  const inventory = anInventory({ command: ['ansible-inventory', '-i', path, '--list'] })

  expect(await inventory.findHosts(aSpec())).toMatchObject({
    hosts: [
      { name: 'web1', port: 2222 },
      { name: 'web2', port: 2222 },
    ],
    warnings: [],
  })
  expect((await inventory.findHosts(aSpec({ hosts: { tags: ['canary'] } }))).hosts).toMatchObject([{ name: 'web2' }])
})

test('fails where ansible-inventory would leave out a source that it cannot read', async () => {
  const path = join(folder, 'good')
  const broken = join(folder, 'broken')
  await writeFile(path, 'web1\n')
  await writeFile(broken, '[web]\nweb1\n[typo:vars]\na=1\n')
  const inventory = anInventory({ command: ['ansible-inventory', '-i', path, '-i', broken, '--list'] })

  await expect(inventory.findHosts(aSpec())).rejects.toMatchObject({
    code: 'INVENTORY_UNREACHABLE',
    message: expect.stringMatching(
      /^ansible-inventory exited with \d+: .*not valid for undefined group: typo/,
    ) as string,
  })
})

test('reads a script’s groups with their variables, and takes a list for a group of hosts', async () => {
  const command = printing({
    _meta: { hostvars: { web1: { ansible_host: '10.0.0.1' }, web2: { team: 'growth' } } },
    payments: { hosts: ['web1', 'web2'], vars: { team: 'core', password: { __ansible_vault: '$ANSIBLE_VAULT;1.1' } } },
    production: { children: ['payments'] },
    eu: ['web1'],
  })

  expect((await anInventory({ command }).findHosts(aSpec({ hosts: { tags: ['eu'] } }))).hosts).toMatchObject([
    { name: 'web1', address: '10.0.0.1' },
  ])
  expect((await anInventory({ command }).findHosts(aSpec())).hosts).toHaveLength(1)
})

describe('a program', () => {
  const good = { _meta: { hostvars: { web1: common } } }

  test('gets its arguments as they are, no shell, and of the environment what is named alone', async () => {
    const file = join(folder, 'seen')
    const script = `printf '%s' "$1" >"$2.args"; env >"$2.env"; cat "$2.json"`
    await writeFile(`${file}.json`, JSON.stringify(good))
    const odd = `$(id) ; 'x' "y" *`
    const command = ['sh', '-c', script, 'script', odd, file]
    const env = { CLOUD_TOKEN: 'hunter2', VESEMIR_SECRET: 'hunter3' }

    await anInventory({ command, environmentVariables: ['CLOUD_TOKEN'] }, env).findHosts(aSpec())

    expect(await readFile(`${file}.args`, 'utf8')).toBe(odd)
    const seen = await readFile(`${file}.env`, 'utf8')
    expect(seen).toContain('CLOUD_TOKEN=hunter2')
    expect(seen).not.toContain('hunter3')
  })

  test('whose variable is not set is refused before it runs', () => {
    expect(() => anInventory({ command: ['true'], environmentVariables: ['CLOUD_TOKEN'] })).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: 'inventory.environmentVariables: the variable CLOUD_TOKEN is not set',
      }),
    )
  })

  test('that fails says so with the end of its stderr, without secrets', async () => {
    const command = shell('echo "the token $CLOUD_TOKEN is refused" >&2; exit 3')
    const inventory = anInventory({ command, environmentVariables: ['CLOUD_TOKEN'] }, { CLOUD_TOKEN: 'hunter2' })

    await expect(inventory.findHosts(aSpec())).rejects.toMatchObject({
      code: 'INVENTORY_UNREACHABLE',
      message: 'sh exited with 3: the token *** is refused',
    })
  })

  test('that warns and succeeds warns the plan', async () => {
    const command = shell(`echo 'region eu-west-9 not reached' >&2; echo '${JSON.stringify(good)}'`)

    expect(await anInventory({ command }).findHosts(aSpec())).toMatchObject({
      hosts: [{ name: 'web1' }],
      warnings: ['sh says: region eu-west-9 not reached'],
    })
  })

  test('that does not end is killed with all that it has started', async () => {
    const pidFile = join(folder, 'pid')
    const command = shell(`sleep 600 & echo $! >${pidFile}; echo waiting >&2; wait`)

    await expect(anInventory({ command, timeout: '500ms' }).findHosts(aSpec())).rejects.toMatchObject({
      code: 'INVENTORY_UNREACHABLE',
      message: 'sh did not end within 0.5 s and was killed: waiting',
    })
    const pid = Number(await readFile(pidFile, 'utf8'))
    await expect.poll(() => isRunning(pid)).toBe(false)
  })

  test('is killed when nobody wants its answer any more', async () => {
    const abort = new AbortController()
    const found = anInventory({ command: ['sleep', '60'] }).findHosts(aSpec(), abort.signal)

    abort.abort(new Error('the caller is gone'))

    await expect(found).rejects.toThrow('the caller is gone')
  })

  test.each([
    ['prints too much', ['yes'], 'INVENTORY_ANSWER_INVALID', 'yes prints more than 1000 bytes and was killed'],
    ['is not there', ['/nowhere/at-all'], 'CONFIG_INVALID', '/nowhere/at-all cannot be started: ENOENT'],
    ['prints nothing', ['true'], 'INVENTORY_ANSWER_INVALID', 'it prints nothing'],
    ['prints no JSON', ['echo', 'web1'], 'INVENTORY_ANSWER_INVALID', 'not JSON'],
    ['prints a list', ['echo', '[]'], 'INVENTORY_ANSWER_INVALID', 'it is JSON, but not an object'],
    ['prints no variables', ['echo', '{"web":["web1"]}'], 'INVENTORY_ANSWER_INVALID', 'it has no _meta.hostvars'],
    ['prints an odd group', ['echo', '{"_meta":{"hostvars":{}},"web":5}'], 'INVENTORY_ANSWER_INVALID', 'the group web'],
  ])('that %s is refused', async (_, command, code, words) => {
    await expect(anInventory({ command, maxOutputBytes: 1000 }).findHosts(aSpec())).rejects.toMatchObject({
      code,
      message: expect.stringContaining(words) as string,
    })
  })
})
