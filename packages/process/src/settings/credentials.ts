import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { VesemirError } from '@vesemir/core'
import { readAll } from './read-all.ts'

const isVariableName = (name: string) => /^[A-Z][A-Z0-9_]*$/.test(name)

/**
 * Returns the environment with the credentials that systemd passes (`LoadCredential=`, systemd.exec(5)): one with the name of a
 * variable, such as `VESEMIR_COOKIE_SECRET`, is that variable, unless it is set. Other credentials are files, to be named by their path.
 * @throws {VesemirError} `CONFIG_INVALID` when one cannot be read
 */
export async function withCredentials(env: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  const folder = env.CREDENTIALS_DIRECTORY
  if (!folder) return env
  const names = (await reading(folder, () => readdir(folder))).filter(isVariableName)
  const values = await readAll(names.map(async (name) => [name, await readSecret(join(folder, name))] as const))
  return { ...Object.fromEntries(values), ...env }
}

/** Returns a variable's text, or that of the file which the same variable with `_FILE` names. Throws as `withCredentials`. */
export async function readVariable(env: NodeJS.ProcessEnv, name: string): Promise<string | undefined> {
  const file = env[`${name}_FILE`]
  if (env[name] && file) throw new VesemirError('CONFIG_INVALID', `${name} and ${name}_FILE are both set; set one`)
  return file ? readSecret(file, `${name}_FILE`) : env[name]
}

/** Reads a file that holds one secret, without the line end that editors add. Throws as `withCredentials`. */
export async function readSecret(file: string, setting?: string): Promise<string> {
  const text = await reading(setting === undefined ? file : `${setting}: ${file}`, () => readFile(file, 'utf8'))
  return text.replace(/\r?\n$/, '')
}

async function reading<Content>(what: string, read: () => Promise<Content>): Promise<Content> {
  try {
    return await read()
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new VesemirError('CONFIG_INVALID', `${what} cannot be read: ${code}`, { cause })
  }
}
