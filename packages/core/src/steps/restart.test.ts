import { expect, test } from 'vitest'
import { VesemirError } from '../errors.ts'
import type { ServiceManager } from '../ports/service-managers.ts'
import { aWalk } from '../testing/a-walk.ts'
import { restart } from './restart.ts'

const failed = new VesemirError('SERVICE_FAILED', 'systemctl restart shop on web-1 did not succeed')

/** A manager whose restart fails, and whose log says why. */
const failing: ServiceManager = {
  restart: () => Promise.reject(failed),
  prove: async () => {},
  tailLog: async (_, { onLine }) => onLine({ stream: 'stdout', text: 'port in use' }),
}

test('a service that is restarted says how it runs, and knows the version', async () => {
  const asked: unknown[] = []
  const manager: Partial<ServiceManager> = {
    restart: async (_, { env, session }) => {
      asked.push({ version: env.VESEMIR_VERSION, host: session.target.name })
      return 'shop is active, pid 7'
    },
  }
  const { walk } = aWalk({ step: 'restart', spec: {}, manager })

  const note = await restart.run(walk)

  expect(note).toBe('shop is active, pid 7')
  expect(asked).toEqual([{ version: '2.0.0', host: 'web-1' }])
})

test('a service whose restart fails shows its log', async () => {
  const { walk, lines } = aWalk({ step: 'restart', spec: {}, manager: failing })

  await expect(restart.run(walk)).rejects.toBe(failed)
  expect(lines).toEqual(['port in use'])
})

test('a log that cannot be read hides nothing', async () => {
  const tailLog = () => Promise.reject(new VesemirError('SSH_CONNECTION_LOST', 'gone'))
  const { walk, lines } = aWalk({ step: 'restart', spec: {}, manager: { ...failing, tailLog } })

  await expect(restart.run(walk)).rejects.toBe(failed)
  expect(lines).toEqual([])
})
