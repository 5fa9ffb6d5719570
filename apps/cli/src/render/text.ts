import { stripVTControlCharacters, styleText } from 'node:util'

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/** A piece of a line. What comes from hosts or the API is only ever printed as part of one. */
export type Span = string | { text: string; style: Style | undefined }
export type Line = readonly Span[]

/** Turns a line into what is written: with colours only where `colours` says so, and cut to `columns` where given. */
export function toText(line: Line, { colours, columns }: { colours: boolean; columns?: number | undefined }): string {
  let left = columns
  let written = ''
  for (const span of line) {
    const { text, style } = typeof span === 'string' ? { text: span, style: undefined } : span
    const shown = left === undefined ? plain(text) : cut(plain(text), left)
    if (left !== undefined) left -= widthOf(shown)
    written += colours && style ? styleText(style, shown, { validateStream: false }) : shown
  }
  return written.trimEnd()
}

// oxlint-disable-next-line no-control-regex -- control characters are what `plain` takes out
const controls = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/**
 * Makes text safe for a terminal: a host's output could otherwise move the cursor, set the title or answer for the user.
 * Line ends, tabs and other control characters become spaces; marks that turn the reading direction too.
 */
export function plain(text: string): string {
  return text.search(controls) < 0 ? text : stripVTControlCharacters(text).replace(controls, ' ')
}

export function widthOf(text: string): number {
  return Array.from(text).length
}

function cut(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  return columns > 0
    ? `${Array.from(text)
        .slice(0, columns - 1)
        .join('')}…`
    : ''
}

export const bold = (text: string): Span => ({ text, style: 'bold' })
export const dim = (text: string): Span => ({ text, style: 'dim' })
export const painted = (text: string, style: Style | undefined): Span => ({ text, style })

/** Gives the colour of a deployment's, a host's or a step's status. */
export function colourOf(status: string): Style | undefined {
  if (status === 'succeeded') return 'green'
  if (status === 'failed' || status === 'unreachable') return 'red'
  if (['cancelled', 'skipped', 'rolled-back', 'paused', 'gated'].includes(status)) return 'yellow'
  return status === 'running' || status === 'planning' ? 'cyan' : 'dim'
}
