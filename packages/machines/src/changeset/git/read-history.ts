import type { Commit, CommitChanges } from '@vesemir/contract'

/** What is shown of a history, and how far it is counted. */
const mostListed = 20
const mostCounted = 1000
const mostCharacters = 120

/**
 * Reads how the histories of two commits differ. Both are full commits that the repository has: nothing that a person has written gets into
 * the arguments.
 */
export async function readHistory(
  { from, to }: { from: string; to: string },
  run: (args: readonly string[]) => Promise<string>,
): Promise<CommitChanges> {
  const list = async (range: string) => {
    const counted = await run(['rev-list', '--count', `--max-count=${mostCounted + 1}`, range])
    const count = Number(counted)
    // The last field may have any character but NUL and a line end in it.
    const format = '--format=%H%x00%cI%x00%an%x00%s'
    const shown =
      count === 0 ? '' : await run(['log', '--no-show-signature', `--max-count=${mostListed}`, format, range])
    return { count, newest: shown.split('\n').flatMap(readCommit) }
  }
  return { from, to, added: await list(`${from}..${to}`), removed: await list(`${to}..${from}`) }
}

function readCommit(line: string): Commit[] {
  const [id, at, author = '', subject = ''] = line.split('\0')
  const moment = new Date(at ?? '')
  if (!id || Number.isNaN(moment.getTime())) return []
  return [{ id, subject: cut(subject), author: cut(author), at: moment.toISOString() }]
}

/** Whoever writes a commit writes into terminals and pages: control characters and those that turn the direction of text are left out. */
function cut(text: string): string {
  const plain = text.replaceAll(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, ' ').trim()
  return plain.length > mostCharacters ? `${plain.slice(0, mostCharacters - 1)}…` : plain
}
