import { VesemirError, type RemoteSession } from '@vesemir/core'

interface Needs {
  /** Uses the functions of `need.sh`. */
  script: string
  env?: Readonly<Record<string, string>>
  /** What the host cannot do without them; continues "cannot". */
  purpose: string
}

/** How long a host may take to say what it lacks. */
const timeoutMs = 30_000

const codes = ['DISK_SPACE_LOW', 'HOST_TOOL_MISSING', 'SERVICE_FAILED', 'SUDO_REFUSED'] as const

/**
 * Makes sure that a host has what it needs, and changes nothing.
 * @throws {VesemirError} `DISK_SPACE_LOW`, `HOST_TOOL_MISSING`, `SERVICE_FAILED`, `SUDO_REFUSED`, and as `RemoteSession.run`
 */
export async function proveNeeds(
  session: RemoteSession,
  { script, env = {}, purpose }: Needs,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { stdout } = await session.run(script, { name: 'prove needs', isOwn: true, timeoutMs, env, signal })
  const [, word, why] = /^lacks (\S+) (.*)$/m.exec(stdout) ?? []
  const code = codes.find((known) => known === word)
  const host = session.target.name
  if (code) throw new VesemirError(code, `${host} cannot ${purpose}: ${why}`, { details: { host } })
}
