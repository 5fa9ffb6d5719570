import type { Text } from '@vesemir/words'
import { openClient } from '../open-client.ts'
import { paint } from '../render/paint.ts'
import type { Session } from '../session.ts'

/** A session without a terminal, with what was written to stdout and what was told on stderr. */
export function aSession(url: string, changes: Partial<Session> = {}) {
  const output = { stdout: '', stderr: '' }
  const textOf = (line: Text) => `${paint(line, { colours: false })}\n`
  const session: Session = {
    client: openClient({ url }),
    url,
    reachOption: '',
    json: false,
    terminal: undefined,
    print: (line) => void (output.stdout += textOf(line)),
    write: (text) => void (output.stdout += text),
    notify: (line) => void (output.stderr += textOf(line)),
    notifyError: (error) => void (output.stderr += `${String(error)}\n`),
    ci: undefined,
    annotate: () => {},
    ...changes,
  }
  return { session, output }
}
