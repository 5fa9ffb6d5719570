import { DeploymentRequest, type Convergence, type DeploymentSpec } from '@vesemir/contract'
import {
  readExpected,
  refuseDeployment,
  resolveSpec,
  subjectOf,
  unknownApplication,
  type ApplicationEnvironment,
  type Applications,
  type Clock,
  type DeploymentIndex,
  type HostHistory,
} from '@vesemir/core'
import type { Queues } from '@vesemir/store/queue'
import type { FastifyInstance } from 'fastify'
import { noteForAudit } from '../audit.ts'
import type { CurrentRules } from '../access-settings.ts'
import type { CallerSlots } from '../caller-slots.ts'
import { clientGone } from '../client-gone.ts'
import { registerRoute } from '../register-route.ts'
import { startDeployment, type StartPorts } from '../start-deployment.ts'

interface ConvergePorts extends StartPorts {
  applications: Applications
  deploymentIndex: Pick<DeploymentIndex, 'list'>
  hostHistory: Pick<HostHistory, 'readWanted'>
  queues: StartPorts['queues'] & Pick<Queues, 'ask'>
  clusters: readonly string[]
  rules: CurrentRules
  clock: Pick<Clock, 'now'>
  slots: CallerSlots
}

/** Adds what brings hosts that are behind up to what should run: the version is known, and not asked for. */
export function registerConverge(app: FastifyInstance, ports: ConvergePorts): void {
  const { applications, queues, clusters, rules, clock, slots } = ports
  registerRoute(app, 'converge', {
    async access({ params: { name }, body: { environment, dryRun } }) {
      const subject = subjectOf({ application: name, environment }, await applications.read(name))
      return [{ action: dryRun ? 'plan' : 'deploy', subject, unseen: () => unknownApplication(name, environment) }]
    },
    isDryRun: ({ dryRun }) => dryRun,
    async handle({ params: { name }, body, request, reply }): Promise<Convergence> {
      const { environment, reason, dryRun } = body
      const application = await applications.read(name)
      const { expected } = await readExpected({ application: name, environment }, ports)
      const { version, deployment, release } = expected
      const asked = DeploymentRequest.parse({ application: name, environment, version, reason, only: 'behind' })
      const spec = { ...resolveSpec(asked, { application, clusters }), converges: { deployment, release } }
      if (!dryRun) refuseDeployment({ spec, requestedBy: request.caller.name }, rules, clock.now())
      const found = { version, since: deployment }
      const queued = dryRun ? undefined : await findQueued(spec, ports)
      if (queued !== undefined) return { ...found, id: joined(queued) }
      const signal = clientGone(reply)
      using _slot = await slots.take(request.caller.name, signal)
      const { plan } = await queues.ask(spec.cluster, 'plan', { asked: { spec }, signal })
      const { only } = plan
      if (dryRun || plan.hosts.length === 0) return { ...found, only }
      const other = await findQueued(spec, ports)
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

/** Finds the deployment that waits for its turn to do the same: it asks the hosts then, so that one is enough for many who ask. */
async function findQueued(
  { application, environment, converges }: ApplicationEnvironment & Pick<DeploymentSpec, 'converges'>,
  { deploymentIndex }: Pick<ConvergePorts, 'deploymentIndex'>,
): Promise<string | undefined> {
  const { deployments } = await deploymentIndex.list({ application, environment, status: 'queued', limit: 50 })
  return deployments.find(({ spec, plan }) => !plan && spec.converges?.release === converges!.release)?.id
}
