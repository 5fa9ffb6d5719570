// As many hosts as one line may stand for.
const maxHosts = 10_000

/**
 * Gives the hosts that a name in an Ansible inventory stands for: `web[01:50].example.com`, `db-[a:f]`, `web[1:9:2]`, each
 * with `:port` at the end or not. A number that begins with 0 gives the width of all.
 * @throws {RangeError} for a range that is none, or has no end.
 */
export function expandHostPattern(pattern: string): { names: string[]; port: number | undefined } {
  const [, text = pattern, port] = /^([^:]*(?:\[[^\]]*\][^:[\]]*)*):(\d+)$/.exec(pattern) ?? []
  return { names: expandRanges(text), port: port === undefined ? undefined : Number(port) }
}

function expandRanges(pattern: string): string[] {
  const [, before = '', range, after = ''] = /^([^[\]]*)\[([^[\]]*)\](.*)$/s.exec(pattern) ?? []
  if (range === undefined) return [pattern]
  const items = itemsOf(range, pattern)
  const rest = expandRanges(after)
  if (items.length * rest.length > maxHosts) throw new RangeError(`${pattern} stands for more than ${maxHosts} hosts`)
  return items.flatMap((item) => rest.map((end) => before + item + end))
}

function itemsOf(range: string, pattern: string): string[] {
  const [, start = '', end = '', step = '1'] = /^([0-9]+|[a-zA-Z]):([0-9]+|[a-zA-Z])(?::([1-9]\d*))?$/.exec(range) ?? []
  const isNumeric = /^\d/.test(start)
  const [first, last] = isNumeric ? [Number(start), Number(end)] : [start.charCodeAt(0), end.charCodeAt(0)]
  if (!start || isNumeric !== /^\d/.test(end) || !(first <= last)) {
    throw new RangeError(`[${range}] in ${pattern} is not a range such as [01:50] or [a:f]`)
  }
  const count = Math.floor((last - first) / Number(step)) + 1
  if (count > maxHosts) throw new RangeError(`${pattern} stands for more than ${maxHosts} hosts`)
  const width = start.startsWith('0') ? start.length : 0
  return Array.from({ length: count }, (_, index) => {
    const value = first + index * Number(step)
    return isNumeric ? String(value).padStart(width, '0') : String.fromCharCode(value)
  })
}
