import { Option, type Command } from 'commander'
import { collect, list } from './parse.ts'

const environment = () => new Option('-e, --environment <name>', 'where to')
const version = () => new Option('--version <version>', 'what is to run')

/** What differs this once. */
const settings = () => [
  new Option('--concurrency <count>', 'hosts at once, such as 2 or 25%, or the sizes of waves: 1,10%,50%'),
  new Option('--max-failures <count>', 'failures to tolerate, e.g. 1 or 10%'),
  new Option('--on-failure <answer>', 'when more fail: start no more hosts, put all back, or ask').choices([
    'stop',
    'rollback',
    'ask',
  ]),
  new Option('--hosts <names>', 'of the hosts found, only these: a,b').argParser(list),
  new Option(
    '--tag <name>',
    'hosts with this Chef tag, in place of those of the definition; can be repeated',
  ).argParser(list),
  new Option('--sha256 <sum>', "the artifact's sum"),
  new Option('--set <setting=value>', 'any other setting, this once: loadBalancer.degradationTime=10s').argParser(
    collect,
  ),
]

/** Adds what says which deployment is meant. */
export function addRequestOptions(command: Command): Command {
  const needed = [environment(), version()].map((option) => option.makeOptionMandatory())
  return addOptions(command.argument('<application>'), [...needed, ...settings()])
}

/** Adds the same, and a plan that can stand in place of all of it. */
export function addRequestOrPlan(command: Command): Command {
  const options = [environment(), version(), ...settings()]
  const plan = new Option(
    '--plan <id>',
    'exactly what this plan says, such as p-7, in place of application and settings',
  )
  plan.conflicts([...options.map((option) => option.attributeName()), 'dryRun'])
  return addOptions(command.argument('[application]', 'needed without --plan'), [plan, ...options])
}

/** Ends with the error that is usual where something is not said that is needed without a plan. */
export function refuseUnsaid(command: Command): void {
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
