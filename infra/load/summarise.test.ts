import { expect, test } from 'vitest'
import { summarise } from './summarise.ts'

const sentAt = new Date('2026-01-02T03:04:05Z')

test('counts failures by reason and good answers by version, with percentiles of the good ones', () => {
  const good = Array.from({ length: 100 }, (_, index) => ({
    version: index < 60 ? '1.0.0' : '2.0.0',
    sentAt,
    durationMs: index + 1,
  }))

  const summary = summarise([
    ...good,
    { failure: 'ECONNRESET', sentAt, durationMs: 900 },
    { failure: 'status 503', sentAt, durationMs: 1 },
    { version: '2.0.0', sentAt, durationMs: 50, wasResent: true },
  ])

  expect(summary).toEqual({
    total: 103,
    failed: 2,
    resent: 1,
    failures: { ECONNRESET: 1, 'status 503': 1 },
    lost: [
      { failure: 'ECONNRESET', sentAt, durationMs: 900 },
      { failure: 'status 503', sentAt, durationMs: 1 },
    ],
    versions: { '1.0.0': 60, '2.0.0': 41 },
    p50Ms: 50,
    p99Ms: 99,
  })
})

test('no answers make an empty summary', () => {
  expect(summarise([])).toEqual({
    total: 0,
    failed: 0,
    resent: 0,
    failures: {},
    lost: [],
    versions: {},
    p50Ms: 0,
    p99Ms: 0,
  })
})
