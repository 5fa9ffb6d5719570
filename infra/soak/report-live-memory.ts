// Loaded before a process's own program, with --expose-gc: on SIGUSR2 it collects its garbage, and writes what lives to a file.
import { renameSync, writeFileSync } from 'node:fs'
import { reportOf } from './live-memory.ts'

process.on('SIGUSR2', () => {
  // What a finalizer lets go in the first is collected in the second.
  globalThis.gc!()
  globalThis.gc!()
  const { heapUsed, external } = process.memoryUsage()
  const file = reportOf(process.pid, process.env.HOME!)
  writeFileSync(`${file}.new`, String(heapUsed + external))
  renameSync(`${file}.new`, file)
})
