import type { DoctorCheck, ScheduleView } from '@vesemir/contract'
import {
  errorTable,
  isVesemirError,
  toFailure,
  type ApplicationEnvironment,
  type Applications,
  type Clock,
  type ErrorCode,
  type PlaceSchedule,
} from '@vesemir/core'
import { describeSchedule } from '@vesemir/words'
import { showSchedule, type SchedulePorts } from './show-schedule.ts'

interface CheckPorts extends SchedulePorts {
  applications: Pick<Applications, 'listSchedules'>
  clock: Pick<Clock, 'now'>
}

/** For what a round waits without a fault: somebody has decided it, or is at work. */
const waits: ReadonlySet<string> = new Set(['DEPLOYMENT_RUNS', 'DEPLOYMENTS_LOCKED', 'ENVIRONMENT_FROZEN'])

/** How late a round may be: processes of the API look every ten seconds, and hold few rounds at once. */
const mostLateMs = 10 * 60_000

/** Checks the schedules of these places: when their last and next rounds are, and whether anybody has to do something for them. */
export async function checkSchedules(
  places: readonly ApplicationEnvironment[],
  ports: CheckPorts,
): Promise<DoctorCheck[]> {
  const isMeant = ({ application, environment }: ApplicationEnvironment) =>
    places.some((place) => place.application === application && place.environment === environment)
  const schedules = await ports.applications.listSchedules()
  return Promise.all(schedules.filter(isMeant).map((schedule) => checkSchedule(schedule, ports)))
}

/** A record that cannot be read is a finding. */
async function checkSchedule(schedule: PlaceSchedule, ports: CheckPorts): Promise<DoctorCheck> {
  const check = { name: 'converge', target: `${schedule.application} in ${schedule.environment}` }
  try {
    const view = await showSchedule(schedule, ports)
    return { ...check, ...judge(view, ports.clock.now()), detail: describeSchedule(view, 'UTC').join('; ') }
  } catch (error) {
    if (!isVesemirError(error)) throw error
    const { message: detail, hint } = toFailure(error)
    return { ...check, ok: false, detail, hint }
  }
}

/** Whether rounds do something, and else what to do. */
function judge({ last, next }: ScheduleView, nowMs: number): Pick<DoctorCheck, 'ok' | 'hint'> {
  if (next !== undefined && nowMs - Date.parse(next) > mostLateMs)
    return { ok: false, hint: 'The round is overdue. Look for "scheduled round" in the logs of the API.' }
  const code = last?.outcome === 'skipped' ? last.code : undefined
  if (code === undefined || waits.has(code)) return { ok: true }
  return Object.hasOwn(errorTable, code) ? { ok: false, hint: errorTable[code as ErrorCode].hint } : { ok: false }
}
