import type { Text } from '@vesemir/words'
import { paint } from './paint.ts'

export interface Terminal {
  readonly columns: number
  readonly rows: number
  write: (text: string) => unknown
}

/** DEC private mode 7: with it off a terminal cuts a line that is too wide, where it would otherwise go on in the next. */
const wrapOff = '\u001b[?7l'
const wrapOn = '\u001b[?7h'
const eraseBelow = '\u001b[0J'

interface Picture {
  story: readonly Text[]
  region: readonly Text[]
  columns: number
  /** The last one is drawn even if nothing has changed: over the ^C that a terminal shows, among others. */
  isLast?: boolean
}

/**
 * Keeps some lines at the bottom of a terminal and lets others scroll by above. All is said in one write, and no mode of
 * the terminal outlasts it: a process that is killed leaves nothing to mend.
 */
export function createScreen(terminal: Terminal): { show: (picture: Picture) => void } {
  let drawn: string[] = []
  const isDrawn = (lines: readonly string[]) =>
    lines.length === drawn.length && lines.every((line, index) => line === drawn[index])
  return {
    show: ({ story, region, columns, isLast = false }) => {
      const lines = region.map((line) => paint(line, { colours: true, columns }))
      if (story.length === 0 && !isLast && isDrawn(lines)) return
      const goUp = drawn.length > 0 ? `\u001b[${drawn.length}A` : ''
      const above = story.map((line) => `${paint(line, { colours: true })}\n`).join('')
      const below = lines.map((line) => `${line}\n`).join('')
      terminal.write(`${goUp}\r${eraseBelow}${above}${wrapOff}${below}${wrapOn}`)
      drawn = lines
    },
  }
}
