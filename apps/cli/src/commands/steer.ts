import { Command, Option } from 'commander'
import type { SteerOptions } from '../actions/steer.ts'
import { inSession } from './in-session.ts'
import { list } from './parse.ts'

interface SteerCommand {
  /** As the API names it, and as it is typed. */
  name: 'pause' | 'resume' | 'approve' | 'reject' | 'skip' | 'cancel' | 'retry' | 'rollback'
  description: string
  /** Whether it has hosts walked, and is followed unless it is detached. */
  walks?: true
  options?: () => Option[]
}

/** What a person can tell a deployment to do. What each says of it afterwards is in actions/steer.ts. */
const steerCommandTable: readonly SteerCommand[] = [
  {
    name: 'approve',
    description: 'Let a deployment that waits for approval go on, and follow it to its end',
    walks: true,
  },
  { name: 'reject', description: 'End a deployment that waits for approval' },
  { name: 'pause', description: 'Start no more hosts of a deployment until it is resumed' },
  { name: 'resume', description: 'Let a paused deployment go on, and follow it to its end', walks: true },
  {
    name: 'cancel',
    description: 'End a deployment: the hosts in hand are finished, and no more are started',
    options: () => [new Option('--now', 'stop the hosts in hand too, at their next safe point, and put them back')],
  },
  {
    name: 'retry',
    description:
      'Try again the hosts that failed, were not started, or are not back in rotation, and follow them to the end',
    walks: true,
    options: () => [
      new Option('--host <names>', 'only these: a,b').argParser(list),
      new Option('--without <names>', 'exclude these for good, such as machines that no longer exist: a,b').argParser(
        list,
      ),
      force(),
    ],
  },
  {
    name: 'skip',
    description: 'Go on without the hosts that failed, when a deployment asks what to do, and follow it to its end',
    walks: true,
  },
  {
    name: 'rollback',
    description: 'Put the release before back on every host that a deployment touched, and follow that to the end',
    walks: true,
    options: () => [force()],
  },
]

function force(): Option {
  return new Option(
    '--force',
    'of a superseded deployment too, on hosts that still run what it left; with --reason (admins)',
  )
}

function followOptions(walks: boolean): Option[] {
  if (!walks) return [new Option('-f, --follow', 'then follow the deployment to its end, and exit as it did')]
  return [
    new Option('-f, --follow', 'follow the deployment to its end, and exit as it did (the default)'),
    new Option('--detach', 'exit as soon as the command is accepted').conflicts('follow'),
  ]
}

/** Builds a command for each thing that a deployment can be told. */
export function steerCommands(): Command[] {
  return steerCommandTable.map(({ name, description, walks = false, options }) => {
    const steer = new Command(name)
      .description(description)
      .argument('<id>', 'such as d-42')
      .option('--reason <text>', 'why, for the record')
    for (const option of followOptions(walks)) steer.addOption(option)
    for (const option of options?.() ?? []) steer.addOption(option)
    return steer.action(async (id: string, given: SteerOptions, command: Command) => {
      const { steerDeployment } = await import('../actions/steer.ts')
      await inSession(command, (session) =>
        steerDeployment(id, name, { follow: walks && !given.detach, ...given, session }),
      )
    })
  })
}
