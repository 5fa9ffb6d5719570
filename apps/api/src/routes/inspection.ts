import type { Queues } from '@vesemir/store/queue'
import {
  DeploymentRequest,
  type ApplicationDefinition,
  type BalancerDoctorRequest,
  type BalancerReport,
  type DeploymentSpec,
  type DoctorReport,
  type QueueHold,
  type Session,
} from '@vesemir/contract'
import {
  findGrant,
  mayInCluster,
  isVesemirError,
  subjectOf,
  resolveSpec,
  toFailure,
  unknownApplication,
  VesemirError,
  type Applications,
  type Clock,
  type Subject,
} from '@vesemir/core'
import type { FastifyInstance } from 'fastify'
import type { CallerSlots } from '../caller-slots.ts'
import { clientGone } from '../client-gone.ts'
import { checkSchedules } from '../converge/check-schedules.ts'
import type { SchedulePorts } from '../converge/show-schedule.ts'
import { registerRoute } from '../register-route.ts'

interface InspectionPorts extends SchedulePorts {
  applications: Applications
  clock: Pick<Clock, 'now'>
  queues: Pick<Queues, 'ask' | 'findHolds'>
  clusters: readonly string[]
  slots: CallerSlots
}

/** Adds what shows how things are: whether all that deployments need is there, and what was left. */
export function registerInspection(app: FastifyInstance, ports: InspectionPorts): void {
  const { applications, queues, clusters, slots } = ports
  registerRoute(app, 'doctor', {
    access: 'signed-in',
    async handle({ query: { cluster }, request: { caller }, reply }) {
      const signal = clientGone(reply)
      using _slot = await slots.take(caller.name, signal)
      return await examine(cluster, { ...ports, caller, signal })
    },
  })
  registerRoute(app, 'recover', {
    async access({ params: { name }, body: { environment, fix } }) {
      const definition = await applications.read(name)
      const subject = subjectOf({ application: name, environment: environment ?? '' }, definition)
      const unseen = () => unknownApplication(name)
      // An environment may be of another team or cluster than the application.
      const subjects = [{ ...subject, environment }, ...placesOf(definition, { clusters, environment })]
      return subjects.map((subject) => ({ action: fix ? 'repair' : 'inspect', subject, unseen }))
    },
    async handle({ params: { name }, body: { environment, fix }, request: { caller }, reply }) {
      const signal = clientGone(reply)
      using _slot = await slots.take(caller.name, signal)
      const definition = await applications.read(name)
      if (!definition) throw unknownApplication(name)
      const ask = (spec: DeploymentSpec) => queues.ask(spec.cluster, 'recovery', { asked: { spec, fix }, signal })
      const reports = await Promise.all(placesOf(definition, { clusters, environment }).map(ask))
      return { servers: reports.flatMap(({ servers }) => servers), unasked: reports.flatMap(({ unasked }) => unasked) }
    },
  })
  registerRoute(app, 'doctorBalancers', {
    async access({ body: { application, environment, fix, ...body } }) {
      const cluster = body.cluster ?? onlyCluster(clusters)
      const definition = application === undefined ? undefined : await applications.read(application)
      const { team } = subjectOf({ application: '', environment: environment ?? '' }, definition)
      const subject = { application, environment, team, cluster }
      const places = placesOf(definition, { clusters, environment }).filter((place) => place.cluster === cluster)
      const unseen = () => unseenServers(subject)
      return [subject, ...places].map((subject) => ({ action: fix ? 'repair' : 'inspect', subject, unseen }))
    },
    async handle({ body: { cluster: named, ...asked }, request: { caller }, reply }) {
      const cluster = named ?? onlyCluster(clusters)
      const signal = clientGone(reply)
      using _slot = await slots.take(caller.name, signal)
      const { servers } = await queues.ask(cluster, 'balancers', { asked, signal })
      const marked = await readMarks({ ...asked, cluster }, { ...ports, signal })
      return { ...marked, servers: [...servers, ...marked.servers] }
    },
  })
}

/** Asks the workers of each cluster, and looks at what Redis holds, as far as the caller may inspect it. */
async function examine(
  cluster: string | undefined,
  { caller, signal, ...ports }: InspectionPorts & { caller: Session; signal: AbortSignal },
): Promise<DoctorReport> {
  const { applications, queues, clusters } = ports
  const all = (await applications.list()).flatMap((application) => specsOf(application, clusters))
  const wanted = inspectable(cluster === undefined ? clusters : [cluster], caller)
  const specs = all.filter((spec) => wanted.includes(spec.cluster) && findGrant(caller.grants, 'inspect', spec))
  const reports = wanted.map((cluster): Promise<DoctorReport> => {
    const asked = { specs: specs.filter((spec) => spec.cluster === cluster) }
    return queues.ask(cluster, 'doctor', { asked, signal }).catch((error: unknown) => failedCheckOf(cluster, error))
  })
  const definitions = findGrant(caller.grants, 'inspect', {}) ? await checkDefinitions(applications) : []
  const [holds, schedules, ...answers] = await Promise.all([
    queues.findHolds(wanted),
    checkSchedules(specs, ports),
    ...reports,
  ])
  const found = answers.flatMap(({ checks }) => checks)
  return { checks: [...definitions, ...schedules, ...holds.map(heldCheckOf), ...found] }
}

/** Checks that the definitions in Redis are those that were registered last. */
async function checkDefinitions(applications: Pick<Applications, 'findProblems'>): Promise<DoctorReport['checks']> {
  const problems = await applications.findProblems()
  if (problems.length === 0) return []
  const { hint } = toFailure(problems[0])
  const detail = problems.map(({ message }) => message).join('; ')
  return [{ name: 'record', target: 'applications', ok: false, detail, hint }]
}

/** @throws {VesemirError} `FORBIDDEN` when the caller may inspect nothing in any of these clusters */
function inspectable(clusters: readonly string[], { name, grants }: Session): string[] {
  const allowed = clusters.filter((cluster) => mayInCluster(grants, 'inspect', cluster))
  if (allowed.length > 0) return allowed
  throw new VesemirError('FORBIDDEN', `${name}, you may not inspect anything in ${clusters.join(', ')}`)
}

type Where = Omit<BalancerDoctorRequest, 'cluster'> & { cluster: string }
type MarksReport = BalancerReport & { unread: NonNullable<BalancerReport['unread']> }

/** Asks what the marks of hosts tell of servers that the journal does not know. Marks that cannot be read hide no others. */
async function readMarks(
  { application, environment, cluster, fix }: Where,
  { applications, clusters, queues, signal }: InspectionPorts & { signal: AbortSignal },
): Promise<MarksReport> {
  const definitions = application === undefined ? await applications.list() : [await applications.read(application)]
  const specs = definitions.flatMap((definition) => placesOf(definition, { clusters, environment }))
  const read = async (spec: DeploymentSpec): Promise<MarksReport> => {
    try {
      const { servers, unasked } = await queues.ask(cluster, 'recovery', { asked: { spec, fix }, signal })
      return { servers, unread: unasked.map(({ host, message }) => ({ place: host, message })) }
    } catch (error) {
      if (!isVesemirError(error)) throw error
      const place = `${spec.application} in ${spec.environment}`
      return { servers: [], unread: [{ place, message: error.message }] }
    }
  }
  const reports: MarksReport[] = []
  // One after the other: a worker answers few questions at a time, and others wait for theirs.
  for (const spec of specs.filter((spec) => spec.cluster === cluster)) reports.push(await read(spec))
  return { servers: reports.flatMap(({ servers }) => servers), unread: reports.flatMap(({ unread }) => unread) }
}

function unseenServers({ application, environment }: Subject): VesemirError {
  if (application === undefined || environment === undefined)
    return new VesemirError(
      'FORBIDDEN',
      'your grants do not cover all load balancers; name the application and environment',
    )
  return unknownApplication(application, environment)
}

/** The cluster that is meant where none is named. */
function onlyCluster([only, ...others]: readonly string[]): string {
  if (only !== undefined && others.length === 0) return only
  throw new VesemirError('CLUSTER_UNKNOWN', `several clusters: name one of ${[only, ...others].join(', ')}`)
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

/** The places of an application, or the one of an environment. */
function placesOf(
  application: ApplicationDefinition | undefined,
  { clusters, environment }: { clusters: readonly string[]; environment: string | undefined },
): DeploymentSpec[] {
  const all = application ? specsOf(application, clusters) : []
  return all.filter((spec) => (environment ?? spec.environment) === spec.environment)
}

function heldCheckOf({ cluster, reason }: QueueHold): DoctorReport['checks'][number] {
  const hint = 'Resume the queue, or lift its limit, at /queues.'
  return { name: 'queues', target: `cluster ${cluster}`, ok: false, detail: reason, hint }
}

/** A cluster whose workers do not answer is a finding, and the others are told all the same. */
function failedCheckOf(cluster: string, error: unknown): DoctorReport {
  if (!isVesemirError(error, 'WORKER_TIMED_OUT')) throw error
  const hint = 'Start a worker of this cluster, and check in its log that it reaches Redis.'
  return { checks: [{ name: 'worker', target: `cluster ${cluster}`, ok: false, detail: error.message, hint }] }
}
