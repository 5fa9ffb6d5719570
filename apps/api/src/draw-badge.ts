import type { Badge } from '@vesemir/words'
import { escapeMarkup } from './escape-markup.ts'

/** Each has a contrast of at least 4.5 to white (WCAG 2.2, 1.4.3). */
const colours: Readonly<Record<Badge['tone'], string>> = {
  idle: '#59636e',
  active: '#0969da',
  waiting: '#9a6700',
  good: '#1a7f37',
  bad: '#cf222e',
  back: '#8250df',
}
const labelColour = '#3d444d'

const heightPx = 20
const paddingPx = 6
/** As wide as characters of Verdana at 11 px are on average; `textLength` fits the text where a reader has another font. */
const characterPx = 6.8
const narrowPx = 4

/** Draws a badge as SVG: no script, no style, no address, nothing that is fetched. Screen readers get its title. */
export function drawBadge({ label, message, tone }: Badge): string {
  const left = widthOf(label)
  const right = widthOf(message)
  const width = left + right
  const title = escapeMarkup(`${label}: ${message}`)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${heightPx}" role="img" aria-label="${title}">`,
    `<title>${title}</title>`,
    `<rect width="${width}" height="${heightPx}" rx="3" fill="${labelColour}"/>`,
    `<path d="M${left} 0h${right - 3}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-${right - 3}z" fill="${colours[tone]}"/>`,
    '<g fill="#fff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11" aria-hidden="true">',
    drawText(label, 0),
    drawText(message, left),
    '</g>',
    '</svg>',
  ].join('')
}

function drawText(text: string, left: number): string {
  const length = widthOf(text) - 2 * paddingPx
  return `<text x="${left + paddingPx}" y="14" textLength="${length}">${escapeMarkup(text)}</text>`
}

function widthOf(text: string): number {
  const narrow = text.match(/[ .,:·|!'ijlt]/g)?.length ?? 0
  return Math.ceil(narrow * narrowPx + (text.length - narrow) * characterPx) + 2 * paddingPx
}
