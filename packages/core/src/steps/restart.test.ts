import { expect, test } from 'vitest'
import type { ServiceManager } from '../ports/service-managers.ts'
import { aWalk } from '../testing/a-walk.ts'
import { restart } from './restart.ts'

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
