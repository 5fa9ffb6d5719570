import { hasPlainSecret } from './plain-secret.ts'

/** Quotes what a person wrote, for an error: its beginning, and nothing of what has a secret in it. */
export function quoteValue(input: unknown): string {
  const text = JSON.stringify(input)
  if (text === undefined) return 'nothing'
  if (hasPlainSecret(text.slice(0, 4000))) return '***'
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}
