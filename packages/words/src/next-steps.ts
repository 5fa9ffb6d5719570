import type { DeploymentView, PastAttempt } from '@vesemir/contract'
import { findFailureCauses, hostsToRollBack, isIncomplete, lacksHosts } from '@vesemir/core'
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
  if (state.status === 'succeeded' && !lacksHosts(deployment)) return [askAgain(deployment)]
  if (supersededBy) return [{ command: `vesemir status ${supersededBy.id}`, purpose: 'show the newer deployment' }]
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

/** What to try after hosts could not be asked whether they are behind. */
function askAgain({ spec }: DeploymentView['deployment']): NextStep {
  const { application, environment, version, converges } = spec
  const place = `${application} -e ${environment}`
  const command = converges ? `vesemir converge ${place}` : `vesemir deploy ${place} --version ${version} --only behind`
  return { command, purpose: 'ask again the hosts that did not answer' }
}

/** Describes how an earlier walk of a host ended: `last attempt (1) failed: … (HEALTH_CHECK_FAILED)`. */
export function describeAttempt({ attempt, intent, status, failure }: PastAttempt): string {
  const what = intent === 'rollback' ? 'last rollback' : 'last attempt'
  return `${what} (${attempt}) ${hostStatuses[status].text}${failure ? `: ${describeFailure(failure)}` : ''}`
}
