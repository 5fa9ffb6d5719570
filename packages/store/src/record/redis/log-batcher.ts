import type { LogFact, LogLine, StepName } from '@vesemir/contract'

export interface LogBatcher {
  /** Gives a promise when the record does not keep up: the next line had better wait for it. */
  add(step: StepName, line: LogLine): Promise<void> | undefined
  /** Sends what waits, and tells the failure of any batch so far. */
  flush(): Promise<void>
}

type Batch = Pick<LogFact, 'step' | 'lines'>

const maxLines = 512
const maxLength = 16 * 1024
const maxDelayMs = 20
/** So many batches may be on their way; past this, whoever reads the output is asked to wait. */
const mostWaiting = 8

/**
 * Gathers lines of output into batches, by step, number, length and time, and sends one batch after the other. A batch that
 * fails ends it: a log must not go on as if nothing was missing. What comes afterwards is dropped, and nobody waits for it.
 */
export function createLogBatcher(send: (batch: Batch) => Promise<void>): LogBatcher {
  let open: Batch | undefined
  let openLength = 0
  let timer: NodeJS.Timeout | undefined
  let sent = Promise.resolve()
  let waiting = 0
  let hasFailed = false
  let room: PromiseWithResolvers<void> | undefined

  const sendNext = async (batch: Batch) => {
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
    add(step, line) {
      if (hasFailed) return undefined
      if (open?.step !== step) close()
      open ??= { step, lines: [] }
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
