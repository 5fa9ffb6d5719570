import { stripVTControlCharacters, styleText } from 'node:util'
import type { Part, Text } from '@vesemir/words'

const styles = {
  idle: 'dim',
  active: 'cyan',
  waiting: 'yellow',
  good: 'green',
  bad: 'red',
  back: 'yellow',
  strong: 'bold',
  quiet: 'dim',
  command: 'cyan',
} as const satisfies Record<Part['tone'], Parameters<typeof styleText>[0]>

/**
 * Turns a text into what is written: painted only where `colours` says so, and cut to `columns` where given. Control characters
 * in what hosts and the API said never reach the terminal.
 */
export function paint(line: Text, { colours, columns }: { colours: boolean; columns?: number | undefined }): string {
  let left = columns
  let written = ''
  for (const part of line) {
    const { text, style } =
      typeof part === 'string' ? { text: part, style: undefined } : { text: part.text, style: styles[part.tone] }
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
