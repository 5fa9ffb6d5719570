const secretWord = /(?:password|passwd|passphrase|secret|secrets|token|credential|credentials|authorization|apikey)$/
const keyOf = new Set(['access', 'api', 'auth', 'encryption', 'master', 'private', 'secret', 'signing'])
const lastWords = new Set(['cookie', 'pass', 'pwd', 'sshpass'])
/** What a name ends with that says something about a secret, and is none itself. */
const aboutSecret = new Set(['count', 'file', 'header', 'id', 'length', 'name', 'path', 'ttl', 'type', 'uri', 'url'])

/** Tells whether a header, variable, parameter or option of this name holds a secret: `Private-Token`, `PGPASSWORD`. */
export function expectsSecret(name: string): boolean {
  const words = name.toLowerCase().split(/[-_.]/)
  const last = words.at(-1)!
  if (aboutSecret.has(last)) return false
  if (words.length > 1 || last !== 'pwd') if (lastWords.has(last)) return true
  return words.some((word, index) => secretWord.test(word) || (word === 'key' && keyOf.has(words[index - 1] ?? '')))
}

/**
 * Tells whether a URL in a text has a user name and password in it, or a query parameter that holds a secret. A shell's variable in
 * its place is no plain value.
 */
export function hasUrlCredentials(text: string): boolean {
  if (/:\/\/[^\s/?#@'"`]*:(?![$@])[^\s/?#@'"`]*@/.test(text) || /https?:\/\/(?!\$)[^\s/?#@'"`:]+@/i.test(text))
    return true
  return [...text.matchAll(/[?&]([\w.-]+)=(?!\$)[^\s&#'"`]/g)].some(([, name]) => isSecretParameter(name!))
}

/** What proves in a URL that its bearer may use it, besides tokens: of AWS, Google (`X-Amz-Signature`) and Azure (`sig`). */
const signatures = /(?:^|[-_.])(?:sig|signature|jwt|hmac)$/i

function isSecretParameter(name: string): boolean {
  return signatures.test(name) || expectsSecret(name)
}

/** Returns a text with `***` in the place of passwords, signatures and tokens in URLs; `code` is OAuth's. */
export function maskUrls(text: string): string {
  if (!text.includes('=') && !text.includes('@')) return text
  return text
    .replaceAll(/(?<=[?&]|\\u0026)([\w.-]+)=[^\s&#'"`<>\\]+/g, (whole, name: string) =>
      name === 'code' || isSecretParameter(name) ? `${name}=***` : whole,
    )
    .replaceAll(/(:\/\/[^\s/?#@'"`:]*):[^\s/?#@'"`]+@/g, '$1:***@')
}

/**
 * Tells whether a command line has a secret in it that everybody sees who reads it: in a URL, a header (`Private-Token: …`), an
 * option or variable (`--password=…`). Variables, substitutions, formats and paths in their place are none.
 */
export function hasPlainSecret(commandLine: string): boolean {
  if (hasUrlCredentials(commandLine)) return true
  const assigned = commandLine.matchAll(/(?:^|[\s;&|("'])-{0,2}([A-Za-z][\w.-]*)=["']?([^\s;&|)"']+)/g)
  const headers = commandLine.matchAll(/\b((?:\w+-)+\w+|authorization|cookie)\s*:\s*([^"']+)/gi)
  return [...assigned, ...headers].some(([, name, value]) => expectsSecret(name!) && !/^[@/.~]|[$`%]/.test(value!))
}
