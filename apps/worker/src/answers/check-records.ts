import type { DoctorCheck } from '@vesemir/contract'
import { toFailure, type Deployments } from '@vesemir/core'

/** So many of an application's newest deployments are checked: each takes reading all of its events. */
const newest = 10

/** Checks that nothing is missing or changed in the records of an application's newest deployments, with the keys of workers. */
export async function checkRecords(
  application: string,
  { deployments }: { deployments: Pick<Deployments, 'verifyNewest'> },
): Promise<DoctorCheck> {
  const check = { name: 'record', target: application }
  const verified = await deployments.verifyNewest(application, newest)
  const broken = verified.flatMap(({ problem }) => problem ?? [])
  if (broken.length === 0)
    return {
      ...check,
      ok: true,
      detail: `nothing is missing or changed in the newest deployments (${verified.length})`,
    }
  const { hint } = toFailure(broken[0])
  return { ...check, ok: false, detail: broken.map(({ message }) => message).join('; '), hint }
}
