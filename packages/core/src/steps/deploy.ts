import type { DeploymentSpec, PlannedRelease, Variables } from '@vesemir/contract'
import type { DeferredFact } from '../ports/host-claim.ts'
import { refuseOtherSecrets, secretNamesOf } from '../variables.ts'
import { act, commandEnv, logLine, revealed, revealedVariables, type ConnectedWalk } from '../walk.ts'
import { askWhatRuns, noteCurrent } from '../what-runs.ts'
import type { Step } from './step.ts'

/**
 * Introduces the changeset on the host, to which it may have come already; on the way back, takes it out again. From its start
 * on, the record takes what the host runs for unproven (`applyHostFact`).
 * @throws {VesemirError} as the changeset's strategy and `refuseOtherSecrets`
 */
export const deploy: Step<'deploy'> = {
  name: 'deploy',
  rotation: 'out',
  leaves: 'as-before',
  resumes: { inService: 'guard', heldOut: 'deploy' },
  hooks: { before: 'beforeDeploy', after: 'afterDeploy' },
  describe: describeRelease,
  prepare: (walk) => noteCurrent(walk),
  run: (walk) => (walk.claim.host.intent === 'rollback' ? revert(walk) : introduce(walk)),
  inspectFailure: (walk) => (mayTellIfChanged(walk) ? askWhatRuns(walk) : undefined),
}

/**
 * A host that runs what it ran before has not been changed, and the record takes it for proven again. What a hook before has
 * changed nobody can ask for.
 */
function mayTellIfChanged({ claim, spec }: ConnectedWalk): boolean {
  return claim.host.changing === true && spec.hooks.beforeDeploy.length === 0
}

async function introduce(walk: ConnectedWalk): Promise<string> {
  const { claim, ports, spec, staging, waits: signal } = walk
  const { release } = claim.deployment.plan!
  const ahead = await staging?.done
  const context = { ...(await contextOf(walk)), isStaged: ahead !== undefined, signal }
  refuseOtherSecrets(context.variables, claim.deployment, ports)
  const { previous, note: words } = await act(walk, () => ports.changesets(spec.changeset).introduce(release, context))
  await note(walk, {
    type: 'release.introduced',
    host: walk.target.name,
    release: release.id,
    ...(previous === undefined ? {} : { previous }),
  })
  return ahead?.note ?? words
}

async function revert(walk: ConnectedWalk): Promise<string> {
  const { claim, ports, spec, signal } = walk
  const { release } = claim.deployment.plan!
  const context = { ...(await contextOf(walk)), previous: claim.host.release?.previous, signal }
  const { note: words, current } = await act(walk, () => ports.changesets(spec.changeset).revert(release, context))
  await note(walk, {
    type: 'release.reverted',
    host: walk.target.name,
    ...(current === undefined ? {} : { release: current }),
  })
  return words
}

/** Notes what became of the release: with the end of the step, where no hook comes before that. */
async function note({ claim, spec }: ConnectedWalk, fact: DeferredFact): Promise<void> {
  if (spec.hooks.afterDeploy.length > 0) await claim.append(fact)
  else claim.defer(fact)
}

async function contextOf(walk: ConnectedWalk) {
  const [changeset, variables] = await Promise.all([revealed(walk, walk.spec.changeset), revealedVariables(walk)])
  const secretNames = secretNamesOf(walk.spec)
  return { changeset, variables, secretNames, session: walk.remote, env: commandEnv(walk), onLine: logLine(walk) }
}

function describeRelease({ changeset, version, variables }: DeploymentSpec, release: PlannedRelease): string {
  switch (changeset.strategy) {
    case 'artifact':
      return release.strategy === 'artifact'
        ? `${release.url} (${release.bytes} bytes) to ${changeset.directory}/releases/${release.id}${withFiles(changeset, variables)}, made current`
        : `${version} to ${changeset.directory}, made current`
    case 'git':
      return release.strategy === 'git'
        ? `${release.repository} at ${release.commit} to ${changeset.directory}/releases/${release.id}${withFiles(changeset, variables)}, made current`
        : `${version} to ${changeset.directory}, made current`
    case 'command':
      return changeset.commands.join('; ')
  }
}

function withFiles(
  { environmentFile, templates = [] }: Extract<DeploymentSpec['changeset'], { strategy: 'artifact' | 'git' }>,
  variables: Variables = {},
): string {
  const ofVariables = environmentFile === undefined ? [] : [`${environmentFile} (${Object.keys(variables).length})`]
  const files = [...ofVariables, ...templates.map(({ from, to }) => `${to} (from ${from})`)]
  return files.length === 0 ? '' : ` with the variables in ${files.join(', ')}`
}
