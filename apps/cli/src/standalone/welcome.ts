import { bold, dim, painted, type Line } from '../render/text.ts'

interface Running {
  url: string
  /** The folder of the data. */
  path: string
  /** Only when it was made just now. */
  token: string | undefined
}

/** Says where everything is, and after the first start how to go on. */
export function welcomeLines({ url, path, token }: Running): Line[] {
  return [
    [painted('Vesemir runs', 'green'), ' on this machine, until Ctrl-C'],
    [],
    [dim('page    '), bold(url)],
    [dim('API     '), `${url}/docs`],
    [dim('queues  '), `${url}/queues`],
    [dim('data    '), path],
    ...(token === undefined ? [] : firstSteps({ url, path, token })),
  ]
}

function firstSteps({ url, path, token }: Running & { token: string }): Line[] {
  const steps: [what: string, how: Line][] = [
    ['keep the token', [painted(`vesemir login --url ${url}`, 'cyan')]],
    ['say which machines you have', [`${path}/inventory.yml`]],
    ['let Vesemir reach them', [`put ${path}/ssh/id_ed25519.pub in their authorized_keys`]],
    ['register an application', [painted('vesemir apps apply -f app.yml', 'cyan')]],
    ['see what would be done', [painted('vesemir plan APPLICATION -e ENVIRONMENT --version VERSION', 'cyan')]],
  ]
  const width = Math.max(...steps.map(([what]) => what.length))
  return [
    [],
    ['This is the first start. Your token, which is shown only now:'],
    ['  ', bold(token)],
    [],
    ['To go on:'],
    ...steps.map(([what, how], index): Line => [`  ${index + 1}. ${what.padEnd(width)}  `, ...how]),
    [dim(`How machines are found and reached is in ${path}/worker.yml.`)],
  ]
}
