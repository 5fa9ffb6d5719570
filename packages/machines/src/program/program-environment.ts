import { VesemirError } from '@vesemir/core'

/** What most programs need of an environment, and no secret is in. */
const plainVariables = ['PATH', 'HOME', 'LANG', 'TMPDIR']

export interface ProgramVariables {
  /** Those that the settings name, whose values are never shown. */
  named: Record<string, string>
  /** All that a program gets. */
  all: Record<string, string>
}

/**
 * Returns the variables that a program of the worker's settings gets: the plain ones, and those that the settings name.
 * @throws {VesemirError} `CONFIG_INVALID` when one of them is not set; `setting` is where the settings name it
 */
export function programEnvironment(
  names: readonly string[],
  { env, setting }: { env: Readonly<Record<string, string | undefined>>; setting: string },
): ProgramVariables {
  const plain = Object.fromEntries(plainVariables.flatMap((name) => (env[name] ? [[name, env[name]]] : [])))
  const named = Object.fromEntries(
    names.map((name) => {
      const value = env[name]
      if (value) return [name, value]
      throw new VesemirError('CONFIG_INVALID', `${setting}: the variable ${name} is not set`)
    }),
  )
  return { named, all: { ...plain, ...named } }
}
