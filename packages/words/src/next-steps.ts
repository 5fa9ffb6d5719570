import type { DeploymentView, Failure, PastAttempt } from '@vesemir/contract'
import { findFailureCauses, findMissed, hostsToRollBack, isIncomplete, lacksHosts } from '@vesemir/core'
import { describeFailure } from './failure.ts'
import { hostStatuses } from './status.ts'
import { failedTask } from './tasks.ts'

/** A command that is worth a try, and what it is for. */
export interface NextStep {
  command: string
  purpose: string
}

/** Returns what to try after a deployment has ended; nothing when it was rolled back, or succeeded on all of its hosts. */
export function nextSteps({ deployment, hosts }: DeploymentView): NextStep[] {
  const { id, spec, state, plan, supersededBy } = deployment
  if (!('endedAt' in state) || state.status === 'rolled-back') return []
  if (state.status === 'succeeded' && !isIncomplete(deployment)) return []
  if (state.status === 'succeeded' && !lacksHosts(deployment)) return stepsForMissed(deployment)
  if (supersededBy) return [{ command: `vesemir status ${supersededBy.id}`, purpose: 'show the newer deployment' }]
  if (state.status === 'failed' && isOfMissed(state.failure)) return stepsForMissed(deployment)
  if (!plan) {
    const { application, environment, version } = spec
    return [
      {
        command: `vesemir plan ${application} -e ${environment} --version ${version}`,
        purpose: 'check whether planning works now; changes nothing',
      },
      { command: `vesemir retry ${id}`, purpose: 'plan again and continue' },
    ]
  }
  const gone = hosts.filter((host) => host.gone && !deployment.excluded?.includes(host.target.name))
  const hasCauses = findFailureCauses(hosts).length > 1
  const failed = hosts.find(({ state: { status } }) => status === 'failed' || status === 'unreachable')
  const task = failedTask(deployment)
  return [
    ...(task === undefined
      ? []
      : [{ command: `vesemir logs ${id} --task ${task}`, purpose: 'show the output of the task' }]),
    ...(failed ? [{ command: `vesemir logs ${id} --host ${failed.target.name}`, purpose: 'show its output' }] : []),
    {
      command: `vesemir retry ${id}`,
      purpose: task === undefined ? 'deploy the failed and pending hosts' : 'run the failed task again and continue',
    },
    ...(hasCauses ? [{ command: `vesemir retry ${id} --cause 1`, purpose: 'deploy only the hosts of one cause' }] : []),
    ...(gone.length > 0
      ? [
          {
            command: `vesemir retry ${id} --without ${gone.map(({ target }) => target.name).join(',')}`,
            purpose: 'exclude hosts no longer in the inventory',
          },
        ]
      : []),
    ...(hostsToRollBack({ hosts }).length > 0
      ? [{ command: `vesemir rollback ${id}`, purpose: 'restore the previous release on every changed host' }]
      : []),
  ]
}

/** Whether a deployment failed since no host is known to run its version, and none of them is deployed to. */
function isOfMissed({ code }: Failure): boolean {
  return code === 'HOSTS_UNASKED' || code === 'HOSTS_LEFT_OUT'
}

/** How many hosts a command names; of more, they are to be looked at first. */
const mostNamed = 8

/** What to try after hosts were left out: they could not be asked, failed before, or lack a version of their own. */
function stepsForMissed(deployment: DeploymentView['deployment']): NextStep[] {
  const { application, environment, version, converges } = deployment.spec
  const place = `${application} -e ${environment}`
  const { partial, hosts } = deployment.spec
  const only = partial && hosts.only
  const ask = converges
    ? `vesemir converge ${place}${only ? ` --host ${only[0]}` : ''}`
    : `vesemir deploy ${place} --version ${version} --only behind${only ? ` --hosts ${only.join(',')}` : ''}`
  const missed = findMissed(deployment)
  const failed = missed.filter(({ isUnasked, failedIn }) => !isUnasked && failedIn !== undefined)
  const isNamed = failed.length > 0 && failed.length <= mostNamed
  const deploy = `vesemir deploy ${place} --version ${version} --hosts ${failed.map(({ host }) => host).join(',')}`
  const lacking = missed.some(({ lacksOwn }) => lacksOwn) || failed.length > mostNamed
  return [
    ...(missed.some(({ isUnasked }) => isUnasked)
      ? [{ command: ask, purpose: 'ask again the hosts that did not answer' }]
      : []),
    ...(isNamed ? [{ command: deploy, purpose: 'deploy again to hosts that failed before' }] : []),
    ...(lacking || missed.length === 0
      ? [{ command: `vesemir hosts ${place}`, purpose: 'show what each host runs and should run' }]
      : []),
  ]
}

/** Describes how an earlier walk of a host ended: `last attempt (1) failed: … (HEALTH_CHECK_FAILED)`. */
export function describeAttempt({ attempt, intent, status, failure }: PastAttempt): string {
  const what = intent === 'rollback' ? 'last rollback' : 'last attempt'
  return `${what} (${attempt}) ${hostStatuses[status].text}${failure ? `: ${describeFailure(failure)}` : ''}`
}
