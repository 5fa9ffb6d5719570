/** The shortest text that is masked: shorter ones are found in what means no secret. */
export const shortestSecret = 8

/**
 * Returns the forms in which a secret is looked for, without line ends: as it is, each line of one that has several, as in JSON,
 * URL-encoded as browsers, RFC 3986, Python and forms do it, and in base64 wherever in the encoded text it stands.
 */
export function formsOfSecret(secret: string): string[] {
  const encoded = encodeURIComponent(secret)
  const strict = encoded.replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
  const form = new URLSearchParams({ '': secret }).toString().slice(1)
  const urls = [encoded, strict, strict.replaceAll('%2F', '/'), form]
  const forms = [
    secret,
    JSON.stringify(secret).slice(1, -1),
    ...secret.split(/[\r\n]+/).map((line) => line.trim()),
    ...urls,
    ...urls.map((url) => url.replaceAll(/%../g, (code) => code.toLowerCase())),
    ...inBase64(Buffer.from(secret)),
  ]
  const flat = forms.map((form) => form.replaceAll(/[\r\n]/g, ''))
  return [...new Set(flat)].filter((form) => form.length >= shortestSecret)
}

/**
 * A character of base64 stands for 6 bits (RFC 4648, 4): how bytes are encoded depends on how many stand before them, modulo 3. The
 * characters at both ends that stand for bits of neighbours too are left out.
 */
function inBase64(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((before) => {
    const [first, end] = [Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6)]
    const encoded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .slice(first, end)
    return [encoded, encoded.replaceAll('+', '-').replaceAll('/', '_')]
  })
}
