import type { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import type { Deployment, DeploymentEvent, Failure, HostRecord } from '@vesemir/contract'
import { errorTable, isVesemirError, type Deployments, type ErrorCode, type EventLog } from '@vesemir/core'
import { deploymentStatus, describeWait, fillHint, hostStatus, toPlainText } from '@vesemir/words'
import type { DeploymentJob, HostJob } from '@vesemir/store/queue'
import type { Job } from 'bullmq'
import { readJobId } from './retry-job.ts'

/** Where the queue dashboard reads what became of a job's work. */
export interface RecordPorts {
  deployments: Pick<Deployments, 'read' | 'readHost'>
  eventLog: Pick<EventLog, 'read'>
}

/** What a record tells about a job. */
interface Told {
  status: string
  /** How the work had ended before a command made it go on. */
  earlier?: Failure | undefined
}

const eventsAtOnce = 5000
const mostLines = 2000

/**
 * Has the jobs of deployments and hosts show their record: the state beside the name, since a job can have ended while its work
 * waits; what to do beside the error, which a retry takes away; and the output as the job's log, which BullMQ does not have.
 */
export function showRecords(adapter: BullMQAdapter, ports: RecordPorts): void {
  const getJob = adapter.getJob.bind(adapter)
  const getJobs = adapter.getJobs.bind(adapter)
  adapter.getJob = async (id) => {
    const job = await getJob(id)
    return job && showRecord(job, ports)
  }
  adapter.getJobs = async (...asked) => Promise.all((await getJobs(...asked)).map((job) => showRecord(job, ports)))
  adapter.getJobLogs = (id) => readLines(id, ports)
}

async function showRecord(job: Job, { deployments }: Pick<RecordPorts, 'deployments'>): Promise<Job> {
  const { id, host } = readJobId(job.id!)
  const told = await (host === undefined ? tellDeployment(id, deployments) : tellHost(id, { host, deployments }))
  const json = job.toJSON()
  const isEarlier = told?.earlier !== undefined && reasonOf(told.earlier) === json.failedReason
  const { failedReason, stacktrace } = isEarlier ? nothing : explain(json, { id, host })
  const shown = {
    ...json,
    name: [nameOf((json.data ?? {}) as Partial<HostJob>) ?? json.name, ...(told ? [told.status] : [])].join(' · '),
    failedReason,
    stacktrace,
  }
  job.toJSON = () => shown as typeof json
  return job
}

async function tellDeployment(id: string, deployments: RecordPorts['deployments']): Promise<Told | undefined> {
  const deployment = await deployments.read(id).catch(unreadable)
  if (!deployment) return undefined
  const { endedAs } = deployment
  return { status: statusOf(deployment), earlier: endedAs && 'failure' in endedAs ? endedAs.failure : undefined }
}

/** A record that cannot be read must not hide the other jobs. */
function unreadable(): undefined {}

function statusOf(deployment: Deployment): string {
  const { state } = deployment
  const isWaiting = state.status === 'queued' && state.waitingFor !== undefined
  return isWaiting ? toPlainText(describeWait(state.waitingFor!)) : deploymentStatus(deployment).text
}

async function tellHost(
  id: string,
  { host, deployments }: { host: string; deployments: RecordPorts['deployments'] },
): Promise<Told | undefined> {
  const record = await deployments.readHost(id, host).catch(unreadable)
  return record && { status: hostStatus(record.state).text, earlier: earlierFailure(record) }
}

function earlierFailure({ state, history }: HostRecord): Failure | undefined {
  return 'endedAt' in state ? undefined : history?.at(-1)?.failure
}

function nameOf({ application, version, environment, host }: Partial<DeploymentJob & HostJob>): string | undefined {
  if (application === undefined) return undefined
  const what = `${application} ${version} → ${environment}`
  return host === undefined ? what : `${what}, ${host}`
}

/** Words a failure as workers do when they fail the job. */
function reasonOf({ code, message }: Failure): string {
  return `${code}: ${message}`
}

type ShownFailure = Pick<Job, 'stacktrace'> & { failedReason: string | undefined }

/** BullMQ keeps the stack of every earlier failure, by which the dashboard takes a job for failed. */
const nothing: ShownFailure = { failedReason: undefined, stacktrace: [] }

/** Explains a failure that has a code by its hint: the dashboard shows that in place of a stack, which leads into Vesemir. */
function explain(
  { failedReason, stacktrace }: ShownFailure,
  names: { id: string; host: string | undefined },
): ShownFailure {
  if (!failedReason) return nothing
  const [, code = ''] = /^([A-Z_]+): /.exec(failedReason) ?? []
  if (!Object.hasOwn(errorTable, code)) return { failedReason, stacktrace }
  const hint = fillHint(errorTable[code as ErrorCode].hint, names)
  return { failedReason: `${failedReason}\n→ ${hint}`, stacktrace: [] }
}

/** Reads the last lines of output that the record has of a job. */
async function readLines(jobId: string, { eventLog }: Pick<RecordPorts, 'eventLog'>): Promise<string[]> {
  const { id, host } = readJobId(jobId)
  const lines: string[] = []
  try {
    for (let after = 0, isLast = false; !isLast;) {
      const { events, next } = await eventLog.read(id, { after, limit: eventsAtOnce })
      lines.push(...events.flatMap((event) => linesOf(event, host)))
      lines.splice(0, lines.length - mostLines)
      isLast = events.length < eventsAtOnce
      after = next
    }
  } catch (error) {
    if (!isVesemirError(error)) throw error
    lines.push(error.message)
  }
  return lines
}

function linesOf(event: DeploymentEvent, host: string | undefined): string[] {
  if (event.type === 'task.logged' && host === undefined)
    return event.lines.map(({ text }) => `${event.at} task ${event.task}: ${text}`)
  if (event.type !== 'log.appended' || (host !== undefined && event.host !== host)) return []
  const where = host === undefined ? `${event.host} ${event.step}` : event.step
  return event.lines.map(({ text }) => `${event.at} ${where}: ${text}`)
}
