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
  const list = await client.listHosts(application, { environment, inventory: 'true' })
  const { hosts, failures } = list
  if (json) write(jsonDocument(list))
  else if (hosts.length === 0)
    notify([`No hosts found. Deploy ${application}: vesemir deploy ${application} -e ENVIRONMENT --version VERSION`])
  else hostLines(hosts).forEach(print)
  for (const { environment, failure } of failures)
    notify([`${environment}: the inventory did not answer: ${failure.message}`])
  const gone = hosts.find(({ inInventory }) => inInventory === false)
  if (gone && !json)
    notify([
      `${gone.host} has left the inventory. Forget it: vesemir forget ${application} ${gone.host} -e ${gone.environment}`,
    ])
  return exitCodes.succeeded
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
