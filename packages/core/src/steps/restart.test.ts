import type { Service } from '@vesemir/contract'
import { expect, test } from 'vitest'
import { isVesemirError, VesemirError } from '../errors.ts'
import type { RemoteSession } from '../ports/remote-shell.ts'
import { serviceScripts } from '../services/service-scripts.ts'
import { aWalk } from '../testing/a-walk.ts'
import { restart } from './restart.ts'

const systemd: Service = { kind: 'systemd', unit: 'shop.service', sudo: true, timeout: '30s' }
const command: Service = { restart: 'service shop restart', timeout: '30s' }

const failed = () => new VesemirError('COMMAND_FAILED', 'exit status 1: shop.service is failed')

/** A host on which the restart fails; its log says why. */
const failing =
  (service: Service, error: () => Error): RemoteSession['run'] =>
  async (script, { onLine }) => {
    if (script === serviceScripts(service, 'web-1').restart) throw error()
    await onLine?.({ stream: 'stdout', text: 'port in use' })
    return { stdout: '' }
  }

async function failure(service: Service, run: RemoteSession['run']) {
  const { walk, lines } = aWalk({ step: 'restart', spec: { service }, remote: { run } })
  const error: unknown = await restart.run(walk).catch((error: unknown) => error)
  return { error, lines }
}

test('a service that is restarted says how it runs', async () => {
  const asked: unknown[] = []
  const run: RemoteSession['run'] = async (_, { env, timeoutMs }) => {
    asked.push({ unit: env?.VESEMIR_UNIT, sudo: env?.VESEMIR_SUDO, version: env?.VESEMIR_VERSION, timeoutMs })
    return { stdout: 'noise\nshop.service is active (running), pid 7\n' }
  }
  const { walk } = aWalk({ step: 'restart', spec: { service: systemd }, remote: { run } })

  const note = await restart.run(walk)

  expect(note).toBe('shop.service is active (running), pid 7')
  expect(asked).toEqual([{ unit: 'shop.service', sudo: 'sudo -n', version: '2.0.0', timeoutMs: 30_000 }])
})

test.for([
  ['fails', failed],
  ['takes too long', () => new VesemirError('COMMAND_TIMED_OUT', 'took longer than 30 s')],
] as const)('a service whose restart %s shows its log', async ([, error]) => {
  const { error: seen, lines } = await failure(systemd, failing(systemd, error))

  expect(isVesemirError(seen, 'SERVICE_FAILED')).toBe(true)
  expect((seen as Error).message).toBe(`systemctl restart shop.service on web-1 did not succeed: ${error().message}`)
  expect(lines).toEqual(['port in use'])
})

test('a command that fails is told as it is: nobody knows a log of its service', async () => {
  const { error, lines } = await failure(command, failing(command, failed))

  expect(isVesemirError(error, 'COMMAND_FAILED')).toBe(true)
  expect(lines).toEqual([])
})

test('a log that cannot be had hides nothing', async () => {
  const lost = () => Promise.reject(new VesemirError('SSH_CONNECTION_LOST', 'gone'))

  const { error } = await failure(systemd, lost)

  expect(isVesemirError(error, 'SSH_CONNECTION_LOST')).toBe(true)
})
