import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

const execFileAsync = promisify(execFile)

/** Gives the absolute path of a program; also looks where only root's PATH leads. */
export function findProgram(name: string): string {
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/local/sbin',
    '/usr/sbin',
    '/sbin',
    '/usr/bin',
    '/bin',
  ]
  const found = folders.map((folder) => join(folder || '/', name)).find((path) => existsSync(path))
  if (found === undefined) throw new Error(`${name} is not installed: it is neither on PATH nor in /usr/sbin`)
  return found
}

/** Runs a program to its end and gives its output; the error of one that fails has its words. */
export async function runProgram(name: string, args: string[]): Promise<string> {
  const { stdout } = await execFileAsync(findProgram(name), args)
  return stdout
}
