import { Deployment } from '@vesemir/contract'
import { z } from 'zod'

/** The form of the lines. A greater one is of a newer version, and is not read. */
export const lineFormat = 1

/** The first line: what lists show of a deployment. */
export const Head = z.object({
  kind: z.literal('deployment'),
  format: z.int(),
  version: z.string(),
  archivedAt: z.iso.datetime(),
  cursor: z.int(),
  deployment: Deployment,
})
export type Head = z.infer<typeof Head>

/** A line after the first: a field of the record, an event, or the end. What is signed is as it was signed. */
export const Line = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('field'), name: z.string(), value: z.string() }),
  // An object schema would put its fields into another order, and what is signed is a text.
  z.object({
    kind: z.literal('event'),
    seq: z.int(),
    event: z.custom<{ type?: unknown }>(isObject),
    seal: z.string().optional(),
  }),
  z.object({ kind: z.literal('text'), seq: z.int(), text: z.string() }),
  z.object({ kind: z.literal('end'), lines: z.int() }),
])
export type Line = z.infer<typeof Line>

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}
