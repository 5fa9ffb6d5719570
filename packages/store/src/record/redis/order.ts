import { DeploymentId, DeploymentSpec, Plan, RequestId, Traceparent } from '@vesemir/contract'
import { z } from 'zod'
import { readJson } from '../../redis/read-json.ts'
import type { Seals } from '../../seal/seals.ts'
import { sealContexts } from './seal-contexts.ts'

/** What a person asked for, as the API signs it: a worker begins a deployment for nothing else. */
const Order = z.object({
  id: DeploymentId,
  spec: DeploymentSpec,
  requestedBy: z.string(),
  request: RequestId.optional(),
  traceparent: Traceparent.optional(),
  at: z.iso.datetime(),
  expectedPlan: Plan.optional(),
})
export type Order = z.infer<typeof Order>

/** Returns the order as the record keeps it. */
export function writeOrder({ orders }: Pick<Seals, 'orders'>, order: Order): string {
  return orders.put(sealContexts.order(order.id), JSON.stringify(order))
}

/**
 * Reads the order of a deployment; undefined where there is none and none is needed.
 * @throws {VesemirError} `ORDER_NOT_SIGNED`, `ORDER_FORGED`, `RECORD_INVALID`
 */
export function readOrder(
  { orders }: Pick<Seals, 'orders'>,
  id: string,
  sealed: string | null | undefined,
): Order | undefined {
  const place = sealContexts.order(id)
  const parse = (text: string) => (text === '' ? undefined : readJson(Order, text, place))
  return orders.read(place, { sealed: sealed ?? '', parse }).value
}
