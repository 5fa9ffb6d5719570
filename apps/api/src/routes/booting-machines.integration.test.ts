import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createClient, type Convergence } from '@vesemir/contract'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startApi, tokenOf } from '../testing/start-api.ts'
import { deployed, startPlanner } from '../testing/start-planner.ts'

const execute = promisify(execFile)

let server: RedisServer
let folder: string
beforeAll(async () => {
  server = await startRedis()
  folder = await mkdtemp(join(tmpdir(), 'vesemir-booting-'))
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

/** Reads a file of the page's cloud-config. */
async function readExample(path: string): Promise<string> {
  const page = await readFile(new URL('../../../../docs/how-to/booting-machines.md', import.meta.url), 'utf8')
  const [, file = ''] = page.split(`  - path: ${path}\n`)
  const [, content = ''] = /^ {4}content: \|\n((?: {6}.*\n|\n)*)/m.exec(file) ?? []
  return content.replaceAll(/^ {6}/gm, '')
}

const unitPath = '/etc/systemd/system/vesemir-converge.service'
const tokenPath = '/etc/vesemir/token'

it('the unit of the documentation is one that systemd takes', async () => {
  const file = join(folder, 'vesemir-converge.service')
  await writeFile(file, await readExample(unitPath))

  const { stdout, stderr } = await execute('systemd-analyze', ['verify', '--man=no', file])

  expect(stdout + stderr).not.toContain('vesemir-converge')
})

it('the command of the unit gets the machine its version, once, and fails while it has to be asked again', async () => {
  await using api = await startApi(server)
  const since = await deployed(api, '1.4.2')
  const only = { behind: [{ host: 'web-2', why: 'nothing was deployed to it' }], leftOut: [], upToDate: 0 }
  await using _worker = await startPlanner(api, { server, only })
  const ada = createClient({ url: api.url, token: tokenOf('deployer') })
  const grant = { role: 'converger' as const, applications: ['payments'], environments: ['production'] }
  const { token } = await ada.createToken({ name: 'machines', grants: [grant] })
  const header = join(folder, 'token')
  await writeFile(header, (await readExample(tokenPath)).replace('vsm_…', token))
  const [, command = ''] = /^ExecStart=((?:.*\\\n)*.*)$/m.exec(await readExample(unitPath)) ?? []
  const boot = async (host: string) => {
    const own = command.replace('%H', host).replace(tokenPath, header).replace('https://vesemir.example', api.url)
    return JSON.parse((await execute('sh', ['-c', own])).stdout) as Convergence
  }

  const first = await boot('web-2')
  const again = await boot('web-2')

  expect(first).toMatchObject({ version: '1.4.2', since, only, id: expect.any(String) as string })
  expect(again.id).toBe(first.id)
  await expect(boot('web-9')).rejects.toMatchObject({
    code: 22,
    stdout: expect.stringContaining('"HOST_UNKNOWN"') as string,
  })
})

it('its token knows nothing of its owner: neither other tokens, nor what they did, nor workers', async () => {
  await using api = await startApi(server)
  const chief = createClient({ url: api.url, token: tokenOf('admin') })
  const other = await chief.createToken({ name: 'ci', grants: [{ role: 'deployer' }] })
  const { token, id } = await chief.createToken({ name: 'machines', grants: [{ role: 'converger' }] })
  const machine = createClient({ url: api.url, token })

  expect((await machine.listTokens()).tokens.map((each) => each.id)).toEqual([id])
  await expect(machine.revokeToken(other.id)).rejects.toMatchObject({ problem: { code: 'TOKEN_UNKNOWN' } })
  expect(await machine.listAudit({})).toEqual({ entries: [] })
  expect((await machine.listWorkers()).workers).toEqual([])
})
