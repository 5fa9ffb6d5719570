import { describe, expect, test } from 'vitest'
import { readNode } from './node.ts'
import { ChefOptions } from './options.ts'
import { excludeStaleNodes } from './stale-nodes.ts'

const hourMs = 3_600_000
const nowMs = Date.parse('2026-11-24T12:00:00Z')
const { attributes } = ChefOptions.parse({ kind: 'chef' })
const seen = (name: string, hoursAgo: number) =>
  readNode({ name, ohaiTime: (nowMs - hoursAgo * hourMs) / 1000 + 0.25 }, attributes)
const unseen = readNode({ name: 'unseen', ohaiTime: 'ERROR: none' }, attributes)
const nodes = [seen('fresh', 1), seen('tired', 25), seen('gone', 240), unseen]

const sortOut = (onStale: 'tell' | 'skip' | 'refuse', of = nodes) =>
  excludeStaleNodes(of, { staleAfterMs: 24 * hourMs, onStale, nowMs })
const told = 'chef-client has not run for long: tired (24 hours ago), gone (9 days ago), unseen (never)'

describe('nodes that have not checked in for long', () => {
  test('are reported', () => {
    expect(sortOut('tell')).toEqual({ nodes, warnings: [told] })
  })

  test('are skipped, with a warning', () => {
    expect(sortOut('skip')).toEqual({ nodes: [nodes[0]], warnings: [`skipped, since ${told}`] })
  })

  test('are refused', () => {
    expect(() => sortOut('refuse')).toThrow(
      expect.objectContaining({ code: 'HOST_STALE', message: told, details: { hosts: ['tired', 'gone', 'unseen'] } }),
    )
  })

  test('are refused when skipping them would leave none', () => {
    expect(() => sortOut('skip', [unseen])).toThrow(expect.objectContaining({ code: 'HOST_STALE' }))
  })

  test('are counted beyond five', () => {
    const many = Array.from({ length: 7 }, (_, index) => seen(`web${index}`, 48))

    expect(sortOut('tell', many).warnings[0]).toMatch(/web4 \(47 hours ago\), and 2 more$/)
  })
})

test.each(['tell', 'skip', 'refuse'] as const)('nodes that have checked in need no word (%s)', (onStale) => {
  const fresh = [seen('web1', 0.5), seen('clock-ahead', -1)]

  expect(sortOut(onStale, fresh)).toEqual({ nodes: fresh, warnings: [] })
})
