import { maskUrls } from '@vesemir/contract'
import { formsOfSecret } from './forms-of-secret.ts'
import { createLineMasker, type LineMasker } from './line-masker.ts'
import { findSpans, replaceSpans } from './spans.ts'

/** Takes secrets out of all that a process writes: those that it knows, and in URLs passwords, signatures and tokens. */
export interface Masker {
  /** Has a secret masked from now on. */
  add: (secret: string) => void
  /** Returns a text with `***` in the place of each secret: as it is, in base64 or URL-encoded, over several lines too. */
  mask: (text: string) => string
  /** Returns a copy of JSON data with all of its texts masked. */
  maskAll: <Value>(value: Value) => Value
  /** Masks lines that come one after another, and passes them on. */
  lines: (pass: (line: string) => void) => LineMasker
}

// Of a secret that is minted for each use there is no end.
const mostSecrets = 1000

/** Creates the masker of a process. */
export function createMasker(): Masker {
  const formsOf = new Map<string, readonly string[]>()
  let forms: readonly string[] = []

  function maskAll(value: unknown): unknown {
    if (typeof value === 'string') return mask(value)
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map(maskAll)
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, maskAll(item)]))
  }

  function mask(text: string): string {
    const known = forms.length === 0 ? text : replaceSpans(text, findSpans(text.replaceAll(/[\r\n]/g, ''), forms))
    return maskUrls(known)
  }

  return {
    add(secret) {
      const known = formsOf.get(secret)
      formsOf.delete(secret)
      formsOf.set(secret, known ?? formsOfSecret(secret))
      if (known) return
      const [oldest = ''] = formsOf.keys()
      if (formsOf.size > mostSecrets) formsOf.delete(oldest)
      forms = [...new Set([...formsOf.values()].flat())]
    },
    mask,
    maskAll: <Value>(value: Value) => maskAll(value) as Value,
    lines: (pass) =>
      createLineMasker(
        () => forms,
        (line) => pass(maskUrls(line)),
      ),
  }
}
