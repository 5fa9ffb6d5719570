import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'

/** Asks a person on the terminal; an empty answer means what is known. Nothing is answered with Ctrl-C or Ctrl-D. */
export async function ask(question: string, known = ''): Promise<string | undefined> {
  const prompt = `${question}${known === '' ? '' : ` [${known}]`}: `
  const answer = await answerTo(prompt, { echo: process.stderr })
  return answer === '' ? known : answer
}

/** Asks for a secret: what is typed is not shown. */
export async function askHidden(question: string): Promise<string | undefined> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const answer = await answerTo(`${question}: `, { echo: nowhere })
  process.stderr.write('\n')
  return answer
}

/** Reads a secret from a pipe: its first line. */
export async function readFirstLine(): Promise<string> {
  return (await text(process.stdin)).split('\n', 1)[0]!.trim()
}

/**
 * With `terminal`, readline takes the echo away from the terminal and does it itself, on `echo`. It does so before the
 * question is seen: who answers fast would otherwise see the secret.
 */
async function answerTo(prompt: string, { echo }: { echo: NodeJS.WritableStream }): Promise<string | undefined> {
  using lines = createInterface({ input: process.stdin, output: echo, terminal: true, prompt })
  if (echo !== process.stderr) process.stderr.write(prompt)
  lines.prompt()
  const answered = once(lines, 'line').then(([line]) => (line as string).trim())
  const left = once(lines, 'close').then(() => undefined)
  // Without this wait, `lines` would be closed before there is an answer.
  return await Promise.race([answered, left])
}
