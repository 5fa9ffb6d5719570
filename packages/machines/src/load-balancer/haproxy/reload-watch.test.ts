import { expect, test } from 'vitest'
import { ReloadWatch } from './reload-watch.ts'

/** A box whose time passes only while somebody sleeps, and which is asked something else at times. */
function aBox({ askedEveryMs, process }: { askedEveryMs: number; process: (nowMs: number) => string }) {
  let nowMs = 0
  let heardAtMs = -Infinity
  let lastProcess = process(0)
  const hear = () => {
    heardAtMs = nowMs
    lastProcess = process(nowMs)
  }
  const questionsAtMs: number[] = []
  const box = {
    get lastProcess() {
      return lastProcess
    },
    sinceHeardMs: () => nowMs - heardAtMs,
    async readProcess() {
      questionsAtMs.push(nowMs)
      hear()
      return lastProcess
    },
  }
  const clock = {
    async sleep(ms: number) {
      for (const endMs = nowMs + ms; nowMs < endMs;) {
        nowMs += 1
        if (nowMs % askedEveryMs === 0) hear()
      }
      await new Promise(setImmediate)
    },
  }
  return { box, clock, questionsAtMs, now: () => nowMs }
}

test.for([
  ['asks a box that nobody else asks as often as the watcher wants', Infinity, [0, 20, 40, 60, 80]],
  ['asks nothing of a box of which is heard that often anyway', 10, [0]],
  ['asks a box of which is heard less often only after it was silent for that long', 35, [0, 20, 55, 90]],
] as const)('%s', async ([, askedEveryMs, questions]) => {
  const { box, clock, questionsAtMs, now } = aBox({ askedEveryMs, process: () => 'old' })
  const watching = new AbortController()

  const watched = new ReloadWatch(box, clock as never).untilReloaded({ noticeMs: 20, signal: watching.signal })
  while (now() < 100) await new Promise(setImmediate)
  watching.abort(new Error('enough'))

  await expect(watched).rejects.toThrow('enough')
  expect(questionsAtMs.filter((atMs) => atMs < 100)).toEqual(questions)
})

test.for([Infinity, 7])(
  'tells of another process within the time, heard of every %d ms or not',
  async (askedEveryMs) => {
    const { box, clock, now } = aBox({ askedEveryMs, process: (nowMs) => (nowMs >= 45 ? 'new' : 'old') })

    await new ReloadWatch(box, clock as never).untilReloaded({ noticeMs: 20, signal: new AbortController().signal })

    expect(now()).toBeGreaterThanOrEqual(45)
    expect(now()).toBeLessThanOrEqual(45 + 2 * 20)
  },
)
