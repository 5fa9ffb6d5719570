import { exitCodes } from '../exit-codes.ts'
import { jsonDocument } from '../render/json.ts'
import { hostLines } from '../render/lists.ts'
import type { Session } from '../session.ts'

/** Shows what runs on each host of an application, in one environment or in all. */
export async function listHosts(
  application: string,
  { environment, session }: { environment?: string; session: Session },
): Promise<number> {
  const { client, json, write, print, notify } = session
  const list = await client.listHosts(application, { environment })
  if (json) write(jsonDocument(list))
  else if (list.hosts.length === 0)
    notify([`No hosts found. Deploy ${application}: vesemir deploy ${application} -e ENVIRONMENT --version VERSION`])
  else hostLines(list.hosts).forEach(print)
  return exitCodes.succeeded
}
