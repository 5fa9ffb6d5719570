import { expect, test } from 'vitest'
import { failureText } from './failure-text.ts'

const failure = { code: 'HEALTH_CHECK_FAILED', message: 'web-2 was not healthy in 60s' } as const

test('a failure as text has where, why, what to do and the last lines', () => {
  const hint = "Read the step's output: vesemir logs ID --host HOST"
  const text = failureText({ ...failure, hint, log: ['starting', 'no such table'] }, { id: 'd-42', host: 'web-2' })

  expect(text).toBe(
    [
      'd-42 web-2: web-2 was not healthy in 60s (HEALTH_CHECK_FAILED)',
      "What to do: Read the step's output: vesemir logs d-42 --host web-2",
      "End of the service's log:",
      'starting',
      'no such table',
      '',
    ].join('\n'),
  )
})

test('a failure as text leaves out what it does not have', () => {
  expect(failureText(failure, { id: 'd-42' })).toBe('d-42: web-2 was not healthy in 60s (HEALTH_CHECK_FAILED)\n')
})
