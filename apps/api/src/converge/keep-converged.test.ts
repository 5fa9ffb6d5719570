import { VesemirError } from '@vesemir/core'
import { expect, it } from 'vitest'
import { holdDueRounds } from './keep-converged.ts'

it('logs what fails at every look once, again when it changes, and again after it was well', async () => {
  const broken = new VesemirError('RECORD_INVALID', 'what should run in Redis is invalid: not JSON')
  const other = new VesemirError('RECORD_INVALID', 'what should run in Redis is invalid: wrong fields: release')
  const looks: (VesemirError | undefined)[] = [broken, broken, broken, other, other, undefined, other]
  const logged: string[] = []
  const place = { application: 'payments', every: '15m', by: undefined }
  const log = { info: () => {}, warn: () => {}, error: ({ err }: { err: Error }) => void logged.push(err.message) }
  const failures = new Map<string, string>()

  for (const failure of looks) {
    const ports = {
      applications: {
        listSchedules: async () => ['production', 'staging'].map((environment) => ({ ...place, environment })),
      },
      hostHistory: {
        async readWanted({ environment }: { environment: string }) {
          if (failure && environment === 'production') throw failure
          return {}
        },
      },
      convergeRounds: { begin: async () => undefined },
      log,
    }
    await holdDueRounds(ports as never, { signal: new AbortController().signal, failures })
  }

  expect(logged).toEqual([broken.message, other.message, other.message])
})
