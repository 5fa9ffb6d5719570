import type { AuditEntry } from '@vesemir/contract'
import { expect, test } from 'vitest'
import { aSession } from '../testing/a-session.ts'
import { startFakeApi } from '../testing/fake-api.ts'
import { exportAudit, listAudit, verifyAudit } from './audit.ts'

const anEntry = (seq: number, changes: Partial<AuditEntry> = {}): AuditEntry => ({
  seq,
  at: '2026-03-01T12:00:00.000Z',
  who: 'ada',
  address: '10.1.2.3',
  action: 'deleteLock',
  outcome: 'succeeded',
  subject: { application: 'payments', environment: 'production' },
  hash: 'ab12',
  ...changes,
})

test('lists who did what, where and from where, and why it was refused', async () => {
  const entries = [anEntry(2, { outcome: 'refused', code: 'FORBIDDEN' }), anEntry(1)]
  await using api = await startFakeApi({
    answers: {
      'GET /v1/audit?who=ada&action=putLock&since=2026-02-01T00%3A00%3A00.000Z&until=2026-03-01T00%3A00%3A00.000Z&limit=50':
        [200, { entries }],
    },
  })
  const { session, output } = aSession(api.url)

  await listAudit({ who: 'ada', action: 'putLock', since: '2026-02-01', until: '2026-03-01', limit: '50' }, session)

  expect(output.stdout).toMatch(/ada +deleteLock +payments production +FORBIDDEN +10\.1\.2\.3/)
  await expect(listAudit({ since: 'soon', limit: '50' }, session)).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
  await expect(listAudit({ until: 'soon', limit: '50' }, session)).rejects.toThrow('--until: "soon"')
})

test('exports all pages as lines of JSON, oldest first', async () => {
  await using api = await startFakeApi({
    answers: { 'GET /v1/audit?limit=500': [200, { entries: [anEntry(2), anEntry(1)] }] },
  })
  const { session, output } = aSession(api.url)

  await exportAudit({}, session)

  expect(
    output.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as AuditEntry).seq),
  ).toEqual([1, 2])
})

test('ends as failed when the log is not whole', async () => {
  const problems = [{ seq: 3, problem: '1 entry is missing before it' }]
  const answer = { entries: 3, head: 'ab12', problems }
  await using api = await startFakeApi({ answers: { 'GET /v1/audit/verification': [200, answer] } })
  const { session, output } = aSession(api.url)

  expect(await verifyAudit(session)).toBe(1)
  expect(output.stdout).toBe('entry 3: 1 entry is missing before it\n')
})
