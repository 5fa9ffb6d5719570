import type { Client } from '@vesemir/contract'
import type { Text } from '@vesemir/words'
import type { Annotation, CiSystem } from './ci/ci-system.ts'
import { detectCi } from './ci/detect-ci.ts'
import { readConfig } from './config.ts'
import { exitOfError } from './exit-codes.ts'
import { errorAnnotation, errorJson, errorLines } from './explain-error.ts'
import { gatherWrites } from './gather-writes.ts'
import { openClient } from './open-client.ts'
import { jsonLine } from './render/json.ts'
import type { Terminal } from './render/screen.ts'
import { paint } from './render/paint.ts'

/** The options of every command. */
export interface GlobalOptions {
  url?: string
  token?: string
  json?: boolean
  color: boolean
}

/** What a command works with: data goes to stdout, talk to stderr. */
export interface Session extends Output {
  client: Client
  /** Where the API is. */
  url: string
  /** What a command has to add to ask the same API: ` --url …` where this one did, else nothing. */
  reachOption: string
}

/** How a command speaks. */
export interface Output {
  json: boolean
  /** The terminal on which a deployment can be shown live, when there is one that is to be painted on. */
  terminal: Terminal | undefined
  print: (line: Text) => void
  write: (text: string) => void
  notify: (line: Text) => void
  notifyError: (error: unknown) => void
  /** The CI system that this runs in. */
  ci: CiSystem | undefined
  /** Shows a complaint apart from the log where the CI system can; for people, so not with JSON. */
  annotate: (annotation: Annotation) => void
}

/**
 * Runs a command's action and ends with its exit code, or with what an error means. `about` is the deployment that the
 * command is about.
 */
export async function runInSession(
  options: GlobalOptions,
  { about, action }: { about: string | undefined; action: (session: Session) => Promise<number> },
): Promise<void> {
  await runWithOutput({ ...options, about }, async (output) => {
    const config = await readConfig(options, process.env)
    return action({
      client: openClient(config),
      url: config.url,
      reachOption: options.url === undefined ? '' : ` --url ${options.url}`,
      ...output,
    })
  })
}

/** Runs an action that needs no API, or that finds out for itself where it is. */
export async function runWithOutput(
  options: GlobalOptions & { about?: string | undefined },
  action: (output: Output) => Promise<number>,
): Promise<void> {
  const output = openOutput(options)
  try {
    process.exitCode = await action(output)
  } catch (error) {
    output.notifyError(error)
    process.exitCode = exitOfError(error)
  }
}

function openOutput({ json = false, color, about }: GlobalOptions & { about?: string | undefined }): Output {
  const { stdout, stderr } = process
  const { write, flush } = gatherWrites(stdout)
  const say = (text: string) => {
    flush()
    stderr.write(text)
  }
  const ci = detectCi(process.env)
  const textOf = (line: Text, colours: boolean) => {
    const text = paint(line, { colours })
    return `${ci ? ci.neutralise(text) : text}\n`
  }
  const notify = (line: Text) => say(textOf(line, isPainted(stderr, color)))
  const annotate = (annotation: Annotation) => {
    const command = json ? undefined : ci?.annotate(annotation)
    if (command !== undefined) say(`${command}\n`)
  }
  const colours = isPainted(stdout, color)
  return {
    json,
    terminal: colours && !json ? toTerminal(stdout, write) : undefined,
    print: (line) => write(textOf(line, colours)),
    write,
    notify,
    notifyError: (error) => {
      if (json) return say(jsonLine(errorJson(error, about)))
      errorLines(error, about).forEach(notify)
      annotate(errorAnnotation(error, about))
    },
    ci,
    annotate,
  }
}

/** https://no-color.org: any value counts, an empty one does not. */
function isPainted({ isTTY }: NodeJS.WriteStream, color: boolean): boolean {
  const { NO_COLOR, TERM } = process.env
  return isTTY && color && !NO_COLOR && TERM !== 'dumb'
}

/** Some terminals, those of CI systems above all, say that they have no size. */
function toTerminal(stdout: NodeJS.WriteStream, write: Terminal['write']): Terminal {
  return {
    get columns() {
      return stdout.columns || 80
    },
    get rows() {
      return stdout.rows || 24
    },
    write,
  }
}
