import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSystem, type System } from '../support/start-system.ts'

// The environment of the fleet takes artifacts alone that this key has signed.
let system: System
let keys: string
const settings: { changesets?: object } = {}
beforeAll(async () => {
  keys = await mkdtemp(join(tmpdir(), 've-minisign-'))
  execFileSync('minisign', ['-G', '-W', '-p', join(keys, 'build.pub'), '-s', join(keys, 'build.key')])
  system = await startSystem({ fleet: { hosts: 2 }, workers: [], settings })
  const { dir, environment } = system.fleet
  const publicKey = await readFile(join(keys, 'build.pub'), 'utf8')
  const signatures = [{ environments: [environment], publicKeys: [publicKey] }]
  settings.changesets = { artifact: { folders: [join(dir, 'artifacts')], signatures } }
  await system.startWorker('worker-1')
})
afterAll(async () => {
  await system?.[Symbol.asyncDispose]()
  await rm(keys, { recursive: true, force: true })
})

function sign(path: string): void {
  execFileSync('minisign', ['-S', '-s', join(keys, 'build.key'), '-m', path])
}

test('a plan and a deployment take a signed artifact, and refuse one that is not before any host is touched', async () => {
  const { application, environment } = system.fleet
  const version = (name: string) => [application, '-e', environment, '--version', name]
  sign((await system.release('1.0.0')).path)
  await system.release('2.0.0')

  const signedPlan = await system.cli('plan', ...version('1.0.0'))
  const unsignedPlan = await system.cli('plan', ...version('2.0.0'))
  const signed = await system.cli('deploy', ...version('1.0.0'))
  const unsigned = await system.cli('deploy', ...version('2.0.0'))

  expect(signedPlan).toMatchObject({ exit: 0, stdout: expect.stringContaining('release 1.0.0-') as string })
  expect(unsignedPlan.exit).not.toBe(0)
  expect(unsignedPlan.stderr).toContain('ARTIFACT_UNSIGNED')
  expect(signed.exit).toBe(0)
  expect(unsigned.exit).not.toBe(0)
  const { deployment, hosts } = await system.client.getDeployment('d-2')
  expect(deployment.state).toMatchObject({ status: 'failed', failure: { code: 'ARTIFACT_UNSIGNED' } })
  expect(hosts).toEqual([])
})
