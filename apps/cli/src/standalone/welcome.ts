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
    [toned('Vesemir is running', 'good'), ' on this machine. Press Ctrl-C to stop'],
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
    ['Save the token', [toned(`vesemir login --url ${url}`, 'command')]],
    ['List your machines', [`${path}/inventory.yml`]],
    ['Give Vesemir SSH access', [`add ${path}/ssh/id_ed25519.pub to their authorized_keys`]],
    ['Register an application', [toned('vesemir apps apply -f app.yml', 'command')]],
    ['Show a plan', [toned('vesemir plan APPLICATION -e ENVIRONMENT --version VERSION', 'command')]],
  ]
  const width = Math.max(...steps.map(([what]) => what.length))
  return [
    [],
    ['First start. Your token (shown only once):'],
    ['  ', strong(token)],
    [],
    ['Next steps:'],
    ...steps.map(([what, how], index): Text => [`  ${index + 1}. ${what.padEnd(width)}  `, ...how]),
    [quiet(`Settings for inventory and SSH: ${path}/worker.yml`)],
  ]
}
