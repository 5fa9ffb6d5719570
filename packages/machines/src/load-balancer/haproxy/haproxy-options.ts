import { Duration } from '@vesemir/contract'
import { z } from 'zod'
import { SudoOptions } from '../../remote-shell/index.ts'

const path = String.raw`(?:\/(?:[A-Za-z0-9_@+.-]|\{name\})+)+`
const hostAndPort = String.raw`(?:[A-Za-z0-9.-]|\{name\}|\{address\})+:\d{1,5}`

/** A worker's settings for HAProxy: how a box's admin socket is reached. */
export const HaproxyOptions = z
  .strictObject({
    socket: z
      .string()
      .regex(new RegExp(`^(?:${path}|${hostAndPort})$`), {
        error: 'give an absolute path of plain names, or host:port',
      })
      .default('/run/haproxy/admin.sock')
      .meta({ description: "The socket's path, or host:port. {name} and {address} are the box's own." }),
    from: z.enum(['box', 'worker']).default('box').meta({
      description: 'Where the connection starts: on the box, by SSH, or on the worker, which needs host:port.',
    }),
    sudo: z.union([z.boolean(), SudoOptions]).default(false).meta({
      description: 'Reach the socket by sudo and socat on the box, where the SSH user may not use it.',
    }),
    answerTimeout: Duration.default('5s').meta({
      description: 'How long HAProxy may take to answer, and to come back after a reload or restart.',
    }),
    idleTime: Duration.default('30s').meta({ description: 'How long an unused connection to a box is kept.' }),
  })
  .refine(({ from, socket }) => from === 'box' || !socket.startsWith('/'), {
    error: 'from: worker needs host:port, such as "{address}:9999": a path is on the box',
    path: ['socket'],
  })
  .refine(({ from, sudo }) => from === 'box' || !sudo, {
    error: 'sudo is for a socket that is reached from the box',
    path: ['sudo'],
  })
export type HaproxyOptions = z.infer<typeof HaproxyOptions>
