import type { LogStore } from '../live/log-store.ts'
import type { LogView } from '../live/log-view.ts'
import { plainText } from '../live/plain-text.ts'

/** Saves the lines of a view as a text file, without colours, each with its time, host and step. */
export function downloadLog(
  log: LogStore,
  view: LogView,
  { id, host }: { id: string; host: string | undefined },
): void {
  const lines = view.shown.flatMap((number) => {
    const entry = log.at(number)
    if (!entry) return []
    const { at, host: on = '-', step = '-', text } = entry
    return [`${at}\t${on}\t${step}\t${plainText(text)}\n`]
  })
  const address = URL.createObjectURL(new Blob(lines, { type: 'text/plain;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = address
  link.download = host === undefined ? `${id}.log` : `${id}-${host}.log`
  link.click()
  URL.revokeObjectURL(address)
}
