import { quiet, strong, toned, type Text } from '@vesemir/words'

interface Running {
  url: string
  /** The folder of the data. */
  path: string
  /** Only when it was made just now. */
  token: string | undefined
}

/** Says where everything is, and after the first start how to go on. */
export function welcomeLines({ url, path, token }: Running): Text[] {
  return [
    [toned('Vesemir runs', 'good'), ' on this machine, until Ctrl-C'],
    [],
    [quiet('page    '), strong(url)],
    [quiet('API     '), `${url}/docs`],
    [quiet('queues  '), `${url}/queues`],
    [quiet('data    '), path],
    ...(token === undefined ? [] : firstSteps({ url, path, token })),
  ]
}

function firstSteps({ url, path, token }: Running & { token: string }): Text[] {
  const steps: [what: string, how: Text][] = [
    ['keep the token', [toned(`vesemir login --url ${url}`, 'command')]],
    ['say which machines you have', [`${path}/inventory.yml`]],
    ['let Vesemir reach them', [`put ${path}/ssh/id_ed25519.pub in their authorized_keys`]],
    ['register an application', [toned('vesemir apps apply -f app.yml', 'command')]],
    ['see what would be done', [toned('vesemir plan APPLICATION -e ENVIRONMENT --version VERSION', 'command')]],
  ]
  const width = Math.max(...steps.map(([what]) => what.length))
  return [
    [],
    ['This is the first start. Your token, which is shown only now:'],
    ['  ', strong(token)],
    [],
    ['To go on:'],
    ...steps.map(([what, how], index): Text => [`  ${index + 1}. ${what.padEnd(width)}  `, ...how]),
    [quiet(`How machines are found and reached is in ${path}/worker.yml.`)],
  ]
}
