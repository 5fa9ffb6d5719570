import { z } from 'zod'
import { ChangesSettings } from './changes.ts'
import { Changeset } from './changeset.ts'
import { complainOfTasks } from './given-tasks.ts'
import { HealthCheck } from './health-check.ts'
import { LoadBalancer } from './load-balancer.ts'
import { HostName, Name } from './primitives.ts'
import { Hooks, Notification, Pace, RolloutSettings } from './rollout.ts'
import { ConvergeSchedule } from './schedule.ts'
import { Variables } from './secret.ts'
import { Service } from './service.ts'
import { Tasks } from './task.ts'

/** Which hosts are meant: Chef tags that a host must all have, or a raw query in their place. */
export const HostSelection = z
  .strictObject({
    tags: z
      .array(Name)
      .max(20)
      .optional()
      .meta({ description: 'Tags that a host must all have.', examples: [['web']] }),
    query: z
      .string()
      .min(1)
      .max(1000)
      .optional()
      .meta({
        description:
          'Chef search terms joined by AND, such as "roles:web AND tags:eu". The environment is always added.',
        examples: ['roles:web AND tags:eu'],
      }),
    only: z
      .array(HostName)
      .min(1)
      .max(1000)
      .optional()
      .meta({ description: 'Names of hosts: only these of the hosts found.' }),
  })
  .refine((hosts) => !(hosts.tags && hosts.query), { error: 'set tags or a query, not both', path: ['query'] })

/** What does not change from one deployment to the next. Each part can be given for one environment, or in a request. */
export const Settings = z.strictObject({
  team: Name.meta({ description: 'The team that owns the application; grants name it.', examples: ['core'] }),
  cluster: Name.meta({ description: 'The network whose workers deploy to the hosts.', examples: ['eu'] }),
  hosts: HostSelection.meta({
    description: 'Which machines are its hosts, besides application, team and environment.',
  }),
  concurrency: Pace,
  acceptLowCapacity: z.boolean().meta({
    description: 'Whether a deployment may leave less than half of a backend in service. By default it is refused.',
  }),
  unmatchedServers: z.enum(['warn', 'refuse']).meta({
    description:
      'Servers of the backends without a host in the inventory, which keep their version: warn in the plan, or refuse the plan.',
  }),
  rollout: RolloutSettings.meta({ description: 'Order of the hosts, gates, and what failures do.' }),
  hooks: Hooks.meta({ description: 'Commands on the host before and after steps.' }),
  tasks: Tasks.meta({
    description: 'What is done once per deployment: database migrations, cache warm-up, smoke tests.',
  }),
  variables: Variables.meta({
    description:
      'Variables of the application, such as {LOG_LEVEL: info, DB_PASSWORD: {secret: NAME}}: for hooks, tasks and commands, and for changeset.environmentFile and changeset.templates. Those of an environment or a request are added to these.',
  }),
  notifications: z.array(Notification).max(20).meta({ description: 'Who is notified, and when.' }),
  loadBalancer: LoadBalancer.meta({
    description: 'What stands before the hosts, and how traffic is taken from them and returned.',
  }),
  changeset: Changeset.meta({ description: 'How a version is put on a host.' }),
  changes: ChangesSettings.meta({ description: 'Where to see what is between two versions.' }),
  service: Service.meta({ description: 'How the application is restarted.' }),
  healthCheck: HealthCheck.meta({ description: 'How to tell that the new version runs.' }),
})
export type Settings = z.infer<typeof Settings>

/** Some of the settings; a part that is given replaces the whole of that part, and variables replace those of the same name. */
export const SomeSettings = Settings.partial()
export type SomeSettings = z.infer<typeof SomeSettings>

/** What is set for one environment. A schedule is no part of a deployment's settings. */
const EnvironmentSettings = SomeSettings.extend({
  converge: ConvergeSchedule.optional().meta({
    description: 'Brings hosts that are behind up to what should run, on a schedule.',
  }),
})

/** An application as it is registered: `PUT /v1/applications/:name`, `vesemir apps apply -f app.yml`. */
export const ApplicationDefinition = z.strictObject({
  name: Name.meta({ description: 'The name of the application.', examples: ['payments'] }),
  description: z
    .string()
    .max(1000)
    .optional()
    .meta({ description: 'What it is, for people.', examples: ['Takes card payments'] }),
  ...SomeSettings.shape,
  environments: z
    .record(Name, EnvironmentSettings.meta({ title: 'settings of this page' }))
    .optional()
    .meta({
      description: 'Settings by environment. When set, other environments are refused.',
    }),
})
export type ApplicationDefinition = z.infer<typeof ApplicationDefinition>

/** A definition as people give it; what is stored is read as `ApplicationDefinition`. */
export const GivenDefinition = ApplicationDefinition.superRefine(complainOfTasks)
