import { matchesPattern, VesemirError } from '@vesemir/core'
import { createHash } from 'node:crypto'
import type { ArtifactOptions } from './artifact-options.ts'
import type { ArtifactSource } from './artifact-source.ts'
import { isSignedBy, parsePublicKey, parseSignature } from './minisign.ts'
import { nameOf } from './unavailable.ts'

type Signatures = ArtifactOptions['signatures']

/** Returns the public keys of which each of the settings' rules for an environment demands one; none where it demands nothing. */
export function keysFor(environment: string, signatures: Signatures): string[][] {
  return signatures
    .filter(({ environments }) => environments.some((pattern) => matchesPattern(pattern, environment)))
    .map(({ publicKeys }) => publicKeys)
}

interface Pinned {
  url: string
  sha256: string
  headers: Readonly<Record<string, string>> | undefined
  signal: AbortSignal
}

/**
 * Verifies that an artifact is signed as the settings demand for an environment, by the file beside it whose name ends with
 * `.minisig`. What is verified has the sum that is pinned, so that no host gets anything else.
 * @throws {VesemirError} `ARTIFACT_UNSIGNED`, `ARTIFACT_UNAVAILABLE`, `ARTIFACT_SERVER_FAILED`
 */
export async function demandSignature(
  { url, sha256, headers, signal }: Pinned,
  { demanded, source }: { demanded: string[][]; source: ArtifactSource },
): Promise<void> {
  if (demanded.length === 0) return
  const asked = { headers, signal }
  const text = await source.readText(signatureUrl(url), { ...asked, maxBytes: 4096 }).catch((error: unknown) => {
    throw unsigned(url, `has no signature: ${(error as Error).message}`, error)
  })
  const signature = parseSignature(text)
  if (!signature) throw unsigned(url, 'has no signature of minisign, prehashed, in the file beside it')
  const hash = createHash('blake2b512')
  for await (const chunk of source.read(url, { sha256, ...asked })) hash.update(chunk)
  const sum = hash.digest()
  for (const publicKeys of demanded) {
    const keys = publicKeys.map((key) => parsePublicKey(key)!)
    const key = keys.find(({ id }) => id === signature.keyId)
    const known = keys.map(({ id }) => id).join(', ')
    if (!key) throw unsigned(url, `is signed by the key ${signature.keyId}, which is none of ${known}`)
    if (!isSignedBy(key, signature, sum))
      throw unsigned(url, `is not what ${key.id} has signed: it, or its signature, was changed`)
  }
  const [, file] = /(?:^|\t)file:([^\t]+)/.exec(signature.trustedComment) ?? []
  const name = decodeURIComponent(new URL(url).pathname.split('/').at(-1)!)
  // Else an earlier version, well signed, could be served as a later one.
  if (file !== undefined && file !== name)
    throw unsigned(url, `is signed as ${JSON.stringify(file)}, which is another file`)
}

/** Builds the refusal of a release that is not signed; `what` goes on from its address. */
export function unsigned(url: string, what: string, cause?: unknown): VesemirError {
  return new VesemirError('ARTIFACT_UNSIGNED', `${nameOf(url)} ${what}`, { cause, details: { url: nameOf(url) } })
}

function signatureUrl(url: string): string {
  const address = new URL(url)
  address.pathname += '.minisig'
  return address.href
}
