import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { VesemirError } from '@vesemir/core'
import type { SudoOptions } from './ssh-options.ts'

/** As whom commands run, by sudo. */
export interface Sudo {
  user: string
  /** Nothing where sudo asks for none. It goes over the connection to sudo alone: into no command line, log or error. */
  password: string | undefined
}

/**
 * Reads by what password sudo lets commands run.
 * @throws {VesemirError} `CONFIG_INVALID`
 */
export function readSudo(options: SudoOptions, env: Readonly<Record<string, string | undefined>>): Sudo {
  const { user, passwordVariable, passwordFile } = options
  if (passwordVariable !== undefined) {
    const password = env[passwordVariable]
    if (password) return { user, password: oneLine(password) }
    throw new VesemirError('CONFIG_INVALID', `sudo.passwordVariable: the environment has no ${passwordVariable}`)
  }
  return { user, password: passwordFile === undefined ? undefined : oneLine(readPasswordFile(passwordFile)) }
}

/**
 * How a script is put under sudo. Where sudo wants a password, it and then a mark are sent on standard input before all else.
 * sudo takes the first line or, where it has come to want none, leaves it: the script skips to the mark in either case, so
 * that the password can never be taken for input.
 */
export function sudoWrap({ user, password }: Sudo): { command: string; firstCommand: string; sent: string } {
  if (password === undefined) return { command: sudoCommand('-n', user), firstCommand: '', sent: '' }
  const mark = `vesemir-${randomBytes(8).toString('hex')}`
  return {
    command: sudoCommand("-S -p ''", user),
    firstCommand: `while IFS= read -r REPLY; do case $REPLY in ${mark}) break; esac; done; unset REPLY; `,
    sent: `${password}\n${mark}\n`,
  }
}

/** A script that does nothing but show that sudo lets us. Cached proof does not count where there is a password. */
export function sudoProof({ user, password }: Sudo): { script: string; sent: string } {
  const command = sudoCommand(password === undefined ? '-n' : "-k -S -p ''", user)
  return { script: `${command} sh -c :`, sent: password === undefined ? '' : `${password}\n` }
}

function sudoCommand(how: string, user: string): string {
  return `sudo ${how} -H -u ${user} --`
}

function readPasswordFile(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '')
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code
    throw new VesemirError('CONFIG_INVALID', `sudo.passwordFile: ${path} cannot be read: ${reason}`, { cause })
  }
}

function oneLine(password: string): string {
  if (password && !/[\r\n\0]/.test(password)) return password
  throw new VesemirError('CONFIG_INVALID', 'sudo: a password is one line of text')
}
