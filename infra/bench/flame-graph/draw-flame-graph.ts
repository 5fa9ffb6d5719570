import type { Frame } from './read-profile.ts'

const width = 1200
const rowHeight = 17
const smallest = 0.002
const letterWidth = 6.3

/** Draws a tree of functions as SVG: the wider, the more time; what is above was called by what is below it. */
export function drawFlameGraph(root: Frame, title: string): string {
  const boxes: string[] = []
  const height = (rowsOf(root, root.totalUs) + 2) * rowHeight
  const draw = (frame: Frame, { x, row }: { x: number; row: number }) => {
    const share = frame.totalUs / root.totalUs
    if (share < smallest) return
    boxes.push(box(frame.name, { x, y: height - (row + 1) * rowHeight, share }))
    let childX = x
    for (const child of [...frame.children.values()].toSorted((a, b) => b.totalUs - a.totalUs)) {
      draw(child, { x: childX, row: row + 1 })
      childX += (child.totalUs / root.totalUs) * width
    }
  }
  draw(root, { x: 0, row: 0 })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="monospace" font-size="10.5">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="${width / 2}" y="13" text-anchor="middle" font-size="13">${escaped(title)}</text>`,
    ...boxes,
    '</svg>\n',
  ].join('\n')
}

function rowsOf({ children, totalUs }: Frame, allUs: number): number {
  if (totalUs / allUs < smallest) return 0
  return 1 + Math.max(0, ...[...children.values()].map((child) => rowsOf(child, allUs)))
}

function box(name: string, { x, y, share }: { x: number; y: number; share: number }): string {
  const boxWidth = share * width
  const letters = Math.floor((boxWidth - 4) / letterWidth)
  const label =
    letters < 4 ? '' : `<text x="${(x + 2).toFixed(1)}" y="${y + 12}">${escaped(name.slice(0, letters))}</text>`
  const place = `x="${x.toFixed(1)}" y="${y}" width="${boxWidth.toFixed(1)}" height="${rowHeight - 1}"`
  const hint = `<title>${escaped(name)}: ${(share * 100).toFixed(1)}%</title>`
  return `<g>${hint}<rect ${place} fill="${colourOf(name)}"/>${label}</g>`
}

/** Ours stand out from the libraries'. */
function colourOf(name: string): string {
  if (/ (?:packages|apps)\//.test(name)) return '#f4a261'
  if (name.includes('ssh2/')) return '#8ecae6'
  if (name.includes('ioredis/') || name.includes('bullmq/')) return '#b7e4c7'
  return '#e9e4d8'
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
