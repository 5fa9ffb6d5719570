import { plain } from '../render/paint.ts'

/**
 * Returns text as Markdown that shows it as it is, in one line. Marks of Markdown and HTML are shown; an empty comment keeps GitHub and
 * GitLab from making a mention of `@ada`, or a reference of `#1` and `!1`.
 */
export function markdownText(text: string): string {
  return plain(text)
    .replaceAll(/[\\`*_{}[\]<>()|~&]/g, (mark) => (mark === '<' ? '&lt;' : mark === '&' ? '&amp;' : `\\${mark}`))
    .replaceAll(/[@#!](?=\w)/g, (mark) => `${mark}<!-- -->`)
}

/** Returns lines as a block of code, in a fence that none of them can end. */
export function codeBlock(lines: readonly string[], language = ''): string[] {
  const longest = Math.max(2, ...lines.flatMap((line) => line.match(/`+/g) ?? []).map(({ length }) => length))
  const fence = '`'.repeat(longest + 1)
  return [`${fence}${language}`, ...lines.map(plain), fence]
}

/** Returns a table, of cells that are Markdown already. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)]
}
