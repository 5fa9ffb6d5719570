import type { LogLine, Service } from '@vesemir/contract'
import { VesemirError, type RemoteSession } from '@vesemir/core'
import { expect, test } from 'vitest'
import { createServiceManagers } from './index.ts'

const systemd: Service = { kind: 'systemd', unit: 'shop.service', user: false, sudo: true, timeout: '30s' }
const command: Service = { restart: 'service shop restart', timeout: '30s' }

/** Restarts a service on a host that answers so, and reads its log. */
async function restartAndTail(service: Service, run: RemoteSession['run']) {
  const manager = createServiceManagers()(service)
  const lines: string[] = []
  const context = {
    session: { target: { name: 'web-1' }, run } as unknown as RemoteSession,
    env: { VESEMIR_VERSION: '2.0.0' },
    onLine: ({ text }: LogLine) => void lines.push(text),
    signal: new AbortController().signal,
  }
  const outcome: unknown = await manager.restart(service, context).catch((error: unknown) => error)
  await manager.tailLog(service, context).catch(() => {})
  return { outcome, lines }
}

test('a restart says how the service runs, by its last line', async () => {
  const asked: unknown[] = []
  const run: RemoteSession['run'] = async (_, { env, timeoutMs }) => {
    asked.push({ ...env, timeoutMs })
    return { stdout: 'noise\nshop.service is active (running), pid 7\n' }
  }

  const { outcome } = await restartAndTail(systemd, run)

  const env = { VESEMIR_UNIT: 'shop.service', VESEMIR_SCOPE: '', VESEMIR_SUDO: 'sudo -n', VESEMIR_VERSION: '2.0.0' }
  expect(outcome).toBe('shop.service is active (running), pid 7')
  expect(asked[0]).toEqual({ ...env, timeoutMs: 30_000 })
})

test.for([
  ['fails', new VesemirError('COMMAND_FAILED', 'exit status 1: shop.service is failed')],
  ['takes too long', new VesemirError('COMMAND_TIMED_OUT', 'took longer than 30 s')],
] as const)('a restart by a manager that %s names what was restarted, and where', async ([, cause]) => {
  const { outcome } = await restartAndTail(systemd, () => Promise.reject(cause))

  const message = `systemctl restart shop.service on web-1 did not succeed: ${cause.message}`
  expect(outcome).toMatchObject({ code: 'SERVICE_FAILED', message, cause })
})

test('a connection that is lost is no fault of the service', async () => {
  const lost = new VesemirError('SSH_CONNECTION_LOST', 'gone')

  expect((await restartAndTail(systemd, () => Promise.reject(lost))).outcome).toBe(lost)
})

test("a command's failure is passed on unchanged, and its service has no log", async () => {
  const failed = new VesemirError('COMMAND_FAILED', 'exit status 1')

  const { outcome, lines } = await restartAndTail(command, () => Promise.reject(failed))

  expect(outcome).toBe(failed)
  expect(lines).toEqual([])
})
