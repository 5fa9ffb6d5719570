import { z } from 'zod'

const Variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'must be the name of a variable' })

/** Settings of the file inventory. */
export const FileOptions = z.strictObject({
  kind: z.literal('file'),
  path: z.string().min(1).meta({
    description: 'An Ansible inventory: YAML when it ends in .yml, .yaml or .json, otherwise INI. Read for each plan.',
  }),
  variables: z
    .strictObject({
      environment: Variable.default('environment'),
      application: Variable.default('application'),
      team: Variable.default('team'),
      zone: Variable.default('zone'),
    })
    .prefault({})
    .meta({ description: 'Which variables of a host or group say these.' }),
  knownHosts: z.string().min(1).optional().meta({
    description: 'An OpenSSH known_hosts file, whose keys are accepted besides those of the variable host_keys.',
  }),
})
export type FileOptions = z.infer<typeof FileOptions>
