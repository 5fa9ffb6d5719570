import { createClient, type Deployment } from '@vesemir/contract'
import { startLoad } from '../load/start-load.ts'
import type { LoadSummary } from '../load/summarise.ts'
import { readHosts } from './read-hosts.ts'
import { reportOf, versions, type Report } from './report.ts'
import { runVesemir, type Vesemir } from './run-vesemir.ts'
import type { Demo } from './set-up.ts'
import type { Stage } from './stage.ts'

/** Requests a second through both boxes together. */
export const requestsPerSecond = 50

/** Deploys both versions through the command line while requests flow, and gives what came of it all. */
export async function perform(
  demo: Demo,
  { stage, stdout, signal }: Pick<Vesemir, 'stdout' | 'signal'> & { stage: Stage },
): Promise<{ report: Report; load: LoadSummary }> {
  const { fleet, url } = demo
  const as =
    (person: string, token: string) =>
    async (...args: string[]) => {
      stage.say(`\n${stage.paint('dim', `${person} $`)} ${stage.paint('bold', `vesemir ${args.join(' ')}`)}`)
      const exit = await runVesemir(args, { url, token, stdout, signal })
      signal.throwIfAborted()
      return exit
    }
  const ada = as('ada', demo.token)
  const bob = as('bob', demo.approverToken)
  if ((await ada('apps', 'apply', '-f', demo.definitionFile)) !== 0)
    throw new Error('the application could not be registered')
  const urls = fleet.frontends
  stage.say(`\n${requestsPerSecond} requests a second begin to flow through ${urls.join(' and ')}`)
  await using load = startLoad({ urls, requestsPerSecond })
  for (const version of versions) {
    const target = [fleet.application, '--environment', fleet.environment, '--version', version]
    if ((await ada('deploy', ...target, '--concurrency', '2', '--detach')) !== 0) break
    if ((await bob('approve', await waitForGate(demo, signal), '--follow')) !== 0) break
  }
  const summary = await load.stop()
  const deployments = await readDeployments(demo)
  return { report: reportOf(deployments, { load: summary, hosts: await readHosts(fleet) }), load: summary }
}

/** Waits until the newest deployment waits for an approval. Returns its id. */
async function waitForGate({ url, token, fleet }: Demo, signal: AbortSignal): Promise<string> {
  const client = createClient({ url, token })
  const { deployments } = await client.listDeployments({ application: fleet.application, limit: 1 })
  const { id } = deployments[0]!
  for await (const event of client.followEvents(id, { signal }))
    if ('type' in event && event.type === 'deployment.gated') break
  return id
}

/** The oldest first. */
async function readDeployments({ url, token, fleet }: Demo): Promise<Deployment[]> {
  const { deployments } = await createClient({ url, token }).listDeployments({ application: fleet.application })
  return deployments.toReversed()
}
