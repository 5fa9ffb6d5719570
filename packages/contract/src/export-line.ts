import { z } from 'zod'
import { ApplicationDefinition } from './application.ts'
import { HeldGrant } from './grant.ts'
import { Timestamp } from './primitives.ts'
import { ApplicationLock } from './overview.ts'

/** The form of an export. A greater one is of a newer version, and is not read. */
export const exportFormat = 1

/** The first line of an export. */
export const ExportHead = z.looseObject({
  kind: z.literal('export'),
  format: z.int().min(1),
  version: z.string().meta({ description: 'The version of Vesemir that wrote it.' }),
  exportedAt: Timestamp,
})
export type ExportHead = z.infer<typeof ExportHead>

/** A line after the first. The last says how many there are before it: a file that was cut off has none. */
export const ExportLine = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('application'), definition: ApplicationDefinition }),
  z.strictObject({ kind: z.literal('lock'), lock: ApplicationLock }),
  z.strictObject({ kind: z.literal('grant'), grant: HeldGrant }),
  z.strictObject({ kind: z.literal('end-of-export'), lines: z.int() }),
])
export type ExportLine = z.infer<typeof ExportLine>
