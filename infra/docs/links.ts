import { join } from 'node:path'

interface LinkOptions {
  /** The page's own path, and the folder that its links start from. */
  page: string
  folder: string
  isThere: (path: string) => boolean
  /** Whether a page has a heading of this name. */
  hasAnchor: (path: string, anchor: string) => boolean
}

/** Finds the links of a page that lead to no file of the repository, or to no heading of it. Those to the web are not tried. */
export function deadLinks(text: string, { page, folder, isThere, hasAnchor }: LinkOptions): string[] {
  const links = [...withoutCode(text).matchAll(/\]\((?!https?:|mailto:)([^)\s]+)/g)].map(([, link]) => link!)
  return links.filter((link) => {
    const [path = '', anchor] = link.split('#')
    const target = path === '' ? page : join(folder, path)
    if (path !== '' && !isThere(target)) return true
    return anchor !== undefined && !hasAnchor(target, anchor)
  })
}

/** Returns the anchors of a page's headings; of headings alike, the second has a number. */
export function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>()
  for (const [, heading] of withoutCode(text).matchAll(/^#{1,6} (.+)$/gm)) {
    const name = anchorOf(heading!)
    let anchor = name
    for (let more = 1; anchors.has(anchor); more += 1) anchor = `${name}-${more}`
    anchors.add(anchor)
  }
  return anchors
}

/** Returns the anchor of a heading, as GitHub makes it: lower case, hyphens for spaces. */
export function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-')
}

function withoutCode(text: string): string {
  return text.replaceAll(/^ *```.*?^ *```$/gms, '')
}
