import { z } from 'zod'
import { CommandLine, Duration, HostPath, Name } from './primitives.ts'
import { Environment } from './secret.ts'

const timeout = Duration.default('60s').meta({ description: 'How long the restart may take.' })
const sudo = z.boolean().default(false).meta({ description: 'Whether to use "sudo -n".' })

/** Any command: how it ends is all that is known of the restart. */
export const CommandService = z.strictObject({
  kind: z.literal('command').optional().meta({ description: 'Optional.' }),
  restart: CommandLine.meta({ description: 'Run by sh on the host, such as "/etc/init.d/payments restart".' }),
  environment: Environment.optional().meta({
    description: 'Variables of the command, such as {TOKEN: {secret: NAME}}.',
  }),
  timeout,
})

/** A unit of systemd, restarted and waited for until it is active. */
export const SystemdService = z
  .strictObject({
    kind: z.literal('systemd'),
    unit: z
      .string()
      .regex(/^[A-Za-z0-9_][A-Za-z0-9:_.@\\-]{0,200}$/, {
        error: ({ input }) => `${JSON.stringify(input)} is not the name of a unit, such as "payments.service"`,
      })
      .meta({ description: 'The name of the unit.', examples: ['payments.service'] }),
    user: z.boolean().default(false).meta({ description: "Whether the unit belongs to the SSH user's systemd." }),
    sudo,
    timeout,
  })
  .refine(({ user, sudo }) => !(user && sudo), { error: "units of the user's systemd need no sudo", path: ['sudo'] })

/** A service of runit, restarted and waited for until it runs with a new process. */
export const RunitService = z.strictObject({
  kind: z.literal('runit'),
  service: z
    .union([Name, HostPath], {
      error: ({ input }) => `${JSON.stringify(input)} is neither the name of a service nor its folder`,
    })
    .meta({ description: "Name or folder of the service; {host} is replaced by the host's name." }),
  sudo,
  timeout,
})

/** How the application is restarted on a host. */
export const Service = z.discriminatedUnion('kind', [CommandService, SystemdService, RunitService])
export type Service = z.infer<typeof Service>
