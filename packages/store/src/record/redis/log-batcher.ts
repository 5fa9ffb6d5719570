import type { LogLine } from '@vesemir/contract'

/** Takes lines of output, each of a step or a task. */
export interface LogBatcher<Place extends string> {
  /** Gives a promise when the record does not keep up: the next line had better wait for it. */
  add(place: Place, line: LogLine): Promise<void> | undefined
  /** Sends what waits, and tells the failure of any batch so far. */
  flush(): Promise<void>
}

interface Batch<Place extends string> {
  place: Place
  lines: LogLine[]
}

const maxLines = 512
const maxLength = 16 * 1024
const maxDelayMs = 20
/** So many batches may be on their way; past this, whoever reads the output is asked to wait. */
const mostWaiting = 8

/**
 * Gathers lines of output into batches, by place, number, length and time, and sends one batch after the other. A batch that
 * fails ends it: a log must not go on as if nothing was missing. What comes afterwards is dropped, and nobody waits for it.
 */
export function createLogBatcher<Place extends string>(
  send: (batch: Batch<Place>) => Promise<void>,
): LogBatcher<Place> {
  let open: Batch<Place> | undefined
  let openLength = 0
  let timer: NodeJS.Timeout | undefined
  let sent = Promise.resolve()
  let waiting = 0
  let hasFailed = false
  let room: PromiseWithResolvers<void> | undefined

  const sendNext = async (batch: Batch<Place>) => {
    await send(batch)
    waiting -= 1
    if (waiting < mostWaiting) makeRoom()
  }
  const makeRoom = () => {
    room?.resolve()
    room = undefined
  }
  const close = () => {
    clearTimeout(timer)
    timer = undefined
    if (!open) return
    const batch = open
    open = undefined
    openLength = 0
    waiting += 1
    sent = sent.then(() => sendNext(batch))
    // The failure is told by flush.
    sent.catch(() => {
      hasFailed = true
      makeRoom()
    })
  }
  return {
    add(place, line) {
      if (hasFailed) return undefined
      if (open?.place !== place) close()
      open ??= { place, lines: [] }
      open.lines.push(line)
      openLength += line.text.length
      if (open.lines.length >= maxLines || openLength >= maxLength) close()
      else timer ??= setTimeout(close, maxDelayMs)
      if (waiting < mostWaiting) return undefined
      room ??= Promise.withResolvers()
      return room.promise
    },
    flush() {
      close()
      return sent
    },
  }
}
