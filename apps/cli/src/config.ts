import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { VesemirError } from '@vesemir/core'
import { z } from 'zod'

/** Where an API can be. */
export const Url = z
  .string({ error: 'is not an address' })
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), {
    error: 'is not an http: or https: address',
    abort: true,
  })
  .refine((text) => new URL(text).username === '' && new URL(text).password === '', {
    error: 'has a user or password in it: give a token instead',
  })

/** What can be sent as a bearer token. */
export const Token = z
  .string({ error: 'is not a text' })
  .regex(/^[\u0021-\u007e]{1,4000}$/, { error: 'is empty, or has characters that no token has' })

const ConfigFile = z.strictObject({ url: Url.optional(), token: Token.optional() }).nullable()

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
    const message = `where is the API? Give --url or VESEMIR_URL, or "url:" in ${configPath(env)}`
    throw new VesemirError('CONFIG_INVALID', message)
  }
  const token =
    given(flags.token, '--token') ??
    given(env.VESEMIR_TOKEN, 'VESEMIR_TOKEN') ??
    (await readTokenFile(env.VESEMIR_TOKEN_FILE)) ??
    given(file?.token, 'token')
  return { url: checkSetting(Url, url), token: token && checkSetting(Token, token) }
}

interface Given {
  value: string
  from: string
}

/** What is set to nothing is not set, as the shell's users expect. */
function given(value: string | undefined, from: string): Given | undefined {
  return value === undefined || value === '' ? undefined : { value, from }
}

/** Checks a setting. @throws {VesemirError} `CONFIG_INVALID` with where it is from, and without its value */
export function checkSetting(schema: z.ZodType<string>, { value, from }: Given): string {
  const checked = schema.safeParse(value)
  if (checked.success) return checked.data
  throw new VesemirError('CONFIG_INVALID', `${from} ${checked.error.issues[0]!.message}`)
}

/** Where the settings of a person are: below XDG_CONFIG_HOME, else ~/.config. */
export function configPath({ XDG_CONFIG_HOME: folder, HOME: home = homedir() }: NodeJS.ProcessEnv): string {
  return join(folder && isAbsolute(folder) ? folder : join(home, '.config'), 'vesemir', 'config.yml')
}

export async function readConfigFile(path: string): Promise<z.output<typeof ConfigFile>> {
  const text = await readIfThere(path)
  if (text === undefined) return null
  const { parseYaml } = await import('./yaml-file.ts')
  return parseYaml(text, { schema: ConfigFile, file: path, code: 'CONFIG_INVALID' })
}

async function readTokenFile(path: string | undefined): Promise<Given | undefined> {
  if (path === undefined || path === '') return undefined
  const text = await readIfThere(path)
  if (text === undefined)
    throw new VesemirError('CONFIG_INVALID', `VESEMIR_TOKEN_FILE names ${path}, which is not there`)
  return { value: text.trim(), from: `the token in ${path}` }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new VesemirError('CONFIG_INVALID', `${path} cannot be read: ${code}`, { cause })
  }
}
