import { Command, type Argument } from 'commander'
import { appsCommand } from './commands/apps.ts'
import { completeCommand, completionCommand } from './commands/completion.ts'
import { deployCommand } from './commands/deploy.ts'
import { doctorCommand, loadBalancersCommand } from './commands/doctor.ts'
import { hostsCommand } from './commands/hosts.ts'
import { historyCommand, listCommand } from './commands/list.ts'
import { lockCommand, locksCommand, unlockCommand } from './commands/locks.ts'
import { loginCommand } from './commands/login.ts'
import { logsCommand } from './commands/logs.ts'
import { planCommand } from './commands/plan.ts'
import { standaloneCommand } from './commands/standalone.ts'
import { statusCommand } from './commands/status.ts'
import { steerCommands } from './commands/steer.ts'

/** Builds the whole command line. Nothing that a command needs to run is loaded before it does. */
export function createProgram(version: string): Command {
  const program = new Command('vesemir')
    .description('Rolling deployments to virtual machines')
    .version(version, '-V', 'print the version of vesemir')
    .option('--url <address>', 'where the API is (VESEMIR_URL)')
    .option('--token <token>', 'who asks (VESEMIR_TOKEN, or VESEMIR_TOKEN_FILE, which other users do not see)')
    .option('--json', 'print JSON, for programs')
    .option('--no-color', 'print without colours (NO_COLOR)')
    .addHelpText('after', afterHelp)
  for (const [group, commands] of Object.entries(commandGroups()))
    for (const command of commands) program.addCommand(command.helpGroup(`${group}:`))
  program.addCommand(completeCommand(), { hidden: true })
  program.addHelpCommand(
    new Command('help').argument('[command]').description('Show how a command is used').helpGroup('Set up and mend:'),
  )
  setUp(program)
  return program
}

function commandGroups(): Record<string, Command[]> {
  return {
    'Deploy and watch': [deployCommand(), planCommand(), statusCommand(), logsCommand(), listCommand()],
    'Steer a deployment': steerCommands(),
    'Applications and where they run': [
      appsCommand(),
      hostsCommand(),
      historyCommand(),
      lockCommand(),
      unlockCommand(),
      locksCommand(),
    ],
    'Set up and mend': [
      standaloneCommand(),
      loginCommand(),
      doctorCommand(),
      loadBalancersCommand(),
      completionCommand(),
    ],
  }
}

const afterHelp = `
Settings come from options, then the environment, then ~/.config/vesemir/config.yml (url, token).

Exit codes: 0 succeeded, 1 failed, 2 wrong usage, 3 cancelled, 4 not allowed, 5 refused, 6 still running when the wait
ended, 7 service not reachable, 8 rolled back, 9 succeeded without some hosts, 130 Ctrl-C while following: the deployment
goes on.`

/** Every command gives its options to the others' help, and throws where commander would end the process with 1. */
function setUp(command: Command): void {
  command
    .exitOverride()
    .configureHelp({ showGlobalOptions: true, subcommandTerm: termOf })
    .showHelpAfterError('(add --help to see how it is used)')
  for (const inner of command.commands) setUp(inner.helpCommand(false))
}

function termOfArgument(argument: Argument): string {
  return argument.required ? `<${argument.name()}>` : `[${argument.name()}]`
}

/** A command in a list of commands: that it has options goes without saying. */
function termOf(command: Command): string {
  return [command.name(), ...command.registeredArguments.map(termOfArgument)].join(' ')
}
