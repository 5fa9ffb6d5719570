import { struckDeployment } from './courses/struck-deployment.ts'
import { planSupersededCommands } from './courses/superseded-commands.ts'
import { planTwoApplications } from './courses/two-applications.ts'
import { planTwoPeople } from './courses/two-people.ts'
import type { FaultName } from './faults/index.ts'
import { planStrikes } from './plan-strikes.ts'
import type { Random } from './random.ts'
import type { Course } from './trial.ts'

/** How a kind of trial is planned: the index counts the trials of the kind. */
type Kind = (options: { index: number; random: Random; hosts: number }) => Course

/** Every kind of trial, by name. */
export const kinds = {
  'lost parts': struckBy(
    'a worker is killed',
    'all workers are killed at once',
    'a worker stands still for longer than its lock',
    'all workers stand still for longer than their locks',
    'Redis is away for 5 s',
    'the API is killed and started again',
    'HAProxy is reloaded',
    'the sshd of a host is killed',
    'a host accepts connections and hangs',
    'one HAProxy of two is down',
    'the sshd of a box is killed',
  ),
  'silent Redis': struckBy('Redis is silent for 4 to 7 s'),
  reboots: struckBy('a box reboots', 'a host reboots'),
  'same process id': struckBy('HAProxy is started again with the same process id'),
  'HAProxy versions': struckBy('HAProxy is replaced by another version'),
  'all killed': struckBy('everything is killed', 'the machine of Redis loses power'),
  'set by hand': struckBy(
    'a person drains a server',
    'a person sets a server to maintenance',
    'a person sets a weight',
  ),
  clocks: struckBy('the clock of a worker jumps', 'a worker is replaced by one with another clock'),
  'falls back': struckBy('a host falls back to its old version'),
  'superseded commands': planSupersededCommands,
  'two applications': planTwoApplications,
  'two people': planTwoPeople,
} satisfies Record<string, Kind>

export type KindName = keyof typeof kinds

/** A deployment with one or two strikes of these faults. */
function struckBy(...names: FaultName[]): Kind {
  return ({ index, random, hosts }) => struckDeployment(planStrikes(names, { index, random, hosts }), { hosts })
}
