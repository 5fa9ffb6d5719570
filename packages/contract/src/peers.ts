import { z } from 'zod'
import { Timestamp } from './primitives.ts'

/** What some servers of a backend did in a stretch of time, together on all boxes, by the load balancer's own figures. */
export const ServersFigures = z.object({
  servers: z.int().min(0).meta({ description: 'How many of them were in service at the end.' }),
  requests: z.int().min(0),
  serverErrors: z.int().min(0).meta({ description: 'Requests answered 5xx.' }),
  connectionErrors: z.int().min(0).meta({ description: 'Requests that failed to connect.' }),
  responseTimeMs: z.int().min(0).meta({ description: 'Mean, as the load balancer has it of recent requests.' }),
  sessions: z.int().min(0).meta({ description: 'In use at the end.' }),
})
export type ServersFigures = z.infer<typeof ServersFigures>

/** The updated servers of a backend beside those that still run the old version. */
export const BackendPeers = z.object({ backend: z.string(), updated: ServersFigures, peers: ServersFigures })
export type BackendPeers = z.infer<typeof BackendPeers>

const measured = {
  lengthMs: z.int().min(0).meta({ description: 'The time in which this was counted.' }),
  backends: z.array(BackendPeers).max(50),
}

/** What a look at the load balancer has shown since the look before. */
export const PeersSample = z.object({
  ...measured,
  begins: z
    .literal(true)
    .optional()
    .meta({ description: 'Other hosts are updated than in the sample before: sums begin here.' }),
})
export type PeersSample = z.infer<typeof PeersSample>

/** What was counted since the set of updated hosts changed last. */
export const PeersSum = z.object({
  ...measured,
  since: Timestamp,
  at: Timestamp,
  samples: z.int().min(0).meta({ description: 'How many samples the deployment has in all.' }),
})
export type PeersSum = z.infer<typeof PeersSum>
