/** What a person fills into forms, by the names of the fields. */
export type Fields = Record<string, string>

interface Answer {
  url: string
  status: number
  html: string
}

/**
 * Walks through a site as a browser without scripts does: follows redirects, keeps cookies by host and port, and sends each
 * form that it is shown, filled with `fields`, until an address starts with `until` or no form is left.
 */
export async function walkForms(start: string, { fields, until }: { fields: Fields; until: string }): Promise<Answer> {
  const cookies = new Map<string, Map<string, string>>()
  let next: { url: string; body?: URLSearchParams } = { url: start }
  for (let step = 0; step < 30; step += 1) {
    if (next.url.startsWith(until)) return { url: next.url, status: 0, html: '' }
    const jar = jarOf(cookies, next.url)
    const answer = await fetch(next.url, {
      redirect: 'manual',
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(next.body ? { method: 'POST', body: next.body } : {}),
    })
    for (const line of answer.headers.getSetCookie()) keep(jar, line)
    const html = await answer.text()
    const location = answer.headers.get('location')
    const form = formOf(html)
    if (location !== null) next = { url: new URL(location, next.url).href }
    else if (form) next = { url: new URL(form.action, next.url).href, body: fill(form.inputs, fields) }
    else return { url: next.url, status: answer.status, html }
  }
  throw new Error(`${start} leads nowhere`)
}

function jarOf(cookies: Map<string, Map<string, string>>, url: string): Map<string, string> {
  const { host } = new URL(url)
  const jar = cookies.get(host) ?? new Map<string, string>()
  cookies.set(host, jar)
  return jar
}

function keep(jar: Map<string, string>, line: string): void {
  const [pair = ''] = line.split(';')
  const at = pair.indexOf('=')
  const value = pair.slice(at + 1)
  if (value === '' || /expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(pair.slice(0, at))
  else jar.set(pair.slice(0, at), value)
}

function formOf(html: string): { action: string; inputs: string[] } | undefined {
  const [, attributes, content] = /<form([^>]*)>(.*?)<\/form>/s.exec(html) ?? []
  if (attributes === undefined) return undefined
  const action = /action="([^"]*)"/.exec(attributes)?.[1] ?? ''
  return { action: unescape(action), inputs: [...content!.matchAll(/<(?:input|button)[^>]*>/g)].map(([tag]) => tag) }
}

function fill(inputs: readonly string[], fields: Fields): URLSearchParams {
  const body = new URLSearchParams()
  for (const tag of inputs) {
    const name = /name="([^"]*)"/.exec(tag)?.[1]
    if (name !== undefined) body.set(name, fields[name] ?? unescape(/value="([^"]*)"/.exec(tag)?.[1] ?? ''))
  }
  return body
}

function unescape(text: string): string {
  return text.replaceAll('&amp;', '&').replaceAll('&quot;', '"')
}
