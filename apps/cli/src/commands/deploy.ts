import { Command, Option } from 'commander'
import type { DeployOptions } from '../actions/deploy.ts'
import { inSession } from './in-session.ts'
import { collect, list } from './parse.ts'

export function deployCommand(): Command {
  return new Command('deploy')
    .description('Deploy a version of an application, and follow it to its end')
    .argument('<application>')
    .requiredOption('-e, --environment <name>', 'where to')
    .requiredOption('--version <version>', 'what is to run')
    .option('--reason <text>', 'why, for the record')
    .option('--follow', 'follow to the end (as on a terminal without being asked)')
    .addOption(new Option('--detach', 'print the id and do not follow').conflicts(['follow', 'timeout']))
    .option('--timeout <duration>', 'follow for at most so long, such as 10m; then exit with 6')
    .option('--concurrency <count>', 'hosts at once, such as 2 or 25%')
    .option('--hosts <names>', 'of the hosts found, only these: a,b', list)
    .option('--tag <name>', 'hosts with this Chef tag, in place of those of the definition; can be repeated', list)
    .option('--sha256 <sum>', "the artifact's sum")
    .option('--set <setting=value>', 'any other setting, this once: loadBalancer.degradationTime=10s', collect)
    .option('--idempotency-key <key>', 'the same key again deploys only once')
    .action(async (application: string, options: DeployOptions, command: Command) => {
      const { deploy } = await import('../actions/deploy.ts')
      await inSession(command, (session) => deploy(application, options, session))
    })
}
