import { Duration } from '@vesemir/contract'
import { z } from 'zod'

/** A worker's settings for HAProxy: how a box's admin socket is reached, once SSH has reached the box. */
export const HaproxyOptions = z.strictObject({
  socket: z
    .string()
    .regex(/^(?:(?:\/(?:[A-Za-z0-9_@+.-]|\{name\})+)+|[A-Za-z0-9.-]+:\d{1,5})$/, {
      error: 'give an absolute path of plain names, or host:port as the box reaches it',
    })
    .default('/run/haproxy/admin.sock')
    .meta({ description: "The socket's path, or its host:port as the box reaches it. {name} is the box's name." }),
  sudo: z.boolean().default(false).meta({
    description: 'Reach the socket by "sudo -n socat" on the box, where the SSH user may not use it.',
  }),
  answerTimeout: Duration.default('5s').meta({
    description: 'How long HAProxy may take to answer, and to come back after a reload or restart.',
  }),
  idleTime: Duration.default('30s').meta({ description: 'How long an unused connection to a box is kept.' }),
})
export type HaproxyOptions = z.infer<typeof HaproxyOptions>
