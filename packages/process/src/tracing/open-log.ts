import { createLog, logConsole, type Log, type LogOptions } from '../log/index.ts'
import { openTracing, type TracingOptions } from './open-tracing.ts'
import type { Tracing } from './tracing.ts'

/**
 * Opens the log of a process, which takes what libraries write to the console too, and its traces, which the lines of the log name.
 * Throws as `openTracing`.
 */
export async function openLog({
  program,
  env,
  ...options
}: Omit<TracingOptions, 'onError'> & Omit<LogOptions, 'context'>): Promise<{ log: Log; tracing: Tracing | undefined }> {
  let tracing: Tracing | undefined
  // First: opening traces may complain, of a variable that is wrong.
  const log = createLog({ ...options, context: () => tracing?.fields() ?? {} })
  logConsole(log)
  tracing = await openTracing({ program, env, onError: (err) => log.warn({ err }, 'spans not exported') })
  return { log, tracing }
}
