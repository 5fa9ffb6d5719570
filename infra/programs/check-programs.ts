import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { promisify } from 'node:util'

const run = promisify(execFile)

const checkers = [
  { files: '**/*.sh', command: 'shellcheck', args: [], debianPackage: 'shellcheck' },
  { files: '**/*.lua', command: 'luacheck', args: ['--no-color', '-q', '--codes'], debianPackage: 'lua-check' },
] as const

const excluded = ['**/node_modules', '**/dist']

/**
 * Checks every shell and Lua program below a folder, by the settings that the folder has for the checkers, and returns what they
 * found: nothing when all is well. A checker that is not installed is a finding too, since it has checked nothing.
 */
export async function checkPrograms(folder: string): Promise<string[]> {
  const findings = await Promise.all(
    checkers.map(async ({ files, command, args, debianPackage }) => {
      const programs = globSync(files, { cwd: folder, exclude: excluded })
      if (programs.length === 0) return undefined
      return check(command, { args: [...args, ...programs], folder, debianPackage })
    }),
  )
  return findings.filter((finding) => finding !== undefined)
}

async function check(
  command: string,
  { args, folder, debianPackage }: { args: readonly string[]; folder: string; debianPackage: string },
): Promise<string | undefined> {
  try {
    await run(command, args, { cwd: folder })
    return undefined
  } catch (error) {
    const { code, stdout, stderr } = error as NodeJS.ErrnoException & { stdout: string; stderr: string }
    if (code !== 'ENOENT') return `${stdout}${stderr}`.trim()
    return `${command} is not installed. Install it: sudo apt-get install ${debianPackage}`
  }
}
