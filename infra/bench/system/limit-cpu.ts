import { join } from 'node:path'
import { findProgram } from '../../fleet/programs.ts'
import { startPart, type Part } from './start-part.ts'

/**
 * Holds a process, its threads included, to a share of a core until it is disposed of: it is stopped and continued several
 * times a second. It gets up to a fifth more than its share. Must be disposed of before the process is, which may be stopped
 * at that moment.
 */
export async function limitCpu(pid: number, { share, dir }: { share: number; dir: string }): Promise<Part> {
  return startPart({
    name: 'cpulimit',
    command: findProgram('cpulimit'),
    args: ['--lazy', '--quiet', `--pid=${pid}`, `--limit=${Math.round(share * 100)}`],
    outputFile: join(dir, `cpulimit-${pid}.log`),
    isReady: () => true,
  })
}
