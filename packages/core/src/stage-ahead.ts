import { runConcurrently } from './run-concurrently.ts'
import { refuseOtherSecrets, secretNamesOf } from './variables.ts'
import { act, commandEnv, logLine, revealed, revealedVariables, type ConnectedWalk, type Staging } from './walk.ts'

/**
 * Begins to bring the release onto the host while that still serves: to send and unpack it is what takes longest, and needs no
 * drained host. Returns undefined where it has to wait for its turn. Dispose of it to give up what is not done yet.
 */
export function stageAhead(walk: ConnectedWalk): Staging | undefined {
  const { spec, remote, claim, ports, waits } = walk
  const { beforeDrain, afterDrain, beforeDeploy } = spec.hooks
  // Without a load balancer there is no time out of rotation; and these hooks may get ready for it.
  if (walk.servers.length === 0 || [...beforeDrain, ...afterDrain, ...beforeDeploy].length > 0) return undefined
  const strategy = ports.changesets(spec.changeset)
  const context = { session: remote, env: commandEnv(walk), onLine: logLine(walk, 'deploy') }
  const { promise: accepted, resolve: onAccepted, reject } = Promise.withResolvers<void>()
  const staging = runConcurrently(async (signal) => {
    const [changeset, variables] = await Promise.all([revealed(walk, spec.changeset), revealedVariables(walk)])
    refuseOtherSecrets(variables, claim.deployment, ports)
    const staged = { ...context, changeset, variables, secretNames: secretNamesOf(spec), onAccepted, signal }
    return act(walk, () => strategy.stage(claim.deployment.plan!.release, staged))
  }, waits)
  staging.done.then(() => onAccepted(), reject)
  return { ...staging, accepted }
}
