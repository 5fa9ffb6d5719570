import { z } from 'zod'
import { KnownHostsPath } from '../ansible/known-hosts-path.ts'
import { VariableNames } from '../ansible/variable-names.ts'

/** Settings of the file inventory. */
export const FileOptions = z.strictObject({
  kind: z.literal('file'),
  path: z
    .string()
    .min(1)
    .meta({
      description:
        'An Ansible inventory: YAML or JSON by its extension, INI by another, either without one. Read for each plan, with group_vars and host_vars beside it.',
      examples: ['/etc/vesemir/hosts.yml'],
    }),
  variables: VariableNames,
  knownHosts: KnownHostsPath,
})
export type FileOptions = z.infer<typeof FileOptions>
