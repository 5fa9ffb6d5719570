import { format } from 'node:util'
import type { Log } from './create-log.ts'

/** Has the log take what Node.js and libraries would write to stdout and stderr in forms of their own: warnings, and `console`. */
export function logConsole(log: Pick<Log, 'info' | 'warn' | 'error'>): void {
  process.removeAllListeners('warning').on('warning', (err) => log.warn({ err }, 'warning of Node.js'))
  console.log = console.info = (...words) => log.info(format(...words))
  console.warn = (...words) => log.warn(format(...words))
  console.error = (...words) => log.error(format(...words))
}
