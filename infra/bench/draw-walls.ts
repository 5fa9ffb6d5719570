import type { Summary } from './summarise.ts'
import { toolNames, tools, type ToolName } from './tools.ts'

const colours: Record<ToolName, string> = {
  vesemir: '#0f766e',
  'vesemir-probe': '#5eada5',
  floor: '#94a3b8',
  fabric: '#64748b',
  ansible: '#f59e0b',
  'ansible-stock': '#d97706',
  mitogen: '#fbbf24',
}

const barHeight = 14
const caseGap = 26
const left = 150
const width = 860
const longestBar = width - left - 70

/** Draws the seconds that each tool took in each case, as bars on a logarithmic scale. */
export function drawWalls(summaries: readonly Summary[]): string {
  const cases = [...Map.groupBy(summaries, ({ hosts, concurrency }) => `${hosts} hosts, ${concurrency} at once`)]
  const walls = summaries.map(({ wallSeconds }) => wallSeconds)
  const lowest = Math.log10(Math.min(...walls) / 2)
  const span = Math.log10(Math.max(...walls)) - lowest
  const lengthOf = (seconds: number) => Math.round(((Math.log10(seconds) - lowest) / span) * longestBar)
  let y = 44
  const drawn = cases.map(([name, own]) => {
    const top = y
    const bars = own.map(({ tool, wallSeconds }, index) => {
      const at = top + index * barHeight
      const length = lengthOf(wallSeconds)
      return `<rect x="${left}" y="${at}" width="${length}" height="${barHeight - 2}" fill="${colours[tool]}"/>
<text x="${left + length + 5}" y="${at + 10}">${wallSeconds.toFixed(1)} s</text>`
    })
    y += own.length * barHeight + caseGap
    return `<text x="${left - 8}" y="${top + 10}" text-anchor="end">${name}</text>\n${bars.join('\n')}`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y}" font-family="sans-serif" font-size="11" fill="#334155">
<rect width="100%" height="100%" fill="#ffffff"/>
${legendOf(summaries)}
${drawn.join('\n')}
</svg>
`
}

/** Of the tools that were run: all that there are would not fit. */
function legendOf(summaries: readonly Summary[]): string {
  return toolNames
    .filter((name) => summaries.some(({ tool }) => tool === name))
    .map((tool, index) => {
      const x = 12 + index * 140
      return `<rect x="${x}" y="12" width="11" height="11" fill="${colours[tool]}"/><text x="${x + 16}" y="22">${tools[tool].title}</text>`
    })
    .join('\n')
}
