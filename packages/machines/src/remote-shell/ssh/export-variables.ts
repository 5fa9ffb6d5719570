import { shellQuote } from '../shell-quote.ts'

/** Returns the commands of a shell that put variables into the environment of what it runs. */
export function exportVariables(env: Readonly<Record<string, string>>): string[] {
  return Object.entries(env).map(([name, value]) => `export ${variableName(name)}=${shellQuote(value)}`)
}

function variableName(name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return name
  throw new TypeError(`${JSON.stringify(name)} cannot be the name of an environment variable`)
}
