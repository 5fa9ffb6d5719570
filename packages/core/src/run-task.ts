import { durationMs, type HostRecord, type HostTarget, type Task } from '@vesemir/contract'
import { refuseUnaccepted } from './access/rules.ts'
import { isCancelledNow } from './commands.ts'
import { isVesemirError, toFailure, VesemirError } from './errors.ts'
import { isNotOurs } from './is-not-ours.ts'
import { isOver } from './is-over.ts'
import type { DeploymentClaim } from './ports/deployment-claim.ts'
import type { OnLine } from './ports/remote-shell.ts'
import { reveal } from './reveal.ts'
import type { RolloutPorts } from './rollout-ports.ts'
import { refuseOtherSecrets, secretNamesOf } from './variables.ts'
import { whileSure } from './while-sure.ts'

interface TaskContext {
  claim: DeploymentClaim
  ports: RolloutPorts
  signal: AbortSignal
}

/** How long no news of commands may come before they are looked for. */
const checkIntervalMs = 5000

/**
 * Does one task and records its end. That it started is in the record before it acts, so that whoever takes over knows that it
 * may have been done. One that may run again is stopped when another worker might begin it.
 * @throws as `runRollout`: then the record shows the task as running, for the attempt that follows
 */
export async function runTask(task: Task, { claim, ports, signal }: TaskContext): Promise<void> {
  refuseUnaccepted(claim.deployment, ports.rules)
  const { hosts, cursor } = await claim.readHosts()
  const target = task.command === undefined ? undefined : chooseHost(hosts, claim.deployment)
  await claim.append({ type: 'task.started', task: task.name, ...(target ? { on: target.name } : {}) })
  const elapsedMs = ports.clock.startStopwatch()
  const end = (outcome: 'succeeded' | 'failed', why: object) =>
    claim.append({ type: 'task.ended', task: task.name, outcome, durationMs: Math.round(elapsedMs()), ...why })
  try {
    await claim.confirm()
    const note = await unlessCancelled({ claim, cursor, signal }, (signal) =>
      task.repeatable
        ? whileSure(claim, { ...ports, signal }, (signal) => act(task, { claim, ports, signal, target }))
        : act(task, { claim, ports, signal, target }),
    )
    await claim.flush()
    await end('succeeded', note === undefined ? {} : { note })
  } catch (error) {
    if (isNotOurs(error, signal)) throw error
    // The record shows it as running: whoever has the deployment then begins it again.
    if (isVesemirError(error, 'LOCK_LOST')) return
    await claim.flush()
    await end('failed', { failure: toFailure(error) })
  }
}

/** The first host of the plan; after the first wave, the first that has what the deployment is for. */
function chooseHost(
  hosts: readonly HostRecord[],
  { id, intent, excluded = [] }: DeploymentClaim['deployment'],
): HostTarget {
  const present = hosts.filter(({ target, gone }) => !gone && !excluded.includes(target.name))
  const done = intent === 'deploy' ? 'succeeded' : 'rolled-back'
  const chosen = present.find(({ state }) => state.status === done) ?? present[0]
  if (chosen) return chosen.target
  throw new VesemirError('HOST_GONE', `${id} has no host left to run a task on`)
}

/** Does something until the deployment is cancelled at once. A cancellation that lets hosts finish lets tasks finish. */
async function unlessCancelled<Result>(
  { claim, cursor, signal }: { claim: DeploymentClaim; cursor: number; signal: AbortSignal },
  action: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const over = new AbortController()
  const cancelled = new AbortController()
  const watch = async () => {
    const until = AbortSignal.any([signal, over.signal])
    for (let at = cursor; !isCancelledNow(claim.deployment);)
      ({ cursor: at } = await claim.waitForChanges(at, { timeoutMs: checkIntervalMs, signal: until }))
    cancelled.abort(new VesemirError('CANCELLED', 'cancelled in the middle of the task'))
  }
  // Without news of commands, the task goes on to its end.
  const watching = watch().catch(() => {})
  try {
    return await action(AbortSignal.any([signal, cancelled.signal]))
  } finally {
    over.abort(isOver)
    await watching
  }
}

interface ActContext extends TaskContext {
  target: HostTarget | undefined
}

async function act(task: Task, { claim, ports, signal, target }: ActContext): Promise<string | undefined> {
  const { spec } = claim.deployment
  const onLine: OnLine = (line) => claim.log(task.name, line)
  const options = { timeoutMs: durationMs(task.timeout), onLine, signal }
  if (target) return runOnHost(task, { claim, ports, signal, target })
  if (task.program !== undefined) {
    await claim.check()
    await ports.tasks.run(task.program, { ...options, place: spec, env: taskEnv(task, claim) })
    return undefined
  }
  const request = await reveal(task.http!, { spec, secrets: ports.secrets, signal })
  await claim.check()
  return ports.tasks.call(request, { ...options, version: spec.version })
}

/** Runs the task's command beside what the host runs: in the folder of the new release, which is brought there first. */
async function runOnHost(
  task: Task,
  { claim, ports, signal, target }: TaskContext & { target: HostTarget },
): Promise<undefined> {
  const { spec, plan } = claim.deployment
  const revealed = <Value>(value: Value) => reveal(value, { spec, secrets: ports.secrets, signal })
  const env = { ...taskEnv(task, claim), VESEMIR_HOST: target.name, VESEMIR_ADDRESS: target.address }
  const onLine: OnLine = (line) => claim.log(task.name, line)
  await using session = await ports.remoteShell.connect(target, signal)
  await claim.check()
  const [changeset, variables] = [await revealed(spec.changeset), await revealed({ ...spec.variables })]
  // On the way back, hosts have had the release, and a secret that is new since must not keep anybody from undoing.
  if (task.when !== 'onRollback') refuseOtherSecrets(variables, claim.deployment, ports)
  const { folder } = await ports
    .changesets(spec.changeset)
    .stage(plan!.release, { changeset, variables, secretNames: secretNamesOf(spec), session, env, onLine, signal })
  const secretEnv = { ...variables, ...(await revealed(task.environment)) }
  await claim.check()
  await session.run(folder === undefined ? task.command! : `cd -- "$VESEMIR_RELEASE" || exit\n${task.command}`, {
    name: `task ${task.name}`,
    timeoutMs: durationMs(task.timeout),
    env: folder === undefined ? env : { ...env, VESEMIR_RELEASE: folder },
    secretEnv,
    onLine,
    signal,
  })
}

function taskEnv({ name }: Task, { deployment: { id, spec, intent } }: DeploymentClaim): Record<string, string> {
  return {
    VESEMIR_APPLICATION: spec.application,
    VESEMIR_ENVIRONMENT: spec.environment,
    VESEMIR_VERSION: spec.version,
    VESEMIR_INTENT: spec.goesBack ? 'rollback' : intent,
    VESEMIR_DEPLOYMENT: id,
    VESEMIR_TASK: name,
  }
}
