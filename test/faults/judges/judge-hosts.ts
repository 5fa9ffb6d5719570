import type { System } from '../../support/start-system.ts'
import type { FleetShot } from '../read-fleet.ts'

/** Says in words where `vesemir hosts` tells another version than the host itself answers, and not that it may run that. */
export async function judgeHosts({ client }: System, { versions }: FleetShot): Promise<string[]> {
  const { applications } = await client.listApplications()
  const judged = applications.map(async ({ name }) => {
    const { hosts } = await client.listHosts(name)
    return hosts.flatMap(({ host, runs, mayRun }) => {
      const answered = versions.get(name)?.get(host)
      return answered === runs?.version || (mayRun && answered === mayRun.version)
        ? []
        : [`${host} answers ${answered}, and is listed with ${runs?.version} of ${name}`]
    })
  })
  return (await Promise.all(judged)).flat()
}
