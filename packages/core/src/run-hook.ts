import { durationMs } from '@vesemir/contract'
import type { HookName } from './steps/step.ts'
import { act, commandEnv, logLine, revealedVariables, type ConnectedWalk } from './walk.ts'

/** Runs the commands that the settings have for a hook, one after another; the first that fails is the last. */
export async function runHook(walk: ConnectedWalk, name: HookName | undefined): Promise<void> {
  const { hooks } = walk.spec
  for (const [index, command] of (name ? hooks[name] : []).entries()) {
    const secretEnv = await revealedVariables(walk, hooks.environment)
    await act(walk, () =>
      walk.remote.run(command, {
        name: `hook ${name} ${index + 1}`,
        timeoutMs: durationMs(hooks.timeout),
        env: commandEnv(walk),
        secretEnv,
        onLine: logLine(walk),
        signal: walk.signal,
      }),
    )
  }
}
