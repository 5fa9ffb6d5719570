import { DeploymentId, ServerState, StepName } from '@vesemir/contract'
import { isVesemirError, type MarkScope, type Marks, type RemoteSession } from '@vesemir/core'
import { z } from 'zod'
import { shellQuote } from '../remote-shell/index.ts'
import { MarkCarrier, stepStart, type MarkFile } from './mark-carrier.ts'

const Mark = z.object({
  epoch: z.string(),
  deploymentId: DeploymentId,
  createdAt: z.string(),
  host: z.string(),
  attempt: z.int(),
  step: StepName,
  servers: z.array(z.object({ server: ServerState, weights: z.array(z.int()) })),
})

/** Seals what is kept where others can write; a host is not believed about its own traffic. */
interface MarkSeal {
  put: (place: string, text: string) => string
  open: (place: string, sealed: string) => { text: string }
}

/** How long a host may take to show a mark. */
const timeoutMs = 30_000

/**
 * Keeps marks in a file beside the releases of the application, or in the home of the user who logs in where its changeset has no
 * folder. Where a mark cannot be written, the log of the deployment says so, and the walk continues.
 */
export function createMarks({ seal }: { seal: MarkSeal }): Marks {
  return (session, scope) => {
    const at = fileOf(scope, session)
    const context = `the mark of ${session.target.name} in ${scope.application} in ${scope.environment}`
    const carrier = new MarkCarrier({ session, at, write: (mark) => seal.put(context, JSON.stringify(mark)) })
    return {
      remote: carriedBy(carrier, session),
      mark: {
        async read(signal) {
          const script = `cat ${at.file} 2> /dev/null || true`
          const { stdout } = await session.run(script, { name: 'read mark', isOwn: true, timeoutMs, signal })
          return openMark(stdout.trimEnd(), { seal, context })
        },
        put: (mark) => carrier.put(mark),
        note: (step) => carrier.note(step),
        written: (signal) => carrier.written(signal),
        clear: () => carrier.clear(),
      },
    }
  }
}

function carriedBy(carrier: MarkCarrier, session: RemoteSession): RemoteSession {
  return {
    ...session,
    get probesByShell() {
      return session.probesByShell
    },
    run: (script, options) => carrier.run(script, options),
    async proveScripts(options) {
      await (carrier.isWaiting ? carrier.run(':', { ...options, isOwn: true }) : session.proveScripts(options))
    },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  }
}

function fileOf({ application, environment, changeset }: MarkScope, { target }: RemoteSession): MarkFile {
  // No name has a "+": names in which only the "-" stand elsewhere are not the same file.
  const name = `.vesemir-${application}+${environment}+${target.name}`
  const folder =
    'directory' in changeset ? shellQuote(changeset.directory.replaceAll('{host}', target.name)) : '"$HOME"'
  return { folder, file: `${folder}/${shellQuote(name)}` }
}

/** Opens what a file holds: a sealed mark, and behind it a line for each step that came later. */
function openMark(
  held: string,
  { seal, context }: { seal: MarkSeal; context: string },
): z.infer<typeof Mark> | undefined {
  if (held === '') return undefined
  const lines = held.split('\n')
  const end = lines.findIndex((line) => line.startsWith(stepStart))
  const later = StepName.safeParse(lines.at(-1)?.slice(stepStart.length))
  try {
    const sealed = lines.slice(0, end === -1 ? lines.length : end).join('\n')
    const mark = Mark.parse(JSON.parse(seal.open(context, sealed).text))
    return later.success && end !== -1 ? { ...mark, step: later.data } : mark
  } catch (error) {
    if (isVesemirError(error) || error instanceof z.ZodError || error instanceof SyntaxError) return undefined
    throw error
  }
}
