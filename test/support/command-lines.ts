import { readdir, readFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'

/** The command lines of all processes of this machine, which is every host of a fleet. */
export interface CommandLines extends AsyncDisposable {
  /** All that were seen so far. */
  seen: ReadonlySet<string>
  /** Waits until one is seen that has a text in it. */
  until: (text: string) => Promise<void>
}

const pauseMs = 10

/** Samples command lines, as `ps` shows them, until it is disposed of. */
export function sampleCommandLines(): CommandLines {
  const seen = new Set<string>()
  const over = new AbortController()
  const sampling = (async () => {
    while (!over.signal.aborted) {
      for (const line of await readCommandLines()) seen.add(line)
      await setTimeout(pauseMs)
    }
  })()
  return {
    seen,
    async until(text) {
      while (![...seen].some((line) => line.includes(text)) && !over.signal.aborted) await setTimeout(pauseMs)
    },
    async [Symbol.asyncDispose]() {
      over.abort()
      await sampling
    },
  }
}

async function readCommandLines(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  // A process may have ended meanwhile.
  return Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
}
