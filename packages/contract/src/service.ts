import { z } from 'zod'
import { CommandLine, Duration, HostPath, Name } from './primitives.ts'
import { Environment } from './secret.ts'

const timeout = Duration.default('60s').meta({ description: 'Until the service manager must say that it runs.' })
const sudo = z.boolean().default(false).meta({ description: 'Whether to go through "sudo -n".' })

/** Any command: how it ends is all that is known of the restart. */
export const CommandService = z.strictObject({
  kind: z.literal('command').optional().meta({ description: 'May be left out.' }),
  restart: CommandLine.meta({ description: 'Run by sh on the host, such as "/etc/init.d/payments restart".' }),
  environment: Environment.optional(),
  timeout,
})

/** A unit of systemd, restarted and waited for until it is active. */
export const SystemdService = z
  .strictObject({
    kind: z.literal('systemd'),
    unit: z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9:_.@\\-]{0,200}$/, {
      error: ({ input }) => `${JSON.stringify(input)} is not the name of a unit, such as "payments.service"`,
    }),
    user: z.boolean().default(false).meta({ description: "Whether it is a unit of the SSH user's own systemd." }),
    sudo,
    timeout,
  })
  .refine(({ user, sudo }) => !(user && sudo), { error: "a user's own units need no sudo", path: ['sudo'] })

/** A service of runit, restarted and waited for until it runs with a new process. */
export const RunitService = z.strictObject({
  kind: z.literal('runit'),
  service: z
    .union([Name, HostPath], {
      error: ({ input }) => `${JSON.stringify(input)} is neither the name of a service nor its folder`,
    })
    .meta({ description: "Its name, or its folder, in which {host} stands for the host's name." }),
  sudo,
  timeout,
})

/** How the application is restarted on a host. */
export const Service = z.discriminatedUnion('kind', [CommandService, SystemdService, RunitService])
export type Service = z.infer<typeof Service>
