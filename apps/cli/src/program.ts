import { Command, type Argument } from 'commander'
import { canCommand, whoamiCommand } from './commands/access.ts'
import { appsCommand } from './commands/apps.ts'
import { auditCommand } from './commands/audit.ts'
import { badgeCommand } from './commands/badge.ts'
import { completeCommand, completionCommand } from './commands/completion.ts'
import { compareCommand } from './commands/compare.ts'
import { configCommand } from './commands/config.ts'
import { convergeCommand } from './commands/converge.ts'
import { deployCommand } from './commands/deploy.ts'
import { doctorCommand, loadBalancersCommand } from './commands/doctor.ts'
import { forgetCommand, hostsCommand } from './commands/hosts.ts'
import { historyCommand, listCommand } from './commands/list.ts'
import { lockCommand, locksCommand, unlockCommand } from './commands/locks.ts'
import { keysCommand } from './commands/keys.ts'
import { loginCommand, logoutCommand } from './commands/login.ts'
import { logsCommand } from './commands/logs.ts'
import { openCommand } from './commands/open.ts'
import { overviewCommand } from './commands/overview.ts'
import { planCommand } from './commands/plan.ts'
import { recoverCommand } from './commands/recover.ts'
import { standaloneCommand } from './commands/standalone.ts'
import { statusCommand } from './commands/status.ts'
import { statsCommand } from './commands/stats.ts'
import { steerCommands } from './commands/steer.ts'
import { exportCommand, importCommand } from './commands/transfer.ts'
import { timelineCommand } from './commands/timeline.ts'
import { tokensCommand } from './commands/tokens.ts'
import { workersCommand } from './commands/workers.ts'

/**
 * Builds the command line: all of it, or with `only` no other command than that, which takes a third of the time. Nothing that a
 * command needs to run is loaded before it does.
 */
export function createProgram(version: string, only?: string): Command {
  const program = new Command('vesemir')
    .description('Rolling deployments to virtual machines')
    .version(version, '-V', 'print the version')
    .option('--url <address>', 'address of the API [$VESEMIR_URL]')
    .option('--token <token>', 'access token; other users can see it, unlike $VESEMIR_TOKEN or $VESEMIR_TOKEN_FILE')
    .option('--json', 'print JSON')
    .option('--no-color', 'print without colors [$NO_COLOR]')
    .addHelpText('after', afterHelp)
  for (const [group, commands] of Object.entries(commandGroups))
    for (const [name, command] of Object.entries(commands))
      if (only === undefined || only === name) program.addCommand(command().helpGroup(`${group}:`))
  program.addCommand(completeCommand(), { hidden: true })
  program.addHelpCommand(
    new Command('help')
      .argument('[command]')
      .description('Show the help of a command')
      .helpGroup('Setup and diagnosis:'),
  )
  setUp(program)
  return program
}

/** The commands by their names, in the groups of the help. */
const commandGroups: Record<string, Record<string, () => Command>> = {
  'Deploy and watch': {
    deploy: deployCommand,
    converge: convergeCommand,
    plan: planCommand,
    status: statusCommand,
    timeline: timelineCommand,
    logs: logsCommand,
    list: listCommand,
    compare: compareCommand,
    open: openCommand,
  },
  'Control a deployment': steerCommands,
  Applications: {
    overview: overviewCommand,
    apps: appsCommand,
    hosts: hostsCommand,
    forget: forgetCommand,
    history: historyCommand,
    stats: statsCommand,
    lock: lockCommand,
    unlock: unlockCommand,
    locks: locksCommand,
    badge: badgeCommand,
  },
  'Setup and diagnosis': {
    standalone: standaloneCommand,
    config: configCommand,
    keys: keysCommand,
    login: loginCommand,
    logout: logoutCommand,
    whoami: whoamiCommand,
    can: canCommand,
    tokens: tokensCommand,
    audit: auditCommand,
    export: exportCommand,
    import: importCommand,
    workers: workersCommand,
    doctor: doctorCommand,
    lb: loadBalancersCommand,
    recover: recoverCommand,
    completion: completionCommand,
  },
}

/** Whether there is a command of this name, `complete` aside, which needs to know the others. */
export function isCommand(name: string): boolean {
  return Object.values(commandGroups).some((commands) => Object.hasOwn(commands, name))
}

/** Columns; the help is the same text in all terminals, so that it can be written ahead. */
const helpWidth = 80

const afterHelp = `
Examples:
  $ vesemir login --url https://vesemir.example
  $ vesemir plan payments -e production --version 1.4.2
  $ vesemir deploy payments -e production --version 1.4.2
  $ vesemir status d-42

Settings: options, then environment variables, then ~/.config/vesemir/config.yml (url, token).

Exit codes:
  0  succeeded           5  refused
  1  failed              6  still running after --timeout
  2  wrong usage         7  service unreachable
  3  cancelled           8  rolled back
  4  not allowed         9  succeeded without some hosts
  130  Ctrl-C while following; the deployment continues`

/** Shows global options in the help of each command, and throws where commander would end the process with 1. */
function setUp(command: Command): void {
  command
    .exitOverride()
    .configureOutput({ getOutHelpWidth: () => helpWidth, getErrHelpWidth: () => helpWidth })
    .configureHelp({ showGlobalOptions: true, subcommandTerm: termOf })
    .showHelpAfterError('(run with --help for usage)')
  for (const inner of command.commands) setUp(inner.helpCommand(false))
}

function termOfArgument(argument: Argument): string {
  return argument.required ? `<${argument.name()}>` : `[${argument.name()}]`
}

/** A command in a list of commands: that it has options goes without saying. */
function termOf(command: Command): string {
  return [command.name(), ...command.registeredArguments.map(termOfArgument)].join(' ')
}
