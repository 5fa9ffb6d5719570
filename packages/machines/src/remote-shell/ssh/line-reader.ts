import { stripVTControlCharacters } from 'node:util'

// In UTF-16 units. Longer lines come as several.
const longestLine = 16 * 1024

/**
 * Splits bytes into lines of clean text: UTF-8 across chunks, what is invalid replaced; terminal colours and control
 * characters other than tab left out. `\n`, `\r\n` and `\r` end a line; the one after a progress bar's `\r` is a line too.
 */
export function createLineReader(onLine: (text: string) => void): { write(chunk: Uint8Array): void; end(): void } {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let pending = ''

  function read(text: string): void {
    // Nearly all output is plain: one look at the whole takes the place of three at each line.
    if (!unusual.test(text) && !pending.endsWith('\r')) return readPlain(text)
    // A \r at the very end may be half of a \r\n.
    const parts = (pending + text).split(/\r\n|\n|\r(?!$)/)
    pending = parts.pop() ?? ''
    for (const part of parts) passOn(part)
    cutPending()
  }

  function readPlain(text: string): void {
    const [first = '', ...rest] = (pending + text).split('\n')
    if (rest.length > 0) passOn(first)
    pending = rest.pop() ?? first
    for (const part of rest) {
      if (part.length > longestLine) passOn(part)
      else onLine(part)
    }
    cutPending()
  }

  function cutPending(): void {
    while (pending.length > longestLine) {
      const cut = cutOf(pending)
      passOn(pending.slice(0, cut))
      pending = pending.slice(cut)
    }
  }

  function passOn(line: string): void {
    for (let rest = line; ;) {
      const cut = cutOf(rest)
      onLine(clean(rest.slice(0, cut)))
      rest = rest.slice(cut)
      if (!rest) return
    }
  }

  return {
    write: (chunk) => read(decoder.decode(chunk, { stream: true })),
    end() {
      read(decoder.decode())
      if (pending) passOn(pending.replace(/\r$/, ''))
      pending = ''
    },
  }
}

/** Where a line is to be cut: never in the middle of a character. */
function cutOf(line: string): number {
  if (line.length <= longestLine) return line.length
  const last = line.charCodeAt(longestLine - 1)
  return last >= 0xd800 && last <= 0xdbff ? longestLine - 1 : longestLine
}

// All that needs more than to be cut at each \n.
// oxlint-disable-next-line no-control-regex -- control characters are what this looks for
const unusual = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/

function clean(line: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what this leaves out
  return stripVTControlCharacters(line).replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g, '')
}
