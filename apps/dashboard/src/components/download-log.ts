import type { LogStore } from '../live/log-store.ts'
import type { LogView } from '../live/log-view.ts'
import { plainText } from '../live/plain-text.ts'

/** Saves the lines of a view as a text file, without colours, each with its time, host and step or task. */
export function downloadLog(
  log: LogStore,
  view: LogView,
  { id, part }: { id: string; part: string | undefined },
): void {
  const lines = view.shown.flatMap((number) => {
    const entry = log.at(number)
    if (!entry) return []
    const { at, host: on = '-', step, task = '-', text } = entry
    return [`${at}\t${on}\t${step ?? task}\t${plainText(text)}\n`]
  })
  const address = URL.createObjectURL(new Blob(lines, { type: 'text/plain;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = address
  link.download = part === undefined ? `${id}.log` : `${id}-${part}.log`
  link.click()
  URL.revokeObjectURL(address)
}
