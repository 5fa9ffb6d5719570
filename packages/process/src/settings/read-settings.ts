import { readFile } from 'node:fs/promises'
import { fieldName } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'
import type { z } from 'zod'
import { readVariable } from './credentials.ts'
import { check, readYaml } from './parse-yaml.ts'

/** An environment variable that sets a setting, over the file's value; an object is added to the file's. */
export interface EnvironmentVariable {
  /** The setting, or one of its fields: `redis.password`. */
  setting: string
  /** Makes the setting out of the variable's text; without it, the text is the setting. */
  read?: (text: string) => unknown
  /** Where the file may have a text in place of fields: the field that the text is. */
  shorthandFor?: string
}

/** Where a process's settings come from. */
export interface SettingsSource<Schema extends z.ZodType> {
  schema: Schema
  env: NodeJS.ProcessEnv
  /** The variable that names the YAML file. */
  file: string
  variables: Readonly<Record<string, EnvironmentVariable>>
}

const code = 'CONFIG_INVALID'

/**
 * Reads a process's settings from the YAML file that a variable names, and from environment variables, or the files that the same
 * variables with `_FILE` name. A variable that is set to nothing counts as not set.
 * @throws {VesemirError} `CONFIG_INVALID`, whose `details.errors` name each wrong setting, where it stands and why
 */
export async function readSettings<Schema extends z.ZodType>({
  schema,
  env,
  file,
  variables,
}: SettingsSource<Schema>): Promise<z.output<Schema>> {
  const path = env[file]
  if (!path) throw new VesemirError(code, `${file} is not set; set it to the path of the settings file`)
  const { content, placeOf } = readYaml(await readText(path), { file: path, code })
  const settings = { ...(content as Record<string, unknown>) }
  /** Which variable gave a setting. */
  const givenBy = new Map<string, string>()
  for (const [variable, { setting, read, shorthandFor }] of Object.entries(variables)) {
    const text = await readVariable(env, variable)
    if (!text) continue
    const given = read ? read(text) : text
    if (typeof given !== 'object') givenBy.set(setting, variable)
    const [name, field] = setting.split('.') as [string, string?]
    const ofFile = settings[name]
    settings[name] = field === undefined ? merge(ofFile, given) : { ...fieldsOf(ofFile, shorthandFor), [field]: given }
  }
  return check(settings, {
    schema,
    file: path,
    code,
    placeOf: (at) => givenBy.get(fieldName(at.slice(0, 1))) ?? givenBy.get(fieldName(at.slice(0, 2))) ?? placeOf(at),
  })
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new VesemirError(code, `${path} cannot be read: ${(cause as NodeJS.ErrnoException).code}`, { cause })
  }
}

function merge(ofFile: unknown, given: unknown): unknown {
  return isObject(ofFile) && isObject(given) ? { ...ofFile, ...given } : given
}

function fieldsOf(ofFile: unknown, shorthandFor: string | undefined): object {
  if (isObject(ofFile)) return ofFile
  return typeof ofFile === 'string' && shorthandFor !== undefined ? { [shorthandFor]: ofFile } : {}
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
