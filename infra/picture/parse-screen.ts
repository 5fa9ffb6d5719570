/** A stretch of text in one look. */
export interface Run {
  text: string
  colour: string
  isBold: boolean
  isDim: boolean
}

type Look = Omit<Run, 'text'>

const plain: Look = { colour: 'fg', isBold: false, isDim: false }
const colours = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white']
// oxlint-disable-next-line no-control-regex -- it is the escape character that starts each sequence
const sequence = /\u001b\[([\d;]*)m/

/** Reads a screen's lines, with their colours in escape sequences (ECMA-48, 8.3.117), as runs of text. */
export function parseScreen(screen: string): Run[][] {
  let look = plain
  return screen.split('\n').map((line) => {
    const runs: Run[] = []
    line.split(sequence).forEach((part, index) => {
      // Every other part is the numbers of a sequence.
      if (index % 2 === 1) look = part.split(';').map(Number).reduce(applied, look)
      else if (part !== '') runs.push({ text: part, ...look })
    })
    return runs
  })
}

function applied(look: Look, code: number): Look {
  if (code === 0) return plain
  if (code === 1) return { ...look, isBold: true }
  if (code === 2) return { ...look, isDim: true }
  if (code === 22) return { ...look, isBold: false, isDim: false }
  if (code === 39) return { ...look, colour: plain.colour }
  const colour = colours[code - (code >= 90 ? 90 : 30)]
  return colour === undefined ? look : { ...look, colour }
}
