import { durationMs } from '@vesemir/contract'
import { act, commandEnv, logLine, type ConnectedWalk } from '../walk.ts'

/** Restarts the application by its own command. */
export async function restart(walk: ConnectedWalk): Promise<undefined> {
  const { service } = walk.spec
  await act(walk, () =>
    walk.remote.run(service.restart, {
      timeoutMs: durationMs(service.timeout),
      env: commandEnv(walk),
      onLine: logLine(walk),
      signal: walk.signal,
    }),
  )
}
