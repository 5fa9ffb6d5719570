import { expect, test } from 'vitest'
import { createLog } from './create-log.ts'

/** As ioredis makes them: the command that failed hangs on the error, with its arguments. */
function redisError(): Error {
  const command = { name: 'hello', args: ['3', 'AUTH', 'default', 'hunter2'] }
  return Object.assign(new Error('WRONGPASS invalid username-password pair or user is disabled.'), {
    command,
    code: 'WRONGPASS',
  })
}

test.each<[string, (log: ReturnType<typeof createLog>) => void]>([
  ['as err', (log) => log.warn({ err: redisError() }, 'failed')],
  ['by itself', (log) => log.warn(redisError())],
  ['at another key', (log) => log.warn({ reason: redisError() }, 'failed')],
  ['as a cause', (log) => log.warn({ err: new Error('failed', { cause: redisError() }) })],
  ['among several', (log) => log.warn({ err: new AggregateError([redisError()], 'failed') })],
  ['in a list', (log) => log.warn({ jobs: [{ reason: redisError() }] }, 'failed')],
  ['bound to a child', (log) => log.child({ err: redisError() }).warn('failed')],
  ['by a child with serializers of its own', (log) => log.child({}, { serializers: {} }).warn({ err: redisError() })],
])('says what an error is that is logged %s, and nothing of what hangs on it', (_, write) => {
  const { log, lines } = aLog()

  write(log)

  expect(lines[0]).toContain('WRONGPASS')
  expect(lines[0]).not.toContain('hunter2')
})

test('keeps code, stack and causes of an error', () => {
  const { log, lines } = aLog()

  log.error({ err: new Error('failed', { cause: redisError() }), attempt: 2 }, 'job failed')

  expect(JSON.parse(lines[0]!)).toMatchObject({
    attempt: 2,
    msg: 'job failed',
    err: {
      message: 'failed',
      stack: expect.stringContaining('create-log.test.ts') as string,
      cause: { code: 'WRONGPASS' },
    },
  })
})

test('writes the level as a word and the time in ISO 8601, from the least level on that is wanted', () => {
  const { log, lines } = aLog('warn')

  log.info('not this')
  log.warn('this')

  expect(lines).toHaveLength(1)
  expect(JSON.parse(lines[0]!)).toEqual({
    level: 'warn',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
    msg: 'this',
  })
})

function aLog(level?: string) {
  const lines: string[] = []
  const log = createLog({
    ...(level === undefined ? {} : { level }),
    stream: { write: (line) => void lines.push(line) },
  })
  return { log, lines }
}
