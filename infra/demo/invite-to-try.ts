import { furtherVersions, type Demo } from './set-up.ts'
import type { Stage } from './stage.ts'

/** Says where everything is and what there is to try, in another terminal. */
export function inviteToTry({ fleet, url, token, envFile }: Demo, { say, paint }: Stage): void {
  const { application, environment, hosts, processes } = fleet
  const deploy = `vesemir deploy ${application} -e ${environment} --version`
  const worker = processes.find(({ name }) => name === 'worker-1')?.pid
  const places = {
    API: url,
    'its page': `${url}/docs`,
    queues: `${url}/queues`,
    token,
    application: fleet.frontends.join('  '),
    logs: `${fleet.dir}/vesemir/*.log`,
  }
  const commands = {
    [`. ${envFile}`]: 'first: sets VESEMIR_URL, VESEMIR_TOKEN and PATH',
    'vesemir list': 'both deployments',
    'vesemir status d-2': 'the hosts, their steps, how long each took',
    [`vesemir logs d-2 --host ${hosts[0]!.name}`]: 'the whole story of one host',
    [`${deploy} ${furtherVersions.good} --concurrency 50%`]: 'watch it live',
    [`kill -9 ${worker}`]: 'meanwhile: the other worker goes on',
    [`${deploy} ${furtherVersions.broken}`]: 'never gets healthy: one host is kept out of traffic, exit code 1',
  }
  say(paint('bold', '\nIt stays up, and the requests go on.'))
  tellPairs(places, (name, place, width) => `  ${paint('dim', name.padEnd(width))}  ${place}`)
  say(paint('bold', '\nIn another terminal:'))
  tellPairs(commands, (command, why, width) => `  ${command.padEnd(width)}  ${paint('dim', `# ${why}`)}`)
  say(`\n${paint('bold', 'Ctrl-C')} takes everything down.`)

  function tellPairs(pairs: Record<string, string>, line: (key: string, value: string, width: number) => string): void {
    const width = Math.max(...Object.keys(pairs).map(({ length }) => length))
    for (const [key, value] of Object.entries(pairs)) say(line(key, value, width))
  }
}
