import type { Inventory } from '@vesemir/core'
import type { Questions } from '@vesemir/store/queue'

/** Answers which hosts the inventory has now. */
export async function answerHosts(
  { spec }: Questions['hosts']['asked'],
  inventory: Inventory,
  signal: AbortSignal,
): Promise<Questions['hosts']['answer']> {
  const { hosts } = await inventory.findHosts(spec, signal)
  return { hosts: hosts.map(({ name }) => name) }
}
