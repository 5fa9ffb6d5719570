import { makeCertificate } from '@vesemir/testing/make-certificate'
import { freePort } from '@vesemir/process/free-port'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { vi } from 'vitest'
import { findProgram } from '../../../infra/fleet/programs.ts'
import { root } from '../../../infra/docs/pages.ts'

export const proxies = ['nginx.conf', 'haproxy.cfg', 'Caddyfile'] as const
type ProxyFile = (typeof proxies)[number]

/** A reverse proxy with TLS in front of an API. */
export interface Proxy extends AsyncDisposable {
  port: number
  plainPort: number
  /** The authority that its certificate is from. */
  ca: string
}

/**
 * Starts a proxy by the settings in infra/proxies, in which nothing is replaced but ports and the paths of certificates. `folder` gets its
 * files.
 */
export async function startProxy(
  file: ProxyFile,
  { folder, apiPort }: { folder: string; apiPort: number },
): Promise<Proxy> {
  const { ca, caFile, keyFile, cert, key } = makeCertificate(folder, ['vesemir.example'])
  const both = join(folder, 'both.pem')
  await writeFile(both, `${cert}${key}`)
  const [port, plainPort] = [await freePort(), await freePort()]
  const settings = replaced(await readFile(join(root, 'infra/proxies', file), 'utf8'), [
    ['/etc/ssl/vesemir/fullchain.pem', caFile],
    ['/etc/ssl/vesemir/privkey.pem', keyFile],
    ['/etc/ssl/vesemir/both.pem', both],
    ['127.0.0.1:8080', `127.0.0.1:${apiPort}`],
    ['listen 443', `listen 127.0.0.1:${port}`],
    ['listen 80', `listen 127.0.0.1:${plainPort}`],
    ['bind :443', `bind 127.0.0.1:${port}`],
    ['bind :80', `bind 127.0.0.1:${plainPort}`],
  ])
  const own = join(folder, file)
  await writeFile(own, surrounded(file, { settings, folder, port, plainPort }))
  const [program, ...args] = commandOf[file](own)
  const proxy = spawn(program!, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, HOME: folder } })
  const exited = once(proxy, 'exit')
  const said = text(proxy.stderr)
  const died = exited.then(async () => Promise.reject(new Error(`${file} does not start:\n${await said}`)))
  died.catch(() => {})
  await Promise.race([vi.waitFor(() => accepts(port), { timeout: 20_000, interval: 50 }), died])
  return {
    port,
    plainPort,
    ca,
    async [Symbol.asyncDispose]() {
      // It would wait for viewers.
      proxy.kill('SIGKILL')
      await exited
    },
  }
}

const commandOf: Record<ProxyFile, (file: string) => string[]> = {
  'nginx.conf': (file) => [findProgram('nginx'), '-c', file],
  'haproxy.cfg': (file) => [findProgram('haproxy'), '-db', '-f', file],
  Caddyfile: (file) => [findProgram('caddy'), 'run', '--adapter', 'caddyfile', '--config', file],
}

interface Surrounding {
  settings: string
  folder: string
  port: number
  plainPort: number
}

/** Adds what a distribution's main file has, with the folder instead of the system's own. */
function surrounded(file: ProxyFile, { settings, folder, port, plainPort }: Surrounding): string {
  switch (file) {
    case 'nginx.conf': {
      const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
        (name) => `${name}_temp_path ${folder}/${name};`,
      )
      return `daemon off;\nmaster_process off;\npid ${folder}/pid;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n${paths.join('\n')}\n${settings}}\n`
    }
    case 'haproxy.cfg':
      return settings
    case 'Caddyfile':
      return `{\n\tadmin off\n\thttps_port ${port}\n\thttp_port ${plainPort}\n}\n${settings}`
  }
}

function replaced(text: string, pairs: readonly (readonly [string, string])[]): string {
  return pairs.reduce((result, [from, to]) => result.replaceAll(from, to), text)
}

async function accepts(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.destroy()
}
