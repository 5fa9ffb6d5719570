import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { VesemirError } from '@vesemir/core'

/** Where the API is, and who asks. */
export interface Config {
  url: string
  token?: string | undefined
}

/**
 * Reads the settings: what the command line says, before the environment, before the file.
 * @throws {VesemirError} `CONFIG_INVALID`, without a value that may be a secret
 */
export async function readConfig(
  flags: { url?: string | undefined; token?: string | undefined },
  env: NodeJS.ProcessEnv,
): Promise<Config> {
  const file = await readConfigFile(configPath(env))
  const url = given(flags.url, '--url') ?? given(env.VESEMIR_URL, 'VESEMIR_URL') ?? given(file?.url, 'url')
  if (!url) {
    const message = `API address not set. Pass --url, set VESEMIR_URL, or add "url:" to ${configPath(env)}`
    throw new VesemirError('CONFIG_INVALID', message)
  }
  const token =
    given(flags.token, '--token') ??
    given(env.VESEMIR_TOKEN, 'VESEMIR_TOKEN') ??
    readTokenFile(env.VESEMIR_TOKEN_FILE) ??
    given(file?.token, 'token')
  return { url: checkUrl(url), token: token && checkToken(token) }
}

/** A setting, and where it is from. */
export interface Given {
  value: string
  from: string
}

/** What is set to nothing is not set, as the shell's users expect. */
function given(value: string | undefined, from: string): Given | undefined {
  return value === undefined || value === '' ? undefined : { value, from }
}

/** Checks where an API is to be. @throws {VesemirError} `CONFIG_INVALID` with where that is from, and without its value */
export function checkUrl(url: Given): string {
  return checkSetting(url, complaintOfUrl(url.value))
}

/** Checks a token. @throws {VesemirError} `CONFIG_INVALID` with where it is from, and without its value */
export function checkToken(token: Given): string {
  return checkSetting(token, complaintOfToken(token.value))
}

function checkSetting({ value, from }: Given, complaint: string | undefined): string {
  if (complaint === undefined) return value
  throw new VesemirError('CONFIG_INVALID', `${from} ${complaint}`)
}

/** Says why an API cannot be at an address, if so. By hand: schemas take longer to load than what a command does. */
export function complaintOfUrl(text: string): string | undefined {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol)) return 'is not an http: or https: URL'
  return url.username === '' && url.password === ''
    ? undefined
    : 'contains a user name or password: pass a token instead'
}

/** Says why something cannot be sent as a bearer token, if so. */
export function complaintOfToken(text: string): string | undefined {
  return /^[\u0021-\u007e]{1,4000}$/.test(text) ? undefined : 'is empty or has characters that no token has'
}

/** Where the settings of a person are: below XDG_CONFIG_HOME, else ~/.config. */
export function configPath({ XDG_CONFIG_HOME: folder, HOME: home = homedir() }: NodeJS.ProcessEnv): string {
  return join(folder && isAbsolute(folder) ? folder : join(home, '.config'), 'vesemir', 'config.yml')
}

export async function readConfigFile(path: string): Promise<{ [Key in keyof Config]?: string | undefined } | null> {
  const text = readIfThere(path)
  if (text === undefined) return null
  const { parseConfigFile } = await import('./config-file.ts')
  return parseConfigFile(text, path)
}

function readTokenFile(path: string | undefined): Given | undefined {
  if (path === undefined || path === '') return undefined
  const text = readIfThere(path)
  if (text === undefined) throw new VesemirError('CONFIG_INVALID', `VESEMIR_TOKEN_FILE: ${path} not found`)
  return { value: text.trim(), from: `the token in ${path}` }
}

/** At once: to load what reads by promises takes longer than to read. */
function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new VesemirError('CONFIG_INVALID', `cannot read ${path}: ${code}`, { cause })
  }
}
