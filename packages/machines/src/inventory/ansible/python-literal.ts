// Ansible reads the values of an INI inventory with Python's ast.literal_eval, and takes what is no literal for a text.

const space = /(?:[ \t\f]|#.*)*/y
const number =
  /0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d(?:_?\d)*)?\.\d(?:_?\d)*(?:[eE][+-]?\d(?:_?\d)*)?|\d(?:_?\d)*\.?(?:[eE][+-]?\d(?:_?\d)*)?/y
const string = /([rR]?[bB]?|[bB][rR]|[uU])(?:("""|''')((?:[^\\]|\\.)*?)\2|(["'])((?:(?!\4)[^\\]|\\.)*)\4)/y
const constant = /(True|False|None)(?![\p{L}\p{N}_])/uy
const constants: Record<string, unknown> = { True: true, False: false, None: null }
const maxDepth = 90

interface Cursor {
  text: string
  at: number
  depth: number
}

class NoLiteral extends Error {}

/** Reads a text as Python's `ast.literal_eval` does; one that is no literal is returned as it is. Tuples and sets are lists. */
export function readPythonLiteral(text: string): unknown {
  try {
    const cursor = { text, at: 0, depth: 0 }
    const first = readValue(cursor)
    const value = takeCharacter(cursor, ',') ? [first, ...readItems(cursor, '', readValue)] : first
    return cursor.at === text.length ? value : text
  } catch (error) {
    if (error instanceof NoLiteral) return text
    throw error
  }
}

function readValue(cursor: Cursor): unknown {
  take(cursor, space)
  if ((cursor.depth += 1) > maxDepth) throw new NoLiteral()
  const value = readBare(cursor)
  cursor.depth -= 1
  take(cursor, space)
  return value
}

function readBare(cursor: Cursor): unknown {
  const found = take(cursor, constant)
  if (found) return constants[found[0]]
  const text = readStrings(cursor)
  if (text !== undefined) return text
  if (takeCharacter(cursor, '[')) return readItems(cursor, ']', readValue)
  if (takeCharacter(cursor, '(')) return readBrackets(cursor)
  if (takeCharacter(cursor, '{')) return readBraces(cursor)
  if (takeCharacter(cursor, '-')) return -readNumber(cursor)
  takeCharacter(cursor, '+')
  return readNumber(cursor)
}

function readNumber(cursor: Cursor): number {
  take(cursor, space)
  const digits = (take(cursor, number)?.[0] ?? '').replaceAll('_', '')
  // A number with leading zeros is none since Python 3; one with a letter after it is complex, or nothing.
  const isNone = !digits || /^0+[1-9]\d*$/.test(digits) || /[\p{L}\p{N}_.]/u.test(cursor.text.charAt(cursor.at))
  if (isNone) throw new NoLiteral()
  return Number(digits)
}

/** Strings that follow one another are one. */
function readStrings(cursor: Cursor): string | undefined {
  let text: string | undefined
  for (let found = take(cursor, string); found; found = take(cursor, string)) {
    const [, prefix = '', , long, , short = ''] = found
    const content = long ?? short
    text = (text ?? '') + (/r/i.test(prefix) ? content : unescaped(content))
    take(cursor, space)
  }
  return text
}

function readBrackets(cursor: Cursor): unknown {
  if (takeCharacter(cursor, ')')) return []
  const first = readValue(cursor)
  if (takeCharacter(cursor, ')')) return first
  if (!takeCharacter(cursor, ',')) throw new NoLiteral()
  return [first, ...readItems(cursor, ')', readValue)]
}

function readBraces(cursor: Cursor): unknown {
  if (takeCharacter(cursor, '}')) return {}
  const start = cursor.at
  readValue(cursor)
  const isSet = !takeCharacter(cursor, ':')
  cursor.at = start
  return isSet ? readItems(cursor, '}', readValue) : Object.fromEntries(readItems(cursor, '}', readPair))
}

function readPair(cursor: Cursor): [string, unknown] {
  const key = readValue(cursor)
  if (!takeCharacter(cursor, ':')) throw new NoLiteral()
  return [String(key), readValue(cursor)]
}

/** Reads items with commas between them up to a bracket, or to the end of the text; a comma may be last. */
function readItems<Item>(cursor: Cursor, end: string, readItem: (cursor: Cursor) => Item): Item[] {
  const items: Item[] = []
  while (!isAtEnd(cursor, end)) {
    items.push(readItem(cursor))
    if (takeCharacter(cursor, ',')) continue
    if (isAtEnd(cursor, end)) break
    throw new NoLiteral()
  }
  return items
}

function isAtEnd(cursor: Cursor, end: string): boolean {
  return end === '' ? cursor.at >= cursor.text.length : takeCharacter(cursor, end)
}

function takeCharacter(cursor: Cursor, character: string): boolean {
  take(cursor, space)
  if (cursor.text[cursor.at] !== character) return false
  cursor.at += 1
  return true
}

function take(cursor: Cursor, pattern: RegExp): RegExpExecArray | null {
  pattern.lastIndex = cursor.at
  const found = pattern.exec(cursor.text)
  if (found) cursor.at = pattern.lastIndex
  return found
}

const escapes: Record<string, string> = {
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\u0007',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
}

/** An escape that Python does not know stays as it is. */
function unescaped(content: string): string {
  return content.replaceAll(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3})|(.))/gs,
    (whole: string, x?: string, u?: string, long?: string, octal?: string, character = '') => {
      const hex = x ?? u ?? long
      if (hex !== undefined) return fromCode(Number.parseInt(hex, 16))
      if (octal !== undefined) return fromCode(Number.parseInt(octal, 8))
      // Those are begun and not finished, for Python an error.
      if (/[xuUN]/.test(character)) throw new NoLiteral()
      return escapes[character] ?? whole
    },
  )
}

function fromCode(code: number): string {
  if (code > 0x10_ff_ff) throw new NoLiteral()
  return String.fromCodePoint(code)
}
