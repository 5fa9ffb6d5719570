import { Option, type Command } from 'commander'
import { collect, list } from './parse.ts'

const environment = () => new Option('-e, --environment <name>', 'target environment')
const version = () => new Option('--version <version>', 'version to deploy')

/** What differs this once. */
const settings = () => [
  new Option('--concurrency <count>', 'hosts at once, e.g. 2 or 25%, or wave sizes, e.g. 1,10%,50%'),
  new Option('--max-failures <count>', 'failures to tolerate, e.g. 1 or 10%'),
  new Option('--on-failure <answer>', 'what to do when more hosts fail').choices(['stop', 'rollback', 'ask']),
  new Option('--hosts <names>', 'subset of the hosts found, e.g. web-1,web-2').argParser(list),
  new Option('--only <hosts>', 'only hosts that do not run the version, as they say themselves').choices(['behind']),
  new Option('--tag <name>', "Chef tag that selects the hosts, instead of the application's; repeatable").argParser(
    list,
  ),
  new Option('--sha256 <sum>', 'checksum of the artifact'),
  new Option('--revision <commit>', 'commit that the version was built from, for the page that compares versions'),
  new Option(
    '--set <setting=value>',
    'setting to override, e.g. loadBalancer.degradationTime=10s; repeatable',
  ).argParser(collect),
]

/** Adds what says which deployment is meant. */
export function addRequestOptions(command: Command): Command {
  const needed = [environment(), version()].map((option) => option.makeOptionMandatory())
  return addOptions(command.argument('<application>'), [...needed, ...settings()])
}

/** Adds the same, and a plan that can stand in place of all of it. */
export function addRequestOrPlan(command: Command): Command {
  const options = [environment(), version(), ...settings()]
  const plan = new Option('--plan <id>', 'plan to deploy exactly, e.g. p-7, instead of application and settings')
  plan.conflicts([...options.map((option) => option.attributeName()), 'dryRun'])
  return addOptions(command.argument('[application]', 'required without --plan'), [plan, ...options])
}

/** Ends with the error that is usual where something is not said that is needed without a plan. */
export function requireRequestOrPlan(command: Command): void {
  const [application] = command.args
  if (command.getOptionValue('plan') !== undefined) {
    if (application !== undefined) command.error(`error: --plan says what is deployed: leave ${application} out`)
    return
  }
  if (application === undefined) command.error("error: missing required argument 'application'")
  for (const option of [environment(), version()])
    if (command.getOptionValue(option.attributeName()) === undefined)
      command.error(`error: required option '${option.flags}' not specified`)
}

function addOptions(command: Command, options: readonly Option[]): Command {
  return options.reduce((before, option) => before.addOption(option), command)
}
