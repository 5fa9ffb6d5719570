import { Duration } from '@vesemir/contract'
import { z } from 'zod'

/** A worker's settings for SSH. `user` and `port` are what an inventory gives to hosts that it knows no others for. */
export const SshOptions = z
  .strictObject({
    kind: z.literal('ssh'),
    user: z.string().min(1).max(100),
    port: z.int().min(1).max(65_535).default(22),
    privateKey: z.string().min(1).optional().meta({ description: 'Path of a private key, in any form OpenSSH knows.' }),
    privateKeyPassphraseVariable: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
      .optional()
      .meta({ description: "Environment variable that holds the key's passphrase, when the key is encrypted." }),
    agent: z.string().min(1).optional().meta({ description: "Path of an SSH agent's socket; tried after the key." }),
    connectTimeout: Duration.default('10s').meta({ description: 'From the first packet to being logged in.' }),
    keepAliveInterval: Duration.default('10s').meta({ description: 'Three without an answer end the connection.' }),
  })
  .refine((options) => options.privateKey ?? options.agent, { error: 'give a privateKey or an agent' })
export type SshOptions = z.infer<typeof SshOptions>
