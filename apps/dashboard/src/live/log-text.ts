import type { LogStore } from './log-store.ts'
import type { LogView } from './log-view.ts'
import { plainText } from './plain-text.ts'

/** Returns the lines of a view as text, without colours: each with its time in UTC, its host, and its step or task. */
export function logText(log: LogStore, view: LogView): string[] {
  return view.shown.flatMap((number) => {
    const entry = log.at(number)
    if (!entry) return []
    const { at, host: on = '-', step, task = '-', text } = entry
    return [`${at}\t${on}\t${step ?? task}\t${plainText(text)}\n`]
  })
}
