import { accessSync, chmodSync, constants, copyFileSync, mkdirSync, realpathSync, rmSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { runProgram } from './programs.ts'

/** A plain user that the VMs log in as when root starts the fleet. */
export interface VmUser {
  name: string
  uid: number
  gid: number
  home: string
}

const userName = 'vesemir-vm'

/**
 * Gives the user of the VMs: as root `vesemir-vm`, made when missing; null for an ordinary user, who can be nobody else.
 * Its shell reads no start-up files, and its password field `*` lets keys in where `!` would mean a locked account.
 */
export async function ensureVmUser(): Promise<VmUser | null> {
  if (userInfo().uid !== 0) return null
  const existing = await readUser()
  if (existing) return existing
  await runProgram('useradd', ['-m', '-s', '/bin/sh', userName]).catch(async (error: unknown) => {
    // Two fleets may start at once.
    if (!(await readUser())) throw error
  })
  await runProgram('usermod', ['-p', '*', userName])
  const made = await readUser()
  if (!made) throw new Error(`useradd made no user ${userName}`)
  for (const file of ['.bashrc', '.profile', '.bash_logout']) rmSync(join(made.home, file), { force: true })
  return made
}

/** Refuses a folder that the VMs' user cannot enter, since nothing in it would work then. */
export function requireEnterable(dir: string, user: VmUser | null): void {
  const closed = user && closedFolder(dir)
  if (closed) {
    throw new Error(
      `${user.name}, whom the VMs run as, may not enter ${closed} (chmod o+x): choose another folder for the fleet`,
    )
  }
}

/** Gives a Node binary that the VMs' user can run: this one, or a copy of it in the fleet's folder. */
export function enterableNode(dir: string, user: VmUser | null): string {
  const own = realpathSync(process.execPath)
  if (!user || !closedFolder(dirname(own))) return own
  const copy = join(dir, 'bin', 'node')
  mkdirSync(dirname(copy), { recursive: true, mode: 0o755 })
  copyFileSync(own, copy, constants.COPYFILE_FICLONE)
  chmodSync(copy, 0o755)
  accessSync(copy, constants.X_OK)
  return copy
}

function closedFolder(folder: string): string | undefined {
  const real = realpathSync(folder)
  const parent = dirname(real)
  if (parent !== real) {
    const closed = closedFolder(parent)
    if (closed !== undefined) return closed
  }
  return (statSync(real).mode & 0o001) === 0 ? real : undefined
}

async function readUser(): Promise<VmUser | undefined> {
  const line = await runProgram('getent', ['passwd', userName]).catch(() => '')
  const [name, , uid, gid, , home] = line.trim().split(':')
  return name && home ? { name, uid: Number(uid), gid: Number(gid), home } : undefined
}
