import { z } from 'zod'

/** Where the host keys of an inventory's machines are, besides those that it names itself. */
export const KnownHostsPath = z
  .string()
  .min(1)
  .optional()
  .meta({
    description: 'An OpenSSH known_hosts file, whose keys are accepted besides those of the variable host_keys.',
    examples: ['/etc/vesemir/known_hosts'],
  })
