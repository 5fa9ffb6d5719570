/**
 * Splits a line as Python's `shlex.split(line, comments=True)` does, by which Ansible reads the hosts of an INI inventory: what
 * is in quotes is one word without them, a backslash outside of single quotes takes the next character as it is, and `#` ends
 * the line wherever it stands outside of quotes.
 * @throws {Error} when a quote is not closed, or nothing follows a backslash
 */
export function splitWords(line: string): string[] {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let at = 0; at < line.length; at += 1) {
    const character = line[at]!
    if (character === '\\' && quote !== "'") {
      const next = line[(at += 1)]
      if (next === undefined) throw new Error('nothing follows a backslash')
      const isKept = quote === '"' && next !== '"' && next !== '\\'
      word = (word ?? '') + (isKept ? character : '') + next
    } else if (quote) {
      if (character === quote) quote = ''
      else word += character
    } else if (character === '"' || character === "'") {
      quote = character
      word ??= ''
    } else if (character === '#') break
    else if (/[ \t\r\n]/.test(character)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + character
  }
  if (quote) throw new Error('a quote is not closed')
  return word === undefined ? words : [...words, word]
}
