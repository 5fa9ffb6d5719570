import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '../..')

/** Every page of documentation, by its path from the root. */
export const pages: readonly string[] = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  'infra/README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
]

export function readPage(page: string): string {
  return readFileSync(join(root, page), 'utf8')
}

/** A block of code of a page, and the line on which it begins. */
export interface Sample {
  page: string
  line: number
  /** What follows the language, which readers do not see: `on web-1` says where commands are run. */
  words: readonly string[]
  text: string
}

/** Returns the blocks of code of a language, in order, without the indentation that a list gives them. */
export function samplesOf(page: string, language: string): Sample[] {
  const text = readPage(page)
  return [...text.matchAll(/^( *)```(\w+)([^\n]*)\n(.*?)^ *```$/gms)]
    .filter(([, , found]) => found === language)
    .map(({ index, 1: indent = '', 3: words = '', 4: block = '' }) => ({
      page,
      line: text.slice(0, index).split('\n').length,
      words: words.split(' ').filter(Boolean),
      text: block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }))
}
