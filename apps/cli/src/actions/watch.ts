import { setTimeout as sleep } from 'node:timers/promises'
import { ApiError } from '@vesemir/contract'
import type { Text } from '@vesemir/words'
import { exitCodes } from '../exit-codes.ts'
import { jsonLine } from '../render/json.ts'
import { connectionLine } from '../render/lines.ts'
import { createScreen, type Terminal } from '../render/screen.ts'
import type { Session } from '../session.ts'

interface Watched<Value> {
  read: (signal: AbortSignal) => Promise<Value>
  toLines: (value: Value, nowMs: number) => Text[]
  /** What JSON shows of it; all of it by default. */
  toJson?: ((value: Value) => unknown) | undefined
  /** The exit code when there is nothing more to watch. */
  exitOf?: (value: Value) => number | undefined
  /** From one look to the next; 1 s. */
  intervalMs?: number
}

/**
 * Shows something again and again, until it is over or Ctrl-C: in place on a terminal, elsewhere only what has changed, and
 * in JSON one line each time. An API that is away for a while is waited for.
 */
export async function watch<Value>(session: Session, watched: Watched<Value>): Promise<number> {
  const { read, toLines, toJson, exitOf, intervalMs = 1000 } = watched
  const show = openPicture(session, { toLines, toJson })
  const stopping = new AbortController()
  const stop = () => stopping.abort()
  process.once('SIGINT', stop)
  try {
    let value: Value | undefined
    for (;;) {
      const news = await readOrLose(read, { signal: stopping.signal, isFirst: value === undefined })
      if (news instanceof ApiError) show.lost(news)
      else show.value((value = news))
      const exit = value === undefined || news instanceof ApiError ? undefined : exitOf?.(value)
      if (exit !== undefined) return exit
      await sleep(intervalMs, undefined, { signal: stopping.signal })
    }
  } catch (error) {
    if (stopping.signal.aborted) return exitCodes.interrupted
    throw error
  } finally {
    process.off('SIGINT', stop)
  }
}

/** A first look that fails is an error; later, an API that may come back is waited for. */
async function readOrLose<Value>(
  read: Watched<Value>['read'],
  { signal, isFirst }: { signal: AbortSignal; isFirst: boolean },
): Promise<Value | ApiError> {
  try {
    return await read(signal)
  } catch (error) {
    if (!isFirst && error instanceof ApiError && error.isPassing) return error
    throw error
  }
}

interface Picture<Value> {
  value: (value: Value) => void
  lost: (error: ApiError) => void
}

function openPicture<Value>(session: Session, shown: Pick<Watched<Value>, 'toLines' | 'toJson'>): Picture<Value> {
  const { terminal } = session
  return terminal && !session.json ? inPlace(terminal, shown.toLines) : oneAfterAnother(session, shown)
}

function inPlace<Value>(terminal: Terminal, toLines: Watched<Value>['toLines']): Picture<Value> {
  const screen = createScreen(terminal)
  let last: Value | undefined
  const draw = (below: Text[]) => {
    const { columns, rows } = terminal
    const lines = last === undefined ? [] : toLines(last, Date.now())
    screen.show({ story: [], region: [...lines.slice(0, rows - 1 - below.length), ...below], columns })
  }
  return {
    value: (value) => {
      last = value
      draw([])
    },
    lost: (error) => draw([connectionLine({ state: 'lost', error })]),
  }
}

function oneAfterAnother<Value>(
  { json, print, write, notify }: Session,
  { toLines, toJson = (value) => value }: Pick<Watched<Value>, 'toLines' | 'toJson'>,
): Picture<Value> {
  let last: string | undefined
  let isLost = false
  return {
    value: (value) => {
      isLost = false
      const text = jsonLine(toJson(value))
      if (text === last) return
      if (json) write(text)
      else [...(last === undefined ? [] : [[]]), ...toLines(value, Date.now())].forEach(print)
      last = text
    },
    lost: (error) => {
      if (!isLost) notify(connectionLine({ state: 'lost', error }))
      isLost = true
    },
  }
}
