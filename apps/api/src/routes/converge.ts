import type { Convergence, DeploymentSpec, HostsBehind, Session } from '@vesemir/contract'
import {
  findGrant,
  refuseDeployment,
  refuseMissed,
  subjectOf,
  unknownApplication,
  VesemirError,
  type Applications,
  type Clock,
  type DeploymentIndex,
  type Subject,
} from '@vesemir/core'
import type { Queues } from '@vesemir/store/queue'
import type { FastifyInstance } from 'fastify'
import { noteForAudit } from '../audit.ts'
import type { CurrentRules } from '../access-settings.ts'
import type { CallerSlots } from '../caller-slots.ts'
import { clientGone } from '../client-gone.ts'
import { resolveConvergence, type ConvergencePorts } from '../converge/resolve-convergence.ts'
import { registerRoute } from '../register-route.ts'
import { startDeployment, type StartPorts } from '../start-deployment.ts'
import { findSameConverging } from './find-same-converging.ts'

interface ConvergePorts extends StartPorts, ConvergencePorts {
  applications: Applications
  deployments: StartPorts['deployments']
  deploymentIndex: Pick<DeploymentIndex, 'listOngoing'>
  queues: StartPorts['queues'] & Pick<Queues, 'ask'>
  rules: CurrentRules
  clock: Pick<Clock, 'now'>
  slots: CallerSlots
}

/** Adds what brings hosts that are behind up to what should run: the version is known, and not asked for. */
export function registerConverge(app: FastifyInstance, ports: ConvergePorts): void {
  const { applications, queues, rules, clock, slots } = ports
  registerRoute(app, 'converge', {
    async access({ params: { name }, body: { environment, host, dryRun } }, caller) {
      const subject = subjectOf({ application: name, environment }, await applications.read(name))
      const action = dryRun ? 'plan' : host === undefined ? 'deploy' : 'converge'
      return [{ action, subject, unseen: () => explainRefusal(caller, subject) }]
    },
    isDryRun: ({ dryRun }) => dryRun,
    async handle({ params: { name }, body, request, reply }): Promise<Convergence> {
      const { environment, host, reason, dryRun } = body
      const { spec: toAll } = await resolveConvergence({ application: name, environment, reason }, ports)
      const { version, converges } = toAll
      const spec = host === undefined ? toAll : toOneHost(toAll, host)
      if (!dryRun) refuseDeployment({ spec, requestedBy: request.caller.name }, rules, clock.now())
      const found = { version, since: converges.deployment }
      const same = dryRun ? undefined : await findSameConverging(spec, ports)
      if (same !== undefined) return { ...found, id: joined(same) }
      const signal = clientGone(reply)
      using _slot = await slots.take(request.caller.name, signal)
      if (host !== undefined) await refuseUnknownHost(host, { spec: toAll, queues, signal })
      const { plan } = await queues.ask(spec.cluster, 'plan', { asked: { spec }, signal })
      const only = plan.only && withoutOthers(plan.only)
      if (only) refuseMissed(only, version)
      if (dryRun || plan.hosts.length === 0) return { ...found, only }
      const other = await findSameConverging(spec, ports)
      return { ...found, only, id: other === undefined ? await start(spec) : joined(other) }

      function joined(id: string): string {
        const { team, cluster } = spec
        noteForAudit(request, { subject: { application: name, environment, team, cluster, deployment: id } })
        return id
      }

      async function start(spec: DeploymentSpec): Promise<string> {
        return (await startDeployment({ spec, wait: true }, { body, headers: {}, request, reply }, ports)).id
      }
    },
  })
}

/** Who may only bring up single hosts sees no application: the answer says what is missing in the request. */
function explainRefusal({ name, grants }: Session, subject: Required<Subject>): VesemirError {
  const { application = '', environment } = subject
  if (!findGrant(grants, 'converge', subject)) return unknownApplication(application, environment)
  return new VesemirError(
    'FORBIDDEN',
    `${name}, you may bring up one host at a time, which the request names as "host"`,
  )
}

/** Who asks for one host learns nothing of others. */
function withoutOthers({ failedBefore: _failedBefore, ...only }: HostsBehind): HostsBehind {
  return only
}

function toOneHost(spec: DeploymentSpec, host: string): DeploymentSpec {
  return { ...spec, hosts: { ...spec.hosts, only: [host] }, partial: true }
}

/** @throws {VesemirError} `HOST_UNKNOWN`, and as `Queues.ask` */
async function refuseUnknownHost(
  host: string,
  { spec, queues, signal }: { spec: DeploymentSpec; queues: Pick<Queues, 'ask'>; signal: AbortSignal },
): Promise<void> {
  const { hosts } = await queues.ask(spec.cluster, 'hosts', { asked: { spec }, signal })
  if (hosts.includes(host)) return
  const { application, environment } = spec
  throw new VesemirError('HOST_UNKNOWN', `the inventory has no host ${host} of ${application} in ${environment}`)
}
