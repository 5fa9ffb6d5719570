import { Command, Option } from 'commander'
import type { RollBackOptions } from '../actions/roll-back.ts'
import { addExamples } from './add-examples.ts'
import { inSession } from './in-session.ts'
import { list, wholeNumber } from './parse.ts'
import { reportOptions } from './report-options.ts'

interface SteerCommand {
  /** As the API names it, and as it is typed. */
  name: 'pause' | 'resume' | 'approve' | 'reject' | 'skip' | 'cancel' | 'retry' | 'rollback'
  description: string
  /** Whether the deployment runs on after it, and is followed unless it is detached. */
  isFollowed?: boolean
  /** What examples of it name, besides a deployment alone. */
  examples?: string[]
  options?: () => Option[]
}

/** The commands that a person can give to a deployment. What each prints afterwards is in actions/steer.ts. */
const steerCommandTable: readonly SteerCommand[] = [
  {
    name: 'approve',
    description: 'Approve the next wave of a deployment',
    isFollowed: true,
  },
  {
    name: 'reject',
    description: 'Reject the next wave and end the deployment',
    examples: ["d-42 --reason 'error rate of web-1'"],
  },
  { name: 'pause', description: 'Pause a deployment; running hosts finish' },
  { name: 'resume', description: 'Resume a paused deployment', isFollowed: true },
  {
    name: 'cancel',
    description: 'Cancel a deployment; running hosts finish',
    examples: ['d-42 --now'],
    options: () => [new Option('--now', 'stop running hosts at their next safe point and restore them')],
  },
  {
    name: 'retry',
    description: 'Deploy to failed, pending and drained hosts again',
    isFollowed: true,
    examples: ['d-42 --host web-3,web-4'],
    options: () => [
      new Option('--host <names>', 'hosts to retry, e.g. web-1,web-2').argParser(list),
      new Option('--cause <number>', 'hosts of one cause of failure, as numbered by `vesemir status`')
        .argParser(wholeNumber(1))
        .conflicts('host'),
      new Option('--without <names>', 'hosts to exclude for good, e.g. machines that no longer exist').argParser(list),
      force(),
    ],
  },
  {
    name: 'skip',
    description: 'Continue without the failed hosts of a deployment',
    isFollowed: true,
  },
  {
    name: 'rollback',
    description:
      'Restore the previous release on every host of a deployment, or the last good version of an application',
    isFollowed: true,
    examples: ["d-42 --reason 'wrong build'", 'payments -e production', 'payments -e production --to 1.4.1'],
    options: () => [
      new Option('-e, --environment <name>', 'roll back an application by its name, in this environment'),
      new Option('--to <version>', 'version to go back to (default: the last that succeeded before)'),
      force(),
    ],
  },
]

function force(): Option {
  return new Option(
    '--force',
    'allow on a superseded deployment, for hosts that still run its release; needs --reason (admins)',
  )
}

function followOptions(isFollowed: boolean): Option[] {
  if (!isFollowed) return [new Option('-f, --follow', "follow to the end and exit with the deployment's code")]
  return [
    new Option('-f, --follow', "follow to the end and exit with the deployment's code (default)"),
    new Option('--detach', 'exit as soon as the command is accepted').conflicts(['follow', 'junit', 'summary']),
    ...reportOptions(),
  ]
}

/** The commands that control a deployment. */
export const steerCommands: Record<string, () => Command> = Object.fromEntries(
  steerCommandTable.map((row) => [row.name, () => steerCommand(row)]),
)

function steerCommand({ name, description, isFollowed = false, examples = [], options }: SteerCommand): Command {
  const steer = new Command(name)
    .description(description)
    .argument('<id>', 'e.g. d-42')
    .option('--reason <text>', 'reason, kept in the record')
  for (const option of followOptions(isFollowed)) steer.addOption(option)
  for (const option of options?.() ?? []) steer.addOption(option)
  addExamples(steer, ...['d-42', ...examples].map((rest) => `vesemir ${name} ${rest}`))
  return steer.action(async (id: string, given: RollBackOptions, command: Command) => {
    const options = { follow: isFollowed && !given.detach, ...given }
    const [{ steerDeployment }, { rollBack }] = await Promise.all([
      import('../actions/steer.ts'),
      import('../actions/roll-back.ts'),
    ])
    await inSession(command, (session) =>
      name === 'rollback' ? rollBack(id, options, session) : steerDeployment(id, name, { ...options, session }),
    )
  })
}
