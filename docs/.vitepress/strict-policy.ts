import { hash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { transformerStyleToClass } from '@shikijs/transformers'
import type { UserConfig } from 'vitepress'

const codeStyles = 'code.css'
const highlighted = transformerStyleToClass({ classPrefix: 'code-' })
const scripts = new Map<string, string>()

/** What keeps scripts and styles out of the HTML, where the API's content security policy has browsers ignore them. */
export const strictPolicy = {
  // It would add a style element while it changes.
  appearance: { disableTransition: false },
  head: [['link', { rel: 'stylesheet', href: `/help/${codeStyles}` }]],
  transformHtml: (html) =>
    html.replaceAll(/<script([^>]*)>([^<]+)<\/script>/g, moved).replaceAll(/ style="[^"]*"/g, ''),
  async buildEnd({ outDir }) {
    await writeFile(join(outDir, codeStyles), highlighted.getCSS())
    for (const [file, text] of scripts) await writeFile(join(outDir, file), text)
  },
} satisfies UserConfig

export const strictCode = [highlighted]

/** Puts an inline script into a file, and returns the tag that loads it in its place. */
function moved(_tag: string, attributes: string, text: string): string {
  const file = `assets/${hash('sha256', text).slice(0, 8)}.js`
  scripts.set(file, text)
  return `<script${attributes} src="/help/${file}"></script>`
}
