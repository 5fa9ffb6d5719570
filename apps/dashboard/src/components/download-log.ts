import { logText } from '../live/log-text.ts'
import type { LogStore } from '../live/log-store.ts'
import type { LogView } from '../live/log-view.ts'

/** Saves the lines of a view as a text file. */
export function downloadLog(
  log: LogStore,
  view: LogView,
  { id, part }: { id: string; part: string | undefined },
): void {
  const address = URL.createObjectURL(new Blob(logText(log, view), { type: 'text/plain;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = address
  link.download = part === undefined ? `${id}.log` : `${id}-${part}.log`
  link.click()
  URL.revokeObjectURL(address)
}
