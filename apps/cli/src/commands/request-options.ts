import { Option, type Command } from 'commander'
import { collect, list } from './parse.ts'

/** Adds what says which deployment is meant: the same for doing it and for seeing what it would do. */
export function addRequestOptions(command: Command): Command {
  return command
    .argument('<application>')
    .requiredOption('-e, --environment <name>', 'where to')
    .requiredOption('--version <version>', 'what is to run')
    .option('--concurrency <count>', 'hosts at once, such as 2 or 25%, or the sizes of waves: 1,10%,50%')
    .option('--max-failures <count>', 'failures to tolerate, e.g. 1 or 10%')
    .addOption(
      new Option('--on-failure <answer>', 'when more fail: start no more hosts, put all back, or ask').choices([
        'stop',
        'rollback',
        'ask',
      ]),
    )
    .option('--hosts <names>', 'of the hosts found, only these: a,b', list)
    .option('--tag <name>', 'hosts with this Chef tag, in place of those of the definition; can be repeated', list)
    .option('--sha256 <sum>', "the artifact's sum")
    .option('--set <setting=value>', 'any other setting, this once: loadBalancer.degradationTime=10s', collect)
}
