import { shellQuote } from '../../remote-shell/index.ts'

/** Writes variables as the first line of a script. */
export function assignments(values: Readonly<Record<string, string | number>>): string {
  const words = Object.entries(values).map(([name, value]) => `${name}=${shellQuote(String(value))}`)
  return `${words.join(' ')}\n`
}
