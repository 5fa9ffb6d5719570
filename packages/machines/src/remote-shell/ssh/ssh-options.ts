import { Duration } from '@vesemir/contract'
import { z } from 'zod'

const Port = z.int().min(1).max(65_535)
const User = z.string().min(1).max(100)

/** A machine through which others are reached. Its own login is the worker's, but for the user. */
const JumpHost = z.strictObject({
  address: z
    .string()
    .min(1)
    .max(253)
    .meta({ description: 'Its name or address.', examples: ['bastion.example'] }),
  port: Port.default(22).meta({ description: 'Its SSH port.' }),
  user: User.optional().meta({ description: "Default: the worker's user.", examples: ['jump'] }),
  hostKeys: z
    .array(z.string().min(1))
    .default([])
    .meta({ description: 'Such as "ssh-ed25519 AAAA…".', examples: [['ssh-ed25519 AAAA…']] }),
  knownHosts: z
    .string()
    .min(1)
    .optional()
    .meta({
      description: 'An OpenSSH known_hosts file, whose keys are accepted too.',
      examples: ['/etc/vesemir/known_hosts'],
    }),
  maxConnections: z.int().min(1).max(20).default(2).meta({
    description: 'For all hosts behind it. The second is opened from the 51st host on.',
  }),
})
export type JumpHostOptions = z.infer<typeof JumpHost>

const VariableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/)

/** How sudo is used: as whom, and where its password is. */
export const SudoOptions = z
  .strictObject({
    user: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/)
      .default('root')
      .meta({ description: 'The user that runs commands.' }),
    passwordVariable: VariableName.optional().meta({
      description: 'Environment variable that holds the password.',
      examples: ['SUDO_PASSWORD'],
    }),
    passwordFile: z
      .string()
      .min(1)
      .optional()
      .meta({ description: 'File whose one line is the password.', examples: ['/etc/vesemir/sudo-password'] }),
  })
  .refine((sudo) => !(sudo.passwordVariable && sudo.passwordFile), {
    error: 'set passwordVariable or passwordFile, not both',
  })
export type SudoOptions = z.infer<typeof SudoOptions>

/** A worker's settings for SSH. `user` and `port` are what an inventory gives to hosts that it knows no others for. */
export const SshOptions = z
  .strictObject({
    kind: z.literal('ssh'),
    user: User.meta({ description: 'The SSH user of hosts for which the inventory has none.', examples: ['deploy'] }),
    port: Port.default(22).meta({ description: 'The SSH port of hosts for which the inventory has none.' }),
    privateKey: z
      .string()
      .min(1)
      .optional()
      .meta({
        description: 'Path of a private key, in any form OpenSSH knows.',
        examples: ['/etc/vesemir/id_ed25519'],
      }),
    privateKeyPassphraseVariable: VariableName.optional().meta({
      description: "Environment variable that holds the key's passphrase, when the key is encrypted.",
      examples: ['SSH_PASSPHRASE'],
    }),
    certificate: z
      .string()
      .min(1)
      .optional()
      .meta({
        description: "Path of the key's OpenSSH certificate (key-cert.pub). Read for every connection.",
        examples: ['/etc/vesemir/id_ed25519-cert.pub'],
      }),
    certificateCommand: z
      .strictObject({
        command: z
          .array(z.string().min(1))
          .min(1)
          .max(100)
          .meta({
            description: 'The program and its arguments, one a list item: no shell reads them.',
            examples: [['vault', 'write', '-field=signed_key', 'ssh/sign/deploy', 'public_key=-']],
          }),
        environmentVariables: z
          .array(VariableName)
          .default([])
          .meta({
            description: "Variables of the worker's environment that it gets besides PATH, HOME, LANG and TMPDIR.",
            examples: [['VAULT_ADDR']],
          }),
        timeout: Duration.default('10s').meta({ description: 'After it the program is killed.' }),
      })
      .optional()
      .meta({
        description:
          'Signs a key for each deployment: it gets a public key on standard input, and prints its certificate. Tried first.',
      }),
    agent: z
      .string()
      .min(1)
      .optional()
      .meta({
        description: 'Path of the socket of an SSH agent, or "$SSH_AUTH_SOCK"; tried after the key.',
        examples: ['$SSH_AUTH_SOCK'],
      }),
    jumpHosts: z
      .array(JumpHost)
      .max(5)
      .default([])
      .meta({ description: 'Jump hosts, each reached through the one before.' }),
    namedJumpHosts: z.record(z.string().min(1).max(253), JumpHost).optional().meta({
      description: 'Jump hosts by name, for inventories that set them by host, such as "bastion".',
    }),
    sudo: SudoOptions.optional().meta({
      description: 'Run commands by sudo. Without a password sudo must ask for none.',
    }),
    connectTimeout: Duration.default('10s').meta({ description: 'From the first packet to the login.' }),
    keepAliveInterval: Duration.default('10s').meta({ description: 'Three unanswered probes close the connection.' }),
  })
  .refine((options) => options.privateKey ?? options.agent ?? options.certificateCommand, {
    error: 'set privateKey, agent or certificateCommand',
  })
  .refine((options) => !options.certificate || options.privateKey, {
    error: 'a certificate needs its privateKey',
    path: ['certificate'],
  })
export type SshOptions = z.infer<typeof SshOptions>
