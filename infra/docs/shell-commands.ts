/**
 * Returns the simple commands of a block of shell, each as its words without quotes: those of lists, pipes and substitutions too.
 * Comments, assignments and redirections are left out.
 */
export function commandsOf(text: string): string[][] {
  const commands: string[][] = []
  const inner: string[] = []
  const plain = text
    .replaceAll('\\\n', ' ')
    // A subshell's commands are commands.
    .replaceAll(/^(\s*)\((.*)\)\s*$/gm, '$1$2')
    .replaceAll(/<<-?\s*'?(\w+)'?(.*)\n[^]*?\n\s*\1(?=\n|$)/g, '$2')
    .replaceAll(/[<$]\(([^()]*)\)/g, (_all, command: string) => (inner.push(command), 'SUBSTITUTED'))
  let words: string[] = []
  const end = () => {
    if (words.length > 0) commands.push(words)
    words = []
  }
  for (const [token, quoted, doubleQuoted] of plain.matchAll(tokens)) {
    if (token.startsWith('#')) continue
    if (/^[\n;|&]/.test(token)) end()
    else if (/^\s/.test(token) || /^\d?[<>]/.test(token)) continue
    else if (words.length > 0 || !/^\w+=/.test(token))
      words.push(quoted ?? doubleQuoted ?? token.replaceAll(/['"]/g, ''))
  }
  end()
  return [...commands, ...inner.flatMap(commandsOf)]
}

const tokens =
  /'([^']*)'(?=\s|;|\||$)|"([^"]*)"(?=\s|;|\||$)|#[^\n]*|\n|;|&&|\|\|?|&|\d?[<>]+&?\s*[^\s;|]*|(?:[^\s;|&<>'"]|'[^']*'|"[^"]*")+|[^\S\n]+/g
