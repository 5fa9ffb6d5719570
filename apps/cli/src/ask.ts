import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'

/** Asks a person on the terminal; an empty answer means what is known. Nothing is answered with Ctrl-C or Ctrl-D. */
export async function ask(question: string, known = ''): Promise<string | undefined> {
  const answer = await answerTo(`${question}${known === '' ? '' : ` [${known}]`}: `, process.stderr)
  return answer === '' ? known : answer
}

/** Asks for a secret: what is typed is not shown. */
export async function askHidden(question: string): Promise<string | undefined> {
  process.stderr.write(`${question}: `)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const answer = await answerTo('', nowhere)
  process.stderr.write('\n')
  return answer
}

/** Reads a secret from a pipe: its first line. */
export async function readFirstLine(): Promise<string> {
  return (await text(process.stdin)).split('\n', 1)[0]!.trim()
}

/** With `terminal`, readline takes the echo from the terminal and does it itself, on `output`. */
async function answerTo(question: string, output: NodeJS.WritableStream): Promise<string | undefined> {
  using lines = createInterface({ input: process.stdin, output, terminal: true })
  const closed = once(lines, 'close').then(() => undefined)
  const answer = await Promise.race([lines.question(question), closed])
  return answer?.trim()
}
