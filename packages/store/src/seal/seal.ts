import { hash } from 'node:crypto'
import { VesemirError } from '@vesemir/core'
import { createReader, type Opened, type Reader } from './create-reader.ts'

/**
 * Proves who wrote a text, and where it belongs. The seal is a second line below the text: `KEY.PROOF`, or `KEY.PROOF.LINK` where
 * the text follows another, of which `LINK` is the hash.
 */
export interface Seal {
  /** Returns the text, which has one line, with its seal. It holds at this place alone, such as `order d-17`. */
  put: (place: string, text: string, link?: string) => string
  /**
   * Returns what was sealed.
   * @throws {VesemirError} `ORDER_NOT_SIGNED`, `ORDER_FORGED`
   */
  open: (place: string, sealed: string) => Opened
  /**
   * Opens a text and reads it. What is read for each host of a deployment, such as its order, is checked and parsed once, for as long as the
   * same text is at its place; it is frozen. Throws as `open` and `parse`.
   */
  read: Reader
}

/** Makes proofs. `id` tells its key from others, and nothing more. */
export interface Prover {
  id: string
  prove(message: string): string
}

/** Checks proofs of one key. */
export interface Checker {
  id: string
  holds(message: string, proof: string): boolean
}

/** Makes a seal that one key puts, and several open: during a rotation, the old and the new one. */
export function createSeal(prover: Prover | undefined, checkers: readonly Checker[]): Seal {
  const known = new Map(checkers.map((checker) => [checker.id, checker]))
  const open = (place: string, sealed: string): Opened => {
    const text = textOf(sealed)
    if (text.length === sealed.length) throw new VesemirError('ORDER_NOT_SIGNED', `${place} in Redis is not signed`)
    const [id, proof, link] = partsOf(sealed, text)
    const checker = known.get(id)
    if (!checker) throw forged(place, `no key that is trusted here has the id ${JSON.stringify(id.slice(0, 20))}`)
    if (!checker.holds(messageOf(place, { text, link }), proof))
      throw forged(place, 'it was changed, or belongs elsewhere')
    return { text, link }
  }
  return {
    put(place, text, link = '') {
      if (!prover) throw noKey(place)
      const proof = prover.prove(messageOf(place, { text, link }))
      return `${text}\n${prover.id}.${proof}${link === '' ? '' : `.${link}`}`
    },
    open,
    read: createReader(open),
  }
}

/** Returns the text without its seal, which is not looked at. */
export function textOf(sealed: string): string {
  const end = sealed.indexOf('\n')
  return end === -1 ? sealed : sealed.slice(0, end)
}

/** Returns what a text that follows this one has as its link: 128 bits of the SHA-256 of it and its seal; '' where it has none. */
export function linkTo(sealed: string): string {
  return sealed.includes('\n') ? hash('sha256', sealed, 'base64url').slice(0, linkLength) : ''
}

const linkLength = 22

function partsOf(sealed: string, text: string): [id: string, proof: string, link: string] {
  const [id = '', proof = '', link = ''] = sealed.slice(text.length + 1).split('.')
  return [id, proof, link]
}

/** Only shows what was sealed, and puts no seal. */
export const unchecked: Seal = {
  put(place) {
    throw noKey(place)
  },
  open(_place, sealed) {
    const text = textOf(sealed)
    const [, , link] = partsOf(sealed, text)
    return { text, link }
  },
  read(place, { sealed, parse }) {
    const { text, link } = unchecked.open(place, sealed)
    return { value: parse(text), link }
  },
}

/** Neither puts nor checks seals. */
export const unsealed: Seal = { ...unchecked, put: (_place, text) => text }

/**
 * Returns what makes a keyed digest of a text at its place: who has not the key cannot try which text it is of. Undefined where nothing is
 * sealed, and so there is no key.
 */
export function digestBy(seal: Seal): ((place: string, text: string) => string) | undefined {
  if (seal === unsealed) return undefined
  return (place, text) => hash('sha256', seal.put(place, text).slice(text.length + 1), 'base64url').slice(0, linkLength)
}

function messageOf(place: string, { text, link }: Opened): string {
  return `vesemir 1\n${place}\n${link}\n${text}`
}

function noKey(place: string): VesemirError {
  return new VesemirError('INTERNAL', `this process has no key to sign ${place}`)
}

function forged(place: string, why: string): VesemirError {
  return new VesemirError('ORDER_FORGED', `the signature of ${place} in Redis does not hold: ${why}`)
}
