import { expect, it } from 'vitest'
import { drawBadge } from './draw-badge.ts'

it('draws label and message, and says both to a screen reader', () => {
  const svg = drawBadge({ label: 'payments production', message: '1.4.2 · locked', tone: 'waiting' })

  expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="\d+" height="20" role="img"/)
  expect(svg).toContain('aria-label="payments production: 1.4.2 · locked"')
  expect(svg).toContain('<title>payments production: 1.4.2 · locked</title>')
  expect(svg).toContain('>1.4.2 · locked</text>')
})

it('keeps whatever text there is from being markup', () => {
  const text = `"/><script>alert('1')</script>&\u0000\uD800`

  const svg = drawBadge({ label: text, message: text, tone: 'good' })

  expect(svg).not.toMatch(/<script|alert\('1'\)|&(?!amp;|lt;|gt;|quot;|#39;)|[\p{Cc}\p{Cs}]/u)
  expect(svg.match(/<[a-z]+/g)).toEqual(['<svg', '<title', '<rect', '<path', '<g', '<text', '<text'])
})
