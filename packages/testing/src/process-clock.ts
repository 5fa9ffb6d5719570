import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A time of day of its own for a process, which can be set while that runs. Its monotonic time is the machine's. */
export interface ProcessClock {
  /** Environment variables for the process. */
  env: Readonly<Record<string, string>>
  /** Sets it to so many seconds ahead of the machine's clock; negative, behind. */
  setAhead(seconds: number): Promise<void>
}

/** Makes a clock by libfaketime (Debian's package faketime), with a file of its own in the folder. */
export async function createProcessClock(
  folder: string,
  { name = 'clock', aheadSeconds = 0 } = {},
): Promise<ProcessClock> {
  const file = join(folder, name)
  const setAhead = async (seconds: number) => {
    // The process reads it with each look at its clock: never half of it.
    await writeFile(`${file}.new`, `${seconds < 0 ? '' : '+'}${seconds}s\n`)
    await rename(`${file}.new`, file)
  }
  await setAhead(aheadSeconds)
  return {
    env: {
      // ld.so(8) puts the system's folder of libraries for $LIB. The C library comes before Redis's jemalloc, which asks for
      // the time while libfaketime gets ready: each would wait for the other for ever.
      LD_PRELOAD: '/usr/$LIB/faketime/libfaketimeMT.so.1 libc.so.6',
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
    setAhead,
  }
}
