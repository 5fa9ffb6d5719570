import type { Queues } from '@vesemir/store/queue'
import {
  DeploymentRequest,
  type ApplicationDefinition,
  type DeploymentSpec,
  type DoctorReport,
} from '@vesemir/contract'
import { isVesemirError, resolveSpec, VesemirError, type Applications, type HostHistory } from '@vesemir/core'
import type { FastifyInstance } from 'fastify'
import { requireRole } from '../auth.ts'
import type { CallerSlots } from '../caller-slots.ts'
import { clientGone } from '../client-gone.ts'
import { registerRoute } from '../register-route.ts'

interface InspectionPorts {
  applications: Applications
  hostHistory: HostHistory
  queues: Pick<Queues, 'ask'>
  clusters: readonly string[]
  slots: CallerSlots
}

/** Adds what shows how things are: what runs where, whether all that deployments need is there, and what was left. */
export function registerInspection(app: FastifyInstance, ports: InspectionPorts): void {
  const { applications, hostHistory, queues, clusters, slots } = ports
  registerRoute(app, 'listHosts', {
    role: 'viewer',
    async handle({ params: { name }, query: { environment } }) {
      if (!(await applications.read(name)))
        throw new VesemirError('APPLICATION_UNKNOWN', `there is no application ${name} registered`)
      return { hosts: await hostHistory.list(name, environment) }
    },
  })
  registerRoute(app, 'doctor', {
    role: 'deployer',
    async handle({ query: { cluster }, request, reply }) {
      const signal = clientGone(reply)
      using _slot = await slots.take(request.caller!.name, signal)
      const specs = (await applications.list()).flatMap((application) => specsOf(application, clusters))
      const wanted = cluster === undefined ? clusters : [cluster]
      const reports = wanted.map((cluster): Promise<DoctorReport> => {
        const asked = { specs: specs.filter((spec) => spec.cluster === cluster) }
        return queues.ask(cluster, 'doctor', { asked, signal }).catch((error: unknown) => ailing(cluster, error))
      })
      return { checks: (await Promise.all(reports)).flatMap(({ checks }) => checks) }
    },
  })
  registerRoute(app, 'doctorBalancers', {
    role: 'deployer',
    async handle({ body: { cluster, ...asked }, request, reply }) {
      if (asked.fix) requireRole(request, 'admin')
      const signal = clientGone(reply)
      using _slot = await slots.take(request.caller!.name, signal)
      return await queues.ask(cluster ?? onlyCluster(clusters), 'balancers', { asked, signal })
    },
  })
}

/** The cluster that is meant where none is named. */
function onlyCluster([only, ...others]: readonly string[]): string {
  if (only !== undefined && others.length === 0) return only
  throw new VesemirError('CLUSTER_UNKNOWN', `name the cluster that is meant: ${[only, ...others].join(', ')}`)
}

/** What would be deployed where, as far as the definition alone says it. */
function specsOf(application: ApplicationDefinition, clusters: readonly string[]): DeploymentSpec[] {
  return Object.keys(application.environments ?? {}).flatMap((environment) => {
    const request = DeploymentRequest.parse({ application: application.name, environment, version: '0' })
    try {
      return [resolveSpec(request, { application, clusters })]
    } catch (error) {
      if (isVesemirError(error)) return []
      throw error
    }
  })
}

/** A cluster whose workers do not answer is a finding, and the others are told all the same. */
function ailing(cluster: string, error: unknown): DoctorReport {
  if (!isVesemirError(error, 'WORKER_TIMED_OUT')) throw error
  const hint = 'Start a worker of this cluster, and see in its log whether it reaches Redis.'
  return { checks: [{ name: 'worker', target: `cluster ${cluster}`, ok: false, detail: error.message, hint }] }
}
