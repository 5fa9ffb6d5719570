import type { LogFact, LogLine, StepName } from '@vesemir/contract'

export interface LogBatcher {
  add(step: StepName, line: LogLine): void
  /** Sends what waits, and tells the failure of any batch so far. */
  flush(): Promise<void>
}

type Batch = Pick<LogFact, 'step' | 'lines'>

const maxLines = 64
const maxLength = 16 * 1024
const maxDelayMs = 20
/** Past this the record does not keep up with a command's output: memory comes before completeness. */
const maxWaiting = 1000

/**
 * Gathers lines of output into batches, by step, number, length and time, and sends one batch after the other. A batch that
 * fails ends it: a log must not go on as if nothing was missing.
 */
export function createLogBatcher(send: (batch: Batch) => Promise<void>): LogBatcher {
  const full: Batch[] = []
  let open: Batch | undefined
  let openLength = 0
  let leftOut = 0
  let timer: NodeJS.Timeout | undefined
  let sent = Promise.resolve()

  const sendAll = async () => {
    for (let batch = full.shift(); batch; batch = full.shift()) await send(batch)
  }
  const noteLeftOut = () => {
    if (leftOut > 0) open?.lines.push(leftOutLine(leftOut))
    leftOut = 0
  }
  const close = () => {
    clearTimeout(timer)
    timer = undefined
    if (!open) return
    noteLeftOut()
    full.push(open)
    open = undefined
    openLength = 0
    sent = sent.then(sendAll)
    // The failure is told by flush.
    sent.catch(() => {})
  }
  return {
    add(step, line) {
      if (open?.step !== step) close()
      open ??= { step, lines: [] }
      if (full.length >= maxWaiting) {
        leftOut += 1
        return
      }
      noteLeftOut()
      open.lines.push(line)
      openLength += line.text.length
      if (open.lines.length >= maxLines || openLength >= maxLength) close()
      else timer ??= setTimeout(close, maxDelayMs)
    },
    flush() {
      close()
      return sent
    },
  }
}

function leftOutLine(count: number): LogLine {
  const lines = count === 1 ? '1 line is' : `${count} lines are`
  return { stream: 'stderr', text: `(${lines} left out here: the log could not keep up)` }
}
