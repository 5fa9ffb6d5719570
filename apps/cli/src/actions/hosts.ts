import { ApiError, type ScheduleView } from '@vesemir/contract'
import { describeSchedule } from '@vesemir/words'
import { exitCodes } from '../exit-codes.ts'
import { jsonDocument } from '../render/json.ts'
import { hostLines } from '../render/lists.ts'
import type { Session } from '../session.ts'

/** Shows the hosts of an application, in one environment or in all: whether the inventory has them, and what runs on each. */
export async function listHosts(
  application: string,
  { environment, session }: { environment?: string; session: Session },
): Promise<number> {
  const { client, json, write, print, notify } = session
  const [list, schedules] = await Promise.all([
    client.listHosts(application, { environment, inventory: 'true' }),
    json ? [] : listSchedules(application, { environment, session }),
  ])
  const { hosts, failures } = list
  if (json) write(jsonDocument(list))
  else if (hosts.length === 0)
    notify([`No hosts found. Deploy ${application}: vesemir deploy ${application} -e ENVIRONMENT --version VERSION`])
  else hostLines(hosts).forEach(print)
  for (const { environment, failure } of failures)
    notify([`${environment}: the inventory did not answer: ${failure.message}`])
  for (const schedule of schedules) notify([`${schedule.environment} ${describeSchedule(schedule).join('; ')}`])
  const gone = hosts.find(({ inInventory }) => inInventory === false)
  if (gone && !json)
    notify([
      `${gone.host} has left the inventory. Forget it: vesemir forget ${application} ${gone.host} -e ${gone.environment}`,
    ])
  return exitCodes.succeeded
}

/** An API of the version before knows no schedules. */
async function listSchedules(
  application: string,
  { environment, session }: { environment: string | undefined; session: Session },
): Promise<ScheduleView[]> {
  const { schedules } = await session.client.listSchedules(application).catch((error: unknown) => {
    if (error instanceof ApiError && error.problem.status === 404) return { schedules: [] }
    throw error
  })
  return schedules.filter((schedule) => environment === undefined || schedule.environment === environment)
}

/** Forgets what ran on a host that has left the inventory. */
export async function forgetHost(
  { application, environment, host }: { application: string; environment: string; host: string },
  { client, json, write, notify }: Session,
): Promise<number> {
  await client.forgetHost({ name: application, environment, host })
  if (json) write(jsonDocument({ application, environment, host }))
  else notify([`${host} forgotten for ${application} in ${environment}`])
  return exitCodes.succeeded
}
