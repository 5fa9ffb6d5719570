import { isIPv6 } from 'node:net'

// As many hosts as one line may stand for.
const maxHosts = 10_000

const range = String.raw`\[(?:[a-z]:[a-z]|[0-9]+:[0-9]+)(?::[0-9]+)?\]`
const label = String.raw`(?:[\p{L}\p{N}_]|${range})(?:[\p{L}\p{N}_-]|${range})*(?<![_-])`
const hostName = new RegExp(String.raw`^${label}(?:\.${label})*$`, 'iu')

/**
 * Returns the hosts that a name in an Ansible inventory stands for: `web[01:50].example.com`, `db-[a:f]`, `web[1:9:2]`, each
 * with `:port` at the end or not, an IPv6 address with a port in brackets. A start of several digits with a 0 in front gives
 * the width of all (`parse_address` and `expand_hostname_range` of Ansible).
 * @throws {RangeError} for a range that is none, is empty, or has no end
 */
export function expandHostPattern(pattern: string): { names: string[]; port: number | undefined } {
  const { host, port } = splitPort(pattern)
  return { names: expandRanges(host), port }
}

/** A text after which no host's name is left when its port is taken away has none. */
function splitPort(pattern: string): { host: string; port: number | undefined } {
  const bracketed = /^\[(.+)\]:(\d+)$/.exec(pattern)
  const plain = /^((?:[^:[\]]|\[[^\]]*\])*):(\d+)$/.exec(bracketed?.[1] ?? pattern)
  const [, host = pattern, port] = plain ?? bracketed ?? []
  if (port === undefined || !(hostName.test(host) || isPlainIpv6(host))) return { host: pattern, port: undefined }
  return { host, port: Number(port) }
}

function isPlainIpv6(host: string): boolean {
  return isIPv6(host) && !host.includes('%')
}

function expandRanges(pattern: string): string[] {
  if (!pattern.includes('[')) return [pattern]
  const [, before = '', bounds, after = ''] = /^([^[\]|]*)\[([^[\]|]*)\]([^|]*)$/s.exec(pattern) ?? []
  if (bounds === undefined) throw new RangeError(`${pattern} has a bracket that is not a range such as [01:50]`)
  const items = itemsOf(bounds, pattern)
  const rest = expandRanges(after)
  if (items.length * rest.length > maxHosts) throw new RangeError(`${pattern} stands for more than ${maxHosts} hosts`)
  return items.flatMap((item) => rest.map((end) => before + item + end))
}

function itemsOf(bounds: string, pattern: string): string[] {
  const [, from = '', to = '', step = '1'] = /^(\d*|[a-zA-Z]):(\d+|[a-zA-Z])(?::([1-9]\d*))?$/.exec(bounds) ?? []
  const start = from || '0'
  const isNumeric = /^\d/.test(start)
  const [first, last] = isNumeric ? [Number(start), Number(to)] : [letters.indexOf(start), letters.indexOf(to)]
  if (!to || isNumeric !== /^\d/.test(to) || !(first <= last)) {
    throw new RangeError(`[${bounds}] in ${pattern} is not a range such as [01:50] or [a:f]`)
  }
  const isFilled = start.startsWith('0') && start.length > 1
  if (isFilled && start.length !== to.length) {
    throw new RangeError(`[${bounds}] in ${pattern} must begin and end with as many digits`)
  }
  const count = Math.floor((last - first) / Number(step)) + 1
  if (count > maxHosts) throw new RangeError(`${pattern} stands for more than ${maxHosts} hosts`)
  return Array.from({ length: count }, (_, index) => {
    const value = first + index * Number(step)
    return isNumeric ? String(value).padStart(isFilled ? start.length : 0, '0') : letters[value]!
  })
}

/** In the order of Python's string.ascii_letters. */
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
