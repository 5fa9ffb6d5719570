import { expect, test } from 'vitest'
import type { Text } from '@vesemir/words'
import { failedStory, queued, viewOf } from '../testing/story.ts'
import { applicationLines, deploymentLines, hostLines } from './lists.ts'
import { paint } from './paint.ts'

test('sets deployments in columns', () => {
  const deployments = [viewOf([queued]).deployment, viewOf(failedStory).deployment]

  const lines = deploymentLines(deployments, { nowMs: Date.parse('2026-03-01T15:05:00.000Z'), timeZone: 'UTC' })

  expect(texts(lines)).toEqual([
    'id    application  version  environment  status  hosts  requested         took  by',
    'd-42  payments     2.0.0    production   queued         2026-03-01 15:04  59s   ada',
    'd-42  payments     2.0.0    production   failed  1/3    2026-03-01 15:04  20s   ada',
  ])
})

test('says beside deployments in progress what keeps their jobs waiting', () => {
  const deployments = [viewOf([queued]).deployment, viewOf(failedStory).deployment]
  const holds = [{ cluster: 'gcp-eu', reason: 'queue hosts-gcp-eu is paused' }]

  const lines = texts(deploymentLines(deployments, { nowMs: Date.parse('2026-03-01T15:05:00.000Z'), holds }))

  expect(lines[1]).toContain('queued, queue hosts-gcp-eu is paused')
  expect(lines[2]).not.toContain('paused')
})

test('sets applications in columns', () => {
  const lines = applicationLines([
    { name: 'payments', team: 'shop', cluster: 'gcp-eu', environments: { production: {}, staging: {} } },
    { name: 'api', description: 'The public API' },
  ])

  expect(texts(lines)).toEqual([
    'name      team  cluster  environments         description',
    'payments  shop  gcp-eu   production, staging',
    'api                      any                  The public API',
  ])
})

test('sets hosts in columns, and says last how one differs from what should run', () => {
  const host = {
    host: 'web-1',
    environment: 'production',
    inInventory: true,
    runs: { release: '2.0.0-ab12', version: '2.0.0', deployment: 'd-42', at: '2026-03-01T15:04:00.000Z' },
    traffic: 'restored' as const,
  }
  const { runs: _, ...bare } = host
  const drift = 'expected 2.0.0'

  const lines = hostLines(
    [
      host,
      { ...host, host: 'web-2', runs: { ...host.runs, version: '1.9.0' }, traffic: 'drained', drift },
      { ...bare, host: 'web-3', traffic: 'untouched', drift },
      { ...host, host: 'web-4', inInventory: false },
    ],
    { timeZone: 'UTC' },
  )

  expect(texts(lines)).toEqual([
    'host   environment  inventory  version  release     since             by    traffic    drift',
    'web-1  production   yes        2.0.0    2.0.0-ab12  2026-03-01 15:04  d-42  restored',
    'web-2  production   yes        1.9.0    2.0.0-ab12  2026-03-01 15:04  d-42  drained    expected 2.0.0',
    'web-3  production   yes                                                     untouched  expected 2.0.0',
    'web-4  production   no         2.0.0    2.0.0-ab12  2026-03-01 15:04  d-42  restored',
  ])
})

test('says of a host what it may run, in place of that its version is not proven', () => {
  const host = { host: 'web-1', environment: 'production', traffic: 'drained' as const }
  const at = '2026-03-01T15:04:00.000Z'
  const runs = { release: '1.0.0-ab12', version: '1.0.0', deployment: 'd-41', at, isVersionProven: false }
  const mayRun = { release: '2.0.0-cd34', version: '2.0.0', deployment: 'd-42', at }

  const lines = texts(
    hostLines([
      { ...host, runs, mayRun },
      { ...host, mayRun },
      { ...host, runs },
    ]),
  )

  expect(lines[1]).toContain('1.0.0 (may run 2.0.0)  1.0.0-ab12')
  expect(lines[2]).toMatch(/production +may run 2\.0\.0 +drained$/)
  expect(lines[3]).toContain('1.0.0 (not proven)')
})

function texts(lines: readonly Text[]): string[] {
  return lines.map((line) => paint(line, { colours: false }))
}
