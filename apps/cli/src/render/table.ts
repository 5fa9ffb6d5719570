import { quiet, type Text } from '@vesemir/words'
import { widthOf } from './paint.ts'

/** Sets rows in columns, each as wide as its widest cell, under a row of titles. The last column is not padded. */
export function table(titles: readonly string[], rows: readonly (readonly Text[])[]): Text[] {
  const cells = [titles.map((title): Text => [quiet(title)]), ...rows]
  const widths = titles.map((_, column) => Math.max(...cells.map((row) => lineWidth(row[column] ?? []))))
  return cells.map((row) =>
    row.flatMap((cell, column) => {
      const isLast = column === row.length - 1
      return isLast ? cell : [...cell, ' '.repeat(widths[column]! - lineWidth(cell) + 2)]
    }),
  )
}

function lineWidth(line: Text): number {
  return line.reduce((width, span) => width + widthOf(typeof span === 'string' ? span : span.text), 0)
}
