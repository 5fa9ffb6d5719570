import { z } from 'zod'
import { Timestamp } from './primitives.ts'

/** What some servers of a backend did in a stretch of time, together on all boxes, by the load balancer's own figures. */
export const ServersFigures = z.object({
  servers: z.int().min(0).meta({ description: 'How many of them were in service at the end.' }),
  requests: z.int().min(0),
  serverErrors: z.int().min(0).meta({ description: 'Requests answered 5xx.' }),
  connectionErrors: z.int().min(0).meta({ description: 'Requests that failed to connect.' }),
  responseTimeMs: z.int().min(0).meta({ description: 'Mean, by the load balancer; 0 where it is not known.' }),
  responseTimeWithinMs: z.int().min(0).optional().meta({
    description:
      'By how much the mean may be off: the fewer requests, the more its rounding counts. Absent where the mean is not known, and in records of before, where it is of recent requests, some of them from before the update.',
  }),
  sessions: z.int().min(0).meta({ description: 'In use at the end.' }),
  tcp: z
    .object({
      brokenOff: z.int().min(0).meta({ description: 'Connections that the servers broke off.' }),
      connectTimeMs: z
        .int()
        .min(0)
        .optional()
        .meta({ description: 'Mean time to connect; absent where it is not known.' }),
      connectTimeWithinMs: z.int().min(0).optional().meta({ description: 'By how much that may be off.' }),
    })
    .optional()
    .meta({
      description: 'What a backend in TCP mode has: its requests are connections, without 5xx and response times.',
    }),
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
