import { compareDeployments } from '@vesemir/core'
import { exitCodes } from '../exit-codes.ts'
import { comparisonLines } from '../render/comparison.ts'
import { jsonDocument } from '../render/json.ts'
import type { Session } from '../session.ts'
import { findLatest } from './find-latest.ts'

/** Shows two deployments side by side. */
export async function showComparison(ids: readonly [string, string], session: Session): Promise<number> {
  const { client, json, write, print } = session
  const read = async (id: string) => client.getDeployment(await findLatest(id, client))
  const [first, second] = await Promise.all([read(ids[0]), read(ids[1])])
  const comparison = compareDeployments(first, second)
  if (json) write(jsonDocument(comparison))
  else comparisonLines(comparison).forEach(print)
  return exitCodes.succeeded
}
