import { dirname, join } from 'node:path'
import type { MarkdownRenderer } from 'vitepress'

/** Takes pages for plain Markdown, as GitHub does: `{{ name }}` is no template of Vue. */
export function plainMarkdown(markdown: MarkdownRenderer): void {
  withoutLinksOut(markdown)
  accessibleTables(markdown)
  markdown.renderer.rules.text = (tokens, index) => escaped(tokens[index]!.content)
  markdown.renderer.rules.code_inline = (tokens, index) => `<code v-pre>${escaped(tokens[index]!.content)}</code>`

  function escaped(text: string): string {
    return markdown.utils.escapeHtml(text).replaceAll('{{', '&#123;&#123;')
  }
}

/** Shows links to files of the repository that are not in docs/ as text, since the site does not have them. */
function withoutLinksOut(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('links-out', ({ tokens, env }) => {
    const { relativePath } = env as { relativePath: string }
    const leadsOut = (link: string) => !link.includes(':') && join(dirname(relativePath), link).startsWith('../')
    for (const token of tokens) {
      let isOut = false
      const isKept = (part: typeof token) => {
        if (part.type === 'link_open') isOut = leadsOut(part.attrGet('href') ?? '')
        return !isOut || !part.type.startsWith('link_')
      }
      token.children &&= token.children.filter(isKept)
    }
  })
}

/** Has columns aligned by a class, and takes an empty cell for no heading. */
function accessibleTables(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('accessible-tables', ({ tokens }) => {
    for (const [index, token] of tokens.entries()) {
      if (token.type !== 'th_open' && token.type !== 'td_open') continue
      if (token.attrGet('style') === 'text-align:right') token.attrJoin('class', 'right')
      token.attrs = token.attrs?.filter(([name]) => name !== 'style') ?? null
      if (tokens[index + 1]!.content === '') for (const tag of [token, tokens[index + 2]!]) tag.tag = 'td'
    }
  })
}
