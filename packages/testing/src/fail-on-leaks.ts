import assert from 'node:assert/strict'
import { afterEach, beforeEach, vi } from 'vitest'

/** Makes each test of a file fail that leaves a socket, server or child process open. */
export function failOnLeaks(): void {
  let before: Record<string, number> = {}
  beforeEach(() => {
    before = openHandles()
  })
  const check = () => assert.deepEqual(openHandles(), before, 'a test left something open')
  afterEach(() => vi.waitFor(check, { interval: 5 }))
}

// Timers cannot be told from vitest's own here.
function openHandles(): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) {
    if (/^(?:TCP|Process|FSReq|GetAddrInfo)/.test(kind)) counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}
