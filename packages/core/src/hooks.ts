import { durationMs, type Hooks, type StepName } from '@vesemir/contract'
import { act, commandEnv, logLine, type ConnectedWalk } from './walk.ts'

type Edge = Exclude<keyof Hooks, 'timeout'>

/** The hooks at the edges of steps. */
export const edges: Partial<Record<StepName, { before: Edge; after: Edge }>> = {
  drain: { before: 'beforeDrain', after: 'afterDrain' },
  deploy: { before: 'beforeDeploy', after: 'afterDeploy' },
  restart: { before: 'beforeRestart', after: 'afterRestart' },
  enable: { before: 'beforeEnable', after: 'afterEnable' },
}

/** Runs the commands that the settings have for this edge of the step, one after another; the first that fails is the last. */
export async function runHooks(walk: ConnectedWalk, edge: 'before' | 'after'): Promise<void> {
  const { hooks } = walk.spec
  const name = edges[walk.step]?.[edge]
  for (const command of name ? hooks[name] : [])
    await act(walk, () =>
      walk.remote.run(command, {
        timeoutMs: durationMs(hooks.timeout),
        env: commandEnv(walk),
        onLine: logLine(walk),
        signal: walk.signal,
      }),
    )
}
