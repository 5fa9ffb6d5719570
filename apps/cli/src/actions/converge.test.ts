import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { aSession } from '../testing/a-session.ts'
import { startFakeApi } from '../testing/fake-api.ts'
import { converge } from './converge.ts'

const path = 'POST /v1/applications/payments/convergence'
const found = { version: '1.4.2', since: 'd-5' }

function anApi(answer: object) {
  return startFakeApi({ answers: { [path]: [200, answer] } })
}

test('names the hosts that are behind, those that are left out, and the deployment', async () => {
  const only = {
    behind: [{ host: 'web-2', why: 'has no release; 1.4.2 was deployed to it' }],
    leftOut: [{ host: 'web-3', why: 'web-3 refused the connection' }],
    upToDate: 18,
  }
  await using api = await anApi({ ...found, only, id: 'd-42' })
  const { session, output } = aSession(api.url)
  const options = { environment: 'production', reason: 'new machine', detach: true }

  const exit = await converge('payments', options, session)

  expect(api.requests[0]).toMatchObject({ body: { environment: 'production', reason: 'new machine' } })
  expect(output.stderr).toContain(
    [
      '1.4.2 of payments should run in production, since d-5',
      '1 host behind, 18 up to date',
      'web-2: has no release; 1.4.2 was deployed to it',
      'left out: web-3: web-3 refused the connection',
    ].join('\n'),
  )
  expect([exit, output.stdout]).toEqual([0, 'd-42\n'])
})

test('succeeds without a deployment where nothing is behind', async () => {
  await using api = await anApi({ ...found, only: { behind: [], leftOut: [], upToDate: 20 } })
  const { session, output } = aSession(api.url)

  const exit = await converge('payments', { environment: 'production' }, session)

  expect([exit, output.stdout]).toEqual([0, 'nothing is behind 1.4.2: 20 hosts run it\n'])
})

test.each([
  ['nothing else is behind', { behind: [] }, {}],
  ['others are brought up', { behind: [{ host: 'web-2', why: 'runs 1.4.1' }] }, { id: 'd-42' }],
])('exits as incomplete where a host could not be asked, and %s', async (_, behind, deployment) => {
  const leftOut = [{ host: 'web-3', why: 'web-3 refused the connection', isUnasked: true }]
  await using api = await anApi({ ...found, only: { ...behind, leftOut, upToDate: 18 }, ...deployment })

  const exit = await converge('payments', { environment: 'production', detach: true }, aSession(api.url).session)

  expect(exit).toBe(9)
})

test('does not say that nothing is behind where a host is left out that failed before, and exits as incomplete', async () => {
  const leftOut = [{ host: 'web-3', why: 'failed in d-4: vesemir retry d-4', failedIn: 'd-4' }]
  await using api = await anApi({ ...found, only: { behind: [], leftOut, upToDate: 18 } })
  const { session, output } = aSession(api.url)

  const exit = await converge('payments', { environment: 'production' }, session)

  expect([exit, output.stdout]).toEqual([
    9,
    'not all hosts are known to run 1.4.2: 18 hosts run it; left out: web-3 (failed in d-4: vesemir retry d-4)\n',
  ])
})

test('names the first twenty hosts that are left out, and counts the others', async () => {
  const leftOut = Array.from({ length: 23 }, (_, index) => ({ host: `web-${index}`, why: 'runs its own' }))
  const only = { behind: [{ host: 'db-1', why: 'runs 1.4.1' }], leftOut, upToDate: 0 }
  await using api = await anApi({ ...found, only })
  const { session, output } = aSession(api.url)

  await converge('payments', { environment: 'production', plan: true }, session)

  const lines = output.stdout.split('\n').filter((line) => line.startsWith('left out: '))
  expect([lines.length, lines.at(-1)]).toEqual([21, 'left out: 3 more hosts'])
})

describe('with reports', () => {
  const leftOut = [
    { host: 'web-3', why: 'web-3 refused the connection', isUnasked: true },
    { host: 'web-4', why: 'should run 1.5.0, deployed by d-7 to some hosts' },
  ]
  const folder = mkdtempSync(join(tmpdir(), 'vesemir-converge-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const files = { junit: join(folder, 'report.xml'), summary: join(folder, 'summary.md') }

  test('writes what the hosts said where none is deployed to', async () => {
    await using api = await anApi({ ...found, only: { behind: [], leftOut, upToDate: 18 } })
    const shown = join(folder, 'shown.md')
    const { session } = aSession(api.url, { ci: { summaryFile: shown } as never })

    await converge('payments', { environment: 'production', ...files }, session)

    expect(readFileSync(files.junit, 'utf8')).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="payments 1.4.2 to production" tests="2" failures="0" errors="0" skipped="1" time="0.000">\
<testsuite name="payments 1.4.2 to production" tests="2" failures="0" errors="0" skipped="1" time="0.000">\
<testcase name="hosts that are behind 1.4.2" classname="payments.production"></testcase>
<testcase name="web-3" classname="payments.production"><skipped message="web-3 refused the connection"></skipped>
</testcase>
</testsuite>
</testsuites>
`)
    expect(readFileSync(files.summary, 'utf8')).toBe(`\
## payments 1.4.2 to production: no deployment

not all hosts are known to run 1.4.2: 18 hosts run it; left out: web-3 \\(web-3 refused the connection\\), web-4 \\(should run 1.5.0, deployed by d-7 to some hosts\\)
`)
    expect(readFileSync(shown, 'utf8')).toBe(readFileSync(files.summary, 'utf8'))
  })

  test('asks for nothing where they cannot be written', async () => {
    await using api = await anApi(found)
    const junit = join(folder, 'none', 'report.xml')

    const asked = converge('payments', { environment: 'production', junit }, aSession(api.url).session)

    await expect(asked).rejects.toThrow(`--junit: cannot write ${junit}: ENOENT`)
    expect(api.requests).toEqual([])
  })
})

test('with --host asks for this host alone', async () => {
  await using api = await anApi({ ...found, only: { behind: [], leftOut: [], upToDate: 1 } })

  await converge('payments', { environment: 'production', host: 'web-12' }, aSession(api.url).session)

  expect(api.requests[0]).toMatchObject({ body: { environment: 'production', host: 'web-12' } })
})

test('with --plan only finds out', async () => {
  await using api = await anApi({ ...found, only: { behind: [], leftOut: [], upToDate: 20 } })
  const { session, output } = aSession(api.url, { json: true })

  await converge('payments', { environment: 'production', plan: true }, session)

  expect(api.requests[0]).toMatchObject({ body: { environment: 'production', dryRun: true } })
  expect(JSON.parse(output.stdout)).toMatchObject(found)
})
