import { furtherVersions, type Demo } from './set-up.ts'
import type { Stage } from './stage.ts'

/** Says where everything is and what there is to try, in another terminal. */
export async function inviteToTry(demo: Demo, { say, paint }: Stage): Promise<void> {
  say(paint('bold', '\nIt stays up, and the requests go on.'))
  for (const [name, place] of await placesOf(demo)) say(`  ${paint('dim', name.padEnd(12))} ${place}`)
  say(paint('bold', '\nTo try in another terminal:'))
  for (const [why, command] of commandsFor(demo)) say(`  ${paint('dim', `# ${why}`)}\n  ${command}`)
  say(`\n${paint('bold', 'Ctrl-C')} takes everything down.`)
}

type Pairs = [string, string][]

async function placesOf({ fleet, url, token, approverToken }: Demo): Promise<Pairs> {
  const hasPage = (await fetch(url)).ok
  return [
    ['API', url],
    ...(hasPage ? ([['page', `${url}/`]] satisfies Pairs) : []),
    ['docs', `${url}/docs`],
    ['queues', `${url}/queues`],
    ['ada', `${token} (her token: she deploys)`],
    ['bob', `${approverToken} (his: he approves)`],
    ['application', fleet.frontends.join('  ')],
    ['logs', `${fleet.dir}/vesemir/*.log`],
  ]
}

function commandsFor({ fleet, envFile, approverToken }: Demo): Pairs {
  const { application, environment, hosts, processes } = fleet
  const deploy = `vesemir deploy ${application} -e ${environment} --version`
  const worker = processes.find(({ name }) => name === 'worker-1')!.pid
  return [
    ["first: VESEMIR_URL, Ada's VESEMIR_TOKEN and PATH", `. ${envFile}`],
    ['what has happened so far', 'vesemir list'],
    ['the hosts, and how long each step took', 'vesemir status d-2'],
    ['the whole story of one host', `vesemir logs d-2 --host ${hosts[0]!.name}`],
    ['half of the hosts at once, live', `${deploy} ${furtherVersions.good} --concurrency 50%`],
    [
      'it waits for Bob: on the page, or from a third terminal',
      `. ${envFile}; VESEMIR_TOKEN=${approverToken} vesemir approve d-3`,
    ],
    ['meanwhile kill a worker: the other goes on', `kill -9 ${worker}`],
    [
      'a release that never gets healthy, once Bob approves it: it gets no traffic, exit code 1',
      `${deploy} ${furtherVersions.broken}`,
    ],
  ]
}
