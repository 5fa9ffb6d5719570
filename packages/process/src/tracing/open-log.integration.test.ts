import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

test('a variable of OpenTelemetry that is wrong is told in the log, and ends nothing', () => {
  const module = new URL('./open-log.ts', import.meta.url).href
  const program = `
    import { openLog } from '${module}'
    const { log } = await openLog({ program: 'worker', env: process.env })
    log.info('started')`
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_EXPORTER_OTLP_TIMEOUT: '10s' }

  const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, ...env },
  })

  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { msg: string })
  expect(lines.map(({ msg }) => msg)).toEqual(['spans not exported', 'started'])
  expect(status).toBe(0)
})
