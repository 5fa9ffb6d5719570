import { parseScreen, type Run } from './parse-screen.ts'

/** What stood on the screen, and for how long. */
export interface Screen {
  text: string
  durationMs: number
}

const charWidth = 8.4
const lineHeight = 19
const margin = 18
const palette: Record<string, string> = {
  fg: '#d7dce2',
  black: '#6b7280',
  red: '#ff7b72',
  green: '#7ee787',
  yellow: '#f2cc60',
  blue: '#79c0ff',
  magenta: '#d2a8ff',
  cyan: '#76e3ea',
  white: '#f0f6fc',
}

/**
 * Draws screens, one after the other, as an SVG that plays by itself: all lie in one column that moves up. A line that
 * stands on several of them is in the file once. Who wants no motion sees the last screen.
 */
export function drawScreens(screens: readonly Screen[], { columns, rows }: { columns: number; rows: number }): string {
  const width = Math.ceil(columns * charWidth + 2 * margin)
  const height = rows * lineHeight + 2 * margin
  const lines = new Map<string, string>()
  const frames = screens.map(({ text }, index) => drawScreen(text, { y: index * height, lines }))
  const totalMs = screens.reduce((sum, { durationMs }) => sum + durationMs, 0)
  const last = (screens.length - 1) * height
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="A terminal in which vesemir deploys two versions while requests flow">
<style>
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:${palette.fg};white-space:pre}
.b{font-weight:700}.d{opacity:.6}
${Object.entries(palette)
  .map(([name, colour]) => `.${name}{fill:${colour}}`)
  .join('')}
#reel{transform:translateY(-${last}px);animation:reel ${totalMs}ms step-end infinite}
@keyframes reel{${keyframes(screens, { height, totalMs })}}
@media(prefers-reduced-motion:reduce){#reel{animation:none}}
</style>
<defs>
${[...lines].map(([markup, id]) => `<text id="${id}" xml:space="preserve">${markup}</text>`).join('\n')}
</defs>
<rect width="${width}" height="${height}" rx="10" fill="#0d1117"/>
<svg width="${width}" height="${height}"><g id="reel">
${frames.join('\n')}
</g></svg>
</svg>
`
}

function drawScreen(text: string, { y, lines }: { y: number; lines: Map<string, string> }): string {
  return parseScreen(text)
    .map((runs, row) => {
      const markup = runs.map(drawRun).join('').trimEnd()
      if (markup === '') return ''
      const id = lines.get(markup) ?? `l${lines.size}`
      lines.set(markup, id)
      return `<use href="#${id}" x="${margin}" y="${y + margin + (row + 1) * lineHeight - 5}"/>`
    })
    .join('')
}

function drawRun({ text, colour, isBold, isDim }: Run): string {
  const content = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  const classes = [isBold && 'b', isDim && 'd', colour !== 'fg' && colour].filter(Boolean)
  return classes.length === 0 ? content : `<tspan class="${classes.join(' ')}">${content}</tspan>`
}

function keyframes(screens: readonly Screen[], { height, totalMs }: { height: number; totalMs: number }): string {
  let startMs = 0
  return screens
    .map(({ durationMs }, index) => {
      const share = ((startMs / totalMs) * 100).toFixed(2)
      startMs += durationMs
      return `${share}%{transform:translateY(-${index * height}px)}`
    })
    .join('')
}
