/**
 * Returns what messages about the same failure on several hosts share: host names, addresses, hashes and numbers are replaced.
 * A number that says what happened stays: an HTTP status or an exit code. `names` are the names and addresses of hosts.
 */
export function normaliseReason(message: string, names: ReadonlySet<string>): string {
  return message
    .replaceAll(ipv6, 'ADDRESS')
    .replaceAll(tellingNumberOrWord, (found) => (tellingNumber.test(found) ? found : normaliseWord(found, names)))
}

const ipv6 = /(?<![\p{L}\p{N}:.-])[\da-f]{0,4}(?::[\da-f]{0,4}){2,8}(?:\.\d{1,3}){0,3}(?![\p{L}\p{N}:])/giu
const tellingNumber = /^(?:returned|expected|exited with|status|code) \d+$/
const tellingNumberOrWord =
  /\b(?:returned|expected|exited with|status|code) \d+\b|[\p{L}\p{N}](?:[\p{L}\p{N}._:-]*[\p{L}\p{N}])?/gu

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i
const ipv4 = /^\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?$/
const hash = /^(?=.*\d)(?=.*[a-f])[\da-f]{7,}$/i

function normaliseWord(word: string, names: ReadonlySet<string>): string {
  if (names.has(word) || names.has(word.replace(/:\d+$/, ''))) return 'HOST'
  if (uuid.test(word)) return 'HASH'
  if (ipv4.test(word)) return 'ADDRESS'
  return word.replaceAll(/[\p{L}\p{N}]+/gu, (part) => (hash.test(part) ? 'HASH' : part.replaceAll(/\d+/g, 'N')))
}
